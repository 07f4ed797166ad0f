"""Rows that credit and debit notes share: reason, modified vouchers, references.

A note's series follows what it modifies: F for facturas and the like, B for boletas and the like. What needs the
ledger's knowledge of the modified voucher lets pass what the ledger does not know. Source: workbook of 2026-02-12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat.errors import FormatError
from sunat.numbering import parse_number
from sunat.rules.checks import (
    exists,
    holds,
    in_catalogue,
    matches,
    none_of,
    not_before,
    one_of,
    present,
    single,
    text,
    unique_by,
    zero,
)
from sunat.rules.conditions import has, is_, is_not, like, no, there
from sunat.rules.context import Known
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import ELECTRONIC, MODIFIES_INVOICE, SERIES_F, WITH_BASE, observation
from sunat.rules.sale import KNOWN_ESTABLISHMENT
from sunat.rules.sale_lines import ORDER, QUANTITY

AS_FACTURA: Final = (
    "01", "05", "06", "12", "13", "15", "16", "18", "21", "28", "30", "34", "37", "42", "43", "45", "55", "11", "17",
    "23", "24", "56",
)
"""What a note of series F may modify (catalogue 01)."""
AS_BOLETA: Final = ("03", "12", "16", "55")
"""What a note of series B may modify."""
NOTHING: Final = ("", "-")

TYPE: Final = "modified/cbc:DocumentTypeCode"
NUMBER: Final = "modified/cbc:ID"
SERIES_B: Final = like("cbc:ID", "B[\\s\\S]*")
SERIES_DIGIT: Final = like("cbc:ID", "[0-9][\\s\\S]*")
_REFERENCE: Final = ("serie y número del comprobante modificado", "series and number of the modified voucher")
_FOREIGN: Final = "[a-zA-Z0-9-]{1,20}-[a-zA-Z0-9-]{1,20}"


def _same_types(view: View) -> bool:
    return len(set(view.texts(TYPE))) < 2


NOTE_HEADER: Final = (
    Rule("2075", "cbc:UBLVersionID", present()),
    Rule("1001", "cbc:ID", matches(
        "[FB][A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}",
        "una serie que empieza con F o B y un número (FC01-123)",
        "a series that starts with F or B and a number (FC01-123)")),
    Rule("2108", "cbc:IssueDate", not_before(lambda context: 3, "3 días", "3 days"),
         when=ELECTRONIC & no(SERIES_B)),
    Rule("1079", "cbc:IssueDate", not_before(lambda context: 5, "5 días", "5 days"), when=SERIES_B),
    Rule("2128", "motive", present(), scope=""),
    Rule("3203", "cac:DiscrepancyResponse", single()),
    Rule("2136", "cac:DiscrepancyResponse/cbc:Description", present(), scope=""),
    Rule("2135", "cac:DiscrepancyResponse/cbc:Description", text(1, 500),
         when=has("cac:DiscrepancyResponse/cbc:Description")),
    Rule("3029", "supplier/identity/@schemeID", present()),
    Rule("2511", "supplier/identity/@schemeID", one_of("6"), when=has("supplier/identity/@schemeID")),
    observation("4092", "supplier/cac:PartyName/cbc:Name", text(3, 1500)),
    observation("4338", "supplier/legal/cbc:RegistrationName", text(3, 1500)),
    Rule("3030", "supplier/registered/cbc:AddressTypeCode", present(), when=SERIES_F & MODIFIES_INVOICE),
    observation("4198", "supplier/registered/cbc:AddressTypeCode", present(), when=no(SERIES_F & MODIFIES_INVOICE)),
    Rule("3239", "supplier/registered/cbc:AddressTypeCode", KNOWN_ESTABLISHMENT, when=SERIES_F & MODIFIES_INVOICE),
    observation("4199", "supplier/registered/cbc:AddressTypeCode", KNOWN_ESTABLISHMENT,
                when=no(SERIES_F & MODIFIES_INVOICE)),
    Rule("2679", "customer/identity", present()),
    Rule("2679", "customer/identity/@schemeID", present()),
    Rule("2016", "customer/identity/@schemeID", in_catalogue("06", also=("-",)),
         when=has("customer/identity/@schemeID")),
    Rule("2022", "customer/legal/cbc:RegistrationName", text(3, 1000)),
    Rule("2365", "cac:BillingReference", unique_by(
        "cac:InvoiceDocumentReference/cbc:DocumentTypeCode", "cac:InvoiceDocumentReference/cbc:ID")),
    Rule("2884", "cac:BillingReference", holds(
        _same_types, ("no son todos del mismo tipo", "are not all of the same type"),
        ("Haga una nota por cada tipo de comprobante.", "Make one note for each type of voucher."), TYPE), scope=""),
    observation("4010", "related/cbc:ID", text(6, 30, blanks="none")),
    Rule("2426", "related", unique_by("cbc:DocumentTypeCode", "cbc:ID")),
)
"""The header of both notes."""

NOTE_LINES: Final = (
    Rule("2137", "line/cbc:ID", ORDER),
    Rule("2139", "line/quantity", QUANTITY),
    observation("4234", "line/cac:Item/cac:SellersItemIdentification/cbc:ID", text(1, 30)),
    observation("4084", "line/cac:Item/cbc:Description", text(3, 500, blanks="any")),
    Rule("2410", "line/price/cbc:PriceTypeCode", present(), when=there("line/price/cbc:PriceAmount")),
    Rule("2199", "line/taxes/cac:TaxCategory/cbc:TierRange", in_catalogue("08"),
         when=is_("line/taxes/tribute", "2000") & WITH_BASE),
    Rule("2642", "line/taxes/affectation", one_of("40"), when=is_("motive", "11")),
    Rule("2644", "line/taxes/affectation", one_of("17"), when=is_("motive", "12")),
    Rule("3230", "line/taxes/affectation", none_of("17"), when=is_not("motive", "12")),
    Rule("3107", "taxes/cbc:TaxableAmount", zero(), when=is_("motive", "12") & is_("taxes/tribute", "1000", "2000")),
    Rule("3107", "taxes/cbc:TaxableAmount", zero(), when=is_("motive", "11") & is_("taxes/tribute", "1000", "1016")),
    Rule("3107", "taxes/tribute", none_of("2000", "9999"), when=is_("motive", "11")),
    Rule("3221", "taxes/cbc:TaxableAmount", zero(),
         when=is_("motive", "12") & is_("taxes/tribute", "9995", "9997", "9998")),
    Rule("3221", "taxes/cbc:TaxableAmount", zero(), when=is_("motive", "11") & is_("taxes/tribute", "9997", "9998")),
)
"""The lines of both notes."""


def reason(catalogue: str, allowed: tuple[str, ...]) -> tuple[Rule, ...]:
    """2172: the reason is of catalogue 09 or 10. ``allowed`` is the list the workbook knows."""
    return (Rule("2172", "motive", in_catalogue(catalogue, also=allowed), when=has("motive")),)


def targets(*, form: str, as_factura: str, as_boleta: str, free_motive: str) -> tuple[Rule, ...]:
    """Which vouchers a note may modify and how it names them; the codes differ between the two notes.

    ``free_motive`` is the reason that needs no modified voucher (10 on credit notes, 03 on debit notes).
    """
    free = is_("motive", free_motive)
    bound = is_not("motive", free_motive)
    named = there("cac:BillingReference")
    rows = [
        Rule("2524", "modified", exists(), scope="", when=bound),
        Rule("3194", "cac:BillingReference", single(), when=is_("motive", "11")),
        Rule(form, NUMBER, matches(
            "F[A-Z0-9]{3}-[0-9]{1,8}|E001-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "serie y número de una factura (F001-123)",
            "series and number of an invoice (F001-123)"), when=is_(TYPE, "01")),
        Rule(form, NUMBER, matches(
            "B[A-Z0-9]{3}-[0-9]{1,8}|EB01-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "serie y número de una boleta (B001-123)",
            "series and number of a receipt (B001-123)"), when=is_(TYPE, "03")),
        Rule(form, NUMBER, matches(_FOREIGN, *_REFERENCE), when=is_(TYPE, *(set(AS_FACTURA) - {"01"}))),
        Rule(form, NUMBER, matches(f"({_FOREIGN})?", *_REFERENCE), when=is_not(TYPE, *AS_FACTURA, "03")),
    ]
    for code, series, kinds in (
        (as_factura, SERIES_F, AS_FACTURA), (as_boleta, SERIES_B, AS_BOLETA),
        ("2594", SERIES_DIGIT, (*AS_FACTURA, "03")),
    ):
        rows.append(Rule(code, TYPE, one_of(*kinds), when=series & bound & named))
        rows.append(Rule(code, TYPE, one_of(*kinds, *NOTHING), when=series & free & named))
    return tuple(rows)


def known(view: View) -> tuple[Known, ...]:
    """What the ledger knows of the vouchers that the note modifies; asked once. The view is the document."""
    found = view.document.memo.get("known")
    if not isinstance(found, tuple):
        found = view.document.memo["known"] = tuple(_ask(view))
    return found


def _ask(view: View) -> Iterator[Known]:
    ledger = view.document.context.ledger
    if ledger is None:
        return
    ruc = view.text("supplier/identity")
    for reference in view.views("cac:BillingReference"):
        number = reference.text("cac:InvoiceDocumentReference/cbc:ID")
        type_code = reference.text("cac:InvoiceDocumentReference/cbc:DocumentTypeCode")
        try:
            series, correlative = parse_number(number)
        except FormatError:
            continue
        found = ledger.voucher(ruc, type_code, series, correlative)
        if found is not None:
            yield found
