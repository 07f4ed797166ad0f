"""The rules of the daily summary (RC). Source: SUNAT's validation workbook, 2026-02-12, sheet Resumen diario.

Whether SUNAT holds a voucher already (2282, 2663, 2987 ...) is asked of our ledger where a summary is made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.catalogues import catalogue
from sunat.documents.summary import ADD, MODIFY, VOID
from sunat.money import ZERO
from sunat.rules import communication, general, paths, voided
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
    none_of,
    nonzero,
    not_before,
    one_of,
    present,
    text,
    unique_by,
)
from sunat.rules.comparisons import iso_date
from sunat.rules.conditions import has, is_, is_not, like, over, there
from sunat.rules.document import View, number
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.rows import observation
from sunat.taxes import IGV, ISC, IVAP, RATES, rates_in_force

LATE: Final = 7
"""Days after which SUNAT still takes a summary, with an observation (since 2024-11-11)."""

TYPE: Final = "line/cbc:DocumentTypeCode"
CUSTOMER: Final = there("line/customer")
NUMBER: Final = "line/customer/cbc:CustomerAssignedAccountID"
IDENTITY: Final = "line/customer/cbc:AdditionalAccountID"
NOTE: Final = is_(TYPE, "07", "08") & is_not("line/condition", VOID)
TARGET: Final = "line/modified/cbc:DocumentTypeCode"
TARGET_ID: Final = "line/modified/cbc:ID"
PERCEIVED: Final = "line/perceived"
TRIBUTE: Final = "line/taxes/tribute"
_NAME: Final = "line/taxes/scheme/cbc:Name"
_DOCUMENTED: Final = ("4", "7", "0", "A", "B", "C", "D", "E", "F", "G")
_WIDE: Final = "5"
_MONEY: Final = (
    "line/value/cbc:PaidAmount", "line/allowance/cbc:Amount", "line/taxes/cbc:TaxAmount",
    "line/taxes/part/cbc:TaxAmount",
)


def _values(view: View, *codes: str) -> Decimal:
    return sum((each.amount("cbc:PaidAmount") for each in view.views("value")
                if each.text("cbc:InstructionID") in codes), ZERO)


def _tributes(view: View, *codes: str) -> Decimal:
    return sum((each.amount("cbc:TaxAmount") for each in view.views("taxes") if each.text("tribute") in codes), ZERO)


def _total(view: View) -> Decimal | None:
    """The values that are paid, the tributes and the other charges. The view is a line."""
    charges = sum((each.amount("cbc:Amount") for each in view.views("allowance")), ZERO)
    return _values(view, "01", "02", "03", "04") + _tributes(view, "1000", "1016", "2000", "7152", "9999") + charges


def _by_a_rate(view: View) -> bool:
    """The IGV is that of some rate in force, or of any older one for a note. The view is a tribute's total."""
    line = view.holder("line")
    said, base = view.amount("cbc:TaxAmount"), _values(line, "01") + _tributes(line, "2000")
    issued = iso_date(view.whole.text("cbc:ReferenceDate")) or date.max
    rows = rates_in_force(IGV, issued) if line.text("cbc:DocumentTypeCode") == "03" else RATES
    rates = [row.percent for row in rows if row.tribute == IGV]
    return said == 0 or any(abs(said - base * rate / 100) <= Decimal(_WIDE) for rate in rates)


def _ivap(view: View) -> Decimal | None:
    issued = iso_date(view.whole.text("cbc:ReferenceDate")) or date.max
    rate = next((row.percent for row in rates_in_force(IVAP, issued)), None)
    return None if rate is None or view.amount("cbc:TaxAmount") == 0 else (
        _values(view.holder("line"), "01") * rate / 100
    )


def _perception(view: View) -> Decimal | None:
    base, percent = view.number("perceived/cbc:TaxableAmount"), view.number("perceived/sac:SUNATPerceptionPercent")
    in_soles = view.text("total/@currencyID") == "PEN"
    return base * percent / 100 if in_soles and base is not None and percent is not None else None


def _with_perception(view: View) -> Decimal | None:
    total, more = view.number("total"), view.number("perceived/cbc:TotalInvoiceAmount")
    in_soles = view.text("total/@currencyID") == "PEN"
    return total + more if in_soles and total is not None and more is not None else None


def _rate_of_regime(view: View) -> bool:
    entry = catalogue("22").get(view.text("perceived/sac:SUNATPerceptionSystemCode"))
    said = view.number("perceived/sac:SUNATPerceptionPercent")
    return entry is None or said == Decimal(entry.attributes["rate"])


def _one_currency(view: View) -> bool:
    mine = view.text("total/@currencyID")
    return all(said == mine for path in _MONEY for said in view.texts(f"{path.removeprefix('line/')}/@currencyID"))


def _not_beside(former: str, mine: str) -> Callable[[View], bool]:
    """No line does ``former`` with the voucher that this one does ``mine`` with. The view is a line."""

    def alone(view: View) -> bool:
        if view.text("condition") != mine:
            return True
        who = (view.text("cbc:DocumentTypeCode"), view.text("cbc:ID"))
        return not any(
            row.text("condition") == former and (row.text("cbc:DocumentTypeCode"), row.text("cbc:ID")) == who
            for row in view.whole.views("line")
        )

    return alone


_SPLIT: Final = (
    "Envíe las dos operaciones en resúmenes distintos, uno después del otro.",
    "Send the two operations in two summaries, one after the other.",
)

VOUCHERS: Final = (
    Rule("2238", "line/cbc:LineID", matches("[0-9]{1,5}", "hasta 5 dígitos", "up to 5 digits")),
    Rule("2239", "line/cbc:LineID", none_of("0", "00", "000", "0000", "00000")),
    Rule("2752", "line/cbc:LineID", unique_by(within="")),
    Rule("2512", "line/cbc:ID", exists()),
    Rule("2513", "line/cbc:ID", matches(
        "B[A-Z0-9]{3}-(?!0+$)[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "serie B y número (B001-123)",
        "a series of boletas and a number (B001-123)"), when=is_(TYPE, "03", "07", "08")),
    Rule("2242", TYPE, present()),
    Rule("2241", TYPE, one_of("03", "07", "08"), when=has(TYPE)),
    Rule("3094", "line", unique_by("cbc:DocumentTypeCode", "cbc:ID", "condition", within="")),
    Rule("3095", TYPE, holds(
        _not_beside(ADD, MODIFY), ("el comprobante se agrega y se modifica en el mismo envío",
                                   "the voucher is added and modified in one summary"), _SPLIT,
        "cbc:ID", "condition"), scope="line"),
    Rule("3096", TYPE, holds(
        _not_beside(MODIFY, VOID), ("el comprobante se modifica y se anula en el mismo envío",
                                    "the voucher is modified and voided in one summary"), _SPLIT,
        "cbc:ID", "condition"), scope="line"),
    Rule("2522", "line/condition", present()),
    Rule("2896", "line/condition", in_catalogue("19"), when=has("line/condition")),
    voided.term("2957", TYPE, is_("line/condition", VOID) & like("line/cbc:ID", "[^0-9].*")),
)
"""Which vouchers, and what is done with them."""

PARTIES: Final = (
    Rule("2514", "line/customer", exists(), when=over("line/total", "700"), scope="line"),
    Rule("2014", NUMBER, exists(), when=CUSTOMER),
    Rule("2015", IDENTITY, exists(), when=CUSTOMER),
    Rule("2016", IDENTITY, in_catalogue("06", also=("-",)), when=CUSTOMER),
    Rule("2017", NUMBER, matches("[0-9]{11}", "11 dígitos", "11 digits"), when=is_(IDENTITY, "6")),
    observation("4207", NUMBER, matches("[0-9]{8}", "8 dígitos", "8 digits"), when=is_(IDENTITY, "1")),
    observation("4208", NUMBER, text(1, 20, blanks="none"), when=is_(IDENTITY, *_DOCUMENTED)),
    Rule("2582", "line/cac:BillingReference", absent(), when=is_not(TYPE, "07", "08"), scope="line"),
    Rule("2524", TARGET_ID, present(), when=NOTE, scope="line"),
    Rule("2583", TARGET, exists(), when=NOTE, scope="line"),
    Rule("2513", TARGET, one_of("03", "12", "16", "55"), when=NOTE),
    Rule("2920", TARGET_ID, matches(
        "[a-zA-Z0-9-]{1,20}-[a-zA-Z0-9-]{1,20}", "serie y número de un ticket", "series and number of a ticket"),
        when=NOTE & is_(TARGET, "12", "16", "55")),
    Rule("2920", TARGET_ID, matches(
        "B[A-Z0-9]{3}-(?!0+$)[0-9]{1,8}|EB01-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "serie y número de una boleta",
        "series and number of a boleta"), when=NOTE & is_(TARGET, "03") & has(TARGET_ID)),
)
"""The customer, and what a note changes."""

PERCEPTIONS: Final = (
    Rule("2986", PERCEIVED, absent(), when=is_not(TYPE, "03"), scope="line"),
    Rule("2986", PERCEIVED, absent(), when=is_("line/condition", MODIFY), scope="line"),
    Rule("2517", f"{PERCEIVED}/sac:SUNATPerceptionSystemCode", in_catalogue("22")),
    Rule("2891", f"{PERCEIVED}/sac:SUNATPerceptionPercent", holds(
        _rate_of_regime, ("no es la tasa del régimen", "is not the regime's rate"),
        ("Use la tasa del catálogo 22.", "Use the rate of catalogue 22."), "perceived/sac:SUNATPerceptionSystemCode"),
        scope="line", when=there(PERCEIVED)),
    Rule("2893", f"{PERCEIVED}/cbc:TotalInvoiceAmount", amount(zero=False)),
    Rule("2608", f"{PERCEIVED}/cbc:TotalInvoiceAmount", equals_within(
        _perception, "1", "la base por la tasa de percepción", "the base by the perception's rate",
        "perceived/cbc:TaxableAmount", "perceived/sac:SUNATPerceptionPercent", "total/@currencyID"), scope="line"),
    Rule("2685", f"{PERCEIVED}/cbc:TotalInvoiceAmount/@currencyID", one_of("PEN")),
    Rule("2895", f"{PERCEIVED}/sac:SUNATTotalCashed", amount(zero=False)),
    Rule("2608", f"{PERCEIVED}/sac:SUNATTotalCashed", equals_within(
        _with_perception, "1", "el importe total más la percepción", "the total amount plus the perception",
        "total", "perceived/cbc:TotalInvoiceAmount", "total/@currencyID"), scope="line"),
    Rule("2690", f"{PERCEIVED}/sac:SUNATTotalCashed/@currencyID", one_of("PEN")),
    Rule("2897", f"{PERCEIVED}/cbc:TaxableAmount", amount(zero=False)),
)
"""The perception of a boleta."""

AMOUNTS: Final = (
    Rule("2251", "line/total", amount()),
    Rule("2071", "line/total/@currencyID", holds(
        _one_currency, ("difiere de la moneda de otros montos de la línea", "differs from other amounts of the line"),
        ("Use una sola moneda por comprobante.", "Use one currency a voucher."),
        *(f"{path.removeprefix('line/')}/@currencyID" for path in _MONEY)), scope="line"),
    observation("4027", "line/total", equals_within(
        _total, _WIDE, "la suma de valores, tributos y cargos", "the sum of values, tributes and charges",
        "value/cbc:PaidAmount", "value/cbc:InstructionID", "taxes/cbc:TaxAmount", "taxes/tribute",
        "allowance/cbc:Amount")),
    Rule("2255", "line/value/cbc:PaidAmount", exists()),
    Rule("2254", "line/value/cbc:PaidAmount", amount()),
    Rule("2257", "line/value/cbc:InstructionID", exists()),
    Rule("2256", "line/value/cbc:InstructionID", in_catalogue("11")),
    Rule("2357", "line/value", unique_by("cbc:InstructionID", within="line")),
    Rule("2263", "line/allowance/cbc:ChargeIndicator", one_of("true")),
    Rule("2411", "line/allowance", unique_by("cbc:ChargeIndicator", within="line")),
    Rule("2261", "line/allowance/cbc:Amount", amount()),
    observation("2266", "line/allowance/cbc:Amount", nonzero()),
    Rule("2278", TRIBUTE, includes(IGV, IVAP), scope="line"),
    Rule("2048", "line/taxes/cbc:TaxAmount", amount()),
    observation("4019", "line/taxes/cbc:TaxAmount", holds(
        _by_a_rate, ("no es la base por una tasa de IGV vigente", "is not the base by an IGV rate in force"),
        ("Revise la base gravada y su IGV.", "Check the taxed base and its IGV."),
        "/line/value/cbc:PaidAmount", "/line/value/cbc:InstructionID", "/cbc:ReferenceDate", f"/{TYPE}",
        "/line/taxes/cbc:TaxAmount", f"/{TRIBUTE}"), when=is_(TRIBUTE, IGV)),
    observation("4302", "line/taxes/cbc:TaxAmount", equals_within(
        _ivap, _WIDE, "la base por la tasa del IVAP", "the base by the IVAP's rate"), when=is_(TRIBUTE, IVAP)),
    Rule("2344", "line/taxes/part/cbc:TaxAmount", fits(
        "cbc:TaxAmount", lambda mine, whole: number(mine) == number(whole), "difiere del monto del mismo tributo",
        "differs from the amount of the same tribute")),
    Rule("2269", TRIBUTE, present()),
    Rule("2268", TRIBUTE, in_catalogue("05"), when=has(TRIBUTE)),
    Rule("2355", "line/taxes", unique_by("tribute", within="line")),
    Rule("2271", "line/taxes/scheme/cbc:Name", present(), when=is_(TRIBUTE, IGV, IVAP)),
    *(
        Rule(code, "line/taxes/scheme/cbc:Name", one_of(word), when=is_(TRIBUTE, tribute) & has(_NAME))
        for code, tribute, word in (("2276", IGV, "IGV"), ("3051", IVAP, "IVAP"), ("2275", ISC, "ISC"))
    ),
)
"""Totals, values, charges and tributes of each voucher."""

RULES: Final = RuleTable(
    "RC", "SummaryDocuments",
    (
        *communication.head(version="1.1", future="2236", type_missing="2219", type_wrong="2218"), *general.ISSUER,
        observation("4443", "cbc:ReferenceDate", not_before(lambda context: LATE, f"{LATE} días", f"{LATE} days"),
                    valid_from=date(2024, 11, 11)),
        *VOUCHERS, *PARTIES, *PERCEPTIONS, *AMOUNTS,
    ),
    short=paths.SUMMARY, scopes=paths.SUMMARY_SCOPES,
)
