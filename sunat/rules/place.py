"""Where a finding is: its concrete path in the XML and its place in the order of the document.

Paths are those of XPath with the usual prefixes. Repeating nodes (lines, tax subtotals, payment terms ...) always
carry their index, other nodes only when they have siblings of the same name.
"""

from __future__ import annotations

from collections import defaultdict

from sunat.rules.document import Document
from sunat.rules.shapes import Hit
from sunat.xml import Element, children, name


class Places:
    """The places of one voucher's nodes, numbered in one walk the first time that something has to be placed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._order: dict[Element, int] = {}
        self._index: dict[Element, int] = {}
        self._several: set[Element] = set()

    def order(self, element: Element | None) -> int:
        """The position in document order; 0 for the document itself."""
        self._number()
        return 0 if element is None else self._order[element]

    def path(self, path: str, scope: str, hit: Hit) -> str:
        """The concrete path of what was hit; of a missing node the place where it belongs."""
        attribute = path.rpartition("/")[2] if "@" in path else ""
        if hit.element is not None:
            here = self._concrete(hit.element)
            return f"{here}/{attribute}" if attribute else here
        document = self._document
        base = self._concrete(document.column(scope).elements[hit.ordinal] if scope else document.root)
        rest = path[len(scope):].lstrip("/")
        return f"{base}/{rest}" if rest else base

    def _number(self) -> None:
        if self._order:
            return
        # Every element stays referred to from here, so that lxml keeps handing out the same objects.
        for position, element in enumerate(self._document.root.iter("*")):
            self._order[element] = position
            groups: dict[object, list[Element]] = defaultdict(list)
            for child in children(element):
                groups[child.tag].append(child)
            for group in groups.values():
                for index, child in enumerate(group, start=1):
                    self._index[child] = index
                if len(group) > 1:
                    self._several.update(group)

    def _concrete(self, element: Element) -> str:
        self._number()
        root = self._document.root
        steps: list[Element] = []
        here: Element | None = element
        while here is not None and here is not root:
            steps.append(here)
            here = here.getparent()
        repeating = self._document.names.scopes
        plain, concrete = "", f"/{name(root).rpartition(':')[2]}"
        for step in reversed(steps):
            tag = name(step)
            plain = f"{plain}/{tag}" if plain else tag
            concrete += f"/{tag}"
            if step in self._several or plain in repeating:
                concrete += f"[{self._index[step]}]"
        return concrete
