"""Every fault by itself, the plan that chooses among them, and the files it is read from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial

import pytest

from sunat.cdr import Outcome as Verdict
from sunat.cdr import read_cdr
from sunat.errors import CdrError, Fault, FormatError, NotSent, SunatError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.sandbox import MODES, Asked, Line, Mode, Operation, Outcome, Plan, Remark, Rule, State, Submission, Wire
from sunat.sandbox.faults.scenario import read_rules, read_scenario, written_rule
from sunat.transport import BillService, pack, unpack_cdr
from tests.sunat.test_sandbox_queries import bearer, criteria, form, question
from tests.support.asking import (
    CONSULT,
    LIVE,
    NAME,
    OSE,
    REST,
    SIGNED,
    TOKEN,
    VALIDITY,
    Place,
    cdr_of,
    envelope,
    refused,
    said,
    sending,
    signed_invoice,
)
from tests.support.sandbox import MODDATOS, NOW, PATH, authority
from tests.support.signing import RUC

GUIDES = "/v1/contribuyente/gem/comprobantes"
NAMES = list(MODES)
SENDABLE = [name for name in NAMES if MODES[name].fits(Operation.SEND_BILL)]
VOUCHER = VoucherId(ruc=RUC, type_code="01", series="F001", number=1)


def always(*modes: str, **more: object) -> Plan:
    return Plan([Rule(modes=modes, **more)])  # type: ignore[arg-type]


def rejecting(_: Submission) -> Sequence[Remark]:
    return (Remark(code="2800", text="no", severe=True),)


def one_call(place: Place, operation: Operation) -> Outcome:
    """A call of each operation about the same voucher."""
    four = {"rucComprobante": RUC, "tipoComprobante": "01", "serieComprobante": "F001", "numeroComprobante": "1"}
    calls = {
        Operation.SEND_BILL: (PATH, sending()),
        Operation.SEND_SUMMARY: (PATH, envelope("sendSummary", {
            "fileName": f"{RUC}-RC-20261120-1.zip", "contentFile": "",
        })),
        Operation.TICKET: (PATH, envelope("getStatus", {"ticket": "1"})),
        Operation.STATUS: (CONSULT, envelope("getStatus", four)),
        Operation.STATUS_CDR: (CONSULT, envelope("getStatusCdr", four)),
        Operation.CRITERIA: (VALIDITY, envelope("validaCDPcriterios", criteria())),
        Operation.FILE: (VALIDITY, envelope("verificaCPEarchivo", {"nombre": f"{NAME}.xml", "archivo": ""})),
        Operation.TOKEN: (TOKEN, form()),
        Operation.REST: (REST, question(codComp="01", numeroSerie="F001")),
        Operation.GUIDE_TOKEN: ("/v1/clientessol/x/oauth2/token/", form()),
        Operation.SEND_GUIDE: (f"{GUIDES}/{RUC}-09-T001-1", b"{}"),
        Operation.GUIDE_TICKET: (f"{GUIDES}/envios/1", b""),
    }
    path, body = calls[operation]
    method = "GET" if operation is Operation.GUIDE_TICKET else "POST"
    return place.ask(path, body, method=method, authorization="Bearer x")


# --- the table ---------------------------------------------------------------------------------------------


def test_there_are_enough_and_each_says_what_it_imitates() -> None:
    assert len(MODES) >= 100
    assert len({mode.es for mode in MODES.values()}) == len(MODES)
    assert len({mode.en for mode in MODES.values()}) == len(MODES)
    for name, mode in MODES.items():
        assert name == mode.name
        assert mode.operations
        assert Operation.UNKNOWN not in mode.operations
    assert {operation for mode in MODES.values() for operation in mode.operations} == set(Operation) - {
        Operation.UNKNOWN
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_happens_to_each_of_its_operations(name: str) -> None:
    """Before anything is on record and after; the answer is always one that HTTP and the wire can carry."""
    mode = MODES[name]
    for known in (False, True):
        place = Place()
        if known:
            place.send()
        place.sandbox.plan.add(Rule(modes=(name,)))
        for operation in mode.operations:
            outcome = one_call(place, operation)
            assert outcome.mode == name
            assert outcome.status in {0, 200, 301, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504}
            assert (outcome.status == 0) == (outcome.body == b"" and outcome.wire is not Wire.WHOLE)
            assert all("\n" not in value and "\r" not in value for _, value in outcome.headers)
        noted = place.ledger.receptions()[-len(mode.operations):]
        assert {one.mode for one in noted} == {name}


@pytest.mark.parametrize("name", SENDABLE)
def test_a_mode_does_the_work_or_does_not_as_its_row_says(name: str) -> None:
    place = Place(always(name))
    place.send()
    place.later(hours=1)
    place.sandbox.catch_up()
    registered = name == "throttle" or MODES[name].works
    assert place.ledger.count() == int(registered)


@pytest.mark.parametrize("path", [PATH, LIVE, OSE])
@pytest.mark.parametrize("judge", [lambda _: (), rejecting], ids=["good", "bad"])
@pytest.mark.parametrize("name", SENDABLE)
def test_no_mode_makes_a_careful_client_believe_a_falsehood(name: str, judge: object, path: str) -> None:
    """A CDR that is ours, signed and by the known authority says what the record says; sound modes always give one."""
    place = Place(always(name), judge=judge)
    line = Line(place.sandbox, sleep=lambda seconds: place.later(seconds=seconds))
    service = BillService(f"http://sunat.test{path}", exchange=line.post)
    verdict = None
    try:
        answer = service.send_bill(f"{NAME}.zip", pack(NAME, SIGNED), MODDATOS)
        cdr = read_cdr(unpack_cdr(answer.cdr_zip, NAME), voucher_file_name=NAME, ruc=RUC, voucher_text="F001-1")
    except SunatError as error:
        assert isinstance(error, NotSent | UnknownOutcome | Fault | CdrError)  # noqa: PT017 - one of four
    else:
        if cdr.signature == "valid" and cdr.signed_by == authority().fingerprint:
            verdict = State.REJECTED if cdr.outcome is Verdict.REJECTED else State.ACCEPTED
    entry = place.ledger.get(VOUCHER)
    assert verdict is None or (entry is not None and entry.state is verdict)
    assert not MODES[name].sound or verdict is not None


# --- some of them by themselves ----------------------------------------------------------------------------


def test_a_message_that_arrives_late() -> None:
    """Two quick "not found" answers, and the voucher is registered all the same: five minutes later."""
    place = Place(always("late-work", times=1))
    assert place.send().wire is Wire.RESET
    assert place.sandbox.waiting == 1
    assert [said(place.consult("getStatus"))[0] for _ in range(2)] == ["0011", "0011"]
    place.later(seconds=299)
    assert said(place.consult("getStatus"))[0] == "0011"
    place.later(seconds=1)
    assert said(place.consult("getStatus"))[0] == "0001"
    assert place.sandbox.waiting == 0
    (entry,) = place.ledger
    assert entry.received_at == NOW + timedelta(minutes=5)


def test_a_proxy_that_repeats() -> None:
    place = Place(always("sent-twice", times=1))
    assert refused(place.send()) == "1033"
    assert place.ledger.count() == 1
    assert cdr_of(place.consult("getStatusCdr")).code == "0"


def test_a_throttle_by_address() -> None:
    place = Place(always("throttle"))
    sent = [signed_invoice(number) for number in range(1, 17)]
    assert [place.send(*one).status for one in sent[:15]] == [200] * 15
    assert place.send(*sent[15]).header("content-type") == "text/html"
    assert place.ask(PATH, sending(*sent[15]), peer="10.0.0.2").status == 200
    place.later(seconds=89)
    assert place.send().status == 500
    place.later(seconds=1)
    assert refused(place.send()) == "1033"
    place.later(seconds=11)
    assert place.consult("getStatus").status == 200


def test_clocks_that_are_wrong() -> None:
    for name, shown in (("clock-ahead", NOW + timedelta(minutes=10)), ("clock-behind", NOW - timedelta(minutes=10))):
        assert parsedate_to_datetime(Place(always(name)).send().header("Date")) == shown
    place = Place(always("late-calendar"))
    place.send()
    (entry,) = place.ledger
    assert entry.received_at == NOW - timedelta(minutes=30)


def test_a_register_that_lags() -> None:
    place = Place(always("register-lag"))
    place.send()
    assert said(place.consult("getStatusCdr"))[0] == "0011"
    answer = place.ask(REST, question(codComp="01", numeroSerie="F001"), authorization="Bearer x")
    assert json.loads(answer.body)["data"]["estadoCp"] == "0"
    place.later(minutes=10)
    assert said(place.consult("getStatusCdr"))[0] == "0004"


def test_states_without_cdrs() -> None:
    place = Place(always("state-without-zip", times=1))
    place.send()
    assert said(place.consult("getStatusCdr"))[0] == "0001"
    assert said(place.consult("getStatusCdr"))[0] == "0004"


def test_what_was_voided_still_counts() -> None:
    place = Place()
    place.send()
    place.ledger.void(VOUCHER)
    assert said(place.consult("getStatus"))[0] == "0003"
    place.sandbox.plan.add(Rule(modes=("stale-state",)))
    assert said(place.consult("getStatus"))[0] == "0001"


def test_tokens_that_die_midway() -> None:
    place = Place(always("tokens-die", times=1))
    token = bearer(place)
    assert place.ask(REST, question(), authorization=token).status == 401
    assert place.ask(REST, question(), authorization=token).status == 401
    assert place.ask(REST, question(), authorization=bearer(place)).status == 200


# --- the plan ----------------------------------------------------------------------------------------------


def asked(number: int = 1, operation: Operation = Operation.SEND_BILL, series: str = "F001") -> Asked:
    voucher = replace(VOUCHER, series=series, number=number)
    return Asked(operation=operation, voucher=voucher, ruc=RUC, type_code="01", series=series)


def struck(plan: Plan, calls: Sequence[Asked]) -> list[str]:
    found = [plan.strike(one, NOW) for one in calls]
    return [one.mode.name if one else "" for one in found]


def test_the_same_seed_gives_the_same_faults_whatever_the_threads_do() -> None:
    calls = [asked(number, operation) for number in range(1, 60)
             for operation in (Operation.SEND_BILL, Operation.STATUS_CDR)]
    rule = Rule(probability=0.4)
    first = struck(Plan([rule], seed=7), calls)
    plan = Plan([rule], seed=7)
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda one: struck(plan, [one])[0], calls))
    assert again == first
    assert struck(Plan([rule], seed=8), calls) != first
    assert 0.2 < sum(map(bool, first)) / len(calls) < 0.6


def test_chance_is_fair_and_every_mode_gets_its_turn() -> None:
    plan = Plan([Rule(probability=0.4)], seed=3)
    found = Counter(struck(plan, [asked(number) for number in range(1, 5001)]))
    assert 0.37 < 1 - found[""] / 5000 < 0.43
    assert set(found) - {""} == set(SENDABLE)


def test_counts() -> None:
    assert struck(Plan([Rule(modes=("http-502",), times=2)]), [asked(n) for n in range(1, 5)]) == ["http-502"] * 2 + [
        "", ""]
    plan = Plan([Rule(modes=("http-502",), times_each=1)])
    assert struck(plan, [asked(1), asked(1), asked(2), asked(2)]) == ["http-502", "", "http-502", ""]
    plan = Plan([Rule(modes=("http-502",), skip=1)])
    assert struck(plan, [asked(1), asked(1), asked(2)]) == ["", "http-502", ""]


@pytest.mark.parametrize(("rule", "hit"), [
    (Rule(modes=("busy",), ruc=RUC), True), (Rule(modes=("busy",), ruc="20987654326"), False),
    (Rule(modes=("busy",), series="F002"), False), (Rule(modes=("busy",), number=1), True),
    (Rule(modes=("busy",), number=2), False), (Rule(modes=("busy",), type_code="03"), False),
    (Rule(modes=("busy",), operations=(Operation.STATUS,)), False), (Rule(modes=("busy",), probability=0), False),
    (Rule(modes=("busy",), until=NOW), False), (Rule(modes=("busy",), since=NOW), True),
    (Rule(modes=("tokens-die",)), False), (Rule(modes=("busy",), times=0), False),
])
def test_what_a_rule_is_about(rule: Rule, hit: bool) -> None:
    assert (Plan([rule]).strike(asked(), NOW) is not None) == hit


def test_the_first_rule_that_strikes_wins_and_rules_come_and_go() -> None:
    plan = Plan([Rule(modes=("http-502",), times=1), Rule(modes=("http-503",), seconds=3)])
    assert struck(plan, [asked(), asked()]) == ["http-502", "http-503"]
    strike = plan.strike(asked(), NOW)
    assert strike is not None
    assert strike.seconds == 3
    assert [(number, times) for number, _, times in plan.listed()] == [(1, 1), (2, 2)]
    assert plan.remove(2)
    assert not plan.remove(2)
    assert plan.add(Rule(modes=("http-404",))) == 3
    plan.clear()
    assert struck(plan, [asked()]) == [""]


@pytest.mark.parametrize("rule", [
    {"modes": ("nothing",)}, {"probability": 1.5}, {"probability": -0.1}, {"times": -1}, {"seconds": -1.0},
    {"since": NOW.replace(tzinfo=None)}, {"modes": ("tokens-die",), "operations": (Operation.SEND_BILL,)},
])
def test_rules_that_make_no_sense(rule: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        Rule(**rule)  # type: ignore[arg-type]


# --- scenarios ---------------------------------------------------------------------------------------------

SCENARIO = {
    "seed": 7,
    "faults": [
        {"mode": "work-then-reset", "operation": "sendBill", "ruc": RUC, "series": "F001", "times": 3},
        {"modes": ["http-502", "busy"], "probability": 0.4, "times_each": 2, "since": "2026-11-20T00:00:00-05:00"},
    ],
}
TOML = f"""
seed = 7
[[faults]]
mode = "work-then-reset"
operation = "sendBill"
ruc = "{RUC}"
series = "F001"
times = 3
[[faults]]
modes = ["http-502", "busy"]
probability = 0.4
times_each = 2
since = 2026-11-20T00:00:00-05:00
"""


def test_scenarios_are_read_from_json_and_toml() -> None:
    plan = read_scenario(json.dumps(SCENARIO).encode())
    again = read_scenario(TOML.encode(), toml=True)
    assert [rule for _, rule, _ in plan.listed()] == [rule for _, rule, _ in again.listed()]
    assert (plan.seed, again.seed) == (7, 7)
    assert read_scenario(b'{"seed": 7}', seed=9).seed == 9
    (first, second) = (rule for _, rule, _ in plan.listed())
    assert first == Rule(modes=("work-then-reset",), operations=(Operation.SEND_BILL,), ruc=RUC, series="F001",
                         times=3)
    assert read_rules(json.loads(json.dumps([written_rule(first), written_rule(second)]))) == [first, second]


@pytest.mark.parametrize("text", [
    "", "[]", "{", "7", '{"seed": "x"}', '{"seed": true}', '{"fault": []}', '{"faults": [7]}', "[" * 100_000,
    '{"faults": [{"mode": "none"}]}', '{"faults": [{"mode": 7}]}', '{"faults": [{"moed": "busy"}]}',
    '{"faults": [{"operation": "sendBills"}]}', '{"faults": [{"times": "3"}]}', '{"faults": [{"times": true}]}',
    '{"faults": [{"times": 1e999}]}', '{"faults": [{"probability": NaN}]}', '{"faults": [{"seconds": 1e300}]}',
    '{"faults": [{"since": "yesterday"}]}', '{"faults": [{"since": "2026-11-20"}]}',
    '{"faults": [{"mode": "busy", "modes": ["busy"]}]}', '{"faults": [{"ruc": 20123456786}]}',
])
def test_a_slip_in_a_scenario_is_told(text: str) -> None:
    with pytest.raises(FormatError):
        read_scenario(text.encode())


def test_scenarios_in_other_encodings() -> None:
    with pytest.raises(FormatError):
        read_scenario("{\"ñ\": 1}".encode("latin-1"))
    with pytest.raises(FormatError):
        read_scenario(b"seed = ", toml=True)


# --- the line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "passes", "error"), [
    ("refused", 0, NotSent), ("hang-before-work", 60, UnknownOutcome), ("drip", 60, UnknownOutcome),
    ("too-long-length", 60, UnknownOutcome), ("work-then-reset", 0, UnknownOutcome), ("oversized", 0, UnknownOutcome),
])
def test_time_passes_on_the_line(mode: str, passes: float, error: type[Exception]) -> None:
    place = Place(always(mode))
    heard: list[Outcome] = []
    line = Line(place.sandbox, sleep=lambda seconds: place.later(seconds=seconds), heard=heard.append)
    with pytest.raises(error):
        line.post(f"http://x{PATH}", sending(), {}, connect_timeout=10, total_timeout=60, max_bytes=8 << 20)
    assert place.clock.now() - NOW == timedelta(seconds=passes)
    assert [one.mode for one in heard] == [mode]


def test_a_slow_answer_arrives_or_does_not() -> None:
    for seconds, total in ((20, 60), (20, 20)):
        place = Place(always("slow", seconds=seconds))
        line = Line(place.sandbox, sleep=lambda passed, place=place: place.later(seconds=passed))  # type: ignore[misc]
        send = partial(
            line.post, f"http://x{PATH}", sending(), {}, connect_timeout=10, total_timeout=total, max_bytes=1 << 20
        )
        if seconds < total:
            assert send().status == 200
        else:
            with pytest.raises(UnknownOutcome):
                send()
        assert place.clock.now() - NOW == timedelta(seconds=20)


def test_modes_are_told_as_data() -> None:
    mode: Mode = MODES["busy"]
    assert mode.told()["name"] == "busy"
    assert mode.told()["operations"] == sorted(mode.operations)


@pytest.mark.parametrize("path", [PATH, LIVE, OSE])
@pytest.mark.parametrize(("name", "code", "signature"), [
    ("cdr-flipped", "2800", "invalid"), ("cdr-wrapped", "2800", "invalid"), ("cdr-forged", "2800", "valid"),
    ("cdr-bad-signature", "0", "invalid"), ("cdr-unsigned", "0", "absent"), ("cdr-latin", "0", "valid"),
])
def test_false_cdrs_look_like_cdrs(name: str, code: str, signature: str, path: str) -> None:
    """Only the signature gives them away, and of a forged one only its certificate."""
    cdr = cdr_of(Place(always(name)).send(path=path))
    assert (cdr.code, cdr.signature) == (code, signature)
    assert (cdr.signed_by == authority().fingerprint) == (signature == "valid" and name != "cdr-forged")
