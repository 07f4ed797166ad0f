"""Goldens with one element removed, emptied or altered, and whether any rule notices."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sunat import xml
from sunat.kinds import KINDS, Kind
from sunat.rules.context import Context
from sunat.rules.engine import judge
from tests.support.shared import PROJECT

VERBS: Final = ("removed", "emptied", "altered")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_FOLD: Final = re.compile(r"cac:(Invoice|CreditNote|DebitNote)Line|cbc:(Invoiced|Credited|Debited)Quantity"
                          r"|cac:(Legal|Requested)MonetaryTotal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """A golden voucher: its kind, its folder's name, its tree."""

    kind: Kind
    name: str
    root: xml.Element

    @property
    def context(self) -> Context:
        issued = date.fromisoformat(xml.text(self.root, "cbc:IssueDate") or "")
        return Context(received=issued, exchange_rate=Decimal("3.75"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An element of a golden, by its position among all of them, and its path without indexes."""

    golden: Golden
    position: int
    path: str


def goldens(*stems: str) -> tuple[Golden, ...]:
    """The goldens of some stems, all of the sales' by default, in order of their names."""
    wanted = stems or ("invoice", "boleta", "credit_note", "debit_note")
    return tuple(
        Golden(kind=row, name=file.parent.name, root=xml.parse(file.read_bytes()))
        for row in KINDS if row.stem in wanted
        for file in sorted((PROJECT / "fixtures" / row.stem).glob("*/document.xml"))
    )


def places(golden: Golden) -> Iterator[Place]:
    """Every element below the root but those around the signature that is still to come."""
    for position, element in enumerate(golden.root.iter("*")):
        path = path_of(element)
        if path and not path.startswith("ext:UBLExtensions"):
            yield Place(golden=golden, position=position, path=path)


def path_of(element: xml.Element) -> str:
    """The path below the root, what differs only by kind folded."""
    steps = [xml.name(element)]
    above = element.getparent()
    while above is not None:
        steps.append(xml.name(above))
        above = above.getparent()
    return _FOLD.sub(_folded, "/".join(reversed(steps[:-1])))


def _folded(match: re.Match[str]) -> str:
    return "line" if match[1] else "quantity" if match[2] else "totals"


def mutated(place: Place, verb: str) -> xml.Element | None:
    """The golden with the place changed; None where that changes nothing (a holder has no text to alter)."""
    root = copy.deepcopy(place.golden.root)
    element = list(root.iter("*"))[place.position]
    above = element.getparent()
    assert above is not None
    if verb == "removed":
        above.remove(element)
    elif verb == "emptied":
        if not len(element) and not element.text:
            return None
        for child in list(element):
            element.remove(child)
        element.text = ""
    else:
        if len(element) or not element.text:
            return None
        element.text = altered(element.text)
    return root


def altered(text: str) -> str:
    """Another text of the same sort: another day, another number, other letters."""
    if _DATE.fullmatch(text):
        return f"{int(text[:4]) + 1}{text[4:]}"
    if _NUMBER.fullmatch(text):
        number = Decimal(text)
        whole = number + (Decimal("1.01") if "." in text else 1)
        return f"{whole}".zfill(len(text)) if text.startswith("0") and "." not in text else f"{whole}"
    if text in ("true", "false"):
        return "false" if text == "true" else "true"
    return f"{text[:-1]}{'X' if text[-1] != 'X' else 'Y'}"


def noticed(place: Place, verb: str) -> bool | None:
    """Whether any rule finds anything against the mutated golden; None where there is nothing to mutate."""
    root = mutated(place, verb)
    return None if root is None else bool(judge(root, place.golden.kind.rules, place.golden.context))
