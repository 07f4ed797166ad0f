"""SUNAT's answer to a voucher, the *constancia de recepción*: read from every dialect, and built for the sandbox.

Sources: programmer's manual of the SEE, section on the CDR and its annex; UBL 2.0 ApplicationResponse (SUNAT) and
2.1 (OSE). Real ones do not all follow their schema (notes before the sender, empty dates, ISO-8859-1), so they are
read by path and not validated. What cannot be read with certainty is no answer at all: CdrError, never "accepted".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Final, Literal
from xml.sax.saxutils import escape

from sunat import xml
from sunat.errors import CdrError, FormatError, SignatureError, XmlError
from sunat.numbering import parse_number, parse_summary
from sunat.signing import Signer, verify

SUNAT_RUC: Final = "20131312955"
SIGNATURE_ID: Final = "SignSUNAT"
LIMA: Final = timezone(timedelta(hours=-5), "America/Lima")
"""Lima keeps UTC-5 all year, so a CDR's local time needs no zone file."""

FIRST_OBSERVATION: Final = 4000

_ROOT: Final = "{urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2}ApplicationResponse"
_CODE: Final = re.compile(r"[0-9]{1,4}")
_NOTE: Final = re.compile(r"\s*([0-9]{3,4})\s*[-:]\s*(.*\S)?\s*", re.DOTALL)
_RUC: Final = re.compile(r"(?<![0-9])[12][0-9]{10}(?![0-9])")
_SUMMARY: Final = re.compile(r"(?:^|-)((?:RC|RA|RR)-[0-9]{8}-[0-9]{1,5})$")
_VOUCHER: Final = re.compile(r"(?:^|-)([A-Z0-9]{1,4}-[0-9]{1,8})$")
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TIME: Final = re.compile(r"([0-9]{2}:[0-9]{2}:[0-9]{2})")

SignatureState = Literal["valid", "invalid", "absent", "unchecked"]


class Outcome(Enum):
    """What a CDR says about its voucher. Observed is accepted: the voucher is valid."""

    ACCEPTED = "accepted"
    OBSERVED = "observed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """A CDR that is known to be about our voucher.

    ``code`` is "0" or four digits; ``observations`` are (code, text) pairs and ``notes`` all remarks as they came;
    ``reference`` is the voucher's series and number as SUNAT writes it, ``file_name`` ours (no extension);
    ``receiver`` the customer as ``type-number`` or ``-``; ``process_id`` SUNAT's number of the reception;
    ``received_at`` the moment of reception (Lima's zone), None where it cannot be read. ``signature`` says what
    became of the signature's verification and ``signed_by`` is the SHA-256 fingerprint of its certificate.
    ``document_hash`` is what an OSE says of the file it received ("" where nothing is said).
    """

    code: str
    description: str
    observations: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    reference: str
    file_name: str
    issuer_ruc: str
    receiver: str
    process_id: str
    received_at: datetime | None
    signature: SignatureState
    signed_by: str
    qr_link: str | None
    raw_xml: bytes = field(repr=False)
    document_hash: str = ""

    @property
    def outcome(self) -> Outcome:
        """Accepted for code 0, observed for 0 with observations or a code of that class, rejected otherwise."""
        number = int(self.code)
        if number == 0:
            return Outcome.OBSERVED if self.observations else Outcome.ACCEPTED
        return Outcome.OBSERVED if number >= FIRST_OBSERVATION else Outcome.REJECTED


def read_cdr(
    document: bytes, *, voucher_file_name: str, ruc: str, voucher_text: str, check_signature: bool = True
) -> Cdr:
    """Reads the XML of a CDR and makes sure that it answers our voucher.

    ``voucher_file_name`` is the name it was sent under (no extension), ``ruc`` its issuer's, ``voucher_text`` its
    series and number or its summary id; numbers are compared as integers. Raises CdrError when anything that decides
    is missing, unreadable or another voucher's.
    """
    try:
        root = xml.parse(xml.canonical(xml.parse(document)))  # without comments no text is in two pieces
    except XmlError as error:
        raise CdrError(f"The CDR cannot be read: {error}") from error
    if root.tag != _ROOT:
        raise CdrError(f"The answer is a {xml.name(root)}, not a CDR")
    receivers = _rucs(root, "cac:ReceiverParty")
    if receivers != {ruc}:
        raise CdrError(f"The CDR is for {', '.join(sorted(receivers)) or 'nobody'}, not for {ruc}")
    response = _response_about(root, voucher_text)
    code = (xml.text(response, "cac:Response/cbc:ResponseCode") or "").strip()
    if not _CODE.fullmatch(code):
        raise CdrError(f"The CDR's response code is {code!r}" if code else "The CDR has no response code")
    notes = tuple(note.strip() for found in xml.find_all(root, "cbc:Note") if (note := found.text or "").strip())
    signature, signed_by = _signature(root, document, check=check_signature)
    link = (xml.text(response, "cac:DocumentReference/cbc:DocumentDescription") or "").strip()
    return Cdr(
        code=_normal(code),
        description=(xml.text(response, "cac:Response/cbc:Description") or "").strip(),
        observations=_observations(notes, response), notes=notes,
        reference=_reference(response), file_name=voucher_file_name, issuer_ruc=ruc,
        receiver=_party(response, "cac:RecipientParty"), process_id=(xml.text(root, "cbc:ID") or "").strip(),
        received_at=_moment(xml.text(root, "cbc:IssueDate"), xml.text(root, "cbc:IssueTime")),
        signature=signature, signed_by=signed_by,
        qr_link=link if link.startswith(("http://", "https://")) else None, raw_xml=document,
        document_hash=(xml.text(response, ".//cbc:DocumentHash") or "").strip()[:200],
    )


def subject_of(document: bytes) -> tuple[str, str]:
    """Whose voucher a CDR is about, by itself: the issuer's RUC and the reference (series and number, or summary id).

    For CDRs that are found and not awaited; `read_cdr` proves the rest. Raises CdrError when it names no one thing.
    """
    try:
        root = xml.parse(xml.canonical(xml.parse(document)))
    except XmlError as error:
        raise CdrError(f"The CDR cannot be read: {error}") from error
    rucs = _rucs(root, "cac:ReceiverParty")
    found = {_reference(response) for response in xml.find_all(root, "cac:DocumentResponse")}
    if root.tag != _ROOT or len(rucs) != 1 or len(found) != 1:
        raise CdrError("The CDR does not say whose voucher it is about")
    reference = found.pop()
    match = _SUMMARY.search(reference) or _VOUCHER.search(reference)
    if match is None:
        raise CdrError(f"The CDR is about {reference[:60]!r}, which names no voucher")
    return rucs.pop(), match.group(1)


def build_cdr(
    *, signer: Signer, process_id: str, received_at: datetime, answered_at: datetime, issuer_ruc: str, reference: str,
    code: str, description: str, observations: Sequence[tuple[str, str]] = (), recipient: str = "-",
    qr_link: str | None = None,
) -> bytes:
    """A CDR shaped like SUNAT's, signed by a stand-in authority whose signer has the id ``SignSUNAT``.

    The moments carry their zone and are written in Lima's. ``recipient`` is the customer as ``type-number``.
    """
    received, answered = received_at.astimezone(LIMA), answered_at.astimezone(LIMA)
    notes = "".join(f"<cbc:Note>{_text(number)} - {_text(words)}</cbc:Note>" for number, words in observations)
    link = f"<cbc:DocumentDescription>{_text(qr_link)}</cbc:DocumentDescription>" if qr_link else ""
    return signer.sign_xml((
        f'<ar:ApplicationResponse xmlns:ar="{_ROOT[1:].partition("}")[0]}" xmlns:cac="{xml.CAC}" xmlns:cbc="{xml.CBC}"'
        f' xmlns:ds="{xml.DS}" xmlns:ext="{xml.EXT}">'
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent></ext:ExtensionContent></ext:UBLExtension>"
        "</ext:UBLExtensions><cbc:UBLVersionID>2.0</cbc:UBLVersionID><cbc:CustomizationID>1.0</cbc:CustomizationID>"
        f"<cbc:ID>{_text(process_id)}</cbc:ID>"
        f"<cbc:IssueDate>{received:%Y-%m-%d}</cbc:IssueDate><cbc:IssueTime>{received:%H:%M:%S}</cbc:IssueTime>"
        f"<cbc:ResponseDate>{answered:%Y-%m-%d}</cbc:ResponseDate>"
        f"<cbc:ResponseTime>{answered:%H:%M:%S}</cbc:ResponseTime>{notes}"
        f"<cac:Signature><cbc:ID>{SIGNATURE_ID}</cbc:ID><cac:SignatoryParty>{_identified(SUNAT_RUC)}"
        "<cac:PartyName><cbc:Name>SUNAT</cbc:Name></cac:PartyName></cac:SignatoryParty>"
        f"<cac:DigitalSignatureAttachment><cac:ExternalReference><cbc:URI>#{SIGNATURE_ID}</cbc:URI>"
        "</cac:ExternalReference></cac:DigitalSignatureAttachment></cac:Signature>"
        f"<cac:SenderParty>{_identified(SUNAT_RUC)}</cac:SenderParty>"
        f"<cac:ReceiverParty>{_identified(issuer_ruc)}</cac:ReceiverParty>"
        f"<cac:DocumentResponse><cac:Response><cbc:ReferenceID>{_text(reference)}</cbc:ReferenceID>"
        f"<cbc:ResponseCode>{_text(code)}</cbc:ResponseCode><cbc:Description>{_text(description)}</cbc:Description>"
        f"</cac:Response><cac:DocumentReference><cbc:ID>{_text(reference)}</cbc:ID>{link}</cac:DocumentReference>"
        f"<cac:RecipientParty>{_identified(recipient)}</cac:RecipientParty></cac:DocumentResponse>"
        "</ar:ApplicationResponse>"
    ).encode()).xml


def _identified(identity: str) -> str:
    return f"<cac:PartyIdentification><cbc:ID>{_text(identity)}</cbc:ID></cac:PartyIdentification>"


def _text(words: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", words))


def _response_about(root: xml.Element, voucher_text: str) -> xml.Element:
    responses = xml.find_all(root, "cac:DocumentResponse")
    wanted = _identity(voucher_text)
    if wanted is None:
        raise CdrError(f"{voucher_text!r} names no voucher")
    ours = [response for response in responses if _identity(_reference(response)) == wanted]
    if len(ours) != 1:
        others = ", ".join(repr(_reference(response)) for response in responses) or "nothing"
        raise CdrError(f"The CDR is about {others[:200]}, not {voucher_text}")
    return ours[0]


def _reference(response: xml.Element) -> str:
    own = (xml.text(response, "cac:Response/cbc:ReferenceID") or "").strip()
    return own or (xml.text(response, "cac:DocumentReference/cbc:ID") or "").strip()


def _identity(text: str) -> tuple[str, int] | None:
    """What a reference names, paddings apart; OSEs put type or RUC before it."""
    try:
        if summary := _SUMMARY.search(text):
            parsed = parse_summary(SUNAT_RUC, summary.group(1))
            return parsed.text, parsed.number
        if voucher := _VOUCHER.search(text):
            return parse_number(voucher.group(1))
    except FormatError:
        return None
    return None


def _normal(code: str) -> str:
    number = int(code)
    return f"{number:04d}" if number else "0"


def _observations(notes: Sequence[str], response: xml.Element) -> tuple[tuple[str, str], ...]:
    """SUNAT writes them as notes, OSEs as status reasons; a note without a code is a remark."""
    found = [(_normal(match.group(1)), match.group(2) or "") for note in notes if (match := _NOTE.fullmatch(note))]
    for status in xml.find_all(response, "cac:Response/cac:Status"):
        code = (xml.text(status, "cbc:StatusReasonCode") or "").strip()
        if _CODE.fullmatch(code) and int(code):
            found.append((_normal(code), (xml.text(status, "cbc:StatusReason") or "").strip()))
    return tuple(dict.fromkeys(found))


def _rucs(root: xml.Element, party: str) -> set[str]:
    """The RUC of a party, wherever the dialect puts it."""
    return {ruc for element in xml.find_all(root, party) for ruc in _RUC.findall(xml.all_text(element))}


def _party(response: xml.Element, party: str) -> str:
    element = xml.find(response, party)
    return "" if element is None else xml.all_text(element)


def _moment(date: str | None, time: str | None) -> datetime | None:
    """Date and time of reception; beta writes a whole timestamp into the date, and some answers leave it empty."""
    day = (date or "").strip()[:10]
    clock = _TIME.search(time or "") or _TIME.search(date or "")
    try:
        return datetime.fromisoformat(f"{day}T{clock.group(1) if clock else '00:00:00'}").replace(tzinfo=LIMA)
    except ValueError:
        return None


def _signature(root: xml.Element, document: bytes, *, check: bool) -> tuple[SignatureState, str]:
    """Beta sends a placeholder without value or certificate: that is no signature, not a bad one."""
    found = list(root.iter(f"{{{xml.DS}}}Signature"))
    if not any(xml.text(one, "ds:SignatureValue") and xml.find(one, ".//ds:X509Certificate") is not None
               for one in found):
        return "absent", ""
    if not check:
        return "unchecked", ""
    try:
        return "valid", verify(document, allow_sha1=True).certificate.fingerprint
    except (SignatureError, XmlError):
        return "invalid", ""
