"""When a rule applies: small conditions over the columns, evaluated once per judgement however many rules share them.

A condition belongs to the innermost scope of its path. Asked about another scope it is carried there: downwards to
everything inside ("the operation is an export" holds for every line), upwards as "there is one" ("the line has a
free-of-charge subtotal"). Joined conditions of one chain of scopes must hold of the same instance.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sunat.money import decimal
from sunat.rules.document import Document, View, number
from sunat.rules.names import ROOT, Names, holds_scope

Ordinals = frozenset[int]
_NONE: Ordinals = frozenset()


class When(ABC):
    """A condition. ``a & b`` asks for both."""

    __slots__ = ()

    @abstractmethod
    def paths(self) -> tuple[str, ...]:
        """The paths it reads, with short names."""

    @abstractmethod
    def home(self, names: Names) -> str | None:
        """The scope it belongs to, None if it only has a meaning where it is asked."""

    @abstractmethod
    def select(self, document: Document, scope: str) -> Ordinals:
        """The ordinals of the scope instances for which it holds."""

    def __and__(self, other: When) -> When:
        return Both((self, other))


@dataclass(frozen=True, slots=True)
class Test(When):
    """The first text at a path, in each instance of the path's scope, passes a test (None stands for no node)."""

    path: str
    accepts: Callable[[str | None], bool]

    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def home(self, names: Names) -> str:
        return names.located(self.path)[1]

    def select(self, document: Document, scope: str) -> Ordinals:
        full, home = document.names.located(self.path)
        accepts = self.accepts
        if full not in document.columns:
            return document.all_of(scope) if accepts(None) else _NONE
        if scope != home:
            return carry(document, selected(document, self, home), home, scope)
        texts = document.first(home, full)
        if len(texts) == 1:
            return document.all_of(home) if accepts(texts[0]) else _NONE
        return frozenset([ordinal for ordinal, text in enumerate(texts) if accepts(text)])


@dataclass(frozen=True, slots=True)
class Both(When):
    """All of several conditions."""

    parts: tuple[When, ...]

    def paths(self) -> tuple[str, ...]:
        return tuple(path for part in self.parts for path in part.paths())

    def home(self, names: Names) -> str | None:
        homes = [home for part in self.parts if (home := part.home(names)) is not None]
        deepest = max(homes, key=len, default=ROOT)
        return deepest if all(holds_scope(home, deepest) for home in homes) else None

    def select(self, document: Document, scope: str) -> Ordinals:
        home, rooted, loose = _split(self, document.names)
        kept: Ordinals | None = None
        if rooted:
            found: Ordinals | None = None
            for part in rooted:
                chosen = selected(document, part, home)
                found = chosen if found is None else found & chosen
                if not found:
                    return _NONE
            kept = carry(document, found or _NONE, home, scope)
        for part in loose:
            chosen = selected(document, part, scope)
            kept = chosen if kept is None else kept & chosen
            if not kept:
                return _NONE
        return kept if kept is not None else document.all_of(scope)


@dataclass(frozen=True, slots=True)
class Absent(When):
    """Nothing satisfies the condition, in each instance of the scope that asks."""

    part: When

    def paths(self) -> tuple[str, ...]:
        return self.part.paths()

    def home(self, names: Names) -> None:
        return None

    def select(self, document: Document, scope: str) -> Ordinals:
        return document.all_of(scope) - selected(document, self.part, scope)


@dataclass(frozen=True, slots=True)
class Within(When):
    """The condition holds of something in the same instance of a given scope."""

    scope: str
    part: When

    def paths(self) -> tuple[str, ...]:
        return self.part.paths()

    def home(self, names: Names) -> str:
        return names.full(self.scope)

    def select(self, document: Document, scope: str) -> Ordinals:
        home = document.names.full(self.scope)
        return carry(document, selected(document, self.part, home), home, scope)


@dataclass(frozen=True, slots=True)
class Either(When):
    """At least one of several conditions."""

    parts: tuple[When, ...]

    def paths(self) -> tuple[str, ...]:
        return tuple(path for part in self.parts for path in part.paths())

    def home(self, names: Names) -> None:
        return None

    def select(self, document: Document, scope: str) -> Ordinals:
        kept = _NONE
        for part in self.parts:
            kept |= selected(document, part, scope)
        return kept


@dataclass(frozen=True, slots=True)
class Where(When):
    """A named function of one instance of a scope; ``reads`` names the paths it looks at."""

    scope: str
    function: Callable[[View], bool]
    reads: tuple[str, ...] = ()

    def paths(self) -> tuple[str, ...]:
        return (self.scope, *self.reads) if self.scope else self.reads

    def home(self, names: Names) -> str:
        return names.full(self.scope)

    def select(self, document: Document, scope: str) -> Ordinals:
        home = document.names.full(self.scope)
        kept = frozenset(
            ordinal for ordinal in range(document.count(home)) if self.function(View(document, home, ordinal))
        )
        return carry(document, kept, home, scope)


def selected(document: Document, when: When, scope: str) -> Ordinals:
    """What a condition selects in a scope; worked out once per document."""
    key = (id(when), scope)
    known = document.selections.get(key)
    if known is None:
        known = document.selections[key] = when.select(document, scope)
    return known


def _split(joined: Both, names: Names) -> tuple[str, tuple[When, ...], tuple[When, ...]]:
    """The scope where the parts of one chain meet, those parts, and the parts asked where the rule is."""
    known = names.splits.get(id(joined))
    if known is None:
        home = joined.home(names)
        homes = [part.home(names) for part in joined.parts]
        rooted = tuple(
            part for part, its in zip(joined.parts, homes, strict=True) if home is not None and its is not None
        )
        loose = tuple(part for part in joined.parts if part not in rooted)
        known = names.splits[id(joined)] = (home or ROOT, rooted, loose)
    return known


def carry(document: Document, kept: Ordinals, home: str, scope: str) -> Ordinals:
    """What a selection in one scope means in another."""
    if home == scope or not kept:
        return kept
    if home == ROOT:
        return document.all_of(scope)
    if scope == ROOT:
        return document.all_of(ROOT)
    if holds_scope(home, scope):
        return frozenset(
            ordinal for ordinal, holder in enumerate(document.ancestors(scope, home)) if holder in kept
        )
    if holds_scope(scope, home):
        holders = document.ancestors(home, scope)
        return frozenset(holders[ordinal] for ordinal in kept)
    common = document.names.meeting(scope, home)
    return carry(document, carry(document, kept, home, common), common, scope)


@cache
def is_(path: str, *values: str) -> When:
    """The text is one of the values."""
    wanted = frozenset(values)
    return Test(path, lambda text: text in wanted)


@cache
def is_not(path: str, *values: str) -> When:
    """The text is none of the values, or there is no node."""
    unwanted = frozenset(values)
    return Test(path, lambda text: text not in unwanted)


@cache
def has(path: str) -> When:
    """There is a node with some text."""
    return Test(path, lambda text: bool(text and text.strip()))


@cache
def there(path: str) -> When:
    """There is a node, empty or not."""
    return Test(path, lambda text: text is not None)


@cache
def like(path: str, pattern: str) -> When:
    """The whole text matches a pattern."""
    form = re.compile(pattern)
    return Test(path, lambda text: text is not None and form.fullmatch(text) is not None)


@cache
def over(path: str, limit: str = "0") -> When:
    """The number is greater than a limit."""
    bound = decimal(limit)

    def greater(text: str | None) -> bool:
        value = None if text is None else number(text)
        return value is not None and value > bound

    return Test(path, greater)


@cache
def no(part: When) -> When:
    """Nothing in the scope that asks satisfies the condition."""
    return Absent(part)


@cache
def somewhere(part: When) -> When:
    """Something in the document satisfies the condition; it need not be what is being judged."""
    return Within(ROOT, part)


@cache
def within(scope: str, part: When) -> When:
    """Something in the same instance of a scope (the same line) satisfies the condition."""
    return Within(scope, part)


@cache
def either(*parts: When) -> When:
    """At least one of them holds."""
    return Either(parts)
