"""How checks look for the places where they do not hold: by value, by count, by repetition.

The words themselves are in ``checks``; here is what each family of words does with the columns of a voucher.
``comparisons`` has those that compare.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sunat.rules.conditions import Ordinals
from sunat.rules.document import Document
from sunat.xml import Element


class Sentence(NamedTuple):
    """One sentence in Spanish and in English."""

    es: str
    en: str


class Hit(NamedTuple):
    """One place where a rule does not hold: the element (None when it is missing), its value, and extra words."""

    ordinal: int
    element: Element | None
    value: str
    detail: Sentence | None = None


class Case(NamedTuple):
    """What a check is asked about: one path in the selected instances (None: all) of one scope of one document."""

    document: Document
    scope: str
    path: str
    selected: Ordinals | None

    def instances(self) -> list[int]:
        """The selected scope instances, in order."""
        if self.selected is None:
            return list(range(self.document.count(self.scope)))
        return sorted(self.selected)


class Check(ABC):
    """What must hold at a path."""

    __slots__ = ()
    strict = False
    """Whether the scope of the path is the one around it (presence) or may be the node itself (values)."""
    on_absent = False
    """Whether there is anything to judge when the voucher has no such node at all."""

    @abstractmethod
    def hits(self, case: Case) -> Iterator[Hit]:
        """The places where it does not hold."""

    @abstractmethod
    def message(self) -> Sentence:
        """What is wrong, to be read after the field's name and a colon."""

    @abstractmethod
    def hint(self) -> Sentence:
        """How to put it right."""

    def reads(self) -> tuple[str, ...]:
        """Paths it looks at besides its own."""
        return ()


@dataclass(frozen=True, slots=True)
class Value(Check):
    """A test of one value; equal values of a column are judged once."""

    accepts: Callable[[str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        column = case.document.column(case.path)
        accepts = self.accepts
        bad = {text for text in column.distinct if not accepts(text)}
        if not bad:
            return
        holders = case.document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if text in bad and (case.selected is None or holders[ordinal] in case.selected):
                yield Hit(holders[ordinal], column.elements[ordinal], text)

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Count(Check):
    """How many nodes of a path each scope instance must have; ``filled`` asks for text in the first one."""

    at_least: int
    at_most: int | None
    filled: bool
    wrong: Sentence
    right: Sentence
    strict = True
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        holders = document.spread(case.path, case.scope)
        if (
            (not self.at_least or holders == document.count(case.scope))
            and (self.at_most is None or (self.at_most == 1 and holders == len(column.up)))
            and (not self.filled or all(text and not text.isspace() for text in column.distinct))
        ):
            return
        under = document.under(case.scope, case.path)
        for ordinal in case.instances():
            found = under[ordinal]
            if len(found) < self.at_least:
                yield Hit(ordinal, None, "")
            elif self.at_most is not None and len(found) > self.at_most:
                extra = found[self.at_most]
                yield Hit(ordinal, column.elements[extra], column.texts[extra])
            elif self.filled and not column.texts[found[0]].strip():
                yield Hit(ordinal, column.elements[found[0]], column.texts[found[0]])

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Includes(Check):
    """In each scope instance at least one node of the path has an accepted value."""

    accepts: Callable[[str], bool]
    wrong: Sentence
    right: Sentence
    strict = True
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        texts = case.document.column(case.path).texts
        under = case.document.under(case.scope, case.path)
        for ordinal in case.instances():
            if not any(self.accepts(texts[each]) for each in under[ordinal]):
                yield Hit(ordinal, None, "")

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Unique(Check):
    """No two instances of a node in the scope around it have the same values at the given inner paths."""

    inner: tuple[str, ...]
    within: str | None = None

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        keys = list(zip(*(self._values(case, path) for path in self.inner), strict=True)) if self.inner else [
            (text,) for text in column.texts
        ]
        names = document.names
        around = names.scope_of(case.path, strict=True) if self.within is None else names.full(self.within)
        holders = document.ancestors(case.path, around)
        chosen = document.ancestors(case.path, case.scope)
        seen: set[tuple[int, tuple[str | None, ...]]] = set()
        for ordinal, key in enumerate(keys):
            if case.selected is not None and chosen[ordinal] not in case.selected:
                continue
            if not any(key):
                continue
            mark = (holders[ordinal], key)
            if mark in seen:
                shown = " ".join(part for part in key if part)
                yield Hit(chosen[ordinal], column.elements[ordinal], shown)
            seen.add(mark)

    def _values(self, case: Case, path: str) -> list[str | None]:
        return case.document.first(case.path, f"{case.path}/{case.document.names.full(path)}")

    def message(self) -> Sentence:
        return Sentence("está repetido", "is repeated")

    def hint(self) -> Sentence:
        return Sentence("Deje uno solo o cambie el valor repetido.", "Keep one of them or change the repeated value.")
