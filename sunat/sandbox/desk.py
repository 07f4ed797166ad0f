"""The desk: one voucher through SUNAT's checks in SUNAT's order, to a signed CDR or an exception.

Source: programmer's manual of the SEE 4.1 and the sheet "General" of the workbook. An exception registers nothing
and leaves the number free; a CDR, accepting or rejecting, takes the number. The wording is ours, the codes SUNAT's;
an acceptance reads as SUNAT's do (no accents), and a rejection is described by the rule that made it, as theirs are.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import count
from types import MappingProxyType
from typing import Final

from sunat import xml
from sunat.cdr import FIRST_OBSERVATION, LIMA, SIGNATURE_ID
from sunat.errors import Fault, FormatError, PackagingError, SignatureError, XmlError
from sunat.kinds import KINDS, Kind, kind
from sunat.numbering import SummaryId, VoucherId, is_contingency, parse_file_name, parse_number
from sunat.sandbox.dialects import BETA, Dialect, Verdict
from sunat.sandbox.ledger import Entry, Ledger, State
from sunat.signing import Certificate, Signer, verify
from sunat.transport.endpoints import Service
from sunat.transport.zipping import pack_cdr, unpack

FIRST_REJECTION: Final = 2000

MESSAGES: Final[Mapping[str, str]] = MappingProxyType({
    "0101": "Falta el encabezado de seguridad o no tiene usuario y clave",
    "0102": "El usuario o la clave no son correctos",
    "0103": "No existe ese usuario: se espera el RUC seguido del usuario SOL",
    "0104": "La clave no es correcta",
    "0127": "No hay un ticket con ese número",
    "0151": "El nombre del ZIP no es el de un comprobante que se reciba por este servicio",
    "0154": "El RUC del archivo no es el del usuario, ni este lo representa",
    "0155": "El ZIP llegó vacío",
    "0156": "El ZIP está dañado",
    "0157": "El ZIP no trae archivos",
    "0158": "El ZIP trae más de un archivo",
    "0159": "El nombre del XML no es el de un comprobante",
    "0160": "El XML llegó vacío",
    "0161": "El XML y el ZIP no se llaman igual",
    "0402": "El archivo ya se envió y está en proceso",
    "2223": "El archivo ya se presentó antes",
    "2324": "La comunicación de baja ya se presentó antes",
    "0305": "El contenido enviado no es base64",
    "0306": "El archivo no se puede leer como XML de un comprobante",
    "1003": "El tipo de documento del XML no es el del nombre del archivo",
    "1032": "El comprobante ya se informó y está anulado o rechazado",
    "1033": "El comprobante ya se informó antes",
    "1034": "El RUC del XML no es el del nombre del archivo",
    "1035": "La serie del XML no es la del nombre del archivo",
    "1036": "El número del XML no es el del nombre del archivo",
    "2085": "El XML no está firmado",
    "2335": "El documento cambió después de firmarse, o su firma no es válida",
})

_ACCEPTED: Final = MappingProxyType({
    "01": "La Factura numero {}, ha sido aceptada",
    "03": "La Boleta numero {}, ha sido aceptada",
    "04": "La Liquidacion de Compra numero {}, ha sido aceptada",
    "07": "La Nota de Credito numero {}, ha sido aceptada",
    "08": "La Nota de Debito numero {}, ha sido aceptada",
    "20": "El Comprobante de Retencion numero {}, ha sido aceptado",
    "40": "El Comprobante de Percepcion numero {}, ha sido aceptado",
    "09": "La Guia de Remision Remitente numero {}, ha sido aceptada",
    "31": "La Guia de Remision Transportista numero {}, ha sido aceptada",
})
_ACCEPTED_OTHERWISE: Final = "El Comprobante numero {}, ha sido aceptado"
_ROOTS: Final = frozenset(f"{{{row.namespace}}}{row.root}" for row in KINDS)
TAKEN: Final = frozenset(row.code for row in KINDS)
"""Every kind of voucher that some service takes file by file."""
QR_ADDRESS: Final = "https://e-factura.sunat.gob.pe/v1/contribuyente/gre/comprobantes/descargaqr?hashqr="
"""How the address begins that a guide's CDR gives for its QR code."""
_USER: Final = re.compile(r"([12][0-9]{10})(.+)")
_TEST_USER: Final = "MODDATOS"
_TEST_KEYS: Final = ("moddatos", "MODDATOS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A voucher, or a summary of many, as the judge sees it.

    ``content`` are the bytes as received, ``root`` their tree without comments, ``file_name`` the name they came
    under (no extension), ``received_at`` the moment of reception in Lima's zone.
    """

    voucher: VoucherId | SummaryId
    file_name: str
    content: bytes = field(repr=False)
    root: xml.Element
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What the judge has against a voucher: SUNAT's code, the words for it, and whether it is more than a remark."""

    code: str
    text: str
    severe: bool


Judge = Callable[[Submission], Sequence[Remark]]
"""The rules: remarks in the order of their weight; codes that are not SUNAT's are passed over."""


class Desk:
    """Receives vouchers for a ledger.

    ``users`` maps full user names (RUC and SOL user together) to keys, beside beta's ``MODDATOS`` of any RUC;
    ``providers`` are RUCs whose users may send for others (PSE). ``authority`` signs the CDRs.
    """

    def __init__(
        self, ledger: Ledger, *, now: Callable[[], datetime], judge: Judge, authority: Certificate,
        users: Mapping[str, str], providers: Collection[str],
    ) -> None:
        self.ledger = ledger
        self._now = now
        self._judge = judge
        self._signer = Signer(authority, signature_id=SIGNATURE_ID)
        self._users = dict(users)
        self._providers = frozenset(providers)
        self._tally = count(1)

    def authenticate(self, username: str | None, key: str | None) -> str:
        """The RUC that calls; raises Fault 0101 to 0104."""
        if username is None or key is None:
            raise refusal("0101")
        if not username or not key:
            raise refusal("0102")
        parts = _USER.fullmatch(username)
        if parts is None:
            raise refusal("0103")
        known = self._users.get(username)
        if known is None and parts.group(2) != _TEST_USER:
            raise refusal("0103")
        accepted = (known,) if known is not None else _TEST_KEYS
        if not any(hmac.compare_digest(key.encode(), one.encode()) for one in accepted):
            raise refusal("0104")
        return parts.group(1)

    def may_speak_for(self, caller_ruc: str, ruc: str) -> bool:
        """Whether a caller may act for an issuer: itself, or its provider."""
        return caller_ruc == ruc or caller_ruc in self._providers

    def send_bill(
        self, caller_ruc: str, file_name: str, zipped: bytes, *, dialect: Dialect = BETA, at: datetime | None = None,
        takes: Collection[str] = TAKEN,
    ) -> bytes:
        """The CDR's zip for one voucher, received ``at`` (now) by a service that ``takes`` some kinds.

        Raises Fault for what is not registered.
        """
        received_at = (at or self._now()).astimezone(LIMA)
        voucher, stem = _named(file_name, takes)
        row = kind(voucher.type_code)
        if not self.may_speak_for(caller_ruc, voucher.ruc):
            raise refusal("0154")
        try:
            content = unpack(zipped, file_name)
        except PackagingError as error:
            raise refusal(error.code or "0156") from error
        root = _read(content)
        _compare(voucher, row, root)
        broken = broken_signature(content)
        if broken is not None and broken.code in dialect.thrown:
            raise refusal(broken.code)
        self._refuse_known(voucher, row)
        submission = Submission(
            voucher=voucher, file_name=stem, content=content, root=root, received_at=received_at
        )
        remarks = [broken] if broken else self.judged(submission)
        severe = next((one for one in remarks if one.severe and int(one.code) < FIRST_OBSERVATION), None)
        if severe is not None and (int(severe.code) < FIRST_REJECTION or severe.code in dialect.thrown):
            raise Fault(code=severe.code, text=severe.text)
        observations = [(one.code, one.text) for one in remarks if one is not severe] if severe is None else []
        digest = hashlib.sha256(content)
        entry = Entry(
            voucher=voucher, state=State.ACCEPTED if severe is None else State.REJECTED, sha256=digest.hexdigest(),
            received_at=received_at, issue_date=_issue_date(root), total=_total(root, row),
            customer=_customer(root, row),
        )
        cdr = self.certify(
            entry, dialect=dialect, file_name=stem, observations=observations,
            code="0" if severe is None else severe.code, description="" if severe is None else severe.text,
        )
        if not self.ledger.add(replace(entry, cdr=cdr), instead_of=_making_way(voucher, row)):
            self._refuse_known(voucher, row)
        return cdr

    def judged(self, submission: Submission) -> list[Remark]:
        """What the rules have against a file, as far as it is SUNAT's."""
        return [remark for remark in self._judge(submission) if remark.code.isdigit()]

    def write_summary_cdr(
        self, summary: SummaryId, *, dialect: Dialect, received_at: datetime, sha256: str, code: str, description: str,
        observations: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """The XML of a CDR about a summary."""
        return dialect.write_cdr(Verdict(
            voucher=summary, code=code, description=description, observations=observations, received_at=received_at,
            answered_at=self._now(), process=next(self._tally),
            digest=b64encode(bytes.fromhex(sha256)).decode("ascii"),
        ), self._signer)

    def certify(
        self, entry: Entry, *, dialect: Dialect, file_name: str, code: str = "0", description: str = "",
        observations: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """A CDR's zip about an entry, signed by this authority; nothing is registered."""
        return pack_cdr(file_name, self.write_cdr(
            entry, dialect=dialect, code=code, description=description, observations=observations
        ))

    def write_cdr(
        self, entry: Entry, *, dialect: Dialect, code: str = "0", description: str = "",
        observations: Sequence[tuple[str, str]] = (),
    ) -> bytes:
        """The XML of a CDR about an entry. Without a description it says that the voucher was accepted."""
        voucher = entry.voucher
        accepted = _ACCEPTED.get(voucher.type_code, _ACCEPTED_OTHERWISE).format(voucher.text)
        return dialect.write_cdr(Verdict(
            voucher=voucher, code=code, description=description or accepted, observations=observations,
            customer=entry.customer or "-", received_at=entry.received_at, answered_at=self._now(),
            process=next(self._tally), digest=b64encode(bytes.fromhex(entry.sha256)).decode("ascii"),
            qr_link=_qr_link(entry) if kind(voucher.type_code).service is Service.GUIDES else "",
        ), self._signer)

    def _refuse_known(self, voucher: VoucherId, row: Kind) -> None:
        """1032 and 1033, where what is known under the number does not make way."""
        known = self.ledger.get(voucher)
        if known is None or known.state in _making_way(voucher, row):
            return
        raise refusal("1032" if row.spent_by_rejection and known.state is not State.ACCEPTED else "1033")


def _making_way(voucher: VoucherId, row: Kind) -> tuple[State, ...]:
    """The states in which a voucher of the same number is as good as unknown: rejected where that spends no number; on
    pre-printed paper all but voided, as the workbook has it."""
    if is_contingency(voucher.series):
        return (State.ACCEPTED, State.REJECTED)
    return () if row.spent_by_rejection else (State.REJECTED,)


def _qr_link(entry: Entry) -> str:
    """Where whoever scans a guide's QR code is sent to."""
    return QR_ADDRESS + b64encode(bytes.fromhex(entry.sha256)).decode("ascii")


def refusal(code: str, detail: str = "") -> Fault:
    """The exception for a code, in this desk's words."""
    return Fault(code=code, text=MESSAGES[code], detail=detail)


def _named(file_name: str, takes: Collection[str]) -> tuple[VoucherId, str]:
    try:
        voucher = parse_file_name(file_name)
    except FormatError as error:
        raise refusal("0151") from error
    if not isinstance(voucher, VoucherId) or voucher.type_code not in takes:
        raise refusal("0151")
    if not file_name.endswith((".zip", ".ZIP")):
        raise refusal("0151")
    return voucher, file_name[:-4]


def _read(content: bytes) -> xml.Element:
    """The tree without comments: a value that a comment splits in two would be read by half."""
    try:
        root = xml.parse(xml.canonical(xml.parse(content)))
    except XmlError as error:
        raise refusal("0306") from error
    if root.tag not in _ROOTS:
        raise refusal("0306")
    return root


def _compare(voucher: VoucherId, row: Kind, root: xml.Element) -> None:
    """The file's name against its content: 1003, 1034, 1035, 1036."""
    declared = (xml.text(root, row.typed) or "").strip()
    if xml.name(root) != row.root or (declared and declared != voucher.type_code):
        raise refusal("1003")
    issuer = xml.text(root, f"{row.issuer}/cac:PartyIdentification/cbc:ID")
    if (issuer or "").strip() != voucher.ruc:
        raise refusal("1034")
    series, _, digits = (xml.text(root, "cbc:ID") or "").strip().partition("-")
    if series != voucher.series:
        raise refusal("1035")
    try:
        number = parse_number(f"{series}-{digits}")[1]
    except FormatError as error:
        raise refusal("1036") from error
    if number != voucher.number:
        raise refusal("1036")


def broken_signature(content: bytes) -> Remark | None:
    """What is wrong with the signature. Any certificate will do, as in beta; SHA-1 is still taken, as SUNAT does."""
    if b"SignatureValue" not in content:
        raise refusal("2085")
    try:
        verify(content, allow_sha1=True)
    except (SignatureError, XmlError):
        return Remark(code="2335", text=MESSAGES["2335"], severe=True)
    return None


def _customer(root: xml.Element, row: Kind) -> str:
    party = xml.find(root, f"{row.receiver}/cac:PartyIdentification/cbc:ID")
    if party is None or not (party.text or "").strip():
        return "-"
    return f"{party.get('schemeID', '-')}-{(party.text or '').strip()}"


def _issue_date(root: xml.Element) -> date | None:
    try:
        return date.fromisoformat((xml.text(root, "cbc:IssueDate") or "").strip())
    except ValueError:
        return None


def _total(root: xml.Element, row: Kind) -> Decimal | None:
    """What is to be paid, or was withheld."""
    try:
        return Decimal((xml.text(root, row.total) or "").strip())
    except InvalidOperation:
        return None
