"""The register of sales: shares that add up, notes by month, the replacing file's lines, and SUNAT's list read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat import xml
from sunat.errors import FormatError
from sunat.money import ZERO, total
from sunat.numbering import VoucherId
from sunat.rvie import (
    COLUMNS,
    REPLACED,
    Entry,
    Modified,
    Shares,
    car,
    entry_of,
    file_name,
    line_of,
    read_listed,
    shares_of,
)
from sunat.ubl.reading import read_voucher

FIXTURES = Path(__file__).parents[2] / "fixtures"
SALES = ("invoice", "boleta", "credit_note", "debit_note")
GOLDENS = sorted(path for stem in SALES for path in (FIXTURES / stem).glob("*/document.xml"))
RUC = "20100066603"
NOVEMBER = date(2026, 11, 20)


def entry(kind: str = "01", *, modified: Modified | None = None, currency: str = "PEN", rate: str = "1",
          **shares: str) -> Entry:
    return entry_of(
        VoucherId(ruc=RUC, type_code=kind, series="F001", number=87),
        Shares(**{name: Decimal(amount) for name, amount in shares.items()}), issuer_name="TIENDA | S.A.C.",
        issue_date=NOVEMBER, due_date=None, receiver=("6", "20987654326", "CLIENTE\nS.A."), currency=currency,
        rate=Decimal(rate), modified=modified,
    )


def modified(day: date | None) -> Modified:
    return Modified(kind="01", series="F001", number=5, issue_date=day)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_the_shares_of_every_golden_add_up_to_what_it_asks_for(path: Path) -> None:
    facts = read_voucher(xml.parse(path.read_bytes()))
    shares = shares_of(facts.totals)
    withheld = total(row.amount for row in facts.totals.allowances if row.code == "63")
    assert shares.total == facts.payable + withheld
    beside = facts.totals.charge_total - facts.totals.discount_total + facts.totals.rounding
    other = total(tax.amount for tax in facts.totals.taxes if tax.tribute == "9999")
    assert shares.others == beside + other + withheld, "others is what the voucher itself puts beside its bases"
    assert all(amount >= ZERO for amount in shares.amounts[:-1])


def test_a_sale_in_soles_is_entered_as_it_is() -> None:
    found = entry(taxed="100.00", igv="18.00")
    assert (found.shares.taxed, found.shares.igv, found.shares.total) == (Decimal(100), Decimal(18), Decimal(118))
    assert found.period == "202611"


def test_another_currency_is_converted_column_by_column_and_still_adds_up() -> None:
    found = entry(currency="USD", rate="3.777", taxed="33.33", igv="6.00", exempt="0.07")
    assert (found.shares.taxed, found.shares.igv, found.shares.exempt) == (
        Decimal("125.89"), Decimal("22.66"), Decimal("0.26")
    )
    assert found.shares.total == Decimal("148.81")


@pytest.mark.parametrize(("day", "taxed", "discount"), [
    (date(2026, 11, 2), "-100.00", "0"), (date(2026, 10, 31), "0", "-100.00"), (date(2025, 12, 1), "0", "-100.00"),
    (None, "-100.00", "0"),
])
def test_a_credit_note_takes_from_its_month_or_from_the_discounts(
    day: date | None, taxed: str, discount: str
) -> None:
    found = entry("07", modified=modified(day), taxed="100.00", igv="18.00", exempt="7.00").shares
    assert (found.taxed, found.taxed_discount, found.exempt) == (Decimal(taxed), Decimal(discount), Decimal(-7))
    assert found.total == Decimal(-125)


def test_a_debit_note_adds() -> None:
    assert entry("08", modified=modified(date(2026, 10, 1)), taxed="10.00", igv="1.80").shares.total == Decimal("11.80")


def test_a_receiver_who_is_nobody_is_not_named_by_number() -> None:
    found = entry_of(
        VoucherId(ruc=RUC, type_code="03", series="B001", number=1), Shares(), issuer_name="T", issue_date=NOVEMBER,
        due_date=None, receiver=("1", "00000000", "CLIENTES VARIOS"), currency="PEN", rate=Decimal(1), modified=None,
    )
    assert (found.receiver_code, found.receiver_number, found.receiver_name) == ("", "", "CLIENTES VARIOS")


def test_a_line_has_the_33_fields_and_nothing_that_breaks_it() -> None:
    line = line_of(entry("07", modified=modified(date(2026, 10, 31)), taxed="100.00", igv="18.00", currency="USD",
                         rate="3.7771"))
    cells = line.split("|")
    assert len(cells) == REPLACED + 1
    assert cells[-1] == ""
    said = dict(zip((column.key for column in COLUMNS), cells, strict=False))
    assert said["name"] == "TIENDA S.A.C."
    assert said["receiver_name"] == "CLIENTE S.A."
    assert said["car"] == f"{RUC}07F0010000000087"
    assert (said["period"], said["issue_date"], said["due_date"]) == ("202611", "20/11/2026", "")
    assert (said["taxed"], said["taxed_discount"], said["igv_discount"]) == ("0.00", "-377.71", "-67.99")
    assert (said["total"], said["currency"], said["rate"]) == ("-445.70", "USD", "3.777")
    assert (said["modified_date"], said["modified_kind"], said["modified_series"], said["modified_number"]) == (
        "31/10/2026", "01", "F001", "5"
    )


def test_the_names_of_the_files() -> None:
    assert file_name(RUC, "202611", empty=False) == f"LE{RUC}20261100140400021112"
    assert file_name(RUC, "202611", empty=True) == f"LE{RUC}20261100140400021012"


amounts = st.decimals(min_value=0, max_value=10**9, places=2)


@given(st.integers(1, 99_999_999), st.dates(date(2020, 1, 1), date(2035, 12, 31)), amounts, amounts)
def test_what_is_written_is_read_as_it_was(number: int, day: date, taxed: Decimal, igv: Decimal) -> None:
    made = replace(
        entry(taxed=str(taxed), igv=str(igv)), issue_date=day,
        voucher=VoucherId(ruc=RUC, type_code="01", series="F001", number=number),
    )
    (read,) = read_listed([line_of(made)])
    assert (read.ruc, read.kind, read.series, read.number, read.last_number) == (RUC, "01", "F001", number, number)
    assert (read.issue_date, read.period, read.total) == (day, f"{day:%Y%m}", taxed + igv)


def a_line(**cells: str) -> str:
    said = {
        "ruc": RUC, "period": "202611", "issue_date": "20/11/2026", "kind": "01", "series": "F001", "number": "87",
        "total": "118.00", "currency": "PEN", "state": "1", **cells,
    }
    return "|".join(said.get(column.key, "") for column in COLUMNS)


def test_headings_marks_and_blank_lines_are_passed_over() -> None:
    headings = ",".join(column.name for column in COLUMNS)
    rows = [headings, "", a_line(receiver_name='A, "B" C').replace("|", ",").replace('A, "B" C', '"A, ""B"" C"')]
    (read,) = read_listed(["\ufeff" + rows[0], *rows[1:]])
    assert (read.place, read.number, read.state, read.rate) == (3, 87, "1", None)


def test_a_range_has_its_last_number() -> None:
    (read,) = read_listed([a_line(number="10", last_number="19")])
    assert (read.number, read.last_number) == (10, 19)


@pytest.mark.parametrize(("cells", "word"), [
    ({"ruc": "2010006660"}, "RUC"), ({"kind": "1"}, "Tipo de comprobante"), ({"number": "0"}, "Número"),
    ({"number": "9", "last_number": "8"}, "Número"), ({"total": "NaN"}, "Importe total"),
    ({"total": "1e40"}, "Importe total"), ({"issue_date": "31/02/2026"}, "Fecha de emisión"),
    ({"car": f"{RUC}01F0010000000088"}, "CAR"), ({"rate": "tres"}, "Tipo de cambio"), ({"period": "2026"}, "Periodo"),
])
def test_a_wrong_line_is_named_with_its_column(cells: dict[str, str], word: str) -> None:
    with pytest.raises(FormatError, match=rf"Line 2, .*{word}"):
        list(read_listed([a_line(), a_line(**cells)]))


@pytest.mark.parametrize("line", ["20100066603|x", "<html>", "PK\x03\x04", 'a;b;"c'])
def test_what_is_no_list_is_refused(line: str) -> None:
    with pytest.raises(FormatError, match="Line 1"):
        list(read_listed([line]))


def test_a_code_of_the_register() -> None:
    assert car(VoucherId(ruc=RUC, type_code="03", series="B001", number=7)) == f"{RUC}03B0010000000007"
