"""Numbers as runs: a million numbers in a row take the room of two.

>>> used = Runs()
>>> [used.add(number) for number in (1, 2, 5, 2)]
[True, True, True, False]
>>> used.runs(), used.missing(1, 6)
(((1, 2), (5, 5)), ((3, 4), (6, 6)))
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

Run = tuple[int, int]
"""From and to, both inclusive."""


class Runs:
    """A set of whole numbers that are mostly in a row."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, last in sorted(runs):
            if self._ends and first <= self._ends[-1] + 1:
                self._ends[-1] = max(self._ends[-1], last)
            else:
                self._starts.append(first)
                self._ends.append(last)

    def add(self, number: int) -> bool:
        """Adds a number; says whether it is new."""
        after = bisect_right(self._starts, number)
        if after and number <= self._ends[after - 1]:
            return False
        joins_former = bool(after) and self._ends[after - 1] == number - 1
        joins_next = after < len(self._starts) and self._starts[after] == number + 1
        if joins_former and joins_next:
            self._ends[after - 1] = self._ends.pop(after)
            self._starts.pop(after)
        elif joins_former:
            self._ends[after - 1] = number
        elif joins_next:
            self._starts[after] = number
        else:
            self._starts.insert(after, number)
            self._ends.insert(after, number)
        return True

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number)
        return bool(at) and number <= self._ends[at - 1]

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.runs())

    def runs(self) -> tuple[Run, ...]:
        """The runs, in order, none touching the next."""
        return tuple(zip(self._starts, self._ends, strict=True))

    def missing(self, first: int, last: int) -> tuple[Run, ...]:
        """The runs of numbers from first to last (inclusive) that are not in it."""
        found, expected = [], first
        for start, end in self.runs():
            if end < expected:
                continue
            if start > last:
                break
            if start > expected:
                found.append((expected, start - 1))
            expected = end + 1
        if expected <= last:
            found.append((expected, last))
        return tuple(found)

    def within(self, first: int, last: int) -> int:
        """How many of its numbers lie between first and last, inclusive."""
        return sum(
            min(end, last) - max(start, first) + 1 for start, end in self.runs() if start <= last and end >= first
        )
