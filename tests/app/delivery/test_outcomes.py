"""What each class of answers does to a delivery: the tables against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delivery.outcomes import COMPARISONS, COURSES, FINDINGS, PENDING, TICKET, WAITS, course_of
from app.delivery.protocol import ACTIONS, SENDING, STATES, TRANSITIONS, Action, Impossible, Sign, step
from app.ledger.lifecycle import DELIVERY_TRANSITIONS, DeliveryState, Phase
from sunat.outcomes import CLASSES, Class, Comparison, Finding, Proof

_OF_SENDING = {course.sign for course in COURSES.values()} | {Sign.VERDICT, TICKET.sign}
_OF_POLLING = {PENDING.sign, Sign.GONE, Sign.NOTHING, Sign.TURNED_AWAY, Sign.VERDICT}
_OF_ASKING = {course.sign for course in FINDINGS.values()} | {
    Sign.VERDICT, Sign.NOBODY, Sign.TURNED_AWAY, Sign.OTHER, Sign.PRESENT,
}
_OF_COMPARING = {course.sign for course in COMPARISONS.values()} | {
    Sign.VERDICT, Sign.NOBODY, Sign.TURNED_AWAY, Sign.OTHER, Sign.PRESENT,
}


def test_every_class_has_its_course() -> None:
    assert set(COURSES) == set(Class)
    assert set(FINDINGS) == set(Finding)
    assert set(COMPARISONS) == set(Comparison)


def test_every_phase_knows_what_every_answer_makes_of_it() -> None:
    """What an action can find has a move in each phase of that action; nothing raises in the field."""
    for phase, action in ACTIONS.items():
        found = {Action.SEND: _OF_SENDING, Action.ASK: _OF_ASKING, Action.COMPARE: _OF_COMPARING,
                 Action.POLL: _OF_POLLING}[action]
        for sign in found:
            assert step(phase, sign) in Phase
    with pytest.raises(Impossible):
        step(Phase.SETTLED, Sign.VERDICT)


def test_every_phase_has_a_state_an_action_and_a_wait() -> None:
    assert set(STATES) == set(Phase)
    assert set(ACTIONS) == set(Phase) - {Phase.SETTLED}
    for phase, state in STATES.items():
        assert state in DELIVERY_TRANSITIONS[DeliveryState.SENDING]
        assert (phase in WAITS) == (state not in {DeliveryState.DONE, DeliveryState.HELD})


def test_only_a_verdict_settles() -> None:
    assert {sign for (_, sign), target in TRANSITIONS.items() if target is Phase.SETTLED} == {Sign.VERDICT}
    assert not {course.sign for course in COURSES.values()} & {Sign.VERDICT, Sign.ACCEPTED}


def test_nothing_that_may_have_been_read_is_fresh_again_without_an_answer() -> None:
    """From a phase of doubt only "not there", or a comparison, leads to a sending."""
    for (phase, sign), target in TRANSITIONS.items():
        if phase not in SENDING and target in SENDING:
            assert (sign, target) in {
                (Sign.MISSING, Phase.RESEND), (Sign.NOBODY, Phase.RESEND), (Sign.MISSING, Phase.FRESH),
                (Sign.LOST, Phase.RESEND), (Sign.LEFT, Phase.FRESH),
            }
        if phase is Phase.FRESH and sign in {Sign.UNANSWERED, Sign.IN_PROCESS}:
            assert target is Phase.DOUBT


def test_what_proves_nothing_is_doubted() -> None:
    for row in CLASSES:
        target = step(Phase.FRESH, COURSES[row.name].sign)
        if row.proves is Proof.UNKNOWN:
            assert target in {Phase.DOUBT, Phase.REFUSED}, row.name
        if row.proves is Proof.PRESENT:
            assert target is Phase.SUSPECT


def test_absence_needs_two_answers() -> None:
    assert step(Phase.REFUSED, Sign.MISSING) is Phase.MISSED
    assert step(Phase.MISSED, Sign.MISSING) is Phase.ABSENT


@given(st.lists(st.sampled_from(sorted(Sign)), max_size=60))
def test_every_road_can_still_end_well(signs: list[Sign]) -> None:
    """Whatever came before, a CDR of ours settles; and a road never leaves the table."""
    phase = Phase.FRESH
    for sign in signs:
        if (phase, sign) in TRANSITIONS:
            phase = step(phase, sign)
        if phase is Phase.SETTLED:
            return
    assert step(phase, Sign.VERDICT) is Phase.SETTLED


def test_courses_that_end() -> None:
    assert not course_of("0111").over(5)
    assert course_of("0111").over(6)
    assert course_of("0102").over(1)
    assert not course_of("0100").over(10_000)
    assert (course_of("0102").blame, course_of("0111").blame, course_of("2119").blame) == (
        "credentials", "permission", "")
