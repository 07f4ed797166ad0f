"""What an audit can find, in words. A finding names series, number and edition, and says what is wrong there.

A hole is a number inside the counter that nobody used and nobody declared: forbidden. Voided, rejected and lapsed
numbers are used; a declared gap has a reason and an author; neither is a finding (decision 14).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.problems import Text

FINDINGS: Final[Mapping[str, Text]] = {
    "HOLE": Text("hueco: números sin comprobante ni motivo", "hole: numbers without a voucher or a reason"),
    "DUPLICATE": Text("número repetido", "the number is there twice"),
    "NO_EDITION": Text("comprobante sin su XML firmado", "a voucher without its signed XML"),
    "NO_VOUCHER": Text("XML firmado sin su comprobante", "signed XML without its voucher"),
    "IDENTITY": Text("el comprobante no es de esta serie", "the voucher is not of this series"),
    "EDITION_ORDER": Text("edición fuera de orden", "an edition out of order"),
    "BYTES_ALTERED": Text("los bytes firmados cambiaron: su SHA-256 es otro", "the signed bytes changed: their "
                          "SHA-256 is another"),
    "DIGEST_ALTERED": Text("el resumen guardado no es el del XML", "the stored digest is not the XML's"),
    "TEXT_ALTERED": Text("el contenido no es el que se firmó", "the content is not what was signed"),
    "NOT_SIGNED": Text("el XML no está firmado o no se puede leer", "the XML is not signed or cannot be read"),
    "XML_IDENTITY": Text("el XML dice otro RUC, serie o número", "the XML says another RUC, series or number"),
    "LINK_BROKEN": Text("no sigue al eslabón anterior: falta o sobra una fila", "it does not follow the link before "
                        "it: a row is missing or too many"),
    "LINK_ALTERED": Text("el eslabón no se recalcula de su fila", "the link does not recompute from its row"),
    "HEAD_ALTERED": Text("la cadena no termina donde dice la serie", "the chain does not end where the series says"),
    "BEYOND_COUNTER": Text("número mayor que el contador", "the number is beyond the counter"),
    "BEFORE_START": Text("número anterior al primero de la serie", "the number is before the first of the series"),
    "IN_DECLARED_GAP": Text("número emitido dentro de un salto declarado", "issued inside a declared gap"),
    "NOT_PREPRINTED": Text("número fuera de los rangos impresos", "the number is in no registered range"),
}
"""Every finding there is."""

LISTED: Final = 1000
"""How many findings of one series are told one by one; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong at a number (None: of the whole series, or of a row that has lost its number)."""

    code: str
    number: int | None = None
    to_number: int | None = None
    edition: int | None = None

    @property
    def text(self) -> Text:
        """What is wrong, in words."""
        return FINDINGS[self.code]

    def body(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        said: dict[str, Any] = {"code": self.code, "number": self.number}
        if self.to_number is not None:
            said["to_number"] = self.to_number
        if self.edition is not None:
            said["edition"] = self.edition
        return {**said, "message_es": self.text.es, "message_en": self.text.en}
