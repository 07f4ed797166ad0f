"""What a voucher says in words: the amount in letters and the other legends of catalogue 52.

The form is the one that Peruvian vouchers print: whole units in capitals, ``CON``, the céntimos as a fraction of 100,
the currency in the plural. Legends travel in cbc:Note with their code in languageLocaleID and hold 1 to 200
characters (rule 3006 of the workbook of 2026-02-12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.money import MAX_AMOUNT, cents, to_cents

AMOUNT_IN_WORDS: Final = "1000"
"""Code of catalogue 52 for the amount in letters."""
FREE_TRANSFER: Final = "1002"
"""All lines are given away."""
PERCEPTION: Final = "2000"
ITINERANT: Final = "2005"
"""Sold by a travelling seller."""
DETRACTION: Final = "2006"
IVAP: Final = "2007"

_LONGEST_NAME: Final = 32

_SMALL: Final = (
    "", "UNO", "DOS", "TRES", "CUATRO", "CINCO", "SEIS", "SIETE", "OCHO", "NUEVE", "DIEZ", "ONCE", "DOCE", "TRECE",
    "CATORCE", "QUINCE", "DIECISÉIS", "DIECISIETE", "DIECIOCHO", "DIECINUEVE", "VEINTE", "VEINTIUNO", "VEINTIDÓS",
    "VEINTITRÉS", "VEINTICUATRO", "VEINTICINCO", "VEINTISÉIS", "VEINTISIETE", "VEINTIOCHO", "VEINTINUEVE",
)
_TENS: Final = ("", "", "", "TREINTA", "CUARENTA", "CINCUENTA", "SESENTA", "SETENTA", "OCHENTA", "NOVENTA")
_HUNDREDS: Final = (
    "", "CIENTO", "DOSCIENTOS", "TRESCIENTOS", "CUATROCIENTOS", "QUINIENTOS", "SEISCIENTOS", "SETECIENTOS",
    "OCHOCIENTOS", "NOVECIENTOS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """One legend of a voucher: its code in catalogue 52 and the text to print."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendFacts:
    """What the legends of a voucher depend on. ``total`` is the amount payable in ``currency`` (ISO 4217).

    ``free``: nothing of it is charged. ``ivap``: some line bears it. ``itinerant``: it says where the goods were handed
    over, which only a travelling seller does.
    """

    total: Decimal
    currency: str
    free: bool = False
    perception: bool = False
    itinerant: bool = False
    detraction: bool = False
    ivap: bool = False


def amount_in_words(amount: Decimal, currency: str) -> str:
    """The amount in Spanish words, with the currency of catalogue 02.

    >>> amount_in_words(Decimal("1180.00"), "PEN")
    'MIL CIENTO OCHENTA CON 00/100 SOLES'
    >>> amount_in_words(Decimal("21021.50"), "USD")
    'VEINTIÚN MIL VEINTIUNO CON 50/100 DÓLARES AMERICANOS'

    Raises FormatError for an amount below zero, above 999,999,999,999.99 or with fractions of a céntimo, and for a
    currency that catalogue 02 does not have.
    """
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        raise FormatError(f"{amount} cannot be put into words: it must lie between 0 and {MAX_AMOUNT}")
    if amount != cents(amount):
        raise FormatError(f"{amount} cannot be put into words: it has more than two decimals")
    whole, fraction = divmod(to_cents(amount), 100)
    return f"{_cardinal(whole)} CON {fraction:02d}/100 {_plural(currency)}"


def _amount_legend(facts: LegendFacts) -> str:
    return f"SON: {amount_in_words(facts.total, facts.currency)}"


def _fixed(code: str, fact: Callable[[LegendFacts], bool]) -> Callable[[LegendFacts], str | None]:
    return lambda facts: catalogue("52")[code].description if fact(facts) else None


LEGENDS: Final[Mapping[str, Callable[[LegendFacts], str | None]]] = MappingProxyType({
    AMOUNT_IN_WORDS: _amount_legend,
    FREE_TRANSFER: _fixed(FREE_TRANSFER, lambda facts: facts.free),
    PERCEPTION: _fixed(PERCEPTION, lambda facts: facts.perception),
    ITINERANT: _fixed(ITINERANT, lambda facts: facts.itinerant),
    DETRACTION: _fixed(DETRACTION, lambda facts: facts.detraction),
    IVAP: _fixed(IVAP, lambda facts: facts.ivap),
})
"""By code of catalogue 52: who writes the legend. None means that this voucher does not carry it."""


def legends_for(facts: LegendFacts, extra: Iterable[Legend] = ()) -> tuple[Legend, ...]:
    """The legends that follow from what the voucher says, and the ``extra`` ones of its issuer, by their codes.

    >>> legends_for(LegendFacts(total=Decimal("100.50"), currency="PEN"))
    (Legend(code='1000', text='SON: CIEN CON 50/100 SOLES'),)

    An extra legend whose text catalogue 52 fixes has that text, whatever was given; one that follows from the voucher
    anyway is not repeated (3014). Raises FormatError where the total or its currency cannot be put into words, and with
    reason ``legend`` for an extra one that catalogue 52 does not have or whose text is missing.
    """
    texts = {code: text for code, write in LEGENDS.items() if (text := write(facts)) is not None}
    for legend in extra:
        texts.setdefault(legend.code, _extra_text(legend))
    return tuple(Legend(code=code, text=texts[code]) for code in sorted(texts))


def _extra_text(legend: Legend) -> str:
    entry = catalogue("52").get(legend.code)
    if entry is None:
        raise FormatError(f"Catalogue 52 has no legend {legend.code!r}", reason="legend")
    text = entry.description if entry.flag("fixed") else legend.text
    if not text:
        raise FormatError(f"Legend {legend.code} has a text of its own, which is missing", reason="legend")
    return text


def _plural(currency: str) -> str:
    entry = catalogue("02")[currency]
    name = entry.attributes["plural"] or entry.description.upper()
    # The largest amount leaves room for a name of this length in a note of 200 characters; units of account have more.
    return name if len(name) <= _LONGEST_NAME else currency


def _cardinal(number: int) -> str:
    """A whole number below a million millions. Millions are counted as nouns, thousands are not."""
    millions, rest = divmod(number, 1_000_000)
    parts = []
    if millions == 1:
        parts.append("UN MILLÓN")
    elif millions:
        parts.append(f"{_short(_below_million(millions))} MILLONES")
    if rest or not millions:
        parts.append(_below_million(rest))
    return " ".join(parts)


def _below_million(number: int) -> str:
    if number == 0:
        return "CERO"
    thousands, rest = divmod(number, 1000)
    parts = []
    if thousands == 1:
        parts.append("MIL")
    elif thousands:
        parts.append(f"{_short(_below_thousand(thousands))} MIL")
    if rest:
        parts.append(_below_thousand(rest))
    return " ".join(parts)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if number == 100:
        return "CIEN"
    if rest < len(_SMALL):
        low = _SMALL[rest]
    else:
        tens, units = divmod(rest, 10)
        low = f"{_TENS[tens]} Y {_SMALL[units]}" if units else _TENS[tens]
    return f"{_HUNDREDS[hundreds]} {low}".strip()


def _short(words: str) -> str:
    """The form in front of MIL and MILLONES, where UNO loses its last vowel."""
    if words.endswith("VEINTIUNO"):
        return f"{words.removesuffix('VEINTIUNO')}VEINTIÚN"
    return words.removesuffix("O") if words.endswith("UNO") else words
