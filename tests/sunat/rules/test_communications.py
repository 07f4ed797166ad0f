"""Summaries, voidings and reversals: every rule keeps and breaks as its row says, and no rule is without one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from sunat.documents.summary import SummaryTax, SummaryValue
from sunat.rules import reversal, summary, voided
from sunat.rules.context import OSE_ONLY
from tests.sunat.rules.certain import Bench, Broken, broken
from tests.sunat.rules.pairs.edits import drop, drop_all, to, twice
from tests.support.communications import MADE, note, perceived, rice, rich, told
from tests.support.communications import summary as told_of
from tests.support.communications import voided as voiding

BENCHES: Final = {
    "RA": Bench(table=voided.RULES, template="voided.xml", series="RA-20261121", received=MADE, contents={
        "plain": voiding, "paper": lambda: voiding(("01", "0001"), ("30", "F001")),
    }),
    "RR": Bench(table=reversal.RULES, template="voided.xml", series="RR-20261121", received=MADE, contents={
        "plain": lambda: voiding(reversal=True), "paper": lambda: voiding(("20", "0001"), reversal=True),
    }),
    "RC": Bench(table=summary.RULES, template="summary.xml", series="RC-20261121", received=MADE, contents={
        "plain": told_of,
        "named": lambda: told_of(told(
            total=Decimal("700.00"), identity_code="", identity_number="",
            values=(SummaryValue(code="01", amount=Decimal("593.22")),),
            taxes=(SummaryTax(tribute="1000", amount=Decimal("106.78")),),
        )),
        "paper": lambda: told_of(told("0001-1")),
        "ruc": lambda: told_of(told(identity_code="6", identity_number="20987654326")),
        "passport": lambda: told_of(told(identity_code="7", identity_number="AB123456")),
        "perceived": lambda: told_of(perceived()), "note": lambda: told_of(note()),
        "ticket": lambda: told_of(note(target_type="12", target_number="MAQ1-000123")),
        "voided_note": lambda: told_of(note(condition="3", target_type="", target_number="")),
        "rich": lambda: told_of(rich()), "rice": lambda: told_of(rice()),
        "two_steps": lambda: told_of(told(condition="1"), told(condition="3")),
    }),
}


def _head(kind: str) -> tuple[Broken, ...]:
    name = f"20123456786-{kind}-20261121-123.xml"
    future, missing, wrong = ("2236", "2219", "2218") if kind == "RC" else ("2301", "2288", "2287")
    issuer = "supplier/cbc:AdditionalAccountID"
    return (
        broken("2075", to("cbc:UBLVersionID", "")),
        broken("2074", to("cbc:UBLVersionID", "2.1")),
        broken("2072", to("cbc:CustomizationID", "2.0")),
        broken("2220", to("cbc:ID", f"{kind}-20261121-124"), file_name=name),
        broken("2346", to("cbc:IssueDate", "2026-11-20"), file_name=name),
        broken(future, received=date(2026, 11, 20)),
        broken("2671", to("cbc:ReferenceDate", "2026-11-22")),
        broken("1034", to("supplier/identity", "20987654326"), file_name=name),
        broken(missing, to(issuer, "")),
        broken(wrong, to(issuer, "1")),
        broken("2229", drop("supplier/legal/cbc:RegistrationName")),
        broken("2228", to("supplier/legal/cbc:RegistrationName", "X" * 101)),
    )


_LINES: Final = (
    broken("2307", to("line/cbc:LineID", "")),
    broken("2305", to("line/cbc:LineID", "1A")),
    broken("2306", to("line/cbc:LineID", "0")),
    broken("2752", to("line/cbc:LineID", "2")),
    broken("2309", to("line/cbc:DocumentTypeCode", "")),
    broken("2308", to("line/cbc:DocumentTypeCode", "03")),
    broken("2311", to("line/series", "")),
    broken("2313", to("line/number", "")),
    broken("2312", to("line/number", "1A")),
    broken("2348", twice("line"), also="2752"),
    broken("2315", to("line/why", "")),
    broken("4203", to("line/why", "NO")),
)
OWN: Final = {
    "RA": (
        *_LINES,
        broken("2581", to("line/series", "S001"), also="2310"),
        broken("2310", to("line/series", "B001")),
        broken("2310", to("line/series", "B001", 1), base="paper"),
        broken("2957", received=date(2026, 11, 28)),
    ),
    "RR": (
        *_LINES,
        broken("2674", to("line/series", "F001")),
        broken("2675", to("line/series", "F001", 1)),
        broken("2345", to("line/series", "F001", 2)),
        broken("2958", received=date(2026, 11, 28)),
    ),
    "RC": (
        broken("4443", received=date(2026, 11, 28)),
        broken("1078", issuer_lists=frozenset({OSE_ONLY})),
        broken("2957", received=date(2026, 11, 28), base="voided_note", also="4443"),
        broken("2238", to("line/cbc:LineID", "1A")),
        broken("2239", to("line/cbc:LineID", "0")),
        broken("2752", to("line/cbc:LineID", "2")),
        broken("2512", drop("line/cbc:ID")),
        broken("2513", to("line/cbc:ID", "F001-1")),
        broken("2513", to("line/modified/cbc:DocumentTypeCode", "01"), base="note"),
        broken("2242", to("line/cbc:DocumentTypeCode", "")),
        broken("2241", to("line/cbc:DocumentTypeCode", "01")),
        broken("3094", to("line/cbc:ID", "B001-2")),
        broken("3095", to("line/cbc:ID", "B001-2"), to("line/condition", "2", 1)),
        broken("3096", to("line/condition", "2"), base="two_steps"),
        broken("2522", to("line/condition", "")),
        broken("2896", to("line/condition", "9")),
        broken("2514", drop("line/customer"), to("line/total", "700.01"), also="4027"),
        broken("2014", drop("line/customer/cbc:CustomerAssignedAccountID")),
        broken("2015", drop("line/customer/cbc:AdditionalAccountID")),
        broken("2016", to("line/customer/cbc:AdditionalAccountID", "Z")),
        broken("2017", to("line/customer/cbc:CustomerAssignedAccountID", "2098765432"), base="ruc"),
        broken("4207", to("line/customer/cbc:CustomerAssignedAccountID", "123")),
        broken("4208", to("line/customer/cbc:CustomerAssignedAccountID", "A B"), base="passport"),
        broken("2582", to("line/cbc:DocumentTypeCode", "03"), base="note"),
        broken("2524", to("line/modified/cbc:ID", ""), base="note"),
        broken("2583", drop("line/modified/cbc:DocumentTypeCode"), base="note"),
        broken("2920", to("line/modified/cbc:ID", "F001-1"), base="note"),
        broken("2920", to("line/modified/cbc:ID", "000123"), base="ticket"),
        broken("2986", to("line/cbc:DocumentTypeCode", "07"), base="perceived", also="2524 2583"),
        broken("2986", to("line/condition", "2"), base="perceived"),
        broken("2517", to("line/perceived/sac:SUNATPerceptionSystemCode", "09"), base="perceived"),
        broken("2891", to("line/perceived/sac:SUNATPerceptionPercent", "2.1"), base="perceived"),
        broken("2893", to("line/perceived/cbc:TotalInvoiceAmount", "0.00"), base="perceived", also="2608"),
        broken("2608", to("line/perceived/cbc:TotalInvoiceAmount", "4.00"), base="perceived"),
        broken("2608", to("line/perceived/sac:SUNATTotalCashed", "130.00"), base="perceived"),
        broken("2685", to("line/perceived/cbc:TotalInvoiceAmount/@currencyID", "USD"), base="perceived"),
        broken("2895", to("line/perceived/sac:SUNATTotalCashed", "0.00"), base="perceived", also="2608"),
        broken("2690", to("line/perceived/sac:SUNATTotalCashed/@currencyID", "USD"), base="perceived"),
        broken("2897", to("line/perceived/cbc:TaxableAmount", "0.00"), base="perceived", also="2608"),
        broken("2251", to("line/total", "-1.00"), also="4027"),
        broken("2071", to("line/value/cbc:PaidAmount/@currencyID", "USD")),
        broken("4027", to("line/total", "124.00")),
        broken("4027", to("line/allowance/cbc:Amount", "14.01"), base="rich"),
        broken("2255", drop("line/value/cbc:PaidAmount"), also="4027 4019"),
        broken("2254", to("line/value/cbc:PaidAmount", "100.001")),
        broken("2257", drop("line/value/cbc:InstructionID"), also="4027 4019"),
        broken("2256", to("line/value/cbc:InstructionID", "99"), also="4027 4019"),
        broken("2357", twice("line/value"), also="4027 4019"),
        broken("2263", to("line/allowance/cbc:ChargeIndicator", "false"), base="rich"),
        broken("2411", twice("line/allowance"), base="rich"),
        broken("2261", to("line/allowance/cbc:Amount", "4.001"), base="rich"),
        broken("2266", to("line/allowance/cbc:Amount", "0.00"), base="rich"),
        broken("2278", drop_all("line/taxes"), also="4027"),
        broken("2048", to("line/taxes/cbc:TaxAmount", "18.001"), also="2344"),
        broken("4019", to("line/taxes/cbc:TaxAmount", "23.01"), to("line/taxes/part/cbc:TaxAmount", "23.01"),
               also="4027"),
        broken("4302", to("line/taxes/cbc:TaxAmount", "9.01"), to("line/taxes/part/cbc:TaxAmount", "9.01"),
               base="rice", also="4027"),
        broken("2344", to("line/taxes/part/cbc:TaxAmount", "17.99")),
        broken("2269", to("line/taxes/tribute", "", 1), base="rich", also="4027 4019"),
        broken("2268", to("line/taxes/tribute", "8888", 3), base="rich"),
        broken("2355", twice("line/taxes"), also="4027"),
        broken("2271", drop("line/taxes/scheme/cbc:Name")),
        broken("2276", to("line/taxes/scheme/cbc:Name", "VAT")),
        broken("3051", to("line/taxes/scheme/cbc:Name", "IGV"), base="rice"),
        broken("2275", to("line/taxes/scheme/cbc:Name", "IGV", 1), base="rich"),
    ),
}
CASES: Final = [(kind, case) for kind in BENCHES for case in (*_head(kind), *OWN[kind])]


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


@pytest.mark.parametrize("kind", BENCHES)
def test_the_schemas_are_content(kind: str) -> None:
    BENCHES[kind].refuse_what_the_schema_refuses()
