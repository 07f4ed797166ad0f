"""What may be asked about vouchers on record: the CDR query and the validity query.

Sources: SUNAT's guides to the query of the CDR and of the validity of electronic vouchers by web service. The same
number 0004 means "malformed RUC" in one operation and "there is a CDR" in the other: it is the operation that tells.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from sunat.errors import FormatError
from sunat.identity import is_ruc
from sunat.numbering import VoucherId, parse_file_name
from sunat.sandbox.ledger import Entry, Ledger, State

TEXTS: Final[Mapping[str, str]] = MappingProxyType({
    "0001": "El comprobante existe y está aceptado",
    "0002": "El comprobante existe pero está rechazado",
    "0003": "El comprobante existe pero está de baja",
    "0004": "El RUC no tiene la forma de un RUC: once dígitos",
    "0005": "El tipo de comprobante no tiene su forma: dos dígitos",
    "0006": "La serie no tiene su forma: cuatro caracteres",
    "0007": "El número del comprobante debe ser mayor que cero",
    "0008": "El RUC no está inscrito",
    "0009": "El tipo de comprobante debe ser 01, 07 u 08",
    "0010": "La serie no es de las que se consultan aquí: empieza con F",
    "0011": "El comprobante no existe",
    "0012": "No puede consultar comprobantes de ese contribuyente",
})
CDR_EXISTS: Final = "La constancia existe"

STATE_CODES: Final[Mapping[State, str]] = MappingProxyType({
    State.ACCEPTED: "0001", State.REJECTED: "0002", State.VOIDED: "0003",
})
_ASKED_BY_CDR: Final = frozenset({"01", "07", "08"})
_FORM: Final = {"ruc": re.compile(r"[0-9]{11}"), "type": re.compile(r"[0-9]{2}"), "series": re.compile(r"[A-Z0-9]{4}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An answer to a query: the code, its words, and the CDR's zip where one was asked for and exists."""

    code: str
    message: str
    content: bytes | None = field(default=None, repr=False)


def told(code: str) -> Status:
    """The status with the usual words for a code."""
    return Status(code=code, message=TEXTS[code])


def voucher_asked(ruc: str, type_code: str, series: str, number: str) -> VoucherId | None:
    """The voucher that four parts name, or None where they name none that can exist."""
    try:
        return VoucherId(ruc=ruc.strip(), type_code=type_code.strip(), series=series.strip(), number=int(number))
    except (FormatError, ValueError):
        return None


def consult(ledger: Ledger, parts: Mapping[str, str]) -> Status:
    """getStatus of the query service: the state of a voucher of series F."""
    found = _entry(ledger, parts, any_series=False)
    return found if isinstance(found, Status) else told(STATE_CODES[found.state])


def consult_cdr(ledger: Ledger, parts: Mapping[str, str], *, any_series: bool = False) -> Status:
    """getStatusCdr: the CDR itself under 0004, or the state alone where the record holds no CDR."""
    found = _entry(ledger, parts, any_series=any_series)
    if isinstance(found, Status):
        # A malformed RUC would be 0004 as well, which says "here it is" in this operation.
        return told("0008") if found.code == "0004" else found
    if not found.cdr:
        return told(STATE_CODES[found.state])
    return Status(code="0004", message=CDR_EXISTS, content=found.cdr)


def validate(ledger: Ledger, parts: Mapping[str, str]) -> Status:
    """validaCDPcriterios: a voucher by its identity, date (dd/mm/yyyy), amount and, where told, its receiver."""
    ruc, type_code = _part(parts, "rucEmisor"), _part(parts, "tipoCDP")
    series, number = _part(parts, "serieCDP"), _part(parts, "numeroCDP")
    malformed = _malformed(ruc, type_code, series, number)
    if malformed:
        return told(malformed)
    voucher = voucher_asked(ruc, type_code, series, number)
    entry = ledger.get(voucher) if voucher else None
    kind, receiver = _part(parts, "tipoDocIdReceptor"), _part(parts, "numeroDocIdReceptor")
    if entry is None or not same_sale(entry, _part(parts, "fechaEmision"), _part(parts, "importeTotal")):
        return told("0011")
    if receiver and entry.customer and entry.customer != f"{kind}-{receiver}":
        return told("0011")
    return told(STATE_CODES[entry.state])


def verify_file(ledger: Ledger, parts: Mapping[str, str]) -> Status:
    """verificaCPEarchivo: whether this very XML (base64) is the one on record under its name."""
    name = _part(parts, "nombre")
    try:
        voucher = parse_file_name(name)
        content = b64decode("".join(_part(parts, "archivo").split()), validate=True)
    except (FormatError, binascii.Error, ValueError):
        return told("0006")
    entry = ledger.get(voucher) if isinstance(voucher, VoucherId) else None
    if entry is None:
        return told("0011")
    if entry.sha256 != hashlib.sha256(content).hexdigest():
        return Status(code="0011", message="El archivo no es el que se informó con ese número")
    return told(STATE_CODES[entry.state])


def same_sale(entry: Entry, issued: str, amount: str) -> bool:
    """Whether date (dd/mm/yyyy) and amount are the entry's; what the record does not know is not compared."""
    try:
        # A date alone: no moment and no zone are in it.
        day: date | None = datetime.strptime(issued, "%d/%m/%Y").date()  # noqa: DTZ007
        total = Decimal(amount)
    except (ValueError, InvalidOperation):
        return False
    return entry.issue_date in {None, day} and (entry.total is None or entry.total == total)


def _entry(ledger: Ledger, parts: Mapping[str, str], *, any_series: bool) -> Entry | Status:
    ruc, type_code = _part(parts, "rucComprobante"), _part(parts, "tipoComprobante")
    series, number = _part(parts, "serieComprobante"), _part(parts, "numeroComprobante")
    malformed = _malformed(ruc, type_code, series, number)
    if malformed:
        return told(malformed)
    if not is_ruc(ruc):
        return told("0008")
    if not any_series and type_code not in _ASKED_BY_CDR:
        return told("0009")
    if not any_series and not series.startswith("F"):
        return told("0010")
    voucher = voucher_asked(ruc, type_code, series, number)
    entry = ledger.get(voucher) if voucher else None
    return entry or told("0011")


def _malformed(ruc: str, type_code: str, series: str, number: str) -> str:
    if not _FORM["ruc"].fullmatch(ruc):
        return "0004"
    if not _FORM["type"].fullmatch(type_code):
        return "0005"
    if not _FORM["series"].fullmatch(series):
        return "0006"
    if not (number.isascii() and number.isdigit() and len(number) < 19 and int(number)):
        return "0007"
    return ""


def _part(parts: Mapping[str, str], name: str) -> str:
    return parts.get(name, "").strip()
