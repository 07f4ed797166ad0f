"""One attempt against the pretend SUNAT over real HTTP and SOAP, on both databases."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.clock import FixedClock
from app.db import Busy
from app.delivery import settling
from app.delivery.attempts import attempt
from app.delivery.due import due, rescue
from app.http import Office
from app.ledger import store
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, EventRecord, EvidenceRecord
from app.pretend import Pretend
from sunat.sandbox import State
from tests.support.builders import Tenant, tenant
from tests.support.sandbox import PATH, misbehaving
from tests.support.stored import Issued, store_voucher


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


@pytest.fixture
def issued(office: Office, owner: Tenant) -> Issued:
    return store_voucher(office.database, owner, office.clock.now(), office.clock.today())


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def elsewhere(office: Office, url: str, **changes: Any) -> Office:
    """The same office with its sandbox at another address."""
    return replace(office, settings=replace(office.settings, sandbox_url=url, **changes))


class Seen:
    """The rows about one voucher."""

    def __init__(self, office: Office, issued: Issued) -> None:
        with office.database.read() as session:
            self.document = session.get_one(DocumentRecord, issued.document_id)
            self.delivery = session.get_one(DeliveryRecord, issued.delivery_id)
            self.attempts = session.scalars(
                select(AttemptRecord).where(AttemptRecord.delivery_id == issued.delivery_id).order_by(AttemptRecord.id)
            ).all()
            self.events = session.scalars(
                select(EventRecord.kind).where(EventRecord.document_id == issued.document_id).order_by(EventRecord.id)
            ).all()
            self.evidence = session.scalars(
                select(EvidenceRecord).where(EvidenceRecord.document_id == issued.document_id)
                .order_by(EvidenceRecord.id)
            ).all()
            self.contents = [one.content for one in self.evidence]


def says(body: str | bytes, status: str = "200 OK") -> Callable[[socket.socket], None]:
    """Answers every request with this body."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {len(content)}\r\n"

    def act(connection: socket.socket) -> None:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + content)

    return act


def faults(code: str, text: str) -> Callable[[socket.socket], None]:
    """Answers every request with a SOAP fault."""
    return says(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>s:Client.{code}</faultcode><faultstring>{text}</faultstring></s:Fault></s:Body></s:Envelope>",
        "500 Internal Server Error",
    )


def send_to(act: Callable[[socket.socket], None], office: Office, issued: Issued) -> Seen:
    """One attempt at a server that answers like this."""
    with misbehaving(act) as url:
        assert attempt(elsewhere(office, url.removesuffix(PATH)), issued.delivery_id)
    return Seen(office, issued)


def test_an_accepted_voucher_has_its_cdr_status_and_account(
    office: Office, issued: Issued, sandbox: Pretend
) -> None:
    assert attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.last_code) == ("accepted", "done", "0")
    assert (seen.delivery.tries, seen.delivery.attempt) == (1, 1)
    assert seen.events == ["document.issued", "document.accepted"]
    assert [one.kind for one in seen.evidence] == ["cdr"]
    entry = next(iter(sandbox.ledger))
    assert seen.contents == [entry.cdr]
    done = seen.attempts[0]
    assert (done.result, done.code, done.http_status, done.evidence_id) == ("answered", "0", 200, seen.evidence[0].id)
    assert len(done.request_sha256) == len(done.response_sha256) == 64
    assert done.endpoint == f"{sandbox.url}/ol-ti-itcpfegem-beta/billService"


def test_what_is_sent_are_the_stored_bytes(office: Office, issued: Issued, sandbox: Pretend) -> None:
    attempt(office, issued.delivery_id)
    with office.database.read() as session:
        stored = store.edition_of(session, session.get_one(DocumentRecord, issued.document_id))
    assert [entry.sha256 for entry in sandbox.ledger] == [stored.xml_sha256]


def test_a_second_attempt_does_nothing(office: Office, issued: Issued, sandbox: Pretend) -> None:
    assert attempt(office, issued.delivery_id)
    assert not attempt(office, issued.delivery_id)
    assert not attempt(office, 999_999)
    assert sandbox.ledger.count() == 1
    assert len(Seen(office, issued).attempts) == 1


def test_an_unreachable_sunat_leaves_the_voucher_waiting(
    office: Office, issued: Issued, clock: FixedClock, dead_port: int, sandbox: Pretend
) -> None:
    attempt(elsewhere(office, f"http://127.0.0.1:{dead_port}"), issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.tries) == ("issued", "waiting", 1)
    assert (seen.attempts[0].result, seen.attempts[0].http_status) == ("not_sent", None)
    assert "SUNAT" in seen.delivery.last_text
    assert seen.delivery.next_at >= clock.now()
    clock.advance(timedelta(minutes=10))
    assert due(office.database, clock.now(), limit=5) == [issued.delivery_id]
    assert attempt(office, issued.delivery_id)
    assert Seen(office, issued).document.status == "accepted"
    assert sandbox.ledger.count() == 1


@pytest.mark.parametrize(
    "act", [lambda _: None, says(""), says("<html>nginx</html>", "502 Bad Gateway")],
    ids=["hang-up", "empty 200", "html 502"],
)
def test_silence_is_not_an_answer(
    office: Office, issued: Issued, clock: FixedClock, act: Callable[[socket.socket], None]
) -> None:
    seen = send_to(act, office, issued)
    assert (seen.document.status, seen.delivery.state) == ("issued", "unknown")
    assert seen.attempts[0].result == "unknown"
    assert seen.delivery.phase == "doubt"
    for expected in ("resend", "settled"):  # asked first: it is not there, so the same bytes go again
        clock.advance(timedelta(minutes=30))
        attempt(office, issued.delivery_id)
        assert Seen(office, issued).delivery.phase == expected
    seen = Seen(office, issued)
    assert seen.document.status == "accepted"
    assert [(one.action, one.operation, one.code) for one in seen.attempts[1:]] == [
        ("query", "getStatusCdr", "0011"), ("send", "sendBill", "0"),
    ]


def test_an_unreadable_cdr_is_unknown_and_kept(office: Office, issued: Issued) -> None:
    seen = send_to(says(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<r:sendBillResponse xmlns:r="http://service.sunat.gob.pe"><applicationResponse>bm8gemlw</applicationResponse>'
        "</r:sendBillResponse></s:Body></s:Envelope>"
    ), office, issued)
    assert (seen.document.status, seen.delivery.state) == ("issued", "unknown")
    assert [(one.kind, content) for one, content in zip(seen.evidence, seen.contents, strict=True)] == [
        ("cdr_unread", b"no zip")
    ]


@pytest.mark.parametrize(
    ("code", "state", "phase", "tries"),
    [("0109", "unknown", "doubt", 1), ("0140", "unknown", "doubt", 1), ("0102", "waiting", "fresh", 0),
     ("1033", "unknown", "suspect", 1), ("0306", "held", "absent", 1), ("2335", "unknown", "refused", 1),
     ("0111", "waiting", "fresh", 0), ("1079", "held", "absent", 1), ("2119", "waiting", "fresh", 1)],
)
def test_a_fault_never_settles_and_is_kept(
    office: Office, issued: Issued, code: str, state: str, phase: str, tries: int
) -> None:
    seen = send_to(faults(code, "palabras de SUNAT"), office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.tries) == ("issued", state, tries)
    assert seen.delivery.phase == phase
    assert (seen.delivery.last_code, seen.delivery.last_text) == (code, "palabras de SUNAT")
    assert seen.attempts[0].result == "fault"
    assert seen.evidence[0].kind == "fault"
    assert b"palabras de SUNAT" in seen.contents[0]
    assert ("delivery.held" in seen.events) == (state == "held")


def test_only_refusals_of_its_own_kind_use_up_what_a_course_allows(
    office: Office, issued: Issued, clock: FixedClock, dead_port: int
) -> None:
    for _ in range(6):
        assert attempt(elsewhere(office, f"http://127.0.0.1:{dead_port}"), issued.delivery_id)
        clock.advance(timedelta(hours=2))
    for code in ("0111", "2119", "2105", "2398", "0111", "2119", "2119"):
        seen = send_to(faults(code, "no se encuentra"), office, issued)
        assert (seen.delivery.state, seen.delivery.phase) == ("waiting", "fresh")
        clock.advance(timedelta(hours=2))
    seen = send_to(faults("2105", "no se encuentra"), office, issued)
    assert (seen.delivery.state, seen.delivery.reason, seen.delivery.tries) == ("held", "reference", 12)


def test_a_rejection_by_cdr_is_final(office: Office, owner: Tenant, clock: FixedClock, sandbox: Pretend) -> None:
    late = clock.today() - timedelta(days=40)
    issued = store_voucher(office.database, owner, clock.now(), late)
    attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state) == ("rejected", "done")
    assert seen.delivery.last_code == "2108"
    assert [entry.state for entry in sandbox.ledger] == [State.REJECTED]


def test_an_answer_that_comes_after_its_lease_settles_at_once(
    office: Office, issued: Issued, clock: FixedClock, sandbox: Pretend
) -> None:
    class Overtaking(FixedClock):
        """Time jumps beyond the lease while the voucher is being sent, and another engine rescues it."""

        asked = 0

        def now(self):  # type: ignore[no-untyped-def]
            self.asked += 1
            if self.asked == 2:
                clock.advance(timedelta(hours=1))
                assert rescue(office.database, clock.now()) == 1
                assert Seen(office, issued).delivery.phase == "doubt"
            return clock.now()

    attempt(replace(office, clock=Overtaking(clock.now())), issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.phase) == ("accepted", "done", "settled")
    assert [one.kind for one in seen.evidence] == ["cdr"]
    assert seen.events == ["document.issued", "delivery.overtaken", "document.accepted"]
    assert not attempt(office, issued.delivery_id)
    assert sandbox.ledger.count() == 1


def test_the_answer_to_a_former_edition_settles_nothing(
    office: Office, issued: Issued, clock: FixedClock, sandbox: Pretend
) -> None:
    class Corrected(FixedClock):
        """While the answer is on its way the voucher is given up, and corrected under its number."""

        asked = 0

        def now(self):  # type: ignore[no-untyped-def]
            self.asked += 1
            if self.asked == 2:
                clock.advance(timedelta(hours=1))
                rescue(office.database, clock.now())
                with office.database.write() as session:
                    session.get_one(DeliveryRecord, issued.delivery_id).edition = 2
            return clock.now()

    attempt(replace(office, clock=Corrected(clock.now())), issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.phase) == ("issued", "unknown", "doubt")
    assert [one.kind for one in seen.evidence] == ["cdr_former"]


@pytest.mark.parametrize("code", ["1033", "0306"])
def test_an_answer_that_comes_after_the_next_attempt_settles_it_whatever_that_one_was_told(
    office: Office, issued: Issued, clock: FixedClock, sandbox: Pretend, code: str
) -> None:
    class Overtaken(FixedClock):
        """While the answer is on its way another engine rescues the delivery and goes on with it."""

        asked = 0

        def now(self):  # type: ignore[no-untyped-def]
            self.asked += 1
            if self.asked == 2:
                clock.advance(timedelta(hours=1))
                assert rescue(office.database, clock.now()) == 1
                send_to(faults("0011", "nadie"), office, issued)  # a question in vain
                with office.database.write() as session:
                    session.get_one(DeliveryRecord, issued.delivery_id).phase = "fresh"
                clock.advance(timedelta(hours=1))
                send_to(faults(code, "palabras"), office, issued)
            return clock.now()

    attempt(replace(office, clock=Overtaken(clock.now())), issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.document.status, seen.delivery.state, seen.delivery.last_code) == ("accepted", "done", "0")
    assert sandbox.ledger.count() == 1
    assert seen.events[-2:] == ["delivery.overtaken", "document.accepted"]


@contextmanager
def failing(office: Office, error: Exception, *, times: int, stored: bool = False) -> Iterator[list[bool]]:
    """Breaks off the first commits that hold an attempt, before or after the database ``stored`` them; gives a mark
    for each."""
    engine, broken = office.database.engine, list[bool]()
    storing = False

    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        nonlocal storing
        storing = storing or statement.startswith("INSERT INTO attempts")

    def lose(connection: Any) -> None:
        nonlocal storing
        if storing and len(broken) < times:
            storing = False
            broken.append(True)
            if stored:
                connection.connection.driver_connection.commit()
            raise error

    event.listen(engine, "after_cursor_execute", see)
    event.listen(engine, "commit", lose)
    try:
        yield broken
    finally:
        event.remove(engine, "commit", lose)
        event.remove(engine, "after_cursor_execute", see)


GONE = Exception("the connection is gone")


@pytest.mark.parametrize(
    "error", [Busy(), OperationalError("COMMIT", {}, GONE), InterfaceError("COMMIT", {}, GONE), PoolTimeout()],
    ids=lambda error: type(error).__name__,
)
def test_an_answer_in_hand_outlives_a_database_that_fails(
    office: Office, issued: Issued, sandbox: Pretend, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PAUSES", (0.01, 0.01))
    with failing(office, error, times=2) as broken:
        assert attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (len(broken), seen.document.status, seen.delivery.state) == (2, "accepted", "done")
    assert (len(seen.attempts), len(seen.evidence), sandbox.ledger.count()) == (1, 1, 1)


def test_a_commit_whose_reply_was_lost_is_not_written_twice(
    office: Office, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PAUSES", (0.01,))
    with failing(office, OperationalError("COMMIT", {}, GONE), times=1, stored=True) as broken:
        assert attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (len(broken), seen.document.status, seen.delivery.state) == (1, "accepted", "done")
    assert (len(seen.attempts), len(seen.evidence)) == (1, 1)
    assert seen.events == ["document.issued", "document.accepted"]


def test_a_database_that_stays_away_is_not_asked_for_ever(
    office: Office, issued: Issued, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "PAUSES", (0.01, 0.01))
    with failing(office, Busy(), times=9) as broken, pytest.raises(Busy):
        attempt(office, issued.delivery_id)
    assert (len(broken), Seen(office, issued).delivery.state) == (3, "sending")
    clock.advance(timedelta(hours=1))
    assert rescue(office.database, clock.now()) == 1
    monkeypatch.setattr(settling, "PAUSES", (3600.0,))  # longer than the lease
    with failing(office, Busy(), times=9) as broken, pytest.raises(Busy):
        attempt(office, issued.delivery_id)
    assert len(broken) == 1


def test_a_live_account_without_credentials_is_held_before_anything_is_sent(
    office: Office, clock: FixedClock, sandbox: Pretend
) -> None:
    live = tenant(office.database, clock.now(), environment="live")
    issued = store_voucher(office.database, live, clock.now(), clock.today())
    attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.delivery.state, seen.delivery.last_code, seen.delivery.tries) == ("waiting", "CHQ-ROUTE", 0)
    assert sandbox.ledger.count() == 0
    clock.advance(timedelta(days=1))
    assert not attempt(office, issued.delivery_id), "its issuer is held"


def test_a_secret_that_does_not_open_is_held_before_anything_is_sent(
    office: Office, clock: FixedClock, sandbox: Pretend
) -> None:
    owner = tenant(office.database, clock.now(), sol_user="VENTAS01", sol_password_sealed=b"\x01sealed elsewhere")
    issued = store_voucher(office.database, owner, clock.now(), clock.today())
    assert attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.delivery.state, seen.delivery.last_code, seen.delivery.tries) == ("waiting", "CHQ-ROUTE", 0)
    assert "clave SOL" in seen.delivery.last_text
    assert "sealed" not in seen.delivery.last_text
    assert seen.attempts[0].result == "not_sent"
    assert sandbox.ledger.count() == 0


def test_a_test_account_can_never_be_sent_to_production(office: Office, clock: FixedClock) -> None:
    owner = tenant(
        office.database, clock.now(), channel="ose",
        ose_url="https://e-factura.sunat.gob.pe/ol-ti-itcpfegem/billService",
    )
    issued = store_voucher(office.database, owner, clock.now(), clock.today())
    attempt(office, issued.delivery_id)
    seen = Seen(office, issued)
    assert (seen.delivery.state, seen.delivery.last_code) == ("waiting", "CHQ-ROUTE")
    assert seen.attempts[0].endpoint == ""


def test_a_note_waits_for_its_invoice(office: Office, owner: Tenant, issued: Issued, clock: FixedClock) -> None:
    with office.database.read() as session:
        target = session.get_one(DocumentRecord, issued.document_id)
    note = store_voucher(
        office.database, owner, clock.now(), clock.today(), series="FC01", stem="credit_note", target=target
    )
    assert due(office.database, clock.now(), limit=5) == [issued.delivery_id]
    assert not attempt(office, note.delivery_id)
    assert attempt(office, issued.delivery_id)
    assert due(office.database, clock.now(), limit=5) == [note.delivery_id]
    assert attempt(office, note.delivery_id)
    assert Seen(office, note).document.status == "accepted"


def test_due_is_by_deadline_and_then_by_age(office: Office, owner: Tenant, clock: FixedClock) -> None:
    hours = (None, 72, 2, None, 24)
    made = [
        store_voucher(
            office.database, owner, clock.now(), clock.today(),
            deadline=None if one is None else clock.now() + timedelta(hours=one),
        ).delivery_id
        for one in hours
    ]
    assert due(office.database, clock.now(), limit=9) == [made[2], made[4], made[1], made[0], made[3]]
    assert due(office.database, clock.now(), limit=2, besides={made[2]}) == [made[4], made[1]]
    assert due(office.database, clock.now() - timedelta(seconds=1), limit=9) == []
