"""The books of a month on both databases: what is in them, their sums, and what SUNAT's list says otherwise."""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.almanac.rates import DayRate, keep
from app.audit.reading import snapshot
from app.books import reading, registry, sales
from app.books.differences import Differences, compare
from app.books.reading import Scope
from app.books.sheets import as_csv, write_workbook
from app.books.uploads import lines_of
from app.clock import FixedClock
from app.db import Database
from app.ledger.lifecycle import Status
from app.ledger.models import DocumentRecord
from app.problems import Forbidden, Malformed, Refused, TooLarge
from sunat.errors import FormatError
from sunat.rvie import COLUMNS, read_listed
from tests.support.builders import OTHER_RUC, RUC, Tenant, tenant
from tests.support.months import fill
from tests.support.stored import store_voucher
from tests.support.vouchers import sale

MONTH = "2026-11"
KEYS = [column.key for column in COLUMNS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """An account and the vouchers it has in November."""

    database: Database
    clock: FixedClock
    owner: Tenant

    def store(self, status: Status = Status.ACCEPTED, **more: Any) -> int:
        """Stores a voucher of today, with the state it came to; tells its id."""
        made = store_voucher(self.database, self.owner, self.clock.now(), more.pop("day", self.clock.today()), **more)
        if status is not Status.ISSUED:
            with self.database.write() as session:
                session.get_one(DocumentRecord, made.document_id).status = str(
                    Status.ACCEPTED if status is Status.VOIDED else status
                )
            if status is Status.VOIDED:
                with self.database.write() as session:
                    session.get_one(DocumentRecord, made.document_id).status = str(status)
        return made.document_id

    def row(self, document_id: int) -> DocumentRecord:
        """A stored voucher."""
        with self.database.read() as session:
            return session.get_one(DocumentRecord, document_id)

    def scope(self, session: Session, period: str = MONTH, **more: Any) -> Scope:
        """A month of the account."""
        first = date.fromisoformat(f"{period}-01")
        return Scope(
            account=session.get_one(AccountRecord, self.owner.account_id), period=period, first_day=first,
            last_day=(first + timedelta(days=31)).replace(day=1) - timedelta(days=1), **more,
        )

    def registry(self, **more: Any) -> tuple[list[dict[str, str]], registry.Sums]:
        """The book of the month as a reader of CSV sees it, and its sums."""
        sums = registry.Sums()
        with snapshot(self.database) as session:
            content = b"".join(as_csv(registry.rows(session, self.scope(session, **more), sums)))
        assert content.startswith("\ufeff".encode())
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")))), sums

    def replacement(self, period: str = MONTH) -> tuple[str, list[dict[str, str]], sales.Register]:
        """The zip's name, its lines by column, and what was counted."""
        target = io.BytesIO()
        with snapshot(self.database) as session:
            name, found = sales.write_replacement(session, self.scope(session, period), target)
        with zipfile.ZipFile(target) as box:
            (inner,) = box.namelist()
            assert inner == name.replace(".zip", ".txt")
            lines = box.read(inner).decode().splitlines()
        return name, [dict(zip(KEYS, line.split("|"), strict=False)) for line in lines], found

    def compared(self, *lines: str, **more: Any) -> Differences:
        """The month against a list."""
        with snapshot(self.database) as session:
            return compare(session, self.scope(session, **more), lines)

    def listed(self, *ids: int, **cells: str) -> list[str]:
        """Lines of a list of SUNAT's that say what our rows say."""
        return [listed(self.row(one), **cells) for one in ids]


def listed(row: DocumentRecord, **cells: str) -> str:
    said = {
        "ruc": row.ruc, "period": f"{row.issue_date:%Y%m}", "issue_date": f"{row.issue_date:%d/%m/%Y}",
        "kind": row.sunat_code, "series": row.series, "number": str(row.number),
        "receiver_number": row.receiver_number, "total": str(Decimal(row.total) / 100), "currency": row.currency,
        "state": "1", **cells,
    }
    return "|".join(said.get(key, "") for key in KEYS)


@pytest.fixture
def shop(database: Database, clock: FixedClock) -> Shop:
    """A shop that has issued nothing yet."""
    return Shop(database=database, clock=clock, owner=tenant(database, clock.now()))


def test_an_empty_month(shop: Shop) -> None:
    rows, sums = shop.registry()
    assert (rows, sums.lines) == ([], [])
    name, lines, found = shop.replacement()
    assert name == f"LE{RUC}20261100140400021012.zip"
    assert (lines, found.entries) == ([], 0)
    assert shop.compared().clean


def test_the_book_has_every_series_and_state_and_adds_up(shop: Shop) -> None:
    ids = [shop.store(state) for state in Status]
    ids.append(shop.store(stem="boleta", series="B001", unit_amount=Decimal("0.10")))
    shop.store(day=date(2026, 10, 31))
    rows, sums = shop.registry()
    assert [int(row["id"]) for row in rows] == ids
    assert {row["estado"] for row in rows} == {text.es for text in registry.STATES.values()}
    by = {(line["kind"], line["status"]): line for line in sums.lines}
    assert by["01", "accepted"]["total"] == "118.00"
    assert by["03", "accepted"]["total"] == "0.12"
    assert sum(Decimal(line["total"]) for line in sums.lines) == sum(Decimal(row["total"]) for row in rows)


def test_a_text_never_becomes_a_formula(shop: Shop, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://example.invalid";"ver")'
    shop.store(customer=replace(sale().customer, name=hostile))
    rows, _ = shop.registry()
    assert rows[0]["cliente"] == f"'{hostile}"
    path = tmp_path / "book.xlsx"
    with snapshot(shop.database) as session:
        sums = registry.Sums()
        write_workbook(path, registry.rows(session, shop.scope(session), sums), sums, title="prueba")
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in sheet
        assert "xl/worksheets/sheet2.xml" in book.namelist()


def test_pages_give_each_voucher_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    ids = [shop.store(day=day) for day in (date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 19),
                                           date(2026, 11, 19), date(2026, 11, 20))]
    rows, _ = shop.registry()
    assert [int(row["id"]) for row in rows] == [ids[0], ids[2], ids[3], ids[1], ids[4]]


def test_a_month_reconciles_to_the_centimo(shop: Shop) -> None:
    _reconciled(shop, 60)


@pytest.mark.long
def test_a_month_of_five_thousand_reconciles_to_the_centimo(shop: Shop) -> None:
    _reconciled(shop, 5000)


def _reconciled(shop: Shop, count: int) -> None:
    chosen = random.Random(20261120)
    expected, valid = Decimal(0), list[str]()
    targets = list[int]()
    for _ in range(count):
        stem, series, sign = chosen.choice((
            ("invoice", "F001", 1), ("boleta", "B001", 1), ("credit_note", "FC01", -1), ("debit_note", "FD01", 1)
        ))
        state = chosen.choice((Status.ACCEPTED, Status.ACCEPTED, Status.OBSERVED, Status.REJECTED, Status.VOIDED))
        if sign < 0 or stem == "debit_note":
            if not targets:
                continue
            more = {"target": shop.row(chosen.choice(targets))}
        else:
            more = {}
        one = shop.store(
            state, stem=stem, series=series, lines=chosen.randint(1, 4), day=date(2026, 11, chosen.randint(1, 30)),
            unit_amount=Decimal(chosen.randint(1, 999_999)) / 100, **more,
        )
        row = shop.row(one)
        if stem == "invoice":
            targets.append(one)
        if state in (Status.ACCEPTED, Status.OBSERVED):
            expected += sign * Decimal(row.total) / 100
            valid += shop.listed(one, total=str(sign * Decimal(row.total) / 100))
    _, lines, found = shop.replacement()
    assert found.total == expected == sum(Decimal(line["total"]) for line in lines)
    assert found.entries == len(lines) == len(valid)
    assert shop.compared(*valid).clean
    sums = shop.registry()[1].lines
    ours = sum(
        (Decimal(line["total"]) * (-1 if line["kind"] == "07" else 1) for line in sums
         if line["status"] in ("accepted", "observed")), Decimal(0),
    )
    assert ours == expected


def test_memory_does_not_grow_with_the_month(shop: Shop) -> None:
    other = replace(shop, owner=tenant(shop.database, shop.clock.now(), ruc=OTHER_RUC))
    fill(shop.database, shop.owner, shop.clock.now(), 1000)
    fill(shop.database, other.owner, shop.clock.now(), 4000)
    few, many = _peak(shop), _peak(other)
    assert many < few * 1.5, f"{few} bytes for 1,000 vouchers, {many} for 4,000"


def _peak(shop: Shop) -> int:
    """The most memory that streaming the book took, in bytes."""
    with snapshot(shop.database) as session:
        scope = shop.scope(session)
        tracemalloc.start()
        try:
            for _ in as_csv(registry.rows(session, scope, registry.Sums())):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_a_branch_sees_its_own(shop: Shop) -> None:
    shop.store()
    assert shop.registry(branch_id=shop.owner.branch_id)[0]
    assert shop.registry(branch_id=shop.owner.branch_id + 1)[0] == []


def test_what_is_the_whole_rucs_is_not_made_of_a_branch(shop: Shop) -> None:
    """The file takes the place of SUNAT's whole proposal, and other branches' sales are no other system's."""
    one = shop.store()
    with pytest.raises(Forbidden, match="BOOK_OF_ALL_BRANCHES"), snapshot(shop.database) as session:
        sales.write_replacement(session, shop.scope(session, branch_id=shop.owner.branch_id), io.BytesIO())
    with pytest.raises(Forbidden, match="BOOK_OF_ALL_BRANCHES"):
        shop.compared(*shop.listed(one), branch_id=shop.owner.branch_id)


def test_a_credit_note_is_taken_away_from_either_total(shop: Shop) -> None:
    sold = shop.store()
    note = shop.store(series="FC01", stem="credit_note", target=shop.row(sold))
    amount = Decimal(shop.row(note).total) / 100
    found = shop.compared(*shop.listed(sold), *shop.listed(note, total=str(-amount)))
    assert (found.clean, found.our_total) == (True, found.listed_total)


def test_another_tenant_sees_nothing(shop: Shop) -> None:
    shop.store()
    other = replace(shop, owner=tenant(shop.database, shop.clock.now(), ruc=OTHER_RUC))
    assert other.registry()[0] == []
    assert other.replacement()[2].entries == 0
    line = shop.listed(1)[0].replace(RUC, OTHER_RUC, 1)
    assert other.compared(line).counts == {"not_here": 1}


def test_the_register_has_what_is_valid_and_tells_what_is_left_out(shop: Shop) -> None:
    for state in Status:
        shop.store(state)
    _, lines, found = shop.replacement()
    assert [line["number"] for line in lines] == ["2", "3"]
    assert found.left_out == {"issued": 1, "rejected": 1, "voided": 1, "lapsed": 1}
    assert found.total == Decimal("236.00")


def test_notes_of_this_month_and_of_an_earlier_one(shop: Shop) -> None:
    before, now = shop.store(day=date(2026, 10, 31)), shop.store()
    for target in (before, now):
        shop.store(stem="credit_note", series="FC01", target=shop.row(target))
    _, lines, found = shop.replacement()
    _, earlier, same = lines
    assert (earlier["taxed"], earlier["taxed_discount"], earlier["igv_discount"]) == ("0.00", "-100.00", "-18.00")
    assert (same["taxed"], same["igv"], same["taxed_discount"]) == ("-100.00", "-18.00", "0.00")
    assert (earlier["modified_date"], earlier["modified_number"]) == ("31/10/2026", "1")
    assert found.total == Decimal("-118.00")


def test_another_currency_needs_a_rate_and_takes_that_of_its_day(shop: Shop) -> None:
    first = shop.store(currency="USD", day=date(2026, 11, 18))
    with pytest.raises(Refused) as refused:
        shop.replacement()
    assert refused.value.extra == {"count": 1}
    assert "USD" in refused.value.items[0].message.es
    with shop.database.write() as session:
        keep(session, [
            DayRate(currency="USD", day=date(2026, 11, day), buy=Decimal("3.700"), sell=sell)
            for day, sell in ((18, Decimal("3.755")), (20, Decimal("3.800")))
        ], actor="operator", now=shop.clock.now())
    shop.store(stem="credit_note", series="FC01", target=shop.row(first), currency="USD")
    _, lines, _ = shop.replacement()
    assert [(line["rate"], line["total"]) for line in lines] == [("3.755", "443.09"), ("3.755", "-443.09")]


def test_a_list_that_says_what_we_say_differs_in_nothing(shop: Shop) -> None:
    ids = [shop.store(), shop.store(Status.OBSERVED), shop.store(stem="boleta", series="B001")]
    ids.append(shop.store(stem="credit_note", series="FC01", target=shop.row(ids[0])))
    lines = [*shop.listed(*ids[:3]), *shop.listed(ids[3], total="-118.00")]
    found = shop.compared(*lines)
    assert (found.clean, found.listed, found.agree) == (True, 4, 4)


def test_every_class_of_difference(shop: Shop) -> None:
    good, waiting, rejected, voided, dated, named, priced, missing = (
        shop.store(state) for state in (
            Status.ACCEPTED, Status.ISSUED, Status.REJECTED, Status.ACCEPTED, Status.ACCEPTED, Status.ACCEPTED,
            Status.ACCEPTED, Status.ACCEPTED,
        )
    )
    lines = [
        *shop.listed(good, good, waiting, rejected), *shop.listed(voided, state="2"),
        *shop.listed(dated, issue_date="19/11/2026"), *shop.listed(named, receiver_number=RUC),
        *shop.listed(priced, total="118.01"), *shop.listed(good, number="99"),
    ]
    found = shop.compared(*lines)
    assert found.counts == dict.fromkeys((
        "twice", "unanswered_here", "not_valid_here", "voided_there", "date", "receiver", "amount", "not_here",
        "not_there",
    ), 1)
    by = {one["class"]: one for one in found.told}
    assert by["not_there"]["document_id"] == missing
    assert by["not_here"]["number"] == "01 F001-99"
    assert by["amount"]["here"]["total"] == "118.00"
    assert by["amount"]["sunat"]["total"] == "118.01"


def test_a_range_is_as_good_as_its_vouchers(shop: Shop) -> None:
    ids = [shop.store(stem="boleta", series="B001") for _ in range(3)]
    (line,) = shop.listed(ids[0], last_number="3", total="354.00", receiver_number="")
    assert shop.compared(line).clean
    (line,) = shop.listed(ids[0], last_number="3", total="354.01", receiver_number="")
    assert shop.compared(line).counts == {"amount": 1}


def test_a_voucher_of_another_currency_agrees_in_it_or_in_soles(shop: Shop) -> None:
    one = shop.store(currency="USD")
    for total in ("118.00", "446.04", "446.05"):
        assert shop.compared(*shop.listed(one, total=total, rate="3.780")).clean
    assert shop.compared(*shop.listed(one, total="446.20", rate="3.780")).counts == {"amount": 1}


@pytest.mark.parametrize(("cells", "error", "word"), [
    ({"ruc": OTHER_RUC}, Refused, "RUC"), ({"period": "202610"}, Refused, "202610"), ({"total": "x"}, Malformed, "1"),
    ({"last_number": "90000"}, Malformed, "rango"),
])
def test_a_list_of_others_or_of_none(shop: Shop, cells: dict[str, str], error: type[Exception], word: str) -> None:
    one = shop.store()
    with pytest.raises(error) as refused:
        shop.compared(*shop.listed(one, **cells))
    assert word in refused.value.text.es  # type: ignore[attr-defined]


def boxed(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in files.items():
            box.writestr(name.replace("_", "."), content)
    return target.getvalue()


def test_a_list_comes_as_text_or_zip_in_either_encoding(tmp_path: Path) -> None:
    assert list(lines_of("peña\r\n".encode())) == ["peña\r\n"]
    assert list(lines_of("peña\n".encode("iso-8859-1"))) == ["peña\n"]
    assert list(lines_of(boxed(lista_txt=b"a\nb", leame_pdf=b"x"))) == ["a\n", "b"]
    path = tmp_path / "list.txt"
    path.write_bytes(b"a\n")
    assert list(lines_of(path)) == ["a\n"]


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", boxed(a_pdf=b"x"), boxed(a_txt=b"x", b_txt=b"y")])
def test_a_zip_without_one_list_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(lines_of(content))


def test_a_list_that_never_ends_is_refused() -> None:
    with pytest.raises(TooLarge):
        list(lines_of(boxed(a_txt=b"0" * 5000), most=4096))


def test_a_line_that_never_ends_is_not_gathered() -> None:
    content = boxed(a_txt=b"0" * 30_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError):
            list(read_listed(lines_of(content)))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
