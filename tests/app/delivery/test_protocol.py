"""The unknown protocol against a SUNAT that loses, repeats and lies: every voucher ends where SUNAT's record stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.clock import FixedClock
from app.delivery.attempts import attempt
from app.delivery.due import due, rescue
from app.delivery.holds import held_issuer, release
from app.http import Office
from app.ledger.models import (
    AttemptRecord,
    DeliveryRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    EvidenceRecord,
)
from app.problems import Conflict
from app.series import allocator
from app.series.models import SeriesRecord
from sunat.numbering import VoucherId
from sunat.sandbox import Ledger, Sandbox
from sunat.sandbox.dialects import LIVE
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Plan, Rule
from sunat.sandbox.ledger import Entry, State
from sunat.sandbox.line import Line
from tests.support.builders import RUC, Tenant, tenant
from tests.support.sandbox import authority, nothing_against
from tests.support.stored import Issued, store_voucher


@dataclass(slots=True)
class Stage:
    """An office with a line into a SUNAT of its own, on the test's clock."""

    office: Office
    clock: FixedClock
    sandbox: Sandbox
    line: Line

    def seen(self, issued: Issued) -> tuple[DocumentRecord, DeliveryRecord]:
        with self.office.database.read() as session:
            return (
                session.get_one(DocumentRecord, issued.document_id), session.get_one(DeliveryRecord, issued.delivery_id)
            )

    def steps(self, issued: Issued, times: int = 1, every: timedelta = timedelta(hours=2)) -> list[str]:
        """Attempts one after the other, time passing in between; gives the phase after each."""
        phases = []
        for _ in range(times):
            assert attempt(self.office, issued.delivery_id, exchange=self.line.post), self.seen(issued)[1].state
            phases.append(self.seen(issued)[1].phase)
            self.clock.advance(every)
        return phases

    def told(self, issued: Issued) -> list[tuple[str, str]]:
        with self.office.database.read() as session:
            rows = session.scalars(
                select(AttemptRecord).where(AttemptRecord.delivery_id == issued.delivery_id).order_by(AttemptRecord.id)
            )
            return [(row.operation, row.code or row.result) for row in rows]

    def events(self, issued: Issued) -> list[str]:
        with self.office.database.read() as session:
            return list(session.scalars(
                select(EventRecord.kind).where(EventRecord.document_id == issued.document_id).order_by(EventRecord.id)
            ))

    def record(self, issued: Issued, state: State = State.ACCEPTED, **changes: Any) -> None:
        """Puts another system's voucher of that number on SUNAT's record."""
        entry = Entry(
            voucher=VoucherId(ruc=RUC, type_code="01", series="F001", number=issued.number), state=state,
            sha256="0" * 64, received_at=self.clock.now(), **changes,
        )
        assert self.sandbox.ledger.add(entry)


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


@pytest.fixture
def stage_of(office: Office, clock: FixedClock) -> Iterator[Callable[..., Stage]]:
    """Makes a stage whose SUNAT has these faults in store."""
    ledgers: list[Ledger] = []

    def make(*rules: Rule) -> Stage:
        ledgers.append(Ledger())
        sandbox = Sandbox(
            ledgers[-1], now=clock.now, judge=nothing_against, authority=authority(), plan=Plan(rules, seed=1)
        )
        line = Line(sandbox, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
        return Stage(office=office, clock=clock, sandbox=sandbox, line=line)

    yield make
    for ledger in ledgers:
        ledger.close()


def issue(stage: Stage, owner: Tenant, **more: Any) -> Issued:
    return store_voucher(stage.office.database, owner, stage.clock.now(), stage.clock.today(), **more)


def fault(*modes: str, on: Sequence[Operation] = (Operation.SEND_BILL,), **more: Any) -> Rule:
    return Rule(modes=modes, operations=tuple(on), **{"times_each": 1, **more})


@pytest.mark.parametrize("mode", ["work-then-hang", "empty-200-after-work", "http-502-after-work", "cdr-other-number",
                                  "cdr-flipped", "zip-bomb", "base64-cut", "in-process-registered"])
def test_a_lost_answer_is_asked_for(stage_of: Callable[..., Stage], owner: Tenant, mode: str) -> None:
    stage = stage_of(fault(mode))
    issued = issue(stage, owner)
    assert stage.steps(issued, 2) == ["doubt", "settled"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state, delivery.last_code) == ("accepted", "done", "0")
    assert [one for one, _ in stage.told(issued)] == ["sendBill", "getStatusCdr"]
    assert stage.events(issued) == ["document.issued", "document.accepted"]
    with stage.office.database.read() as session:
        row = session.scalars(
            select(AttemptRecord).where(AttemptRecord.delivery_id == issued.delivery_id).order_by(AttemptRecord.id)
        ).all()[-1]
        assert len(row.request_sha256) == len(row.response_sha256) == 64
        evidence = session.get_one(EvidenceRecord, row.evidence_id)
        assert evidence.kind == "cdr"


@pytest.mark.parametrize("mode", ["hang-before-work", "empty-200", "http-502", "busy", "internal-error",
                                  "in-process-lost", "not-xml"])
def test_what_was_never_registered_goes_again_with_the_same_bytes(
    stage_of: Callable[..., Stage], owner: Tenant, mode: str
) -> None:
    stage = stage_of(fault(mode))
    issued = issue(stage, owner)
    assert stage.steps(issued, 3) == ["doubt", "resend", "settled"]
    assert stage.seen(issued)[0].status == "accepted"
    assert stage.told(issued)[1] == ("getStatusCdr", "0011")
    with stage.office.database.read() as session:
        stored = session.scalar(
            select(EditionRecord.xml_sha256).where(EditionRecord.document_id == issued.document_id)
        )
        requests = session.scalars(
            select(AttemptRecord.request_sha256).where(
                AttemptRecord.delivery_id == issued.delivery_id, AttemptRecord.operation == "sendBill"
            )
        ).all()
    assert (len(requests), len(set(requests))) == (2, 1)
    assert [entry.sha256 for entry in stage.sandbox.ledger] == [stored]


def test_a_register_that_lags_only_delays(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    """Not there yet, so the bytes go again; SUNAT says 1033, and the CDR is fetched; found by nobody for hours, the
    bytes go once more."""
    stage = stage_of(fault("work-then-reset"), fault("not-found", on=(Operation.STATUS_CDR,), times_each=3))
    issued = issue(stage, owner)
    assert stage.steps(issued, 7) == ["doubt", "resend", "claimed", "claimed", "resend", "claimed", "settled"]
    assert [code for _, code in stage.told(issued)] == ["unknown", "0011", "1033", "0011", "0011", "1033", "0"]
    assert stage.seen(issued)[0].status == "accepted"


def test_accepted_without_a_cdr_is_accepted_and_the_cdr_still_fetched(
    stage_of: Callable[..., Stage], owner: Tenant
) -> None:
    stage = stage_of(fault("work-then-reset"), fault("state-without-zip", on=(Operation.STATUS_CDR,), times_each=2))
    issued = issue(stage, owner)
    assert stage.steps(issued, 2) == ["doubt", "known"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state) == ("accepted", "unknown")
    assert stage.events(issued) == ["document.issued", "document.accepted"]
    assert stage.steps(issued, 2) == ["known", "settled"]
    assert stage.events(issued) == ["document.issued", "document.accepted", "document.cdr"]
    with stage.office.database.read() as session:
        kinds = session.scalars(
            select(EvidenceRecord.kind).where(EvidenceRecord.document_id == issued.document_id)
            .order_by(EvidenceRecord.id)
        ).all()
    assert kinds == ["state", "cdr"]


def test_a_cdr_that_never_comes_ends_the_fetching(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(
        fault("work-then-reset"), fault("state-without-zip", on=(Operation.STATUS_CDR,), times_each=99)
    )
    issued = issue(stage, owner)
    assert stage.steps(issued, 3, every=timedelta(days=4)) == ["doubt", "known", "settled"]
    assert "delivery.cdr_missing" in stage.events(issued)
    assert stage.seen(issued)[0].status == "accepted"


def test_a_sale_sent_twice_on_the_wire_is_ours_by_its_file(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    """1033 to the first sending we know of: SUNAT's copy is compared, found to be our file, and its CDR fetched."""
    stage = stage_of(fault("sent-twice"))
    issued = issue(stage, owner)
    assert stage.steps(issued, 3) == ["suspect", "claimed", "settled"]
    assert [one for one, _ in stage.told(issued)] == ["sendBill", "verificaCPEarchivo", "getStatusCdr"]
    assert stage.seen(issued)[0].status == "accepted"


@pytest.mark.parametrize("state", [State.ACCEPTED, State.VOIDED])
def test_a_foreign_number_freezes_its_series_and_settles_nothing(
    stage_of: Callable[..., Stage], owner: Tenant, state: State
) -> None:
    stage = stage_of()
    issued, other = issue(stage, owner), issue(stage, owner, series="B001", stem="boleta")
    stage.record(issued, state)
    phases = stage.steps(issued, 5)
    assert phases == ["suspect", "strange", "suspect", "strange", "foreign"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state, delivery.reason) == ("issued", "held", "foreign")
    assert delivery.last_code in {"1033", "1032"}
    with stage.office.database.read() as session:
        row = session.get_one(SeriesRecord, document.series_id)
        assert "F001-1" in row.frozen
        with pytest.raises(Conflict, match="SERIES_FROZEN"):
            allocator.read(session, document.series_id)
    assert stage.events(issued)[-2:] == ["series.frozen", "delivery.held"]
    stage.steps(other)
    assert stage.seen(other)[0].status == "accepted"


def test_a_cdr_of_another_customer_is_foreign(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    """Our answer was lost, and what SUNAT holds under the number names somebody else."""
    stage = stage_of(fault("hang-before-work"))
    issued = issue(stage, owner)
    assert stage.steps(issued) == ["doubt"]
    stage.sandbox.ledger.add(_with_customer(stage, issued, "6-20111111112"))
    assert stage.steps(issued) == ["foreign"]
    assert stage.seen(issued)[0].status == "issued"


def _with_customer(stage: Stage, issued: Issued, customer: str) -> Entry:
    voucher = VoucherId(ruc=RUC, type_code="01", series="F001", number=issued.number)
    entry = Entry(
        voucher=voucher, state=State.ACCEPTED, sha256="0" * 64, received_at=stage.clock.now(), customer=customer
    )
    return replace(entry, cdr=stage.sandbox.desk.certify(entry, dialect=LIVE, file_name=voucher.file_name))


def test_a_claim_without_a_voucher_is_not_believed(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    """1033 by mistake: neither the file nor the number is there, so the same bytes go again."""
    stage = stage_of(fault("foreign-number"))
    issued = issue(stage, owner)
    assert stage.steps(issued, 4) == ["suspect", "strange", "fresh", "settled"]
    assert stage.seen(issued)[0].status == "accepted"


def test_a_false_claim_after_a_doubtful_sending_ends(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("hang-before-work"), fault("foreign-number"))
    issued = issue(stage, owner)
    assert stage.steps(issued, 6) == ["doubt", "resend", "claimed", "claimed", "resend", "settled"]
    assert stage.seen(issued)[0].status == "accepted"


def test_a_refusal_without_a_cdr_leaves_the_number_ours(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("rule-as-exception"))
    issued = issue(stage, owner)
    assert stage.steps(issued, 2, every=timedelta(seconds=90)) == ["refused", "missed"]
    assert due(stage.office.database, stage.clock.now(), limit=5) == []
    stage.clock.advance(timedelta(minutes=15))
    assert stage.steps(issued) == ["absent"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state, delivery.reason) == ("issued", "held", "content")
    assert 2000 <= int(delivery.last_code) < 4000
    assert stage.events(issued) == ["document.issued", "delivery.held"]


def test_two_answers_close_together_are_one(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("rule-as-exception"))
    issued = issue(stage, owner)
    stage.steps(issued, 2, every=timedelta(seconds=90))
    with stage.office.database.write() as session:
        session.get_one(DeliveryRecord, issued.delivery_id).next_at = stage.clock.now()
    assert stage.steps(issued) == ["missed"]


def test_refused_though_registered_is_found(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("work-then-reset"), fault("not-found", on=(Operation.STATUS_CDR,)))
    issued = issue(stage, owner)
    stage.steps(issued, 2)
    stage.sandbox.plan.clear()
    stage.sandbox.plan.add(fault("rule-as-exception"))
    assert stage.steps(issued, 2) == ["refused", "settled"]
    assert stage.seen(issued)[0].status == "accepted"


@pytest.mark.parametrize("client", [False, True], ids=["validity service", "rest consult"])
def test_a_boleta_is_asked_for_by_its_data_and_has_no_cdr(
    stage_of: Callable[..., Stage], owner: Tenant, client: bool
) -> None:
    stage = stage_of(fault("work-then-reset"))
    if client:
        with stage.office.database.write() as session:
            account = session.get_one(AccountRecord, owner.account_id)
            account.data_key_sealed = stage.office.vault.new_data_key()
            session.flush()
            account.consult_client_id = "cliente-1"
            account.consult_client_secret_sealed = safe_of(stage.office.vault, account).seal(
                "consult_client_secret", b"moddatos"
            )
    issued = issue(stage, owner, series="B001", stem="boleta")
    assert stage.steps(issued, 2) == ["doubt", "settled"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state) == ("accepted", "done")
    operation, code = stage.told(issued)[1]
    assert (operation, code) == (("validarcomprobante", "1") if client else ("validaCDPcriterios", "0001"))
    with stage.office.database.read() as session:
        kinds = session.scalars(
            select(EvidenceRecord.kind).where(EvidenceRecord.document_id == issued.document_id)
        ).all()
    assert kinds == ["state"]


def test_a_consult_that_never_answers_does_not_stop_the_sending(
    stage_of: Callable[..., Stage], owner: Tenant
) -> None:
    stage = stage_of(fault("hang-before-work"), fault("http-503", on=(Operation.STATUS_CDR,), times_each=99))
    issued = issue(stage, owner)
    assert stage.steps(issued, 6) == ["doubt", "doubt", "doubt", "doubt", "resend", "settled"]
    assert stage.seen(issued)[0].status == "accepted"


def test_where_nobody_can_be_asked_the_bytes_go_again_and_a_claim_is_held(
    stage_of: Callable[..., Stage], office: Office, clock: FixedClock
) -> None:
    """Beta has no queries: 1033 there proves nothing, and a person has to look; no series stops for it."""
    stage = stage_of()
    owner = tenant(office.database, clock.now(), environment="beta")
    issued = issue(stage, owner)
    stage.sandbox.plan.add(fault("work-then-reset"))
    assert stage.steps(issued, 4) == ["doubt", "resend", "claimed", "claimed"]
    document, delivery = stage.seen(issued)
    assert (document.status, delivery.state, delivery.reason) == ("issued", "held", "nobody_to_ask")
    with office.database.read() as session:
        assert session.get_one(SeriesRecord, document.series_id).frozen == ""


def test_credentials_stop_the_issuer_and_not_the_voucher(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("bad-login", times=1, times_each=None))
    issued, second = issue(stage, owner), issue(stage, owner)
    assert stage.steps(issued) == ["fresh"]
    _, delivery = stage.seen(issued)
    assert (delivery.state, delivery.tries) == ("waiting", 0)
    stage.clock.advance(timedelta(days=1))
    assert due(stage.office.database, stage.clock.now(), limit=9) == []
    with stage.office.database.write() as session:
        hold = held_issuer(session, owner.account_id)
        assert hold is not None
        assert hold.reason == "credentials"
        kinds = session.scalars(select(EventRecord.kind).where(EventRecord.document_id.is_(None))).all()
        assert kinds == ["issuer.held"]
        assert release(session, owner.account_id, now=stage.clock.now(), actor="key:1")
    assert set(due(stage.office.database, stage.clock.now(), limit=9)) == {issued.delivery_id, second.delivery_id}
    stage.steps(issued)
    assert stage.seen(issued)[0].status == "accepted"


def test_a_changed_account_is_tried_again(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("bad-login", times=1, times_each=None))
    issued = issue(stage, owner)
    stage.steps(issued)
    with stage.office.database.write() as session:
        session.get_one(AccountRecord, owner.account_id).updated_at = stage.clock.now()
    assert due(stage.office.database, stage.clock.now(), limit=9) == [issued.delivery_id]


def test_0111_is_an_outage_where_the_user_was_taken_a_moment_ago(
    stage_of: Callable[..., Stage], owner: Tenant
) -> None:
    stage = stage_of(Rule(modes=("no-profile",), operations=(Operation.SEND_BILL,), series="F001", number=1))
    issued = issue(stage, owner)
    for _ in range(7):
        good = issue(stage, owner)
        stage.steps(good, every=timedelta(minutes=30))
        stage.steps(issued, every=timedelta(minutes=30))
    with stage.office.database.read() as session:
        assert held_issuer(session, owner.account_id) is None
    stage.clock.advance(timedelta(hours=2))
    stage.steps(issued)
    with stage.office.database.read() as session:
        hold = held_issuer(session, owner.account_id)
    assert hold is not None
    assert hold.reason == "permission"


def test_what_died_while_sending_is_asked_for_first(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    """Killed between SUNAT's yes and our writing it down: the record is asked, nothing is sent twice."""
    stage = stage_of()
    issued = issue(stage, owner)

    class Killed(BaseException):
        pass

    def dying(*given: Any, **more: Any) -> Any:
        stage.line.post(*given, **more)
        raise Killed

    with pytest.raises(Killed):
        attempt(stage.office, issued.delivery_id, exchange=dying)
    stage.clock.advance(timedelta(hours=1))
    assert rescue(stage.office.database, stage.clock.now()) == 1
    assert stage.steps(issued) == ["settled"]
    assert stage.told(issued) == [("getStatusCdr", "0")]
    assert stage.seen(issued)[0].status == "accepted"


def test_a_pinned_certificate_is_the_only_one_believed(
    stage_of: Callable[..., Stage], owner: Tenant, office: Office
) -> None:
    pinned = replace(office.settings, cdr_pins=f"live:{'0' * 64},sandbox:{authority().fingerprint.upper()}")
    stage = stage_of(fault("cdr-forged"))
    stage.office = replace(office, settings=pinned)
    issued = issue(stage, owner)
    assert stage.steps(issued, 2) == ["doubt", "settled"]
    assert stage.seen(issued)[0].status == "accepted"
    stage.office = replace(office, settings=replace(office.settings, cdr_pins=f"sandbox:{'1' * 64}"))
    other = issue(stage, owner)
    assert stage.steps(other, 3) == ["doubt", "doubt", "doubt"]
    assert stage.seen(other)[0].status == "issued"


def test_an_answer_is_kept_once_and_bounded(stage_of: Callable[..., Stage], owner: Tenant) -> None:
    stage = stage_of(fault("http-502", times_each=99), fault("http-503", on=(Operation.STATUS_CDR,), times_each=99))
    issued = issue(stage, owner)
    stage.steps(issued, 8)
    with stage.office.database.read() as session:
        kept = session.scalars(
            select(EvidenceRecord).where(EvidenceRecord.document_id == issued.document_id)
        ).all()
        linked = session.scalars(select(AttemptRecord.evidence_id)).all()
    assert len(kept) <= 4
    assert None not in linked


