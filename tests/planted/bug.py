"""What a planted bug is: what is replaced by what, and the tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One replacement in one file of the tree."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A mistake somebody might make, and the tests that watch over it."""

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
