"""Lines of every kind, worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sunat.errors import FormatError
from sunat.taxes import Adjustment, Excise, LineAmounts, LineInput, PriceMode, compute_line

D = Decimal
GROSS = {"price_mode": PriceMode.GROSS}


def line(quantity: str, price: str, affectation: str = "10", rate: str = "18", *, note: bool = False,
         **more: Any) -> LineAmounts:
    return compute_line(
        LineInput(quantity=D(quantity), unit_amount=D(price), affectation=affectation, rate=D(rate), **more),
        fold_allowance=note,
    )


def off(code: str, amount: str = "", percent: str = "", base: str = "") -> Adjustment:
    return Adjustment(code=code, amount=D(amount) if amount else None, percent=D(percent) if percent else None,
                      base=D(base) if base else None)


def taxes(worked: LineAmounts) -> list[tuple[str, Decimal, Decimal]]:
    return [(tax.tribute, tax.base, tax.amount) for tax in worked.taxes]


@pytest.mark.parametrize(("affectation", "shown"), [("11", "18.00"), ("16", "18.00"), ("21", "0.00"), ("37", "0.00")])
def test_a_free_line_shows_its_reference_value_and_nobody_pays(affectation: str, shown: str) -> None:
    worked = line("2", "50", affectation)
    assert worked.free
    assert (worked.unit_value, worked.unit_price, worked.value) == (0, D(50), D("100.00"))
    assert taxes(worked) == [("9996", D("100.00"), D(shown))]
    assert (worked.tax_total, worked.price, worked.charged) == (0, 0, 0)


def test_17_and_40_are_free_only_when_told() -> None:
    assert taxes(line("1", "100", "17", "4")) == [("1016", D("100.00"), D("4.00"))]
    assert taxes(line("1", "100", "17", "4", free=True)) == [("9996", D("100.00"), D("4.00"))]
    assert taxes(line("1", "100", "40")) == [("9995", D("100.00"), D("0.00"))]
    assert taxes(line("1", "100", "40", free=True)) == [("9996", D("100.00"), D("0.00"))]


def test_a_free_line_in_gross_prices_has_a_reference_value_without_tax() -> None:
    worked = line("1", "118", "11", **GROSS)
    assert (worked.value, worked.unit_price) == (D("100.00"), D("100.0000000000"))
    assert taxes(worked) == [("9996", D("100.00"), D("18.00"))]


def test_the_isc_of_a_free_line_is_shown_and_not_paid() -> None:
    worked = line("1", "100", "11", excise=Excise(system="01", percent=D(10)))
    assert taxes(worked) == [("9996", D("110.00"), D("19.80")), ("2000", D("100.00"), D("10.00"))]
    assert (worked.tax_total, worked.paid_taxes, worked.price) == (D("10.00"), 0, 0)


def test_bags_of_a_free_line_are_paid() -> None:
    worked = line("3", "0.10", "31", bags=3, bag_tax=D("0.50"))
    assert (worked.price, worked.tax_total) == (D("1.50"), D("1.50"))


def test_a_discount_lowers_the_reference_value_of_a_free_line_but_none_can_leave_it_alone() -> None:
    worked = line("1", "100", "11", adjustments=(off("00", percent="10"),))
    assert (worked.value, taxes(worked)[0][2]) == (D("90.00"), D("16.20"))
    with pytest.raises(FormatError) as caught:
        line("1", "100", "11", adjustments=(off("01", "10"),))
    assert caught.value.reason == "free_adjustment"


@pytest.mark.parametrize(
    ("excise", "base", "amount", "percent"),
    [
        (Excise(system="01", percent=D(20)), "100.00", "20.00", "20"),
        (Excise(system="02", unit_tax=D("2.31")), "100.00", "23.10", "23.10000"),
        (Excise(system="02", unit_tax=D("2.31"), base=D(50)), "50.00", "23.10", "46.20000"),
        (Excise(system="02", unit_tax=D(150)), "1500.00", "1500.00", "100"),
        (Excise(system="03", percent=D(30), retail_price=D("11.80")), "99.95", "29.99", "30"),
        (Excise(system="03", percent=D(30), base=D("80.004")), "80.00", "24.00", "30"),
    ],
)
def test_isc_by_the_three_systems(excise: Excise, base: str, amount: str, percent: str) -> None:
    """The last but one: 10 units at a retail price of 11.80 by the factor 0.847. A rate of 1500 % has no form."""
    worked = line("10", "10", excise=excise)
    isc = worked.taxes[1]
    assert (isc.base, isc.amount, isc.rate, isc.system) == (D(base), D(amount), D(percent), excise.system)
    assert worked.taxes[0].base == D("100.00") + D(amount)
    assert abs(isc.base * (isc.rate or 0) / 100 - isc.amount) <= 1, "3108"


def test_a_gross_price_holds_igv_and_isc() -> None:
    worked = line("1", "129.80", excise=Excise(system="01", percent=D(10)), **GROSS)
    assert taxes(worked) == [("1000", D("110.00"), D("19.80")), ("2000", D("100.00"), D("10.00"))]
    assert (worked.price, worked.unit_price) == (D("129.80"), D("129.80"))
    fixed = line("2", "59", excise=Excise(system="02", unit_tax=D(5)), **GROSS)
    assert taxes(fixed) == [("1000", D("100.00"), D("18.00")), ("2000", D("90.00"), D("10.00"))]


def test_an_untaxed_gross_price_with_isc_leaves_no_centimo_over() -> None:
    worked = line("1", "10.05", "20", excise=Excise(system="01", percent=D(50)), **GROSS)
    assert worked.taxes[0].amount == 0
    assert worked.price == D("10.05")


def test_an_isc_larger_than_the_price_that_holds_it_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        line("1", "10", excise=Excise(system="02", unit_tax=D(9)), **GROSS)
    assert caught.value.reason == "excise"


def test_a_base_above_six_centimos_always_bears_a_centimo() -> None:
    """4 % of 0.08 is 0.0032, and SUNAT refuses a tax of zero on it (3111)."""
    assert taxes(line("1", "0.08", "17", "4")) == [("1016", D("0.08"), D("0.01"))]
    assert taxes(line("1", "0.08", "17", "4", **GROSS)) == [("1016", D("0.07"), D("0.01"))]
    assert taxes(line("1", "0.06", "17", "4")) == [("1016", D("0.06"), D("0.00"))]


def test_bags_are_counted_by_the_unit_and_outside_the_base() -> None:
    worked = line("3", "0.20", bags=3, bag_tax=D("0.50"))
    bag = worked.taxes[1]
    assert (bag.tribute, bag.units, bag.unit_tax, bag.amount) == ("7152", 3, D("0.50"), D("1.50"))
    assert worked.taxes[0].base == D("0.60")
    abroad = line("7", "0.20", bags=7, bag_tax=D("0.50") / D("3.75"))
    assert (abroad.taxes[1].unit_tax, abroad.taxes[1].amount) == (D("0.13333"), D("0.93"))


def test_other_tributes_come_on_top_by_percent_or_by_money() -> None:
    assert taxes(line("1", "100", other_percent=D(5)))[1] == ("9999", D("100.00"), D("5.00"))
    by_money = line("1", "100", other_amount=D("3.33")).taxes[1]
    assert (by_money.base, by_money.amount, by_money.rate) == (D("100.00"), D("3.33"), D("3.33000"))
    assert line("1", "118", other_percent=D(5), **GROSS).price == D("123.00")


def test_percentages_of_several_discounts_do_not_compound() -> None:
    worked = line("1", "100", adjustments=(off("00", percent="10"), off("00", percent="5"), off("47", "2")))
    assert worked.value == D("87.00")
    assert [(row.code, row.amount, row.base) for row in worked.allowances] == [
        ("00", D("10.00"), D("100.00")), ("00", D("5.00"), D("100.00")), ("47", D("2.00"), D("100.00")),
    ]


def test_a_percentage_may_name_its_base() -> None:
    (row,) = line("1", "100", adjustments=(off("00", percent="10", base="50.004"),)).allowances
    assert (row.amount, row.base, row.factor) == (D("5.00"), D("50.00"), D("0.1"))


def test_a_percentage_off_a_gross_price_with_fixed_isc_shows_the_base_it_counts_on() -> None:
    worked = line("1", "118", excise=Excise(system="02", unit_tax=D(20)), adjustments=(off("00", percent="50"),),
                  **GROSS)
    (row,) = worked.allowances
    assert (worked.value, row.amount, row.base) == (D("30.00"), D("50.00"), D("100.00"))
    assert row.base * (row.factor or 0) == row.amount, "3290"


def test_a_factor_has_five_decimals() -> None:
    (row,) = line("1", "1000", adjustments=(off("00", percent="12.3456"),)).allowances
    assert (row.amount, row.factor) == (D("123.46"), D("0.12346"))
    (large,) = line("1", "1000000", adjustments=(off("00", percent="12.34567"),)).allowances
    assert large.factor is None, "0.12346 of a million is more than a unit off (3290)"


def test_what_leaves_the_base_alone_moves_the_unit_price() -> None:
    worked = line("2", "50", adjustments=(off("01", "8"), off("48", "4")))
    assert (worked.value, worked.tax_total, worked.price) == (D("100.00"), D("18.00"), D("118.00"))
    assert worked.unit_price == D(57), "(118 - 8 + 4) / 2 (3270)"
    with pytest.raises(FormatError) as caught:
        line("1", "100", adjustments=(off("01", "118.01"),))
    assert caught.value.reason == "discount"


def test_a_unit_price_over_a_tiny_quantity_follows_the_centimos() -> None:
    """0.001 of 14.00 costs 0.01: a unit price of 14 would be 4 off (3270)."""
    assert line("0.001", "14", **GROSS).unit_price == D(10)
    assert line("0.5", "14", **GROSS).unit_price == D(14)


def test_a_note_folds_what_leaves_the_base_alone_into_its_price() -> None:
    worked = line("1", "100", adjustments=(off("01", "11.80"),), note=True)
    assert worked.allowances == ()
    assert (worked.value, worked.tax_total, worked.price) == (D("90.00"), D("16.20"), D("106.20"))
    assert (worked.unit_value, worked.unit_price) == (D(90), D("106.2"))
    charged = line("1", "100", adjustments=(off("48", "1"), off("01", "11.80")), note=True)
    assert charged == worked, "a charge 48 is the whole note's"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"adjustments": (off("02", "1"),)}, "adjustment"),
        ({"adjustments": (off("00", "-1"),)}, "adjustment"),
        ({"adjustments": (off("00"),)}, "adjustment"),
        ({"excise": Excise(system="01")}, "excise"),
        ({"excise": Excise(system="02")}, "excise"),
        ({"excise": Excise(system="03", percent=D(10))}, "excise"),
        ({"excise": Excise(system="04", percent=D(10))}, "excise"),
        ({"bags": 2, "bag_tax": D("0.5")}, "bags"),
        ({"bags": 1}, "bags"),
        ({"other_percent": D(-1)}, "other"),
        ({"other_percent": D(1), "other_amount": D(1)}, "other"),
        ({"free": True}, "not_free"),
    ],
)
def test_what_cannot_be_worked_out_says_which_part(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(FormatError) as caught:
        line("1", "10", **more)
    assert caught.value.reason == reason
