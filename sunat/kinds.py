"""One row per voucher kind: everything that differs between kinds, in one place.

Nowhere else does code ask which kind it has before it; it asks the row. A kind is added with a document, a rule
table, a template, a schema, fixtures, and its row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sunat.documents import (
    Boleta,
    CarrierGuide,
    CreditNote,
    DebitNote,
    Guide,
    Invoice,
    PerceptionCertificate,
    PurchaseSettlement,
    Retention,
    Voucher,
)
from sunat.documents.communication import Communication, Reversal, Voided
from sunat.documents.summary import MOST_LINES, VOID, Summary
from sunat.errors import FormatError
from sunat.numbering import SERIES_FORMATS, SeriesFormat
from sunat.numbering.identifiers import SummaryKind
from sunat.rules import (
    boleta,
    carrier_guide,
    credit_note,
    debit_note,
    guide,
    invoice,
    perception,
    retention,
    reversal,
    settlement,
    summary,
    voided,
)
from sunat.rules.engine import RuleTable
from sunat.transport.endpoints import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A voucher kind.

    ``code`` is SUNAT's (catalogue 01), ``stem`` the name it has in every room, ``root`` its UBL root element.
    ``issuer`` is the node of whoever issues it, ``receiver`` that of whom it is issued to, ``total`` the node of its
    sum; ``vocabulary`` is the form of its root's namespace, ``typed`` the node that
    says the code where two kinds share a root.
    ``service`` is the endpoint that takes it (``sunat.transport.endpoints``). ``spent_by_rejection`` says whether a
    CDR that rejects it uses up its number (programmer's manual 4.1).
    """

    code: str
    stem: str
    name: str
    name_en: str
    model: type[Voucher]
    root: str
    template: str
    rules: RuleTable
    series: SeriesFormat
    service: Service
    spent_by_rejection: bool
    issuer: str = "cac:AccountingSupplierParty/cac:Party"
    receiver: str = "cac:AccountingCustomerParty/cac:Party"
    total: str = "cac:LegalMonetaryTotal/cbc:PayableAmount"
    typed: str = "cbc:InvoiceTypeCode"
    vocabulary: str = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"

    @property
    def namespace(self) -> str:
        """The namespace of its root."""
        return self.vocabulary.format(self.root)


_BUYER: Final = "cac:AccountingCustomerParty/cac:Party"
_SELLER: Final = "cac:AccountingSupplierParty/cac:Party"
_AGENT: Final = "cac:AgentParty"
_RECEIVER: Final = "cac:ReceiverParty"
_WITHHELD: Final = "cbc:TotalInvoiceAmount"
_TYPE_OF_GUIDE: Final = "cbc:DespatchAdviceTypeCode"
_SENDER: Final = "cac:DespatchSupplierParty/cac:Party"
_ADDRESSEE: Final = "cac:DeliveryCustomerParty/cac:Party"
_SUNATS: Final = "urn:sunat:names:specification:ubl:peru:schema:xsd:{}-1"

KINDS: Final = (
    Kind(
        code="01", stem="invoice", name="Factura electrónica", name_en="Invoice", model=Invoice, root="Invoice",
        template="invoice.xml", rules=invoice.RULES, series=SERIES_FORMATS["01"], service=Service.BILL,
        spent_by_rejection=True,
    ),
    Kind(
        code="03", stem="boleta", name="Boleta de venta electrónica", name_en="Sales receipt", model=Boleta,
        root="Invoice", template="invoice.xml", rules=boleta.RULES, series=SERIES_FORMATS["03"],
        service=Service.BILL, spent_by_rejection=True,
    ),
    Kind(
        code="04", stem="settlement", name="Liquidación de compra electrónica", name_en="Purchase settlement",
        model=PurchaseSettlement, root="SelfBilledInvoice", template="settlement.xml", rules=settlement.RULES,
        series=SERIES_FORMATS["04"], service=Service.BILL, spent_by_rejection=True, issuer=_BUYER, receiver=_SELLER,
    ),
    Kind(
        code="07", stem="credit_note", name="Nota de crédito electrónica", name_en="Credit note", model=CreditNote,
        root="CreditNote", template="credit_note.xml", rules=credit_note.RULES, series=SERIES_FORMATS["07"],
        service=Service.BILL, spent_by_rejection=True,
    ),
    Kind(
        code="08", stem="debit_note", name="Nota de débito electrónica", name_en="Debit note", model=DebitNote,
        root="DebitNote", template="debit_note.xml", rules=debit_note.RULES, series=SERIES_FORMATS["08"],
        service=Service.BILL, spent_by_rejection=True, total="cac:RequestedMonetaryTotal/cbc:PayableAmount",
    ),
    Kind(
        code="20", stem="retention", name="Comprobante de retención electrónico", name_en="Certificate of retention",
        model=Retention, root="Retention", template="retention.xml", rules=retention.RULES,
        series=SERIES_FORMATS["20"], service=Service.OTHER_CPE, spent_by_rejection=False,
        issuer=_AGENT, receiver=_RECEIVER, total=_WITHHELD, vocabulary=_SUNATS,
    ),
    Kind(
        code="40", stem="perception", name="Comprobante de percepción electrónico",
        name_en="Certificate of perception", model=PerceptionCertificate, root="Perception",
        template="perception.xml", rules=perception.RULES, series=SERIES_FORMATS["40"], service=Service.OTHER_CPE,
        spent_by_rejection=False, issuer=_AGENT, receiver=_RECEIVER, total=_WITHHELD, vocabulary=_SUNATS,
    ),
    Kind(
        code="09", stem="guide", name="Guía de remisión electrónica - remitente", name_en="Sender's despatch guide",
        model=Guide, root="DespatchAdvice", template="guide.xml", rules=guide.RULES, series=SERIES_FORMATS["09"],
        service=Service.GUIDES, spent_by_rejection=False, issuer=_SENDER, receiver=_ADDRESSEE, typed=_TYPE_OF_GUIDE,
    ),
    Kind(
        code="31", stem="carrier_guide", name="Guía de remisión electrónica - transportista",
        name_en="Carrier's despatch guide", model=CarrierGuide, root="DespatchAdvice",
        template="carrier_guide.xml", rules=carrier_guide.RULES, series=SERIES_FORMATS["31"], service=Service.GUIDES,
        spent_by_rejection=False, issuer=_SENDER, receiver=_ADDRESSEE, typed=_TYPE_OF_GUIDE,
    ),
)

@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryForm:
    """A file about many vouchers: RC, RA or RR.

    ``repeated`` is the code by which SUNAT says that it had one of that id (2223, 2324); ``lines`` is how many go in.
    ``told`` are the codes that reception tells of the file and delivery acts on, so that no rule has to look for them.
    ``voids`` is the condition (catalogue 19) of a line that voids its voucher, "" where all lines do.
    """

    code: SummaryKind
    stem: str
    name: str
    name_en: str
    model: type[Communication]
    root: str
    template: str
    rules: RuleTable
    service: Service
    repeated: str
    told: frozenset[str]
    voids: str = ""
    lines: int = MOST_LINES

    @property
    def namespace(self) -> str:
        """The namespace of its root."""
        return _SUNATS.format(self.root)


SUMMARIES: Final = (
    SummaryForm(
        code="RC", stem="summary", name="Resumen diario de boletas", name_en="Daily summary of boletas", model=Summary,
        root="SummaryDocuments", template="summary.xml", rules=summary.RULES, service=Service.BILL, repeated="2223",
        told=frozenset({"2223"}), voids=VOID,
    ),
    SummaryForm(
        code="RA", stem="voided", name="Comunicación de baja", name_en="Communication of voided vouchers",
        model=Voided, root="VoidedDocuments", template="voided.xml", rules=voided.RULES, service=Service.BILL,
        repeated="2324",
        told=frozenset({"0127", "2324"}),
    ),
    SummaryForm(
        code="RR", stem="reversal", name="Resumen de reversiones", name_en="Summary of reversals", model=Reversal,
        root="VoidedDocuments", template="voided.xml", rules=reversal.RULES, service=Service.OTHER_CPE,
        repeated="2223", told=frozenset({"0127", "2223"}),
    ),
)

_BY_CODE: Final = {row.code: row for row in KINDS}


def kind(code: str) -> Kind:
    """The row of a SUNAT code. Raises FormatError for a kind this gateway does not issue."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise FormatError(f"{code!r} is not a kind of voucher issued here") from None


def summary_form(code: str) -> SummaryForm:
    """The row of RC, RA or RR. Raises FormatError for anything else."""
    found = next((row for row in SUMMARIES if row.code == code), None)
    if found is None:
        raise FormatError(f"{code!r} is not a kind of summary")
    return found


def kind_of(content: Voucher) -> Kind:
    """The row of a content."""
    return _BY_CODE[content.TYPE_CODE]
