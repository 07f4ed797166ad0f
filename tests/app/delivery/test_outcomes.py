"""Which exception of the authority asks for what."""

from __future__ import annotations

import pytest

from app.delivery.outcomes import FAULTS, course_of
from app.ledger.lifecycle import DELIVERY_TRANSITIONS, DeliveryState

HELD, WAITING, UNKNOWN = DeliveryState.HELD, DeliveryState.WAITING, DeliveryState.UNKNOWN


@pytest.mark.parametrize(
    ("code", "name", "state"),
    [
        ("0100", "busy", UNKNOWN), ("0109", "busy", UNKNOWN), ("0130", "busy", UNKNOWN), ("0138", "busy", UNKNOWN),
        ("0200", "busy", UNKNOWN), ("0253", "busy", UNKNOWN), ("0307", "busy", UNKNOWN),
        ("0140", "in_process", UNKNOWN),
        ("0101", "credentials", HELD), ("0102", "credentials", HELD), ("0106", "credentials", HELD),
        ("0113", "credentials", HELD), ("0154", "credentials", HELD), ("1078", "credentials", HELD),
        ("0111", "permission", WAITING),
        ("0151", "packaging", HELD), ("0161", "packaging", HELD), ("0306", "packaging", HELD),
        ("1034", "packaging", HELD), ("1083", "packaging", HELD), ("1999", "packaging", HELD),
        ("1033", "already_there", HELD), ("1032", "already_there", HELD), ("0402", "already_there", HELD),
        ("2223", "already_there", HELD), ("2324", "already_there", HELD),
        ("1079", "late", HELD), ("2108", "late", HELD),
        ("2119", "target_unknown", WAITING),
        ("2000", "content", HELD), ("2335", "content", HELD), ("3999", "content", HELD),
        ("", "unanswered", UNKNOWN), ("9999", "unanswered", UNKNOWN), ("0000", "unanswered", UNKNOWN),
        ("soap", "unanswered", UNKNOWN),
    ],
)
def test_course(code: str, name: str, state: DeliveryState) -> None:
    course = course_of(code)
    assert (course.name, course.state) == (name, state)


def test_no_exception_settles_a_voucher() -> None:
    for row in FAULTS:
        assert row.course.state in {HELD, WAITING, UNKNOWN}
        assert row.course.state in DELIVERY_TRANSITIONS[DeliveryState.SENDING]


def test_what_is_tried_again_says_when_and_what_is_held_does_not() -> None:
    for row in FAULTS:
        assert (row.course.wait is None) == (row.course.state is HELD), row.course.name


def test_a_slow_course_ends_with_a_person() -> None:
    course = course_of("0111")
    assert not course.held_after(5)
    assert course.held_after(6)
    assert not course_of("0100").held_after(10_000)
