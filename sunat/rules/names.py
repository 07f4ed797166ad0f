"""Paths and their short names: which nodes some rule looks at, and the scopes that hold them.

A segment without a prefix (``line``, ``customer``, ``scheme``) stands for the path that a table's short names give it,
so that one row serves an invoice line and a credit note line. Everything here is worked out once, at import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sunat.errors import FormatError
from sunat.xml import qualified

ROOT: Final = ""


class Branch:
    """One node of the walking plan: which children and attributes some rule wants to see.

    ``children`` go by lxml's tag. Where they are none, it is a leaf whose text is read across comments.
    """

    __slots__ = ("attributes", "children", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.children: dict[object, Branch] = {}
        self.attributes: dict[object, str] = {}


def plan(paths: Iterable[str]) -> Branch:
    """The walking plan for a set of full paths."""
    top = Branch(ROOT)
    for path in sorted(paths):
        branch = top
        for segment in path.split("/") if path else ():
            here = f"{branch.path}/{segment}" if branch.path else segment
            if segment.startswith("@"):
                branch.attributes[segment[1:]] = here
                break
            branch = branch.children.setdefault(qualified(segment), Branch(here))
    return top


def parent(path: str) -> str:
    """The path one level up; the root is above everything."""
    return path.rpartition("/")[0]


def holds_scope(outer: str, inner: str) -> bool:
    """Whether one scope is around another, or is it."""
    return not outer or inner == outer or inner.startswith(outer + "/")


class Names:
    """The short names of a table and its scopes, resolved once each.

    A segment without a prefix (``line``, ``customer``, ``scheme``) stands for the path that ``short`` gives it, so that
    one row serves an invoice line and a credit note line.
    """

    def __init__(self, short: Mapping[str, str], scopes: Iterable[str]) -> None:
        self._short = dict(short)
        self._full: dict[str, str] = {}
        self._located: dict[str, tuple[str, str]] = {}
        self._above: dict[str, str] = {}
        self._below: dict[tuple[str, str], str] = {}
        self._meetings: dict[tuple[str, str], str] = {}
        self.splits: dict[int, Any] = {}
        self.scopes = frozenset({ROOT, *(self.full(scope) for scope in scopes)})
        self.planned: frozenset[str] = frozenset()

    def full(self, path: str) -> str:
        """The full path; raises FormatError for a shape that no XML path has."""
        known = self._full.get(path)
        if known is None:
            known = self._full[path] = "/".join(self._segment(part, path) for part in path.split("/")) if path else ROOT
        return known

    def scope_of(self, full: str, *, strict: bool = False) -> str:
        """The innermost scope that holds a full path; with ``strict`` a scope does not hold itself."""
        here = parent(full) if strict else full
        while here not in self.scopes:
            here = parent(here)
        return here

    def located(self, path: str) -> tuple[str, str]:
        """The full path and the innermost scope that holds it, which may be itself."""
        known = self._located.get(path)
        if known is None:
            full = self.full(path)
            known = self._located[path] = (full, self.scope_of(full))
        return known

    def below(self, scope: str, path: str) -> str:
        """The full path of what a scope has at a path with short names."""
        known = self._below.get((scope, path))
        if known is None:
            full = self.full(path)
            known = self._below[scope, path] = (f"{scope}/{full}" if full else scope) if scope else full
        return known

    def above(self, path: str) -> str:
        """The path one level up, looked up rather than cut."""
        known = self._above.get(path)
        if known is None:
            known = self._above[path] = parent(path)
        return known

    def meeting(self, one: str, other: str) -> str:
        """The innermost scope that holds both of two scopes."""
        known = self._meetings.get((one, other))
        if known is None:
            known = one
            while not holds_scope(known, other) or known not in self.scopes:
                known = parent(known)
            self._meetings[one, other] = known
        return known

    def _segment(self, segment: str, path: str) -> str:
        if segment in self._short:
            return self.full(self._short[segment])
        if segment.startswith("@") and segment[1:].isalnum() and path.endswith(segment):
            return segment
        prefix, colon, local = segment.partition(":")
        if not colon or prefix not in ("cac", "cbc", "ext", "sac", "ds") or not local.isalnum():
            raise FormatError(f"{path!r} is not a path: nothing is called {segment!r}")
        return segment
