"""Amounts in words and legends. The table holds the places where such writers usually stumble."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.wording import LEGENDS, Legend, LegendFacts, amount_in_words, legends_for

WHOLE = {
    0: "CERO",
    1: "UNO",
    10: "DIEZ",
    15: "QUINCE",
    16: "DIECISÉIS",
    20: "VEINTE",
    21: "VEINTIUNO",
    22: "VEINTIDÓS",
    23: "VEINTITRÉS",
    26: "VEINTISÉIS",
    29: "VEINTINUEVE",
    30: "TREINTA",
    31: "TREINTA Y UNO",
    99: "NOVENTA Y NUEVE",
    100: "CIEN",
    101: "CIENTO UNO",
    116: "CIENTO DIECISÉIS",
    199: "CIENTO NOVENTA Y NUEVE",
    200: "DOSCIENTOS",
    500: "QUINIENTOS",
    555: "QUINIENTOS CINCUENTA Y CINCO",
    700: "SETECIENTOS",
    777: "SETECIENTOS SETENTA Y SIETE",
    900: "NOVECIENTOS",
    1_000: "MIL",
    1_001: "MIL UNO",
    1_100: "MIL CIEN",
    1_180: "MIL CIENTO OCHENTA",
    2_000: "DOS MIL",
    11_000: "ONCE MIL",
    21_000: "VEINTIÚN MIL",
    21_021: "VEINTIÚN MIL VEINTIUNO",
    31_000: "TREINTA Y UN MIL",
    100_000: "CIEN MIL",
    100_100: "CIEN MIL CIEN",
    101_000: "CIENTO UN MIL",
    121_121: "CIENTO VEINTIÚN MIL CIENTO VEINTIUNO",
    201_001: "DOSCIENTOS UN MIL UNO",
    999_999: "NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE",
    1_000_000: "UN MILLÓN",
    1_000_001: "UN MILLÓN UNO",
    1_001_000: "UN MILLÓN MIL",
    1_021_000: "UN MILLÓN VEINTIÚN MIL",
    2_000_000: "DOS MILLONES",
    21_000_000: "VEINTIÚN MILLONES",
    31_000_021: "TREINTA Y UN MILLONES VEINTIUNO",
    100_000_000: "CIEN MILLONES",
    101_000_000: "CIENTO UN MILLONES",
    1_000_000_000: "MIL MILLONES",
    1_001_000_000: "MIL UN MILLONES",
    2_000_000_000: "DOS MIL MILLONES",
    21_021_021_021: "VEINTIÚN MIL VEINTIÚN MILLONES VEINTIÚN MIL VEINTIUNO",
    100_000_100_000: "CIEN MIL MILLONES CIEN MIL",
    999_999_999_999: (
        "NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE MILLONES "
        "NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE"
    ),
}


class TestAmounts:
    @pytest.mark.parametrize(("number", "words"), WHOLE.items())
    def test_whole_amounts(self, number: int, words: str) -> None:
        assert amount_in_words(Decimal(number), "PEN") == f"{words} CON 00/100 SOLES"

    @pytest.mark.parametrize(("amount", "words"), [
        ("0.01", "CERO CON 01/100"), ("0.10", "CERO CON 10/100"), ("0.5", "CERO CON 50/100"),
        ("1.99", "UNO CON 99/100"),
        ("1180.00", "MIL CIENTO OCHENTA CON 00/100"), ("100.5000", "CIEN CON 50/100"), ("1E+3", "MIL CON 00/100"),
    ])
    def test_centimos(self, amount: str, words: str) -> None:
        assert amount_in_words(Decimal(amount), "PEN") == f"{words} SOLES"

    @pytest.mark.parametrize(("currency", "plural"), [
        ("PEN", "SOLES"), ("USD", "DÓLARES AMERICANOS"), ("EUR", "EUROS"), ("BRL", "REALES"), ("THB", "BAHT"),
    ])
    def test_currencies(self, currency: str, plural: str) -> None:
        assert amount_in_words(Decimal(2), currency) == f"DOS CON 00/100 {plural}"

    @pytest.mark.parametrize("amount", ["-0.01", "1000000000000", "NaN", "Infinity", "-Infinity", "sNaN"])
    def test_amounts_beyond_a_voucher_are_refused(self, amount: str) -> None:
        with pytest.raises(FormatError, match=r"must lie between 0 and 999999999999\.99"):
            amount_in_words(Decimal(amount), "PEN")

    def test_fractions_of_a_centimo_are_refused(self) -> None:
        with pytest.raises(FormatError, match="more than two decimals"):
            amount_in_words(Decimal("1.005"), "PEN")

    @pytest.mark.parametrize("currency", ["", "pen", "SOL", "PEN "])
    def test_unknown_currencies_are_refused(self, currency: str) -> None:
        with pytest.raises(FormatError, match="catalogue 02"):
            amount_in_words(Decimal(1), currency)


class TestLegends:
    def test_every_voucher_says_its_amount_in_words(self) -> None:
        assert legends_for(LegendFacts(total=Decimal("118.00"), currency="USD")) == (
            Legend(code="1000", text="SON: CIENTO DIECIOCHO CON 00/100 DÓLARES AMERICANOS"),
        )

    def test_the_codes_are_those_of_catalogue_52(self) -> None:
        assert all(code in catalogue("52") for code in LEGENDS)

    def test_the_longest_fits_into_a_note(self) -> None:
        longest = Decimal("454454454454.99")
        texts = [legends_for(LegendFacts(total=longest, currency=entry.code))[0].text for entry in catalogue("02")]
        assert 190 < max(len(text) for text in texts) <= 200

    def test_a_unit_of_account_with_a_sentence_for_a_name_goes_by_its_code(self) -> None:
        assert amount_in_words(Decimal(1), "XBA") == "UNO CON 00/100 XBA"

    def test_what_the_voucher_is_about_brings_its_legend(self) -> None:
        facts = LegendFacts(
            total=Decimal(0), currency="PEN", free=True, perception=True, itinerant=True, detraction=True, ivap=True
        )
        assert [legend.code for legend in legends_for(facts)] == ["1000", "1002", "2000", "2005", "2006", "2007"]
        assert legends_for(facts)[1].text == "TRANSFERENCIA GRATUITA DE UN BIEN Y/O SERVICIO PRESTADO GRATUITAMENTE"

    def test_the_issuers_own_stand_between_them_with_the_texts_of_the_catalogue(self) -> None:
        facts = LegendFacts(total=Decimal(10), currency="PEN", detraction=True)
        extra = (
            Legend(code="2006", text=""), Legend(code="2001", text="otra cosa"),
            Legend(code="2012", text="TRASLADO A ALMACÉN"),
        )
        found = {legend.code: legend.text for legend in legends_for(facts, extra)}
        assert list(found) == ["1000", "2001", "2006", "2012"]
        assert found["2001"].startswith("BIENES TRANSFERIDOS EN LA AMAZONÍA")
        assert found["2012"] == "TRASLADO A ALMACÉN"

    @pytest.mark.parametrize("legend", [Legend(code="9999", text="x"), Legend(code="2012", text="")])
    def test_an_unknown_one_or_one_without_its_text_is_refused(self, legend: Legend) -> None:
        with pytest.raises(FormatError) as refused:
            legends_for(LegendFacts(total=Decimal(10), currency="PEN"), (legend,))
        assert refused.value.reason == "legend"
