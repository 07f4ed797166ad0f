"""Where a finding is: its concrete path in the XML and its place in the order of the document.

Paths are those of XPath with the usual prefixes. Repeating nodes (lines, tax subtotals, payment terms ...) always
carry their index, other nodes only when they have siblings of the same name.
"""

from __future__ import annotations

from sunat.rules.document import Document
from sunat.rules.shapes import Hit
from sunat.xml import Element, name


def order_of(element: Element) -> tuple[int, ...]:
    """The position of an element as a key that sorts in document order."""
    steps = []
    above = element.getparent()
    while above is not None:
        steps.append(above.index(element))
        element, above = above, above.getparent()
    return tuple(reversed(steps))


def path_of(root: Element, document: Document, path: str, scope: str, hit: Hit) -> str:
    """The concrete path of what was hit; of a missing node the place where it belongs."""
    attribute = path.rpartition("/")[2] if "@" in path else ""
    if hit.element is not None:
        here = _concrete(hit.element, root, document)
        return f"{here}/{attribute}" if attribute else here
    base = f"/{_plain(root)}"
    if scope:
        base = _concrete(document.column(scope).elements[hit.ordinal], root, document)
    rest = path[len(scope):].lstrip("/")
    return f"{base}/{rest}" if rest else base


def _concrete(element: Element, root: Element, document: Document) -> str:
    steps: list[Element] = []
    here: Element | None = element
    while here is not root and here is not None:
        steps.append(here)
        here = here.getparent()
    repeating = document.names.scopes
    plain, concrete = "", f"/{_plain(root)}"
    for step in reversed(steps):
        tag = name(step)
        plain = f"{plain}/{tag}" if plain else tag
        index = 1 + sum(1 for _ in step.itersiblings(step.tag, preceding=True))
        several = index > 1 or next(step.itersiblings(step.tag), None) is not None
        concrete += f"/{tag}[{index}]" if several or plain in repeating else f"/{tag}"
    return concrete


def _plain(root: Element) -> str:
    return name(root).rpartition(":")[2]
