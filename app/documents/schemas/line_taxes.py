"""The taxes of a line as the caller says them: one of the IGV family, and with it ISC, ICBPER and other tributes.

``taxes[]`` has the contract's ids; ``pe_detail`` refines or adds what they cannot say. What is free names its
affectation: 17 and 40 are onerous unless the line is told free by id 426, price type 02 or a reference price
(decision 20).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from app.wire.tax_types import FREE_TRANSFER, TAX_TYPES, TaxType
from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.money import CENT, EXACT, ZERO, cents
from sunat.taxes import (
    AFFECTATIONS,
    BAGS,
    IGV,
    ISC,
    IVAP,
    OTHER,
    Excise,
    bag_tax,
    general_rate,
    rates_in_force,
    rates_so_far,
)

_FAMILY: Final = frozenset({"1000", "1016", "9995", "9996", "9997", "9998"})
_REFERENCE_PRICE_TYPE: Final = "02"
_TARIFF: Final = "03"
_NRUS: Final = "0113"
"""Catalogue 51: sales of issuers in the simplified regime, whose boletas show no IGV."""
_PERCENT_SYSTEMS: Final = ("01", "03")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTaxes:
    """What a line bears. ``rows`` has the place in ``taxes[]`` of each tribute that the caller claims an amount of.

    ``regulated``: its price is a regulated tariff (03 of catalogue 16).
    """

    affectation: str
    rate: Decimal
    free: bool
    regulated: bool = False
    excise: Excise | None = None
    bags: int = 0
    bag_tax: Decimal = ZERO
    other_percent: Decimal = ZERO
    other_amount: Decimal = ZERO
    rows: Mapping[str, int] = field(default_factory=dict)


def read_taxes(reading: Reading, index: int, *, currency: str, soles: Decimal | None, corrects: bool
               ) -> LineTaxes | None:
    """The taxes of a line, None where nothing can be worked out; what is wrong is noted in ``reading``.

    ``soles`` are those for one unit of ``currency``, if anybody knows. A note ``corrects``: it may follow a rate that
    was in force when the voucher it changes was issued.
    """
    rows = _rows(reading, index)
    if rows is None:
        return None
    position = rows[IGV]
    affectation, rate, free = _affectation(reading, index, position)
    row = AFFECTATIONS[affectation]
    if row.taxed and (rate or reading.pe_header.get("operation_type") != _NRUS):
        _check_rate(reading, index, position, rate, IVAP if row.tribute == IVAP else IGV, corrects=corrects)
    bags = (reading.pe_detail(index).get("icbper") or {}).get("bags", 0)
    percent, amount = _other(reading, index, rows.get(OTHER))
    return LineTaxes(
        affectation=affectation, rate=rate, free=free, regulated=_price_type(reading, index) == _TARIFF,
        excise=_excise(reading, index, rows.get(ISC)), bags=bags,
        bag_tax=_bag_tax(reading, index, currency, soles) if bags else ZERO, other_percent=percent,
        other_amount=amount, rows=rows,
    )


def _rows(reading: Reading, index: int) -> dict[str, int] | None:
    """Tribute -> place in ``taxes[]``, the IGV family's one row under 1000; None without exactly one of those."""
    found: dict[str, int] = {}
    family = 0
    unknown = False
    for position, tax in enumerate(reading.details[index]["taxes"]):
        pointer = f"/details/{index}/taxes/{position}/tax_type_id"
        known = TAX_TYPES.get(tax["tax_type_id"])
        if known is None:
            unknown = True
            reading.refuse(
                "UNKNOWN_TAX_TYPE", pointer, f"No existe el tipo de impuesto {tax['tax_type_id']}",
                f"There is no tax type {tax['tax_type_id']}",
                Text("413 IGV, 427 exonerado, 428 inafecto, 425 exportación, 426 gratuito",
                     "413 IGV, 427 exempt, 428 unaffected, 425 export, 426 free"),
            )
            continue
        tribute = IGV if known.tribute in _FAMILY else known.tribute
        family += tribute == IGV
        if tribute != IGV and tribute in found:
            reading.refuse(
                "3067", pointer, f"La línea repite el tributo {tribute}", f"The line repeats tribute {tribute}",
                Text("Sume los dos en uno", "Add the two up into one"),
            )
        found.setdefault(tribute, position)
    if family == 1:
        return found
    if not unknown:
        reading.refuse(
            "3105" if not family else "CHQ-TAXES", f"/details/{index}/taxes",
            "La línea debe llevar exactamente un impuesto IGV, exonerado, inafecto, exportación o gratuito",
            "The line must carry exactly one IGV, exempt, unaffected, export or free tax",
            Text('Envíe en taxes uno de ellos, por ejemplo "tax_type_id": "413"',
                 'Send one of them in taxes, for example "tax_type_id": "413"'),
        )
    return None


# The IGV family.

def _affectation(reading: Reading, index: int, position: int) -> tuple[str, Decimal, bool]:
    """Affectation (catalogue 07), percentage, and whether the line is given away."""
    tax = reading.details[index]["taxes"][position]
    known, extra = TAX_TYPES[tax["tax_type_id"]], reading.pe_detail(index)
    told = extra.get("igv_affectation")
    affectation = told or known.affectation or ""
    row = AFFECTATIONS.get(affectation)
    if row is None:
        _refuse_affectation(reading, index, affectation)
        return "10", general_rate(reading.today), False
    free = _is_free(reading, index, known, affectation)
    if not row.taxed:
        return affectation, ZERO, free
    percent: Decimal = extra.get("igv_rate", tax["tax_percentage"])
    if not percent and (free or row.free) and "igv_rate" not in extra:
        # Nobody pays the tax of what is free, so its percentage is written as zero; shown is the general one.
        in_force = rates_in_force(IVAP if row.tribute == IVAP else IGV, reading.header["issue_date"], reading.today)
        percent = next((rate.percent for rate in in_force if not rate.reduced), percent)
    elif not told and known.percent is not None and percent != known.percent:
        reading.remark(
            "CHQ-RATE-ID", f"/details/{index}/taxes/{position}/tax_type_id",
            f"El tipo {known.id} es {known.name} y la línea dice {percent} %; vale el porcentaje",
            f"Type {known.id} is {known.name} and the line says {percent} %; the percentage counts",
        )
    return affectation, percent, free


def _price_type(reading: Reading, index: int) -> str:
    told: str = reading.pe_detail(index).get("price_type", "")
    if told and told not in catalogue("16"):
        reading.refuse(
            "2410", f"/details/{index}/additional/pe_detail/price_type",
            f"El catálogo 16 no tiene el tipo de precio {told}",
            f"Catalogue 16 has no price type {told}",
            Text("01 precio, 02 valor referencial, 03 tarifa regulada", "01 price, 02 reference value, 03 tariff"),
        )
    return told


def _is_free(reading: Reading, index: int, known: TaxType, affectation: str) -> bool:
    """Whether the line is given away; telling it of what is never free, or the contrary of what always is, is wrong."""
    extra, row = reading.pe_detail(index), AFFECTATIONS[affectation]
    price_type = extra.get("price_type", "")
    base = f"/details/{index}/additional/pe_detail"
    wants = known.id == FREE_TRANSFER or price_type == _REFERENCE_PRICE_TYPE or bool(extra.get("reference_price"))
    if wants and not row.free:
        member = "reference_price" if extra.get("reference_price") else (
            "price_type" if price_type == _REFERENCE_PRICE_TYPE else "igv_affectation"
        )
        reading.refuse(
            "CHQ-FREE", f"{base}/{member}", f"La afectación {affectation} es onerosa: nada de ella es gratuito",
            f"Affectation {affectation} is onerous: nothing under it is free",
            Text("Para lo gratuito use 11 a 17, 21, 31 a 37 o 40", "For what is free use 11 to 17, 21, 31 to 37 or 40"),
        )
        return False
    if row.always_free and price_type not in ("", _REFERENCE_PRICE_TYPE):
        reading.refuse(
            "CHQ-FREE", f"{base}/price_type",
            f"La afectación {affectation} es gratuita: su tipo de precio es 02, valor referencial",
            f"Affectation {affectation} is free: its price type is 02, reference value",
            Text("Omita price_type o envíe 02", "Leave price_type out or send 02"),
        )
    return wants or row.always_free


def _refuse_affectation(reading: Reading, index: int, affectation: str) -> None:
    pointer = f"/details/{index}/additional/pe_detail/igv_affectation"
    if affectation:
        reading.refuse(
            "2040", pointer, f"El catálogo 07 no tiene la afectación {affectation}",
            f"Catalogue 07 has no affectation {affectation}",
            Text("Por ejemplo 10 gravado, 20 exonerado, 30 inafecto, 40 exportación",
                 "For example 10 taxed, 20 exempt, 30 unaffected, 40 export"),
        )
        return
    reading.refuse(
        "CHQ-AFFECTATION", pointer,
        "Una transferencia gratuita debe decir su afectación del catálogo 07; no se adivina",
        "A free transfer must name its affectation of catalogue 07; it is never guessed",
        Text("Indique pe_detail.igv_affectation: 11 a 17, 21, 31 a 37 o 40",
             "Give pe_detail.igv_affectation: 11 to 17, 21, 31 to 37 or 40"),
    )


def _check_rate(
    reading: Reading, index: int, position: int, rate: Decimal, tribute: str, *, corrects: bool
) -> None:
    """A taxed line carries a rate in force on the issue date; a note may follow the older one of what it corrects.

    A date ahead is refused as such elsewhere: here it is taken as received on that day, by which its rates will be.
    """
    day = reading.header["issue_date"]
    rows = (rates_so_far if corrects else rates_in_force)(tribute, day, max(day, reading.today))
    pointer = (
        f"/details/{index}/additional/pe_detail/igv_rate" if "igv_rate" in reading.pe_detail(index)
        else f"/details/{index}/taxes/{position}/tax_percentage"
    )
    if any(row.percent == rate and row.reduced for row in rows) and not (reading.issuer.reduced_igv or corrects):
        reading.remark(
            "CHQ-REDUCED-RATE", pointer,
            f"La tasa de {rate} % es solo de restaurantes y hoteles MYPE (Ley 31556), y la cuenta no dice que lo sea",
            f"The rate of {rate} % is for small restaurants and hotels only (Ley 31556); the account does not say so",
            Text("Si le corresponde, ponga pe_account.reduced_igv", "If it applies, set pe_account.reduced_igv"),
        )
    if any(row.percent == rate for row in rows):
        return
    general = sorted({row.percent for row in rows if not row.reduced or reading.issuer.reduced_igv})
    rates = ", ".join(f"{percent} %" for percent in general)
    name = "IVAP" if tribute == IVAP else "IGV"
    reading.refuse(
        "CHQ-RATE", pointer, f"La tasa {rate} % de {name} no rige el {day.isoformat()}",
        f"An {name} of {rate} % is not in force on {day}", Text(f"Tasas vigentes: {rates}", f"Rates in force: {rates}"),
    )


# ISC, bags, other tributes.

def _excise(reading: Reading, index: int, position: int | None) -> Excise | None:
    """The ISC: pe_detail.isc where it is there, else what the tax id and its percentage or amount say."""
    told = reading.pe_detail(index).get("isc")
    if told is None:
        return None if position is None else _excise_by_id(reading, index, position)
    pointer = f"/details/{index}/additional/pe_detail/isc"
    system = told["system"]
    if system in _PERCENT_SYSTEMS:
        if told.get("rate") is None:
            _refuse_excise(reading, f"{pointer}/rate", Text(
                f"El ISC del sistema {system} lleva un porcentaje", f"The ISC of system {system} has a percentage"
            ), Text("Indique isc.rate", "Give isc.rate"))
            return None
        if system == "03" and told.get("retail_price") is None and told.get("base") is None:
            _refuse_excise(reading, f"{pointer}/retail_price", Text(
                "El ISC del sistema 03 se calcula del precio de venta al público",
                "The ISC of system 03 is worked out of the retail price",
            ), Text("Indique isc.retail_price o isc.base", "Give isc.retail_price or isc.base"))
            return None
        return Excise(
            system=system, percent=told["rate"], retail_price=told.get("retail_price"), base=told.get("base")
        )
    if system == "02":
        if told.get("amount") is None:
            _refuse_excise(reading, f"{pointer}/amount", Text(
                "El ISC del sistema 02 es un monto fijo", "The ISC of system 02 is a fixed amount"
            ), Text("Indique isc.amount, el ISC de toda la línea", "Give isc.amount, the ISC of the whole line"))
            return None
        return _fixed(reading, index, told["amount"], told.get("base"))
    _refuse_excise(reading, f"{pointer}/system", Text(
        f"El catálogo 08 no tiene el sistema {system}", f"Catalogue 08 has no system {system}"
    ), Text("01 al valor, 02 monto fijo, 03 precio al público", "01 on value, 02 fixed amount, 03 retail price"))
    return None


def _excise_by_id(reading: Reading, index: int, position: int) -> Excise | None:
    tax = reading.details[index]["taxes"][position]
    known = TAX_TYPES[tax["tax_type_id"]]
    percent: Decimal = tax["tax_percentage"]
    pointer = f"/details/{index}/taxes/{position}"
    if known.percent is not None and percent != known.percent:
        reading.remark(
            "CHQ-RATE-ID", f"{pointer}/tax_type_id",
            f"El tipo {known.id} es {known.name} y la línea dice {percent} %; vale el porcentaje",
            f"Type {known.id} is {known.name} and the line says {percent} %; the percentage counts",
        )
    if percent > 0:
        return Excise(system="01", percent=percent)
    if known.system == "02" and tax["tax_amount"] > 0:
        return _fixed(reading, index, tax["tax_amount"], None)
    _refuse_excise(reading, f"{pointer}/tax_percentage", Text(
        f"{known.name}: falta su porcentaje o su sistema", f"{known.name}: its percentage or its system is missing"
    ), Text("Indique tax_percentage, o pe_detail.isc con su sistema",
            "Give tax_percentage, or pe_detail.isc with its system"))
    return None


def _fixed(reading: Reading, index: int, amount: Decimal, base: Decimal | None) -> Excise | None:
    quantity: Decimal = reading.details[index]["quantity"]
    if quantity <= 0:
        return None  # the line itself is refused for it
    return Excise(system="02", unit_tax=EXACT.divide(amount, quantity), base=base)


def _refuse_excise(reading: Reading, pointer: str, message: Text, hint: Text) -> None:
    reading.refuse("CHQ-ISC", pointer, message.es, message.en, hint)


def _bag_tax(reading: Reading, index: int, currency: str, soles: Decimal | None) -> Decimal:
    """What the year's law takes for a bag, in the voucher's currency to the céntimo."""
    pointer = f"/details/{index}/additional/pe_detail/icbper"
    day = reading.header["issue_date"]
    try:
        amount = bag_tax(day)
    except FormatError:
        reading.refuse(
            "CHQ-ICBPER", pointer, f"El ICBPER no regía el {day.isoformat()}", f"There was no ICBPER on {day}",
            Text("Quite icbper", "Remove icbper"),
        )
        return CENT
    if currency == "PEN":
        return amount
    if soles is None:
        reading.refuse(
            "CHQ-EXCHANGE-RATE", "/header/exchange_rate_value",
            f"El ICBPER está en soles y no se conoce el tipo de cambio de {currency}",
            f"The ICBPER is in soles and the exchange rate of {currency} is not known",
            Text("Envíe exchange_rate_value", "Send exchange_rate_value"),
        )
        return CENT
    return max(cents(EXACT.divide(amount, soles)), CENT)


def _other(reading: Reading, index: int, position: int | None) -> tuple[Decimal, Decimal]:
    """Percent and amount of tribute 9999; one of them is zero."""
    told: Mapping[str, Any] | None = reading.pe_detail(index).get("other_tax")
    if told is None:
        if position is None:
            return ZERO, ZERO
        tax = reading.details[index]["taxes"][position]
        told = {"rate": tax["tax_percentage"]} if tax["tax_percentage"] > 0 else {"amount": tax["tax_amount"]}
    elif (told.get("rate") is None) is (told.get("amount") is None):
        reading.refuse(
            "CHQ-OTHER-TAX", f"/details/{index}/additional/pe_detail/other_tax",
            "Otros tributos son un monto o un porcentaje, uno de los dos",
            "Other tributes are an amount or a percentage, one of the two",
            Text("Deje other_tax.amount u other_tax.rate", "Leave other_tax.amount or other_tax.rate"),
        )
    return max(told.get("rate") or ZERO, ZERO), max(told.get("amount") or ZERO, ZERO)


CLAIMED: Final = (IGV, ISC, OTHER, BAGS)
"""The tributes whose amounts ``taxes[]`` may claim; 1000 stands for the whole IGV family."""
