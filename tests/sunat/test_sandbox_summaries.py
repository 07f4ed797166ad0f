"""Summaries at the sandbox: taken as a whole or not at all, told by tickets, with every fault a ticket may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sunat.cdr import Cdr, Outcome, read_cdr
from sunat.documents.communication import Communication
from sunat.errors import Fault, UnknownOutcome
from sunat.kinds import SUMMARIES, summary_form
from sunat.numbering import SummaryId, VoucherId
from sunat.sandbox import Ledger, Sandbox
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import MODES, Plan, Rule
from sunat.sandbox.ledger import Entry, State
from sunat.sandbox.line import Line
from sunat.sandbox.rulebook import by_the_rules
from sunat.transport import DONE, FAILED, IN_PROCESS, Credentials, TicketService, TicketState, pack, unpack_cdr
from sunat.transport.endpoints import PATHS, Environment
from sunat.ubl.render import render
from tests.support.communications import MADE, OF, note, summary, told, voided
from tests.support.sandbox import authority
from tests.support.signing import fixed_signer

RUC = "20123456786"
USER = Credentials(ruc=RUC, user="MODDATOS", password="moddatos")
NOON = datetime(2026, 11, 21, 17, tzinfo=UTC)


@dataclass(slots=True)
class Stage:
    sandbox: Sandbox
    line: Line
    now: datetime = NOON

    def send(self, content: Communication, number: int = 1) -> str:
        kind, file, zipped = sealed(content, number)
        return self.service(kind).send_summary(file, zipped, USER).ticket

    def service(self, kind: str) -> TicketService:
        path = PATHS[Environment.SANDBOX, summary_form(kind).service]
        return TicketService(f"http://sandbox{path}", exchange=self.line.post)

    def look(self, ticket: str, kind: str = "RC") -> TicketState:
        return self.service(kind).status(ticket, USER)

    def holds(self, text: str, code: str = "01", state: State = State.ACCEPTED, issued: date = OF) -> None:
        series, _, number = text.partition("-")
        assert self.sandbox.ledger.add(Entry(
            voucher=VoucherId(ruc=RUC, type_code=code, series=series, number=int(number)), state=state,
            sha256="0" * 64, received_at=self.now, issue_date=issued,
        ))

    def state(self, text: str, code: str = "03") -> State | None:
        series, _, number = text.partition("-")
        found = self.sandbox.ledger.get(VoucherId(ruc=RUC, type_code=code, series=series, number=int(number)))
        return found.state if found else None


def sealed(content: Communication, number: int) -> tuple[str, str, bytes]:
    form = summary_form(content.TYPE_CODE)
    identity = SummaryId(ruc=RUC, kind=form.code, date=MADE, number=number)
    series = identity.text.rpartition("-")[0]
    xml = fixed_signer().sign(render(content, template=form.template, series=series).numbered(number)).xml
    return form.code, f"{identity.file_name}.zip", pack(identity.file_name, xml)


def opened(state: TicketState, kind: str = "RC", number: int = 1) -> Cdr:
    identity = SummaryId(ruc=RUC, kind=summary_form(kind).code, date=MADE, number=number)
    return read_cdr(
        unpack_cdr(state.content, identity.file_name), voucher_file_name=identity.file_name, ruc=RUC,
        voucher_text=identity.text,
    )


@pytest.fixture
def stage_of() -> Iterator[Callable[..., Stage]]:
    ledgers: list[Ledger] = []

    def make(*rules: Rule, seconds: float = 0) -> Stage:
        ledgers.append(Ledger())
        stage: Stage

        def now() -> datetime:
            return stage.now

        def sleep(passed: float) -> None:
            stage.now += timedelta(seconds=passed)

        sandbox = Sandbox(
            ledgers[-1], now=now, judge=by_the_rules, authority=authority(), plan=Plan(rules, seed=1),
            ticket_seconds=seconds,
        )
        stage = Stage(sandbox=sandbox, line=Line(sandbox, sleep=sleep))
        return stage

    yield make
    for ledger in ledgers:
        ledger.close()


def test_boletas_are_added_and_voided_by_summary(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(seconds=60)
    ticket = stage.send(summary())
    assert (stage.look(ticket).code, stage.look(ticket).content) == (IN_PROCESS, b"")
    with pytest.raises(Fault) as refused:
        stage.send(summary())
    assert refused.value.code == "0402"
    stage.now += timedelta(seconds=60)
    state = stage.look(ticket)
    assert (state.code, opened(state).outcome) == (DONE, Outcome.ACCEPTED)
    assert [stage.state(f"B001-{number}") for number in (1, 2)] == [State.ACCEPTED] * 2
    with pytest.raises(Fault) as refused:
        stage.send(summary())
    assert refused.value.code == "2223"
    later = stage.send(summary(told(condition="3")), number=2)
    stage.now += timedelta(seconds=60)
    assert opened(stage.look(later), number=2).outcome is Outcome.ACCEPTED
    assert [stage.state(f"B001-{number}") for number in (1, 2)] == [State.VOIDED, State.ACCEPTED]


def test_one_bad_line_rejects_all_of_it_and_the_id_may_be_used_again(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    stage.holds("B001-2", "03")
    state = stage.look(stage.send(summary(told(), told("B001-2"))))
    assert (state.code, opened(state).code) == (FAILED, "2282")
    assert "B001-2" in opened(state).description
    assert stage.state("B001-1") is None
    again = stage.look(stage.send(summary(told())))
    assert again.code == DONE
    assert stage.state("B001-1") is State.ACCEPTED


@pytest.mark.parametrize(("line", "state", "code"), [
    (told(condition="3"), None, "2663"), (told(condition="2"), None, "2663"),
    (told(condition="1"), State.VOIDED, "2987"), (told(condition="3"), State.REJECTED, "2987"),
    (note(), None, "2989"),
    (told(identity_code="6", identity_number="1"), None, "2017"),
])
def test_what_a_summary_is_rejected_for(stage_of: Callable[..., Stage], line: Any, state: State | None, code: str
                                        ) -> None:
    stage = stage_of()
    if state is not None:
        stage.holds("B001-1", "03", state)
    assert opened(stage.look(stage.send(summary(line)))).code == code


def test_a_voiding_past_its_term(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    stage.holds("B001-1", "03")
    stage.now += timedelta(days=7)
    assert opened(stage.look(stage.send(summary(told(condition="3"))))).code == "2957"


@pytest.mark.parametrize(("kind", "held", "issued", "code"), [
    ("RA", State.ACCEPTED, OF, "0"), ("RA", None, OF, "2105"), ("RA", State.REJECTED, OF, "2398"),
    ("RA", State.VOIDED, OF, "2323"), ("RA", State.ACCEPTED, date(2026, 11, 19), "2375"),
    ("RR", State.ACCEPTED, OF, "0"), ("RR", None, OF, "2750"), ("RR", State.VOIDED, OF, "2751"),
])
def test_voidings_and_reversals(
    stage_of: Callable[..., Stage], kind: str, held: State | None, issued: date, code: str
) -> None:
    stage = stage_of()
    what = ("20", "R001") if kind == "RR" else ("01", "F001")
    if held is not None:
        stage.holds(f"{what[1]}-12", what[0], held, issued)
    content = voided(what, reversal=kind == "RR")
    assert opened(stage.look(stage.send(content), kind), kind).code == code
    if code == "0":
        assert stage.state(f"{what[1]}-12", what[0]) is State.VOIDED


def test_each_service_takes_its_own_and_each_caller_sees_his_own(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of()
    _, file, zipped = sealed(voided(("20", "R001"), reversal=True), 1)
    with pytest.raises(Fault) as refused:
        stage.service("RA").send_summary(file, zipped, USER)
    assert refused.value.code == "0151"
    ticket = stage.send(summary())
    other = Credentials(ruc="20987654326", user="MODDATOS", password="moddatos")
    for caller, said in ((USER, "77"), (other, ticket)):
        with pytest.raises(Fault) as refused:
            stage.service("RC").status(said, caller)
        assert refused.value.code == "0127"


def rule(mode: str, on: Operation = Operation.TICKET, **more: Any) -> Rule:
    return Rule(modes=(mode,), operations=(on,), **{"times": 1, **more})


@pytest.mark.parametrize(("mode", "code", "content"), [
    ("ticket-padded", DONE, True), ("ticket-in-process", IN_PROCESS, False),
    ("ticket-in-process-padded", IN_PROCESS, False), ("ticket-done-empty", DONE, False),
    ("ticket-failed-empty", FAILED, False), ("ticket-unknown-text", "0127", False), ("ticket-cdr-cut", DONE, True),
    ("ticket-other-cdr", DONE, True),
])
def test_faults_of_a_state(stage_of: Callable[..., Stage], mode: str, code: str, content: bool) -> None:
    stage = stage_of(rule(mode))
    stage.send(summary(told("B001-7")), number=7)
    ticket = stage.send(summary())
    state = stage.look(ticket)
    assert (state.code, bool(state.content)) == (code, content)
    assert opened(stage.look(ticket)).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(("mode", "code", "works"), [
    ("summary-in-process", "0402", True), ("summary-repeated", "2223", True), ("summary-id-taken", "2223", False),
])
def test_faults_of_taking(stage_of: Callable[..., Stage], mode: str, code: str, works: bool) -> None:
    stage = stage_of(rule(mode, Operation.SEND_SUMMARY))
    with pytest.raises(Fault) as refused:
        stage.send(summary())
    assert refused.value.code == code
    assert (stage.state("B001-1") is State.ACCEPTED) is works


def test_a_wrong_ticket_and_a_lost_one(stage_of: Callable[..., Stage]) -> None:
    stage = stage_of(rule("ticket-wrong", Operation.SEND_SUMMARY), rule("null-answer", Operation.SEND_SUMMARY))
    ticket = stage.send(summary())
    with pytest.raises(Fault) as refused:
        stage.look(ticket)
    assert refused.value.code == "0127"
    with pytest.raises(UnknownOutcome):
        stage.send(summary(told("B001-5")), number=2)
    assert stage.state("B001-5") is State.ACCEPTED


def test_the_modes_of_tickets_fit_what_they_are_for() -> None:
    named = [mode for mode in MODES.values() if mode.name.startswith(("ticket", "summary"))]
    assert {frozenset(mode.operations) for mode in named} == {
        frozenset({Operation.TICKET}), frozenset({Operation.SEND_SUMMARY})
    }
    assert len(named) == 13


def test_summaries_of_all_kinds_are_listed() -> None:
    kinds: Sequence[str] = [form.code for form in SUMMARIES]
    assert kinds == ["RC", "RA", "RR"]
