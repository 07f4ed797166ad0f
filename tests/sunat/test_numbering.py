"""Series, voucher numbers, summary numbers and file names. Ids of domain/numbering.md: KOY-01 KOY-02 KOY-03."""

from __future__ import annotations

import csv
import datetime
import re

import pytest

from sunat.errors import FormatError
from sunat.numbering import (
    MAX_NUMBER,
    SERIES_FORMATS,
    SeriesFormat,
    SummaryId,
    SummaryKind,
    VoucherId,
    is_contingency,
    is_portal,
    near_end,
    parse_file_name,
    parse_number,
    parse_summary,
    remaining,
)
from tests.support.shared import shared_path

RUC = "20123456786"
DAY = datetime.date(2026, 11, 20)


def voucher(type_code: str = "01", series: str = "F001", number: int = 123) -> VoucherId:
    return VoucherId(ruc=RUC, type_code=type_code, series=series, number=number)


class TestSeries:
    """KOY-02, KOY-03: the letter belongs to the kind."""

    @pytest.mark.parametrize(("type_code", "series"), [
        ("01", "F001"), ("01", "FC01"), ("01", "F000"), ("01", "FZZZ"), ("01", "0001"), ("01", "1"), ("03", "B001"),
        ("03", "9999"), ("04", "L001"), ("04", "001"), ("07", "F001"), ("07", "FC01"), ("07", "BC01"), ("07", "0001"),
        ("08", "FD01"), ("08", "BD01"), ("09", "T002"), ("20", "R001"), ("20", "12"), ("31", "V001"), ("40", "P001"),
    ])
    def test_what_fits(self, type_code: str, series: str) -> None:
        assert SERIES_FORMATS[type_code].matches(series)

    @pytest.mark.parametrize(("type_code", "series"), [
        ("01", "B001"), ("01", "f001"), ("01", "F01"), ("01", "F0001"), ("01", ""), ("01", "F 01"), ("01", "F00Ñ"),
        ("01", "F001\n"), ("01", "00001"), ("01", "000A"), ("01", "F٠٠١"), ("03", "F001"), ("03", "BB-1"),
        ("07", "T001"),
        ("08", "FB"), ("09", "0001"), ("09", "V001"), ("20", "F001"), ("31", "0001"), ("31", "T001"), ("40", "R001"),
    ])
    def test_what_does_not(self, type_code: str, series: str) -> None:
        assert not SERIES_FORMATS[type_code].matches(series)

    @pytest.mark.parametrize("form", SERIES_FORMATS.values(), ids=lambda form: form.type_code)
    def test_the_portal_keeps_its_series_to_itself(self, form: SeriesFormat) -> None:
        assert not any(form.matches(series) for series in ("E001", "EB01", "EG01", "EG02", "EG07"))
        assert all(is_portal(series) and form.may_refer_to(series) for series in form.portal)

    def test_contingency_series_exist_for_seven_kinds_only(self) -> None:
        kinds = {code for code, form in SERIES_FORMATS.items() if form.matches("0001")}
        assert kinds == {"01", "03", "04", "07", "08", "20", "40"}

    def test_contingency_series_are_never_ours_to_number(self) -> None:
        assert not any(form.numbered("0001") for form in SERIES_FORMATS.values())
        assert is_contingency("0001")
        assert not is_contingency("00001")

    def test_the_explanation_speaks_both_languages(self) -> None:
        form = SERIES_FORMATS["07"]
        assert form.explain() == (
            "F o B y tres letras mayúsculas o dígitos (F001), o una serie de contingencia de 1 a 4 dígitos"
        )
        assert form.explain("en").startswith("F or B and three capital letters or digits (F001)")
        assert SERIES_FORMATS["09"].explain("en") == "T and three capital letters or digits (T001)"

    @pytest.mark.parametrize("type_code", sorted(SERIES_FORMATS))
    def test_the_forms_are_those_of_sunats_rule_1001(self, type_code: str) -> None:
        with shared_path("sunat", "rules", f"{type_code}.csv").open(encoding="utf-8", newline="") as file:
            rule = next(row for row in csv.DictReader(file, delimiter=";") if row["code"] == "1001")
        letters = re.findall(r"\[([A-Z])\]\[A-Z0-9\]\{3\}-\[0-9\]\{1,8\}", rule["condition"])
        form = SERIES_FORMATS[type_code]
        assert set(letters) == set(form.letters)
        assert ("[0-9]{1,4}-[0-9]{1,8}" in rule["condition"]) == form.contingency


class TestVoucherId:
    """KOY-01: series of four and a number of up to eight digits."""

    def test_its_three_spellings(self) -> None:
        assert voucher().text == "F001-123"
        assert voucher().padded == "F001-00000123"
        assert voucher().file_name == "20123456786-01-F001-123"

    def test_padding_makes_no_other_voucher(self) -> None:
        short, long = parse_file_name(f"{RUC}-01-F001-87"), parse_file_name(f"{RUC}-01-F001-00000087")
        assert short == long
        assert hash(short) == hash(long)

    def test_the_same_series_of_another_type_is_another_voucher(self) -> None:
        assert voucher("01", "F001", 1) != voucher("07", "F001", 1)

    def test_they_sort_by_number_not_by_text(self) -> None:
        assert sorted([voucher(number=10), voucher(number=9), voucher(series="F000", number=99)]) == [
            voucher(series="F000", number=99), voucher(number=9), voucher(number=10),
        ]

    @pytest.mark.parametrize("number", [1, MAX_NUMBER])
    def test_the_ends_of_the_range(self, number: int) -> None:
        assert voucher(number=number).number == number

    @pytest.mark.parametrize("number", [-1, 0, MAX_NUMBER + 1])
    def test_beyond_the_range(self, number: int) -> None:
        with pytest.raises(FormatError, match="outside 1 to 99999999"):
            voucher(number=number)

    @pytest.mark.parametrize("ruc", ["", "2012345678", "30123456786", "20123456786 ", "A0123456786"])
    def test_what_cannot_be_a_ruc(self, ruc: str) -> None:
        with pytest.raises(FormatError, match="cannot be a RUC"):
            VoucherId(ruc=ruc, type_code="01", series="F001", number=1)

    def test_an_unknown_type(self) -> None:
        with pytest.raises(FormatError, match="'12' is not a voucher type"):
            voucher("12", "F001")

    def test_a_series_of_another_type(self) -> None:
        with pytest.raises(FormatError, match=r"Series 'B001' does not fit type 01: F and three"):
            voucher("01", "B001")

    def test_vouchers_of_the_portal_can_be_named(self) -> None:
        assert voucher("01", "E001", 5).text == "E001-5"
        with pytest.raises(FormatError):
            voucher("03", "E001", 5)

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(AttributeError):
            voucher().number = 2  # type: ignore[misc]


class TestParseNumber:
    @pytest.mark.parametrize(("text", "parts"), [
        ("F001-87", ("F001", 87)), ("F001-00000087", ("F001", 87)), ("E001-1", ("E001", 1)), ("EB01-12", ("EB01", 12)),
        ("0001-5", ("0001", 5)), ("1-5", ("1", 5)), ("BC01-99999999", ("BC01", 99_999_999)), ("EG07-3", ("EG07", 3)),
    ])
    def test_what_is_taken(self, text: str, parts: tuple[str, int]) -> None:
        assert parse_number(text) == parts

    @pytest.mark.parametrize("text", [
        "", "F001", "F001-", "-1", "f001-1", "F001-0", "F001-00000000", "F001-123456789", "F001-1 ", " F001-1",
        "F001-1\n",
        "F001 - 1", "F01-1", "F0011-1", "00001-1", "F001-1A", "F001--1", "F001-١",
    ])
    def test_what_is_refused(self, text: str) -> None:
        with pytest.raises(FormatError):
            parse_number(text)


class TestSummaries:
    @pytest.mark.parametrize("kind", ["RC", "RA", "RR"])
    def test_its_spellings(self, kind: SummaryKind) -> None:
        summary = SummaryId(ruc=RUC, kind=kind, date=DAY, number=1)
        assert summary.text == f"{kind}-20261120-1"
        assert summary.file_name == f"20123456786-{kind}-20261120-1"
        assert parse_file_name(f"{summary.file_name}.xml") == parse_summary(RUC, summary.text) == summary

    @pytest.mark.parametrize("text", ["RC-20261120-1", "RC-20261120-001", "RC-20261120-00001"])
    def test_leading_zeros_do_not_count(self, text: str) -> None:
        assert parse_summary(RUC, text).number == 1

    @pytest.mark.parametrize("text", [
        "", "RX-20261120-1", "RC-2026112-1", "RC-20261120-", "RC-20261120-0", "RC-20261120-100000", "RC-20261320-1",
        "RC-20260230-1", "RC-00000101-1", "rc-20261120-1", "RC-20261120-1 ",
    ])
    def test_what_is_refused(self, text: str) -> None:
        with pytest.raises(FormatError):
            parse_summary(RUC, text)

    def test_the_year_keeps_four_digits(self) -> None:
        early = SummaryId(ruc=RUC, kind="RC", date=datetime.date(987, 1, 2), number=1)
        assert parse_summary(RUC, early.text) == early

    @pytest.mark.parametrize("number", [0, 100_000])
    def test_a_day_has_99999_of_a_kind(self, number: int) -> None:
        with pytest.raises(FormatError, match="outside 1 to 99999"):
            SummaryId(ruc=RUC, kind="RA", date=DAY, number=number)

    def test_an_unknown_kind(self) -> None:
        with pytest.raises(FormatError, match="RC, RA, RR"):
            SummaryId(ruc=RUC, kind="RX", date=DAY, number=1)  # type: ignore[arg-type]


class TestFileNames:
    @pytest.mark.parametrize("extension", ["", ".xml", ".XML", ".zip", ".ZIP"])
    def test_the_extension_may_be_there(self, extension: str) -> None:
        assert parse_file_name(f"{RUC}-01-F001-123{extension}") == voucher()

    def test_contingency_vouchers(self) -> None:
        assert parse_file_name(f"{RUC}-03-0001-7.zip") == voucher("03", "0001", 7)

    @pytest.mark.parametrize("name", [
        "", "F001-123", f"{RUC}-01-F001", f"{RUC}-01-F001-0", f"{RUC}-01-F001-123456789", f"{RUC}-01-B001-1",
        f"{RUC}-99-F001-1", f"{RUC}-01-f001-1", f"{RUC}-01-F001-1.Xml", f"{RUC}-01-F001-1.pdf",
        f"R-{RUC}-01-F001-1.xml",
        f"../{RUC}-01-F001-1", f"{RUC}-01-F001-1.xml\n", f"{RUC}-01-F001-1.xml.zip", "30123456786-01-F001-1",
        "2012345678-01-F001-1", f"{RUC}-RC-20261120-100000", f"{RUC}-RC-20261320-1", f"{RUC}-RX-20261120-1",
        f"{RUC}-RC1-20261120-1",
    ])
    def test_what_is_refused(self, name: str) -> None:
        with pytest.raises(FormatError):
            parse_file_name(name)


class TestEndOfASeries:
    def test_remaining(self) -> None:
        used = (0, 1, MAX_NUMBER - 1, MAX_NUMBER)
        assert [remaining(number) for number in used] == [MAX_NUMBER, MAX_NUMBER - 1, 1, 0]

    def test_near_the_end_is_the_last_hundredth(self) -> None:
        assert [near_end(number) for number in (0, 98_999_999, 99_000_000, MAX_NUMBER)] == [False, False, True, True]
