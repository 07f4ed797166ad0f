"""The canonical method, by hand-worked examples and against exact fractions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat.errors import FormatError
from sunat.taxes import (
    LINE_CHARGE,
    LINE_DISCOUNT,
    Adjustment,
    LineAmounts,
    LineInput,
    PriceMode,
    bag_tax,
    balance,
    compare,
    compare_lines,
    compute_line,
    compute_totals,
    general_rate,
    rates_in_force,
)

D = Decimal


def line(quantity: str, price: str, **more: object) -> LineAmounts:
    values: dict[str, object] = {"affectation": "10", "rate": D(18), **more}
    fold = bool(values.pop("fold_allowance", False))
    return compute_line(
        LineInput(quantity=D(quantity), unit_amount=D(price), **values), fold_allowance=fold,  # type: ignore[arg-type]
    )


def test_a_net_line_is_rounded_once_for_its_value_and_once_for_its_tax() -> None:
    worked = line("3", "1.115")
    assert (worked.value, worked.tax_total, worked.price) == (D("3.35"), D("0.60"), D("3.95"))
    assert worked.unit_value == D("1.115")
    assert worked.unit_price == D("1.3166666667")


def test_a_gross_line_costs_what_the_shelf_says() -> None:
    worked = line("1", "10.00", price_mode=PriceMode.GROSS)
    assert (worked.value, worked.tax_total, worked.price) == (D("8.47"), D("1.53"), D("10.00"))
    assert worked.unit_price == D("10.00")
    assert worked.unit_value == D("8.4745762712")


@pytest.mark.parametrize(("affectation", "tribute"), [("20", "9997"), ("30", "9998"), ("40", "9995")])
def test_lines_outside_the_igv_carry_their_own_tribute_and_no_tax(affectation: str, tribute: str) -> None:
    worked = line("2", "50", affectation=affectation)
    assert worked.taxes[0].tribute == tribute
    assert worked.taxes[0].rate == 0
    assert (worked.value, worked.tax_total) == (D("100.00"), D("0.00"))


def test_a_discount_lowers_the_base_and_a_surcharge_raises_it() -> None:
    discounted = line("1", "100", adjustments=(Adjustment(code=LINE_DISCOUNT, percent=D("6.5")),))
    assert discounted.value == D("93.50")
    assert discounted.allowances[0].code == LINE_DISCOUNT
    assert (discounted.allowances[0].amount, discounted.allowances[0].base) == (D("6.50"), D("100.00"))
    assert discounted.allowances[0].factor == D("0.065")
    charged = line("1", "100", adjustments=(Adjustment(code=LINE_CHARGE, amount=D(5)),))
    assert charged.value == D("105.00")
    assert (charged.allowances[0].code, charged.allowances[0].is_charge) == (LINE_CHARGE, True)
    assert charged.allowances[0].factor is None


def test_a_note_folds_the_discount_into_the_unit_value() -> None:
    worked = line("3", "10", adjustments=(Adjustment(code=LINE_DISCOUNT, amount=D(1)),), fold_allowance=True)
    assert worked.allowances == ()
    assert worked.value == D("29.00")
    assert worked.unit_value == D("9.6666666667")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"price": "-0.01"}, "unit_amount"),
        ({"adjustments": (Adjustment(code=LINE_DISCOUNT, amount=D(1000)),)}, "discount"),
        ({"adjustments": (Adjustment(code=LINE_DISCOUNT, amount=D(1), percent=D(1)),)}, "adjustment"),
        ({"affectation": "99"}, "affectation"),
    ],
)
def test_what_cannot_be_worked_out_says_which_part(change: dict[str, object], reason: str) -> None:
    values = {"quantity": "1", "price": "10", **change}
    with pytest.raises(FormatError) as caught:
        line(str(values.pop("quantity")), str(values.pop("price")), **values)
    assert caught.value.reason == reason


def test_totals_are_sums_by_tribute() -> None:
    totals = compute_totals([line("1", "100"), line("1", "50", affectation="20"), line("2", "100")])
    assert [(tax.tribute, tax.base, tax.amount) for tax in totals.taxes] == [
        ("1000", D("300.00"), D("54.00")), ("9997", D("50.00"), D("0.00")),
    ]
    assert (totals.value, totals.tax_total, totals.payable) == (D("350.00"), D("54.00"), D("404.00"))


def test_a_claimed_total_is_compared_to_the_centimo_and_explained() -> None:
    lines = [line("1", "8.474576"), line("1", "8.474576")]
    totals = compute_totals(lines)
    assert compare(totals, lines, value=D("16.94"), tax_total=D("3.04"), payable=D("19.98")) == ()
    (mismatch,) = compare(totals, lines, payable=D("20.00"))
    assert (mismatch.field, mismatch.expected, mismatch.given) == ("payable", D("19.98"), D("20.00"))
    assert mismatch.steps == (D("9.99"), D("9.99"))
    (tax,) = compare_lines(lines, [None, D("1.53")])
    assert (tax.field, tax.expected) == ("lines.1.tax", D("1.52"))


def test_rates_have_dates_of_law_and_of_acceptance() -> None:
    assert general_rate(date(2026, 11, 20)) == 18
    reduced = [rate.percent for rate in rates_in_force("1000", date(2026, 2, 12))]
    assert reduced == [D(18)], "SUNAT loaded the 10.5 % on 2026-02-13, not with the law"
    assert [rate.percent for rate in rates_in_force("1000", date(2026, 2, 13))] == [D(18), D("10.5")]
    assert [rate.percent for rate in rates_in_force("1000", date(2025, 12, 31))] == [D(18), D(10)]
    with pytest.raises(FormatError):
        general_rate(date(1990, 1, 1))


def half_up(value: Fraction) -> Fraction:
    """An independent rounding to céntimos, half away from zero, in exact fractions."""
    scaled = value * 100
    sign = -1 if scaled < 0 else 1
    return sign * Fraction(int(abs(scaled) + Fraction(1, 2)), 100)


quantities = st.decimals("0.0000000001", "9999", places=10, allow_nan=False, allow_infinity=False)
prices = st.decimals("0", "99999", places=6, allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(quantities, prices, st.sampled_from(["10", "20", "30", "40"])), min_size=1, max_size=40))
def test_every_amount_equals_an_exact_rational_calculation(cart: list[tuple[Decimal, Decimal, str]]) -> None:
    lines = [line(str(quantity), str(price), affectation=code) for quantity, price, code in cart]
    values = [half_up(Fraction(quantity) * Fraction(price)) for quantity, price, _ in cart]
    taxes = [
        half_up(value * Fraction(18, 100)) if code == "10" else Fraction(0)
        for value, (_, _, code) in zip(values, cart, strict=True)
    ]
    totals = compute_totals(lines)
    assert [Fraction(worked.value) for worked in lines] == values
    assert [Fraction(worked.tax_total) for worked in lines] == taxes
    assert Fraction(totals.value) == sum(values)
    assert Fraction(totals.payable) == sum(values) + sum(taxes)


@given(quantities, prices)
def test_gross_prices_are_kept_to_the_centimo(quantity: Decimal, price: Decimal) -> None:
    worked = line(str(quantity), str(price), price_mode=PriceMode.GROSS)
    assert Fraction(worked.price) == half_up(Fraction(quantity) * Fraction(price))
    assert abs(Fraction(worked.tax_total) - Fraction(worked.value) * Fraction(18, 100)) <= Fraction(1, 100)


@given(
    st.lists(st.tuples(quantities, prices), min_size=1, max_size=6), st.integers(1, 160),
    st.sampled_from([PriceMode.NET, PriceMode.GROSS]),
)
def test_no_cart_drifts_beyond_what_sunat_tolerates(
    cart: list[tuple[Decimal, Decimal]], times: int, mode: PriceMode
) -> None:
    rows = cart * times
    rounded = [line(str(quantity), str(price), price_mode=mode) for quantity, price in rows]
    lines = balance(rounded, [quantity for quantity, _ in rows], mode)
    totals = compute_totals(lines)
    base = Fraction(totals.value)
    assert abs(Fraction(totals.tax_total) - base * Fraction(18, 100)) <= 1
    for before, after in zip(rounded, lines, strict=True):
        assert abs(before.tax_total - after.tax_total) <= D("0.01")
        if mode is PriceMode.GROSS:
            assert before.price == after.price


def test_five_hundred_lines_that_round_up_are_balanced_on_the_ones_that_gained() -> None:
    rows = [line("2", "10.123") for _ in range(500)]
    assert compute_totals(rows).tax_total == D("1825.00"), "2.50 over the rate of the base: SUNAT refuses (3291)"
    lines = balance(rows, [D(2)] * 500, PriceMode.NET)
    assert compute_totals(lines).tax_total == D("1822.50")
    assert sum(1 for before, after in zip(rows, lines, strict=True) if before != after) == 250


def test_a_cart_within_the_tolerance_is_left_alone() -> None:
    rows = [line("2", "10.123") for _ in range(200)]
    assert balance(rows, [D(2)] * 200, PriceMode.NET) == tuple(rows)


def test_the_drift_is_measured_exactly_not_rounded() -> None:
    """A drift of 1.0028 rounds to 1.00 and is still beyond what SUNAT tolerates."""
    rows = [line("1", "0.03") for _ in range(218)]
    assert Fraction(compute_totals(rows).tax_total) - Fraction(compute_totals(rows).value) * Fraction(18, 100) > 1
    lines = balance(rows, [D(1)] * len(rows), PriceMode.NET)
    totals = compute_totals(lines)
    assert abs(Fraction(totals.tax_total) - Fraction(totals.value) * Fraction(18, 100)) <= 1


@pytest.mark.parametrize(("day", "soles"), [
    (date(2019, 8, 1), "0.10"), (date(2019, 12, 31), "0.10"), (date(2020, 1, 1), "0.20"), (date(2021, 6, 30), "0.30"),
    (date(2022, 12, 31), "0.40"), (date(2023, 1, 1), "0.50"), (date(2026, 11, 20), "0.50"),
])
def test_a_bag_bears_the_tax_of_its_year(day: date, soles: str) -> None:
    assert bag_tax(day) == D(soles)


def test_there_was_no_tax_on_bags_before_the_law() -> None:
    with pytest.raises(FormatError):
        bag_tax(date(2019, 7, 31))
