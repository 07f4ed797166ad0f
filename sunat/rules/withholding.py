"""Rows that certificates of retention (20) and of perception (40) share.

Both list payments of other vouchers, what was withheld or collected with each, in soles, and their sums. Source:
validation workbook of 2026-02-12, sheets Retención and Percepción.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sunat.catalogues import catalogue
from sunat.money import ZERO
from sunat.rules import general
from sunat.rules.checks import (
    amount,
    at_most,
    equals_within,
    exists,
    fits,
    holds,
    in_catalogue,
    matches,
    not_before,
    one_of,
    present,
    text,
    unique_by,
)
from sunat.rules.conditions import When, has, is_, is_not
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import ELECTRONIC, observation
from sunat.terms import TERMS

TERM: Final = {row.type_code: row.days for row in TERMS}["20"]
"""Calendar days after the day of issue in which a certificate must reach SUNAT; the same for both kinds."""

TYPE: Final = "line/cbc:ID/@schemeID"
PAID: Final = is_not(TYPE, "07")
"""The row is no credit note: it has a payment."""
IN_SOLES: Final = is_("line/cbc:TotalInvoiceAmount/@currencyID", "PEN")
ABROAD: Final = PAID & is_not("line/cbc:TotalInvoiceAmount/@currencyID", "PEN")
SOLES: Final = one_of("PEN")
CURRENCY: Final = "cbc:TotalInvoiceAmount/@currencyID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes under which SUNAT says the same of a retention and of a perception."""

    name: str
    parts: tuple[str, str, str, str]
    street: str
    regime: str
    percent: str
    total: str
    total_currency: str
    whole_format: str
    whole: str
    whole_currency: str
    paid_date: str
    one_month: str
    window: str
    payment: tuple[str, str]
    paid: tuple[str, str]
    paid_currency: str
    amount: tuple[str, str]
    arithmetic: str
    net: tuple[str, str]


RETENTION: Final = Codes(
    name="2906", parts=("2907", "2908", "2909", "2910"), street="2918", regime="2618", percent="2619", total="2628",
    total_currency="2728", whole_format="2730", whole="2629", whole_currency="2732", paid_date="2737",
    one_month="2661", window="2625", payment=("2733", "2734"), paid=("2735", "2736"), paid_currency="2622",
    amount=("2740", "2742"), arithmetic="2623", net=("2746", "2748"),
)
PERCEPTION: Final = Codes(
    name="2911", parts=("2912", "2913", "2914", "2915"), street="2919", regime="2602", percent="2603", total="2667",
    total_currency="2685", whole_format="2687", whole="2668", whole_currency="2690", paid_date="2702",
    one_month="2659", window="2612", payment=("2697", "2698"), paid=("2699", "2700"), paid_currency="2607",
    amount=("2705", "2707"), arithmetic="2608", net=("2711", "2713"),
)


def rows(codes: Codes, *, regimes: str, other: str, added: bool) -> tuple[Rule, ...]:
    """The rows of a kind. ``regimes`` is its catalogue, ``other`` its own type code, ``added`` whether it adds."""
    uncounted = ("07", other)

    def counted(view: View) -> list[View]:
        return [row for row in view.whole.views("line") if row.text("cbc:ID/@schemeID") not in uncounted]

    def withheld(view: View) -> Decimal | None:
        return sum((row.amount("withheld/amount") for row in counted(view)), ZERO)

    def moved(view: View) -> Decimal | None:
        net = sum((row.amount("withheld/net") for row in counted(view)), ZERO)
        return net + view.whole.amount("cbc:PayableRoundingAmount")

    def expected(view: View) -> Decimal | None:
        base, percent = _base(view), view.whole.number("percent")
        return None if base is None or percent is None else base * percent / 100

    def net(view: View) -> Decimal | None:
        base, kept = _base(view), view.number("withheld/amount")
        if base is None or kept is None:
            return None
        return base + kept if added else base - kept

    return (
        *_head(), *_parties(codes),
        Rule(codes.regime, "system", in_catalogue(regimes)),
        Rule(codes.percent, "percent", holds(
            _of_the_regime(regimes), ("no es la tasa del régimen", "is not the regime's rate"),
            ("Use la tasa del catálogo para ese régimen.", "Use the catalogue's rate for that regime."), "/system"),
            scope=""),
        Rule("2669", "total", amount(zero=False)),
        Rule(codes.total, "total", equals_within(
            withheld, "0", "la suma de los importes retenidos o percibidos", "the sum of the amounts withheld",
            "/line/withheld/amount", f"/{TYPE}")),
        Rule(codes.total_currency, "total/@currencyID", SOLES),
        Rule(codes.whole_format, "whole", amount(zero=False)),
        Rule(codes.whole, "whole", equals_within(
            moved, "0", "la suma de los importes netos más el redondeo", "the sum of the net amounts plus rounding",
            "/line/withheld/net", f"/{TYPE}", "/cbc:PayableRoundingAmount")),
        Rule(codes.whole_currency, "whole/@currencyID", SOLES),
        Rule("3303", "cbc:PayableRoundingAmount", at_most("1")),
        Rule("3304", "cbc:PayableRoundingAmount/@currencyID", SOLES),
        *_paid(codes),
        Rule(codes.amount[0], "line/withheld/amount", amount(zero=False)),
        Rule(codes.arithmetic, "line/withheld/amount", equals_within(
            expected, "1", "el pago en soles por la tasa", "the payment in soles by the rate", *_READS)),
        Rule(codes.amount[1], "line/withheld/amount/@currencyID", SOLES),
        Rule(codes.net[0], "line/withheld/net", amount(zero=False)),
        Rule(codes.arithmetic, "line/withheld/net", equals_within(
            net, "1", "el pago en soles más lo percibido o menos lo retenido",
            "the payment in soles plus or less what was withheld", *_READS, "withheld/amount")),
        Rule(codes.net[1], "line/withheld/net/@currencyID", SOLES),
        *_exchange(target=PAID if not added else None),
    )


def not_the_agent(code: str, es: str, en: str) -> Rule:
    """The counterpart is somebody else than the agent; ``es`` and ``en`` say whose document to give."""
    return Rule(code, "customer/identity", holds(
        lambda view: view.text("customer/identity") != view.text("supplier/identity"),
        ("es el del propio agente", "is the agent's own"), (es, en), "/supplier/identity"), scope="")


_READS: Final = (
    "payment/cbc:PaidAmount", CURRENCY, "withheld/exchange/cbc:CalculationRate", "/percent",
)


def _base(view: View) -> Decimal | None:
    """The payment of a row in soles; None where its rate is missing, which is a finding of its own."""
    paid = view.number("payment/cbc:PaidAmount")
    if view.text(CURRENCY) == "PEN" or paid is None:
        return paid
    rate = view.number("withheld/exchange/cbc:CalculationRate")
    return None if rate is None else paid * rate


def _of_the_regime(regimes: str) -> Callable[[View], bool]:
    known = catalogue(regimes)

    def right(view: View) -> bool:
        entry = known.get(view.text("system"))
        return entry is None or view.number("percent") == Decimal(entry.attributes["rate"])

    return right


def _head() -> tuple[Rule, ...]:
    file = tuple(rule for rule in general.FILE if rule.code not in {"1035", "1036"})
    return (
        *file,
        Rule("2111", "cbc:UBLVersionID", present()),
        Rule("2110", "cbc:UBLVersionID", one_of("2.0"), when=has("cbc:UBLVersionID")),
        Rule("2113", "cbc:CustomizationID", present()),
        Rule("2112", "cbc:CustomizationID", one_of("1.0"), when=has("cbc:CustomizationID")),
        general.WHOLE_NAME,
        Rule("2600", "cbc:IssueDate", not_before(lambda context: TERM, f"{TERM} días", f"{TERM} days"),
             when=ELECTRONIC),
    )


def _address(party: str, ubigeo: str, street: str, parts: tuple[str, str, str, str]) -> tuple[Rule, ...]:
    members = ("cbc:CitySubdivisionName", "cbc:CityName", "cbc:CountrySubentity", "cbc:District")
    return (
        observation(ubigeo, f"{party}/address/cbc:ID", in_catalogue("13")),
        observation(street, f"{party}/address/cbc:StreetName", text(1, 100)),
        *(
            observation(code, f"{party}/address/{member}", text(1, 30))
            for code, member in zip(parts, members, strict=True)
        ),
        Rule("2548", f"{party}/address/cac:Country/cbc:IdentificationCode", one_of("PE")),
    )


def _parties(codes: Codes) -> tuple[Rule, ...]:
    return (
        Rule("2678", "supplier/identity/@schemeID", present()),
        Rule("2511", "supplier/identity/@schemeID", one_of("6"), when=has("supplier/identity/@schemeID")),
        observation("2901", "supplier/cac:PartyName/cbc:Name", text(1, 1500)),
        Rule("1037", "supplier/legal/cbc:RegistrationName", present()),
        Rule("1038", "supplier/legal/cbc:RegistrationName", text(1, 1500),
             when=has("supplier/legal/cbc:RegistrationName")),
        *_address("supplier", "2917", "2916", ("2902", "2903", "2904", "2905")),
        Rule("2516", "customer/identity/@schemeID", present()),
        observation(codes.name, "customer/cac:PartyName/cbc:Name", text(1, 1500)),
        Rule("2134", "customer/legal/cbc:RegistrationName", present()),
        Rule("2133", "customer/legal/cbc:RegistrationName", text(1, 1500),
             when=has("customer/legal/cbc:RegistrationName")),
        *_address("customer", "2917", codes.street, codes.parts),
    )


def _paid(codes: Codes) -> tuple[Rule, ...]:
    first, second = codes.payment, codes.paid
    return (
        Rule("2691", TYPE, present()),
        Rule("2693", "line/cbc:ID", present()),
        Rule("2694", "line/cbc:ID", matches(
            "[a-zA-Z0-9-]{1,20}(-[0-9]{1,20})", "serie y número de un ticket", "series and number of a ticket"),
            when=is_(TYPE, "12") & has("line/cbc:ID")),
        Rule("2696", "line/cbc:TotalInvoiceAmount", amount(zero=False)),
        Rule(codes.paid_date, "line/payment/cbc:PaidDate", exists(), when=PAID),
        Rule(codes.one_month, "line/payment/cbc:PaidDate", holds(
            _same_month, ("es de otro mes que los demás pagos", "is of another month than the other payments"),
            ("Emita un certificado por mes.", "Issue one certificate a month."), "payment/cbc:PaidDate")),
        Rule(codes.window, "line/payment/cbc:PaidDate", holds(
            _in_window, ("cae antes del comprobante o del mes, o después de la emisión",
                         "falls before the voucher or the month, or after the issue date"),
            ("Revise la fecha del pago y la de emisión.", "Check the dates of payment and of issue."),
            "payment/cbc:PaidDate", "cbc:IssueDate", "/cbc:IssueDate")),
        Rule(first[0], "line/payment/cbc:ID", present(), when=PAID),
        Rule(first[1], "line/payment/cbc:ID", matches("[0-9]{1,9}", "hasta 9 dígitos", "up to 9 digits"),
             when=PAID & has("line/payment/cbc:ID")),
        Rule("2626", "line", unique_by("cbc:ID", "payment/cbc:ID", within=""), when=PAID),
        Rule(second[0], "line/payment/cbc:PaidAmount", exists(), when=PAID),
        Rule(second[1], "line/payment/cbc:PaidAmount", amount(zero=False), when=PAID),
        Rule(codes.paid_currency, "line/payment/cbc:PaidAmount/@currencyID", fits(
            CURRENCY, lambda mine, theirs: mine == theirs, "difiere de la moneda del comprobante relacionado",
            "differs from the related voucher's currency"), when=PAID),
    )


def _same_month(view: View) -> bool:
    mine = view.text("payment/cbc:PaidDate")[:7]
    first = next((day[:7] for row in view.whole.views("line") if (day := row.text("payment/cbc:PaidDate"))), "")
    return not mine or mine == first


def _in_window(view: View) -> bool:
    paid, issued = view.text("payment/cbc:PaidDate"), view.whole.text("cbc:IssueDate")
    theirs = view.text("cbc:IssueDate")
    if not paid or not issued:
        return True
    earliest = theirs if theirs[:7] == issued[:7] else f"{issued[:7]}-01"
    return earliest <= paid <= issued


def _exchange(target: When | None) -> tuple[Rule, ...]:
    source = "line/withheld/exchange/cbc:SourceCurrencyCode"
    rate = "line/withheld/exchange/cbc:CalculationRate"
    return (
        Rule("2719", source, exists(), when=ABROAD),
        Rule("2749", source, fits(
            CURRENCY, lambda mine, theirs: mine == theirs, "difiere de la moneda del comprobante relacionado",
            "differs from the related voucher's currency"), when=PAID),
        Rule("2715", "line/withheld/exchange/cbc:TargetCurrencyCode", SOLES, when=target),
        Rule("2721", rate, exists(), when=ABROAD),
        Rule("2716", rate, amount(4, 6, zero=False)),
        Rule("2722", "line/withheld/exchange/cbc:Date", exists(), when=ABROAD),
    )

