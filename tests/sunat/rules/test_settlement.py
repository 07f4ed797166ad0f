"""Purchase settlements: every rule keeps and breaks as its row says, and no rule is without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from sunat.rules import settlement as rules
from sunat.rules.context import HAS_RUC, NO_THIRD_CATEGORY
from sunat.rules.engine import Severity
from tests.sunat.rules.certain import Bench, Broken, broken
from tests.sunat.rules.pairs.edits import drop, put, to, twice
from tests.support.settlements import GOLD, ISSUED, bought, settlement

LONG: Final = "X" * 1501

BENCH: Final = Bench(
    table=rules.RULES, template="settlement.xml", series="L001", received=ISSUED,
    contents={
        "plain": settlement,
        "free": lambda: settlement((bought(), "1.5"), (bought("50.00", "11"), None), (bought("5.00", "21"), None)),
        "all_free": lambda: settlement((bought("50.00", "11"), None)),
        "other": lambda: settlement((bought(other_percent=Decimal(2)), "1.5")),
        "advance": lambda: settlement((bought(), "1.5"), advances=(("394.00", "6.00"),)),
        "two_advances": lambda: settlement((bought(), "1.5"), advances=(("197.00", "3.00"), ("98.50", "1.50"))),
        "gold": lambda: settlement((bought("9000.00"), "4"), operation_type="0503", properties=GOLD),
        "rounded": lambda: settlement(rounding="-0.40"),
        "unaffected": lambda: settlement((bought(affectation="30"), None)),
    },
)


@dataclass(frozen=True)
class Purchases:
    """What was settled with a seller before, whoever he is."""

    soles: Decimal

    def bought(self, identity_code: str, identity_number: str, since: date, until: date) -> Decimal:
        assert (since, until) == (date(2026, 1, 1), date(2026, 11, 19))
        return self.soles


LIMIT: Final = Decimal(75 * 5500)
PAPER: Final = to("cbc:ID", "0001-123")
TAXABLE: Final = "line/taxes/cbc:TaxableAmount"
TAX: Final = "line/taxes/cbc:TaxAmount"
TOTAL_BASE: Final = "taxes/cbc:TaxableAmount"
TOTAL_TAX: Final = "taxes/cbc:TaxAmount"
NAME: Final = "20123456786-04-L001-123.xml"
ISSUER: Final = "related/cac:IssuerParty"
CONCEPT: Final = "line/property/cbc:NameCode"


def _address(where: str, line: str, form: str, ubigeo: str, parts: str) -> tuple[Broken, ...]:
    members = ("cbc:CitySubdivisionName", "cbc:CityName", "cbc:CountrySubentity", "cbc:District")
    written = f"{where}/cac:AddressLine/cbc:Line"
    return (
        broken(line, to(written, "")), broken(form, to(written, "AB")), broken(form, to(written, " CALLE 1")),
        broken(form, to(written, "X" * 251)), broken(ubigeo, drop(f"{where}/cbc:ID")),
        *(broken(code, to(f"{where}/{member}", "X" * 31)) for code, member in zip(parts.split(), members, strict=True)),
        broken("4041", to(f"{where}/cac:Country/cbc:IdentificationCode", "US")),
    )


CASES: Final = (
    # The file, the head, the parties.
    broken("0151", zip_name="x.zip", also="0161", file_name=NAME),
    broken("0159", file_name="x.xml"),
    broken("0161", file_name=NAME, zip_name="20123456786-04-L001-124.zip"),
    broken("1034", to("supplier/identity", "20100070970"), file_name=NAME),
    broken("1035", to("cbc:ID", "L002-123"), file_name=NAME),
    broken("1036", to("cbc:ID", "L001-124"), file_name=NAME),
    broken("1001", to("cbc:ID", "F001-123")),
    broken("0306", drop("cbc:IssueDate")),
    broken("2108", received=date(2026, 11, 22)),
    broken("4347", PAPER, received=date(2026, 11, 28)),
    broken("2329", received=date(2026, 11, 19)),
    broken("2075", to("cbc:UBLVersionID", ""), also="2074"),
    broken("2074", to("cbc:UBLVersionID", "2.0")),
    broken("2073", to("cbc:CustomizationID", ""), also="2072"),
    broken("2072", to("cbc:CustomizationID", "1.0")),
    broken("3205", to("operation", "")),
    broken("3206", to("operation", "0101")),
    broken("2070", to("currency", ""), also="2337"),
    broken("3088", to("currency", "ZZZ"), also="2337"),
    broken("1004", to("cbc:InvoiceTypeCode", "")),
    broken("1003", to("cbc:InvoiceTypeCode", "01")),
    broken("1037", to("supplier/legal/cbc:RegistrationName", ""), also="4338"),
    broken("4338", to("supplier/legal/cbc:RegistrationName", "AB")),
    broken("4092", to("supplier/cac:PartyName/cbc:Name", LONG)),
    broken("4094", to("supplier/registered/cac:AddressLine/cbc:Line", "AB")),
    broken("4095", to("supplier/registered/cbc:CitySubdivisionName", "X" * 26)),
    broken("4096", to("supplier/registered/cbc:CityName", "X" * 31)),
    broken("4097", to("supplier/registered/cbc:CountrySubentity", "X" * 31)),
    broken("4098", to("supplier/registered/cbc:District", "X" * 31)),
    broken("4093", to("supplier/registered/cbc:ID", "999999")),
    broken("4041", to("supplier/registered/cac:Country/cbc:IdentificationCode", "US")),
    broken("3089", twice("supplier/cac:PartyIdentification")),
    broken("1008", drop("supplier/identity/@schemeID")),
    broken("1007", to("supplier/identity/@schemeID", "1")),
    broken("2463", issuer_lists=frozenset({NO_THIRD_CATEGORY})),
    broken("CHQ-ISSUER-RUC", to("supplier/identity", "20123456789")),
    broken("3090", twice("customer/cac:PartyIdentification")),
    broken("2014", drop("customer/cac:PartyIdentification"), also="2015"),
    broken("2462", other_lists=frozenset({HAS_RUC})),
    broken("2802", to("customer/identity/@schemeID", "4"), to("customer/identity", "0012 34567")),
    broken("2802", to("customer/identity/@schemeID", "7"), to("customer/identity", "X" * 16)),
    broken("2015", drop("customer/identity/@schemeID")),
    broken("2800", to("customer/identity/@schemeID", "6")),
    broken("CHQ-SELLER-DNI", to("customer/identity", "1234567")),
    broken("2021", to("customer/legal/cbc:RegistrationName", "")),
    broken("2022", to("customer/legal/cbc:RegistrationName", LONG)),
    *_address("customer/registered", "2452", "2593", "2453", "4341 4342 4343 4344"),
    broken("4339", to("customer/registered/cbc:ID", "999999")),
    broken("2456", drop("customer/registered/cbc:AddressTypeCode")),
    broken("2457", to("customer/registered/cbc:AddressTypeCode", "09")),
    *_address("place", "2454", "2778", "2455", "4238 4239 4240 4241"),
    broken("2917", to("place/cbc:ID", "999999")),
    broken("2458", to("location/cbc:LocationTypeCode", "")),
    broken("2459", to("location/cbc:LocationTypeCode", "09")),
    # The lines.
    broken("2023", to("line/cbc:ID", "0")),
    broken("2752", to("line/cbc:ID", "1", 1)),
    broken("2024", drop("line/quantity")),
    broken("2025", to("line/quantity", "1.12345678901"), also="4287 4288"),
    broken("2883", drop("line/quantity/@unitCode")),
    broken("2936", to("line/quantity/@unitCode", "XYZ")),
    broken("2026", to("line/cac:Item/cbc:Description", "")),
    broken("2027", to("line/cac:Item/cbc:Description", "X" * 501)),
    broken("4269", to("line/cac:Item/cac:SellersItemIdentification/cbc:ID", "X" * 31)),
    broken("4332", to("line/product", "12345678")),
    broken("4337", to("line/product", "50200000")),
    broken("2068", drop("line/cac:Price/cbc:PriceAmount"), also="0306"),
    broken("2369", to("line/cac:Price/cbc:PriceAmount", "01000.00")),
    broken("2640", to("line/cac:Price/cbc:PriceAmount", "1.00", 1), base="free"),
    broken("2028", drop("line/price/cbc:PriceAmount"), also="0306"),
    broken("2367", to("line/price/cbc:PriceAmount", "-1.00"), also="4287"),
    broken("4287", to("line/price/cbc:PriceAmount", "1182.00")),
    broken("3224", to("line/price/cbc:PriceTypeCode", "02")),
    broken("3234", to("line/price/cbc:PriceTypeCode", "01", 1), base="free"),
    broken("2410", to("line/price/cbc:PriceTypeCode", "09")),
    broken("2409", twice("line/price")),
    broken("2370", to("line/cbc:LineExtensionAmount", "1000.000")),
    broken("4288", to("line/cac:Price/cbc:PriceAmount", "1002.00")),
    broken("4235", to("line/property/cbc:Name", ""), base="gold"),
    *(
        broken(code, to(CONCEPT, "7000", nth), base="gold")
        for nth, code in enumerate(("2466", "2467", "2468", "2469"))
    ),
    broken("3064", drop("line/property/cbc:Value"), base="gold"),
    broken("4280", to("line/property/cbc:Value", "85.505", 1), base="gold"),
    broken("3195", drop("line/cac:TaxTotal", 1), also="3105 4297 4309"),
    broken("3021", to("line/cac:TaxTotal/cbc:TaxAmount", "180.000")),
    broken("4293", to("line/cac:TaxTotal/cbc:TaxAmount", "182.00"), also="4287"),
    broken("3026", twice("line/cac:TaxTotal", 1), also="3067 4297"),
    broken("3031", to(TAXABLE, "1000.000")),
    broken("4294", to(TAXABLE, "1000.50")),
    broken("4294", to(TAXABLE, "1000.50", 1)),
    broken("2033", to(TAX, "180.000")),
    broken("3110", to(TAX, "0.50", 2)),
    broken("3110", to(TAX, "0.50", 3), base="free"),
    broken("3111", to(TAX, "0.00"), also="3103 4293 4312"),
    broken("3111", to(TAX, "0.00", 2), base="free", also="3103 4311"),
    broken("3103", to(TAX, "182.00"), also="4293 4312"),
    broken("2464", to(TAX, "17.00", 1), also="4312 4346"),
    broken("3109", to(TAX, "22.00", 1), base="other", also="4293 4306 4312"),
    broken("2992", drop("line/taxes/percent")),
    broken("3102", to("line/taxes/percent", "18.000000")),
    broken("2993", to("line/taxes/percent", "0.00"), also="3103"),
    broken("2993", to("line/taxes/percent", "0.00", 2), base="free", also="3103"),
    broken("4237", to("line/taxes/percent", "1.52", 1)),
    broken("2371", drop("line/taxes/affectation")),
    broken("3050", put("line/taxes/cac:TaxCategory",
                       "<cbc:TaxExemptionReasonCode>10</cbc:TaxExemptionReasonCode>", 1)),
    broken("2040", to("line/taxes/affectation", "20")),
    broken("2037", to("line/taxes/tribute", ""), also="3105 3223 4290 4293 4299 4309 4310 4312"),
    broken("2036", to("line/taxes/tribute", "1234"), also="2040 3105 3223 4290 4293 4299 4309 4310 4312"),
    broken("3067", twice("line/taxes", 1), also="4312 4346"),
    broken("3105", drop("line/taxes"), also="4290 4293 4299 4309 4310 4312"),
    broken("3223", to("line/taxes/tribute", "7152", 2), also="2040 2377 3051 3105 4297 4309"),
    broken("2996", to("line/taxes/scheme/cbc:Name", ""), also="3051"),
    broken("3051", to("line/taxes/scheme/cbc:Name", "IVA")),
    broken("2377", to("line/taxes/scheme/cbc:TaxTypeCode", "FRE")),
    # The totals.
    broken("2956", drop("cac:TaxTotal")),
    broken("3020", to("cac:TaxTotal/cbc:TaxAmount", "180.000")),
    broken("4301", to("cac:TaxTotal/cbc:TaxAmount", "182.00")),
    broken("3024", twice("cac:TaxTotal"), also="3068 4301"),
    broken("3003", drop(TOTAL_BASE)),
    broken("2999", to(TOTAL_BASE, "1000.000")),
    broken("2470", to(TOTAL_BASE, "1000.000", 1)),
    broken("4299", to(TOTAL_BASE, "1002.00")),
    broken("4345", to(TOTAL_BASE, "1002.00", 1)),
    broken("4297", to(TOTAL_BASE, "202.00", 2)),
    broken("4296", to(TOTAL_BASE, "1002.00"), base="unaffected"),
    broken("4298", to(TOTAL_BASE, "57.00", 2), base="free"),
    broken("2641", to(TOTAL_BASE, "0.00", 2), base="free", also="4298"),
    broken("2416", to(TOTAL_BASE, "0.00"), base="all_free", also="2641 4298"),
    broken("4304", to(TOTAL_BASE, "1002.00", 2), base="other"),
    broken("2048", to(TOTAL_TAX, "180.000")),
    broken("4290", to(TOTAL_TAX, "182.00"), also="4301"),
    broken("4346", to(TOTAL_TAX, "17.00", 1)),
    broken("3000", to(TOTAL_TAX, "0.50", 2)),
    broken("4311", to(TOTAL_TAX, "11.00", 2), base="free"),
    broken("4306", to(TOTAL_TAX, "22.00", 2), base="other", also="4301 4310"),
    broken("3059", to("taxes/tribute", ""), also="4301"),
    broken("3007", to("taxes/tribute", "1234"), also="4301"),
    broken("3068", twice("taxes", 2)),
    broken("2054", to("taxes/scheme/cbc:Name", "")),
    broken("2964", to("taxes/scheme/cbc:Name", "IVA")),
    broken("2052", to("taxes/scheme/cbc:TaxTypeCode", "")),
    broken("2961", to("taxes/scheme/cbc:TaxTypeCode", "FRE")),
    *(
        broken(code, to("legend", legend), base="unaffected")
        for code, legend in {"4022": "2001", "4023": "2002", "4024": "2003", "4244": "2008"}.items()
    ),
    broken("2591", drop("totals/cbc:LineExtensionAmount")),
    broken("2031", to("totals/cbc:LineExtensionAmount", "1200.000")),
    broken("4309", to("totals/cbc:LineExtensionAmount", "1202.00"), also="4310"),
    broken("2451", purchases=Purchases(LIMIT + Decimal("0.01"))),
    broken("4210", PAPER, purchases=Purchases(LIMIT + Decimal("0.01"))),
    broken("2592", drop("totals/cbc:TaxInclusiveAmount")),
    broken("3019", to("totals/cbc:TaxInclusiveAmount", "1380.000")),
    broken("4310", to("totals/cbc:TaxInclusiveAmount", "1382.00"), also="4312"),
    broken("4314", to("totals/cbc:PayableRoundingAmount", "-1.40"), base="rounded"),
    broken("2062", to("total", "1185.000")),
    broken("4312", to("total", "1187.00")),
    broken("2337", to("total/@currencyID", "USD")),
    # Advances, papers, legends.
    broken("3211", to("cac:PrepaidPayment/cbc:ID", ""), base="advance", also="3214"),
    broken("3212", to("cac:PrepaidPayment/cbc:ID", "1", 1), base="two_advances", also="3214"),
    broken("3213", to("cac:PrepaidPayment/cbc:ID", "9"), base="advance", also="3214"),
    broken("2503", to("cac:PrepaidPayment/cbc:PaidAmount", "0.00"), base="advance", also="2509"),
    broken("3220", drop("totals/cbc:PrepaidAmount"), base="advance", also="4312"),
    broken("2509", to("totals/cbc:PrepaidAmount", "394.50"), base="advance"),
    broken("3214", to("related/cbc:DocumentStatusCode", "9"), base="advance", also="3213"),
    broken("3215", to("related/cbc:DocumentStatusCode", "1", 1), base="two_advances", also="3213"),
    broken("3216", drop("related/cbc:DocumentStatusCode"), base="advance", also="3213"),
    broken("2465", to("related/cbc:DocumentTypeCode", "02", 1), base="advance", also="3213 4009"),
    broken("2521", to("related/cbc:ID", "F001-7", 1), base="advance"),
    broken("3217", drop(ISSUER), base="advance"),
    broken("2520", to(f"{ISSUER}/cac:PartyIdentification/cbc:ID/@schemeID", "1"), base="advance"),
    broken("3114", to("allowance/cbc:ChargeIndicator", "true"), base="advance"),
    broken("3072", to("allowance/reason", ""), base="advance", also="4290 4299"),
    broken("3071", to("allowance/reason", "99", 1), base="advance", also="4346"),
    broken("2968", to("allowance/cbc:Amount", "400.000"), base="advance"),
    broken("3027", to("legend", "9999")),
    broken("3014", twice("cbc:Note")),
    broken("3006", to("cbc:Note", "X" * 201)),
    broken("4006", to("guide/cbc:ID", "X-1")),
    broken("2364", twice("guide")),
    broken("4005", to("guide/cbc:DocumentTypeCode", "01")),
    broken("4010", to("related/cbc:ID", "ACTA 15")),
    broken("2365", twice("related")),
    broken("4009", to("related/cbc:DocumentTypeCode", "02")),
    # Descriptive attributes.
    broken("4251", to("cbc:InvoiceTypeCode/@listAgencyName", "X")),
    broken("4252", to("currency/@listName", "X")),
    broken("4253", to("cbc:InvoiceTypeCode/@listURI", "X")),
    broken("4254", to("customer/registered/cac:Country/cbc:IdentificationCode/@listID", "X")),
    broken("4255", to("customer/registered/cbc:ID/@schemeName", "X")),
    broken("4256", to("place/cbc:ID/@schemeAgencyName", "X")),
    broken("4257", to("line/taxes/tribute/@schemeURI", "X")),
    broken("4258", to("line/quantity/@unitCodeListID", "X")),
    broken("4259", to("line/quantity/@unitCodeListAgencyName", "X")),
    broken("4260", to("cbc:InvoiceTypeCode/@name", "X")),
    broken("4261", to("cbc:InvoiceTypeCode/@listSchemeURI", "X")),
)


def test_what_the_template_writes_is_clean() -> None:
    BENCH.keeps()
    BENCH.refuse_what_the_schema_refuses()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.base}")
def test_a_broken_rule_is_reported_and_nothing_undeclared_comes_along(case: Broken) -> None:
    BENCH.breaks(case)


def test_no_rule_is_without_a_pair() -> None:
    assert BENCH.table.codes() - {case.code for case in CASES} == set()


def test_up_to_the_limit_a_seller_sells() -> None:
    """75 tax units to the céntimo are within it; on paper passing it is observed, elsewhere refused."""
    assert BENCH.judged(broken("2451", purchases=Purchases(LIMIT))) == ()
    refused = BENCH.judged(broken("2451", purchases=Purchases(LIMIT + 1)))
    observed = BENCH.judged(broken("4210", PAPER, purchases=Purchases(LIMIT + 1)))
    assert [found.severity for found in (*refused, *observed)] == [Severity.ERROR, Severity.OBSERVATION]
