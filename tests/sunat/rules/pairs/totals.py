"""Pairs of the totals: tributes of the whole, global charges, monetary totals. Sums come in two or three codes."""

from __future__ import annotations

from typing import Final

from tests.sunat.rules.pairs.edits import Edit, Pair, drop, pair, put, to, twice

TOTAL_TAX: Final = "taxes/cbc:TaxAmount"
TOTAL_BASE: Final = "taxes/cbc:TaxableAmount"


def _sums(
    rejected: str, observed: str, edit: Edit, *, base: str = "plain", also: str = "", notes: bool = True,
    bills: bool = True, credit: bool = True,
) -> tuple[Pair, ...]:
    """The same edit on facturas (rejected), boletas (observed), and on notes of each."""
    note_kinds = ("07 08" if credit else "08") if notes else ""
    made = []
    if bills:
        made.append(pair(rejected, edit, base=base, kinds="01", also=also))
        made.append(pair(observed, edit, base=base, kinds="03", also=also))
    if note_kinds:
        made.append(pair(rejected, edit, base=base, kinds=note_kinds, also=also))
        retarget = (to("modified/cbc:DocumentTypeCode", "12"), to("modified/cbc:ID", "MAQ1-000123"))
        made.append(pair(observed, edit, *retarget, base=base, kinds=note_kinds, also=also))
    return tuple(made)


_PAYABLE: Final = "3280 4312 4312"

PAIRS: Final = (
    pair("2956", drop("cac:TaxTotal"), also="2638 3280"),
    pair("3020", to("cac:TaxTotal/cbc:TaxAmount", "36.000")),
    pair("3024", twice("cac:TaxTotal"), also="3068 3280 3294 4301"),
    pair("2638", drop("taxes", 1), also=_PAYABLE),
    pair("3003", drop(TOTAL_BASE), also=_PAYABLE),
    pair("2999", to(TOTAL_BASE, "200.000")),
    pair("2048", to(TOTAL_TAX, "36.000")),
    pair("3000", to(TOTAL_TAX, "0.50", 1)),
    pair("3059", drop("taxes/tribute"), also="2638 3294 4301 3280"),
    pair("3007", to("taxes/tribute", "1234"), also="2638 3294 4301 3280"),
    pair("3068", twice("taxes", 1), also=_PAYABLE),
    pair("2054", drop("taxes/scheme/cbc:Name")),
    pair("2964", to("taxes/scheme/cbc:Name", "VAT")),
    pair("2052", drop("taxes/scheme/cbc:TaxTypeCode")),
    pair("2961", to("taxes/scheme/cbc:TaxTypeCode", "FRE")),
    pair("2949", to("cbc:IssueDate", "2019-07-31"), base="bags", also="2108 1079 4237"),
    pair("2641", to(TOTAL_BASE, "0.00", 1), base="free", also="3276 4298 2416"),
    pair("2416", to(TOTAL_BASE, "0.00", 1), base="free", also="3276 4298 2641"),
    pair("3107", to("taxes/tribute", "1000"), base="export", kinds="01 03", also="2638 2961 2964 3277 4299"),
    pair("3107", to("taxes/tribute", "1000"), base="export", kinds="07 08", also="2638 2961 2964 3277"),
    pair("3107", put("cac:TaxTotal", "<cac:TaxSubtotal><cbc:TaxableAmount currencyID='PEN'>0.00</cbc:TaxableAmount>"
                     "<cbc:TaxAmount currencyID='PEN'>0.00</cbc:TaxAmount><cac:TaxCategory><cac:TaxScheme>"
                     "<cbc:ID>9999</cbc:ID><cbc:Name>OTROS</cbc:Name><cbc:TaxTypeCode>OTH</cbc:TaxTypeCode>"
                     "</cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"), base="export", kinds="07 08"),
    pair("3107", to("motive", "12"), to("line/taxes/affectation", "17"), base="of_boleta", also="2040"),
    pair("3107", to("motive", "11"), to("line/taxes/affectation", "40"), base="of_boleta", also="2040"),
    pair("3221", to("taxes/tribute", "9997"), base="ivap", kinds="07 08", also="2638 2961 2964 3000 3275 3280 3294"),
    pair("3221", to("taxes/tribute", "9997"), base="export", also="2638 2964 2961 3275"),
    pair("2650", to("line/taxes/affectation", "17"), base="isc", also="2040 4264"),
    pair("2062", to("total", "300.000"), also=_PAYABLE),
    pair("2064", to("totals/cbc:ChargeTotalAmount", "0.000")),
    pair("2065", to("totals/cbc:AllowanceTotalAmount", "0.000")),
    pair("2031", to("totals/cbc:LineExtensionAmount", "360.000")),
    pair("3019", to("totals/cbc:TaxInclusiveAmount", "396.000")),
    pair("3288", drop("totals/cbc:LineExtensionAmount")),
    pair("4212", drop("totals/cbc:LineExtensionAmount")),
    pair("3305", drop("totals/cbc:TaxInclusiveAmount")),
    pair("4317", drop("totals/cbc:TaxInclusiveAmount")),
    *_sums("3273", "4295", to(TOTAL_BASE, "201.01"), base="export", also=_PAYABLE),
    *_sums("3275", "4297", to(TOTAL_BASE, "101.01", 1), also=_PAYABLE),
    *_sums("3274", "4296", to(TOTAL_BASE, "61.01", 2), also=_PAYABLE),
    *_sums("3276", "4298", to(TOTAL_BASE, "21.01", 1), base="free"),
    *_sums("3277", "4299", to(TOTAL_BASE, "201.01"), also=_PAYABLE),
    *_sums("3293", "4300", to(TOTAL_BASE, "201.01"), base="ivap", also=_PAYABLE),
    *_sums("3291", "4290", to(TOTAL_TAX, "37.01"), also="3294 4301 4301 " + _PAYABLE),
    *_sums("3295", "4302", to(TOTAL_TAX, "9.01"), base="ivap", also="3294 4301 4301 " + _PAYABLE),
    *_sums("3296", "4303", to(TOTAL_BASE, "201.01"), base="isc"),
    *_sums("3297", "4304", to(TOTAL_BASE, "201.01", 1), base="other_tribute"),
    *_sums("3298", "4305", to(TOTAL_TAX, "21.01"), base="isc",
           also="3294 4301 4301 3279 4310 " + _PAYABLE),
    *_sums("3299", "4306", to(TOTAL_TAX, "11.01", 1), base="other_tribute",
           also="3294 4301 4301 3279 4310 " + _PAYABLE),
    *_sums("3306", "4321", to(TOTAL_TAX, "1.01", 1), base="bags"),
    *_sums("3294", "4301", to("cac:TaxTotal/cbc:TaxAmount", "37.01")),
    *_sums("3302", "4311", to(TOTAL_TAX, "4.61", 1), base="free", credit=False),
    *_sums("3303", "4314", put(
        "totals", "<cbc:PayableRoundingAmount currencyID='PEN'>1.01</cbc:PayableRoundingAmount>"), also=_PAYABLE),
    *_sums("3278", "4309", to("totals/cbc:LineExtensionAmount", "361.01"), notes=False,
           also="3279 4310"),
    *_sums("3279", "4310", to("totals/cbc:TaxInclusiveAmount", "397.01"), notes=False, also=_PAYABLE),
    *_sums("3280", "4312", to("total", "397.01")),
    *_sums("3300", "4307", to("totals/cbc:AllowanceTotalAmount", "1.01"), notes=False, also=_PAYABLE),
    *_sums("3301", "4308", to("totals/cbc:ChargeTotalAmount", "1.01"), notes=False, also=_PAYABLE),
    *_sums("3307", "4322", to("allowance/cbc:BaseAmount", "212.00"), base="charged", notes=False),
    pair("3114", to("allowance/cbc:ChargeIndicator", "true"), base="charged"),
    pair("3114", to("allowance/cbc:ChargeIndicator", "false", 2), base="charged"),
    pair("3072", drop("allowance/reason"), base="charged",
         also="3277 3278 3279 3291 4299 4310 4309 4290"),
    pair("3071", to("allowance/reason", "99"), base="charged", also="3277 3278 3279 3291 4299 4310 4309 4290"),
    pair("4291", to("allowance/reason", "00"), base="charged", also="3277 3278 3279 3291 4299 4310 4309 4290"),
    pair("3025", to("allowance/cbc:MultiplierFactorNumeric", "0.047370"), base="charged"),
    pair("2968", to("allowance/cbc:Amount", "9.000"), base="charged"),
    pair("2968", to("allowance/cbc:Amount", "0.00"), base="perception", also="2798"),
    pair("3016", to("allowance/cbc:BaseAmount", "190.000"), base="charged"),
    pair("3282", drop("totals/cbc:PrepaidAmount"), base="advance", also="3220 " + _PAYABLE),
    pair("3074", to("allowance/cbc:Amount", "0.00", 2), base="charged", also="3301 4308"),
    pair("3092", to("allowance/cbc:BaseAmount", "0.00", 1), base="charged"),
    pair("3092", drop("allowance/cbc:BaseAmount", 1), base="charged"),
    pair("3233", to("allowance/cbc:BaseAmount", "0.00"), base="perception", also="2798"),
    pair("3233", drop("allowance/cbc:BaseAmount"), base="perception"),
    pair("2792", to("allowance/cbc:Amount/@currencyID", "USD"), base="perception"),
    pair("2788", to("allowance/cbc:BaseAmount/@currencyID", "USD"), base="perception"),
    pair("2788", to("terms/cbc:Amount/@currencyID", "USD", -1), base="perception"),
    pair("2797", to("allowance/cbc:BaseAmount", "237.00"), base="perception"),
    pair("2798", to("allowance/cbc:Amount", "6.00"), base="perception"),
    pair("3308", to("terms/cbc:ID", "Percepcion", -1), base="credit", also="3319"),
    pair("3308", to("operation", "0101"), base="perception"),
    pair("3315", to("total", "5.00"), base="payment_note", also="3280"),
)
