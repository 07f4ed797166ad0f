"""Every tax case of a sale through the wire: issued without a finding, or refused at the caller's own field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.ordering import CARGO, FISH, FOREIGNER, ISSUER, STAY, answered, asked, tax

EXPORT = {"header": FOREIGNER, "taxes": [tax("425", 0, 0)]}
GIVEN = {"detail": {"unit_price": 0}, "taxes": [tax("426", 0, 0)]}
DOLLARS = {"currency_id": 5, "exchange_rate_value": "3.75"}
PE = "/header/additional/pe_header"
LINE = "/details/0/additional/pe_detail"


def given_away(code: str) -> dict[str, Any]:
    return {**GIVEN, "pe_detail": {"igv_affectation": code, "reference_price": "10"}}


def on_whole(code: str, **values: str) -> dict[str, Any]:
    return {"pe": {"charges_discounts": [{"code": code, **values}]}}


GOOD: dict[str, tuple[dict[str, Any], str]] = {
    "02": (on_whole("02", rate="10"), ">900.00</cbc:TaxableAmount>"),
    "49": (on_whole("49", amount="50"), ">1239.00</cbc:PayableAmount>"),
    "03": (on_whole("03", amount="50"), ">1130.00</cbc:PayableAmount>"),
    "50": (on_whole("50", amount="50"), ">1230.00</cbc:PayableAmount>"),
    "46": (on_whole("46", rate="10", base="1000"), ">1280.00</cbc:PayableAmount>"),
    "45": (on_whole("45", amount="3"), ">1183.00</cbc:PayableAmount>"),
    "DA": ({"top": {"globals_discounts_surcharges": [
        {"discount_surcharge_code": "DA", "discount_surcharge_type": "%", "discount_surcharge_value": 5},
    ]}}, ">1121.00</cbc:PayableAmount>"),
    "RA": ({"top": {"globals_discounts_surcharges": [
        {"discount_surcharge_code": "RA", "discount_surcharge_value": "100"},
    ]}}, ">1298.00</cbc:PayableAmount>"),
    "DE": ({"top": {"globals_discounts_surcharges": [
        {"discount_surcharge_code": "DE", "discount_surcharge_type": "$", "discount_surcharge_value": "18"},
    ]}}, ">1162.00</cbc:PayableAmount>"),
    "RE": ({"top": {"globals_discounts_surcharges": [
        {"discount_surcharge_code": "RE", "discount_surcharge_type": "$", "discount_surcharge_value": "18"},
    ]}}, ">1198.00</cbc:PayableAmount>"),
    "line_01": ({"pe_detail": {"charges_discounts": [{"code": "01", "amount": "50"}]}},
                ">1130.00</cbc:PayableAmount>"),
    "line_48": ({"pe_detail": {"charges_discounts": [{"code": "48", "amount": "50"}]}},
                ">1230.00</cbc:PayableAmount>"),
    "line_00_47": ({"pe_detail": {"charges_discounts": [{"code": "00", "rate": "5"}, {"code": "47", "amount": "3"}]},
                    "taxes": [tax("413", 18, "171.54")]}, ">953.00</cbc:LineExtensionAmount>"),
    **{f"free_{code}": (given_away(code), f"{code}</cbc:TaxExemptionReasonCode>") for code in (
        "11", "12", "13", "14", "15", "16", "17", "21", "31", "32", "33", "34", "35", "36", "37",
    )},
    "free_40": ({**given_away("40"), "header": FOREIGNER, "operation": "0200"}, "9996</cbc:ID>"),
    "free_by_price_type": ({"taxes": [tax("413", 4, "40")],
                            "pe_detail": {"igv_affectation": "17", "price_type": "02"}}, "9996</cbc:ID>"),
    "free_igv_as_shown": ({**given_away("11"), "taxes": [tax("426", 18, "1.80")]}, "02</cbc:PriceTypeCode>"),
    "ivap": ({"pe_detail": {"igv_affectation": "17"}, "taxes": [tax("413", 4, 40)]}, "1016</cbc:ID>"),
    "isc_by_id": ({"taxes": [tax("413", 18, 216), tax("415", 20, 200)]}, ">1416.00</cbc:PayableAmount>"),
    "isc_01": ({"pe_detail": {"isc": {"system": "01", "rate": "10"}}, "taxes": [tax("413", 18, 198)]},
               "<cbc:TierRange>01"),
    "isc_02": ({"pe_detail": {"isc": {"system": "02", "amount": "50"}}, "taxes": [tax("413", 18, 189)]},
               "<cbc:TierRange>02"),
    "isc_02_by_id": ({"taxes": [tax("413", 18, 189), tax("418", 0, 50)]}, "<cbc:TierRange>02"),
    "isc_03": ({"pe_detail": {"isc": {"system": "03", "rate": "30", "retail_price": "1500"}},
                "taxes": [tax("413", 18, "248.61")]}, "<cbc:TierRange>03"),
    "isc_gross": ({"pe": {"price_mode": "gross"}, "detail": {"unit_price": "1298"},
                   "pe_detail": {"isc": {"system": "01", "rate": "10"}}, "taxes": [tax("413", 18, 198)]},
                  ">1298.00</cbc:PayableAmount>"),
    "icbper": ({"detail": {"quantity": 2, "unit_price": "0.10"}, "pe_detail": {"icbper": {"bags": 2}},
                "taxes": [tax("413", 18, "0.04")]}, '<cbc:PerUnitAmount currencyID="PEN">0.50'),
    "icbper_dollars": ({"header": DOLLARS, "detail": {"quantity": 2, "unit_price": "0.10"},
                        "pe_detail": {"icbper": {"bags": 2}}, "taxes": [tax("413", 18, "0.04")]},
                       '<cbc:PerUnitAmount currencyID="USD">0.13'),
    "other_by_id": ({"taxes": [tax("413", 18, 180), tax("429", 2, 20)]}, ">1200.00</cbc:PayableAmount>"),
    "other": ({"pe_detail": {"other_tax": {"amount": "20"}}}, ">1200.00</cbc:PayableAmount>"),
    "detraction": ({"pe": {"detraction": {"code": "037", "rate": "12"}}}, ">141.60</cbc:Amount>"),
    "detraction_dollars": ({"header": DOLLARS, "pe": {"detraction": {
        "code": "037", "rate": "12", "whole_soles": True}}}, '<cbc:Amount currencyID="PEN">531'),
    "detraction_credit": ({"header": {"payment_conditions": "30,60"}, "pe": {"detraction": {
        "code": "037", "rate": "12"}}}, ">519.20</cbc:Amount>"),
    "perception": ({"pe": {"perception": {"code": "51"}}}, ">1203.60</cbc:Amount>"),
    "retention": ({"header": {"payment_conditions": "30"}, "pe": {"retention": {}}}, ">1144.60</cbc:Amount>"),
    "income_withholding": ({"pe": {"income_withholding": {"rate": "5"}}}, ">1130.00</cbc:PayableAmount>"),
    "advance_issued": ({"pe": {"is_advance": True}}, ">1180.00</cbc:PayableAmount>"),
    "advance": ({"pe": {"advances": [{"number": "F001-00000087", "total_amount": "118"}]}},
                ">1062.00</cbc:PayableAmount>"),
    "advances": ({"pe": {"advances": [
        {"number": "F001-87", "total_amount": "118"},
        {"number": "F001-88", "base_amount": "200", "total_amount": "236", "date": "2026-11-01"},
    ]}}, ">826.00</cbc:PayableAmount>"),
    "advance_of_all": ({"pe": {"advances": [{"number": "F001-87", "total_amount": "1180"}]}},
                       ">0.00</cbc:PayableAmount>"),
    "rounding": ({"pe": {"rounding_amount": "-0.04"}}, ">1179.96</cbc:PayableAmount>"),
    "legends": ({"pe": {"legends": ["2004", "2010"]}}, 'languageLocaleID="2010"'),
    "delivery": ({"pe": {"delivery_address": {
        "ubigeo": "150101", "address_line": "AV. ENTREGA 123", "district": "LIMA", "province": "LIMA",
        "department": "LIMA"}}}, "AV. ENTREGA 123"),
    "tariff": ({"pe_detail": {"price_type": "03"}}, "<cbc:PriceTypeCode>03"),
    "means": ({"pe": {"payment": {"kind": "cash", "means": {"code": "003", "id": "OP1"}}}},
              "<cbc:PaymentMeansCode>003"),
    "gtin": ({"pe_detail": {"gtin": {"code": "7751234567890"}}}, 'schemeID="GTIN-13"'),
    "lodging": ({**EXPORT, "operation": "0202", "pe_detail": {"lodging": STAY}},
                '<cbc:DurationMeasure unitCode="DAY">3'),
    "service_abroad": ({**EXPORT, "operation": "0201", "pe": {"service_use_country": "US"}},
                       "<cbc:IdentificationCode>US"),
    "incoterm": ({**EXPORT, "operation": "0200", "pe": {"incoterm": "FOB"}}, "<cbc:ID>FOB"),
    "cargo": ({"pe": {"detraction": {"code": "027", "rate": "4"}}, "pe_detail": {"cargo_transport": CARGO}},
              'listID="1004"'),
    "fish": ({"pe": {"detraction": {"code": "004", "rate": "4"}}, "pe_detail": {"properties": FISH}}, 'listID="1002"'),
}
"""A case's name -> its changes to a plain factura, and something its XML must hold."""


@pytest.mark.parametrize("case", GOOD)
def test_a_case_is_issued_without_a_finding(case: str) -> None:
    changes, part = GOOD[case]
    outcome = answered(asked(**changes))
    assert outcome.errors == []
    assert outcome.remarks == set()
    assert part in outcome.xml.replace("\n", "")


BAD: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "code_of_a_line": (on_whole("00", amount="1"), ("CHQ-CHARGE", f"{PE}/charges_discounts/0/code")),
    "perception_as_charge": (on_whole("51", amount="1"), ("CHQ-CHARGE", f"{PE}/charges_discounts/0/code")),
    "both_ways": (on_whole("02", amount="1", rate="1"), ("CHQ-CHARGE", f"{PE}/charges_discounts/0")),
    "neither_way": (on_whole("02"), ("CHQ-CHARGE", f"{PE}/charges_discounts/0")),
    "discount_above_sale": (on_whole("02", amount="1001"), ("CHQ-WHOLE", f"{PE}/charges_discounts/0")),
    "discount_without_tax": ({**on_whole("02", amount="1"), "taxes": [tax("427", 0, 0)]},
                             ("CHQ-WHOLE", f"{PE}/charges_discounts/0")),
    "line_code_of_whole": ({"pe_detail": {"charges_discounts": [{"code": "02", "amount": "1"}]}},
                           ("CHQ-CHARGE", f"{LINE}/charges_discounts/0/code")),
    "line_discount_above_line": ({"pe_detail": {"charges_discounts": [{"code": "00", "amount": "1001"}]}},
                                 ("CHQ-LINE", f"{LINE}/charges_discounts/0")),
    "free_unsaid": ({**GIVEN, "pe_detail": {"reference_price": "10"}}, ("CHQ-AFFECTATION", f"{LINE}/igv_affectation")),
    "affectation_unknown": ({"pe_detail": {"igv_affectation": "99"}}, ("2040", f"{LINE}/igv_affectation")),
    "free_of_onerous": ({"pe_detail": {"reference_price": "10"}}, ("CHQ-FREE", f"{LINE}/reference_price")),
    "free_priced": ({**GIVEN, "pe_detail": {"igv_affectation": "11", "price_type": "01", "reference_price": "1"}},
                    ("CHQ-FREE", f"{LINE}/price_type")),
    "price_type_unknown": ({"pe_detail": {"price_type": "04"}}, ("2410", f"{LINE}/price_type")),
    "free_of_nothing": ({**GIVEN, "pe_detail": {"igv_affectation": "11"}},
                        ("CHQ-REFERENCE-PRICE", f"{LINE}/reference_price")),
    "free_at_a_negative_price": ({**given_away("11"), "detail": {"unit_price": -1}},
                                 ("CHQ-LINE", "/details/0/unit_price")),
    "rate_of_ivap": ({"pe_detail": {"igv_affectation": "17"}}, ("CHQ-RATE", "/details/0/taxes/0/tax_percentage")),
    "isc_without_rate": ({"pe_detail": {"isc": {"system": "01"}}}, ("CHQ-ISC", f"{LINE}/isc/rate")),
    "isc_without_amount": ({"pe_detail": {"isc": {"system": "02", "rate": "1"}}}, ("CHQ-ISC", f"{LINE}/isc/amount")),
    "isc_without_price": ({"pe_detail": {"isc": {"system": "03", "rate": "1"}}},
                          ("CHQ-ISC", f"{LINE}/isc/retail_price")),
    "isc_of_no_system": ({"pe_detail": {"isc": {"system": "04", "rate": "1"}}}, ("CHQ-ISC", f"{LINE}/isc/system")),
    "isc_by_id_without_rate": ({"taxes": [tax("413", 18, 180), tax("422", 0, 5)]},
                               ("CHQ-ISC", "/details/0/taxes/1/tax_percentage")),
    "isc_claimed_otherwise": ({"taxes": [tax("413", 18, 216), tax("415", 20, 201)]},
                              ("CHQ-TOTALS", "/details/0/taxes/1/tax_amount")),
    "tribute_twice": ({"taxes": [tax("413", 18, 180), tax("415", 20, 200), tax("416", 50, 500)]},
                      ("3067", "/details/0/taxes/2/tax_type_id")),
    "two_of_the_family": ({"taxes": [tax("413", 18, 180), tax("427", 0, 0)]}, ("CHQ-TAXES", "/details/0/taxes")),
    "bags_unlike_quantity": ({"pe_detail": {"icbper": {"bags": 3}}}, ("CHQ-LINE", f"{LINE}/icbper/bags")),
    "bags_without_rate": ({"header": {"currency_id": 5}, "pe_detail": {"icbper": {"bags": 1}}},
                          ("CHQ-EXCHANGE-RATE", "/header/exchange_rate_value")),
    "other_both": ({"pe_detail": {"other_tax": {"rate": "1", "amount": "1"}}}, ("CHQ-OTHER-TAX", f"{LINE}/other_tax")),
    "detraction_without_rate": ({"pe": {"detraction": {"code": "037"}}}, ("3035", f"{PE}/detraction/rate")),
    "detraction_without_exchange": ({"header": {"currency_id": 5}, "pe": {"detraction": {"code": "037", "rate": "12"}}},
                                    ("CHQ-EXCHANGE-RATE", "/header/exchange_rate_value")),
    "perception_of_nothing": ({"pe": {"perception": {"code": "62"}}}, ("CHQ-CHARGE", f"{PE}/perception/code")),
    "perception_claimed": ({"pe": {"perception": {"code": "51", "amount": "23.61"}}},
                           ("CHQ-TOTALS", f"{PE}/perception/amount")),
    "perception_total_claimed": ({"pe": {"perception": {"code": "51", "total": "1"}}},
                                 ("CHQ-TOTALS", f"{PE}/perception/total")),
    "retention_claimed": ({"pe": {"retention": {"amount": "35"}}}, ("CHQ-TOTALS", f"{PE}/retention/amount")),
    "withholding_of_nothing": ({"pe": {"income_withholding": {}}}, ("CHQ-WITHHOLDING", f"{PE}/income_withholding")),
    "advance_above_sale": ({"pe": {"advances": [{"number": "F001-87", "total_amount": "1180.01"}]}},
                           ("CHQ-WHOLE", f"{PE}/advances")),
    "advance_of_no_sum": ({"pe": {"advances": [{"number": "F001-87", "base_amount": "119", "total_amount": "118"}]}},
                          ("CHQ-ADVANCE", f"{PE}/advances/0/total_amount")),
    "advance_of_no_paper": ({"pe": {"advances": [
        {"number": "F001-87", "document_type": "99", "total_amount": "118"}]}},
        ("2505", f"{PE}/advances/0/document_type")),
    "rounding_above_one": ({"pe": {"rounding_amount": "1.01"}}, ("CHQ-WHOLE", f"{PE}/rounding_amount")),
    "legend_unknown": ({"pe": {"legends": ["2004", "9999"]}}, ("3027", f"{PE}/legends/1")),
    "gtin_of_no_length": ({"pe_detail": {"gtin": {"code": "123"}}}, ("CHQ-GTIN", f"{LINE}/gtin/code")),
    "stay_twice": ({**EXPORT, "operation": "0202", "pe_detail": {
        "lodging": STAY, "properties": [{"code": "4007", "value": "JOHN DOE"}]}}, ("CHQ-PROPERTY", f"{LINE}/lodging")),
}
"""A case's name -> its changes to a plain factura, and the error it must be refused with."""


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named_at_its_field(case: str) -> None:
    changes, expected = BAD[case]
    outcome = answered(asked(**changes))
    assert expected in outcome.errors
    assert all(item.hint.es and item.hint.en for item in outcome.items if item.severity == "error")


def test_without_an_account_there_is_no_detraction() -> None:
    body = asked(pe={"detraction": {"code": "037", "rate": "12"}})
    poor = replace(ISSUER, detraction_account="")
    assert answered(body, issuer=poor).errors == [("3034", f"{PE}/detraction/account")]
    body["header"]["additional"]["pe_header"]["detraction"]["account"] = "00-011-999999"
    assert "00-011-999999" in answered(body, issuer=poor).xml


def test_the_sums_of_the_caller_are_compared_after_discounts_and_advances() -> None:
    body = asked(
        pe={"charges_discounts": [{"code": "02", "amount": "100"}],
            "advances": [{"number": "F001-87", "total_amount": "118"}]},
        top={"totals": {"net_amount": "900", "total_amount": "944"}},
    )
    assert answered(body).errors == []
    body["totals"]["total_amount"] = "1062"
    assert answered(body).errors == [("CHQ-TOTALS", "/totals/total_amount")]


def test_a_boleta_bears_the_same_cases() -> None:
    for changes in (on_whole("02", rate="10"), given_away("15"), {"pe": {"perception": {"code": "51"}}},
                    {"pe": {"detraction": {"code": "037", "rate": "12"}}}):
        outcome = answered(asked("boleta/ruc", **changes), "03", "B001")
        assert outcome.errors == []


HINTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "detraction": ({"operation": "1001"}, "3127", "pe_header.detraction"),
    "perception": ({"operation": "2001"}, "3309", "pe_header.perception"),
    "stay": ({**EXPORT, "operation": "0205"}, "3139", "pe_detail.lodging.guest_name"),
    "fish": ({"operation": "1002", "pe": {"detraction": {"code": "004", "rate": "4"}}}, "3063",
             'pe_detail.properties "3001"'),
    "cargo": ({"operation": "1004", "pe": {"detraction": {"code": "027", "rate": "4"}},
               "pe_detail": {"cargo_transport": {**CARGO, "reference_values": {"service": "1000"}}}}, "3125",
              "reference_values.effective_load"),
    "withholding": ({"operation": "2002"}, "3316", "pe_header.income_withholding"),
}
"""A case's name -> its changes, SUNAT's code, and the member its hint must name."""


@pytest.mark.parametrize("case", HINTS)
def test_a_hint_names_the_member_to_write(case: str) -> None:
    changes, code, member = HINTS[case]
    hints = [item.hint for item in answered(asked(**changes)).items if item.code == code]
    assert hints
    assert all(member in hint.es and member in hint.en for hint in hints)
