"""What the law says of a voucher that has no number yet, in the caller's own fields.

The XML is rendered once with the number it would get; every rule of its kind looks at it. Findings come back as the
contract's error items: SUNAT's code, a pointer into the body, what is wrong and how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.documents.pointers import pointer_of
from app.documents.vocabulary import in_contract_words
from app.problems import NO_TEXT, Item, Text
from sunat import xml
from sunat.documents import Voucher
from sunat.kinds import Kind
from sunat.rules.context import Context
from sunat.rules.engine import Finding, Severity, judge, strictly
from sunat.schemas import Schemas
from sunat.taxes import Mismatch
from sunat.ubl.pointers import field_of
from sunat.ubl.render import Unnumbered, check_canonical
from sunat.validation import schema_findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an installation and an account want it judged: by the XML schemas too, and ``strict`` about observations
    that SUNAT is turning into errors."""

    schemas: Schemas | None = None
    strict: bool = False


PLAIN: Final = Manner()


def findings_of(
    kind: Kind, content: Voucher, voucher: Unnumbered, number: int, context: Context, body: Mapping[str, Any],
    manner: Manner = PLAIN,
) -> list[Item]:
    """Every rule of the kind that the voucher breaks, errors and observations; ``content`` is what it was written from.

    Raises RenderError when our own template wrote something that is not canonical XML: a fault of ours, caught here
    because a signature over it would not verify.
    """
    rendered = voucher.numbered(number)
    root = xml.parse(rendered)
    check_canonical(root, rendered)
    found = schema_findings(root, manner.schemas) + judge(root, kind.rules, context)
    return [_item(finding, content, body) for finding in (strictly(found) if manner.strict else found)]


def mismatch_items(mismatches: Sequence[Mismatch], body: Mapping[str, Any]) -> list[Item]:
    """The caller's amounts that do not add up: which, what was expected, what was given, and the steps behind it."""
    return [_mismatch(row, body) for row in mismatches]


def _item(finding: Finding, content: Voucher, body: Mapping[str, Any]) -> Item:
    field = field_of(finding.path, content)
    return Item(
        code=finding.code, pointer=pointer_of(field, body, content),
        message=Text(_citing(finding.message_es, finding.norm), _citing(finding.message_en, finding.norm)),
        hint=Text(in_contract_words(field, finding.hint_es), in_contract_words(field, finding.hint_en)),
        severity="error" if finding.severity is Severity.ERROR else "observation",
    )


def _citing(message: str, norm: str) -> str:
    return f"{message.rstrip('.')} ({norm})." if norm else message


_NAMES: Final = {
    "value": Text("El valor de venta total", "The net amount"),
    "tax_total": Text("El total de impuestos", "The taxes amount"),
    "payable": Text("El importe total", "The total amount"),
}
_BESIDE: Final = {
    "perception.amount": Text("La percepción", "The perception"),
    "perception.total": Text("El total con la percepción, en soles,", "The total with the perception, in soles,"),
    "retention.amount": Text("La retención del IGV", "The IGV kept back"),
    "settlement.payable": Text(
        "Lo que se paga al vendedor, sin IGV ni retención,", "What the seller is paid, without IGV and income tax,"
    ),
    "income_tax.base": Text("La base de la retención de renta", "The base of the income tax"),
    "income_tax.amount": Text("La retención de renta", "The income tax kept back"),
    "income_withholding.amount": Text("La retención de renta", "The income tax kept back"),
}
_LINE_TAX: Final = Text("El impuesto de la línea", "The line's tax")
_MOST_STEPS: Final = 12
_ROUNDING: Final = Text(
    "Cada línea se redondea a céntimos y los totales son la suma de las líneas. Si sus precios incluyen IGV, envíe "
    'pe_header.price_mode "gross"; un total que no se envía no se compara',
    "Each line is rounded to céntimos and totals are the sum of the lines. If your prices include IGV, send "
    'pe_header.price_mode "gross"; a total that is not sent is not compared',
)
_LEAVE_OUT: Final = Text(
    "Corrija el monto u omítalo: se calcula", "Correct the amount or leave it out: it is worked out"
)


def _mismatch(row: Mismatch, body: Mapping[str, Any]) -> Item:
    whole = row.field in _NAMES
    name = _NAMES.get(row.field) or _BESIDE.get(row.field, _LINE_TAX)
    steps = _sum(row.steps) if whole else Text(
        f"sobre {row.steps[0]}, {row.steps[1]}", f"on {row.steps[0]}, {row.steps[1]}"
    )
    cause = Text(f". {row.cause.es}", f". {row.cause.en}") if row.cause else NO_TEXT
    return Item(
        code="CHQ-TOTALS", pointer=pointer_of(row.field, body),
        message=Text(
            f"{name.es} es {row.expected} y llegó {row.given}: {steps.es}{cause.es}",
            f"{name.en} is {row.expected} and {row.given} was given: {steps.en}{cause.en}",
        ),
        hint=_LEAVE_OUT if row.field in _BESIDE else _ROUNDING,
    )


def _sum(steps: Sequence[Decimal]) -> Text:
    shown = " + ".join(str(step) for step in steps[:_MOST_STEPS])
    more = len(steps) - _MOST_STEPS
    if more > 0:
        return Text(f"{shown} + {more} líneas más", f"{shown} + {more} more lines")
    return Text(f"suma de líneas {shown}", f"sum of lines {shown}")
