"""Retention and perception: every rule keeps and breaks as its row says, and no rule is without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from sunat.rules import perception, retention
from sunat.rules.context import Known
from tests.sunat.rules.certain import Bench, Broken, broken
from tests.sunat.rules.pairs.edits import drop, put, to, twice
from tests.support.certificates import ISSUED, certificate, paid

LONG: Final = "X" * 1501


def _old_six() -> object:
    """The 6 % regime, for a factura of its time."""
    row = paid(percent="6", issue_date=date(2014, 2, 1))
    return certificate("retention", row, system="02", percent=Decimal(6))


BENCHES: Final = {
    "20": Bench(
        table=retention.RULES, template="retention.xml", series="R001", received=ISSUED,
        contents={
            "plain": lambda: certificate("retention"),
            "rounded": lambda: certificate("retention", rounding=Decimal("0.40")),
            "six": _old_six,  # type: ignore[dict-item]
            "ticket": lambda: certificate("retention", paid("A1-000123", type_code="12")),
            "with_note": lambda: certificate("retention", paid(), paid("FC01-9", type_code="07", paid=None)),
        },
    ),
    "40": Bench(
        table=perception.RULES, template="perception.xml", series="P001", received=ISSUED,
        contents={
            "plain": lambda: certificate("perception"),
            "rounded": lambda: certificate("perception", rounding=Decimal("-0.40")),
            "exceptional": lambda: certificate("perception", paid(percent="2", added=True), exceptional=True),
            "ticket": lambda: certificate("perception", paid("A1-123", percent="2", added=True, type_code="12")),
        },
    ),
}

_PLACES: Final = ("cbc:CitySubdivisionName", "cbc:CityName", "cbc:CountrySubentity", "cbc:District")


def _both(kind: str) -> tuple[Broken, ...]:
    c = {"20": {
        "name": "2906", "parts": ("2907", "2908", "2909", "2910"), "street": "2918", "regime": "2618",
        "percent": "2619", "total": "2628", "totalc": "2728", "wholef": "2730", "whole": "2629", "wholec": "2732",
        "date": "2737", "month": "2661", "window": "2625", "pay": ("2733", "2734"), "paid": ("2735", "2736"),
        "paidc": "2622", "amount": ("2740", "2742"), "sum": "2623", "net": ("2746", "2748"),
    }, "40": {
        "name": "2911", "parts": ("2912", "2913", "2914", "2915"), "street": "2919", "regime": "2602",
        "percent": "2603", "total": "2667", "totalc": "2685", "wholef": "2687", "whole": "2668", "wholec": "2690",
        "date": "2702", "month": "2659", "window": "2612", "pay": ("2697", "2698"), "paid": ("2699", "2700"),
        "paidc": "2607", "amount": ("2705", "2707"), "sum": "2608", "net": ("2711", "2713"),
    }}[kind]
    own = {"20": "R001", "40": "P001"}[kind]
    exchange = "line/withheld/exchange"
    return (
        broken("0151", to("cbc:ID", f"{own}-123"), zip_name="x.zip", also="0161",
               file_name=f"20123456786-{kind}-{own}-123.xml"),
        broken("0159", to("cbc:ID", f"{own}-123"), file_name="x.xml"),
        broken("0161", to("cbc:ID", f"{own}-123"), file_name=f"20123456786-{kind}-{own}-123.xml",
               zip_name=f"20123456786-{kind}-{own}-124.zip"),
        broken("1034", to("supplier/identity", "20100070970"), file_name=f"20123456786-{kind}-{own}-123.xml"),
        broken("1049", to("cbc:ID", f"{own}-124"), file_name=f"20123456786-{kind}-{own}-123.xml"),
        broken("1001", to("cbc:ID", "F001-123")),
        broken("2111", to("cbc:UBLVersionID", "")),
        broken("2110", to("cbc:UBLVersionID", "2.1")),
        broken("2113", drop("cbc:CustomizationID")),
        broken("2112", to("cbc:CustomizationID", "2.0")),
        broken("2600", received=date(2026, 11, 28)),
        broken("2678", drop("supplier/identity/@schemeID")),
        broken("2511", to("supplier/identity/@schemeID", "1")),
        broken("2901", to("supplier/cac:PartyName/cbc:Name", LONG)),
        broken("1037", drop("supplier/legal/cbc:RegistrationName")),
        broken("1038", to("supplier/legal/cbc:RegistrationName", LONG)),
        broken("2917", to("supplier/address/cbc:ID", "999999")),
        broken("2917", to("customer/address/cbc:ID", "999999")),
        broken("2916", to("supplier/address/cbc:StreetName", "X" * 101)),
        *(broken(code, to(f"supplier/address/{place}", "X" * 31))
          for code, place in zip(("2902", "2903", "2904", "2905"), _PLACES, strict=True)),
        broken("2548", to("supplier/address/cac:Country/cbc:IdentificationCode", "CL")),
        broken("2548", to("customer/address/cac:Country/cbc:IdentificationCode", "CL")),
        broken("2516", drop("customer/identity/@schemeID")),
        broken(c["name"], to("customer/cac:PartyName/cbc:Name", LONG)),
        broken("2134", drop("customer/legal/cbc:RegistrationName")),
        broken("2133", to("customer/legal/cbc:RegistrationName", LONG)),
        broken(c["street"], to("customer/address/cbc:StreetName", "X" * 101)),
        *(broken(code, to(f"customer/address/{place}", "X" * 31))
          for code, place in zip(c["parts"], _PLACES, strict=True)),
        broken(c["regime"], to("system", "09")),
        broken(c["percent"], to("percent", "4.00"), also=c["sum"]),
        broken("2669", to("total", "0.00"), also=c["total"]),
        broken(c["total"], to("total", "1.00")),
        broken(c["totalc"], to("total/@currencyID", "USD")),
        broken(c["wholef"], to("whole", "0.00"), also=c["whole"]),
        broken(c["whole"], to("whole", "1.00")),
        broken(c["wholec"], to("whole/@currencyID", "USD")),
        broken("3303", to("cbc:PayableRoundingAmount", "1.01"), base="rounded", also=c["whole"]),
        broken("3304", to("cbc:PayableRoundingAmount/@currencyID", "USD"), base="rounded"),
        broken("2691", drop("line/cbc:ID/@schemeID")),
        broken("2692", to("line/cbc:ID/@schemeID", "09")),
        broken("2693", to("line/cbc:ID", "")),
        broken("2694", to("line/cbc:ID", "F001-0")),
        broken("2694", to("line/cbc:ID", "A 1"), base="ticket"),
        broken("2696", to("line/cbc:TotalInvoiceAmount", "0.00")),
        broken(c["date"], drop("line/payment/cbc:PaidDate")),
        broken(c["month"], to("line/payment/cbc:PaidDate", "2026-10-31", 1), also=c["window"]),
        broken(c["window"], to("line/payment/cbc:PaidDate", "2026-11-09")),
        broken(c["window"], to("line/payment/cbc:PaidDate", "2026-11-21")),
        broken(c["window"], to("line/cbc:IssueDate", "2026-10-10"), to("line/payment/cbc:PaidDate", "2026-10-31"),
               to("line/payment/cbc:PaidDate", "2026-10-31", 1)),
        broken(c["pay"][0], to("line/payment/cbc:ID", "")),
        broken(c["pay"][1], to("line/payment/cbc:ID", "A1")),
        broken("2626", to("line/cbc:ID", "F001-80", 1)),
        broken(c["paid"][0], drop("line/payment/cbc:PaidAmount")),
        broken(c["paid"][1], to("line/payment/cbc:PaidAmount", "0.00"), also=c["sum"]),
        broken(c["paidc"], to("line/payment/cbc:PaidAmount/@currencyID", "EUR")),
        broken(c["amount"][0], to("line/withheld/amount", "0.00"), also=f"{c['sum']} {c['total']}"),
        broken(c["amount"][1], to("line/withheld/amount/@currencyID", "USD")),
        broken(c["sum"], to("line/withheld/amount", "99.00"), also=c["total"]),
        broken(c["sum"], to("line/withheld/amount", "99.00", 1), also=c["total"]),
        broken(c["sum"], to("line/withheld/net", "99.00"), also=c["whole"]),
        broken(c["net"][0], to("line/withheld/net", "0.00"), also=f"{c['sum']} {c['whole']}"),
        broken(c["net"][1], to("line/withheld/net/@currencyID", "USD")),
        broken("2719", drop(f"{exchange}/cbc:SourceCurrencyCode")),
        broken("2749", to(f"{exchange}/cbc:SourceCurrencyCode", "EUR")),
        broken("2715", to(f"{exchange}/cbc:TargetCurrencyCode", "USD")),
        broken("2721", drop(f"{exchange}/cbc:CalculationRate")),
        broken("2716", to(f"{exchange}/cbc:CalculationRate", "3.1234567"), also=f"{c['sum']}"),
        broken("2722", drop(f"{exchange}/cbc:Date")),
        broken("CHQ-ISSUER-RUC", to("supplier/identity", "20123456789")),
        broken("CHQ-CUSTOMER-RUC", to("customer/identity", "20987654321")),
    )


@dataclass(frozen=True)
class Books:
    """A ledger that knows one voucher, whatever is asked."""

    on_credit: bool = True
    perception: str = ""

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> Known:
        return Known(issue_date=ISSUED, currency="PEN", total=Decimal(1180), on_credit=self.on_credit,
                     perception=self.perception)


OWN: Final = {
    "20": (
        broken("2723", to("customer/identity", "")),
        broken("2724", to("customer/identity", "2098765432")),
        broken("2620", to("customer/identity", "20123456786")),
        broken("2511", to("customer/identity/@schemeID", "1")),
        broken("2985", to("line/cbc:IssueDate", "2014-03-01"), base="six"),
        broken("2628", to("line/cbc:ID/@schemeID", "20", 0), also="2629"),
    ),
    "40": (
        broken("3322", put("", "<sac:ExceptionalIndicator xmlns:sac='urn:sunat:names:specification:ubl:peru:schema:xsd:"
                           "SunatAggregateComponents-1'>02</sac:ExceptionalIndicator>")),
        broken("2679", to("customer/identity", "")),
        broken("2680", to("customer/identity", "1234567890123456")),
        broken("2604", to("customer/identity", "20123456786")),
        broken("2511", to("customer/identity/@schemeID", "Z")),
        broken("3323", twice("line"), base="exceptional", also="2626 2667 2668"),
        broken("3324", to("line/cbc:ID/@schemeID", "03"), base="exceptional"),
        broken("3312", ledger=Books(perception="51")),
        broken("3328", to("line/cbc:ID/@schemeID", "03"), ledger=Books(perception="51"), also="3312"),
        broken("3325", base="exceptional", ledger=Books()),
        broken("3329", ledger=Books(on_credit=False)),
        broken("3327", base="exceptional", ledger=Books(on_credit=False, perception="52")),
    ),
}
CASES: Final = [(kind, case) for kind in BENCHES for case in (*_both(kind), *OWN[kind])]


@pytest.mark.parametrize("kind", BENCHES)
def test_what_the_template_writes_is_clean(kind: str) -> None:
    BENCHES[kind].keeps()


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}-{case.code}-{case.base}" for kind, case in CASES])
def test_a_broken_rule_is_reported_and_nothing_undeclared_comes_along(kind: str, case: Broken) -> None:
    BENCHES[kind].breaks(case)


@pytest.mark.parametrize("kind", BENCHES)
def test_no_rule_is_without_a_pair(kind: str) -> None:
    paired = {case.code for at, case in CASES if at == kind}
    assert BENCHES[kind].table.codes() - paired == set()


def test_the_schemas_are_content_but_for_the_exceptional_indicator() -> None:
    """SUNAT added the indicator without publishing the schema that has it."""
    BENCHES["20"].refuse_what_the_schema_refuses()
    ordinary = {name: make for name, make in BENCHES["40"].contents.items() if name != "exceptional"}
    replace(BENCHES["40"], contents=ordinary).refuse_what_the_schema_refuses()
