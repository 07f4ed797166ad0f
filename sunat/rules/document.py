"""A voucher as columns: every path that some rule names, with its values in document order.

One walk fills the columns; rules then read lists instead of searching the tree. Paths are relative to the root and
use the usual prefixes (``cac:TaxTotal/cbc:TaxAmount``, ``cac:InvoiceLine/cbc:InvoicedQuantity/@unitCode``). A *scope*
is the path of a repeating node (a line, a payment term); the document itself is the scope ``""``.
Source of the idea: SUNAT's own validator looks at one node kind at a time (workbook of 2026-02-12).
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from sunat.errors import FormatError
from sunat.money import ZERO, decimal
from sunat.rules.context import Context
from sunat.rules.names import ROOT, Branch, Names
from sunat.xml import Element


class Column:
    """All occurrences of one path: elements, texts, and the ordinal of each one's parent in the parent's column."""

    __slots__ = ("_distinct", "elements", "texts", "up")

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.texts: list[str] = []
        self.up: list[int] = []
        self._distinct: frozenset[str] | None = None

    @property
    def distinct(self) -> frozenset[str]:
        """The different texts, worked out once however many rules ask."""
        if self._distinct is None:
            self._distinct = frozenset(self.texts)
        return self._distinct


EMPTY: Final = Column()


class Document:
    """The columns of one voucher, and what conditions and arithmetic ask of them (answers are kept)."""

    __slots__ = (
        "_all", "_ancestors", "_first", "_numbers", "_spread", "_under", "columns", "context", "memo", "names", "root",
        "seen_numbers", "seen_texts", "seen_views", "selections",
    )

    def __init__(self, root: Element, branch: Branch, names: Names, context: Context) -> None:
        self.root = root
        self.context = context
        self.memo: dict[str, object] = {}
        self.selections: dict[tuple[int, str], frozenset[int]] = {}
        self.names = names
        self.columns: dict[str, Column] = {}
        self._all: dict[str, frozenset[int]] = {}
        self._ancestors: dict[tuple[str, str], list[int]] = {}
        self._first: dict[tuple[str, str], list[str | None]] = {}
        self._numbers: dict[tuple[str, str], list[Decimal | None]] = {}
        self._spread: dict[tuple[str, str], int] = {}
        self._under: dict[tuple[str, str], list[list[int]]] = {}
        # What views have asked for, by scope and the path as it was asked: one look instead of three.
        self.seen_texts: dict[tuple[str, str], list[str | None]] = {}
        self.seen_numbers: dict[tuple[str, str], list[Decimal | None]] = {}
        self.seen_views: dict[tuple[str, str], list[list[View]]] = {}
        self._walk(root, branch)

    def column(self, path: str) -> Column:
        """The column of a full path, empty when the voucher has no such node."""
        return self.columns.get(path, EMPTY)

    def count(self, scope: str) -> int:
        """How many instances of a scope there are."""
        return len(self.column(scope).up) if scope else 1

    def all_of(self, scope: str) -> frozenset[int]:
        """The ordinals of every instance of a scope."""
        known = self._all.get(scope)
        if known is None:
            known = self._all[scope] = frozenset(range(self.count(scope)))
        return known

    def ancestors(self, path: str, scope: str) -> list[int]:
        """For each occurrence of ``path``, the ordinal of the scope instance that holds it."""
        key = (path, scope)
        known = self._ancestors.get(key)
        if known is None:
            if path == scope:
                known = list(range(self.count(path)))
            elif scope == ROOT:
                known = [0] * self.count(path)
            else:
                above = self.names.above(path)
                known = self.column(path).up
                if above != scope:
                    higher = self.ancestors(above, scope)
                    known = [higher[ordinal] for ordinal in known]
            self._ancestors[key] = known
        return known

    def first(self, scope: str, path: str) -> list[str | None]:
        """For each instance of the scope, the text of the first ``path`` in it, or None."""
        key = (scope, path)
        known = self._first.get(key)
        if known is None:
            self._expect(path)
            column = self.columns.get(path)
            known = [None] * self.count(scope)
            if column is not None and scope == ROOT:
                known = [column.texts[0]]
            elif column is not None:
                for ordinal, text in zip(self.ancestors(path, scope), column.texts, strict=True):
                    if known[ordinal] is None:
                        known[ordinal] = text
            self._first[key] = known
        return known

    def numbers(self, scope: str, path: str) -> list[Decimal | None]:
        """The same as numbers; None also where the text is no plain number."""
        key = (scope, path)
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = [None if text is None else number(text) for text in self.first(scope, path)]
        return known

    def spread(self, path: str, scope: str) -> int:
        """How many instances of the scope have the path at all."""
        if scope == ROOT:
            return 1 if path in self.columns else 0
        key = (path, scope)
        known = self._spread.get(key)
        if known is None:
            known = self._spread[key] = len(set(self.ancestors(path, scope)))
        return known

    def under(self, scope: str, path: str) -> list[list[int]]:
        """For each instance of the scope, the ordinals of all ``path`` in it."""
        key = (scope, path)
        known = self._under.get(key)
        if known is None:
            self._expect(path)
            known = [[] for _ in range(self.count(scope))]
            for ordinal, holder in enumerate(self.ancestors(path, scope)):
                known[holder].append(ordinal)
            self._under[key] = known
        return known

    def _expect(self, path: str) -> None:
        # A check that reads what the walk does not collect would find nothing, always: a fault of the table.
        if path not in self.names.planned:
            raise FormatError(f"No rule declares that it reads {path!r}")

    def _walk(self, root: Element, top: Branch) -> None:
        """Fills the columns in one flat pass: lxml hands out all nodes in order far faster than level by level.

        ``left`` is how many children of the node around are still to come, ``around`` what was before going down.
        """
        columns = self.columns
        around: list[tuple[dict[object, Branch], int, int]] = []
        wanted, ordinal, left = top.children, 0, len(root)
        nodes = root.iter()
        next(nodes)
        for element in nodes:
            while not left:
                wanted, ordinal, left = around.pop()
            left -= 1
            below = wanted.get(element.tag)
            inner = len(element)
            if below is None:
                if inner:
                    around.append((wanted, ordinal, left))
                    wanted, left = _NOTHING, inner
                continue
            column = columns.get(below.path)
            if column is None:
                column = columns[below.path] = Column()
            up = column.up
            here = len(up)
            column.elements.append(element)
            up.append(ordinal)
            children = below.children
            column.texts.append((_own_text(element) if inner and not children else element.text) or "")
            if below.attributes:
                for name, value in element.items():
                    path = below.attributes.get(name)
                    if path is not None:
                        attribute = columns.get(path)
                        if attribute is None:
                            attribute = columns[path] = Column()
                        attribute.elements.append(element)
                        attribute.up.append(here)
                        attribute.texts.append(str(value))
            if inner:
                around.append((wanted, ordinal, left))
                wanted, ordinal, left = children, here, inner


_NOTHING: Final[dict[object, Branch]] = {}


class View(NamedTuple):
    """One instance of a scope, as named functions see it. Paths are relative to it and may use short names."""

    document: Document
    scope: str
    ordinal: int

    def text(self, path: str = "") -> str:
        """The text of the first node at a path, empty when there is none."""
        return self._texts(path)[self.ordinal] or ""

    def has(self, path: str) -> bool:
        """Whether there is a node at a path, empty or not."""
        return self._texts(path)[self.ordinal] is not None

    def number(self, path: str = "") -> Decimal | None:
        """The number at a path; None when absent or not a plain number."""
        seen = self.document.seen_numbers
        key = (self.scope, path)
        known = seen.get(key)
        if known is None:
            known = seen[key] = self.document.numbers(self.scope, self._at(path))
        return known[self.ordinal]

    def amount(self, path: str = "") -> Decimal:
        """The number at a path, zero when absent or unreadable (its format has a rule of its own)."""
        return self.number(path) or ZERO

    def texts(self, path: str) -> list[str]:
        """All texts at a path, in document order."""
        full = self._at(path)
        texts = self.document.column(full).texts
        return [texts[ordinal] for ordinal in self.document.under(self.scope, full)[self.ordinal]]

    def views(self, path: str) -> list[View]:
        """The instances of an inner scope. The list is shared: it is read, never changed."""
        document = self.document
        key = (self.scope, path)
        known = document.seen_views.get(key)
        if known is None:
            full = self._at(path)
            known = document.seen_views[key] = [
                [View(document, full, ordinal) for ordinal in found] for found in document.under(self.scope, full)
            ]
        return known[self.ordinal]

    def holder(self, path: str) -> View:
        """The instance of an outer scope (a full path or short name) that holds this one."""
        full = self.document.names.full(path)
        return View(self.document, full, self.document.ancestors(self.scope, full)[self.ordinal])

    @property
    def whole(self) -> View:
        """The document."""
        return View(self.document, ROOT, 0)

    def _texts(self, path: str) -> list[str | None]:
        seen = self.document.seen_texts
        key = (self.scope, path)
        known = seen.get(key)
        if known is None:
            known = seen[key] = self.document.first(self.scope, self._at(path))
        return known

    def _at(self, path: str) -> str:
        return self.document.names.below(self.scope, path)


@lru_cache(maxsize=8192)
def number(text: str) -> Decimal | None:
    """The exact number, or None for anything that is not a plain finite one of sensible length."""
    if len(text) > 40 or "e" in text or "E" in text or "_" in text:
        return None
    try:
        return decimal(text)
    except FormatError:
        return None


def _own_text(element: Element) -> str:
    """The text of a leaf across comments, which signatures do not cover and must not hide anything."""
    return "".join([element.text or "", *((child.tail or "") for child in element)])
