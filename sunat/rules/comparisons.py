"""Checks that compare a node with something else: a sum, another node, the day of reception, a named function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.money import plain
from sunat.rules.context import Context
from sunat.rules.document import View
from sunat.rules.shapes import Case, Check, Hit, Sentence


@dataclass(frozen=True, slots=True)
class Equals(Check):
    """A number equals what a named function works out, within a tolerance (inclusive, in the voucher's currency).

    The function sees the instance of the rule's scope and returns None where there is nothing to compare.
    """

    expected: Callable[[View], Decimal | None]
    tolerance: Decimal
    formula: Sentence
    used: tuple[str, ...] = ()

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        actual = document.numbers(case.scope, case.path)
        for ordinal in case.instances():
            value = actual[ordinal]
            if value is None:
                continue
            expected = self.expected(View(document, case.scope, ordinal))
            if expected is not None and abs(value - expected) > self.tolerance:
                element = column.elements[document.under(case.scope, case.path)[ordinal][0]]
                # Formatting takes any size of number; rounding would refuse the absurd ones that people write.
                shown = plain(Decimal(f"{expected:.10f}"))
                detail = Sentence(f"; se esperaba {shown}", f"; {shown} was expected")
                yield Hit(ordinal, element, str(value), detail)

    def message(self) -> Sentence:
        return Sentence(f"no es igual a {self.formula.es}", f"does not equal {self.formula.en}")

    def hint(self) -> Sentence:
        return Sentence(f"Recalcule: {self.formula.es}.", f"Work it out again: {self.formula.en}.")

    def reads(self) -> tuple[str, ...]:
        return self.used


@dataclass(frozen=True, slots=True)
class Holds(Check):
    """A named function of the scope instance is true. For what no other word says."""

    function: Callable[[View], bool]
    wrong: Sentence
    right: Sentence
    used: tuple[str, ...] = ()
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        at_node = bool(case.path)
        for ordinal in case.instances():
            if self.function(View(document, case.scope, ordinal)):
                continue
            found = document.under(case.scope, case.path)[ordinal] if at_node else ()
            element = column.elements[found[0]] if found else None
            yield Hit(ordinal, element, column.texts[found[0]] if found else "")

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return self.used


@dataclass(frozen=True, slots=True)
class Related(Check):
    """A value compared with another one of the document, the first at ``other``."""

    other: str
    accepts: Callable[[str, str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        full = document.names.full(self.other)
        reference = document.first("", full)[0]
        if reference is None:
            return
        bad = {text for text in column.distinct if not self.accepts(text, reference)}
        if not bad:
            return
        holders = document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if text in bad and (case.selected is None or holders[ordinal] in case.selected):
                detail = Sentence(f" («{reference}»)", f" ({reference!r})")
                yield Hit(holders[ordinal], column.elements[ordinal], text, detail)

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return (f"/{self.other}",)


@dataclass(frozen=True, slots=True)
class Pair(Check):
    """A value together with another one of the same scope instance passes a test; equal pairs are judged once."""

    key: str
    accepts: Callable[[str, str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        texts = document.first(case.scope, case.path)
        inner = document.names.full(self.key)
        keys = document.first(case.scope, f"{case.scope}/{inner}" if case.scope else inner)
        column = document.column(case.path)
        verdicts: dict[tuple[str, str], bool] = {}
        for ordinal in case.instances():
            text, key = texts[ordinal], keys[ordinal]
            if text is None or key is None:
                continue
            good = verdicts.get((text, key))
            if good is None:
                good = verdicts[text, key] = self.accepts(text, key)
            if not good:
                element = column.elements[document.under(case.scope, case.path)[ordinal][0]]
                yield Hit(ordinal, element, text, Sentence(f" («{key}»)", f" ({key!r})"))

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Days(Check):
    """An ISO date lies no more than so many days before or after the day of reception; other text is let pass."""

    before: Callable[[Context], int | None]
    after: int | None
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        column = case.document.column(case.path)
        context = case.document.context
        before = self.before(context)
        holders = case.document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if case.selected is not None and holders[ordinal] not in case.selected:
                continue
            day = iso_date(text)
            if day is None:
                continue
            late = before is not None and (context.received - day).days > before
            early = self.after is not None and (day - context.received).days > self.after
            if late or early:
                received = context.received.isoformat()
                yield Hit(holders[ordinal], column.elements[ordinal], text,
                          Sentence(f" (recepción: {received})", f" (received: {received})"))

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


def iso_date(text: str) -> date | None:
    """The day that YYYY-MM-DD means, or None."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
