"""Whole vouchers: their discounts, charges, advances, perception, retention and rounding, worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sunat.errors import FormatError
from sunat.taxes import (
    Adjustment,
    AdvanceInput,
    Excise,
    LineInput,
    PriceMode,
    Totals,
    compute_line,
    compute_totals,
    fold_adjustments,
    in_currency,
    in_soles,
    net_pending,
    reckon,
)

D = Decimal


def asked(price: str = "100", affectation: str = "10", rate: str = "18", quantity: str = "1", **more: Any) -> LineInput:
    return LineInput(quantity=D(quantity), unit_amount=D(price), affectation=affectation, rate=D(rate), **more)


def off(code: str, amount: str = "", percent: str = "", base: str = "") -> Adjustment:
    return Adjustment(code=code, amount=D(amount) if amount else None, percent=D(percent) if percent else None,
                      base=D(base) if base else None)


def paid(base: str, total: str, affectation: str = "taxed", isc: str = "0") -> AdvanceInput:
    return AdvanceInput(affectation=affectation, base=D(base), total=D(total), isc=D(isc))  # type: ignore[arg-type]


def totals(*lines: LineInput, **more: Any) -> Totals:
    return reckon(lines, **more).totals


def rows(found: Totals) -> dict[str, tuple[Decimal, Decimal]]:
    return {tax.tribute: (tax.base, tax.amount) for tax in found.taxes}


def refusal(*lines: LineInput, **more: Any) -> str:
    with pytest.raises(FormatError) as caught:
        totals(*lines, **more)
    return caught.value.reason


def test_a_discount_of_the_whole_takes_from_the_taxed_lines_only() -> None:
    found = totals(asked(), asked("50", "20"), adjustments=[off("02", percent="10")])
    assert rows(found) == {"1000": (D("90.00"), D("16.20")), "9997": (D("50.00"), D("0.00"))}
    assert (found.value, found.price, found.payable) == (D("140.00"), D("156.20"), D("156.20"))
    (row,) = found.allowances
    assert (row.amount, row.base, row.factor, row.tax) == (D("10.00"), D("100.00"), D("0.1"), D("1.80"))


def test_a_charge_of_the_whole_bears_tax() -> None:
    found = totals(asked(), adjustments=[off("49", "10")])
    assert (found.value, found.tax_total, found.payable) == (D("110.00"), D("19.80"), D("129.80"))
    assert found.charge_total == 0, "only charges outside the base are in ChargeTotalAmount (3301)"


def test_percentages_of_the_whole_do_not_compound_and_keep_their_order() -> None:
    found = totals(asked(), adjustments=[off("03", percent="10"), off("02", percent="10"), off("49", percent="5")])
    assert [(row.code, row.amount, row.base) for row in found.allowances] == [
        ("03", D("11.21"), D("112.10")), ("02", D("10.00"), D("100.00")), ("49", D("5.00"), D("100.00")),
    ]


def test_a_discount_of_everything_leaves_no_tax() -> None:
    """Three lines of 0.33 bear 0.06 each; 18 % of 0.99 is 0.18, and of nothing nothing."""
    found = totals(asked("0.33"), asked("0.33"), asked("0.36"), adjustments=[off("02", percent="100")])
    assert (found.value, found.tax_total, found.payable) == (0, 0, 0)


@pytest.mark.parametrize("lines", [[asked("50", "20")], [asked("50", "40")], [asked("50", "11")]])
def test_a_discount_that_moves_the_base_needs_one(lines: list[LineInput]) -> None:
    assert refusal(*lines, adjustments=[off("02", "1")]) == "adjustment_base"


def test_a_discount_larger_than_the_taxed_lines_is_refused() -> None:
    assert refusal(asked(), asked("500", "20"), adjustments=[off("02", "100.01")]) == "discount"
    assert refusal(asked(), adjustments=[off("03", "118.01")]) == "discount"


def test_what_is_outside_the_base_moves_only_what_is_to_be_paid() -> None:
    found = totals(asked(), adjustments=[off("03", "8"), off("50", "3"), off("45", "2", base="50")])
    assert (found.value, found.tax_total, found.price) == (D("100.00"), D("18.00"), D("118.00"))
    assert (found.discount_total, found.charge_total, found.payable) == (D("8.00"), D("5.00"), D("115.00"))


def test_the_service_charge_counts_on_the_value() -> None:
    found = totals(asked(), adjustments=[off("46", percent="13")])
    assert (found.charge_total, found.payable) == (D("13.00"), D("131.00"))


def test_lines_bring_their_own_discounts_outside_the_base() -> None:
    found = totals(asked(adjustments=(off("01", "8"), off("48", "3"))))
    assert (found.discount_total, found.charge_total, found.payable) == (D("8.00"), D("3.00"), D("113.00"))


def test_perception_and_retention_stand_beside_the_total() -> None:
    found = totals(asked("1000"), adjustments=[off("51", "23.60", base="1180")])
    assert found.payable == D("1180.00")
    (row,) = found.allowances
    assert (row.currency, row.factor, row.is_charge) == ("PEN", D("0.02"), True)
    (held,) = totals(asked("1000"), adjustments=[off("62", percent="3")]).allowances
    assert (held.amount, held.base, held.factor, held.is_charge) == (D("35.40"), D("1180.00"), D("0.03"), False)
    (given,) = totals(asked("1000"), adjustments=[off("62", "35.40")]).allowances
    assert given.factor == D("0.03"), "SUNAT multiplies by the factor (3263), so there is one"
    assert refusal(asked(), adjustments=[off("51", percent="2")]) == "adjustment", "its base is in soles"


def test_income_tax_withheld_lowers_what_is_to_be_paid() -> None:
    found = totals(asked("1000", "30"), adjustments=[off("63", percent="5")])
    assert (found.discount_total, found.payable) == (D("50.00"), D("950.00"))


@pytest.mark.parametrize(
    ("advances", "base", "igv", "payable"),
    [
        ([paid("40", "47.20")], "60.00", "10.80", "70.80"),
        ([paid("40", "47.20"), paid("25", "29.50")], "35.00", "6.30", "41.30"),
        ([paid("100", "118")], "0.00", "0.00", "0.00"),
        ([paid("100", "117.99")], "0.00", "0.01", "0.01"),
    ],
)
def test_advances_are_taken_out_as_they_were_paid(
    advances: list[AdvanceInput], base: str, igv: str, payable: str
) -> None:
    found = totals(asked(), advances=advances)
    assert rows(found) == {"1000": (D(base), D(igv))}
    assert (found.value, found.price) == (D("100.00"), D("118.00")), "both before advances (3278, 3279)"
    assert (found.tax_total, found.payable) == (D(igv), D(payable))


def test_an_advance_a_centimo_above_the_sale_asks_for_the_rounding() -> None:
    """Two lines of 1.14 bear 0.21 each, the advance of both 0.41; the other way round it is a céntimo short."""
    assert refusal(asked("100"), advances=[paid("100", "118.01")]) == "advance_rounding"
    found = totals(asked("100"), advances=[paid("100", "118.01")], rounding=D("0.01"))
    assert (found.tax_total, found.payable) == (0, 0)
    assert found.allowances[0].tax == D("18.00")


def test_advances_by_affectation() -> None:
    found = totals(
        asked(), asked("50", "20"), asked("30", "30"),
        advances=[paid("10", "11.80"), paid("20", "20", "exempt"), paid("5", "5", "unaffected")],
    )
    assert rows(found) == {"1000": (D("90.00"), D("16.20")), "9997": (D("30.00"), D("0.00")),
                           "9998": (D("25.00"), D("0.00"))}
    assert [row.code for row in found.allowances] == ["04", "05", "06"]
    assert found.prepaid == D("36.80")


def test_an_advance_with_isc_lowers_both_taxes() -> None:
    found = totals(asked(excise=Excise(system="01", percent=D(10))), advances=[paid("50", "64.90", isc="5")])
    assert rows(found) == {"1000": (D("50.00"), D("9.90")), "2000": (D("100.00"), D("5.00"))}
    assert [row.code for row in found.allowances] == ["04", "20"]
    assert found.payable == D("64.90")


def test_an_advance_of_an_export_leaves_its_total_alone() -> None:
    """3273 takes nothing out of the value of an export, and 3287 still wants a deduction."""
    found = totals(asked("100", "40"), advances=[paid("60", "60", "unaffected")])
    assert rows(found) == {"9995": (D("100.00"), D("0.00"))}
    assert (found.allowances[0].code, found.payable) == ("06", D("40.00"))


def test_an_advance_of_rice_is_taxed() -> None:
    found = totals(asked("100", "17", "4"), advances=[paid("50", "52")])
    assert rows(found) == {"1016": (D("50.00"), D("2.00"))}


@pytest.mark.parametrize(
    ("advance", "reason"),
    [
        (paid("101", "119.18"), "advance"),
        (paid("10", "15"), "advance_tax"),
        (paid("10", "9"), "advance"),
        (paid("10", "11.80", "exempt"), "advance"),
        (paid("10", "10", "exempt"), "advance"),
        (paid("10", "16.80", isc="5"), "advance"),
        (paid("0", "1"), "advance"),
    ],
)
def test_an_advance_that_does_not_fit_is_refused(advance: AdvanceInput, reason: str) -> None:
    assert refusal(asked(), advances=[advance]) == reason


def test_rounding_is_one_unit_at_most() -> None:
    assert totals(asked("100.03"), rounding=D("-0.04")).payable == D("118.00")
    assert refusal(asked(), rounding=D("1.01")) == "rounding"


def test_an_all_free_voucher_comes_to_nothing_but_its_bags() -> None:
    found = totals(asked(affectation="11"), asked("20", "31"), asked("0.10", "31", quantity="4", bags=4,
                                                                     bag_tax=D("0.50")))
    assert rows(found) == {"9996": (D("120.40"), D("18.00")), "7152": (0, D("2.00"))}
    assert (found.value, found.tax_total, found.payable) == (0, D("2.00"), D("2.00"))


def test_the_isc_of_free_lines_is_in_no_total() -> None:
    found = totals(asked(affectation="11", excise=Excise(system="01", percent=D(10))), asked())
    assert rows(found) == {"1000": (D("100.00"), D("18.00")), "9996": (D("100.00"), D("19.80"))}


def test_the_total_of_a_tribute_is_the_value_without_isc() -> None:
    found = totals(asked(excise=Excise(system="01", percent=D(10))))
    assert rows(found) == {"1000": (D("100.00"), D("19.80")), "2000": (D("100.00"), D("10.00"))}
    assert found.payable == D("129.80")


def test_a_seller_of_the_nrus_shows_no_igv_and_may_give_a_discount() -> None:
    found = totals(asked(rate="0"), adjustments=[off("02", "10")], advances=[paid("20", "20")])
    assert rows(found) == {"1000": (D("70.00"), 0)}
    assert found.payable == D("70.00")


def test_a_code_of_a_line_is_none_of_the_whole() -> None:
    assert refusal(asked(), adjustments=[off("00", "1")]) == "adjustment"
    assert refusal(asked(), adjustments=[off("02", "1", "1")]) == "adjustment"


def test_many_lines_leave_room_for_what_their_discounts_round() -> None:
    """217 lines of 0.03 drift 0.998: SUNAT bears it, but not with half a céntimo of each discount on top (3291)."""
    lines = [asked("0.03")] * 217
    alone = reckon(lines)
    assert alone.lines == alone.rounded
    found = reckon(lines, adjustments=[off("02", "0.03")])
    assert found.lines != found.rounded
    assert abs(found.totals.tax_total - found.totals.value * D("0.18")) <= 1


def test_lines_of_rice_are_balanced_too() -> None:
    found = reckon([asked("0.38", "17", "4")] * 300)
    assert abs(found.totals.tax_total - found.totals.value * D("0.04")) <= 1


@pytest.mark.parametrize("mode", list(PriceMode))
@pytest.mark.parametrize(
    "adjustments",
    [
        [off("02", "7.77")], [off("02", percent="33.33")], [off("49", "0.05")], [off("03", "11.11")],
        [off("02", percent="10"), off("03", percent="5"), off("46", percent="10"), off("50", "2")],
    ],
    ids=["money", "percent", "charge", "price", "all"],
)
def test_a_note_comes_to_what_its_invoice_came_to(mode: PriceMode, adjustments: list[Adjustment]) -> None:
    lines = [asked("33.33", price_mode=mode), asked("10.01", quantity="3", price_mode=mode),
             asked("19.99", "20", price_mode=mode), asked("5", "11", price_mode=mode)]
    invoice, note = reckon(lines, adjustments=adjustments), reckon(lines, adjustments=adjustments, note=True)
    assert note.totals.payable == invoice.totals.payable
    assert note.totals.discount_total == 0
    assert all(row.code in ("46", "50") for row in note.totals.allowances)
    if "03" not in {row.code for row in adjustments}:
        assert rows(note.totals) == rows(invoice.totals)
    for line, quantity in zip(note.lines, note.quantities, strict=True):
        assert line.allowances == ()
        assert abs((line.unit_price if line.free else line.unit_value) * quantity - line.value) <= 1, "3271"


def test_a_note_says_the_charges_of_its_lines_with_those_of_the_whole() -> None:
    lines = [
        asked("100", adjustments=(off("48", "5"), off("01", "3"))), asked("50", adjustments=(off("48", percent="2"),)),
    ]
    changes = [off("46", percent="10"), off("03", "1")]
    invoice, note = reckon(lines, adjustments=changes), reckon(lines, adjustments=changes, note=True)
    assert note.totals.payable == invoice.totals.payable
    assert note.totals.charge_total == invoice.totals.charge_total == D("21.00")
    assert [(row.code, row.amount) for row in note.totals.allowances] == [
        ("46", D("15.00")), ("50", D("5.00")), ("50", D("1.00")),
    ]
    for line, quantity in zip(note.lines, note.quantities, strict=True):
        assert line.allowances == ()
        assert line.unit_price * quantity == line.price


def test_a_discount_beyond_the_lines_of_a_note_is_taken_from_its_charges() -> None:
    lines = [asked("100"), asked("50", "20")]  # 168.00
    changes = [off("46", "20"), off("50", "30"), off("03", "200")]
    invoice, note = reckon(lines, adjustments=changes), reckon(lines, adjustments=changes, note=True)
    assert note.totals.payable == invoice.totals.payable == D("18.00")
    assert [(row.code, row.amount) for row in note.totals.allowances] == [("46", D("18.00"))]
    assert all(line.value == 0 for line in note.lines)
    with pytest.raises(FormatError):
        reckon(lines, adjustments=[off("50", "30"), off("03", "198.01")], note=True)


@pytest.mark.parametrize("code", ["51", "62", "63", "04", "01"])
def test_what_a_note_cannot_carry_is_refused(code: str) -> None:
    worked = compute_line(asked())
    with pytest.raises(FormatError) as caught:
        fold_adjustments([worked], [D(1)], [off(code, "1", base="1")])
    assert caught.value.reason == "note_adjustment"


def test_what_is_left_to_collect() -> None:
    found = compute_totals([compute_line(asked("1000"))], adjustments=[off("62", percent="3")])
    assert net_pending(found) == D("1144.60")
    assert net_pending(found, detraction=D("141.60"), paid=D("3.00")) == D("1000.00")
    with pytest.raises(FormatError):
        net_pending(found, detraction=D("1144.61"))


def test_soles_and_another_currency() -> None:
    assert in_currency(D("142"), D("3.75")) == D("37.87")
    assert in_currency(D("142"), None) == D("142")
    assert in_soles(D("37.87"), D("3.75")) == D("142.01")
    with pytest.raises(FormatError):
        in_currency(D(1), D(0))


@pytest.mark.parametrize("whole", [
    [("02", "12.5")], [("49", "118")], [("03", "10")], [("46", "10"), ("50", "5"), ("45", "1")],
    [("02", "5"), ("03", "3"), ("46", "10")],
])
@pytest.mark.parametrize("mode", list(PriceMode))
def test_a_note_counts_percentages_as_its_sale_did(whole: list[tuple[str, str]], mode: PriceMode) -> None:
    line = LineInput(
        quantity=Decimal(7), unit_amount=Decimal("33.33"), affectation="10", rate=Decimal(18), price_mode=mode,
        adjustments=(Adjustment(code="01", percent=Decimal(30)), Adjustment(code="00", amount=Decimal(2))),
    )
    adjustments = [Adjustment(code=code, percent=Decimal(percent)) for code, percent in whole]
    sold, note = (reckon([line], adjustments=adjustments, note=note) for note in (False, True))
    assert note.totals.payable == sold.totals.payable
    assert note.totals.discount_total == 0 < sold.totals.discount_total
