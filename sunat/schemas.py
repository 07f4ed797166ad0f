"""The official XML schemas, where the installation has them: each voucher against the UBL 2.1 schema of its root.

SUNAT checks the schema before any rule and answers 0306. The schemas are OASIS's and SUNAT's and are not part of this
package; a folder that holds them (``UBL-Invoice-2.1.xsd`` and its like, with what they include) is named once.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final

from sunat import xml
from sunat.errors import SchemaError

ROOTS: Final = ("Invoice", "CreditNote", "DebitNote")
"""The roots that there must be a schema for."""

ALSO: Final = {
    "Retention": "UBLPE-Retention-1.0.xsd", "Perception": "UBLPE-Perception-1.0.xsd",
    "DespatchAdvice": "UBL-DespatchAdvice-2.1.xsd", "SelfBilledInvoice": "UBL-SelfBilledInvoice-2.1.xsd",
}
"""Further roots, checked where the folder has their schema: SUNAT's own (UBL 2.0), guides, purchase settlements."""

_SLOT: Final = "ext:ExtensionContent"
_LATER: Final = "sac:ExceptionalIndicator"
"""Of a certificate of perception (3322): the workbook has it, its schema of 2015 has not."""


class Schemas:
    """The compiled schemas of a folder. Raises SchemaError when one is missing or does not compile."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SchemaError(f"{folder} is not a folder")
        self._schemas = {root: xml.Schema(_find(folder, f"UBL-{root}-2.1.xsd"), folder) for root in ROOTS}
        for root, name in ALSO.items():
            for found in sorted(folder.rglob(name))[:1]:
                self._schemas[root] = xml.Schema(found, folder)

    def breaches(self, root: xml.Element) -> tuple[xml.Breach, ...]:
        """Where a voucher does not follow its schema; the empty place of a signature that is still to come is let pass.

        A root without a schema here has none to break.
        """
        schema = self._schemas.get(xml.name(root).rpartition(":")[2])
        if schema is None:
            return ()
        found = schema.breaches(_without_later_nodes(root))
        if found and next(root.iter(f"{{{xml.DS}}}Signature"), None) is None:
            return tuple(one for one in found if not one.path.endswith(_SLOT))
        return found


def _without_later_nodes(root: xml.Element) -> xml.Element:
    """The tree without what SUNAT has added to a voucher and not to the schema that it publishes."""
    if xml.find(root, _LATER) is None:
        return root
    published = deepcopy(root)
    for node in xml.find_all(published, _LATER):
        published.remove(node)
    return published


def _find(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if not found:
        raise SchemaError(f"There is no {name} in {folder}")
    return found[0]
