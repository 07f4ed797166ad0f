"""Rows that both despatch guides share: head, parties, papers that go along, weights, indicators and addresses.

Source: SUNAT's validation workbook of guides of 2022-10-20, sheets Guía remitente and Guía transportista.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sunat.catalogues import catalogue
from sunat.documents.despatch import PAYER
from sunat.rules import general
from sunat.rules.checks import (
    amount,
    blank,
    calendar_day,
    exists,
    holds,
    in_catalogue,
    matches,
    not_after,
    not_before,
    one_of,
    present,
    single,
    text,
    unique_by,
)
from sunat.rules.conditions import When, has, is_, like, no, somewhere, there
from sunat.rules.context import PERSONAL_INCOME
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import observation
from sunat.rules.shapes import Check
from sunat.terms import TERMS

TERM: Final = {row.type_code: row.days for row in TERMS}["09"]
"""Calendar days after the day of issue in which a guide must reach SUNAT; the same for both kinds."""

PAPER: Final = "paper/cbc:DocumentTypeCode"
NUMBER: Final = "paper/cbc:ID"
ISSUER: Final = "paper/cac:IssuerParty/identity"
RUC_FORM: Final = matches("[0-9]{11}", "11 dígitos", "11 digits")
SHORT: Final = text(1, 250)
REQUIRED: Final = present()
ENTITY: Final = in_catalogue("D-37")
IDENTITIES: Final = in_catalogue("06")
RUC: Final = one_of("6")
BLANK: Final = blank()


def cites(*codes: str) -> When:
    """Some paper of one of these types (catalogue 61) goes along."""
    return somewhere(is_(PAPER, *codes))


def cites_paper_series(*codes: str) -> When:
    """Some paper of these types has a series that starts with a digit: it was printed, not issued electronically."""
    return somewhere(is_(PAPER, *codes) & like(NUMBER, r"[0-9][\s\S]*"))


def cites_electronic(*codes: str) -> When:
    """Some paper of these types has a series that does not start with a digit."""
    return somewhere(is_(PAPER, *codes) & like(NUMBER, r"[^0-9][\s\S]*"))


def says(indicator: str) -> When:
    """The guide carries this indicator."""
    return somewhere(is_("indicator", indicator))


def head(code: str, letter: str) -> tuple[Rule, ...]:
    """File names, versions, number, dates and type."""
    return (
        *general.FILE,
        Rule("0306", "line", exists(), scope=""),
        Rule("2111", "cbc:UBLVersionID", REQUIRED),
        Rule("2110", "cbc:UBLVersionID", one_of("2.1"), when=has("cbc:UBLVersionID")),
        Rule("2113", "cbc:CustomizationID", REQUIRED),
        Rule("2112", "cbc:CustomizationID", one_of("2.0"), when=has("cbc:CustomizationID")),
        Rule("1001", "cbc:ID", matches(
            f"{letter}[A-Z0-9]{{3}}-[0-9]{{1,8}}", f"una serie que empieza con {letter} y un número ({letter}001-123)",
            f"a series that starts with {letter} and a number ({letter}001-123)")),
        Rule("3436", "cbc:IssueDate", calendar_day()),
        Rule("2329", "cbc:IssueDate", not_after(0)),
        Rule("2108", "cbc:IssueDate", not_before(lambda context: TERM, f"{TERM} día", f"{TERM} day")),
        Rule("3437", "cbc:IssueTime", exists()),
        Rule("3438", "cbc:IssueTime", matches(
            r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?", "una hora HH:MM:SS",
            "a time HH:MM:SS")),
        Rule("1050", "cbc:DespatchAdviceTypeCode", REQUIRED),
        Rule("1051", "cbc:DespatchAdviceTypeCode", one_of(code), when=has("cbc:DespatchAdviceTypeCode")),
        observation("4186", "cbc:Note", SHORT),
        Rule("2678", "supplier/identity/@schemeID", REQUIRED),
        Rule("2511", "supplier/identity/@schemeID", RUC, when=has("supplier/identity/@schemeID")),
        Rule("3439", "supplier/identity", holds(
            lambda view: PERSONAL_INCOME not in view.document.context.issuer_lists,
            ("es de quien solo tributa rentas personales, que no emite guías",
             "is of somebody with personal income alone, who issues no guides"),
            ("Regularice sus tributos afectos en SUNAT.", "Have SUNAT update your taxes.")), scope=""),
        Rule("1037", "supplier/name", REQUIRED),
        observation("4338", "supplier/name", SHORT, when=has("supplier/name")),
    )


def identity(code: str, party: str) -> tuple[Rule, ...]:
    """The form of a party's number by its kind of identity document."""
    number, scheme = f"{party}/identity", f"{party}/identity/@schemeID"
    return identity_at(code, number, scheme)


def identity_at(code: str, number: str, scheme: str, also: When | None = None) -> tuple[Rule, ...]:
    """The form of the number at a path by the kind of document told at another."""
    told = has(number)

    def row(check: Check, kinds: When) -> Rule:
        when = kinds & told
        return Rule(code, number, check, when=when & also if also else when)

    return (
        row(RUC_FORM, is_(scheme, "6")),
        row(matches("[0-9]{8}", "8 dígitos", "8 digits"), is_(scheme, "1")),
        row(text(1, 15, blanks="none"), no(is_(scheme, "1", "6")) & has(scheme)),
    )


def addressee() -> tuple[Rule, ...]:
    """Who receives the goods."""
    scheme = "customer/identity/@schemeID"
    return (
        Rule("2759", scheme, REQUIRED, when=has("customer/identity")),
        Rule("2760", scheme, IDENTITIES, when=has(scheme)),
        Rule("2757", "customer/identity", REQUIRED),
        *identity("2758", "customer"),
        Rule("2761", "customer/name", REQUIRED),
        observation("4152", "customer/name", SHORT, when=has("customer/name")),
    )


def other_than(code: str, party: str, whom: str, es: str, en: str, *, when: When | None = None) -> Rule:
    """A party is somebody else than another one."""
    scheme = "identity/@schemeID"

    def differs(view: View) -> bool:
        mine = (view.text(f"{party}/{scheme}"), view.text(f"{party}/identity"))
        return not mine[1] or mine != (view.text(f"{whom}/{scheme}"), view.text(f"{whom}/identity"))

    return Rule(code, f"{party}/identity", holds(
        differs, (f"es {es}", f"is {en}"), ("Indique a otra persona.", "Name somebody else."),
        f"/{party}/identity", f"/{party}/{scheme}", f"/{whom}/identity", f"/{whom}/{scheme}"), scope="", when=when)


def permit(holder: str, form: str) -> tuple[Rule, ...]:
    """A party's special authorisation and the entity (catalogue D-37) that gave it."""
    number = f"{holder}/cac:AgentParty/permit"
    return (
        observation(form, number, text(3, 50), when=has(number)),
        Rule("3353", f"{holder}/cac:AgentParty/legal", single(), when=has(number)),
        observation("4395", f"{number}/@schemeID", ENTITY, when=has(f"{number}/@schemeID")),
        observation("4394", f"{number}/@schemeID", REQUIRED, when=has(number)),
        observation("4397", number, REQUIRED, when=has(f"{number}/@schemeID")),
    )


def registration(when: When | None) -> tuple[Rule, ...]:
    """The carrier's number in the register of the ministry of transport."""
    number = "carrier/permit"
    told = has(number) & when if when else has(number)
    return (
        observation("4391", number, REQUIRED, when=when),
        observation("4392", number, matches(
            "(?!0+$)[A-Z0-9]{1,20}", "hasta 20 letras mayúsculas y números", "up to 20 capital letters and digits"),
            when=told),
        Rule("3353", "carrier/legal", single(), when=has(number)),
        *permit("carrier", "4396"),
    )


def papers(issuer: str, forms: Mapping[tuple[str, ...], Check], with_issuer: tuple[str, ...]) -> tuple[Rule, ...]:
    """What goes along: ``issuer`` names the column of catalogue 61, ``forms`` the form of numbers by type."""
    kind, number = has(PAPER), has(NUMBER)
    theirs = is_(PAPER, *with_issuer)
    return (
        observation("4371", "paper/cbc:DocumentType", REQUIRED, when=kind),
        observation("4410", PAPER, REQUIRED, when=has("paper/cbc:DocumentType")),
        observation("4372", "paper/cbc:DocumentType", text(1, 120), when=has("paper/cbc:DocumentType")),
        Rule("2692", PAPER, in_catalogue("61", where=_taken_by(issuer)), when=kind),
        Rule("3403", NUMBER, REQUIRED, when=kind),
        Rule("3340", "paper", unique_by("cbc:DocumentTypeCode", "cbc:ID", within=""), when=number),
        Rule("3376", PAPER, REQUIRED, when=number),
        *(Rule("3441", NUMBER, check, when=is_(PAPER, *codes) & number) for codes, check in forms.items()),
        Rule("3380", ISSUER, REQUIRED, when=theirs),
        Rule("3382", f"{ISSUER}/@schemeID", REQUIRED, when=theirs),
        Rule("3382", f"{ISSUER}/@schemeID", RUC, when=theirs & has(f"{ISSUER}/@schemeID")),
    )


def _taken_by(issuer: str) -> Callable[[str], bool]:
    return lambda code: catalogue("61")[code].flag(issuer)


def series(letter: str, *portal: str, paper: bool = True) -> Check:
    """Series and number of an electronic voucher, of SUNAT's portal or, where there are such, of paper."""
    forms = [f"{letter}[A-Z0-9]{{3}}", *portal]
    tail = r"|[0-9]{1,4}-(?!0+$)[0-9]{1,8}" if paper else ""
    return matches(f"({'|'.join(forms)})-(?!0+$)[0-9]{{1,8}}{tail}", f"serie y número ({letter}001-123)",
                   f"series and number ({letter}001-123)")


NUMBERS: Final[dict[tuple[str, ...], Check]] = {
    ("01",): series("F", "E001"),
    ("03",): series("B", "EB01"),
    ("04",): series("L", "E001"),
    ("12",): matches("[a-zA-Z0-9-]{1,20}-[a-zA-Z0-9-]{1,20}", "serie y número de un ticket",
                     "series and number of a ticket"),
    ("48",): matches("[0-9]{1,4}-(?!0+$)[0-9]{1,7}", "serie y número (1-123)", "series and number (1-123)"),
    ("50", "52"): matches("[0-9]{3}-[0-9]{4}-[0-9]{2}-[0-9]{1,6}", "aduana-año-régimen-número (118-2026-10-123456)",
                          "customs-year-regime-number (118-2026-10-123456)"),
}
"""Forms of numbers that both guides know."""
DEPOSIT: Final = matches("(?!0+$)[0-9]{1,15}", "hasta 15 dígitos", "up to 15 digits")
OPAQUE: Final = text(1, 100, blanks="none")


def weight() -> tuple[Rule, ...]:
    """The gross weight of the load."""
    gross = "cac:Shipment/cbc:GrossWeightMeasure"
    return (
        Rule("2880", gross, exists()),
        Rule("2523", gross, amount(12, 3, zero=False)),
        Rule("2881", f"{gross}/@unitCode", REQUIRED, when=there(gross)),
        Rule("2523", f"{gross}/@unitCode", one_of("KGM", "TNE"), when=has(f"{gross}/@unitCode")),
    )


def indicators(known: tuple[str, ...]) -> tuple[Rule, ...]:
    """What the guide may declare about the journey, each once."""
    return (
        Rule("3388", "indicator", one_of(*known), when=like("indicator", r"SUNAT_[\s\S]*")),
        Rule("3344", "indicator", unique_by(within=""), when=is_(
            "indicator", *(each for each in known if not each.startswith(PAYER)))),
        Rule("3374", "stage/cac:TransportEvent/cbc:TransportEventTypeCode", BLANK),
    )


def not_before_issue(view: View) -> bool:
    """Whether the journey starts on the issue date or later (ISO dates compare as text)."""
    started, issued = view.text("start"), view.text("cbc:IssueDate")
    return not started or not issued or started >= issued


EARLY: Final = holds(
    not_before_issue, ("es anterior a la fecha de emisión", "is before the issue date"),
    ("Use la fecha de emisión o una posterior.", "Use the issue date or a later one."), "/start", "/cbc:IssueDate")


def ubigeo(listed: str, stop: str, needed: When | None) -> tuple[Rule, ...]:
    """The district of a stop; ``listed`` is the code for one that there is not."""
    place = f"{stop}/cbc:ID"
    told = has(place) & needed if needed else has(place)
    six = like(place, "[0-9]{6}")
    return (
        Rule("2776", place, matches("[0-9]{6}", "6 dígitos", "6 digits"), when=told),
        Rule(listed, place, in_catalogue("13"), when=six & needed if needed else six),
    )


def coordinates(stop: str) -> tuple[Rule, ...]:
    """Latitude and longitude of a stop."""
    degrees = matches(
        r"[+-]?[0-9]{1,3}(\.[0-9]{1,8})?", "grados, con 8 decimales o menos", "degrees, 8 decimals at most")
    where = f"{stop}/cac:LocationCoordinate"
    return (
        Rule("3413", f"{where}/cbc:LatitudeDegreesMeasure", degrees),
        Rule("3413", f"{where}/cbc:LongitudeDegreesMeasure", degrees),
    )
