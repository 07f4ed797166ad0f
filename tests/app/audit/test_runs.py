"""Numbers as runs agree with plain sets of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.audit.runs import Runs

NUMBERS = st.lists(st.integers(1, 60), max_size=80)


@given(NUMBERS, st.integers(1, 30), st.integers(31, 60))
def test_runs_are_sets(numbers: list[int], first: int, last: int) -> None:
    runs, plain = Runs(), set[int]()
    for number in numbers:
        assert runs.add(number) == (number not in plain)
        plain.add(number)
    assert len(runs) == len(plain)
    assert [number for start, end in runs.runs() for number in range(start, end + 1)] == sorted(plain)
    assert all(after[0] > before[1] + 1 for before, after in zip(runs.runs(), runs.runs()[1:], strict=False))
    assert [number in runs for number in range(62)] == [number in plain for number in range(62)]
    missing = [number for start, end in runs.missing(first, last) for number in range(start, end + 1)]
    assert missing == [number for number in range(first, last + 1) if number not in plain]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)), max_size=20))
def test_overlapping_runs_become_one(given: list[tuple[int, int]]) -> None:
    runs = Runs((first, first + more) for first, more in given)
    plain = {number for first, more in given for number in range(first, first + more + 1)}
    assert [number for start, end in runs.runs() for number in range(start, end + 1)] == sorted(plain)
    assert all(after[0] > before[1] + 1 for before, after in zip(runs.runs(), runs.runs()[1:], strict=False))
