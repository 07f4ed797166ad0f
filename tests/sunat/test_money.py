"""Exact amounts: what is a number, how it is rounded, how it is written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat import money
from sunat.errors import FormatError

D = Decimal
amounts = st.decimals(-10**12, 10**12, places=6, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "", "1,5", "uno", "1e", "0x10"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        money.decimal(text)


@pytest.mark.parametrize(
    ("given_amount", "rounded"),
    [("1.005", "1.01"), ("1.004999", "1.00"), ("-1.005", "-1.01"), ("0.5", "0.50"), ("2.675", "2.68")],
)
def test_half_a_centimo_goes_up(given_amount: str, rounded: str) -> None:
    assert str(money.cents(D(given_amount))) == rounded


@given(amounts)
def test_rounding_agrees_with_fractions(amount: Decimal) -> None:
    scaled = abs(Fraction(amount)) * 100
    expected = Fraction(int(scaled + Fraction(1, 2)), 100) * (-1 if amount < 0 else 1)
    assert Fraction(money.cents(amount)) == expected


@given(st.integers(-10**14, 10**14))
def test_storage_in_centimos_loses_nothing(number: int) -> None:
    assert money.to_cents(money.from_cents(number)) == number


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("1180", 2, "1180.00"), ("8.4745762712", 2, "8.4745762712"), ("2.50000", 2, "2.50"), ("1E+3", 2, "1000.00"),
        ("1E-7", 2, "0.0000001"), ("2.000", 0, "2"), ("0.30", 0, "0.3"), ("0", 2, "0.00"), ("1.5", 6, "1.500000"),
        ("1E+2", 0, "100"),
    ],
)
def test_amounts_are_written_without_exponent_or_idle_zeros(value: str, decimals: int, text: str) -> None:
    assert money.plain(D(value), decimals) == text


@given(amounts)
def test_what_is_written_is_read_back(amount: Decimal) -> None:
    assert money.decimal(money.plain(amount)) == amount
    assert "E" not in money.plain(amount)
