"""Amounts, dates, identities, addresses and units as a Peruvian reader writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from sunat import xml
from sunat.catalogues import UBIGEO, catalogue
from sunat.documents import Address, Party
from sunat.errors import FormatError
from sunat.money import EXACT, cents
from sunat.numbering import parse_number
from sunat.ubl.nodes import text
from sunat.ubl.printed.form import Fact, PrintedParty

_SIGNS: Final = {"PEN": "S/", "USD": "US$", "EUR": "€"}
_CURRENCIES: Final = {"PEN": "Soles", "USD": "Dólares americanos", "EUR": "Euros"}
_IDENTITIES: Final = {
    "0": "Doc. de no domiciliado", "1": "DNI", "4": "Carné de extranjería", "6": "RUC", "7": "Pasaporte",
    "A": "Cédula diplomática", "B": "Doc. del país de residencia", "C": "TIN", "D": "IN", "E": "TAM", "F": "PTP",
    "G": "Salvoconducto", "H": "CPP",
}
_UNITS: Final = {
    "NIU": "UND", "ZZ": "SERV", "KGM": "KG", "GRM": "G", "LTR": "L", "MLT": "ML", "MTR": "M", "MTK": "M²",
    "MTQ": "M³", "TNE": "TM", "GLL": "GAL", "HUR": "HORA", "DAY": "DÍA", "MON": "MES", "BX": "CAJA", "BG": "BOLSA",
    "BO": "BOTELLA", "DZN": "DOCENA", "MIL": "MILLAR", "PK": "PAQUETE", "SET": "JUEGO", "PR": "PAR", "KWH": "KWH",
    "C62": "PIEZA", "CEN": "CIENTO", "BE": "FARDO", "CT": "CARTÓN", "CA": "LATA", "SA": "SACO", "RM": "RESMA",
}
_MOST_DECIMALS: Final = Decimal("0.000001")
_ANONYMOUS: Final = frozenset({"", "-", "0", "00000000"})
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""What no reader sees and what turns the order of letters around: controls, marks of direction, private use."""
_SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
_NO_BREAK: Final = "\u00a0"


def clean(written: str) -> str:
    """A text without what cannot be printed, its white space folded.

    >>> clean("uno\\n dos\\u202e")
    'uno dos'
    """
    spaced = _SPACES.sub(" ", written).strip()
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in _INVISIBLE)


def sign(currency: str) -> str:
    """The sign before amounts of a currency; its code where it has none."""
    return _SIGNS.get(currency, currency)


def currency_name(currency: str) -> str:
    """A currency by its name in Spanish with its code, or by its code alone."""
    return f"{_CURRENCIES[currency]} ({currency})" if currency in _CURRENCIES else currency


def figure(amount: Decimal) -> str:
    """An amount without its currency.

    >>> figure(Decimal("1234567.5")), figure(Decimal("-3"))
    ('1,234,567.50', '-3.00')
    """
    return f"{cents(amount):,.2f}"


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency's sign, between them a space at which no line ends.

    >>> money(Decimal("1180"), "PEN")
    'S/\\xa01,180.00'
    """
    return f"{sign(currency)}{_NO_BREAK}{figure(amount)}"


def unit_amount(amount: Decimal | None) -> str:
    """A unit's amount: two to six decimals, "" where there is none.

    >>> unit_amount(Decimal("84.74576271")), unit_amount(Decimal("100.0000"))
    ('84.745763', '100.00')
    """
    if amount is None:
        return ""
    written = f"{amount.quantize(_MOST_DECIMALS, ROUND_HALF_UP, EXACT):,.6f}"
    whole, _, decimals = written.partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def quantity(amount: Decimal) -> str:
    """A quantity without superfluous zeros.

    >>> quantity(Decimal("1200.5000"))
    '1,200.5'
    """
    written = f"{amount:,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(rate: Decimal | None) -> str:
    """A percentage; "" where there is none.

    >>> percent(Decimal("18.00"))
    '18 %'
    """
    return "" if rate is None else f"{quantity(rate)} %"


def day(written: date) -> str:
    """A date as it is written in Peru."""
    return f"{written:%d/%m/%Y}"


def written_day(written: str) -> str:
    """A date as an XML writes it, turned to how it is read here; what is no date stays as it is.

    >>> written_day("2026-12-20"), written_day("pronto")
    ('20/12/2026', 'pronto')
    """
    try:
        return day(date.fromisoformat(written[:10]))
    except ValueError:
        return clean(written)


def unit(code: str) -> str:
    """A unit of measure (catalogue 03) by its usual short name, else by its code."""
    return _UNITS.get(code, code)


def described(number: str, code: str) -> str:
    """A code of a catalogue with its description: "037 Demás servicios gravados con el IGV"."""
    entry = catalogue(number).get(code)
    return clean(f"{code} {entry.description}") if entry else clean(code)


def voucher_name(code: str) -> str:
    """A kind of voucher (catalogue 01) by its name, else by its code."""
    entry = catalogue("01").get(code)
    return entry.description if entry else code


def padded(number: str) -> str:
    """Series and number with eight digits, or as they are written where they are not SUNAT's form.

    >>> padded("F001-87"), padded("T-9/A")
    ('F001-00000087', 'T-9/A')
    """
    try:
        series, integer = parse_number(number)
    except FormatError:
        return clean(number)
    return f"{series}-{integer:08d}"


def address(place: Address | None) -> str:
    """An address in one line; the names of its ubigeo where it does not say its district itself."""
    if place is None:
        return ""
    parts: Iterable[str] = (place.district, place.province, place.department)
    entry = catalogue(UBIGEO).get(place.ubigeo) if place.ubigeo and not any(parts) else None
    if entry is not None:
        parts = (entry.description, entry.attributes["province"], entry.attributes["department"])
    region = " - ".join(dict.fromkeys(part for part in parts if part and part != "-"))
    country = place.country if place.country not in ("", "PE") else ""
    return clean(", ".join(part for part in (place.line, place.urbanization, region, country) if part and part != "-"))


def party(told: Party, role: str) -> PrintedParty:
    """A party as it is printed; nobody's identity is printed of a customer without one."""
    named = told.identity_number not in _ANONYMOUS
    label = _IDENTITIES.get(told.identity_code, "Documento")
    return PrintedParty(
        role=role, name=clean(told.name), identity=clean(f"{label} {told.identity_number}") if named else "",
        trade_name="" if told.trade_name in ("-", told.name) else clean(told.trade_name), address=address(told.address),
    )


def facts(*told: tuple[str, str]) -> tuple[Fact, ...]:
    """The facts that are there, of pairs of label and value."""
    return tuple(Fact(label=label, value=clean(value)) for label, value in told if value)


def note(root: xml.Element) -> str:
    """The issuer's own notes: those without a code of catalogue 52."""
    found = (each for each in xml.find_all(root, "cbc:Note") if not each.get("languageLocaleID"))
    return clean(" ".join(text(each, ".") for each in found))
