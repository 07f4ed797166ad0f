"""RUC, DNI and the other identity documents."""

from __future__ import annotations

import pytest

from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.identity import (
    IDENTITY_TYPES,
    check_identity,
    compact_ruc,
    identifies,
    is_ruc,
    validate_dni,
    validate_ruc,
)


class TestRuc:
    @pytest.mark.parametrize("number", ["20131312955", "20512333797", "20100070970", "10054148289", "20123456786"])
    def test_right_ones(self, number: str) -> None:
        assert validate_ruc(number) == number

    @pytest.mark.parametrize("stem", ["10", "15", "16", "17", "20"])
    def test_every_prefix_in_use_is_taken(self, stem: str) -> None:
        number = with_check_digit(f"{stem}12345678")
        assert validate_ruc(number) == number

    @pytest.mark.parametrize("stem", ["00", "11", "18", "19", "21", "30", "61", "99"])
    def test_other_prefixes_are_refused(self, stem: str) -> None:
        with pytest.raises(FormatError, match="does not start with"):
            validate_ruc(with_check_digit(f"{stem}12345678"))

    def test_the_remainders_ten_and_eleven_give_check_digits_zero_and_one(self) -> None:
        assert is_ruc("20100000050") == (with_check_digit("2010000005") == "20100000050")
        stems = [f"20100000{number:02d}" for number in range(100)]
        assert {with_check_digit(stem)[-1] for stem in stems} == set("0123456789")
        assert all(is_ruc(with_check_digit(stem)) for stem in stems)

    def test_the_message_says_which_check_digit_was_expected(self) -> None:
        with pytest.raises(FormatError, match="6 was expected"):
            validate_ruc("20123456785")

    @pytest.mark.parametrize("text", [
        "", "2012345678", "201234567860", "2012345678A", "２０１２３４５６７８６", "20123456786\x00", "PE20123456786",
    ])
    def test_what_is_not_eleven_digits_is_refused(self, text: str) -> None:
        with pytest.raises(FormatError, match="11 digits"):
            validate_ruc(text)

    @pytest.mark.parametrize("text", [" 20123456786\n", "20 12345678 6", "20-12345678-6", "20.123.456.786"])
    def test_separators_are_taken_out(self, text: str) -> None:
        assert compact_ruc(text) == validate_ruc(text) == "20123456786"


class TestDni:
    def test_right_one(self) -> None:
        assert validate_dni(" 01234567 ") == "01234567"

    @pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567A", "1234 567", "１２３４５６７８"])
    def test_wrong_ones(self, text: str) -> None:
        with pytest.raises(FormatError, match="8 digits"):
            validate_dni(text)


class TestEveryDocument:
    def test_every_code_of_catalogue_06_and_the_dash_has_a_form(self) -> None:
        assert set(IDENTITY_TYPES) == {entry.code for entry in catalogue("06")} | {"-"}

    @pytest.mark.parametrize(("code", "number"), [
        ("-", "-"), ("0", "US-12-3456789"), ("0", "0"), ("1", "41234567"), ("1", "00000000"), ("4", "001234567"),
        ("4", "N" * 15), ("6", "20123456786"), ("7", "P1234567"), ("A", "DIP-12"), ("B", "12.345.678-5"), ("H", "X1"),
    ])
    def test_what_fits(self, code: str, number: str) -> None:
        assert IDENTITY_TYPES[code].matches(number)
        assert check_identity(code, number) == number

    @pytest.mark.parametrize(("code", "number"), [
        ("-", ""), ("0", ""), ("0", "A B"), ("1", "4123456"), ("4", "N" * 16), ("6", "2012345678"),
        ("6", "20123456785"), ("7", "P\t1"), ("B", "1\u00a02"), ("G", "x" * 16),
    ])
    def test_what_does_not(self, code: str, number: str) -> None:
        with pytest.raises(FormatError):
            check_identity(code, number)

    @pytest.mark.parametrize("code", ["", "2", "66", "a", "PE-RUC"])
    def test_an_unknown_code_is_named(self, code: str) -> None:
        with pytest.raises(FormatError, match=rf"{code!r} is not a code of catalogue 06"):
            check_identity(code, "1")

    def test_the_form_alone_does_not_look_at_the_check_digit(self) -> None:
        assert IDENTITY_TYPES["6"].matches("20123456785")

    def test_the_message_names_document_and_form(self) -> None:
        with pytest.raises(FormatError, match=r"identity document 7 \(PASAPORTE\): 1 to 15 characters"):
            check_identity("7", "P 1")


class TestIdentifies:
    @pytest.mark.parametrize(("code", "number", "name"), [
        ("1", "41234567", "ROSA QUISPE"), ("6", "20123456786", "COMERCIAL VARIOS S.A.C."), ("0", "X-1", "J. Smith"),
        ("7", "P0000001", "CLIENTES VARIOS E.I.R.L."),
    ])
    def test_somebody(self, code: str, number: str, name: str) -> None:
        assert identifies(code, number, name)

    @pytest.mark.parametrize(("code", "number", "name"), [
        ("1", "00000000", "ROSA QUISPE"), ("-", "-", "ROSA QUISPE"), ("-", "41234567", "ROSA QUISPE"),
        ("0", "0", "ROSA"),
        ("", "41234567", "ROSA QUISPE"), ("1", "", "ROSA QUISPE"), ("1", " - ", "ROSA QUISPE"), ("1", "41234567", ""),
        ("1", "41234567", "  "), ("1", "41234567", "-"), ("1", "41234567", "CLIENTES VARIOS"),
        ("1", "41234567", " clientes   varios. "), ("1", "41234567", "Cliénte Varios"), ("6", "00000000000", "ACME"),
    ])
    def test_nobody(self, code: str, number: str, name: str) -> None:
        assert not identifies(code, number, name)


def with_check_digit(stem: str) -> str:
    """Modulus 11 written out, apart from the library: weights 5432765432, remainders 10 and 11 lose their tens."""
    total = sum(int(digit) * weight for digit, weight in zip(stem, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    check = 11 - total % 11
    return f"{stem}{check - 10 if check >= 10 else check}"
