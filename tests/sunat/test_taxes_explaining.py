"""Totals told step by step, and what made somebody's amount differ."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from sunat.taxes import (
    Adjustment,
    AdvanceInput,
    Excise,
    LineInput,
    PriceMode,
    Reckoning,
    as_data,
    compare,
    compare_lines,
    explain,
    likely_cause,
    reckon,
)

D = Decimal


def asked(price: str = "100", affectation: str = "10", quantity: str = "1", **more: Any) -> LineInput:
    return LineInput(quantity=D(quantity), unit_amount=D(price), affectation=affectation, rate=D(18), **more)


def off(code: str, amount: str) -> Adjustment:
    return Adjustment(code=code, amount=D(amount))


def told(found: Reckoning) -> dict[str, Any]:
    return as_data(explain(found.lines, found.totals, quantities=found.quantities))


def test_each_step_says_its_line_and_what_was_rounded() -> None:
    found = told(reckon([asked("1.115", quantity="3"), asked("50", "20")]))
    assert found["value"]["amount"] == "53.35"
    first = found["value"]["steps"][0]
    assert (first["line"], first["amount"], first["exact"]) == (1, "3.35", "3.345")
    assert "exact" not in found["value"]["steps"][1]
    (tax,) = found["tax.1000"]["steps"]
    assert (tax["line"], tax["amount"], tax["exact"]) == (1, "0.60", "0.603")
    assert [step["code"] for step in found["payable"]["steps"]] == ["price"]


def test_discounts_charges_and_advances_are_steps_of_their_own() -> None:
    found = told(reckon(
        [asked(adjustments=(Adjustment(code="00", percent=D(10)),)), asked("20", "30", adjustments=(off("01", "2"),))],
        adjustments=[off("02", "5"), off("49", "1"), off("03", "3"), off("46", "4")],
        advances=[AdvanceInput(affectation="taxed", base=D(10), total=D("11.80"))], rounding=D("-0.05"),
    ))

    def steps(name: str) -> list[tuple[str, str, str]]:
        return [(step["kind"], step.get("code", ""), step["amount"]) for step in found[name]["steps"]]

    assert steps("value") == [
        ("line", "", "100.00"), ("line_discount", "00", "-10.00"), ("line", "", "20.00"), ("discount", "02", "-5.00"),
        ("charge", "49", "1.00"),
    ]
    assert steps("tax.1000") == [
        ("line", "1000", "16.20"), ("discount", "02", "-0.90"), ("charge", "49", "0.18"), ("advance", "04", "-1.80"),
    ]
    assert steps("price") == [("total", "value", "106.00"), ("total", "tax.1000", "15.48")]
    assert steps("discount_total") == [("line_discount", "01", "2.00"), ("discount", "03", "3.00")]
    assert steps("charge_total") == [("charge", "46", "4.00")]
    assert steps("prepaid") == [("advance", "04", "11.80")]
    assert steps("payable") == [
        ("total", "price", "121.48"), ("total", "charge_total", "4.00"), ("total", "discount_total", "-5.00"),
        ("total", "prepaid", "-11.80"), ("rounding", "", "-0.05"),
    ]
    assert all(step["es"] and step["en"] for total in found.values() for step in total["steps"])
    assert json.loads(json.dumps(found)) == found


def test_the_centimos_of_an_advance_are_told() -> None:
    found = reckon([asked()], advances=[AdvanceInput(affectation="taxed", base=D(100), total=D("118.01"))],
                   rounding=D("0.01"))
    prepaid = next(each for each in explain(found.lines, found.totals) if each.total == "prepaid")
    assert [(step.kind, step.amount) for step in prepaid.steps] == [("advance", D("118.00")), ("rounding", D("0.01"))]


def test_a_rounding_is_what_was_added_to_the_exact_amount() -> None:
    found = reckon([asked("0.335")])
    (step,) = explain(found.lines, found.totals, quantities=found.quantities)[0].steps
    assert step.rounded == D("0.005")


SHELF = {"price_mode": PriceMode.GROSS}
CASES: dict[str, tuple[Reckoning, str, str]] = {
    "other_total": (reckon([asked()]), "value", "118.00"),
    "total_rounding": (reckon([asked("1.04")] * 3), "tax_total", "0.56"),
    "unbalanced": (reckon([asked("0.03")] * 218), "tax_total", "2.18"),
    "rounding_way": (reckon([asked("0.33"), asked("0.53")]), "tax_total", "0.14"),
    "bags": (reckon([asked("0.20", bags=1, bag_tax=D("0.50"))]), "payable", "0.24"),
    "excise": (reckon([asked(excise=Excise(system="01", percent=D(10)))]), "payable", "118.00"),
    "others": (reckon([asked(other_percent=D(5))]), "payable", "118.00"),
    "only_igv": (reckon([asked(excise=Excise(system="02", unit_tax=D(10)), other_amount=D(1))]), "tax_total", "19.80"),
    "excise_base": (reckon([asked(excise=Excise(system="01", percent=D(10)))]), "payable", "128.00"),
    "advances": (reckon([asked()], advances=[AdvanceInput(affectation="taxed", base=D(50), total=D(59))]), "payable",
                 "118.00"),
    "outside": (reckon([asked()], adjustments=[off("46", "10")]), "payable", "118.00"),
    "beside": (reckon([asked()], adjustments=[off("62", "3.54")]), "payable", "114.46"),
    "rounding": (reckon([asked("100.03")], rounding=D("-0.04")), "payable", "118.04"),
    "free": (reckon([asked(), asked("20", "11")]), "payable", "141.60"),
    "discounts": (reckon([asked(adjustments=(off("00", "10"),))]), "payable", "118.00"),
    "discount_tax": (reckon([asked()], adjustments=[off("02", "10")]), "payable", "108.00"),
    "price_mode": (reckon([asked("118")]), "value", "100.00"),
    "rate": (reckon([asked()]), "tax_total", "10.50"),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_the_way_of_counting_that_fits_is_told(code: str) -> None:
    reckoning, field, given = CASES[code]
    found = likely_cause(field, D(given), reckoning)
    assert found is not None
    assert found.code == code
    assert found.es
    assert found.en


def test_what_no_way_of_counting_gives_has_no_cause() -> None:
    assert likely_cause("payable", D("77.77"), reckon([asked()])) is None


def test_mismatches_carry_their_cause() -> None:
    found = reckon([asked("118", **SHELF), asked("10", **SHELF)])
    (mismatch,) = compare(found.totals, found.lines, value=D("128.00"), payable=D("128.00"), reckoning=found)
    assert mismatch.cause is not None
    assert mismatch.cause.code == "other_total"
    (line,) = compare_lines(found.rounded, [D("18.00"), D("1.80")], reckoning=found)
    assert (line.field, line.expected) == ("lines.1.tax", D("1.53"))
    assert line.cause is not None
    assert line.cause.code == "price_mode"
    (bare,) = compare(found.totals, found.lines, payable=D("1.00"))
    assert bare.cause is None
