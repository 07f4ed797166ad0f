"""The planted bugs: always, that they can still be planted; in the long run, that every one is caught."""

from __future__ import annotations

import pytest

from tests.planted.bug import Bug
from tests.planted.bugs import BUGS
from tests.planted.delivering import DELIVERY
from tests.planted.planting import check, try_bug, try_none


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_a_bug_can_be_planted(bug: Bug) -> None:
    for change in bug.changes:
        check(change)
        assert change.old != change.new


def test_there_are_a_dozen_at_least_of_numbers_and_of_deliveries() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)
    assert min(len(DELIVERY), len(BUGS) - len(DELIVERY)) >= 12


@pytest.mark.long
def test_the_tests_pass_without_a_bug() -> None:
    try_none(BUGS)


@pytest.mark.long
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name.replace(" ", "-"))
def test_a_planted_bug_is_caught(bug: Bug) -> None:
    verdict = try_bug(bug)
    assert verdict.caught, verdict.said
