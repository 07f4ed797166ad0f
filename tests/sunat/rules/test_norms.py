"""What norms ask: buyers above S/ 700.00 are named, RUCs have their check digit, rates are those in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sunat.rules import boleta
from sunat.rules.context import Context
from sunat.rules.engine import Finding, judge
from sunat.xml import parse
from tests.sunat.rules.bases import anonymous
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
