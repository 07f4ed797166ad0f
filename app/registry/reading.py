"""One file of an import, looked at by itself: what it is, what it says, whether its signature holds.

Nothing here asks the ledger. A file never stops an import: whatever is wrong with it becomes its reason.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final

from app.clock import LIMA
from app.problems import Text
from app.registry.archives import Found
from app.registry.entries import CdrEntry, Entry, Passed, Seal, VoucherEntry
from sunat import xml
from sunat.cdr import read_cdr, subject_of
from sunat.documents import PaidVoucher
from sunat.errors import CdrError, FormatError, SignatureError, XmlError
from sunat.numbering import (
    SERIES_FORMATS,
    SummaryId,
    VoucherId,
    is_contingency,
    is_portal,
    parse_file_name,
    parse_number,
)
from sunat.signing import Verified, digest_of, verify
from sunat.ubl.facts import READ, facts_of, recomputed
from sunat.ubl.reading import Nature, VoucherFacts, nature_of

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_LONGEST_DIGEST: Final = 100
_CDR_NAME: Final = re.compile(r"R-?(?P<name>.+)\.xml", re.IGNORECASE)
_NOON: Final = time(12)

_KINDS: Final = {
    "summary": Text("un resumen diario", "a daily summary"),
    "voiding": Text("una comunicación de baja", "a voiding communication"),
}


def examine(found: Found, ruc: str) -> Entry:
    """What a file is to the account with this RUC."""
    if found.refused is not None:
        return Passed(shown=found.shown, reason="refused", text=found.refused)
    if not _looks_like_xml(found.content):
        return Passed(shown=found.shown, reason="unknown", text=Text("No es un XML", "It is no XML"))
    try:
        root = xml.parse(found.content)
    except XmlError as error:
        return Passed(shown=found.shown, reason="refused", text=Text(
            "El XML está mal formado o no es seguro", f"The XML is unsafe or not well-formed ({error})"
        ))
    nature = nature_of(root)
    if nature.sort == "cdr":
        return _cdr(found, ruc)
    if nature.sort not in READ:
        return Passed(
            shown=found.shown, reason="unknown" if nature.sort == "unknown" else "not_yet", text=_sort_text(nature),
            detail=nature.detail,
        )
    try:
        facts, paid = facts_of(root)
    except FormatError as error:
        return Passed(shown=found.shown, reason="refused", text=Text(
            f"Al comprobante le falta un dato o no se entiende ({error})",
            f"The voucher lacks a member, or it cannot be read ({error})",
        ))
    return _voucher(found, root, facts, paid, ruc)


def _voucher(found: Found, root: xml.Element, facts: VoucherFacts, paid: tuple[PaidVoucher, ...], ruc: str) -> Entry:
    voucher = facts.voucher
    key = (voucher.type_code, voucher.series, voucher.number)
    if voucher.ruc != ruc:
        if facts.customer.identity_number == ruc:
            return Passed(shown=found.shown, reason="received", text=Text(
                f"Es una compra: lo emitió {voucher.ruc}", f"It is a purchase: {voucher.ruc} issued it"
            ))
        return Passed(shown=found.shown, reason="foreign", text=Text(
            f"Lo emitió otro RUC: {voucher.ruc}", f"Another RUC issued it: {voucher.ruc}"
        ))
    if not SERIES_FORMATS[voucher.type_code].numbered(voucher.series):
        return Passed(shown=found.shown, reason="not_yet", text=_series_text(voucher.series), key=key)
    if not _CURRENCY.fullmatch(facts.currency):
        return Passed(shown=found.shown, reason="refused", text=Text(
            f"Moneda no válida: {facts.currency[:10]}", f"No currency: {facts.currency[:10]}"
        ), key=key)
    worked = recomputed(root, facts, paid)
    return VoucherEntry(
        place=found.place, shown=found.shown, sha256=hashlib.sha256(found.content).hexdigest(),
        facts=replace(facts, lines=()), seal=seal_of(found.content, facts.issue_date), differences=worked.differences,
        beyond=worked.beyond,
    )


def seal_of(content: bytes, issued: date) -> Seal:
    """What the signature says; SHA-1 is let in, since vouchers of years ago carry it."""
    try:
        proved = verify(content, allow_sha1=True)
    except (SignatureError, XmlError):
        try:
            digest = digest_of(content)
        except (SignatureError, XmlError):
            return Seal(state="absent" if b"SignatureValue" not in content else "invalid")
        return Seal(state="invalid", digest=digest if len(digest) <= _LONGEST_DIGEST else "")
    certificate = proved.certificate
    noon = datetime.combine(issued, _NOON, LIMA).astimezone(UTC)
    return Seal(
        state="valid", digest=proved.digest, sha1=_is_sha1(proved), holder=certificate.holder or certificate.subject,
        rucs=certificate.rucs, fingerprint=certificate.fingerprint,
        in_force=certificate.valid_from.date() <= noon.date() <= certificate.valid_to.date(),
    )


def _is_sha1(proved: Verified) -> bool:
    return proved.algorithm.endswith("sha1")


def _cdr(found: Found, ruc: str) -> Entry:
    try:
        named = _named(found.name)
        holder, reference = subject_of(found.content)
        if isinstance(named, SummaryId) or reference.startswith(("RC-", "RA-", "RR-")):
            return Passed(shown=found.shown, reason="not_yet", detail="voiding", text=Text(
                "Es la constancia de un resumen o una baja: todavía no se importa",
                "It is the CDR of a summary or a voiding, which is not imported yet",
            ))
        if holder != ruc:
            return Passed(shown=found.shown, reason="foreign", text=Text(
                f"Es la constancia de otro RUC: {holder}", f"It is the CDR of another RUC: {holder}"
            ))
        series, number = parse_number(reference)
        if named is not None and (named.ruc, named.series, named.number) != (ruc, series, number):
            raise CdrError(f"The file is named after {named.text} and about {reference}")
        cdr = read_cdr(
            found.content, voucher_file_name=named.file_name if named else "", ruc=ruc, voucher_text=reference
        )
    except (CdrError, FormatError) as error:
        return Passed(shown=found.shown, reason="refused", text=Text(
            f"La constancia (CDR) no se puede leer ({error})", f"The CDR cannot be read ({error})"
        ))
    return CdrEntry(
        place=found.place, shown=found.shown, sha256=hashlib.sha256(found.content).hexdigest(),
        type_code=named.type_code if named else "", series=series, number=number, cdr=replace(cdr, raw_xml=b""),
    )


def _named(name: str) -> VoucherId | SummaryId | None:
    """What the name of a CDR's file says; systems call them R-NAME.xml, R-NAME.XML or RNAME.xml."""
    match = _CDR_NAME.fullmatch(name)
    try:
        return parse_file_name(match["name"]) if match else None
    except FormatError:
        return None


def _looks_like_xml(content: bytes) -> bool:
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"<") or content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _sort_text(nature: Nature) -> Text:
    if nature.sort == "unknown":
        return Text(f"No es un comprobante: {nature.detail}", f"It is no voucher: {nature.detail}")
    if nature.sort == "old_ubl":
        version = nature.detail or "?"
        return Text(f"UBL {version} todavía no se importa", f"UBL {version} is not imported yet")
    known = _KINDS.get(nature.detail)
    if known is None:
        return Text(f"El tipo {nature.detail} todavía no se importa", f"Kind {nature.detail} is not imported yet")
    return Text(f"Es {known.es}: todavía no se importa", f"It is {known.en}, which is not imported yet")


def _series_text(series: str) -> Text:
    if is_portal(series):
        return Text(
            f"{series} es una serie del portal de SUNAT, que la numera", f"{series} is numbered by SUNAT's own portal"
        )
    if is_contingency(series):
        return Text(
            f"{series} es una serie de contingencia: todavía no se importa",
            f"{series} is a contingency series, which is not imported yet",
        )
    return Text(f"La serie {series} no corresponde al tipo", f"Series {series} does not fit the kind")
