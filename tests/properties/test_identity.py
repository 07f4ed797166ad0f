"""The RUC's check digit, and that nothing a caller types upsets the identity rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sunat.catalogues.ranges import CodeRanges
from sunat.errors import FormatError
from sunat.identity import IDENTITY_TYPES, RUC_PREFIXES, check_identity, identifies, is_ruc


@given(st.sampled_from(RUC_PREFIXES), st.integers(0, 99_999_999))
def test_of_ten_check_digits_one_is_right(prefix: str, middle: int) -> None:
    right = [digit for digit in range(10) if is_ruc(f"{prefix}{middle:08d}{digit}")]
    assert len(right) == 1


@given(st.sampled_from(list(IDENTITY_TYPES)), st.text(max_size=30))
def test_any_number_fits_its_document_or_is_a_format_error(code: str, number: str) -> None:
    try:
        taken = check_identity(code, number)
    except FormatError:
        return
    assert IDENTITY_TYPES[code].matches(taken)
    assert check_identity(code, taken) == taken


@given(st.text(max_size=4), st.text(max_size=15), st.text(max_size=30))
def test_who_is_identified_has_a_code_a_number_and_a_name(code: str, number: str, name: str) -> None:
    if identifies(code, number, name):
        assert code
        assert number.strip()
        assert name.strip()


@given(st.sets(st.integers(0, 2000).map(lambda number: f"{10_101_500 + number:08d}")))
def test_ranges_hold_exactly_the_codes_they_were_made_of(codes: set[str]) -> None:
    ranges = CodeRanges.parse(CodeRanges.of(codes).lines())
    assert list(ranges) == sorted(codes)
    assert len(ranges) == len(codes)
    assert {code for code in map(str, range(10_101_400, 10_103_600)) if code in ranges} == codes
