"""Pairs of how a sale is paid: form of payment, detraction, perception, retentions, advances."""

from __future__ import annotations

from typing import Final

from tests.sunat.rules.pairs.edits import drop, drop_all, pair, put, to, twice

FORM: Final = "terms/cbc:PaymentMeansID"
AMOUNT: Final = "terms/cbc:Amount"
DUE: Final = "terms/cbc:PaymentDueDate"
ADVANCE: Final = "cac:PrepaidPayment"
ISSUER: Final = "related/cac:IssuerParty/identity"

_BOTH: Final = ("credit", "payment_note")

PAIRS: Final = (
    pair("3244", drop("terms")),
    *(
        made
        for base in _BOTH
        for made in (
            pair("3245", drop(FORM), base=base, also="3252"),
            pair("3246", to(FORM, "Plazos", 2), base=base, also="3319"),
            pair("3248", to(FORM, "Cuota001", 2), base=base),
            pair("3249", drop_all("terms"), put("", "<cac:PaymentTerms><cbc:ID>FormaPago</cbc:ID><cbc:PaymentMeansID>"
                 "Credito</cbc:PaymentMeansID><cbc:Amount currencyID='PEN'>0.00</cbc:Amount></cac:PaymentTerms>"),
                 base=base),
            pair("3250", to(AMOUNT, "236.000"), base=base),
            pair("3251", drop(AMOUNT), base=base),
            pair("3252", drop("terms"), base=base),
            pair("3253", to(AMOUNT, "118.000", 1), base=base),
            pair("3254", drop(AMOUNT, 1), base=base, also="3319"),
            pair("3255", to(DUE, "20/12/2026"), base=base, also="3267"),
            pair("3256", drop(DUE), base=base),
            pair("3319", to(AMOUNT, "117.99", 1), base=base),
        )
    ),
    pair("3247", to(FORM, "Contado", 2), base="credit", also="3319"),
    pair("3461", twice(FORM), base="credit"),
    pair("3265", to(AMOUNT, "236.01"), base="credit", also="3319"),
    pair("3266", to(AMOUNT, "236.01", 1), base="credit", also="3319"),
    pair("3267", to(DUE, "2026-11-20"), base="credit"),
    pair("3262", to("customer/identity/@schemeID", "1"), base="retention", also="2800 2801"),
    pair("3263", to("allowance/cbc:Amount", "9.00"), base="retention"),
    pair("3264", to("allowance/cbc:BaseAmount", "236.01"), base="retention"),
    pair("3316", drop("allowance"), base="second_category", also="3300"),
    pair("3317", to("operation", "0101"), base="second_category"),
    pair("3318", drop("allowance/cbc:BaseAmount"), base="second_category"),
    pair("3330", to(FORM, "Credito"), base="perception", kinds="01", also="3249 3251"),
    pair("3093", drop("allowance"), base="perception"),
    pair("3309", drop("terms", -1), base="perception"),
    pair("3310", drop(AMOUNT), base="perception"),
    pair("3311", to(AMOUNT, "0.00"), base="perception"),
    pair("3127", drop(FORM, -1), base="detraction"),
    pair("3127", drop("terms", -1), base="detraction", kinds="01 03"),
    pair("3128", to("operation", "0101"), base="detraction", kinds="01 03"),
    pair("3129", to(FORM, "037", -1), base="passengers"),
    pair("3129", to(FORM, "037", -1), base="fishing", also="CHQ-DETRACTION-AMOUNT"),
    pair("3129", to(FORM, "037", -1), base="cargo", also="CHQ-DETRACTION-AMOUNT"),
    pair("3033", to(FORM, "999", -1), base="detraction"),
    pair("3034", drop("means/cac:PayeeFinancialAccount"), base="detraction"),
    pair("3034", drop("means"), base="detraction", kinds="01 03"),
    pair("3035", drop(AMOUNT), base="detraction"),
    pair("3037", to(AMOUNT, "0.00"), base="detraction", also="CHQ-DETRACTION-AMOUNT"),
    pair("3174", to("means/cbc:PaymentMeansCode", "777"), base="detraction"),
    pair("3208", to(f"{AMOUNT}/@currencyID", "USD"), base="detraction"),
    pair("CHQ-DETRACTION-AMOUNT", to(AMOUNT, "30.00", -1), base="detraction"),
    pair("CHQ-DETRACTION-RATE", put("terms", "<cbc:PaymentPercent>11.90</cbc:PaymentPercent>", -1), base="detraction"),
    pair("3313", drop("means"), base="detraction"),
    pair("3314", drop("terms"), base="detraction"),
    pair("3211", drop(f"{ADVANCE}/cbc:ID"), base="advance", also="3214"),
    pair("3212", to(f"{ADVANCE}/cbc:ID", "1", 1), base="advance", also="3214"),
    pair("3213", to(f"{ADVANCE}/cbc:ID", "9"), base="advance", also="3214"),
    pair("2503", to(f"{ADVANCE}/cbc:PaidAmount", "0.00"), base="advance", also="2509"),
    pair("3220", drop("totals/cbc:PrepaidAmount"), base="advance", also="3282 3280 4312"),
    pair("3214", to("related/cbc:DocumentStatusCode", "9"), base="advance", also="3213"),
    pair("3215", to("related/cbc:DocumentStatusCode", "1", 1), base="advance", also="3213"),
    pair("3216", drop("related/cbc:DocumentStatusCode"), base="advance", also="3213"),
    pair("2505", to("related/cbc:DocumentTypeCode", "05"), base="advance", also="3213"),
    pair("3217", to(ISSUER, ""), base="advance"),
    pair("2520", to(f"{ISSUER}/@schemeID", "1"), base="advance"),
    pair("2520", drop(f"{ISSUER}/@schemeID"), base="advance"),
    pair("2509", to("totals/cbc:PrepaidAmount", "118.01"), base="advance"),
    pair("3287", drop("allowance"), base="advance", also="3277 3291 4299 4290"),
    pair("2521", to("related/cbc:ID", "X001-7"), base="advance"),
    pair("2521", to("related/cbc:ID", "F001-8", 1), base="advance"),
)
