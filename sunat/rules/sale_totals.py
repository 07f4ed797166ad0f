"""Rows about a sale's totals: tributes of the whole, global charges and discounts, and the monetary totals.

Most sums come in two codes: a rejection on facturas and their notes, an observation elsewhere; for some of the
observations SUNAT has published rejection codes (2026-08-26). ``sums_for`` gives a kind its side of the table.
Source: validation workbook of 2026-02-12 and the return codes added on 2026-08-26.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sunat.rules import arithmetic as sums
from sunat.rules.checks import (
    agrees,
    amount,
    at_most,
    equals_within,
    exists,
    holds,
    in_catalogue,
    none_of,
    nonzero,
    not_above,
    one_of,
    present,
    single,
    unique_by,
    zero,
)
from sunat.rules.conditions import Test, When, either, has, is_, is_not, no, over, somewhere, there, within
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import (
    EXPORT,
    IN_SOLES,
    ISC,
    MAIN_TRIBUTES,
    MODIFIES_INVOICE,
    MODIFIES_OTHER,
    NOT_FREE,
    NRUS,
    WITH_BASE,
    observation,
    turning,
)
from sunat.rules.shapes import Check

TOTAL_OF: Final = "taxes/tribute"
ISSUED_BEFORE_BAGS: Final = Test("cbc:IssueDate", lambda text: bool(text) and str(text) < "2019-08-01")


def _tributes_have_totals(view: View) -> bool:
    totals = set(view.texts(TOTAL_OF))
    return all(
        each.text("tribute") in totals
        for line in view.views("line") for each in line.views("taxes")
        if each.text("tribute") in MAIN_TRIBUTES and each.amount("cbc:TaxableAmount") > 0
    )


TAX_TOTALS: Final = (
    Rule("2956", "cac:TaxTotal", exists()),
    Rule("3020", "cac:TaxTotal/cbc:TaxAmount", amount()),
    Rule("3024", "cac:TaxTotal", single()),
    Rule("2638", "cac:TaxTotal", holds(
        _tributes_have_totals,
        ("falta el total de un tributo que sus líneas llevan", "the total of a tribute that its lines bear is missing"),
        ("Agregue un total por cada tributo de las líneas.", "Add a total for every tribute of the lines."),
        *sums.READS_LINES), scope=""),
    Rule("3003", "taxes/cbc:TaxableAmount", exists(), when=is_not(TOTAL_OF, "7152")),
    Rule("2999", "taxes/cbc:TaxableAmount", amount()),
    Rule("2048", "taxes/cbc:TaxAmount", amount()),
    Rule("3000", "taxes/cbc:TaxAmount", zero(), when=is_(TOTAL_OF, "9995", "9997", "9998")),
    Rule("3059", "taxes/tribute", present()),
    Rule("3007", "taxes/tribute", in_catalogue("05"), when=has(TOTAL_OF)),
    Rule("3068", "taxes", unique_by("tribute", within="")),
    Rule("2054", "taxes/scheme/cbc:Name", present()),
    Rule("2964", "taxes/scheme/cbc:Name", agrees("tribute", "05", "name"), when=has("taxes/scheme/cbc:Name")),
    Rule("2052", "taxes/scheme/cbc:TaxTypeCode", present()),
    Rule("2961", "taxes/scheme/cbc:TaxTypeCode", agrees("tribute", "05", "international_code"),
         when=has("taxes/scheme/cbc:TaxTypeCode")),
    Rule("2949", "taxes/cbc:TaxAmount", zero(), when=is_(TOTAL_OF, "7152") & ISSUED_BEFORE_BAGS),
    Rule("2641", "taxes/cbc:TaxableAmount", nonzero(), when=is_(TOTAL_OF, "9996") & somewhere(
        is_("line/price/cbc:PriceTypeCode", "02") & over("line/price/cbc:PriceAmount"))),
    Rule("2062", "total", amount()),
    Rule("2064", "totals/cbc:ChargeTotalAmount", amount()),
)
"""The totals of all four kinds."""

INVOICE_TAX_TOTALS: Final = (
    Rule("3107", "taxes/tribute", none_of("1000", "1016", "2000", "9997", "9998", "9999"), when=EXPORT),
    Rule("2650", "taxes/cbc:TaxableAmount", zero(), when=is_(TOTAL_OF, "2000") & somewhere(
        is_("line/taxes/affectation", "17") & WITH_BASE)),
    Rule("2416", "taxes/cbc:TaxableAmount", nonzero(), when=is_(TOTAL_OF, "9996") & somewhere(is_("legend", "1002"))),
    Rule("2065", "totals/cbc:AllowanceTotalAmount", amount()),
    Rule("2031", "totals/cbc:LineExtensionAmount", amount()),
    Rule("3019", "totals/cbc:TaxInclusiveAmount", amount()),
)
"""What 01 and 03 add."""

PERCEPTION: Final = is_("allowance/reason", "51", "52", "53")

GLOBAL_CHARGES: Final = (
    Rule("3114", "allowance/cbc:ChargeIndicator", one_of("true"),
         when=is_("allowance/reason", "45", "46", "49", "50", "51", "52", "53")),
    Rule("3114", "allowance/cbc:ChargeIndicator", one_of("false"),
         when=is_("allowance/reason", "02", "03", "04", "05", "06", "20", "62", "63")),
    Rule("3072", "allowance/reason", present(), when=there("allowance/cbc:ChargeIndicator")),
    Rule("3071", "allowance/reason", in_catalogue("53"), when=has("allowance/reason")),
    observation("4291", "allowance/reason", none_of("00", "01", "47", "48")),
    Rule("3025", "allowance/cbc:MultiplierFactorNumeric", amount(3, 5)),
    Rule("2968", "allowance/cbc:Amount", amount(), when=is_not("allowance/reason", "51", "52", "53", "62", "63")),
    Rule("2968", "allowance/cbc:Amount", amount(zero=False),
         when=is_("allowance/reason", "51", "52", "53", "62", "63")),
    Rule("3016", "allowance/cbc:BaseAmount", amount()),
    Rule("3282", "allowance/cbc:Amount", zero(),
         when=is_("allowance/reason", "04", "05", "06", "20") & no(over("totals/cbc:PrepaidAmount"))),
    Rule("3074", "allowance/cbc:Amount", nonzero(), when=is_("allowance/reason", "45")),
    Rule("3092", "allowance/cbc:BaseAmount", exists(), when=is_("allowance/reason", "45")),
    Rule("3092", "allowance/cbc:BaseAmount", nonzero(), when=is_("allowance/reason", "45")),
    Rule("3233", "allowance/cbc:BaseAmount", exists(), when=PERCEPTION),
    Rule("3233", "allowance/cbc:BaseAmount", nonzero(), when=PERCEPTION),
    Rule("2792", "allowance/cbc:Amount/@currencyID", one_of("PEN"), when=PERCEPTION),
    Rule("2788", "allowance/cbc:BaseAmount/@currencyID", one_of("PEN"), when=PERCEPTION),
    Rule("2797", "allowance/cbc:BaseAmount", not_above("total", "el importe total", "the total payable"),
         when=PERCEPTION & IN_SOLES),
    Rule("2798", "allowance/cbc:Amount", equals_within(
        sums.charge_by_factor, "1", "la base por la tasa de percepción", "the base by the perception rate",
        "cbc:BaseAmount", "cbc:MultiplierFactorNumeric"), when=PERCEPTION),
    Rule("3308", "allowance/reason", none_of("51", "52", "53"), when=is_not("operation", "2001")),
    Rule("3308", "terms/cbc:ID", none_of("Percepcion"), when=is_not("operation", "2001")),
    Rule("3310", "terms/cbc:Amount", exists(), when=is_("terms/cbc:ID", "Percepcion")),
    Rule("3311", "terms/cbc:Amount", amount(zero=False), when=is_("terms/cbc:ID", "Percepcion")),
    Rule("2788", "terms/cbc:Amount/@currencyID", one_of("PEN"), when=is_("terms/cbc:ID", "Percepcion")),
)
"""Global charges and discounts of 01 and 03, perceptions among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """One sum and its two codes. ``turned`` is the rejection code that the observation became, where it did."""

    rejected: str
    observed: str
    path: str
    check: Check
    when: When | None = None
    turned: str = ""
    scope: str | None = None


def _sum(function: Callable[[View], Decimal | None], es: str, en: str, tolerance: str = "1") -> Check:
    return equals_within(function, tolerance, es, en, *sums.READS_LINES)


def _of(tribute: str) -> When:
    return is_(TOTAL_OF, tribute)


_LINES_OF: Final = ("la suma de los valores de sus líneas", "the sum of the values of its lines")
_TAXED: Final = (
    "la suma de los valores de sus líneas, menos descuentos y más cargos globales",
    "the sum of the values of its lines, less global discounts plus global charges",
)
_BASES: Final = ("la suma de las bases de sus líneas", "the sum of the bases of its lines")
_AMOUNTS: Final = ("la suma de los montos de sus líneas", "the sum of the amounts of its lines")
_RATE: Final = ("la base imponible por la tasa", "the base by the rate")
_MAIN_SUBTOTAL: Final = is_("line/taxes/tribute", *MAIN_TRIBUTES) & WITH_BASE

LINE_WITH_ISC: Final = within("line", ISC)

SUMS: Final = (
    Sum(rejected="3272", observed="4294", path="line/taxes/cbc:TaxableAmount", when=_MAIN_SUBTOTAL & no(LINE_WITH_ISC),
        check=_sum(sums.subtotal_base, "el valor de venta de la línea", "the line's value", "0")),
    Sum(rejected="3272", observed="4294", path="line/taxes/cbc:TaxableAmount", when=_MAIN_SUBTOTAL & LINE_WITH_ISC,
        check=_sum(sums.subtotal_base, "el valor de venta de la línea más su ISC", "the line's value plus its ISC")),
    Sum(rejected="3292", observed="4293", path="line/cac:TaxTotal/cbc:TaxAmount",
        check=_sum(sums.line_taxes, "la suma de los tributos de la línea", "the sum of the line's taxes")),
    Sum(rejected="3273", observed="4295", path="taxes/cbc:TaxableAmount", when=_of("9995"),
        check=_sum(sums.value_of_tribute, *_LINES_OF)),
    Sum(rejected="3274", observed="4296", path="taxes/cbc:TaxableAmount", when=_of("9998"),
        check=_sum(sums.value_of_tribute, *_LINES_OF)),
    Sum(rejected="3275", observed="4297", path="taxes/cbc:TaxableAmount", when=_of("9997"),
        check=_sum(sums.value_of_tribute, *_LINES_OF)),
    Sum(rejected="3276", observed="4298", path="taxes/cbc:TaxableAmount", when=_of("9996"),
        check=_sum(sums.value_of_tribute, *_LINES_OF)),
    Sum(rejected="3277", observed="4299", path="taxes/cbc:TaxableAmount", when=_of("1000"),
        check=_sum(sums.taxed_value, *_TAXED)),
    Sum(rejected="3293", observed="4300", path="taxes/cbc:TaxableAmount", when=_of("1016"),
        check=_sum(sums.taxed_value, *_TAXED)),
    Sum(rejected="3291", observed="4290", turned="3509", path="taxes/cbc:TaxAmount",
        when=_of("1000") & either(is_not("operation", NRUS), over("taxes/cbc:TaxAmount")),
        check=_sum(sums.igv_total, *_RATE)),
    Sum(rejected="3295", observed="4302", path="taxes/cbc:TaxAmount", when=_of("1016"),
        check=_sum(sums.ivap_total, *_RATE)),
    Sum(rejected="3296", observed="4303", path="taxes/cbc:TaxableAmount", when=_of("2000"),
        check=_sum(sums.base_of_tribute, *_BASES)),
    Sum(rejected="3297", observed="4304", path="taxes/cbc:TaxableAmount", when=_of("9999"),
        check=_sum(sums.base_of_tribute, *_BASES)),
    Sum(rejected="3298", observed="4305", turned="3510", path="taxes/cbc:TaxAmount", when=_of("2000"),
        check=_sum(sums.tax_of_tribute, *_AMOUNTS)),
    Sum(rejected="3299", observed="4306", path="taxes/cbc:TaxAmount", when=_of("9999"),
        check=_sum(sums.tax_of_tribute, *_AMOUNTS)),
    Sum(rejected="3306", observed="4321", path="taxes/cbc:TaxAmount", when=_of("7152"),
        check=_sum(sums.tax_of_tribute, *_AMOUNTS, "0")),
    Sum(rejected="3294", observed="4301", turned="3511", path="cac:TaxTotal/cbc:TaxAmount",
        check=_sum(sums.all_taxes, "la suma de los totales por tributo", "the sum of the totals by tribute")),
    Sum(rejected="3303", observed="4314", path="totals/cbc:PayableRoundingAmount", check=at_most("1")),
)
"""The sums of all four kinds."""

FREE_TAX: Final = Sum(
    rejected="3302", observed="4311", path="taxes/cbc:TaxAmount", when=_of("9996"),
    check=_sum(sums.tax_of_tribute, *_AMOUNTS),
)
"""Not asked of credit notes."""

UNIT_PRICE: Final = Sum(
    rejected="3270", observed="4287", path="line/price/cbc:PriceAmount",
    when=is_("line/price/cbc:PriceTypeCode", "01") & NOT_FREE,
    check=_sum(sums.unit_price, "el valor más los tributos, por unidad", "the value plus the taxes, by unit"),
)
"""Not asked of credit notes."""

_CHARGED: Final = _sum(sums.charge_by_factor, "la base por el factor", "the base by the factor")

INVOICE_SUMS: Final = (
    Sum(rejected="3271", observed="4288", path="line/cbc:LineExtensionAmount", check=_sum(
        sums.line_value, "el valor unitario por la cantidad, menos descuentos y más cargos de la línea",
        "the unit value by the quantity, less the line's discounts plus its charges")),
    Sum(rejected="3290", observed="4289", path="line/allowance/cbc:Amount", check=_CHARGED),
    Sum(rejected="3307", observed="4322", path="allowance/cbc:Amount", check=_CHARGED,
        when=is_not("allowance/reason", "51", "52", "53", "62")),
    Sum(rejected="3278", observed="4309", turned="3508", path="totals/cbc:LineExtensionAmount", check=_sum(
        sums.total_value, "la suma de los valores de venta, menos descuentos y más cargos globales",
        "the sum of the values, less global discounts plus global charges")),
    Sum(rejected="3279", observed="4310", path="totals/cbc:TaxInclusiveAmount",
        when=is_not("operation", NRUS), check=_sum(
        sums.total_price, "el total valor de venta más los tributos", "the total value plus the taxes")),
    Sum(rejected="3280", observed="4312", turned="3514", path="total", check=_sum(
        sums.payable, "el total precio de venta más cargos, menos descuentos y anticipos, más el redondeo",
        "the total price plus charges, less discounts and advances, plus rounding")),
    Sum(rejected="3300", observed="4307", turned="3512", path="totals/cbc:AllowanceTotalAmount", check=_sum(
        sums.other_discounts, "la suma de los descuentos que no afectan la base",
        "the sum of the discounts that leave the base alone")),
    Sum(rejected="3301", observed="4308", turned="3513", path="totals/cbc:ChargeTotalAmount", check=_sum(
        sums.other_charges, "la suma de los cargos que no afectan la base",
        "the sum of the charges that leave the base alone")),
)
"""The sums of 01 and 03."""

NOTE_SUMS: Final = (
    Sum(rejected="3271", observed="4288", path="line/cbc:LineExtensionAmount", check=_sum(
        sums.note_line_value, "el valor unitario por la cantidad", "the unit value by the quantity")),
    Sum(rejected="3280", observed="4312", turned="3514", path="total", check=_sum(
        sums.note_payable, "la suma de las bases, los tributos y los cargos",
        "the sum of the bases, the taxes and the charges")),
)
"""The sums of 07 and 08."""


def rejected(rows: tuple[Sum, ...], when: When | None = None) -> tuple[Rule, ...]:
    """The sums as rejections, ``when`` the voucher is of the kind that SUNAT rejects for them."""
    return tuple(
        Rule(row.rejected, row.path, row.check, when=_both(row.when, when), scope=row.scope) for row in rows
    )


def observed(rows: tuple[Sum, ...], when: When | None = None) -> tuple[Rule, ...]:
    """The sums as observations; some of them are on their way to being rejections."""
    found: list[Rule] = []
    for row in rows:
        columns = {"when": _both(row.when, when), "scope": row.scope}
        if row.turned:
            found.append(turning(row.observed, row.turned, row.path, row.check, **columns))
        else:
            found.append(observation(row.observed, row.path, row.check, **columns))
    return tuple(found)


def by_target(rows: tuple[Sum, ...]) -> tuple[Rule, ...]:
    """A note's sums: rejections where it modifies a factura, observations elsewhere."""
    return rejected(rows, MODIFIES_INVOICE) + observed(rows, MODIFIES_OTHER)


def _both(first: When | None, second: When | None) -> When | None:
    if first is None or second is None:
        return first or second
    return first & second
