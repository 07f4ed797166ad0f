"""Pairs of what the XML schema makes compulsory."""

from __future__ import annotations

from typing import Final

from tests.sunat.rules.pairs.edits import drop, pair, to

PAIRS: Final = (
    pair("0306", drop("cbc:ID")),
    pair("0306", drop("cbc:IssueDate")),
    pair("0306", to("cbc:IssueDate", "20/11/2026")),
    pair("0306", drop("total")),
    pair("0306", drop("line/cbc:ID")),
    pair("0306", drop("cac:TaxTotal/cbc:TaxAmount")),
    pair("0306", drop("taxes/cbc:TaxAmount"), also="3280 3294 4301"),
    pair("0306", drop("line/cac:TaxTotal/cbc:TaxAmount"), also="3270 4287"),
    pair("0306", drop("line/taxes/cbc:TaxAmount"), also="3292 4293"),
    pair("0306", drop("line/cac:Price/cbc:PriceAmount"), also="2068"),
    pair("0306", drop("line/price/cbc:PriceAmount"), also="2028"),
    pair("0306", drop("line/allowance/cbc:ChargeIndicator"), base="charged", kinds="01 03"),
    pair("0306", drop("guide/cbc:ID")),
    pair("0306", drop("related/cbc:ID")),
    pair("0306", drop("allowance/cbc:ChargeIndicator"), base="charged", kinds="01 03"),
    pair("0306", drop("means/cbc:PaymentMeansCode"), base="detraction", kinds="01 03"),
    pair("0306", drop("line/cbc:LineExtensionAmount"), kinds="01 03 08", also="3277 3278 4299 4309"),
    pair("0306", drop("modified/cbc:ID"), kinds="07 08"),
)
