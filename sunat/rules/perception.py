"""The rules of the certificate of perception (40). Source: SUNAT's validation workbook, 2026-02-12, sheet Percepción.

What a certificate may cite (3312, 3325, 3327 to 3329) depends on the voucher it cites: the ledger's knowledge of it
counts, and what the ledger does not know passes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sunat.rules import norms, paths, withholding
from sunat.rules.checks import holds, in_catalogue, matches, one_of, present, single, text
from sunat.rules.conditions import When, has, is_, is_not, like, no
from sunat.rules.context import Known
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.withholding import TYPE, not_the_agent

EXCEPTIONAL: Final = is_("sac:ExceptionalIndicator", "01")


_REGIMES: Final = {"01": "51", "02": "52", "03": "53"}
"""Regimes of catalogue 22 and the codes of catalogue 53 under which a factura carries them itself."""


def _known(view: View) -> Known | None:
    """What our ledger knows of the voucher that a row cites. The view is a row."""
    ledger = view.document.context.ledger
    series, _, number = view.text("cbc:ID").partition("-")
    if ledger is None or not (number.isascii() and number.isdigit()):
        return None
    return ledger.voucher(view.whole.text("supplier/identity"), view.text("cbc:ID/@schemeID"), series, int(number))


def _cites(code: str, when: When, wrong: Callable[[View, Known], bool], es: str, en: str) -> Rule:
    """A row about the cited voucher: it must not be ``wrong`` as far as our ledger knows it."""

    def right(view: View) -> bool:
        found = _known(view)
        return found is None or not wrong(view, found)

    hint = ("Revise a qué comprobante corresponde la percepción.", "Check which voucher the perception belongs to.")
    return Rule(code, "line/cbc:ID", holds(right, (es, en), hint, "cbc:ID", TYPE.removeprefix("line/")),
                when=when & like("line/cbc:ID", "[^0-9].*"), scope="line")


def _other_regime(view: View, found: Known) -> bool:
    regime = view.whole.text("system")
    return regime in {"01", "02"} and found.perception in {"51", "52"} and found.perception != _REGIMES[regime]


FACTURA: Final = is_(TYPE, "01")
ORDINARY: Final = no(EXCEPTIONAL)

CITED: Final = (
    _cites("3312", FACTURA & ORDINARY, lambda view, found: bool(found.perception),
           "ya lleva su propia percepción", "carries its own perception already"),
    _cites("3328", is_(TYPE, "03"), lambda view, found: bool(found.perception),
           "ya lleva su propia percepción", "carries its own perception already"),
    _cites("3325", FACTURA & EXCEPTIONAL, lambda view, found: found.on_credit,
           "es al crédito y el certificado excepcional es de ventas al contado",
           "is on credit and the exceptional certificate is for cash sales"),
    _cites("3329", FACTURA & ORDINARY, lambda view, found: not found.on_credit and not found.perception,
           "es al contado: su percepción va en la propia factura o en un certificado excepcional",
           "is a cash sale: its perception belongs in the factura or in an exceptional certificate"),
    _cites("3327", FACTURA & EXCEPTIONAL, _other_regime, "es de otro régimen de percepción",
           "is of another regime of perception"),
)
"""What the cited vouchers may be, where the ledger knows them."""


OWN: Final = (
    Rule("1001", "cbc:ID", matches(
        "P[A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "una serie que empieza con P y un número (P001-123)",
        "a series that starts with P and a number (P001-123)")),
    Rule("3322", "sac:ExceptionalIndicator", one_of("01")),
    Rule("2679", "customer/identity", present()),
    Rule("2680", "customer/identity", text(1, 15), when=has("customer/identity")),
    not_the_agent("2604", "Indique el documento del cliente.", "Give the customer's document."),
    Rule("2511", "customer/identity/@schemeID", in_catalogue("06"), when=has("customer/identity/@schemeID")),
    Rule("3323", "line", single(), when=EXCEPTIONAL),
    Rule("3324", TYPE, one_of("01"), when=EXCEPTIONAL),
    Rule("2692", TYPE, one_of("01", "03", "12", "07", "08", "40"), when=has(TYPE)),
    Rule("2694", "line/cbc:ID", matches(
        "(E001|EB01|[FPB][A-Z0-9]{3}|[0-9]{4})-(?!0+$)[0-9]{1,8}", "serie y número (F001-123)",
        "series and number (F001-123)"), when=is_not(TYPE, "12") & has("line/cbc:ID")),
)

RULES: Final = RuleTable(
    "40", "Perception",
    (*withholding.rows(withholding.PERCEPTION, regimes="22", other="40", added=True), *OWN, *CITED, *norms.PARTIES),
    short=paths.PERCEPTION, scopes=paths.WITHHOLDING_SCOPES,
)
