"""What there is to say about one imported voucher, in words: its signature, its CDR, its amounts.

None of it stands in the way of importing; it goes into the report and, as observations, to the voucher itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from app.ledger.lifecycle import Status
from app.problems import Text
from app.registry.entries import CdrEntry, Item, VoucherEntry
from sunat.ubl.recomputing import Difference

MOST_DIFFERENCES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to say: a stable word, whether somebody should look at it, and the sentence."""

    code: str
    level: Literal["note", "warning"]
    text: Text


_SIGNATURE: Final = {
    "invalid": Text("La firma del XML no es válida", "The XML's signature is not valid"),
    "absent": Text("El XML no está firmado", "The XML is not signed"),
}
_CAUSES: Final = {
    "rounding": Text("redondeo de otro sistema", "another system's rounding"),
    "tolerated": Text("dentro de la tolerancia de SUNAT", "within SUNAT's tolerance"),
    "wrong": Text("fuera de la tolerancia de SUNAT", "beyond SUNAT's tolerance"),
    "rate": Text("esa tasa no regía ese día", "that rate was not in force that day"),
}
_FIELDS: Final = {
    "value": Text("valor de venta", "net amount"), "tax_total": Text("impuestos", "taxes"),
    "payable": Text("importe total", "total amount"), "tax": Text("impuesto", "tax"), "rate": Text("tasa", "rate"),
    "discount_total": Text("otros descuentos", "other discounts"),
    "charge_total": Text("otros cargos", "other charges"), "free_tax": Text("IGV de la línea gratuita", "IGV shown"),
    "isc": Text("ISC", "ISC"), "bags": Text("ICBPER", "ICBPER"), "other": Text("otros tributos", "other tributes"),
}
_TOTALS: Final = {"base": Text("base del tributo", "base of tribute"), "tax": Text("total del tributo", "tribute")}
"""Totals of one tribute (``base.1000``, ``tax.2000``)."""
_BEYOND: Final = {
    "discount": Text("un descuento global que no cuadra", "a discount of the whole that does not fit"),
    "charge": Text("un cargo global de otro código", "a surcharge of the whole of another code"),
    "prepaid": Text("anticipos que no cuadran", "advances that do not fit"),
    "rounding": Text("un redondeo mayor que uno", "a rounding of more than one"),
    "quantity": Text("una cantidad en cero", "a quantity of zero"),
    "affectation": Text("una afectación que no existe o no va con su tributo",
                        "an affectation that does not exist or does not go with its tribute"),
    "tribute": Text("tributos que no van juntos", "tributes that do not go together"),
    "line_discount": Text("descuentos de línea de otro código", "line discounts of another code"),
}


def remarks_of(entry: VoucherEntry, cdr: CdrEntry | None, status: Status, ruc: str) -> tuple[Remark, ...]:
    """All there is to say about a voucher of the issuer ``ruc``."""
    return tuple(_signed(entry, ruc) + _answered(cdr, status) + _amounts(entry))


def remarks_about(item: Item) -> list[dict[str, Any]]:
    """The remarks of an item as observations of a stored voucher; notes are left to the report."""
    return [
        {
            "code": remark.code, "pointer": "", "hint": "", "severity": "observation", "source": "chasqui",
            "message": remark.text.es, "message_es": remark.text.es, "message_en": remark.text.en,
        }
        for remark in remarks_of(item.entry, item.cdr, item.status, item.entry.facts.voucher.ruc)
        if remark.level == "warning"
    ]


def _signed(entry: VoucherEntry, ruc: str) -> list[Remark]:
    seal = entry.seal
    if seal.state != "valid":
        return [Remark(code="CHQ-IMPORT-SIGNATURE", level="warning", text=_SIGNATURE[seal.state])]
    found = []
    if seal.sha1:
        found.append(Remark(code="CHQ-IMPORT-SHA1", level="note", text=Text(
            "Firmado con SHA-1, como era usual", "Signed with SHA-1, as was usual"
        )))
    if ruc not in seal.rucs:
        found.append(Remark(code="CHQ-IMPORT-HOLDER", level="note", text=Text(
            f"Lo firmó {seal.holder} ({', '.join(seal.rucs) or 'sin RUC'})",
            f"Signed by {seal.holder} ({', '.join(seal.rucs) or 'no RUC'})",
        )))
    if not seal.in_force:
        found.append(Remark(code="CHQ-IMPORT-CERTIFICATE", level="warning", text=Text(
            "El certificado no estaba vigente en la fecha de emisión",
            "The certificate was not in force on the issue date",
        )))
    return found


def _answered(cdr: CdrEntry | None, status: Status) -> list[Remark]:
    if cdr is None:
        return [Remark(code="CHQ-IMPORT-NO-CDR", level="warning", text=Text(
            "Sin constancia (CDR): no se sabe si SUNAT lo aceptó", "No CDR: whether SUNAT accepted it is not known"
        ))]
    if status is Status.ISSUED:
        return [Remark(code="CHQ-IMPORT-CDR-SIGNATURE", level="warning", text=Text(
            "La firma de la constancia (CDR) no es válida: no prueba nada",
            "The CDR's signature is not valid: it proves nothing",
        ))]
    return []


def _amounts(entry: VoucherEntry) -> list[Remark]:
    found = [_difference(each) for each in entry.differences[:MOST_DIFFERENCES]]
    more = len(entry.differences) - len(found)
    if more:
        found.append(Remark(code="CHQ-IMPORT-AMOUNT", level="note", text=Text(
            f"y {more} diferencias más", f"and {more} more differences"
        )))
    if entry.beyond:
        words = [_BEYOND[word] for word in entry.beyond]
        found.append(Remark(code="CHQ-IMPORT-BEYOND", level="note", text=Text(
            f"No se recalculó todo: lleva {', '.join(word.es for word in words)}",
            f"Not all of it was worked out again: it has {', '.join(word.en for word in words)}",
        )))
    return found


def _difference(each: Difference) -> Remark:
    parts = each.field.split(".")
    where = Text("", "")
    if parts[0] == "lines":
        where, name = Text(f"Línea {int(parts[1]) + 1}: ", f"Line {int(parts[1]) + 1}: "), _FIELDS[parts[-1]]
    elif parts[0] in _TOTALS:
        total = _TOTALS[parts[0]]
        name = Text(f"{total.es} {parts[1]}", f"{total.en} {parts[1]}")
    else:
        name = _FIELDS[each.field]
    cause = _CAUSES[each.cause]
    return Remark(
        code="CHQ-IMPORT-AMOUNT", level="warning" if each.cause in {"wrong", "rate"} else "note", text=Text(
            f"{where.es}{name.es} {each.given} y debería ser {each.expected} ({cause.es})",
            f"{where.en}{name.en} {each.given} and should be {each.expected} ({cause.en})",
        ),
    )
