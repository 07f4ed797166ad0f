"""Rows about the lines of a sale: quantity, item, prices, and each line's tributes.

Source: SUNAT's validation workbook of electronic vouchers, 2026-02-12, sheets Factura, Boleta and both notes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sunat.catalogues import catalogue
from sunat.rules.arithmetic import READS_LINES, bag_amount, bags_tax, base_by_rate, line_quantity
from sunat.rules.checks import (
    absent,
    agrees,
    amount,
    equals_within,
    exists,
    fits,
    holds,
    in_catalogue,
    matches,
    nonzero,
    one_of,
    present,
    single,
    text,
    unique_by,
    zero,
)
from sunat.rules.conditions import has, is_, is_not, over, somewhere, there
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import (
    EXPORT,
    FREE,
    FREE_TAXED,
    FREE_UNTAXED,
    IGV_AFFECTED,
    IN_SOLES,
    ISC,
    MAIN_TRIBUTES,
    NOT_FREE,
    NRUS,
    WITH_BASE,
    observation,
    turning,
)

TRIBUTE: Final = "line/taxes/tribute"
BAGS: Final = is_(TRIBUTE, "7152") & over("line/taxes/cbc:BaseUnitMeasure")
TAXED: Final = is_(TRIBUTE, "1000", "1016")
TINY: Final = over("line/taxes/cbc:TaxableAmount", "0.06")
FREE_AS_TAXED: Final = is_(TRIBUTE, "9996") & is_("line/taxes/affectation", *FREE_TAXED)
FREE_AS_UNTAXED: Final = is_(TRIBUTE, "9996") & is_("line/taxes/affectation", *FREE_UNTAXED)
NEEDS_AFFECTATION: Final = is_not(TRIBUTE, "2000", "9999") & WITH_BASE

UNIT_VALUE: Final = matches(
    r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,10})?",
    "un número de hasta 12 enteros y 10 decimales, sin ceros a la izquierda",
    "a number of up to 12 digits and 10 decimals, without leading zeros",
)
QUANTITY: Final = amount(12, 10)
EIGHT_DIGITS: Final = matches("[0-9]{8}", "8 dígitos", "8 digits")
PRODUCT_CODE_FROM: Final = date(2027, 1, 1)
"""The day from which SUNAT has announced that the product code is compulsory (3496, an observation until then)."""
ORDER: Final = matches("(?!0+$)[0-9]{1,3}", "un número de 1 a 999", "a number from 1 to 999")

_COMPANIONS: Final = {
    "1000": frozenset({"1000", "2000", "9999"}),
    "1016": frozenset({"1016", "9999"}),
    "9995": frozenset({"9995", "9999"}),
    "9996": frozenset({"9996", "2000", "9999"}),
    "9997": frozenset({"9997", "2000", "9999"}),
    "9998": frozenset({"9998", "2000", "9999"}),
}


def belongs(affectation: str, tribute: str) -> bool:
    """Whether catalogue 07 has the affectation under the tribute."""
    entry = catalogue("07").get(affectation)
    return entry is not None and tribute in (entry.attributes["tribute"], entry.attributes["free_tribute"])


def _one_rate(view: View) -> bool:
    rates = {
        each.number("percent")
        for line in view.views("line") for each in line.views("taxes")
        if each.amount("cbc:TaxableAmount") > 0 and (
            each.text("tribute") == "1000"
            or (each.text("tribute") == "9996" and each.text("affectation") in FREE_TAXED[:-1])
        )
    }
    return len(rates) < 2


def _mixes_well(view: View) -> bool:
    # Bags (7152) have no base, so they never count here.
    based = {each.text("tribute") for each in view.views("taxes") if each.amount("cbc:TaxableAmount") > 0}
    mains = [tribute for tribute in MAIN_TRIBUTES if tribute in based]
    return not mains or based <= _COMPANIONS[mains[0]] | {"7152"}


LINES: Final = (
    Rule("0306", "line", exists()),
    Rule("2752", "line/cbc:ID", unique_by(within="")),
    Rule("2936", "line/quantity/@unitCode", in_catalogue("03"), when=has("line/quantity/@unitCode")),
    observation("4333", "line/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID", exists(),
                when=there("line/cac:Item/cac:StandardItemIdentification/cbc:ID")),
    observation("4335", "line/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID",
                one_of("GTIN-8", "GTIN-12", "GTIN-13", "GTIN-14")),
    *(
        observation("4334", "line/cac:Item/cac:StandardItemIdentification/cbc:ID", text(size, size),
                    when=is_("line/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID", f"GTIN-{size}"))
        for size in (8, 12, 13, 14)
    ),
    observation("3496", "line/product", EIGHT_DIGITS, valid_until=PRODUCT_CODE_FROM - timedelta(days=1)),
    Rule("3496", "line/product", EIGHT_DIGITS, valid_from=PRODUCT_CODE_FROM),
    observation("4332", "line/product", in_catalogue("25", also=("00000000", "99999999"))),
    observation("4337", "line/product", matches(r"(?![0-9]{4}0000$)[\s\S]*", "un código hasta el nivel de clase",
                                           "a code down to the level of class")),
    observation("4235", "line/property/cbc:Name", present(), when=there("line/property/cbc:Name")),
    Rule("2369", "line/cac:Price/cbc:PriceAmount", UNIT_VALUE),
    Rule("2640", "line/cac:Price/cbc:PriceAmount", zero(), when=FREE),
    Rule("2367", "line/price/cbc:PriceAmount", amount(12, 10)),
    Rule("2410", "line/price/cbc:PriceTypeCode", in_catalogue("16")),
    Rule("2409", "line/price", unique_by("cbc:PriceTypeCode")),
    Rule("3224", "line/price/cbc:PriceAmount", zero(), when=is_("line/price/cbc:PriceTypeCode", "02") & NOT_FREE),
    Rule("3195", "line/cac:TaxTotal", exists()),
    Rule("3021", "line/cac:TaxTotal/cbc:TaxAmount", amount()),
    Rule("3026", "line/cac:TaxTotal", single()),
    Rule("3031", "line/taxes/cbc:TaxableAmount", amount()),
    Rule("2033", "line/taxes/cbc:TaxAmount", amount()),
    Rule("3110", "line/taxes/cbc:TaxAmount", zero(), when=is_(TRIBUTE, "9995", "9997", "9998")),
    Rule("3110", "line/taxes/cbc:TaxAmount", zero(), when=FREE_AS_UNTAXED & WITH_BASE),
    Rule("3111", "line/taxes/cbc:TaxAmount", nonzero(), when=FREE_AS_TAXED & TINY),
    Rule("2992", "line/taxes/percent", exists(), when=is_not(TRIBUTE, "7152")),
    Rule("3102", "line/taxes/percent", amount(3, 5)),
    Rule("2993", "line/taxes/percent", nonzero(), when=FREE_AS_TAXED & WITH_BASE),
    Rule("2371", "line/taxes/affectation", exists(), when=NEEDS_AFFECTATION),
    Rule("3050", "line/taxes/affectation", absent(), when=is_(TRIBUTE, "2000", "9999")),
    Rule("2040", "line/taxes/affectation",
         fits("tribute", belongs, "no corresponde al código de tributo", "does not go with the tribute code"),
         when=NEEDS_AFFECTATION),
    Rule("2037", "line/taxes/tribute", present()),
    Rule("2036", "line/taxes/tribute", in_catalogue("05"), when=has(TRIBUTE)),
    Rule("3067", "line/taxes", unique_by("tribute", within="line")),
    Rule("3223", "line/taxes", holds(
        _mixes_well, ("combina tributos que no van juntos", "combines tributes that do not go together"),
        ("Deje un solo tributo principal por línea.", "Keep one main tribute per line.")), scope="line"),
    Rule("2996", "line/taxes/scheme/cbc:Name", present()),
    Rule("3051", "line/taxes/scheme/cbc:Name", agrees("tribute", "05", "name")),
    Rule("2377", "line/taxes/scheme/cbc:TaxTypeCode", agrees("tribute", "05", "international_code")),
    Rule("3104", "line/taxes/percent", nonzero(), when=ISC),
    Rule("3210", "line/taxes/cac:TaxCategory/cbc:TierRange", absent(), when=is_not(TRIBUTE, "2000")),
    Rule("3108", "line/taxes/cbc:TaxAmount", equals_within(
        base_by_rate, "1", "la base por la tasa del ISC", "the base by the rate of the ISC"), when=ISC),
    Rule("3109", "line/taxes/cbc:TaxAmount", equals_within(
        base_by_rate, "1", "la base por la tasa del tributo", "the base by the rate of the tribute"),
        when=is_(TRIBUTE, "9999") & WITH_BASE),
    observation("4318", "line/taxes/cbc:TaxAmount", equals_within(
        bags_tax, "0", "el monto por bolsa por el número de bolsas", "the amount per bag by the number of bags",
        "cac:TaxCategory/cbc:PerUnitAmount", "cbc:BaseUnitMeasure"), when=BAGS),
    Rule("2892", "line/taxes/cbc:BaseUnitMeasure", matches("[0-9]{1,5}", "un entero de 1 a 5 dígitos",
                                                           "a whole number of 1 to 5 digits")),
    Rule("2892", "line/taxes/cac:TaxCategory/cbc:PerUnitAmount", amount(3, 5)),
    Rule("3237", "line/taxes/cbc:BaseUnitMeasure", exists(), when=is_(TRIBUTE, "7152")),
    Rule("3236", "line/taxes/cbc:BaseUnitMeasure", equals_within(
        line_quantity, "0", "la cantidad de la línea", "the line's quantity"),
        when=over("line/taxes/cbc:BaseUnitMeasure")),
    observation("4320", "line/taxes/cbc:BaseUnitMeasure/@unitCode", one_of("NIU")),
    Rule("3238", "line/taxes/cac:TaxCategory/cbc:PerUnitAmount", nonzero(), when=BAGS),
    Rule("2370", "line/cbc:LineExtensionAmount", amount()),
)
"""The lines of all four kinds. 0306 is what the schema answers to a voucher without lines."""

INVOICE_LINES: Final = (
    Rule("2023", "line/cbc:ID", ORDER),
    Rule("2883", "line/quantity/@unitCode", present(), when=there("line/quantity")),
    Rule("2024", "line/quantity", exists()),
    Rule("2024", "line/quantity", nonzero()),
    Rule("2025", "line/quantity", QUANTITY),
    observation("4269", "line/cac:Item/cac:SellersItemIdentification/cbc:ID", text(1, 30)),
    Rule("3496", "line/product", present(), scope="line", valid_from=PRODUCT_CODE_FROM),
    Rule("2026", "line/cac:Item/cbc:Description", present()),
    Rule("2027", "line/cac:Item/cbc:Description", text(1, 500, blanks="any"),
         when=has("line/cac:Item/cbc:Description")),
    Rule("2068", "line/cac:Price/cbc:PriceAmount", exists()),
    Rule("2028", "line/price/cbc:PriceAmount", exists(), scope="line"),
    Rule("3234", "line/price/cbc:PriceTypeCode", one_of("02"), when=FREE),
    Rule("2041", "line/taxes/cac:TaxCategory/cbc:TierRange", in_catalogue("08"), when=ISC),
    Rule("2373", "line/taxes/cac:TaxCategory/cbc:TierRange", exists(), when=ISC),
    Rule("2644", "line/taxes/affectation", one_of("17"), when=WITH_BASE & somewhere(
        is_("line/taxes/affectation", "17") & WITH_BASE) & has("line/taxes/affectation")),
    Rule("2642", "line/taxes/affectation", one_of("40"), when=EXPORT),
    Rule("3114", "line/allowance/cbc:ChargeIndicator", one_of("true"), when=is_("line/allowance/reason", "47", "48")),
    Rule("3114", "line/allowance/cbc:ChargeIndicator", one_of("false"), when=is_("line/allowance/reason", "00", "01")),
    Rule("3073", "line/allowance/reason", present()),
    Rule("2954", "line/allowance/reason", in_catalogue("53"), when=has("line/allowance/reason")),
    observation("4268", "line/allowance/reason", one_of("00", "01", "47", "48"), when=has("line/allowance/reason")),
    Rule("3052", "line/allowance/cbc:MultiplierFactorNumeric", amount(3, 5)),
    Rule("2955", "line/allowance/cbc:Amount", amount()),
    Rule("3053", "line/allowance/cbc:BaseAmount", amount()),
)
"""What 01 and 03 add."""

_WANTS_MAIN: Final = (
    "no lleva IGV, IVAP, exportación, gratuito, exonerado ni inafecto",
    "bears none of IGV, IVAP, export, free, exempt or unaffected",
)


def igv_rows(*, nrus: bool, modified: bool) -> tuple[Rule, ...]:
    """The IGV of a line. ``nrus``: operation 0113 has no IGV to show; ``modified``: airline papers have their own."""
    taxed = TAXED & is_not("operation", NRUS) if nrus else TAXED
    affected = is_("line/taxes/affectation", *IGV_AFFECTED)
    if modified:
        affected = affected & is_not("modified/cbc:DocumentTypeCode", "30", "42")
    one_rate = holds(
        _one_rate, ("mezcla tasas de IGV en sus líneas", "mixes IGV rates in its lines"),
        ("Use una sola tasa de IGV en todo el comprobante.", "Use a single IGV rate throughout."), *READS_LINES,
    )
    return (
        Rule("3111", "line/taxes/cbc:TaxAmount", nonzero(), when=taxed & TINY),
        Rule("2993", "line/taxes/percent", nonzero(), when=taxed & WITH_BASE),
        Rule("3103", "line/taxes/cbc:TaxAmount", equals_within(
            base_by_rate, "1", "la base por la tasa del IGV", "the base by the IGV rate"), when=affected),
        Rule("3462", "", one_rate, when=is_not("operation", NRUS) if nrus else None),
    )


def main_tribute(
    *, exempted: tuple[str, ...] = (), with_base: bool = True, among: tuple[str, ...] = MAIN_TRIBUTES,
) -> tuple[Rule, ...]:
    """3105: every line bears one of the main tributes, except for the operations that need none."""
    def bears_one(view: View) -> bool:
        return any(
            each.text("tribute") in among and (not with_base or each.amount("cbc:TaxableAmount") > 0)
            for each in view.views("taxes")
        )

    check = holds(bears_one, _WANTS_MAIN, ("Indique la afectación de la línea.", "Say how the line stands to the IGV."))
    return (Rule("3105", "line", check, when=is_not("operation", *exempted) if exempted else None),)


def bag_rate() -> tuple[Rule, ...]:
    """The amount of ICBPER per bag is the one that rules on the issue date: observation 4237, soon error 3504."""
    return (turning("4237", "3504", "line/taxes/cac:TaxCategory/cbc:PerUnitAmount", equals_within(
        bag_amount, "0", "el ICBPER vigente por bolsa", "the ICBPER in force per bag"), when=BAGS & IN_SOLES),)
