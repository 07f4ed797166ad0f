"""The rules of the purchase settlement (04). Source: SUNAT's workbook, 2026-02-12, sheet Liquidación de compra.

Much of it is the law of sales, taken from their tables row by row; what is said otherwise here, and what only a
settlement has (the seller's address, the place of the operation, the income tax kept back, the seller's yearly limit),
stands in ``OWN`` and its neighbours. "supplier" names the issuer, who buys, and "customer" the seller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.identity import DNI
from sunat.money import ZERO
from sunat.rules import concepts, descriptive, general, norms, paths, payment, sale, sale_lines, sale_totals, structure
from sunat.rules.arithmetic import READS_LINES, allowances, base_by_rate, is_free, subtotal_base, sums
from sunat.rules.checks import (
    absent,
    amount,
    equals_within,
    exists,
    fits,
    holds,
    in_catalogue,
    includes,
    matches,
    not_after,
    not_before,
    one_of,
    present,
    text,
)
from sunat.rules.comparisons import iso_date
from sunat.rules.conditions import has, is_, is_not, there
from sunat.rules.context import HAS_RUC, NO_THIRD_CATEGORY
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.rows import CONTINGENCY, ELECTRONIC, WITH_BASE, observation
from sunat.rules.shapes import Check
from sunat.taxes.rates import INCOME, PERCENTAGES, UIT, amount_on

INCOME_TAX: Final = "3000"
UNITS: Final = 75
"""The tax units that one seller may sell by settlements in a calendar year (2451)."""
LATE_DAYS: Final = 7
"""Days within which a settlement on pre-printed paper is told to SUNAT (4347)."""
GOLD: Final = "0503"
_MAINS: Final = ("1000", "9996", "9997", "9998")
_TRIBUTE: Final = "line/taxes/tribute"
_WITHHELD: Final = is_(_TRIBUTE, INCOME_TAX)
_BARE: Final = ("9999", INCOME_TAX)
"""The tributes whose subtotals name no affectation."""


def _taken(rows: Iterable[Rule], *left: str) -> tuple[Rule, ...]:
    """Rows of the sales as they are, without the codes that this sheet lacks or words otherwise."""
    return tuple(rule for rule in rows if rule.code not in left)


# Who sells, where, and until what amount.

def _lists(found: frozenset[str], *wanted: str) -> bool:
    return not found.isdisjoint(wanted)


_HEAD: Final = (
    Rule("1001", "cbc:ID", matches(
        "L[A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "una serie que empieza con L y un número (L001-123)",
        "a series that starts with L and a number (L001-123)")),
    Rule("2108", "cbc:IssueDate", not_before(lambda context: 1, "1 día", "1 day"), when=ELECTRONIC),
    observation("4347", "cbc:IssueDate", not_before(
        lambda context: LATE_DAYS, f"{LATE_DAYS} días", f"{LATE_DAYS} days"), when=CONTINGENCY),
    Rule("2329", "cbc:IssueDate", not_after(0)),
    *sale.issued_as("04"),
    Rule("3206", "operation", in_catalogue("51", where=lambda code: catalogue("51")[code].flag("liquidacion")),
         when=has("operation")),
    observation("4338", "supplier/legal/cbc:RegistrationName", text(3, 1500)),
    Rule("2463", "supplier/identity", holds(
        lambda view: not _lists(view.document.context.issuer_lists, NO_THIRD_CATEGORY),
        ("no tiene rentas de tercera categoría", "has no income of the third category"),
        ("Solo quien está en el régimen general, MYPE o especial emite liquidaciones de compra.",
         "Only those of the general, MYPE or special regime issue purchase settlements.")), scope=""),
)

_SELLER: Final = (
    Rule("2462", "customer/identity", holds(
        lambda view: not _lists(view.document.context.other_lists, HAS_RUC),
        ("es de quien tiene RUC activo", "is of somebody with an active RUC"),
        ("Quien tiene RUC emite su propio comprobante.", "Whoever has a RUC issues a voucher himself.")),
        scope="", when=is_("customer/identity/@schemeID", DNI)),
    Rule("2802", "customer/identity", text(1, 15, blanks="none"), when=is_("customer/identity/@schemeID", "4", "7")),
    Rule("2800", "customer/identity/@schemeID", one_of(DNI, "4", "7")),
    Rule("CHQ-SELLER-DNI", "customer/identity", matches("[0-9]{8}", "8 dígitos", "8 digits"),
         when=is_("customer/identity/@schemeID", DNI), norm="Ley 26497: el DNI tiene ocho dígitos"),
    Rule("2022", "customer/legal/cbc:RegistrationName", text(1, 1500),
         when=has("customer/legal/cbc:RegistrationName")),
)


def _address(where: str, line: str, form: str, ubigeo: str, parts: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    """An address that must be there: codes of a missing line, of its form, of a missing ubigeo, of the optional parts
    (urbanisation, province, department, district)."""
    members = ("cbc:CitySubdivisionName", "cbc:CityName", "cbc:CountrySubentity", "cbc:District")
    written = f"{where}/cac:AddressLine/cbc:Line"
    return (
        Rule(line, written, present()),
        Rule(form, written, matches(
            r"(?=[^\t\n\r\f\v]*\S)[^\s][^\t\n\r\f\v]{2,249}",
            "de 3 a 250 caracteres, sin saltos de línea y sin un espacio al comienzo",
            "3 to 250 characters, without line breaks and no blank at the beginning"), when=has(written)),
        Rule(ubigeo, f"{where}/cbc:ID", present()),
        *(
            observation(code, f"{where}/{member}", text(1, 25 if member == members[0] else 30))
            for code, member in zip(parts, members, strict=True)
        ),
        observation("4041", f"{where}/cac:Country/cbc:IdentificationCode", one_of("PE")),
    )


_PLACES: Final = (
    *_address("customer/registered", "2452", "2593", "2453", ("4341", "4342", "4343", "4344")),
    observation("4339", "customer/registered/cbc:ID", in_catalogue("13"), when=has("customer/registered/cbc:ID")),
    Rule("2456", "customer/registered/cbc:AddressTypeCode", present()),
    Rule("2457", "customer/registered/cbc:AddressTypeCode", in_catalogue("60"),
         when=has("customer/registered/cbc:AddressTypeCode")),
    *_address("place", "2454", "2778", "2455", ("4238", "4239", "4240", "4241")),
    Rule("2917", "place/cbc:ID", in_catalogue("13"), when=has("place/cbc:ID")),
    Rule("2458", "location/cbc:LocationTypeCode", present()),
    Rule("2459", "location/cbc:LocationTypeCode", in_catalogue("60"), when=has("location/cbc:LocationTypeCode")),
)


def yearly_limit(issued: date) -> Decimal | None:
    """Soles that one seller may sell in the year of a day; None where the year's tax unit is not known."""
    try:
        return amount_on(UIT, issued) * UNITS
    except FormatError:
        return None


def _within_limit(view: View) -> bool:
    """What was settled with the seller from the first of January to the day before is not above the year's limit."""
    known, issued = view.document.context.purchases, iso_date(view.text("cbc:IssueDate"))
    limit = yearly_limit(issued) if issued else None
    if known is None or issued is None or limit is None:
        return True
    code, number = view.text("customer/identity/@schemeID"), view.text("customer/identity")
    return known.bought(code, number, issued.replace(month=1, day=1), issued - timedelta(days=1)) <= limit


_LIMIT: Final = holds(
    _within_limit,
    (f"es de un vendedor que ya pasó las {UNITS} UIT del año",
     f"is of a seller who has passed {UNITS} tax units this year"),
    ("El vendedor debe inscribirse en el RUC y emitir su comprobante.",
     "The seller must get a RUC and issue his own voucher."), "/customer/identity",
)


# The lines.

_COMPANIONS: Final = frozenset({INCOME_TAX, "9999"})


def _mixes_well(view: View) -> bool:
    based = {each.text("tribute") for each in view.views("taxes") if each.amount("cbc:TaxableAmount") > 0}
    mains = [tribute for tribute in _MAINS if tribute in based]
    return based <= {*mains[:1], *_COMPANIONS}


_RATES: Final = [row for row in PERCENTAGES if row.catalogue == INCOME]


def _rate_of_the_day(view: View) -> bool:
    issued, percent = iso_date(view.whole.text("cbc:IssueDate")), view.number("percent")
    ruling = [row.percent for row in _RATES if issued and row.rules_on(issued)]
    return percent is None or not ruling or percent in ruling


_LINES: Final = (
    Rule("2371", "line/taxes/affectation", exists(), when=is_not(_TRIBUTE, *_BARE) & WITH_BASE),
    Rule("3050", "line/taxes/affectation", absent(), when=is_(_TRIBUTE, *_BARE)),
    Rule("2040", "line/taxes/affectation", fits(
        "tribute", sale_lines.belongs, "no corresponde al código de tributo", "does not go with the tribute code"),
        when=is_not(_TRIBUTE, *_BARE) & WITH_BASE),
    Rule("3223", "line/taxes", holds(
        _mixes_well, ("combina tributos que no van juntos", "combines tributes that do not go together"),
        ("Deje un tributo principal, y con él retención de renta (3000) u otros (9999).",
         "Keep one main tribute, with income tax kept back (3000) or others (9999).")), scope="line"),
    Rule("2464", "line/taxes/cbc:TaxAmount", equals_within(
        base_by_rate, "1", "la base por la tasa de la retención", "the base by the rate kept back"), when=_WITHHELD),
    observation("4237", "line/taxes/percent", holds(
        _rate_of_the_day, ("no es una tasa vigente de la retención de renta", "is no rate of the income tax in force"),
        ("Use la tasa vigente: 1.5 %, o 4 % para oro.", "Use the rate in force: 1.5 %, or 4 % for gold."),
        "percent", "/cbc:IssueDate"), when=_WITHHELD & WITH_BASE, scope="line/taxes"),
    observation("4294", "line/taxes/cbc:TaxableAmount", equals_within(
        subtotal_base, "0", "el valor de la línea", "the line's value", "/line/cbc:LineExtensionAmount"),
        when=is_(_TRIBUTE, *_MAINS, INCOME_TAX)),
    *(
        Rule(code, concepts.CODE, includes(concept), scope="line", when=is_("operation", GOLD),
             message=concepts.lacks(concept))
        for code, concept in {"2466": "6000", "2467": "6004", "2468": "6005", "2469": "6006"}.items()
    ),
    Rule("3064", concepts.VALUE, present(), when=is_(concepts.CODE, "6000", "6004", "6005", "6006")),
    observation("4280", concepts.VALUE, amount(3, 2), when=is_(concepts.CODE, "6004") & has(concepts.VALUE)),
)


# The sums.

def _withheld_lines(view: View) -> list[View]:
    """The lines that the seller is paid for, of which income tax is kept back."""
    return [
        line for line in view.whole.views("line")
        if not is_free(line) and any(
            each.text("tribute") == INCOME_TAX and each.amount("cbc:TaxableAmount") > 0 for each in line.views("taxes")
        )
    ]


def _withheld_value(view: View) -> Decimal | None:
    return sum((line.amount("cbc:LineExtensionAmount") for line in _withheld_lines(view)), ZERO)


def _withheld_tax(view: View) -> Decimal | None:
    kept = sum((
        each.amount("cbc:TaxAmount") for line in _withheld_lines(view) for each in line.views("taxes")
        if each.text("tribute") == INCOME_TAX
    ), ZERO)
    return kept - allowances(view.whole, "61")


def _payable(view: View) -> Decimal | None:
    """What the seller gets: the subtotal less every tax, which the buyer pays to SUNAT himself, and less advances."""
    subtotal = view.number("totals/cbc:TaxInclusiveAmount")
    if subtotal is None:
        return None
    taxes = sums(view.document).tax
    kept = sum((taxes[tribute] for tribute in ("1000", INCOME_TAX, "9999")), ZERO)
    return subtotal - kept - view.amount("totals/cbc:PrepaidAmount") + view.amount("totals/cbc:PayableRoundingAmount")


def _summed(function: Callable[[View], Decimal | None], es: str, en: str) -> Check:
    return equals_within(function, "1", es, en, *READS_LINES)


_OF_INCOME: Final = is_("taxes/tribute", INCOME_TAX)

_TOTALS: Final = (
    Rule("2591", "totals/cbc:LineExtensionAmount", exists()),
    Rule("2592", "totals/cbc:TaxInclusiveAmount", exists()),
    Rule("2451", "totals/cbc:LineExtensionAmount", _LIMIT, scope="", when=ELECTRONIC),
    observation("4210", "totals/cbc:LineExtensionAmount", _LIMIT, scope="", when=CONTINGENCY),
    Rule("2999", "taxes/cbc:TaxableAmount", amount(), when=is_not("taxes/tribute", INCOME_TAX)),
    Rule("2470", "taxes/cbc:TaxableAmount", amount(), when=_OF_INCOME),
    observation("4345", "taxes/cbc:TaxableAmount", _summed(
        _withheld_value, "la suma de los valores de las líneas con retención",
        "the sum of the values of the lines it is kept back of"), when=_OF_INCOME),
    observation("4346", "taxes/cbc:TaxAmount", _summed(
        _withheld_tax, "la suma de las retenciones de las líneas, menos la de los anticipos",
        "the sum of what is kept back of the lines, less that of the advances"), when=_OF_INCOME),
    observation("4312", "total", _summed(
        _payable, "el subtotal menos IGV, retención, otros tributos y anticipos, más el redondeo",
        "the subtotal less IGV, income tax, other tributes and advances, plus rounding")),
)

_CHARGES: Final = (
    Rule("3114", "allowance/cbc:ChargeIndicator", one_of("false"),
         when=is_("allowance/reason", "04", "05", "06", "61")),
    Rule("3072", "allowance/reason", present(), when=there("allowance/cbc:ChargeIndicator")),
    Rule("3071", "allowance/reason", in_catalogue("53"), when=has("allowance/reason")),
    Rule("2968", "allowance/cbc:Amount", amount()),
)

_PAPERS: Final = (
    *payment.advances("10", wrong_type="2465", lacks=(
        "no tiene su liquidación de compra de anticipo", "has no purchase settlement of the advance")),
    payment.advance_numbers(
        "10", "L[A-Z0-9]{3}-[0-9]{1,8}|E001-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}",
        "serie y número de una liquidación de compra (L001-123)",
        "series and number of a purchase settlement (L001-123)"),
    observation("4009", "related/cbc:DocumentTypeCode", one_of("10", "99")),
)


# What the sales say, taken over.

_SUMS: Final = tuple(
    replace(row, turned="") for row in (
        *sale_totals.SUMS, sale_totals.FREE_TAX, sale_totals.UNIT_PRICE, *sale_totals.INVOICE_SUMS,
    )
    if row.observed in {
        "4287", "4288", "4290", "4293", "4296", "4297", "4298", "4299", "4301", "4304", "4306", "4309", "4310",
        "4311", "4314",
    }
)
_MONEY: Final = (
    *(path for path in sale.NOTE_MONEY if path != "totals/cbc:ChargeTotalAmount"),
    "allowance/cbc:Amount", "totals/cbc:LineExtensionAmount", "totals/cbc:TaxInclusiveAmount",
    "totals/cbc:PrepaidAmount", "cac:PrepaidPayment/cbc:PaidAmount",
)
_SALES: Final = (
    *structure.SALE, *structure.VALUED,
    *_taken(sale.HEADER, "2017", "2329", "4242"),
    *(rule for rule in sale.INVOICE_HEADER if rule.code in {
        "1004", "1007", "1008", "2014", "2015", "2075", "2365", "3014", "3089", "3090", "3205", "4010", "4092",
    }),
    *sale.selva(("4022", "4023", "4024", "4244")),
    *sale.currency_rows(*_MONEY, code="2337"),
    *_taken(
        sale_lines.LINES, "2040", "2371", "2892", "3050", "3104", "3108", "3210", "3223", "3236", "3237", "3238",
        "3496", "4318", "4320", "4333", "4334", "4335",
    ),
    *(rule for rule in sale_lines.INVOICE_LINES if rule.code in {
        "2023", "2024", "2025", "2026", "2027", "2028", "2068", "2883", "3234", "4269",
    }),
    *_taken(sale_lines.igv_rows(nrus=False, modified=False), "3462"),
    *sale_lines.main_tribute(among=_MAINS),
    *_taken(sale_totals.TAX_TOTALS, "2064", "2638", "2949", "2999"),
    *_taken(sale_totals.INVOICE_TAX_TOTALS, "2065", "2650", "3107"),
    *sale_totals.observed(_SUMS),
)

RULES: Final = RuleTable(
    "04", "SelfBilledInvoice",
    (
        *general.FILE, *_HEAD, *_SELLER, *_PLACES, *_SALES, *_LINES, *_TOTALS, *_CHARGES, *_PAPERS,
        *descriptive.SETTLEMENT, *norms.PARTIES[:1],
    ),
    short=paths.SETTLEMENT, scopes=paths.SALE_SCOPES,
)
