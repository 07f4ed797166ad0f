"""What another system leaves behind: vouchers in its own style, CDRs in every state, zips of all of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from sunat.cdr import build_cdr
from sunat.kinds import kind_of
from sunat.signing import Signer
from sunat.signing.signer import Algorithm
from sunat.transport.zipping import pack_cdr
from sunat.ubl.render import render
from tests.support.sandbox import authority
from tests.support.signing import RUC, signed_for
from tests.support.vouchers import sale

OLD_DAY = date(2025, 6, 2)


@cache
def signer_of(ruc: str = RUC, algorithm: Algorithm = "rsa-sha256") -> Signer:
    """A signer for a RUC over the committed test key; its certificate is valid on every day of history."""
    certificate = signed_for(ruc, start=datetime(2020, 1, 1, tzinfo=UTC), days=3650)
    return Signer(certificate, algorithm)


@cache
def sunat_signer() -> Signer:
    return Signer(authority(), signature_id="SignSUNAT")


def unsigned(
    number: int, *, series: str = "F001", stem: str = "invoice", ruc: str = RUC, establishment: str = "0000",
    **changes: Any,
) -> bytes:
    """A voucher in our own style, canonical and not signed; ``changes`` replace members of its content."""
    said = sale(stem, **{"issue_date": OLD_DAY, **changes})
    said = replace(said, issuer=replace(said.issuer, identity_number=ruc, establishment_code=establishment))
    return render(said, template=kind_of(said).template, series=series).numbered(number)


def voucher(number: int, *, algorithm: Algorithm = "rsa-sha256", signs: str = "", **said: Any) -> bytes:
    """The same, signed by the issuer or by ``signs``."""
    return signer_of(signs or said.get("ruc", RUC), algorithm).sign(unsigned(number, **said)).xml


def odd_style(number: int, *, series: str = "F001") -> bytes:
    """Other prefixes, more attributes, a padded number, comments; signed with SHA-1."""
    text = unsigned(number, series=series, description="Ñandú disecado").decode()
    text = text.replace(f"<cbc:ID>{series}-{number}</cbc:ID>", f"<cbc:ID> {series}-{number:08d} </cbc:ID>", 1)
    text = text.replace('schemeID="6"', 'schemeAgencyName="PE:SUNAT" schemeID="6" schemeName="Documento de Identidad"')
    text = re.sub(r"(</?)cbc:", r"\1basico:", text).replace("xmlns:cbc=", "xmlns:basico=")
    text = re.sub(r"(</?)cac:", r"\1agregado:", text).replace("xmlns:cac=", "xmlns:agregado=")
    return signer_of(algorithm="rsa-sha1").sign_xml(text.encode()).xml


def latin1(document: bytes) -> bytes:
    """The same document in ISO-8859-1, its descriptions in CDATA; the signature still holds."""
    text = document.decode().replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    text = re.sub(r"(<[\w]+:Description>)([^<]+)", r"\1<![CDATA[\2]]>", text)
    return text.encode("iso-8859-1")


def cdr(
    number: int, *, series: str = "F001", ruc: str = RUC, code: str = "0",
    observations: tuple[tuple[str, str], ...] = (), day: date = OLD_DAY, link: str = "",
) -> bytes:
    """SUNAT's answer to a voucher, signed by the stand-in authority."""
    at = datetime.combine(day, time(16), UTC)
    return build_cdr(
        signer=sunat_signer(), process_id="20250602110000000001", received_at=at, answered_at=at, issuer_ruc=ruc,
        reference=f"{series}-{number}", code=code, description=f"El comprobante {series}-{number} tiene código {code}",
        observations=observations, recipient="6-20987654326", qr_link=link or None,
    )


def name(number: int, *, series: str = "F001", code: str = "01", ruc: str = RUC) -> str:
    """The name of a voucher's file, without extension."""
    return f"{ruc}-{code}-{series}-{number}"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def pair(number: int, *, series: str = "F001", code: str = "01", **said: Any) -> dict[str, bytes]:
    """A voucher and the zip of its CDR, under the names they usually have."""
    day = said.get("issue_date", OLD_DAY)
    named = name(number, series=series, code=code, ruc=said.get("ruc", RUC))
    return {
        f"{named}.xml": voucher(number, series=series, **said),
        f"R-{named}.zip": pack_cdr(named, cdr(number, series=series, ruc=said.get("ruc", RUC), day=day)),
    }
