"""Rows of the sender's guide (09) about who takes part and which papers go along: each reason has its own parties.

Source: validation workbook of guides, 2022-10-20, sheet Guía remitente.
"""

from __future__ import annotations

from typing import Final

from sunat.rules import despatch
from sunat.rules.checks import holds, includes, matches, none_of, one_of, text
from sunat.rules.conditions import When, either, has, is_, is_not
from sunat.rules.despatch import (
    BLANK,
    IDENTITIES,
    ISSUER,
    NUMBER,
    PAPER,
    REQUIRED,
    RUC,
    RUC_FORM,
    SHORT,
    cites,
    other_than,
)
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.guide_conditions import CUSTOMS, DETAILED, HIRED, PRIVATE
from sunat.rules.rows import observation

ALIEN: Final = ("01", "03", "05", "06", "09", "14", "17")
"""Reasons for which the goods go to somebody else."""
OWN: Final = ("02", "04", "07")
"""Reasons for which they come to the sender himself."""


def _papers() -> tuple[Rule, ...]:
    forms = despatch.NUMBERS | {
        ("09",): despatch.series("T", "EG07", "EG02", paper=False),
        ("49", "80"): despatch.DEPOSIT,
        ("81",): text(1, 20),
        ("71", "72", "73", "74", "75", "76", "77", "78"): despatch.OPAQUE,
    }
    regimes = {("50", "08"): "10", ("52", "08"): "18", ("50", "09"): "40", ("52", "09"): "48"}
    told = has(ISSUER)
    sold = is_(PAPER, "01", "03", "12")
    return (
        *despatch.papers("remitente", forms, ("01", "03", "04", "09", "12", "48")),
        Rule("3409", ISSUER, RUC_FORM, when=told),
        *(
            Rule("3441", NUMBER, matches(
                f"[0-9]{{3}}-[0-9]{{4}}-{regime}-[0-9]{{1,6}}", f"una declaración del régimen {regime}",
                f"a declaration of regime {regime}"), when=is_(PAPER, paper) & has(NUMBER) & is_("reason", reason))
            for (paper, reason), regime in regimes.items()
        ),
        Rule("3440", PAPER, includes("50", "52"), scope="", when=CUSTOMS),
        Rule("3445", PAPER, one_of("09", "49", "50", "52", "80"), when=has(PAPER) & CUSTOMS),
        Rule("3445", PAPER, none_of("50", "52"), when=is_not("reason", "08", "09", "13")),
        Rule("3352", "line/property/cbc:NameCode", includes("7020"), scope="", when=cites("49", "80") & DETAILED),
        _issued_by("customer", told & sold & is_("reason", "06")),
        *(
            _issued_by("supplier", told & when) for when in (
                sold & is_("reason", "01", "03"), is_(PAPER, "09"), is_(PAPER, "04", "48") & is_("reason", "02"),
            )
        ),
    )


def _issued_by(party: str, when: When) -> Rule:
    who = {"supplier": ("el remitente", "the sender"), "customer": ("el destinatario", "the addressee")}[party]

    def theirs(view: View) -> bool:
        return view.text("cac:IssuerParty/identity") == view.whole.text(f"{party}/identity")

    return Rule("3381", ISSUER, holds(
        theirs, (f"no es {who[0]}", f"is not {who[1]}"),
        ("Indique el RUC de quien emitió el documento.", "Give the RUC of who issued the paper."),
        "cac:IssuerParty/identity", f"/{party}/identity"), when=when)


PAPERS: Final = _papers()


def _same_people(view: View) -> bool:
    return all(
        view.text(f"customer/identity{at}") == view.text(f"supplier/identity{at}") for at in ("", "/@schemeID")
    )


_READ: Final = tuple(f"/{party}/identity{at}" for party in ("customer", "supplier") for at in ("", "/@schemeID"))

PEOPLE: Final = (
    *despatch.addressee(),
    Rule("3417", "customer/identity/@schemeID", RUC,
         when=has("customer/identity/@schemeID") & is_("reason", "06", "17")),
    other_than("2555", "customer", "supplier", "el propio remitente", "the sender", when=is_("reason", *ALIEN)),
    Rule("2554", "customer/identity", holds(
        lambda view: not view.text("customer/identity") or _same_people(view),
        ("no es el propio remitente, como exige el motivo de traslado", "is not the sender, as the reason asks"),
        ("Indique al remitente como destinatario.", "Name the sender as the addressee."), *_READ),
        scope="", when=is_("reason", *OWN)),
    *despatch.permit("sender", "4369"),
)


def _third(
    party: str, reasons: tuple[str, ...], *, scheme: str, listed: str, listed_for: tuple[str, ...], number: str,
    name: str, named_for: tuple[str, ...], form: str, text_form: str, elsewhere: str,
) -> tuple[Rule, ...]:
    """A third party that only some reasons have: its kind of document, its number, its name."""
    at, kind, called = f"{party}/identity", f"{party}/identity/@schemeID", f"{party}/name"
    due, alien = is_("reason", *reasons), is_not("reason", *reasons)
    return (
        Rule(scheme, kind, REQUIRED, when=due & has(at)),
        Rule(listed, kind, IDENTITIES, when=has(kind) & is_("reason", *listed_for)),
        Rule(number, at, REQUIRED, when=due & either(has(kind), has(called))),
        *despatch.identity(form, party),
        Rule(name, called, REQUIRED, when=is_("reason", *named_for) & has(at)),
        observation(text_form, called, SHORT, when=has(called)),
        *(observation(elsewhere, path, BLANK, when=alien) for path in (kind, at, called)),
    )


def _supplier_sold(view: View) -> bool:
    sellers = {
        paper.text("cac:IssuerParty/identity") for paper in view.views("paper")
        if paper.text("cbc:DocumentTypeCode") in ("01", "03", "12")
    }
    mine = view.text("seller/identity")
    return not mine or not sellers or mine in sellers


THIRD: Final = (
    *_third("seller", ("02", "07", "13"), scheme="2552", listed="3447", listed_for=("13",), number="2723", name="3449",
            named_for=("02", "07", "13"), form="2724", text_form="4106", elsewhere="4054"),
    Rule("3447", "seller/identity/@schemeID", one_of("1", "4", "6", "7"),
         when=is_("reason", "02") & has("seller/identity/@schemeID") & has("seller/identity")),
    Rule("3447", "seller/identity/@schemeID", RUC,
         when=is_("reason", "07") & has("seller/identity/@schemeID") & has("seller/identity")),
    observation("4375", "seller/identity", REQUIRED, when=is_("reason", "02", "07")),
    Rule("3442", "seller/identity", holds(
        _supplier_sold, ("no emitió ninguno de los comprobantes relacionados", "issued none of the related vouchers"),
        ("Indique a quien emitió el comprobante.", "Name who issued the voucher."),
        "/seller/identity", "/paper", f"/{PAPER}", f"/{ISSUER}"), scope="", when=is_("reason", "02", "07")),
    other_than("3448", "seller", "supplier", "el propio remitente", "the sender", when=is_("reason", "02", "07")),
    *_third("buyer", ("03", "13"), scheme="3331", listed="3332", listed_for=("03", "13"), number="3333", name="3339",
            named_for=("03",), form="3337", text_form="4381", elsewhere="4377"),
    observation("4378", "buyer/identity", REQUIRED, when=is_("reason", "03")),
    other_than("3334", "buyer", "supplier", "el propio remitente", "the sender", when=is_("reason", "03")),
    other_than("3335", "buyer", "customer", "el destinatario", "the addressee", when=is_("reason", "03")),
)

CARRIER: Final = (
    Rule("2561", "carrier/identity/@schemeID", REQUIRED, when=HIRED),
    Rule("2485", "carrier/identity/@schemeID", RUC, when=HIRED & has("carrier/identity/@schemeID")),
    Rule("2558", "carrier/identity", REQUIRED, when=HIRED),
    other_than("2560", "carrier", "supplier", "el propio remitente", "the sender", when=HIRED),
    Rule("2563", "carrier/name", REQUIRED, when=HIRED),
    observation("4165", "carrier/name", text(3, 250), when=HIRED & has("carrier/name")),
    *(
        Rule("3347", path, BLANK, when=PRIVATE)
        for path in ("carrier/identity/@schemeID", "carrier/identity", "carrier/name")
    ),
    *despatch.registration(HIRED),
)
