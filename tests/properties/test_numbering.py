"""Whatever the voucher or summary: what we write is read back as the same, however it is padded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sunat.errors import FormatError
from sunat.numbering import (
    MAX_NUMBER,
    MAX_SUMMARY_NUMBER,
    SERIES_FORMATS,
    SummaryId,
    VoucherId,
    parse_file_name,
    parse_number,
    parse_summary,
    remaining,
)

rucs = st.from_regex(r"[12][0-9]{10}", fullmatch=True).filter(str.isascii)
summaries = st.builds(
    SummaryId, ruc=rucs, kind=st.sampled_from(["RC", "RA", "RR"]), date=st.dates(),
    number=st.integers(1, MAX_SUMMARY_NUMBER),
)


@st.composite
def vouchers(draw: st.DrawFn) -> VoucherId:
    form = draw(st.sampled_from(list(SERIES_FORMATS.values())))
    series = st.from_regex(form.pattern, fullmatch=True)
    if form.contingency:
        series |= st.from_regex(r"[0-9]{1,4}", fullmatch=True)
    series |= st.sampled_from(form.portal)
    return VoucherId(
        ruc=draw(rucs), type_code=form.type_code, series=draw(series), number=draw(st.integers(1, MAX_NUMBER)),
    )


@given(vouchers(), st.integers(1, 8), st.sampled_from(["", ".xml", ".ZIP"]))
def test_a_voucher_is_found_again_in_its_file_name(voucher: VoucherId, width: int, extension: str) -> None:
    padded = f"{voucher.ruc}-{voucher.type_code}-{voucher.series}-{voucher.number:0{width}d}"
    assert parse_file_name(f"{voucher.file_name}{extension}") == parse_file_name(f"{padded}{extension}") == voucher
    assert parse_number(voucher.text) == parse_number(voucher.padded) == (voucher.series, voucher.number)


@given(summaries, st.integers(1, 5))
def test_a_summary_is_found_again_in_its_number(summary: SummaryId, width: int) -> None:
    day = "".join(summary.date.isoformat().split("-"))
    padded = f"{summary.kind}-{day}-{summary.number:0{width}d}"
    assert parse_summary(summary.ruc, padded) == parse_file_name(f"{summary.file_name}.zip") == summary


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_a_format_error(text: str) -> None:
    try:
        found = parse_file_name(text)
    except FormatError:
        return
    assert text.startswith(found.ruc)


@given(vouchers())
def test_what_remains_and_what_is_used_make_the_whole_series(voucher: VoucherId) -> None:
    assert voucher.number + remaining(voucher.number) == MAX_NUMBER
