"""Summaries from the wish to the verdict, against a SUNAT that loses tickets, lies about them and refuses lines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from app.accounts import certificates
from app.accounts.models import AccountRecord, CertificateRecord
from app.cli import main
from app.clock import FixedClock, SystemClock, lima
from app.delivery.attempts import attempt
from app.delivery.due import due, rescue
from app.delivery.gathering import Gatherer
from app.documents.voiding import carriage_of, request_void, voiding_of
from app.http import Office
from app.ledger.models import (
    CARRIED,
    AttemptRecord,
    DeliveryRecord,
    DocumentRecord,
    EventRecord,
    SummaryLineRecord,
    SummaryRecord,
)
from app.ledger.summaries import store_summary
from app.problems import Conflict, Refused
from sunat.documents.summary import MOST_LINES
from sunat.numbering import SummaryId, VoucherId, parse_file_name
from sunat.sandbox import Ledger, Remark, Sandbox, State, Submission
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Plan, Rule
from sunat.sandbox.ledger import Entry, SummaryEntry
from sunat.sandbox.line import Line
from sunat.sandbox.rulebook import by_the_rules
from sunat.signing import Certificate, self_signed
from tests.support.builders import OTHER_RUC, RUC, Tenant, tenant
from tests.support.sandbox import authority
from tests.support.stored import Issued, store_voucher


def by_summary_rules(submission: Submission) -> Any:
    """The published rules over summaries; the vouchers of these tests are not what is tried."""
    return () if isinstance(submission.voucher, VoucherId) else by_the_rules(submission)


@dataclass(slots=True)
class Stage:
    """An office with a line into a SUNAT of its own, on the test's clock."""

    office: Office
    clock: FixedClock
    sandbox: Sandbox
    line: Line
    owner: Tenant
    most: int = MOST_LINES

    def issue(self, stem: str = "invoice", series: str = "F001", **more: Any) -> Issued:
        return store_voucher(
            self.office.database, self.owner, self.clock.now(), self.clock.today(), stem=stem, series=series, **more
        )

    def boletas(self, number: int) -> list[Issued]:
        """Boletas that a summary carries."""
        self.setting(boleta_channel="summary")
        made = [self.issue("boleta", "B001") for _ in range(number)]
        with self.office.database.write() as session:
            session.execute(update(DeliveryRecord).where(
                DeliveryRecord.id.in_([one.delivery_id for one in made])
            ).values(channel=CARRIED))
        return made

    def setting(self, **values: Any) -> None:
        with self.office.database.write() as session:
            session.execute(
                update(AccountRecord).where(AccountRecord.id == self.owner.account_id).values(**values)
            )

    def run(self, rounds: int = 1, every: timedelta = timedelta(hours=1)) -> None:
        """Gathers and makes what attempts are due, time passing after each round."""
        gatherer = Gatherer(self.office, most=self.most)
        for _ in range(rounds):
            gatherer.gather()
            rescue(self.office.database, self.clock.now())
            for delivery_id in due(self.office.database, self.clock.now(), limit=500):
                attempt(self.office, delivery_id, exchange=self.line.post)
            self.clock.advance(every)

    def void(self, issued: Issued, reason: str = "ERROR EN EL CLIENTE") -> dict[str, Any]:
        with self.office.database.write() as session:
            document = session.get_one(DocumentRecord, issued.document_id, with_for_update=True)
            request_void(session, document, reason=reason, now=self.clock.now(), actor="test")
        return self.voiding(issued)

    def voiding(self, issued: Issued) -> dict[str, Any]:
        with self.office.database.read() as session:
            return voiding_of(session, session.get_one(DocumentRecord, issued.document_id)) or {}

    def status(self, issued: Issued) -> str:
        with self.office.database.read() as session:
            return session.get_one(DocumentRecord, issued.document_id).status

    def statuses(self, *issued: Issued) -> list[str]:
        return [self.status(one) for one in issued]

    def delivery(self, issued: Issued) -> DeliveryRecord:
        with self.office.database.read() as session:
            return session.get_one(DeliveryRecord, issued.delivery_id)

    def summaries(self) -> list[SummaryRecord]:
        with self.office.database.read() as session:
            return list(session.scalars(select(SummaryRecord).order_by(SummaryRecord.id)))

    def lines(self) -> list[list[int]]:
        """The vouchers of each summary."""
        with self.office.database.read() as session:
            return [
                list(session.scalars(
                    select(SummaryLineRecord.document_id).where(SummaryLineRecord.summary_id == one.id)
                ))
                for one in session.scalars(select(SummaryRecord).order_by(SummaryRecord.id))
            ]

    def told(self) -> list[tuple[str, str]]:
        """Operation and result of every attempt at a summary."""
        with self.office.database.read() as session:
            return [(row.operation, row.code or row.result) for row in session.scalars(
                select(AttemptRecord).join(DeliveryRecord, DeliveryRecord.id == AttemptRecord.delivery_id)
                .where(DeliveryRecord.summary_id.is_not(None)).order_by(AttemptRecord.id)
            )]

    def events(self, kind: str) -> list[dict[str, Any]]:
        with self.office.database.read() as session:
            return list(session.scalars(
                select(EventRecord.data).where(EventRecord.kind == kind).order_by(EventRecord.id)
            ))

    def held(self, text: str, code: str = "03") -> Entry | None:
        series, _, number = text.partition("-")
        return self.sandbox.ledger.get(VoucherId(ruc=RUC, type_code=code, series=series, number=int(number)))


@cache
def certificate() -> Certificate:
    return self_signed(RUC, "EMPRESA EMISORA S.A.C.", now=datetime(2026, 11, 20, tzinfo=UTC))


def signing_tenant(office: Office) -> Tenant:
    """A tenant with a certificate, for summaries are signed when they are gathered."""
    owner = tenant(office.database, office.clock.now())
    with office.database.write() as session:
        account = session.get_one(AccountRecord, owner.account_id)
        account.data_key_sealed = office.vault.new_data_key()
        session.flush()
        certificates.add(session, office.vault, account, certificate(), now=office.clock.now())
    return owner


@pytest.fixture
def stage_of(office: Office, clock: FixedClock) -> Iterator[Callable[..., Stage]]:
    ledgers: list[Ledger] = []

    def make(*rules: Rule, judge: Any = by_summary_rules, seconds: float = 0) -> Stage:
        ledgers.append(Ledger())
        sandbox = Sandbox(
            ledgers[-1], now=clock.now, judge=judge, authority=authority(), plan=Plan(rules, seed=1),
            ticket_seconds=seconds,
        )
        line = Line(sandbox, sleep=lambda waited: clock.advance(timedelta(seconds=waited)))
        return Stage(office=office, clock=clock, sandbox=sandbox, line=line, owner=signing_tenant(office))

    yield make
    for ledger in ledgers:
        ledger.close()


_OFTEN = 4


def fault(mode: str, on: Operation, **more: Any) -> Rule:
    return Rule(modes=(mode,), operations=(on,), **{"times": 1, **more})


# --- voiding ------------------------------------------------------------------------------------------------


def test_a_factura_is_voided_by_communication(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(seconds=1800)
    issued = stage.issue()
    stage.run()
    wish = stage.void(issued)
    assert (wish["channel"], wish["state"], wish["id"]) == ("RA", "requested", None)
    stage.run(every=timedelta(minutes=10))
    under_way = stage.voiding(issued)
    today = f"{lima(stage.clock.now()):%Y%m%d}"
    assert (under_way["state"], under_way["id"], len(under_way["ticket"])) == ("sent", f"RA-{today}-1", 15)
    assert stage.status(issued) == "accepted"
    stage.run(3)
    assert (stage.status(issued), stage.voiding(issued)["state"]) == ("voided", "accepted")
    assert [one for one, _ in stage.told()][:2] == ["sendSummary", "getStatus.ticket"]
    assert stage.events("document.voided")[0]["channel"] == "RA"
    with pytest.raises(Conflict, match="ALREADY_VOIDED"):
        stage.void(issued)


def test_a_boleta_is_voided_by_summary_and_a_boleta_is_not_by_communication(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    issued = stage.issue("boleta", "B001")
    stage.run()
    assert stage.void(issued)["channel"] == "RC"
    stage.run(3)
    assert stage.status(issued) == "voided"
    entry = stage.held("B001-1")
    assert entry is not None
    assert entry.state is State.VOIDED


def test_wishes_of_one_day_go_together_and_of_two_days_apart(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    first, second = stage.issue(), stage.issue()
    stage.run(every=timedelta(days=1))
    third = stage.issue()
    stage.run()
    for one in (first, second, third):
        stage.void(one)
    stage.run(3)
    assert stage.statuses(first, second, third) == ["voided"] * 3
    assert len(stage.summaries()) == 2


def test_a_wish_waits_for_the_vouchers_own_answer(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(fault("work-then-hang", Operation.SEND_BILL))
    issued = stage.issue()
    stage.run()
    assert stage.void(issued)["state"] == "queued"
    with pytest.raises(Conflict, match="VOID_UNDER_WAY"):
        stage.void(issued)
    assert stage.summaries() == []
    stage.run(4)
    assert stage.status(issued) == "voided"
    codes = [row.operation for row in stage.sandbox.ledger.receptions()]
    assert codes.index("getStatusCdr") < codes.index("sendSummary")


def test_a_wish_for_a_voucher_that_is_rejected_comes_to_nothing(stage_of: Callable[..., Stage]) -> None:
    def rejecting(submission: Submission) -> Any:
        return (Remark(code="2800", text="no", severe=True),)

    stage = stage_of(judge=rejecting)
    issued = stage.issue()
    stage.void(issued)
    stage.run(2)
    assert (stage.status(issued), stage.voiding(issued)["state"]) == ("rejected", "refused")
    with pytest.raises(Conflict, match="NOT_VOIDABLE"):
        stage.void(issued)


def test_the_last_day_and_the_day_after(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    first, second = stage.issue(), stage.issue()
    stage.run()
    stage.clock.advance(timedelta(days=7) - timedelta(hours=1))
    assert stage.void(first)["deadline"].startswith((stage.clock.today()).isoformat())
    stage.run(3)
    assert stage.status(first) == "voided"
    stage.clock.advance(timedelta(days=1))
    with pytest.raises(Refused, match="VOID_TOO_LATE") as refused:
        stage.void(second)
    assert refused.value.extra["instead"]["references"][0]["reference_code"] == "01"


def test_a_voiding_that_sunat_refuses_leaves_the_voucher_and_the_way_open(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    issued = stage.issue()
    stage.run()
    stage.sandbox.ledger._db.execute("UPDATE voucher SET state = 'rejected'")
    stage.void(issued)
    stage.run(3)
    assert (stage.status(issued), stage.voiding(issued)["state"]) == ("accepted", "refused")
    assert stage.events("document.void_refused")[0]["code"] == "2398"
    assert stage.void(issued)["state"] == "requested"


# --- daily summaries ----------------------------------------------------------------------------------------


def test_boletas_go_together_after_a_while(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    made = stage.boletas(3)
    stage.run(every=timedelta(minutes=10))
    assert stage.summaries() == []
    stage.clock.advance(timedelta(minutes=30))
    stage.run(3)
    assert stage.statuses(*made) == ["accepted"] * 3
    assert len(stage.summaries()) == 1
    with stage.office.database.read() as session:
        told = carriage_of(session, session.get_one(DocumentRecord, made[0].document_id))
    assert told is not None
    assert (told["state"], told["id"][:3], len(told["ticket"])) == ("accepted", "RC-", 15)
    assert {stage.delivery(one).state for one in made} == {"done"}
    assert all(stage.delivery(one).attempt == 0 for one in made)


def test_more_than_a_summary_takes_are_split_by_themselves(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    made = stage.boletas(7)
    stage.clock.advance(timedelta(hours=1))
    stage.most = 3
    stage.run(3)
    assert stage.statuses(*made) == ["accepted"] * 7
    assert [len(lines) for lines in stage.lines()] == [3, 3, 1]


@pytest.mark.long
def test_twelve_hundred_boletas_are_three_summaries(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(judge=lambda submission: ())
    made = stage.boletas(1200)
    stage.clock.advance(timedelta(hours=1))
    stage.run(3)
    assert set(stage.statuses(*made)) == {"accepted"}
    assert [len(lines) for lines in stage.lines()] == [500, 500, 200]


@pytest.mark.parametrize("named", [True, False])
def test_a_bad_line_is_found_and_the_others_are_told_once(stage_of: Callable[..., Stage], named: bool) -> None:
    """By the name in the refusal where there is one, by halving where there is none."""
    def judge(submission: Submission) -> Any:
        if b"<cbc:ID>B001-6</cbc:ID>" in submission.content:
            return (Remark(code="2017", text=f"no{' B001-6' if named else ''}", severe=True),)
        return ()

    stage = stage_of(judge=judge)
    made = stage.boletas(9)
    stage.clock.advance(timedelta(hours=1))
    stage.run(10)
    assert stage.statuses(*made) == ["accepted"] * 5 + ["issued"] + ["accepted"] * 3
    guilty = stage.delivery(made[5])
    assert (guilty.state, guilty.phase, guilty.reason, guilty.last_code) == ("held", "absent", "summary", "2017")
    accepted = [one for one in stage.summaries() if one.state == "accepted"]
    assert stage.sandbox.ledger.count() == 8
    assert len(accepted) == (1 if named else 3)
    assert stage.held("B001-6") is None


def test_a_boleta_that_sunat_knows_already_is_asked_for(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    made = stage.boletas(4)
    with stage.office.database.read() as session:
        row = session.get_one(DocumentRecord, made[2].document_id)
        stage.sandbox.ledger.add(Entry(
            voucher=VoucherId(ruc=RUC, type_code="03", series="B001", number=3), state=State.ACCEPTED,
            sha256="0" * 64, received_at=stage.clock.now(), issue_date=row.issue_date,
        ))
    stage.clock.advance(timedelta(hours=1))
    stage.run(8)
    assert stage.statuses(*made) == ["accepted"] * 4


def test_a_boleta_past_its_term_goes_in_a_summary_by_itself(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    issued = stage.issue("boleta", "B001", deadline=stage.clock.now() + timedelta(days=5))
    stage.clock.advance(timedelta(days=6))
    stage.run(4)
    assert (stage.status(issued), stage.delivery(issued).channel) == ("accepted", CARRIED)
    assert next(row.operation for row in stage.sandbox.ledger.receptions()) == "sendSummary"


def test_the_day_before_its_term_only_for_who_wants_that(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(fault("refused", Operation.SEND_BILL, times=None))
    issued = stage.issue("boleta", "B001", deadline=stage.clock.now() + timedelta(hours=20))
    stage.run(2)
    assert stage.delivery(issued).channel == "bill"
    stage.setting(boleta_channel="individual_then_summary")
    stage.clock.advance(timedelta(hours=1))
    stage.run(4)
    assert stage.status(issued) == "accepted"


# --- lost, wrong and stale tickets --------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "on"), [
    ("work-then-reset", Operation.SEND_SUMMARY), ("work-then-hang", Operation.SEND_SUMMARY),
    ("empty-200-after-work", Operation.SEND_SUMMARY), ("null-answer", Operation.SEND_SUMMARY),
    ("http-502", Operation.SEND_SUMMARY), ("busy", Operation.SEND_SUMMARY),
    ("hang-before-work", Operation.SEND_SUMMARY),
    ("refused", Operation.SEND_SUMMARY), ("ticket-wrong", Operation.SEND_SUMMARY),
    ("summary-in-process", Operation.SEND_SUMMARY), ("summary-repeated", Operation.SEND_SUMMARY),
    ("summary-id-taken", Operation.SEND_SUMMARY), ("ticket-padded", Operation.TICKET),
    ("ticket-in-process", Operation.TICKET), ("ticket-in-process-padded", Operation.TICKET),
    ("ticket-done-empty", Operation.TICKET), ("ticket-failed-empty", Operation.TICKET),
    ("ticket-unknown", Operation.TICKET), ("ticket-unknown-text", Operation.TICKET),
    ("ticket-other-cdr", Operation.TICKET), ("ticket-cdr-cut", Operation.TICKET), ("work-then-hang", Operation.TICKET),
    ("http-502", Operation.TICKET), ("empty-200", Operation.TICKET),
])
def test_whatever_happens_to_a_ticket_the_end_is_sunats(
    stage_of: Callable[..., Stage], mode: str, on: Operation
) -> None:
    """Four times in a row, two boletas and a voiding end as SUNAT's record says, with nothing told twice."""
    stage = stage_of()
    factura, made = stage.issue(), stage.boletas(2)
    stage.run()
    by_id = mode.startswith("summary")  # each id is another summary: there, so often in all
    stage.sandbox.plan.add(fault(mode, on, times=_OFTEN if by_id else None, times_each=None if by_id else _OFTEN))
    stage.void(factura)
    stage.clock.advance(timedelta(hours=1))
    for _ in range(24):
        stage.run(every=timedelta(hours=2))
        if stage.statuses(factura, *made) == ["voided", "accepted", "accepted"]:
            break
    assert stage.statuses(factura, *made) == ["voided", "accepted", "accepted"], stage.told()
    assert stage.voiding(factura)["state"] == "accepted"
    entry = stage.held("F001-1", "01")
    assert entry is not None
    assert entry.state is State.VOIDED
    accepted = [one for one in stage.sandbox.ledger.summaries() if one.state is State.ACCEPTED]
    assert len(accepted) == 2


@pytest.mark.parametrize("beforehand", [1, 2, 3])
def test_what_was_voided_at_the_portal_speaks_for_no_other(
    stage_of: Callable[..., Stage], beforehand: int
) -> None:
    """A communication that SUNAT never read is not taken for read because one of its vouchers was voided before."""
    stage = stage_of()
    sold = [stage.issue() for _ in range(3)]
    stage.run()
    for one in sold:
        stage.void(one)
    stage.sandbox.ledger._db.execute("UPDATE voucher SET state = 'voided' WHERE number = ?", (beforehand,))
    stage.sandbox.plan.add(fault("hang-before-work", Operation.SEND_SUMMARY, times=1))
    for _ in range(16):
        stage.run()
        for number, one in enumerate(sold, 1):
            entry = stage.held(f"F001-{number}", "01")
            assert entry is not None
            assert stage.status(one) != "voided" or entry.state is State.VOIDED, stage.told()
    others = [one for number, one in enumerate(sold, 1) if number != beforehand]
    assert stage.statuses(*others) == ["voided", "voided"], stage.told()


def test_an_id_that_another_system_took_is_left_to_it(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    made = stage.boletas(1)
    stage.clock.advance(timedelta(hours=1))
    Gatherer(stage.office).gather()
    ours = stage.summaries()[0]
    stage.sandbox.ledger.add_summary(SummaryEntry(
        summary=_identity(ours), state=State.ACCEPTED, ticket="7", sha256="0" * 64, received_at=stage.clock.now(),
        ready_at=stage.clock.now(),
    ))
    stage.run(7)
    assert [(one.number, one.state) for one in stage.summaries()] == [(1, "taken"), (2, "accepted")]
    assert stage.status(made[0]) == "accepted"


def test_a_process_that_dies_while_sending_asks_first(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    made = stage.boletas(1)
    stage.clock.advance(timedelta(hours=1))
    Gatherer(stage.office).gather()
    with stage.office.database.write() as session:
        session.execute(
            update(DeliveryRecord).where(DeliveryRecord.summary_id.is_not(None))
            .values(state="sending", attempt=1, tries=1, next_at=stage.clock.now())
        )
    stage.run(6)
    assert stage.status(made[0]) == "accepted"
    assert [one for one, _ in stage.told()][:2] == ["validaCDPcriterios", "sendSummary"]


def test_a_summary_held_for_its_packaging_goes_again_by_the_command_line(
    stage_of: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_of()
    made = stage.boletas(1)
    stage.clock.advance(timedelta(hours=1))
    Gatherer(stage.office).gather()
    with stage.office.database.write() as session:
        row = session.scalars(select(DeliveryRecord).where(DeliveryRecord.summary_id.is_not(None))).one()
        row.state, row.phase, row.reason, row.last_code = "held", "absent", "packaging", "0151"
        held = row.id
    monkeypatch.setenv("DATABASE_URL", stage.office.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CHASQUI_KEY", stage.office.settings.master_key)
    monkeypatch.setattr(SystemClock, "now", lambda _: stage.clock.now())

    def told(*words: str) -> str:
        answer = CliRunner().invoke(main, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.output

    queue = told("deliveries", "--account", RUC)
    assert f"{held:>8} RC RC-" in queue
    stage.run(2)
    assert stage.status(made[0]) == "issued"
    assert "waiting/fresh" in told("delivery", "retry", str(held))
    stage.run(3)
    assert stage.status(made[0]) == "accepted"
    assert stage.events("delivery.retried")[0]["summary"].startswith("RC-")
    refused = CliRunner().invoke(main, ["delivery", "release", str(held)])
    assert refused.exit_code == 1
    assert "accepted" in refused.output


def _identity(row: SummaryRecord) -> SummaryId:
    found = parse_file_name(f"{row.ruc}-{row.full_number}")
    assert isinstance(found, SummaryId)
    return found


def test_a_fault_at_one_issuers_stops_no_other(stage_of: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stage_of()
    stage.boletas(1)
    other = replace(stage, owner=tenant(stage.office.database, stage.clock.now(), ruc=OTHER_RUC))
    (theirs,) = other.boletas(1)
    broken = stage.owner.account_id

    def faulty(self: Gatherer, session: Any, account: AccountRecord, *more: Any) -> bool:
        if account.id == broken:
            raise ZeroDivisionError
        summary = SummaryRecord(
            account_id=account.id, environment=account.environment, ruc=account.ruc, kind="RC", number=1,
            day=stage.clock.today(), reference_date=stage.clock.today(), xml=b"<x/>", digest="d",
            created_at=stage.clock.now(),
        )
        store_summary(session, summary, more[2], deadline=None, not_before=stage.clock.now(), now=stage.clock.now())
        return True

    monkeypatch.setattr(Gatherer, "_make", faulty)
    stage.clock.advance(timedelta(days=1))
    assert Gatherer(stage.office).gather() == 1
    assert stage.lines() == [[theirs.document_id]]


def test_two_that_gather_at_once_tell_a_boleta_once(
    stage_of: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_of()
    issued = stage.boletas(3)
    stage.clock.advance(timedelta(days=1))
    make, inside, go_on = Gatherer._make, threading.Event(), threading.Event()

    def slow(self: Gatherer, *given: Any) -> bool:
        inside.set()
        go_on.wait(3)
        return make(self, *given)

    monkeypatch.setattr(Gatherer, "_make", slow)
    both = [threading.Thread(target=Gatherer(stage.office).gather) for _ in range(2)]
    both[0].start()
    assert inside.wait(20)
    both[1].start()
    time.sleep(1)
    go_on.set()
    for one in both:
        one.join(60)
    assert [sorted(one) for one in stage.lines()] == [[one.document_id for one in issued]]


def test_an_account_that_cannot_sign_goes_on_sending_and_gathers_when_it_can(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    (boleta,), sold = stage.boletas(1), stage.issue()
    expired = {CertificateRecord.valid_to: stage.clock.now()}
    stage.clock.advance(timedelta(days=1))
    with stage.office.database.write() as session:
        session.execute(update(CertificateRecord).values(expired))
    stage.run(2)
    assert (stage.status(sold), stage.summaries()) == ("accepted", [])
    assert [one["code"] for one in stage.events("summary.not_signed")] == ["CERTIFICATE_EXPIRED"], "told once"
    with stage.office.database.write() as session:
        session.execute(update(CertificateRecord).values({
            CertificateRecord.valid_to: stage.clock.now() + timedelta(days=9)
        }))
    stage.run(2)
    assert stage.status(boleta) == "accepted"
