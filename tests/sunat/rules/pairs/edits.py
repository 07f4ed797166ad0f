"""Edits of a voucher's tree, and the row that pairs one with a rule. Paths may use the short names of the tables."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lxml import etree

from sunat.rules import boleta, credit_note, debit_note, invoice
from sunat.rules.names import Names
from sunat.xml import PREFIXES, Element, parse
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.vouchers import NAMESPACES, build

TABLES: Final = {"01": invoice.RULES, "03": boleta.RULES, "07": credit_note.RULES, "08": debit_note.RULES}
Edit = Callable[[Element, Names], None]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A code, the shape that keeps it, the edits that break it, and what else they break."""

    code: str
    edits: tuple[Edit, ...]
    base: str
    kinds: tuple[str, ...]
    also: frozenset[str]
    context: dict[str, Any] = field(default_factory=dict)
    issued: str | None = None


def pair(
    code: str, *edits: Edit, base: str = "plain", kinds: str = "", also: str = "", issued: str | None = None,
    **context: Any,
) -> Pair:
    """A row. ``kinds`` narrows it ("01 03"); ``also`` lists accompanying codes; the rest goes to the context."""
    wanted = kinds.split() if kinds else [
        kind for kind, table in TABLES.items()
        if code in table.codes() and kind in KINDS_OF.get(base, ("01", "03", "07", "08"))
    ]
    return Pair(code=code, edits=edits, base=base, kinds=tuple(wanted), also=frozenset(also.split()), context=context,
                issued=issued)


def voucher(case: Pair, kind: str, *, broken: bool) -> Element:
    """The voucher of a pair, as it keeps or as it breaks the rule."""
    shape = BASES[case.base](kind)
    if case.issued:
        shape = replace(shape, issued=case.issued)
    root = parse(build(shape))
    if broken:
        for edit in case.edits:
            edit(root, TABLES[kind].names)
    return root


def _nodes(root: Element, names: Names, path: str) -> list[Element]:
    element = names.full(path).partition("/@")[0]
    found = root.findall(element, PREFIXES)
    assert found, f"the shape has no {element}"
    return found


def to(path: str, text: str, nth: int = 0) -> Edit:
    """Gives the nth node, or its attribute, another text."""

    def edit(root: Element, names: Names) -> None:
        node = _nodes(root, names, path)[nth]
        attribute = names.full(path).partition("/@")[2]
        if attribute:
            node.set(attribute, text)
        else:
            node.text = text

    return edit


def everywhere(path: str, text: str) -> Edit:
    """Gives all such nodes another text."""

    def edit(root: Element, names: Names) -> None:
        for node in _nodes(root, names, path):
            attribute = names.full(path).partition("/@")[2]
            if attribute:
                node.set(attribute, text)
            else:
                node.text = text

    return edit


def drop(path: str, nth: int = 0) -> Edit:
    """Takes the nth node, or its attribute, away."""

    def edit(root: Element, names: Names) -> None:
        node = _nodes(root, names, path)[nth]
        attribute = names.full(path).partition("/@")[2]
        if attribute:
            del node.attrib[attribute]
        else:
            above = node.getparent()
            assert above is not None
            above.remove(node)

    return edit


def drop_all(path: str) -> Edit:
    """Takes all such nodes away."""

    def edit(root: Element, names: Names) -> None:
        for node in _nodes(root, names, path):
            above = node.getparent()
            assert above is not None
            above.remove(node)

    return edit


def twice(path: str, nth: int = 0) -> Edit:
    """Repeats the nth node."""

    def edit(root: Element, names: Names) -> None:
        node = _nodes(root, names, path)[nth]
        node.addnext(copy.deepcopy(node))

    return edit


def put(path: str, xml: str, nth: int = 0) -> Edit:
    """Adds XML inside the nth node ("" is the voucher). Rules do not look at the order; the schema does."""

    def edit(root: Element, names: Names) -> None:
        holder = _nodes(root, names, path)[nth] if path else root
        for child in etree.fromstring(f"<x{NAMESPACES}>{xml}</x>"):
            holder.append(child)

    return edit
