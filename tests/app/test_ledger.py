"""The ledger: what is stored together, what never changes, and one key, one voucher."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from app import idempotency
from app.clock import FixedClock
from app.db import Database
from app.idempotency import Claim, IdempotencyRecord, Owner, Replay
from app.ledger import store
from app.ledger.lifecycle import (
    DELIVERY_TRANSITIONS,
    TRANSITIONS,
    DeliveryState,
    IllegalMove,
    Status,
    move,
    move_delivery,
)
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord, EventRecord
from app.ledger.wake import BELL
from app.problems import Conflict, Malformed, NotFound, Refused
from app.series import allocator
from app.series.models import SeriesRecord
from tests.support.builders import OTHER_RUC, Tenant, document, issue, series_id, tenant

PRINT = "f" * 64


def issued(database: Database, clock: FixedClock, owner: Tenant | None = None, **values: object) -> int:
    owner = owner or tenant(database, clock.now())
    with database.write() as session:
        return issue(session, series_id(database, owner), clock.now(), **values).id


def test_a_voucher_is_stored_with_edition_event_and_delivery(database: Database, clock: FixedClock) -> None:
    BELL.wait(0)
    made = issued(database, clock)
    assert BELL.wait(0)
    with database.read() as session:
        row = session.get_one(DocumentRecord, made)
        edition = store.edition_of(session, row)
        delivery = store.delivery_of(session, row)
        events = session.scalars(select(EventRecord)).all()
        assert (row.status, row.full_number, row.edition) == ("issued", "F001-1", 1)
        assert edition.xml == b"<Invoice>F001-1</Invoice>"
        assert edition.xml_sha256 == hashlib.sha256(edition.xml).hexdigest()
        assert (delivery.state, delivery.next_at, delivery.tries) == ("waiting", clock.now(), 0)
        assert [(event.kind, event.data) for event in events] == [("document.issued", {"number": "F001-1"})]


def test_nothing_rings_when_the_transaction_is_lost(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    series = series_id(database, owner)
    BELL.wait(0)
    with pytest.raises(RuntimeError), database.write() as session:
        issue(session, series, clock.now())
        raise RuntimeError
    assert not BELL.wait(0)


@pytest.mark.parametrize("table", ["editions", "attempts", "evidence", "events", "declared_gaps"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_evidence_is_only_ever_added(database: Database, clock: FixedClock, table: str, change: str) -> None:
    owner = tenant(database, clock.now())
    made = issued(database, clock, owner)
    with database.write() as session:
        row = session.get_one(DocumentRecord, made)
        proof = store.add_evidence(session, row, "cdr", b"zip", now=clock.now(), code="0", text="aceptada")
        session.execute(text(
            "INSERT INTO attempts (delivery_id, number, edition, action, endpoint, result, code, text, request_sha256,"
            " response_sha256, evidence_id, started_at, finished_at)"
            " SELECT id, 1, 1, 'send', 'x', 'answered', '0', '', '', '', :proof, created_at, created_at FROM deliveries"
        ), {"proof": proof.id})
        head = allocator.lock(session, row.series_id)
        allocator.skip(session, head, to=5, reason="r", author="a", now=clock.now())
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(change.format(table)))


def test_postgresql_refuses_to_truncate(database: Database, clock: FixedClock) -> None:
    issued(database, clock)
    statement = "TRUNCATE editions, documents CASCADE" if database.dialect == "postgresql" else "DELETE FROM editions"
    with pytest.raises(DBAPIError, match=r"append-only|cannot be deleted"), database.write() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("change", ["number = 2", "series = 'F002'", "ruc = '20987654326'", "environment = 'live'"])
def test_the_identity_of_a_voucher_never_changes(database: Database, clock: FixedClock, change: str) -> None:
    issued(database, clock)
    with pytest.raises(DBAPIError, match="identity"), database.write() as session:
        session.execute(text(f"UPDATE documents SET {change}"))


def test_a_voucher_cannot_be_deleted(database: Database, clock: FixedClock) -> None:
    issued(database, clock)
    with pytest.raises(DBAPIError, match="cannot be deleted"), database.write() as session:
        session.execute(text("DELETE FROM documents"))


def test_the_database_knows_the_same_moves_as_the_table(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    for old in Status:
        for new in Status:
            if old == new:
                continue
            made = issued(database, clock, owner)
            if old is not Status.ISSUED:
                set_column(database, DocumentRecord, made, status=str(old))
            if new in TRANSITIONS[old]:
                set_column(database, DocumentRecord, made, status=str(move(old, new)))
            else:
                with pytest.raises(IllegalMove):
                    move(old, new)
                with pytest.raises(DBAPIError, match="illegal move"):
                    set_column(database, DocumentRecord, made, status=str(new))


ROADS = {
    DeliveryState.WAITING: (), DeliveryState.SENDING: ("sending",), DeliveryState.UNKNOWN: ("sending", "unknown"),
    DeliveryState.AWAITING_TICKET: ("sending", "awaiting_ticket"), DeliveryState.DONE: ("sending", "done"),
    DeliveryState.HELD: ("held",),
}


@pytest.mark.parametrize("old", list(DeliveryState))
def test_the_database_knows_the_same_deliveries_as_the_table(
    database: Database, clock: FixedClock, old: DeliveryState
) -> None:
    owner = tenant(database, clock.now())
    for new in set(DeliveryState) - {old}:
        made = issued(database, clock, owner)
        with database.read() as session:
            delivery = session.scalars(select(DeliveryRecord.id).where(DeliveryRecord.document_id == made)).one()
        for step in ROADS[old]:
            set_column(database, DeliveryRecord, delivery, state=step)
        if new in DELIVERY_TRANSITIONS[old]:
            set_column(database, DeliveryRecord, delivery, state=str(move_delivery(old, new)))
        else:
            with pytest.raises(IllegalMove):
                move_delivery(old, new)
            with pytest.raises(DBAPIError, match="illegal move"):
                set_column(database, DeliveryRecord, delivery, state=str(new))


@pytest.mark.parametrize(
    "change",
    [("documents", "status = 'lost'"), ("deliveries", "state = 'lost'"), ("documents", "edition = 0"),
     ("deliveries", "tries = -1")],
)
def test_words_and_ranges_are_checked(database: Database, clock: FixedClock, change: tuple[str, str]) -> None:
    issued(database, clock)
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(f"UPDATE {change[0]} SET {change[1]}"))


@pytest.mark.parametrize("number", [0, 100_000_000])
def test_a_number_out_of_range_is_not_stored(database: Database, clock: FixedClock, number: int) -> None:
    owner = tenant(database, clock.now())
    series = series_id(database, owner)
    with pytest.raises(DBAPIError), database.write() as session:
        session.add(document(session.get_one(SeriesRecord, series), number, clock.now()))


def test_external_id_is_unique_within_the_account(database: Database, clock: FixedClock) -> None:
    mine, other = tenant(database, clock.now()), tenant(database, clock.now(), ruc=OTHER_RUC)
    made = issued(database, clock, mine, external_id="order-1")
    issued(database, clock, other, external_id="order-1")
    with pytest.raises(DBAPIError):
        issued(database, clock, mine, external_id="order-1")
    with database.read() as session:
        found = store.document_by_external_id(session, mine.account_id, "order-1")
        assert found is not None
        assert found.id == made


def test_queries_see_one_tenant_only(database: Database, clock: FixedClock) -> None:
    mine, other = tenant(database, clock.now()), tenant(database, clock.now(), ruc=OTHER_RUC)
    foreign = issued(database, clock, other, external_id="x", fingerprint=PRINT)
    with database.read() as session:
        with pytest.raises(NotFound):
            store.document_of(session, mine.account_id, foreign)
        assert session.scalars(store.documents_of(mine.account_id)).all() == []
        assert store.document_by_external_id(session, mine.account_id, "x") is None
        assert store.document_by_number(session, mine.account_id, sunat_code="01", series="F001", number=1) is None
        assert store.twin(session, mine.account_id, PRINT, since=clock.now() - timedelta(days=1)) is None
        assert store.document_of(session, other.account_id, foreign).id == foreign


def test_a_twin_is_found_within_its_time(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    made = issued(database, clock, owner, fingerprint=PRINT)
    with database.read() as session:
        found = store.twin(session, owner.account_id, PRINT, since=clock.now())
        assert found is not None
        assert found.id == made
        assert store.twin(session, owner.account_id, PRINT, since=clock.now() + timedelta(seconds=1)) is None


def test_a_key_is_claimed_sealed_and_replayed(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    held = claim(database, owner, clock)
    assert isinstance(held, Claim)
    with pytest.raises(Conflict, match="IN_FLIGHT"):
        claim(database, owner, clock)
    made = issue_sealed(database, owner, clock, held)
    clock.advance(timedelta(days=400))
    assert claim(database, owner, clock) == Replay(
        id=held.id, status=201, body=b'{"document_id":%d}' % made, document_id=made
    )
    with pytest.raises(Refused, match="REUSED"):
        claim(database, owner, clock, fingerprint="0" * 64)


def test_another_body_in_flight_is_told_so(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    claim(database, owner, clock)
    with pytest.raises(Refused, match="REUSED"):
        claim(database, owner, clock, fingerprint="0" * 64)


def test_a_refusal_gives_the_key_back_for_a_corrected_body(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    held = claim(database, owner, clock)
    assert isinstance(held, Claim)
    idempotency.release(database, held)
    assert isinstance(claim(database, owner, clock, fingerprint="0" * 64), Claim)


def test_an_expired_lease_is_taken_over_and_the_former_owner_issues_nothing(
    database: Database, clock: FixedClock
) -> None:
    owner = tenant(database, clock.now())
    dead = claim(database, owner, clock)
    clock.advance(timedelta(seconds=61))
    heir = claim(database, owner, clock, fingerprint="0" * 64)
    assert isinstance(dead, Claim)
    assert isinstance(heir, Claim)
    with pytest.raises(Conflict, match="IN_FLIGHT"):
        issue_sealed(database, owner, clock, dead)
    idempotency.release(database, dead)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(EditionRecord)) == 0
    assert issue_sealed(database, owner, clock, heir)


def test_of_many_at_once_one_holds_the_key(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())

    def attempt(_: int) -> str:
        try:
            return type(claim(database, owner, clock)).__name__
        except Conflict:
            return "in flight"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(16))) == ["Claim"] + ["in flight"] * 15


def test_keys_belong_to_their_tenant(database: Database, clock: FixedClock) -> None:
    mine, other = tenant(database, clock.now()), tenant(database, clock.now(), ruc=OTHER_RUC)
    assert isinstance(claim(database, mine, clock), Claim)
    assert isinstance(claim(database, other, clock, fingerprint="0" * 64), Claim)


@pytest.mark.parametrize("key", ["", "x" * 256, "línea", "a\nb", "\x00"])
def test_an_unfit_key_is_refused(database: Database, clock: FixedClock, key: str) -> None:
    owner = tenant(database, clock.now())
    with pytest.raises(Malformed):
        claim(database, owner, clock, key=key)


@pytest.mark.parametrize("change", ["UPDATE idempotency SET body = :b", "DELETE FROM idempotency WHERE body <> :b"])
def test_a_sealed_answer_is_kept_for_ever(database: Database, clock: FixedClock, change: str) -> None:
    owner = tenant(database, clock.now())
    held = claim(database, owner, clock)
    assert isinstance(held, Claim)
    issue_sealed(database, owner, clock, held)
    with pytest.raises(DBAPIError, match="sealed"), database.write() as session:
        session.execute(text(change), {"b": b"x"})
    idempotency.release(database, held)
    with database.read() as session:
        assert session.scalars(select(IdempotencyRecord.status_code)).all() == [201]


def claim(
    database: Database, owner: Tenant, clock: FixedClock, *, key: str = "k-1", fingerprint: str = PRINT
) -> Claim | Replay:
    return idempotency.claim(
        database, Owner(account_id=owner.account_id), key=key, fingerprints=(fingerprint,), now=clock.now()
    )


def issue_sealed(database: Database, owner: Tenant, clock: FixedClock, held: Claim) -> int:
    series = series_id(database, owner)
    with database.write() as session:
        head = allocator.lock(session, series)
        row = document(session.get_one(SeriesRecord, series), head.next_number, clock.now())
        signed = store.Signed(
            xml=b"<x/>", digest="d", chain_previous=head.chain_head, chain_hash="1" * 64, certificate_id=None
        )
        fresh = store.Fresh(
            document=row, signed=signed, held=held, answer=lambda made, _: (201, b'{"document_id":%d}' % made.id)
        )
        store.store_issued(session, [fresh], now=clock.now())
        allocator.advance(session, head, chain_head="1" * 64, issue_date=row.issue_date, now=clock.now())
        return row.id


def set_column(database: Database, table: type[DocumentRecord | DeliveryRecord], row: int, **values: str) -> None:
    with database.write() as session:
        session.execute(update(table).where(table.id == row).values(**values))
