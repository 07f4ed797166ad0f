"""From a field of the content to the JSON pointer of the body that its caller sent.

``sunat.ubl.pointers`` brings a finding as far as ``lines.1.quantity``; this table ends in ``/details/1/quantity``.
A field without a row is pointed at through its nearest parent, and the voucher as a whole is ``/header``. Where the
contract has two ways of saying a thing, the pointer is to the one that the body uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.documents import settlement_pointers
from app.documents.schemas.adjustments import line_pointers, whole_pointers
from app.documents.schemas.certificate_body import RETENTION, form_of
from app.documents.schemas.line_extras import stay_codes
from app.documents.shipping_pointers import BY_BODY as SHIPPING_BY_BODY
from app.documents.shipping_pointers import TABLE as SHIPPING
from app.wire.tax_types import TAX_TYPES
from sunat.documents import Sale, Voucher
from sunat.taxes import ISC, OTHER

_PE: Final = "/header/additional/pe_header"
_PE_LINE: Final = "/details/#/additional/pe_detail"
_IGV_FAMILY: Final = frozenset(row.tribute for row in TAX_TYPES.values()) - {ISC, OTHER}

Find = Callable[[Mapping[str, Any], Sequence[int]], str]
"""Finds the pointer of a field in a body; the numbers are those of the field."""

TABLE: Final = {
    **settlement_pointers.TABLE,
    "kind": "/header/document_type_id",
    "series": "/header/document_sequence_code",
    "issue_date": "/header/issue_date",
    "issue_time": f"{_PE}/issue_time",
    "due_date": f"{_PE}/due_date",
    "operation_type": f"{_PE}/operation_type",
    "signature_id": f"{_PE}/signature_id",
    "related": f"{_PE}/references",
    "related.#": f"{_PE}/references/#",
    "related.#.number": f"{_PE}/references/#/number",
    "related.#.type_code": f"{_PE}/references/#/type",
    "related.#.kind": f"{_PE}/references/#/kind",
    "currency": "/header/currency_id",
    "exchange_rate": "/header/exchange_rate_value",
    "remark": "/header/observations",
    "issuer": "/header/issuer_tax_id_code",
    "issuer.identity_number": "/header/issuer_tax_id_code",
    "issuer.identity_code": "/header/issuer_tax_id_type",
    "issuer.name": "/header/issuer_legal_name",
    "issuer.trade_name": f"{_PE}/issuer_trade_name",
    "issuer.establishment_code": f"{_PE}/establishment_code",
    "issuer.agent_ruc": f"{_PE}/agent_tax_id_code",
    "issuer.address": "/header/issuer_address",
    "issuer.address.line": "/header/issuer_address",
    "issuer.address.ubigeo": f"{_PE}/issuer_ubigeo",
    "issuer.address.district": "/header/issuer_district",
    "issuer.address.province": "/header/issuer_city",
    "issuer.address.department": "/header/issuer_department",
    "issuer.address.country": "/header/issuer_country_id",
    "customer": "/header/receiver_tax_id_code",
    "customer.identity_number": "/header/receiver_tax_id_code",
    "customer.identity_code": "/header/receiver_tax_id_type",
    "customer.name": "/header/receiver_legal_name",
    "customer.trade_name": f"{_PE}/receiver_trade_name",
    "payment.means": f"{_PE}/payment/means",
    "means": f"{_PE}/payment/means",
    "means.#": f"{_PE}/payment/means",
    "means.#.code": f"{_PE}/payment/means/code",
    "means.#.payment_id": f"{_PE}/payment/means/id",
    "is_advance": f"{_PE}/is_advance",
    "advances": f"{_PE}/advances",
    "advances.#": f"{_PE}/advances/#",
    "advances.#.payment_id": f"{_PE}/advances/#/payment_id",
    "advances.#.document_type": f"{_PE}/advances/#/document_type",
    "advances.#.number": f"{_PE}/advances/#/number",
    "advances.#.issuer_code": f"{_PE}/advances/#/issuer_tax_id_code",
    "advances.#.issuer_number": f"{_PE}/advances/#/issuer_tax_id_code",
    "advances.#.amounts": f"{_PE}/advances/#/total_amount",
    "advances.#.amounts.affectation": f"{_PE}/advances/#/affectation",
    "advances.#.amounts.base": f"{_PE}/advances/#/base_amount",
    "advances.#.amounts.isc": f"{_PE}/advances/#/isc_amount",
    "advances.#.amounts.total": f"{_PE}/advances/#/total_amount",
    "advances.#.paid_on": f"{_PE}/advances/#/date",
    "detraction": f"{_PE}/detraction",
    "detraction.code": f"{_PE}/detraction/code",
    "detraction.percent": f"{_PE}/detraction/rate",
    "detraction.amount": f"{_PE}/detraction/amount",
    "detraction.account": f"{_PE}/detraction/account",
    "detraction.means": f"{_PE}/detraction/payment_means",
    **{
        ".".join(filter(None, (name, part))): "/".join(filter(None, (_PE, name, member)))
        for name in ("perception", "retention", "income_withholding")
        for part, member in (("", ""), ("code", "code"), ("base", "base"), ("factor", "rate"), ("amount", "amount"))
    },
    "perception.total": f"{_PE}/perception/total",
    "delivery": f"{_PE}/delivery_address",
    "delivery.line": f"{_PE}/delivery_address/address_line",
    **{f"delivery.{name}": f"{_PE}/delivery_address/{name}" for name in (
        "ubigeo", "urbanization", "district", "province", "department", "country",
    )},
    "incoterm": f"{_PE}/incoterm",
    "service_country": f"{_PE}/service_use_country",
    "legends.#": f"{_PE}/legends",
    "target": "/references/0",
    "target.type_code": "/references/0/document_type_id",
    "target.number": "/references/0/reference_number",
    "target.issue_date": "/references/0/reference_date",
    "totals": "/totals",
    "totals.value": "/totals/net_amount",
    "totals.tax_total": "/totals/taxes_amount",
    "totals.taxes": "/totals/taxes_amount",
    "totals.price": "/totals/total_amount",
    "totals.payable": "/totals/total_amount",
    "totals.discount_total": "/totals",
    "totals.charge_total": "/totals",
    "totals.allowances": f"{_PE}/charges_discounts",
    "totals.prepaid": f"{_PE}/advances",
    "totals.rounding": f"{_PE}/rounding_amount",
    "value": "/totals/net_amount",
    "tax_total": "/totals/taxes_amount",
    "payable": "/totals/total_amount",
    "vouchers": "/references",
    "lines": "/details",
    "lines.#": "/details/#",
    "lines.#.quantity": "/details/#/quantity",
    "lines.#.unit": "/details/#/unit_measure",
    "lines.#.amounts": "/details/#/unit_price",
    "lines.#.description": "/details/#/line_description",
    "lines.#.seller_code": "/details/#/sku",
    "lines.#.sunat_code": f"{_PE_LINE}/sunat_product_code",
    "lines.#.gtin": f"{_PE_LINE}/gtin/code",
    "lines.#.gtin_type": f"{_PE_LINE}/gtin/type",
    "lines.#.claims.#": "/details/#/taxes/#/tax_amount",
    "lines.#.bags": f"{_PE_LINE}/icbper/bags",
    "lines.#.price_type": f"{_PE_LINE}/price_type",
    "lines.#.cargo": f"{_PE_LINE}/cargo_transport",
    "lines.#.cargo.origin": f"{_PE_LINE}/cargo_transport/origin",
    "lines.#.cargo.origin.ubigeo": f"{_PE_LINE}/cargo_transport/origin/ubigeo",
    "lines.#.cargo.origin.line": f"{_PE_LINE}/cargo_transport/origin/address_line",
    "lines.#.cargo.destination": f"{_PE_LINE}/cargo_transport/destination",
    "lines.#.cargo.destination.ubigeo": f"{_PE_LINE}/cargo_transport/destination/ubigeo",
    "lines.#.cargo.destination.line": f"{_PE_LINE}/cargo_transport/destination/address_line",
    "lines.#.cargo.trip": f"{_PE_LINE}/cargo_transport/trip_detail",
    "lines.#.cargo.service_value": f"{_PE_LINE}/cargo_transport/reference_values/service",
    "lines.#.cargo.effective_value": f"{_PE_LINE}/cargo_transport/reference_values/effective_load",
    "lines.#.cargo.nominal_value": f"{_PE_LINE}/cargo_transport/reference_values/nominal_load",
    "lines.#.cargo.legs": f"{_PE_LINE}/cargo_transport/legs",
    "lines.#.cargo.legs.#": f"{_PE_LINE}/cargo_transport/legs/#",
    **{f"lines.#.cargo.legs.#.{name}": f"{_PE_LINE}/cargo_transport/legs/#/{name}" for name in (
        "origin_ubigeo", "destination_ubigeo", "description", "preliminary_value", "nominal_value", "vehicles",
    )},
    "lines.#.cargo.legs.#.vehicles.#": f"{_PE_LINE}/cargo_transport/legs/#/vehicles/#",
    **{f"lines.#.cargo.legs.#.vehicles.#.{name}": f"{_PE_LINE}/cargo_transport/legs/#/vehicles/#/{name}" for name in (
        "configuration", "useful_load", "effective_load",
    )},
    **SHIPPING,
}
"""Content field -> pointer; a # stands for a position, filled from the left."""


def pointer_of(field: str, body: Mapping[str, Any], content: Voucher | None = None) -> str:
    """The JSON pointer of a content field in this body; with the ``content`` that was made of it, also of discounts
    and charges before which others came to nothing.

    >>> pointer_of("lines.1.quantity", {})
    '/details/1/quantity'
    """
    parts = _as_told(field.split("."), content)
    while parts:
        key = ".".join("#" if part.isdigit() else part for part in parts)
        numbers = [int(part) for part in parts if part.isdigit()]
        if key in BY_BODY:
            return BY_BODY[key](body, numbers)
        if key in TABLE:
            return _filled(TABLE[key], numbers)
        parts.pop()
    return "/header"


def _as_told(parts: list[str], content: Voucher | None) -> list[str]:
    """A discount or charge of the content by its place among the caller's."""
    if "allowances" not in parts or not isinstance(content, Sale):
        return parts
    at = parts.index("allowances") + 1
    rows = content.totals.allowances if at == _OF_WHOLE else content.lines[int(parts[1])].amounts.allowances
    if at < len(parts) and int(parts[at]) < len(rows):
        return [*parts[:at], str(rows[int(parts[at])].position), *parts[at + 1:]]
    return parts


_OF_WHOLE: Final = len(("totals", "allowances"))


def _filled(template: str, numbers: Sequence[int]) -> str:
    for number in numbers:
        template = template.replace("#", str(number), 1)
    return template


# Where the pointer depends on how the body says the thing.

def _pe(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ((body.get("header") or {}).get("additional") or {}).get("pe_header") or {}
    return found


def _line(body: Mapping[str, Any], numbers: Sequence[int]) -> Mapping[str, Any]:
    details = body.get("details") or ()
    found: Mapping[str, Any] = details[numbers[0]] if numbers[0] < len(details) else {}
    return found


def _pe_line(body: Mapping[str, Any], numbers: Sequence[int]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (_line(body, numbers).get("additional") or {}).get("pe_detail") or {}
    return found


def _payment(member: str = "") -> Find:
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        if not _pe(body).get("payment"):
            return "/header/payment_conditions"
        return _filled(f"{_PE}/payment{member}", numbers)
    return find


def _reason(member: str, older: str) -> Find:
    def find(body: Mapping[str, Any], _: Sequence[int]) -> str:
        said = (_pe(body).get("note") or {}).get(member)
        return f"{_PE}/note/{member}" if said or not body.get("references") else f"/references/0/{older}"
    return find


_PARTS: Final = {"code": "code", "factor": "rate", "base": "base", "amount": "amount"}


def _allowance(part: str = "") -> Find:
    """The discount or charge behind a row of the voucher's AllowanceCharge, or a member of it."""
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        rows = whole_pointers(body)
        row = rows[numbers[0]] if numbers[0] < len(rows) else f"{_PE}/charges_discounts"
        if row.startswith("/globals"):
            return f"{row}/discount_surcharge_{'code' if part == 'code' else 'value'}" if part else row
        return f"{row}/{_PARTS[part]}" if part and row[-1].isdigit() else row
    return find


def _line_allowance(part: str = "") -> Find:
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        rows = line_pointers(body, numbers[0])
        position = numbers[1] if len(numbers) > 1 else 0
        row = rows[position] if position < len(rows) else f"/details/{numbers[0]}/modifier_amount"
        return f"{row}/{_PARTS[part]}" if part and row[-1].isdigit() else row
    return find


def _legend(body: Mapping[str, Any], _: Sequence[int]) -> str:
    return f"{_PE}/legends" if _pe(body).get("legends") else "/header/observations"


def _unit_amount(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
    if _pe_line(body, numbers).get("reference_price"):
        return _filled(f"{_PE_LINE}/reference_price", numbers)
    return f"/details/{numbers[0]}/unit_price"


def _affectation(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
    if _pe_line(body, numbers).get("igv_affectation"):
        return _filled(f"{_PE_LINE}/igv_affectation", numbers)
    return f"/details/{numbers[0]}/taxes/{_row(body, numbers, _IGV_FAMILY)}/tax_type_id"


def _rate(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
    if "igv_rate" in _pe_line(body, numbers):
        return _filled(f"{_PE_LINE}/igv_rate", numbers)
    return f"/details/{numbers[0]}/taxes/{_row(body, numbers, _IGV_FAMILY)}/tax_percentage"


def _tax_amount(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
    return f"/details/{numbers[0]}/taxes/{_row(body, numbers, _IGV_FAMILY)}/tax_amount"


_TAX_ROW: Final = {"rate": "tax_percentage", "amount": "tax_amount", "system": "tax_type_id"}


def _extra_tax(member: str, tribute: str, part: str = "") -> Find:
    """A tribute beside the IGV: in its own member where the line has it, else in its row of ``taxes[]``."""
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        if _pe_line(body, numbers).get(member):
            inner = f"/{part}" if part in _IN_MEMBER[member] else ""
            return _filled(f"{_PE_LINE}/{member}", numbers) + inner
        row = f"/details/{numbers[0]}/taxes/{_row(body, numbers, frozenset({tribute}))}"
        return f"{row}/{_TAX_ROW[part]}" if part in _TAX_ROW else row
    return find


_IN_MEMBER: Final = {"isc": ("system", "rate", "amount", "base"), "other_tax": ("rate", "amount")}


def _row(body: Mapping[str, Any], numbers: Sequence[int], tributes: frozenset[str]) -> int:
    """The place in ``taxes[]`` of a tribute, the first where there is none."""
    for position, row in enumerate(_line(body, numbers).get("taxes") or ()):
        known = TAX_TYPES.get(str(row.get("tax_type_id")))
        if known is not None and known.tribute in tributes:
            return position
    return 0


_PROPERTY: Final = {
    "code": "code", "name": "name", "value": "value", "quantity": "quantity", "unit": "unit",
    "start_date": "start_date", "end_date": "end_date", "start_time": "start_time", "days": "days",
}


def _property(member: str = "") -> Find:
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        extra = _pe_line(body, numbers)
        written, stay = len(extra.get("properties") or ()), stay_codes(extra.get("lodging") or {})
        base = _filled(_PE_LINE, numbers)
        if len(numbers) < 2:
            return f"{base}/{'properties' if written or not stay else 'lodging'}"
        position = numbers[1] - written
        if 0 <= position < len(stay):
            return f"{base}/lodging/{stay[position]}"
        return f"{base}/properties/{numbers[1]}" + (f"/{member}" if member else "")
    return find


def _of_certificate(field: str) -> Find:
    """A field of a certificate, or of one of the vouchers it lists, which two kinds write in two ways."""
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        return form_of(body).pointer(field, *numbers[:1])
    return find


BY_BODY: Final[dict[str, Find]] = {
    **SHIPPING_BY_BODY,
    **settlement_pointers.BY_BODY,
    **{name: _of_certificate(name) for name in ("system", "percent", "amount", "net", "rounding", "exceptional")},
    **{
        ".".join(filter(None, ("vouchers.#", name))): _of_certificate(name)
        for name in ("", "number", "type_code", "issue_date", *RETENTION.row)
    },
    "legends": _legend,
    "payment": _payment(),
    "payment.kind": _payment("/kind"),
    "payment.pending": _payment("/pending_amount"),
    "payment.instalments": _payment("/instalments"),
    "payment.instalments.#": _payment("/instalments/#"),
    "payment.instalments.#.amount": _payment("/instalments/#/amount"),
    "payment.instalments.#.due_date": _payment("/instalments/#/due_date"),
    "reason_code": _reason("reason_code", "reference_code"),
    "reason_text": _reason("reason_text", "description"),
    "totals.allowances.#": _allowance(),
    **{f"totals.allowances.#.{part}": _allowance(part) for part in _PARTS},
    "lines.#.modifier": _line_allowance(),
    "lines.#.allowances": _line_allowance(),
    "lines.#.allowances.#": _line_allowance(),
    **{f"lines.#.allowances.#.{part}": _line_allowance(part) for part in _PARTS},
    "lines.#.unit_amount": _unit_amount,
    "lines.#.affectation": _affectation,
    "lines.#.tax": _tax_amount,
    "lines.#.taxes": lambda body, numbers: f"/details/{numbers[0]}/taxes",
    "lines.#.taxes.amount": _tax_amount,
    "lines.#.taxes.rate": _rate,
    "lines.#.excise": _extra_tax("isc", ISC),
    **{f"lines.#.excise.{part}": _extra_tax("isc", ISC, part) for part in ("system", "rate", "amount", "base")},
    "lines.#.other_tax": _extra_tax("other_tax", OTHER),
    **{f"lines.#.other_tax.{part}": _extra_tax("other_tax", OTHER, part) for part in ("rate", "amount")},
    "lines.#.properties": _property(),
    "lines.#.properties.#": _property(),
    **{f"lines.#.properties.#.{name}": _property(member) for name, member in _PROPERTY.items()},
}
"""Content field -> how its pointer follows from the body."""
