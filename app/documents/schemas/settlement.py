"""A request that becomes a purchase settlement.

The receiver of the header is the seller. Its lines are worked out as a sale's; then the income tax is kept back and
everything that the buyer pays to SUNAT himself comes off (`sunat.taxes.settling`). What SUNAT has no place for here
(discounts, ISC, bags, IVAP, export, what stands beside a sale's price) is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas import adjustments
from app.documents.schemas.advances import ADVANCES, written_number
from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import Basis, read_basis, shared_of, with_legends
from app.documents.schemas.whole import refuse_sum
from app.problems import Text
from sunat.documents import Address, Advance, Line, Party, PurchaseSettlement
from sunat.errors import FormatError
from sunat.identity import RUC
from sunat.money import ZERO, share, total
from sunat.taxes import (
    AFFECTATIONS,
    EXPORT,
    IGV,
    INCOME_TAX,
    IVAP,
    AdvanceInput,
    Mismatch,
    Reckoning,
    compare,
    general_rate,
    settle,
)
from sunat.taxes.rates import INCOME, percentage_on

BASE: Final = "/header/additional/pe_purchase_settlement"
_PE: Final = "/header/additional/pe_header"
_PURCHASE: Final = "0501"
_ADVANCE: Final = "0502"
_ADVANCE_PAPER: Final = "10"
"""Catalogue 12: a purchase settlement issued for an advance."""
_NO_PLACE: Final = ("charges_discounts", "detraction", "perception", "retention", "income_withholding")
"""Members of pe_header that a settlement has no place for."""
_ADDRESS: Final = {
    "line": ("address_line", "receiver_address"), "district": ("district", "receiver_district"),
    "province": ("province", "receiver_city"), "department": ("department", "receiver_department"),
}


def translate(reading: Reading, _: FindTarget) -> Drafted:
    """The content of a purchase settlement; what is wrong with the request is noted in ``reading``."""
    told = reading.header.get("additional", {}).get("pe_purchase_settlement", {})
    basis = read_basis(reading)
    _refuse_what_has_no_place(reading, basis)
    operation = reading.pe_header.get("operation_type") or (
        _ADVANCE if reading.pe_header.get("is_advance") else _PURCHASE
    )
    rates = _rates(reading, told.get("income_tax"), operation)
    used = _advances(reading, [row.line for row in basis.rows])
    settled = _settled(reading, basis, rates, used)
    shared = shared_of(reading, basis, settled, may_be_anonymous=False)
    shared["customer"] = _seller(reading, shared["customer"], told.get("seller_address", {}))
    place = told.get("operation_place", {})
    content = PurchaseSettlement(
        **shared, operation_type=operation, seller_address_type=told.get("seller_address", {}).get("type", ""),
        place=_address(place), place_type=place.get("type", ""), advances=tuple(advance for advance, _ in used),
    )
    return Drafted(
        content=with_legends(reading, content), exchange_rate=basis.exchange_rate,
        mismatches=tuple(_mismatches(reading, basis, settled, told.get("income_tax", {}))),
    )


def _address(told: Mapping[str, Any]) -> Address:
    return Address(
        line=told.get("address_line", ""), ubigeo=told.get("ubigeo", ""), urbanization=told.get("urbanization", ""),
        district=told.get("district", ""), province=told.get("province", ""), department=told.get("department", ""),
        country=told.get("country") or "PE",
    )


def _seller(reading: Reading, party: Party, told: Mapping[str, Any]) -> Party:
    """The seller at home: as his own member says it, the header's members filling what it leaves out."""
    filled = {member: told.get(member) or reading.header.get(older, "") for member, older in _ADDRESS.values()}
    ubigeo = told.get("ubigeo") or reading.pe_header.get("receiver_ubigeo", "")
    return Party(
        identity_code=party.identity_code, identity_number=party.identity_number, name=party.name,
        address=_address({**told, **filled, "ubigeo": ubigeo}),
    )


def _refuse_what_has_no_place(reading: Reading, basis: Basis) -> None:
    pointers = [f"{_PE}/{member}" for member in _NO_PLACE if reading.pe_header.get(member)]
    if reading.body.get("globals_discounts_surcharges"):
        pointers.append("/globals_discounts_surcharges")
    for index in range(len(reading.details)):
        pointers += [row.pointer for row in adjustments.of_line(reading, index)]
    for pointer in pointers:
        reading.refuse(
            "CHQ-SETTLEMENT", pointer, "Una liquidación de compra no tiene lugar para esto",
            "A purchase settlement has no place for this",
            Text("Ponga los descuentos en el precio; la retención de renta va en pe_purchase_settlement.income_tax",
                 "Put discounts into the price; income tax kept back goes into pe_purchase_settlement.income_tax"),
        )
    for index, row in enumerate(basis.rows):
        tribute = AFFECTATIONS[row.asked.affectation].tribute
        if tribute in (IVAP, EXPORT) or row.asked.excise is not None or row.asked.bags:
            reading.refuse(
                "CHQ-SETTLEMENT", f"/details/{index}/taxes",
                "Una línea de una liquidación de compra lleva IGV, o es exonerada, inafecta o gratuita; "
                "no ISC, bolsas, IVAP ni exportación",
                "A line of a purchase settlement bears IGV, or is exempt, unaffected or free; "
                "no ISC, bags, IVAP nor export",
                Text("Use 413, 427, 428 o 426", "Use 413, 427, 428 or 426"),
            )


def _rates(reading: Reading, told: Mapping[str, Any] | None, operation: str) -> tuple[Decimal | None, ...]:
    """The percentage of income tax of each line, None for none: its own, else the whole's, else the one in force."""
    whole: Decimal | None = None
    if told is not None:
        day = reading.header["issue_date"]
        in_force = percentage_on(INCOME, operation, day) or percentage_on(INCOME, _PURCHASE, day)
        whole = told.get("rate", in_force)
        if whole is None:
            reading.refuse(
                "CHQ-INCOME-TAX", f"{BASE}/income_tax/rate", "Falta el porcentaje de la retención de renta",
                "The percentage of the income tax is missing", Text("Indique rate", "Give rate"),
            )
    own = (reading.pe_detail(index).get("income_tax", {}).get("rate") for index in range(len(reading.details)))
    return tuple((rate if rate is not None else whole) or None for rate in own)


def _advances(reading: Reading, lines: Sequence[Line]) -> tuple[tuple[Advance, AdvanceInput], ...]:
    """The advances as the voucher says them (what the seller got), and as they lower the taxes."""
    return tuple(
        _advance(reading, index, row, lines) for index, row in enumerate(reading.pe_header.get("advances") or ())
    )


def _advance(
    reading: Reading, index: int, row: Mapping[str, Any], lines: Sequence[Line]
) -> tuple[Advance, AdvanceInput]:
    paid: Decimal = row["total_amount"]
    kept: Decimal = row.get("income_tax_amount", ZERO)
    base: Decimal = row.get("base_amount", paid + kept)
    if row.get("document_type", _ADVANCE_PAPER) != _ADVANCE_PAPER:
        reading.refuse(
            "2465", f"{ADVANCES}/{index}/document_type", "El anticipo se documenta con una liquidación de compra (10)",
            "The advance is documented by a purchase settlement (10)", Text("Use 10, u omítalo", "Use 10, or omit it"),
        )
    if base <= 0 or base - kept != paid:
        reading.refuse(
            "CHQ-ADVANCE", f"{ADVANCES}/{index}/total_amount",
            f"Se pagó {paid}, y la base {base} menos la retención {kept} da {base - kept}",
            f"{paid} was paid, and the base {base} less the income tax {kept} gives {base - kept}",
            Text("El total es lo que recibió el vendedor: sin IGV y menos la retención",
                 "The total is what the seller got: without IGV and less the income tax"),
        )
    rates = [tax.rate for line in lines for tax in line.amounts.taxes if tax.tribute == IGV and tax.rate]
    rate = (rates[0] if rates else general_rate(reading.today)) if row["affectation"] == "taxed" else None
    advance = Advance(
        payment_id=row.get("payment_id") or str(index + 1), document_type=_ADVANCE_PAPER,
        number=written_number(row["number"]), issuer_code=RUC,
        issuer_number=row.get("issuer_tax_id_code") or reading.issuer.ruc,
        amounts=AdvanceInput(affectation=row["affectation"], base=base, total=paid), paid_on=row.get("date"),
    )
    whole = base + (share(base, rate) if rate else ZERO)
    return advance, AdvanceInput(affectation=row["affectation"], base=base, total=whole)


def _settled(
    reading: Reading, basis: Basis, rates: Sequence[Decimal | None],
    used: Sequence[tuple[Advance, AdvanceInput]],
) -> Reckoning:
    """The settlement added up; a refusal is noted at the member that is to blame."""
    bare = basis.reckoned()
    if reading.refused:
        return bare
    kept = [advance.amounts.base - advance.amounts.total for advance, _ in used]
    rounding: Decimal = reading.pe_header.get("rounding_amount", ZERO)
    try:
        basis.reckoned(rounding=rounding)  # whether the rounding is one at all
        return settle(
            basis.reckoned(advances=[counted for _, counted in used]), rates, advances=kept, rounding=rounding
        )
    except FormatError as error:
        refuse_sum(reading, error, ())
        return bare


def _mismatches(
    reading: Reading, basis: Basis, settled: Reckoning, income: Mapping[str, Any]
) -> Iterator[Mismatch]:
    if len(basis.rows) != len(reading.details) or reading.refused:
        return
    for row in basis.rows:
        yield from row.mismatches
    claim, totals = reading.body.get("totals", {}), settled.totals
    yield from compare(
        totals, settled.lines, value=claim.get("net_amount"), tax_total=claim.get("taxes_amount")
    )
    paid = claim.get("total_amount")
    if paid is not None and paid != totals.payable:
        yield Mismatch(field="settlement.payable", expected=totals.payable, given=paid,
                       steps=(totals.price, totals.payable))
    withheld = [tax for line in settled.lines for tax in line.taxes if tax.tribute == INCOME_TAX]
    for member, expected in (("base", total(tax.base for tax in withheld)),
                             ("amount", total(tax.amount for tax in withheld))):
        given = income.get(member)
        if given is not None and given != expected:
            yield Mismatch(field=f"income_tax.{member}", expected=expected, given=given, steps=(totals.value, expected))
