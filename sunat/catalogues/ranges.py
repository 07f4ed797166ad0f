"""A large set of eight-digit codes held as ranges: the product codes of catalogue 25 (UNSPSC).

The first six digits of a product code are its class; within a class at most a hundred codes exist. A line of text
holds one class and its members as ranges of the last two digits, ``101015;00-17 20``; in memory a class is a number
whose bits are its members.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

_CODE = re.compile(r"[0-9]{8}")


class CodeRanges:
    """An immutable set of eight-digit codes; membership is exact, iteration in order.

    >>> codes = CodeRanges.of(["10101500", "10101501", "10101505"])
    >>> codes.lines()
    ['101015;00-01 05']
    >>> "10101501" in codes, "10101502" in codes
    (True, False)
    """

    __slots__ = ("_masks", "_size")

    def __init__(self, masks: dict[str, int]) -> None:
        self._masks = dict(sorted(masks.items()))
        self._size = sum(mask.bit_count() for mask in self._masks.values())

    @classmethod
    def of(cls, codes: Iterable[str]) -> CodeRanges:
        """The set of these codes. Raises ValueError for one that is not eight digits."""
        masks: dict[str, int] = {}
        for code in codes:
            if not _CODE.fullmatch(code):
                raise ValueError(f"{code!r} is not a code of eight digits")
            masks[code[:6]] = masks.get(code[:6], 0) | 1 << int(code[6:])
        return cls(masks)

    @classmethod
    def parse(cls, lines: Iterable[str]) -> CodeRanges:
        """The set that ``lines()`` wrote."""
        masks: dict[str, int] = {}
        for line in lines:
            prefix, _, members = line.partition(";")
            mask = 0
            for member in members.split(" "):
                first, _, last = member.partition("-")
                start, end = int(first), int(last or first)
                mask |= (1 << end + 1) - (1 << start)
            masks[prefix] = mask
        return cls(masks)

    def lines(self) -> list[str]:
        """One line of text per class, in order."""
        return [f"{prefix};{' '.join(_ranges(mask))}" for prefix, mask in self._masks.items()]

    def __contains__(self, code: object) -> bool:
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            return False
        return bool(self._masks.get(code[:6], 0) >> int(code[6:]) & 1)

    def __iter__(self) -> Iterator[str]:
        for prefix, mask in self._masks.items():
            for member in _members(mask):
                yield f"{prefix}{member:02d}"

    def __len__(self) -> int:
        return self._size


def _members(mask: int) -> list[int]:
    return [member for member in range(mask.bit_length()) if mask >> member & 1]


def _ranges(mask: int) -> Iterator[str]:
    # Members that follow each other keep the same distance to their position in the list.
    for _, run in groupby(enumerate(_members(mask)), key=lambda pair: pair[1] - pair[0]):
        members = [member for _, member in run]
        first, last = members[0], members[-1]
        yield f"{first:02d}" if first == last else f"{first:02d}-{last:02d}"
