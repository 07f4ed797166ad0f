"""Rows of the sender's guide (09) about where the goods start and arrive, and the port they come in or go out by.

Source: validation workbook of guides, 2022-10-20, sheet Guía remitente.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sunat.catalogues import catalogue
from sunat.rules import descriptive, despatch
from sunat.rules.checks import holds, in_catalogue, one_of, text, words
from sunat.rules.conditions import When, has, is_, is_not, no
from sunat.rules.despatch import BLANK, REQUIRED, RUC_FORM
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.guide_conditions import CUSTOMS, PORT
from sunat.rules.rows import observation


def _at_port(stop: str) -> Callable[[View], bool]:
    def there(view: View) -> bool:
        listed = {"1": "63", "2": "64"}.get(view.text("port/cbc:LocationTypeCode"), "")
        entry = catalogue(listed).get(view.text("port/cbc:ID")) if listed else None
        return entry is None or entry.attributes["ubigeo"] == view.text(f"{stop}/cbc:ID")

    return there


def _premises(stop: str, code: str, *, alien: tuple[str, ...], missing: tuple[When, ...]) -> tuple[Rule, ...]:
    """Whose establishment a stop is: ``alien`` are the reasons for which it is not the sender's."""
    annex, owner = f"{stop}/cbc:AddressTypeCode", f"{stop}/cbc:AddressTypeCode/@listID"

    def own(view: View) -> bool:
        return view.text(owner) == view.text("supplier/identity")

    read = (f"/{owner}", "/supplier/identity")
    return (
        Rule("3410", owner, REQUIRED, when=has(annex)),
        Rule("3411", owner, holds(
            lambda view: not own(view), ("es el del remitente", "is the sender's"),
            ("Indique el RUC del dueño del establecimiento.", "Give the RUC of the establishment's owner."), *read),
            scope="", when=has(owner) & is_("reason", *alien)),
        Rule("3414", owner, holds(
            own, ("no es el del remitente", "is not the sender's"),
            ("Indique el RUC del remitente.", "Give the sender's RUC."), *read),
            scope="", when=has(owner) & is_("reason", "04")),
        Rule("3409", owner, RUC_FORM, when=has(owner)),
        *(Rule(code, annex, REQUIRED, when=when) for when in (has(owner), is_("reason", "04"), *missing)),
    )


_MOVES: Final = is_not("reason", "18")
"""The goods go somewhere; an itinerant seller's do not."""
_AWAY: Final = (
    ("no es el ubigeo del puerto o aeropuerto", "is not the port's or airport's ubigeo"),
    ("Use el ubigeo del puerto o aeropuerto.", "Use the port's or airport's ubigeo."),
)
_PORT_READS: Final = ("/port/cbc:ID", "/port/cbc:LocationTypeCode")
_FROM: Final = "origin/cac:AddressLine/cbc:Line"
_TO: Final = "destination/cac:AddressLine/cbc:Line"

STOPS: Final = (
    Rule("2775", "origin/cbc:ID", REQUIRED),
    *despatch.ubigeo("3363", "origin", None),
    Rule("3364", "origin/cbc:ID", holds(_at_port("origin"), *_AWAY, "/origin/cbc:ID", *_PORT_READS), scope="",
         when=is_("reason", "08") & has("origin/cbc:ID")),
    Rule("2577", _FROM, REQUIRED),
    observation("4076", _FROM, text(3, 500), when=has(_FROM)),
    *_premises("origin", "3365", alien=("02", "07", "08"), missing=(is_("reason", "08") & no(PORT),)),
    *despatch.coordinates("origin"),
    Rule("2775", "destination/cbc:ID", REQUIRED, when=_MOVES),
    *despatch.ubigeo("3368", "destination", _MOVES),
    Rule("3364", "destination/cbc:ID", holds(
        _at_port("destination"), *_AWAY, "/destination/cbc:ID", *_PORT_READS), scope="",
        when=is_("reason", "09") & is_("port/cbc:LocationTypeCode", "1") & has("destination/cbc:ID")),
    Rule("2574", _TO, REQUIRED, when=_MOVES),
    observation("4068", _TO, text(3, 500), when=_MOVES & has(_TO)),
    *_premises("destination", "3369", alien=("01", "03", "05", "06", "14", "17"),
               missing=(is_("reason", "09") & no(PORT),)),
    Rule("3416", "destination/cbc:AddressTypeCode", BLANK, when=is_("reason", "18")),
    *despatch.coordinates("destination"),
    observation("4413", "port/cbc:ID", REQUIRED, when=CUSTOMS & is_("port/cbc:LocationTypeCode", "1")),
    observation("4413", "port/cbc:ID", REQUIRED, when=is_("reason", "08") & is_("port/cbc:LocationTypeCode", "2")),
    Rule("3459", "port/cbc:ID", in_catalogue("63"), when=PORT & CUSTOMS & is_("port/cbc:LocationTypeCode", "1")),
    Rule("3460", "port/cbc:ID", in_catalogue("64"),
         when=PORT & is_("reason", "08") & is_("port/cbc:LocationTypeCode", "2")),
    observation("4415", "port/cbc:LocationTypeCode", REQUIRED, when=PORT & CUSTOMS),
    observation("4416", "port/cbc:LocationTypeCode", one_of("1", "2"),
                when=PORT & CUSTOMS & has("port/cbc:LocationTypeCode")),
    observation("4418", "port/cbc:Name", REQUIRED, when=PORT),
    observation("4256", "port/cbc:ID/@schemeAgencyName", words(descriptive.SUNAT)),
    *(
        row for kind, name, listed in (("1", "Puertos", "63"), ("2", "Aeropuertos", "64")) for row in (
            observation("4255", "port/cbc:ID/@schemeName", words(name), when=is_("port/cbc:LocationTypeCode", kind)),
            observation("4257", "port/cbc:ID/@schemeURI", words(
                f"urn:pe:gob:sunat:cpe:see:gem:catalogos:catalogo{listed}"),
                when=is_("port/cbc:LocationTypeCode", kind)),
        )
    ),
)
