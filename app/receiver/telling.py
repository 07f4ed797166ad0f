"""The page's texts, in Spanish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.ledger.lifecycle import Status
from app.ledger.models import IMPORTED, DocumentRecord
from app.problems import Text

LIVE: Final = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is said of a voucher above all, and its colour: it stands, it does not, it is open."""

    tone: Literal["good", "bad", "open"]
    title: Text
    detail: Text


_STATES: Final[Mapping[Status, State]] = {
    Status.ISSUED: State(tone="open", title=Text("Emitido", "Issued"), detail=Text(
        "SUNAT todavía no ha respondido por este comprobante", "SUNAT has not answered about this voucher yet"
    )),
    Status.ACCEPTED: State(tone="good", title=Text("Aceptado", "Accepted"), detail=Text(
        "SUNAT lo tiene como válido", "SUNAT holds it as valid"
    )),
    Status.OBSERVED: State(
        tone="good", title=Text("Aceptado con observaciones", "Accepted with observations"), detail=Text(
            "SUNAT lo tiene como válido; su constancia dice qué observó",
            "SUNAT holds it as valid; its receipt says what it observed",
        ),
    ),
    Status.REJECTED: State(tone="bad", title=Text("Rechazado", "Rejected"), detail=Text(
        "SUNAT lo rechazó: no tiene validez", "SUNAT rejected it: it is not valid"
    )),
    Status.VOIDED: State(tone="bad", title=Text("Dado de baja", "Voided"), detail=Text(
        "El emisor lo dio de baja: ya no tiene validez", "Its issuer voided it: it is no longer valid"
    )),
    Status.LAPSED: State(tone="bad", title=Text("Sin validez", "Not valid"), detail=Text(
        "SUNAT no lo recibió dentro del plazo", "SUNAT did not receive it in time"
    )),
}
_ELSEWHERE: Final = State(tone="open", title=Text("Emitido en otro sistema", "Issued in another system"), detail=Text(
    "Aquí no consta la respuesta de SUNAT; consúltela en www.sunat.gob.pe",
    "SUNAT's answer is not known here; ask for it at www.sunat.gob.pe",
))

WORDS: Final[Mapping[str, Text]] = {
    "title": Text("Consulta de comprobante electrónico", "Look up an electronic voucher"),
    "lead": Text(
        "Escriba los datos tal como aparecen en el comprobante.", "Type what the voucher says, as it says it."
    ),
    "ruc": Text("RUC del emisor", "Issuer's RUC"),
    "kind": Text("Tipo de comprobante", "Kind of voucher"),
    "choose": Text("Elija uno", "Choose one"),
    "series": Text("Serie", "Series"),
    "number": Text("Número", "Number"),
    "date": Text("Fecha de emisión", "Date of issue"),
    "total": Text("Importe total", "Total amount"),
    "no_total": Text("Vacío en una guía de remisión", "Empty for a despatch guide"),
    "ask": Text("Consultar", "Look up"),
    "again": Text("Consultar otro comprobante", "Look up another voucher"),
    "missing": Text("No hay un comprobante con esos datos", "There is no voucher with these data"),
    "missing_detail": Text(
        "Revise cada dato: basta que uno sea distinto. También puede consultarlo en www.sunat.gob.pe.",
        "Check each of them: one that differs is enough. You may also ask at www.sunat.gob.pe.",
    ),
    "wrong": Text("Falta corregir algún dato", "Something has to be corrected"),
    "failed": Text("No se pudo atender la consulta", "The request could not be served"),
    "trial": Text("Sin valor tributario", "Without tax value"),
    "trial_detail": Text("Comprobantes de un entorno de pruebas", "Vouchers of a test environment"),
    "issuer": Text("Emisor", "Issuer"),
    "at": Text("Consultado", "Looked up"),
    "files": Text("Descargar", "Download"),
    "pdf": Text("Representación impresa (PDF)", "Printed form (PDF)"),
    "xml": Text("Comprobante firmado (XML)", "Signed voucher (XML)"),
    "cdr": Text("Constancia de SUNAT (CDR)", "SUNAT's receipt (CDR)"),
}
"""Everything on the page that is the same for every voucher."""


def state_of(row: DocumentRecord) -> State:
    """What is said of a voucher as it stands now."""
    status = Status(row.status)
    return _ELSEWHERE if row.origin == IMPORTED and status is Status.ISSUED else _STATES[status]
