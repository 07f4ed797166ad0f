"""The rules of the carrier's despatch guide (31).

What the sender's guide already tells (09) need not be told again: with one of them among the papers, goods and stops
may go without detail. Source: validation workbook of guides, 2022-10-20, sheet Guía transportista.
"""

from __future__ import annotations

from typing import Final

from sunat.documents.despatch import (
    EMPTY_PACKAGES,
    EMPTY_VEHICLE,
    PAID_BY_OTHER,
    PAID_BY_SENDER,
    PAID_BY_SUBCONTRACTOR,
    PAYER,
    SUBCONTRACTED,
    TRANSSHIPMENT,
    WHOLE_LOAD,
)
from sunat.rules import descriptive, despatch, despatch_goods, despatch_road, norms, paths
from sunat.rules.checks import calendar_day, exists, holds, in_catalogue, includes, none_of, text, zero
from sunat.rules.conditions import When, either, has, is_, like, no
from sunat.rules.despatch import (
    EARLY,
    IDENTITIES,
    ISSUER,
    NUMBER,
    PAPER,
    REQUIRED,
    RUC,
    SHORT,
    cites,
    cites_electronic,
    cites_paper_series,
    other_than,
    says,
)
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable, Severity
from sunat.rules.rows import observation

PAYERS: Final = (PAID_BY_SENDER, PAID_BY_SUBCONTRACTOR, PAID_BY_OTHER)
KNOWN: Final = (TRANSSHIPMENT, EMPTY_PACKAGES, EMPTY_VEHICLE, SUBCONTRACTED, *PAYERS, WHOLE_LOAD)

_SALES: Final = ("01", "03", "04", "12", "48")
_TELLING: Final = (*_SALES, "50", "52")
"""Papers that tell the goods, when all of them travel."""
_PERMITS: Final = ("31", "65", "66", "67", "68", "69")
WHOLE: Final = says(WHOLE_LOAD)
OTHER_PAYS: Final = says(PAID_BY_OTHER)
PASSED_ON: Final = says(SUBCONTRACTED)
DETAILED: Final = either(cites(*_TELLING) & no(WHOLE), no(cites(*_TELLING, "09", "82")))
ELSEWHERE: Final = either(
    cites_electronic("09"), cites_electronic("01", "04") & WHOLE, cites("50", "52") & WHOLE,
)
"""The goods are told by another electronic paper."""
ANNOTATED: Final = either(
    cites_paper_series("09"), cites("82"), cites_paper_series("01", "04") & WHOLE, cites("03", "12", "48") & WHOLE,
)
"""The goods are told on paper, so that a note about them may stand instead."""


def _numbers() -> tuple[Rule, ...]:
    forms = despatch.NUMBERS | {
        ("09",): despatch.series("T", "EG07", "EG02"),
        ("31",): despatch.series("V", "EG03", "EG04", paper=False),
        ("80",): despatch.DEPOSIT,
        ("82", "65", "66", "67", "68", "69"): despatch.OPAQUE,
    }
    electronic = like(NUMBER, r"[^0-9][\s\S]*")
    return (
        *despatch.papers("transportista", forms, (*_SALES, "09", "31")),
        _issued_by("sender", "el remitente", "the sender", "09", electronic),
        _issued_by("supplier", "el transportista", "the carrier", "31", electronic),
    )


def _issued_by(party: str, es: str, en: str, paper: str, electronic: When) -> Rule:
    def theirs(view: View) -> bool:
        return view.text("cac:IssuerParty/identity") == view.whole.text(f"{party}/identity")

    return Rule("3381", ISSUER, holds(
        theirs, (f"no es {es}", f"is not {en}"),
        ("Indique el RUC de quien emitió el documento.", "Give the RUC of who issued the paper."),
        "cac:IssuerParty/identity", f"/{party}/identity"), when=has(ISSUER) & is_(PAPER, paper) & electronic)


def _at_most(code: str, most: int, when: When) -> Rule:
    def few(view: View) -> bool:
        return sum(bool(row.text("cbc:DocumentTypeCode")) for row in view.views("paper")) <= most

    return Rule(code, "paper", holds(
        few, (f"hay más de {most}", f"there are more than {most}"),
        ("Quite los documentos que sobran o emita otra guía.", "Remove papers, or issue another guide."),
        "paper", PAPER), scope="", when=when)


PAPERS: Final = (
    *_numbers(),
    _at_most("3345", 2, cites(*_PERMITS)),
    _at_most("3346", 1, no(cites(*_PERMITS)) & no(cites_electronic("09"))),
)

_SCHEME: Final = "{}/identity/@schemeID"


def _third(party: str, codes: tuple[str, str, str, str], when: When) -> tuple[Rule, ...]:
    """Somebody who must be named where the guide says so: kind of document, number, name, and the form of the name."""
    name = f"{party}/name"
    return (
        observation(codes[0], _SCHEME.format(party), REQUIRED, when=when),
        observation(codes[1], f"{party}/identity", REQUIRED, when=when),
        observation(codes[2], name, REQUIRED, when=when),
        observation(codes[3], name, SHORT, when=has(name)),
    )


PARTIES: Final = (
    *despatch.addressee(),
    Rule("2541", "sender/identity/@schemeID", REQUIRED),
    Rule("2542", "sender/identity/@schemeID", IDENTITIES, when=has("sender/identity/@schemeID")),
    Rule("3383", "sender/identity", REQUIRED),
    other_than("2560", "sender", "supplier", "el propio transportista", "the carrier"),
    *despatch.identity("3384", "sender"),
    Rule("3387", "sender/name", REQUIRED),
    observation("4422", "sender/name", SHORT, when=has("sender/name")),
    *despatch.registration(None),
    *_third("subcontractor", ("4425", "4424", "4426", "4427"), PASSED_ON),
    Rule("3391", "subcontractor/identity/@schemeID", RUC, when=has("subcontractor/identity/@schemeID")),
    other_than("3390", "subcontractor", "supplier", "el propio transportista", "the carrier"),
    *_third("payer", ("4401", "4402", "4370", "4423"), OTHER_PAYS),
    Rule("3399", "payer/identity/@schemeID", IDENTITIES, when=OTHER_PAYS & has("payer/identity/@schemeID")),
    *despatch.identity("3400", "payer"),
)


def _one_payer(view: View) -> bool:
    return sum(said.startswith(PAYER) for said in view.texts("indicator")) <= 1


SHIPMENT: Final = (
    *despatch.weight(),
    *despatch.indicators(KNOWN),
    Rule("3344", "indicator", holds(
        _one_payer, ("dice más de un pagador del flete", "names more than one payer of the freight"),
        ("Deje un solo pagador.", "Keep one payer."), "indicator"), scope=""),
    observation("4388", "indicator", includes(*PAYERS), scope=""),
    Rule("3406", "start", exists()),
    Rule("3343", "start", EARLY, scope=""),
    Rule("3407", "start", calendar_day()),
)

_FROM: Final = "origin/cac:AddressLine/cbc:Line"
_TO: Final = "destination/cac:AddressLine/cbc:Line"
_STRAIGHT: Final = no(says(TRANSSHIPMENT))

STOPS: Final = (
    Rule("2775", "origin/cbc:ID", REQUIRED),
    *despatch.ubigeo("3363", "origin", None),
    Rule("2577", _FROM, REQUIRED, when=no(cites_electronic("09")) & _STRAIGHT),
    observation("4076", _FROM, text(3, 500), when=has(_FROM)),
    *despatch.coordinates("origin"),
    Rule("2775", "destination/cbc:ID", REQUIRED, when=no(cites("09"))),
    observation("4431", "destination/cbc:ID", REQUIRED, when=cites_paper_series("09")),
    *despatch.ubigeo("3368", "destination", None),
    Rule("2574", _TO, REQUIRED, when=no(cites("09")) & _STRAIGHT),
    observation("4178", _TO, REQUIRED, when=cites_paper_series("09") & _STRAIGHT),
    observation("4068", _TO, text(3, 500), when=has(_TO)),
    *despatch.coordinates("destination"),
)
"""A sender's electronic guide may be of an itinerant seller (reason 18), who has no place of arrival: nobody but SUNAT
can tell, so that an arrival is asked for where there is no such guide."""

_UNIT: Final = "line/quantity/@unitCode"
_TEXT: Final = "line/cac:Item/cbc:Description"


def _something(view: View) -> bool:
    return any((row.number("quantity") or 0) > 0 for row in view.views("line"))


def _noted(view: View) -> bool:
    return any(
        row.text("cbc:ID") == "0" and row.text("cac:Item/cbc:Description").strip() for row in view.views("line")
    )


GOODS: Final = (
    *despatch_goods.rows(DETAILED, ("7020", "7022"), loose=despatch_goods.GOODS),
    Rule("3435", "line", holds(
        _something, ("ninguna línea tiene cantidad", "no line has a quantity"),
        ("Detalle los bienes que se transportan.", "Tell the goods that are carried."), "line", "line/quantity"),
        scope="", when=DETAILED),
    observation("4434", "line/quantity", zero(), when=ELSEWHERE),
    Rule("3458", "line/cbc:ID", none_of("0"), when=no(ANNOTATED)),
    observation("4429", "line", holds(
        _noted, ("falta la anotación sobre los bienes (línea 0)", "the note about the goods (line 0) is missing"),
        ("Describa los bienes en una línea 0.", "Describe the goods in a line 0."),
        "line", "line/cbc:ID", _TEXT), scope="", when=ANNOTATED),
    observation("4430", _TEXT, text(3, 500, blanks="any"), when=despatch_goods.NOTE & has(_TEXT)),
    observation("4320", _UNIT, in_catalogue("03"), when=has(_UNIT) & no(cites("50", "52"))),
    observation("4320", _UNIT, in_catalogue("65"), when=has(_UNIT) & cites("50", "52")),
    Rule("3352", despatch_goods.CODE, includes("7020"), scope="", when=DETAILED & cites("80")),
    Rule("3379", despatch_goods.VALUE, none_of("1"),
         when=is_(despatch_goods.CODE, despatch_goods.STANDARD) & no(cites(*_TELLING, "09", "82", "80")),
         message=("un bien normalizado necesita una constancia de depósito (80) entre los documentos relacionados",
                  "standardised goods need a certificate of deposit (80) among the related papers")),
)

_FEW_DRIVERS: Final = despatch_road.at_most_drivers("4376", "Secundario", 2, severity=Severity.OBSERVATION)

RULES: Final = RuleTable(
    "31", "DespatchAdvice",
    (*despatch.head("31", "V"), *PAPERS, *PARTIES, *SHIPMENT, *despatch_road.vehicles(None, None),
     *despatch_road.drivers(None, None), _FEW_DRIVERS, *STOPS, *GOODS,
     *descriptive.CARRIER_GUIDE, *norms.PARTIES, *norms.SENDER),
    short=paths.DESPATCH, scopes=paths.DESPATCH_SCOPES,
)
