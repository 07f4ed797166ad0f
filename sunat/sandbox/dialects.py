"""How three authorities say the same thing: SUNAT's beta, SUNAT's production, and an OSE.

Sources: programmer's manual of the SEE, sections on the exceptions and the CDR; SUNAT's norms for OSE (CDR in UBL 2.1
with the hash of what was received and observations as status reasons); public reports for the shape of the faults.
Beta throws an exception for some rules that production answers with a rejecting CDR, so a green run there proves
little about the number: after the exception it is free, after the CDR it is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from sunat import xml
from sunat.cdr import LIMA, SIGNATURE_ID, SUNAT_RUC, build_cdr
from sunat.numbering import SummaryId, VoucherId
from sunat.signing import Signer

_RESPONSE: Final = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
_REASONS: Final = "urn:pe:gob:sunat:cpe:see:gem:codigos:codigoretorno"
OSE_RUC: Final = "20600000005"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a CDR is to say.

    ``code`` "0" accepts; ``observations`` are (code, text) pairs; ``customer`` is ``type-number`` or ``-``; the
    moments carry their zone; ``digest`` is the SHA-256 of the XML received, base64; ``qr_link`` is what a guide's QR
    code holds ("" for other kinds).
    """

    voucher: VoucherId | SummaryId
    code: str
    description: str
    observations: Sequence[tuple[str, str]] = ()
    customer: str = "-"
    received_at: datetime
    answered_at: datetime
    process: int
    digest: str = field(default="", repr=False)
    qr_link: str = ""


Writer = Callable[[Verdict, Signer], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of answering.

    ``fault_code`` is the faultcode with a place for the number, ``bare_code`` the one without; ``thrown`` are rules
    told by an exception instead of a rejecting CDR; ``write_cdr`` writes and signs the CDR; ``any_series`` says
    whether CDRs of boletas may be asked for too, which SUNAT's query refuses.
    """

    name: str
    fault_code: str
    bare_code: str
    thrown: frozenset[str]
    write_cdr: Writer
    any_series: bool = False

    def faultcode(self, code: str) -> str:
        """The text of the element ``faultcode`` for a code, or for none."""
        return self.fault_code.format(code) if code else self.bare_code


def _sunat_cdr(verdict: Verdict, signer: Signer) -> bytes:
    return build_cdr(
        signer=signer, process_id=f"{verdict.answered_at.astimezone(LIMA):%Y%m%d%H%M%S}{verdict.process:06d}",
        received_at=verdict.received_at, answered_at=verdict.answered_at, issuer_ruc=verdict.voucher.ruc,
        reference=verdict.voucher.text, code=verdict.code, description=verdict.description,
        observations=verdict.observations, recipient=verdict.customer, qr_link=verdict.qr_link or None,
    )


def _ose_cdr(verdict: Verdict, signer: Signer) -> bytes:
    """UBL 2.1: a UUID for an id, padded numbers, status reasons for observations, and the hash of what came."""
    received, answered = verdict.received_at.astimezone(LIMA), verdict.answered_at.astimezone(LIMA)
    reasons = "".join(
        f'<cac:Status><cbc:StatusReasonCode listURI="{_REASONS}">{escape(code)}</cbc:StatusReasonCode>'
        f"<cbc:StatusReason>{escape(text)}</cbc:StatusReason></cac:Status>"
        for code, text in verdict.observations
    )
    number = verdict.voucher.padded
    kind, _, customer = verdict.customer.partition("-")
    return signer.sign_xml((
        f'<ar:ApplicationResponse xmlns:ar="{_RESPONSE}" xmlns:cac="{xml.CAC}" xmlns:cbc="{xml.CBC}"'
        f' xmlns:ds="{xml.DS}" xmlns:ext="{xml.EXT}">'
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent></ext:ExtensionContent></ext:UBLExtension>"
        "</ext:UBLExtensions><cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>1.0</cbc:CustomizationID>"
        f"<cbc:ID>{_uuid(verdict)}</cbc:ID>"
        f"<cbc:IssueDate>{received:%Y-%m-%d}</cbc:IssueDate><cbc:IssueTime>{received:%H:%M:%S}</cbc:IssueTime>"
        f"<cbc:ResponseDate>{answered:%Y-%m-%d}</cbc:ResponseDate>"
        f"<cbc:ResponseTime>{answered:%H:%M:%S}</cbc:ResponseTime>"
        f"<cac:Signature><cbc:ID>{SIGNATURE_ID}</cbc:ID><cac:SignatoryParty><cac:PartyIdentification>"
        f"<cbc:ID>{OSE_RUC}</cbc:ID></cac:PartyIdentification></cac:SignatoryParty></cac:Signature>"
        f"<cac:SenderParty>{_company(OSE_RUC)}</cac:SenderParty>"
        f"<cac:ReceiverParty>{_company(verdict.voucher.ruc)}</cac:ReceiverParty>"
        f"<cac:DocumentResponse><cac:Response><cbc:ReferenceID>{number}</cbc:ReferenceID>"
        f'<cbc:ResponseCode listAgencyName="PE:SUNAT">{escape(verdict.code)}</cbc:ResponseCode>'
        f"<cbc:Description>{escape(verdict.description)}</cbc:Description>{reasons}</cac:Response>"
        f"<cac:DocumentReference><cbc:ID>{number}</cbc:ID><cbc:DocumentTypeCode>{verdict.voucher.type_code}"
        "</cbc:DocumentTypeCode><cac:Attachment><cac:ExternalReference>"
        f"<cbc:DocumentHash>{verdict.digest}</cbc:DocumentHash></cac:ExternalReference></cac:Attachment>"
        f"</cac:DocumentReference><cac:IssuerParty>{_company(SUNAT_RUC)}</cac:IssuerParty>"
        f"<cac:RecipientParty>{_company(customer or '-', kind or '-')}</cac:RecipientParty></cac:DocumentResponse>"
        "</ar:ApplicationResponse>"
    ).encode()).xml


def _company(number: str, kind: str = "6") -> str:
    return (
        f'<cac:PartyLegalEntity><cbc:CompanyID schemeID="{escape(kind, {chr(34): "&quot;"})}">{escape(number)}'
        "</cbc:CompanyID></cac:PartyLegalEntity>"
    )


def _uuid(verdict: Verdict) -> str:
    """An id in the form of a UUID that the same run gives again."""
    stamp = f"{int(verdict.answered_at.timestamp()) & 0xFFFFFFFF:08x}"
    number = f"{verdict.voucher.number:08x}{verdict.process & 0xFFFF:04x}"
    return f"{stamp}-{verdict.voucher.ruc[-4:]}-4{verdict.voucher.type_code:0>3}-8000-{number}"


BETA: Final = Dialect(
    name="beta", fault_code="soap-env:Client.{}", bare_code="soap-env:Client",
    thrown=frozenset({"2335", "3267", "3280", "3462"}), write_cdr=_sunat_cdr,
)
"""Also what a client without an account can try; these rules are told by exceptions there, without a CDR."""

LIVE: Final = Dialect(
    name="production", fault_code="soap-env:Client.{}", bare_code="soap-env:Client", thrown=frozenset(),
    write_cdr=_sunat_cdr,
)
OSE: Final = Dialect(
    name="ose", fault_code="a:Client.{}", bare_code="a:Client", thrown=frozenset(), write_cdr=_ose_cdr,
    any_series=True,
)
"""Between the issuer and SUNAT; its faults carry a prefix of their own and its CDRs padded numbers."""
