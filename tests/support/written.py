"""Contents as XML, and the XML's nodes as a finding names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sunat import xml
from sunat.documents import Sale
from sunat.kinds import kind_of
from sunat.rules import paths
from sunat.ubl.render import render

SERIES: Final = {"01": "F001", "03": "B001", "07": "FC01", "08": "FD01"}


def series_of(content: Sale) -> str:
    """A series that fits the kind, and a note's target."""
    target = getattr(content, "target", None)
    of_boleta = target is not None and target.type_code == "03"
    return SERIES[content.TYPE_CODE].replace("F", "B") if of_boleta else SERIES[content.TYPE_CODE]


def written(content: Sale) -> bytes:
    """The voucher unsigned, with number 123."""
    return render(content, template=kind_of(content).template, series=series_of(content)).numbered(123)


def nodes(root: Any) -> Iterator[tuple[str, str]]:
    """Concrete paths as findings have them, with the texts of leaves and attributes."""
    scopes = {full(scope, xml.name(root)) for scope in paths.SALE_SCOPES}

    def walk(node: Any, plain: str, path: str) -> Iterator[tuple[str, str]]:
        seen: dict[str, int] = {}
        names = [xml.name(child) for child in xml.children(node)]
        for child, name in zip(xml.children(node), names, strict=True):
            seen[name] = seen.get(name, 0) + 1
            below = f"{plain}/{name}" if plain else name
            here = f"{path}/{name}"
            if names.count(name) > 1 or below in scopes:
                here += f"[{seen[name]}]"
            if len(child):
                yield from walk(child, below, here)
            else:
                yield here, child.text or ""
            for attribute, value in child.items():
                if attribute != "currencyID":
                    yield f"{here}/@{attribute}", str(value)

    yield from walk(root, "", "/" + xml.name(root))


def full(scope: str, root: str) -> str:
    """The path of a scope with its short names written out."""
    names = {"Invoice": paths.INVOICE, "CreditNote": paths.CREDIT_NOTE, "DebitNote": paths.DEBIT_NOTE}[root]
    return "/".join(names.get(part, part) for part in scope.split("/"))
