"""A confirmed plan: stored once, as it was, below the counters, linked, on the chain, and never sent."""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.delivery.due import due
from app.imprint.addresses import qr_stored
from app.ledger import store
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord, EventRecord
from app.problems import Conflict
from app.registry import applying
from app.series import allocator
from app.series.models import GENESIS
from sunat.documents import Instalment, PaymentTerms, Target
from sunat.transport.zipping import pack_cdr, unpack_cdr
from tests.app.registry.conftest import Mover
from tests.support.builders import OTHER_RUC, tenant
from tests.support.builders import issue as issue_here
from tests.support.history import OLD_DAY, cdr, name, odd_style, pair, signer_of, voucher
from tests.support.signing import FIXTURES


def by_number(mover: Mover) -> dict[int, DocumentRecord]:
    return {row.number: row for row in mover.documents()}


def test_vouchers_come_in_as_they_are(mover: Mover) -> None:
    odd = odd_style(12)
    files = {
        **pair(11), "12.xml": odd, "13.xml": voucher(13), "R-13.xml": cdr(13, code="2800"),
        "14.xml": voucher(14), "R-14.xml": cdr(14, observations=(("4252", "observado"),)),
    }
    result = mover.apply(files)
    assert result.body() == {
        "imported": 4, "completed": 0, "already_there": 0, "notes_linked": 0, "failed": 0, "failed_files": [],
    }
    rows = by_number(mover)
    assert [(row.number, row.status, row.origin) for row in rows.values()] == [
        (11, "accepted", "imported"), (12, "issued", "imported"), (13, "rejected", "imported"),
        (14, "observed", "imported"),
    ]
    row = rows[12]
    assert (row.issue_date, row.currency, row.net, row.taxes, row.total) == (OLD_DAY, "PEN", 10000, 1800, 11800)
    assert (row.receiver_code, row.receiver_number) == ("6", "20987654326")
    assert row.qr_text.startswith("20123456786|01|F001|12|18.00|118.00|2025-06-02|6|20987654326|")
    assert row.qr_text.endswith(row.digest)
    assert {each["code"] for each in row.observations} == {"CHQ-IMPORT-NO-CDR"}
    assert rows[14].observations == [{"code": "4252", "message": "observado", "source": "cdr"}]
    with mover.database.read() as session:
        assert store.edition_of(session, row).xml == odd
        assert store.edition_of(session, row).reason == "import"
        evidence = store.evidence_of(session, rows[11])
        assert evidence is not None
        assert evidence.content == pair(11)[f"R-{name(11)}.zip"]
        loose = store.evidence_of(session, rows[13])
        assert loose is not None
        assert (unpack_cdr(loose.content, name(13)), loose.code) == (cdr(13, code="2800"), "2800")
        assert loose.received_at.date() == OLD_DAY
        assert store.evidence_of(session, rows[12]) is None
        event = session.scalar(select(EventRecord).where(EventRecord.document_id == rows[11].id))
        assert event is not None
        assert (event.kind, event.data["cdr"], event.data["signature"]) == ("document.imported", "0", "valid")


@pytest.mark.parametrize(("code", "series", "case"), [
    ("09", "T001", "guide/sale_in_own_lorry"), ("31", "V001", "carrier_guide/by_factura"),
])
def test_guides_come_in_with_the_link_of_their_cdr(mover: Mover, code: str, series: str, case: str) -> None:
    guide = signer_of().sign_xml((FIXTURES / case / "document.xml").read_bytes()).xml
    number = int(re.search(rf"<cbc:ID>{series}-(\d+)</cbc:ID>".encode(), guide)[1])  # type: ignore[index]
    link = "https://e-factura.sunat.gob.pe/v1/contribuyente/gre/comprobantes/descargaqr?hashqr=abc"
    answer = cdr(number, series=series, day=date(2026, 11, 20), link=link)
    result = mover.apply({
        "guia.xml": guide, f"R-{name(number, series=series, code=code)}.xml": answer,
    })
    assert (result.imported, result.failed) == (1, [])
    (row,) = mover.documents()
    assert (row.sunat_code, row.series, row.status, row.origin) == (code, series, "accepted", "imported")
    assert (row.currency, row.total, row.qr_text, row.receiver_number != "") == ("PEN", 0, "", True)
    with mover.database.read() as session:
        row = session.get_one(DocumentRecord, row.id)
        assert [set(each) for each in row.request["details"]] == [
            {"line_description", "quantity", "unit_measure", "sku"}
        ] * guide.count(b"<cbc:Description>")
        assert qr_stored(session, row) == link
        assert store.edition_of(session, row).xml == guide
    found = mover.series(series, code)
    assert found is not None
    assert found.last_number == number


def test_counters_stand_behind_history_and_issuing_goes_on(mover: Mover) -> None:
    mover.apply({**pair(3), **pair(7)})
    series = mover.series("F001")
    assert series is not None
    assert (series.last_number, series.start_number, series.last_issue_date) == (7, 8, OLD_DAY)
    with mover.database.write() as session:
        assert issue_here(session, series.id, mover.clock.now()).number == 8
    mover.apply({**pair(3), **pair(5), **pair(7)})
    assert [(row.number, row.origin) for row in mover.documents()] == [
        (3, "imported"), (5, "imported"), (7, "imported"), (8, "issued"),
    ]
    series = mover.series("F001")
    assert series is not None
    assert series.last_number == 8


def test_the_chain_goes_through_history_and_issue_alike(mover: Mover) -> None:
    mover.apply(pair(2))
    series = mover.series("F001")
    assert series is not None
    with mover.database.write() as session:
        issue_here(session, series.id, mover.clock.now())
    mover.apply({**pair(1), **pair(2)})
    with mover.database.read() as session:
        links = session.execute(
            select(EditionRecord, DocumentRecord.number)
            .join(DocumentRecord, DocumentRecord.id == EditionRecord.document_id).order_by(EditionRecord.id)
        ).all()
        head = GENESIS
        for edition, number in links:
            assert edition.chain_previous == head
            head = allocator.link(
                head, ruc=mover.owner.ruc, sunat_code="01", series="F001", number=number, edition=1, xml=edition.xml
            )
            assert (edition.chain_hash, edition.xml_sha256) == (head, hashlib.sha256(edition.xml).hexdigest())
    assert [number for _, number in links] == [2, 3, 1]
    series = mover.series("F001")
    assert series is not None
    assert series.chain_head == head


def test_twice_is_once(mover: Mover) -> None:
    files = {**pair(1), **pair(2), "n.xml": voucher(1, series="FC01", stem="credit_note")}
    assert mover.apply(files).imported == 3
    before = mover.counts()
    again = mover.apply(files)
    assert (again.imported, again.already_there) == (0, 3)
    assert mover.counts() == before


def test_a_plan_broken_off_is_resumed(mover: Mover, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "BATCH", 2)
    files = {f"{n}.xml": voucher(n) for n in range(1, 8)}
    plan = mover.plan(files)
    done = 0

    def until(steps: int) -> None:
        nonlocal done
        done += steps
        if done >= 4:
            raise KeyboardInterrupt

    with mover.archives(files) as archives, pytest.raises(KeyboardInterrupt):
        applying.apply_plan(
            mover.database, archives, mover.owner.account_id, plan, actor="test", now=mover.clock.now,
            environment="sandbox", progress=until,
        )
    assert len(mover.documents()) == 4
    assert mover.apply(files, plan).body()["imported"] == 3
    assert [row.number for row in mover.documents()] == [1, 2, 3, 4, 5, 6, 7]
    series = mover.series("F001")
    assert series is not None
    assert series.last_number == 7


def test_a_cdr_found_later_settles_its_voucher(mover: Mover) -> None:
    mover.apply({"1.xml": voucher(1), "2.xml": voucher(2)})
    assert {row.status for row in mover.documents()} == {"issued"}
    zipped_cdr = pack_cdr(name(1), cdr(1, observations=(("4252", "x"),)))
    result = mover.apply({"1.xml": voucher(1), "2.xml": voucher(2), "R.zip": zipped_cdr})
    assert (result.imported, result.completed, result.already_there) == (0, 1, 1)
    first, second = mover.documents()
    assert (first.status, second.status) == ("observed", "issued")
    assert "4252" in {each["code"] for each in first.observations}
    again = mover.apply({"1.xml": voucher(1), "R.zip": zipped_cdr})
    assert (again.completed, again.already_there) == (0, 1)


def test_notes_find_their_vouchers_in_either_order(mover: Mover) -> None:
    target = Target(type_code="01", series="F001", number=5)
    early = {"n.xml": voucher(1, series="FC01", stem="credit_note", target=target)}
    mover.apply(early)
    (note,) = mover.documents()
    assert note.target_document_id is None
    result = mover.apply({
        **early, **pair(5), "m.xml": voucher(2, series="FD01", stem="debit_note", target=target),
    })
    assert (result.imported, result.linked) == (2, 1)
    rows = {(row.sunat_code, row.number): row for row in mover.documents()}
    assert rows["07", 1].target_document_id == rows["08", 2].target_document_id == rows["01", 5].id
    assert rows["07", 1].document_type_id == 98


def test_nothing_imported_is_ever_due(mover: Mover) -> None:
    mover.apply({"1.xml": voucher(1), **pair(2)})
    assert due(mover.database, mover.clock.now(), limit=10) == []
    for statement in ("UPDATE deliveries SET state = 'waiting'", "UPDATE documents SET origin = 'issued'"):
        with pytest.raises(DBAPIError), mover.database.write() as session:
            session.execute(text(statement))
    with mover.database.read() as session:
        assert set(session.scalars(select(DeliveryRecord.state))) == {"done"}


def test_a_new_note_does_not_wait_for_an_imported_voucher(mover: Mover) -> None:
    """One without a CDR never gets an answer here, so nobody must wait for it."""
    mover.apply({"1.xml": voucher(1)})
    (target,) = mover.documents()
    series = mover.series("FC01", "07")
    assert series is not None
    with mover.database.write() as session:
        note = issue_here(session, series.id, mover.clock.now(), target_document_id=target.id)
    assert len(due(mover.database, mover.clock.now(), limit=10)) == 1
    assert note.origin == "issued"


def test_branches_series_and_defaults_are_made(mover: Mover) -> None:
    mover.apply({"a.xml": voucher(9, series="F007", establishment="0003"), "b.xml": voucher(4, series="B009",
                                                                                              stem="boleta")})
    made = mover.series("F007")
    usual = mover.series("B009", "03")
    assert made is not None
    assert usual is not None
    assert (made.last_number, made.is_default, made.branch_id != mover.owner.branch_id) == (9, True, True)
    assert (usual.last_number, usual.is_default, usual.branch_id) == (4, True, mover.owner.branch_id)
    former = mover.series("B001", "03")
    assert former is not None
    assert not former.is_default
    assert [row.branch_id for row in mover.documents()] == [made.branch_id, usual.branch_id]


def test_a_second_import_moves_the_counter_of_history_alone(mover: Mover) -> None:
    mover.apply({"1.xml": voucher(1), "2.xml": voucher(2)})
    mover.apply({f"{n}.xml": voucher(n) for n in (2, 3, 6)})
    series = mover.series("F001")
    assert series is not None
    assert series.last_number == 6
    assert sorted(row.number for row in mover.documents()) == [1, 2, 3, 6]
    with mover.database.write() as session:
        assert issue_here(session, series.id, mover.clock.now()).number == 7


def test_a_series_that_began_to_issue_stops_the_plan(mover: Mover) -> None:
    files = pair(50)
    plan = mover.plan(files)
    series = mover.series("F001")
    assert series is not None
    with mover.database.write() as session:
        issue_here(session, series.id, mover.clock.now())
    with pytest.raises(Conflict, match="PLAN_CHANGED"):
        mover.apply(files, plan)
    assert [row.number for row in mover.documents()] == [1]


def test_a_file_that_changed_since_the_report_is_not_stored(mover: Mover) -> None:
    files = {"1.xml": voucher(1), "2.xml": voucher(2)}
    plan = mover.plan(files)
    result = mover.apply({**files, "2.xml": voucher(2, customer_name="OTRO S.A.")}, plan)
    assert (result.imported, result.failed) == (1, ["up.zip!2.xml"])


def test_what_other_tenants_hold_is_theirs(mover: Mover) -> None:
    other = Mover(mover.database, mover.clock, tenant(mover.database, mover.clock.now(), ruc=OTHER_RUC))
    mover.apply(pair(1))
    plan = other.plan(pair(1))
    assert sorted(each.reason for each in plan.passed) == ["foreign", "received"]  # the CDR is not the customer's
    assert plan.items == ()


def test_credit_terms_currency_and_long_names_survive(mover: Mover) -> None:
    due_date = OLD_DAY + timedelta(days=45)
    terms = PaymentTerms(kind="credit", pending=Decimal(118), instalments=(
        Instalment(amount=Decimal(118), due_date=due_date),
    ))
    mover.apply({"1.xml": voucher(1, payment=terms, currency="GBP", customer_name="X" * 2000)})
    with mover.database.read() as session:
        row = session.scalars(select(DocumentRecord)).one()
        request: dict[str, Any] = row.request
    assert request["header"]["payment_conditions"] == "45"
    assert (row.currency, request["header"]["currency_id"], len(row.receiver_name)) == ("GBP", None, 1500)
