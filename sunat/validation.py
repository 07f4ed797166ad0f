"""A file against everything that SUNAT would look at: the parcel, the schema, the rules, the signature.

One file in, its findings out, for anybody's voucher. The sheet General of the validation workbook (2026-02-12) has the
codes of what is no tree yet (0151 to 0161, 0306) and of a signature that does not fit (2335).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from sunat import xml
from sunat.cdr import LIMA
from sunat.errors import FormatError, PackagingError, SignatureError, XmlError
from sunat.kinds import KINDS, SUMMARIES, Kind
from sunat.numbering import VoucherId, parse_file_name
from sunat.rules import general, signature
from sunat.rules.comparisons import iso_date
from sunat.rules.context import Context
from sunat.rules.engine import Finding, Severity, judge, strictly
from sunat.rules.shapes import Sentence
from sunat.schemas import Schemas
from sunat.signing import Certificate, verify
from sunat.transport.zipping import unpack

CODES_OF: Final[Mapping[str, frozenset[str]]] = {
    **{row.code: row.rules.codes() for row in KINDS},
    **{row.code: row.rules.codes() | row.told for row in SUMMARIES},
    "general": general.RULES["Invoice"].codes() | general.UNREAD.keys(),
    "firma": signature.RULES["Invoice"].codes(),
}
"""The codes that there are rows for, by sheet of the workbook."""

_NOON: Final = time(12)
_SENTENCE_END: Final = "."
_UNKNOWN: Final = Context(received=date.min)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came of one file. ``kind`` is None where it is no voucher of a kind known here; ``unjudged`` then says what
    it is instead, unless there is a finding that says why it cannot be read."""

    kind: Kind | None = None
    findings: tuple[Finding, ...] = ()
    unjudged: Sentence | None = None

    @property
    def rejected(self) -> bool:
        """Whether SUNAT, or a norm, would refuse it."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How files are to be examined.

    ``received`` is the day (Lima) of reception, each voucher's issue date where it is None. ``context`` holds whatever
    else is known; its day and names are filled in. ``signed``: the signature is asked for and verified. ``named``: a
    file must be called as SUNAT wants it; otherwise a name counts only where it has that form.
    ``strict``: what SUNAT is turning into an error is one.
    """

    received: date | None = None
    context: Context = _UNKNOWN
    signed: bool = True
    named: bool = False
    strict: bool = False
    schemas: Schemas | None = None


def examine(content: bytes, asked: Asked, *, name: str = "", zip_name: str | None = None) -> Examined:
    """Everything SUNAT would say of an XML. Never raises, whatever the bytes."""
    if not content:
        return Examined(findings=(unread("0160"),))
    try:
        root = xml.parse(content)
    except XmlError as error:
        return Examined(findings=(unread("0306", str(error)),))
    row = kind_of(root)
    if row is None:
        return Examined(unjudged=_what(root))
    context = replace(
        asked.context, raw=content, zip_name=zip_name,
        received=asked.received or iso_date(xml.text(root, "cbc:IssueDate") or "") or date.max,
        file_name=name if asked.named or zip_name is not None or voucher_named(name) else None,
    )
    found = judged(row, root, content, context, asked)
    return Examined(kind=row, findings=strictly(found) if asked.strict else found)


def examine_parcel(zipped: bytes, name: str, asked: Asked) -> Examined:
    """Everything SUNAT would say of a zip that was sent under a name. Never raises, whatever the bytes."""
    try:
        content = unpack(zipped, name)
    except PackagingError as error:
        return Examined(findings=(unread(error.code or "0156", str(error)),))
    return examine(content, asked, name=f"{name[:-4]}.xml", zip_name=name)


def judged(row: Kind, root: xml.Element, content: bytes, context: Context, asked: Asked) -> tuple[Finding, ...]:
    """The findings about a tree, in the order in which SUNAT looks: schema, rules, signature."""
    found = schema_findings(root, asked.schemas) + judge(root, row.rules, context)
    if context.outages:
        found = tuple(one for one in judge(root, general.table(row.root), context) if one.code in _OUTAGES) + found
    return found + (signature_findings(row, root, content, context) if asked.signed else ())


def schema_findings(root: xml.Element, schemas: Schemas | None) -> tuple[Finding, ...]:
    """Where the voucher does not follow its XML schema (0306); empty without schemas."""
    if schemas is None:
        return ()
    return tuple(
        _finding("0306", breach.path, Sentence("no cumple el esquema XML", "does not follow the XML schema"),
                 f"{breach.line}: {breach.message}")
        for breach in schemas.breaches(root)
    )


def signature_findings(row: Kind, root: xml.Element, content: bytes, context: Context) -> tuple[Finding, ...]:
    """What is wrong with the signature: a part of it (sheet Firma), its truth (2335), its certificate's dates and RUC.

    A certificate of another RUC is a remark, for it may be the issuer's provider (PSE); only SUNAT has that list.
    """
    found = judge(root, signature.table(row.root), context)
    if found:
        return found
    try:
        certificate = verify(content, allow_sha1=True).certificate
    except (SignatureError, XmlError) as error:
        return (unread("2335", str(error), path=f"/{row.root}"),)
    return _certificate_findings(row, root, certificate, context)


def unread(code: str, detail: str = "", path: str = "/") -> Finding:
    """The finding for a code of the sheet General that is not about a node. ``detail`` is in English."""
    es, en = general.UNREAD[code]
    return _finding(code, path, Sentence(es, en), detail)


def kind_of(root: xml.Element) -> Kind | None:
    """The kind that the root and, for roots that several kinds share, the type code inside tell; None for others."""
    matching = [row for row in KINDS if root.tag == f"{{{row.namespace}}}{row.root}"]
    told = (row for row in matching if row.code == xml.text(root, row.typed))
    return next(told, matching[0] if matching else None)


def voucher_named(name: str) -> bool:
    """Whether a file is called as a voucher (``RUC-TT-SERIES-NUMBER.xml`` or ``.zip``)."""
    try:
        return isinstance(parse_file_name(name[:-4]), VoucherId) and name[-4:].lower() in (".xml", ".zip")
    except FormatError:
        return False


_OUTAGES: Final = frozenset(rule.code for rule in general.SERVICE)


def _what(root: xml.Element) -> Sentence:
    tag = xml.name(root)[:60]
    return Sentence(f"no es un comprobante de los que se juzgan aquí: su raíz es {tag}",
                    f"it is no voucher of a kind that is judged here: its root is {tag}")


def _certificate_findings(
    row: Kind, root: xml.Element, certificate: Certificate, context: Context
) -> tuple[Finding, ...]:
    found = []
    issued = iso_date(xml.text(root, "cbc:IssueDate") or "")
    path = f"/{row.root}/{signature.CERTIFICATE}"
    if issued is not None:
        noon = datetime.combine(issued, _NOON, LIMA)
        if not certificate.valid_from.date() <= noon.date() <= certificate.valid_to.date():
            days = f"{certificate.valid_from:%Y-%m-%d}..{certificate.valid_to:%Y-%m-%d}"
            found.append(_finding("CHQ-CERTIFICATE-DATES", path, Sentence(
                "El certificado no estaba vigente en la fecha de emisión",
                "The certificate was not in force on the issue date"), days, norm=_SIGNATURE_LAW))
    ruc = xml.text(root, f"{row.issuer}/cac:PartyIdentification/cbc:ID") or ""
    if ruc.strip() not in certificate.rucs and context.sender_ruc not in certificate.rucs:
        found.append(_finding("CHQ-CERTIFICATE-RUC", path, Sentence(
            "El certificado no nombra el RUC del emisor; SUNAT lo admite si es el de su PSE",
            "The certificate does not name the issuer's RUC; SUNAT takes it where it is his PSE's"),
            ", ".join(certificate.rucs), severity=Severity.OBSERVATION, norm=_SIGNATURE_LAW))
    return tuple(found)


_SIGNATURE_LAW: Final = "Ley de Firmas y Certificados Digitales, Ley 27269"


def _finding(
    code: str, path: str, said: Sentence, detail: str, *, severity: Severity = Severity.ERROR, norm: str = ""
) -> Finding:
    es, en = _HINTS.get(code, _HINTS[""])
    more = f" ({detail.rstrip(_SENTENCE_END)[:300]})" if detail else ""
    return Finding(
        code=code, severity=severity, path=path, line=None, value="", message_es=f"{said.es}{more}.",
        message_en=f"{said.en}{more}.", hint_es=es, hint_en=en, norm=norm,
    )


_HINTS: Final = {
    "": ("Genere el archivo de nuevo.", "Make the file again."),
    "0306": ("Corrija el XML: en UTF-8, bien formado, sin DOCTYPE y con la estructura de UBL 2.1.",
             "Mend the XML: UTF-8, well-formed, without DOCTYPE and structured as UBL 2.1."),
    "2335": ("No cambie nada después de firmar; firme de nuevo.", "Change nothing after signing; sign again."),
    "CHQ-CERTIFICATE-DATES": ("Firme con un certificado vigente.", "Sign with a certificate in force."),
    "CHQ-CERTIFICATE-RUC": ("Firme con el certificado del emisor o de su PSE.",
                            "Sign with the certificate of the issuer or of his PSE."),
}
