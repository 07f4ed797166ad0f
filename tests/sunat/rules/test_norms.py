"""What norms ask: buyers above S/ 700.00 are named, RUCs have their check digit, rates are those in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sunat.rules import boleta
from sunat.rules.context import Context
from sunat.rules.engine import Finding, Severity, judge
from sunat.xml import parse
from tests.sunat.rules.bases import anonymous, cargo, detraction
from tests.sunat.rules.pairs.edits import TABLES
from tests.sunat.rules.vouchers import Row, Shape, build


def judged(total: str, *, customer: tuple[str, str, str] = ("-", "-", "CLIENTES VARIOS"), rate: str | None = None,
           **changes: Any) -> tuple[Finding, ...]:
    """A boleta of one exempt line, whose value is the total."""
    row = Row(tribute="9997", price=Decimal(total), quantity=Decimal(1))
    shape = replace(anonymous("03"), rows=(row,), customer=customer, **changes)
    context = Context(received=date(2026, 11, 20), exchange_rate=None if rate is None else Decimal(rate))
    return judge(parse(build(shape)), boleta.RULES, context)


@pytest.mark.parametrize(("total", "codes"), [("699.99", []), ("700.00", []), ("700.01", ["CHQ-BOLETA-700"])])
def test_seven_hundred_soles_pass_and_a_cent_more_does_not(total: str, codes: list[str]) -> None:
    assert [finding.code for finding in judged(total)] == codes


@pytest.mark.parametrize(
    "customer", [("1", "00000000", "ROSA QUISPE"), ("1", "41234567", "CLIENTES VARIOS"), ("-", "-", "ROSA QUISPE")],
)
def test_stand_ins_identify_nobody(customer: tuple[str, str, str]) -> None:
    assert [finding.code for finding in judged("700.01", customer=customer)] == ["CHQ-BOLETA-700"]


def test_a_named_customer_may_buy_for_more() -> None:
    assert judged("700.01", customer=("1", "41234567", "ROSA QUISPE")) == ()


@pytest.mark.parametrize(("rate", "codes"), [("3.50", []), ("3.51", ["CHQ-BOLETA-700"]), (None, ["CHQ-BOLETA-700"])])
def test_another_currency_counts_by_its_rate_and_without_one_is_refused(rate: str | None, codes: list[str]) -> None:
    assert [finding.code for finding in judged("200.00", rate=rate, currency="USD")] == codes


def test_the_refusal_names_the_norm_and_never_a_code_of_sunat() -> None:
    finding, = judged("700.01")
    assert finding.code.startswith("CHQ-")
    assert "RS 007-99/SUNAT" in finding.norm
    assert "700.00" in finding.message_es
    assert "700.00" in finding.message_en


@pytest.mark.parametrize("ruc", ["20123456785", "30123456786"])
def test_a_wrong_check_digit_or_prefix_is_refused(ruc: str) -> None:
    assert [finding.code for finding in judged("10.00", customer=("6", ruc, "EMPRESA"))] == ["CHQ-CUSTOMER-RUC"]


@pytest.mark.parametrize(
    ("kind", "rate", "codes"),
    [
        ("01", "10.5", []), ("01", "10", ["3291", "3279"]), ("01", "12", ["3291", "3279"]), ("07", "10", []),
        ("08", "12", ["3291"]),
    ],
)
def test_the_rate_is_one_that_rules_on_the_day_and_a_note_may_follow_an_older_one(
    kind: str, rate: str, codes: list[str],
) -> None:
    root = parse(build(Shape(kind=kind, rows=(Row(rate=Decimal(rate)),))))
    found = judge(root, TABLES[kind], Context(received=date(2026, 11, 20)))
    assert [finding.code for finding in found] == codes


def detracted(kind: str, amount: str, *, percent: str = "", goods: str = "037", rate: str | None = None) -> list[str]:
    """What norms say of a detraction from a sale of 236.00, in dollars where a rate is given."""
    shape = detraction(kind)
    said = f"<cbc:PaymentPercent>{percent}</cbc:PaymentPercent>" if percent else ""
    terms = shape.terms.replace("28.32", amount).replace(">037<", f">{goods}<")
    terms = terms.replace("<cbc:Amount", f"{said}<cbc:Amount")
    currency = "PEN" if rate is None else "USD"
    context = Context(received=date(2026, 11, 20), exchange_rate=None if rate is None else Decimal(rate))
    found = judge(parse(build(replace(shape, terms=terms, currency=currency))), TABLES[kind], context)
    assert all(finding.severity is Severity.OBSERVATION for finding in found if finding.code.startswith("CHQ-"))
    return [finding.code for finding in found if finding.code.startswith("CHQ-")]


@pytest.mark.parametrize("kind", ["01", "03", "08"])
@pytest.mark.parametrize(("amount", "percent", "wrong"), [
    ("28.32", "12.00", []), ("28.00", "12.00", []), ("28.82", "12", []), ("28.83", "12", ["AMOUNT"]),
    ("27.81", "12", ["AMOUNT"]), ("29.00", "12", ["AMOUNT"]), ("28.00", "", []), ("24.00", "", ["AMOUNT"]),
    ("23.60", "10", ["RATE"]), ("28.32", "10", ["RATE", "AMOUNT"]),
])
def test_a_detraction_is_its_percentage_in_soles_whole_or_not(
    kind: str, amount: str, percent: str, wrong: list[str]
) -> None:
    assert sorted(detracted(kind, amount, percent=percent)) == sorted(f"CHQ-DETRACTION-{each}" for each in wrong)


def test_a_detraction_in_soles_of_a_sale_in_dollars_counts_by_its_rate() -> None:
    assert detracted("01", "106.00", rate="3.75") == []  # 236.00 x 3.75 x 12 % = 106.20
    assert detracted("01", "28.32", rate="3.75") == ["CHQ-DETRACTION-AMOUNT"]


def test_a_detraction_of_a_code_without_percentage_is_judged_by_its_own_alone() -> None:
    assert detracted("01", "99.00", goods="028") == []
    assert detracted("01", "23.60", goods="028", percent="10") == []
    assert detracted("01", "99.00", goods="028", percent="10") == ["CHQ-DETRACTION-AMOUNT"]


def test_cargo_is_detracted_by_its_reference_value_where_that_is_larger() -> None:
    shape = cargo("01")
    (row,) = shape.rows
    value = '<cbc:ID>01</cbc:ID><cbc:Amount currencyID="PEN">'
    dear = replace(row, journey=row.journey.replace(f"{value}100.00", f"{value}500.00"))
    for amount, found in (("20.00", []), ("9.44", ["CHQ-DETRACTION-AMOUNT"])):
        built = build(replace(shape, rows=(dear,), terms=shape.terms.replace("9.44", amount)))
        assert [each.code for each in judge(parse(built), TABLES["01"], Context(received=date(2026, 11, 20)))] == found
