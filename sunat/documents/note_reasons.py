"""What a note may contain, by its reason: a decision table of catalogues 09 (credit) and 10 (debit).

``rules`` names the rows of SUNAT's workbook (2026-02-12) that hold a note to the table. Where there is none, the table
speaks by itself, and only to remark: SUNAT takes a note for part of an invoice under reason 01, yet its own manual
means the whole. Sources: Reglamento de Comprobantes de Pago (RS 007-99/SUNAT) art. 10; RS 193-2020/SUNAT (reason 13);
validation workbook, sheets of both notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from sunat.documents.sale import Note

EXPORT: Final = ("40",)
IVAP: Final = ("17",)
UNAFFECTED: Final = ("30", "31", "32", "33", "34", "35", "36", "37")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a note.

    ``affectations`` are those its lines may have (catalogue 07), empty for all but 17. ``amount``: its lines and total
    are worth ``some``thing, are ``zero``, or ``any`` of both. ``terms``: it must tell new terms of payment, which no
    other note may. ``targets`` are the kinds it may change (catalogue 01), empty for all that its series may.
    ``extent`` is what of the voucher it takes: the ``whole``, a ``part``, or ``any``. ``credit_only``: the voucher must
    have been sold on credit. ``alone``: it may change no voucher in particular.
    """

    code: str
    es: str
    en: str
    affectations: tuple[str, ...] = ()
    amount: Literal["some", "zero", "any"] = "some"
    terms: bool = False
    targets: tuple[str, ...] = ()
    extent: Literal["whole", "part", "any"] = "any"
    credit_only: bool = False
    alone: bool = False
    rules: tuple[str, ...] = ()


CREDIT_REASONS: Final = {
    row.code: row
    for row in (
        Reason(code="01", es="Anulación de la operación", en="The operation is undone", extent="whole"),
        Reason(code="02", es="Error en el RUC", en="Wrong RUC of the customer", extent="whole"),
        Reason(code="03", es="Corrección de la descripción", en="The description is corrected", amount="any"),
        Reason(code="04", es="Descuento global", en="Discount on the whole", extent="part", rules=("4367",)),
        Reason(code="05", es="Descuento por ítem", en="Discount on a line", extent="part", rules=("4367",)),
        Reason(code="06", es="Devolución total", en="Everything is returned", extent="whole"),
        Reason(code="07", es="Devolución por ítem", en="Some lines are returned", extent="part"),
        Reason(code="08", es="Bonificación", en="Bonus", extent="part", rules=("4367",)),
        Reason(code="09", es="Disminución en el valor", en="The value is lowered", extent="part"),
        Reason(code="10", es="Otros conceptos", en="Other concepts", alone=True, rules=("2524",)),
        Reason(code="11", es="Ajuste de exportación", en="Adjustment of an export", affectations=EXPORT,
               rules=("2642", "3107", "3194", "3221")),
        Reason(code="12", es="Ajuste afecto al IVAP", en="Adjustment under IVAP", affectations=IVAP,
               rules=("2644", "3107", "3221", "3230")),
        Reason(code="13", es="Nuevo monto pendiente, cuotas o vencimientos", en="New pending amount or instalments",
               amount="zero", terms=True, targets=("01",), credit_only=True,
               rules=("3257", "3259", "3260", "3261", "3315", "3320", "3321")),
    )
}
"""Catalogue 09."""

DEBIT_REASONS: Final = {
    row.code: row
    for row in (
        Reason(code="01", es="Intereses por mora", en="Interest for late payment"),
        Reason(code="02", es="Aumento en el valor", en="The value is raised"),
        Reason(code="03", es="Penalidades y otros conceptos", en="Penalties and other concepts", alone=True,
               rules=("2524",)),
        Reason(code="11", es="Ajuste de exportación", en="Adjustment of an export", affectations=EXPORT,
               rules=("2642", "3107", "3194", "3221")),
        Reason(code="12", es="Ajuste afecto al IVAP", en="Adjustment under IVAP", affectations=IVAP,
               rules=("2643", "2644", "3107", "3221", "3230")),
        Reason(code="13", es="Penalidades", en="Penalties", affectations=UNAFFECTED, rules=("3507",)),
    )
}
"""Catalogue 10."""

REASONS: Final = {"07": CREDIT_REASONS, "08": DEBIT_REASONS}
"""SUNAT's code of the note's kind -> its reasons."""


def unlike_its_extent(note: Note, target_total: Decimal) -> Reason | None:
    """The reason of a note when its total does not fit it: the whole of the voucher's ``target_total``, or a part.

    Amounts in the voucher's currency; a note without a total (its voucher was free) fits every reason.
    """
    reason = REASONS[note.TYPE_CODE].get(note.reason_code)
    if reason is None or reason.extent == "any" or not note.totals.payable:
        return None
    whole = note.totals.payable == target_total
    return reason if whole is not (reason.extent == "whole") else None


_AMOUNTS: Final = {"some": ("con importe", "worth something"), "zero": ("en cero", "zero"),
                   "any": ("con o sin importe", "worth something or zero")}
_EXTENTS: Final = {"whole": ("el total", "the whole"), "part": ("una parte", "a part"),
                   "any": ("total o parte", "whole or part")}


def told(type_code: str, *, english: bool = False) -> Iterator[tuple[str, ...]]:
    """The table of a note's kind (07, 08) for people: code, reason, lines, amounts, extent, terms, kinds it changes,
    SUNAT's rules. Raises KeyError for another kind.
    """
    side = int(english)
    for row in REASONS[type_code].values():
        lines = ",".join(row.affectations) or ("all but 17" if english else "todas menos 17")
        terms = ("new instalments" if english else "cuotas nuevas") if row.terms else "-"
        targets = ",".join(row.targets) or ("any" if english else "todos")
        if row.credit_only:
            targets += " on credit" if english else " al crédito"
        if row.alone:
            targets += " or none" if english else " o ninguno"
        yield (row.code, row.en if english else row.es, lines, _AMOUNTS[row.amount][side], _EXTENTS[row.extent][side],
               terms, targets, " ".join(row.rules) or "-")
