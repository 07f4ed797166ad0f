"""What is told of a voucher: its standing, its timeline in plain words, what to do next and what may be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.console.vouchers.advising import Advice, Deed, advice_of
from app.console.vouchers.codes import meaning
from app.console.vouchers.standing import ASKED, STANDINGS, standing_of, stands
from app.console.vouchers.timeline import MOST, Moment, timeline
from app.db import Database
from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Status
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, EventRecord, VoidingRecord
from app.series.models import SeriesRecord
from app.webhooks.models import NoticeRecord, WebhookRecord
from sunat.moves import Way
from tests.support.builders import document, issue, series_id, tenant

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
DAY = date(2026, 11, 20)


def voucher(status: str = "issued", *, sunat_code: str = "01", series: str = "F001", **values: Any) -> DocumentRecord:
    row = SeriesRecord(
        id=1, account_id=1, branch_id=1, environment="sandbox", ruc="20123456786", sunat_code=sunat_code, code=series,
    )
    made = document(row, 7, NOW, status=status, origin="issued", edition=1, **values)
    made.id = 9
    return made


def delivery(state: str = "done", **values: Any) -> DeliveryRecord:
    preset = {"channel": "bill", "state": state, "phase": "settled", "reason": "", "next_at": NOW}
    return DeliveryRecord(**{**preset, **values})


def advice(row: DocumentRecord, told: DeliveryRecord, *, today: date = DAY, voiding: Any = None) -> Advice:
    return advice_of(row, told, voiding, today=today)


@pytest.mark.parametrize(("row", "told", "key"), [
    *((voucher(str(status)), delivery(), str(status)) for status in Status if status is not Status.ISSUED),
    (voucher(), delivery("waiting"), "waiting"),
    (voucher(), delivery("sending"), "sending"),
    (voucher(), delivery("unknown"), "unknown"),
    (voucher(), delivery("awaiting_ticket"), "processing"),
    (voucher(), delivery("held"), "held"),
    (voucher(), delivery("waiting", channel="carried"), "summary"),
    (voucher(), delivery("held", channel="carried"), "held"),
])
def test_there_is_one_word_for_where_it_stands(row: DocumentRecord, told: DeliveryRecord, key: str) -> None:
    assert standing_of(row, told) is STANDINGS[key]


def test_every_state_of_a_delivery_has_a_word_and_every_word_can_be_looked_for() -> None:
    assert {standing_of(voucher(), delivery(str(state))).key for state in DeliveryState} <= STANDINGS.keys()
    assert all(stands(key) is not None for key in ASKED)


@pytest.mark.parametrize(("row", "told", "deeds", "words"), [
    (voucher(), delivery("waiting"), {Deed.RETRY, Deed.RECONCILE, Deed.VOID, Deed.CREDIT, Deed.DEBIT}, "por sí solo"),
    (voucher(), delivery("unknown"), {Deed.RETRY, Deed.RECONCILE, Deed.VOID, Deed.CREDIT, Deed.DEBIT}, "otra vez"),
    (voucher(), delivery("sending"), {Deed.VOID, Deed.CREDIT, Deed.DEBIT}, "segundos"),
    (voucher("accepted"), delivery(), {Deed.VOID, Deed.CREDIT, Deed.DEBIT}, ""),
    (voucher("rejected"), delivery(), {Deed.REPLACE}, "número siguiente"),
    (voucher("rejected", replaced_by_id=12), delivery(), set(), "reemplazo"),
    (voucher("lapsed"), delivery(), {Deed.REPLACE}, "número siguiente"),
    (voucher("voided"), delivery(), set(), ""),
    (voucher(), delivery("held", phase="absent", reason="packaging"),
     {Deed.RETRY, Deed.RECONCILE, Deed.CORRECT}, "mismo número"),
    (voucher(), delivery("held", reason="person"),
     {Deed.RELEASE, Deed.RECONCILE, Deed.VOID, Deed.CREDIT, Deed.DEBIT}, "Alguien"),
    (voucher(), delivery("held", reason="foreign"),
     {Deed.RETRY, Deed.RECONCILE, Deed.VOID, Deed.CREDIT, Deed.DEBIT}, "soporte"),
    (voucher("rejected", sunat_code="20", series="R001"), delivery(), {Deed.CORRECT}, "mismo número"),
    (voucher("accepted", sunat_code="09", series="T001"), delivery(), {Deed.PORTAL}, ""),
    (voucher("accepted", sunat_code="07"), delivery(), {Deed.VOID}, ""),
])
def test_what_may_be_done_and_what_is_best(
    row: DocumentRecord, told: DeliveryRecord, deeds: set[Deed], words: str
) -> None:
    found = advice(row, told)
    assert set(found.deeds) == deeds
    assert words in found.next.es
    assert bool(found.next.en) == bool(found.next.es)


def test_the_term_for_voiding_runs_out() -> None:
    row, told = voucher("accepted"), delivery()
    assert advice(row, told).way is Way.RA
    last = advice(row, told, today=DAY + timedelta(days=7))
    assert (last.last_day, last.days_left, last.may("void")) == (date(2026, 11, 27), 0, True)
    late = advice(row, told, today=DAY + timedelta(days=8))
    assert not late.may("void")
    assert late.may("credit_note")
    assert "nota de crédito" in late.next.es


def test_one_that_is_being_voided_is_left_alone() -> None:
    wish = VoidingRecord(state="sent", channel="RA", reason="ERROR")
    assert advice(voucher("accepted"), delivery(), voiding=wish).deeds == ()
    refused = advice(voucher("accepted"), delivery(), voiding=VoidingRecord(state="refused", channel="RA"))
    assert refused.may("void")
    assert "no aceptó la baja" in refused.next.es


def test_codes_are_told_in_plain_words() -> None:
    assert meaning("01", "2017")[0].es.startswith("Número de documento del cliente")
    assert meaning("01", "2017")[1].en
    assert "no está disponible" in meaning("01", "109")[0].es
    assert meaning("01", "99999")[0].es == meaning("XX", "")[0].es == ""


@pytest.fixture
def told(database: Database) -> Iterator[list[Moment]]:
    """A voucher that SUNAT did not answer for, twice, then refused and at last accepted, which a system was told."""
    owner = tenant(database, NOW)
    with database.write() as session:
        row = issue(session, series_id(database, owner), NOW, actor="key:3")
        sent = store.delivery_of(session, row)
        for number, (result, code, text) in enumerate((
            ("unknown", "", "timed out"), ("unknown", "", "timed out"), ("fault", "0109", "Sistema ocupado"),
            ("answered", "0", "La Factura ha sido aceptada"),
        ), start=1):
            at = NOW + timedelta(minutes=number)
            session.add(AttemptRecord(
                delivery_id=sent.id, number=number, edition=1, endpoint="http://127.0.0.1/", result=result, code=code,
                text=text, started_at=at, finished_at=at,
            ))
        accepted = store.add_event(
            session, row, "document.observed", now=NOW + timedelta(minutes=5), code="0", text="aceptada",
            observations=["4252"],
        )
        store.add_event(session, row, "delivery.overtaken", now=NOW, attempt=1)
        hook = WebhookRecord(
            account_id=owner.account_id, event_id="DOCUMENT_STATUS_UPDATE", url="https://erp.example.com/secret/path",
            username="", secret_sealed=b"", told_to=0, created_at=NOW,
        )
        session.add(hook)
        session.flush()
        session.add(NoticeRecord(
            webhook_id=hook.id, event_id=accepted.id, body="{}", state="delivered", next_at=NOW, expires_at=NOW,
            happened_at=NOW, created_at=NOW + timedelta(minutes=6),
        ))
    with database.read() as session:
        yield timeline(session, session.get_one(DocumentRecord, row.id))


def test_the_timeline_tells_it_all_newest_first(told: list[Moment]) -> None:
    assert [(moment.title.es, moment.times) for moment in told] == [
        ("Avisado a otro sistema", 1), ("SUNAT lo aceptó con observaciones", 1), ("Enviado a SUNAT", 1),
        ("Enviado a SUNAT", 1), ("Enviado a SUNAT", 2), ("Emitido y firmado", 1),
    ]
    hook, verdict, _, busy, silent, issued = told
    assert hook.detail.es == "erp.example.com"
    assert verdict.detail.es == "Observaciones: 4252"
    assert "no está disponible" in busy.means.es
    assert busy.said == "Sistema ocupado"
    assert silent.until == NOW + timedelta(minutes=2)
    assert silent.tone == "mind"
    assert issued.actor == "key:3"
    assert all(moment.title.en for moment in told)


def test_a_long_history_is_cut_in_its_middle(database: Database) -> None:
    owner = tenant(database, NOW)
    with database.write() as session:
        row = issue(session, series_id(database, owner), NOW)
        for minute in range(MOST + 5):
            session.add(EventRecord(
                account_id=row.account_id, document_id=row.id, kind="delivery.retried", actor=f"key:{minute}", data={},
                at=NOW + timedelta(minutes=1 + minute),
            ))
    with database.read() as session:
        found = timeline(session, session.get_one(DocumentRecord, row.id))
    assert len(found) == MOST
    assert (found[0].actor, found[-1].title.es) == (f"key:{MOST + 4}", "Emitido y firmado")
