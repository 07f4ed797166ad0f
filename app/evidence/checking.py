"""A bundle judged by itself: every hash, the manifest's signature, the voucher's, the CDR, and that they agree.

It needs nothing but the file; whose key signed the manifest is said, and compared where the caller has a key he trusts.
A hostile file is a finding, never a crash: sizes are bounded and XML goes through the one hardened parser.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.evidence.bundle import FORMAT, MANIFEST, canonical
from app.series.allocator import chain_hash
from sunat.cdr import Outcome, read_cdr
from sunat.errors import SunatError
from sunat.numbering import VoucherId
from sunat.signing import verify
from sunat.transport.zipping import unpack_cdr

MOST: Final = 64 * 1024 * 1024
"""Bytes a bundle may hold unpacked."""

_MOST_FILES: Final = 5_000
_STANDING: Final = {
    "accepted": (Outcome.ACCEPTED,), "observed": (Outcome.OBSERVED,), "rejected": (Outcome.REJECTED,),
    "voided": (Outcome.ACCEPTED, Outcome.OBSERVED),
}
"""What a voucher's CDR has to say for its status, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what, whether it holds, and what was seen."""

    es: str
    en: str
    holds: bool
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a bundle proves: about which voucher, signed with which key, and each thing that was looked at.

    ``omitted`` is what it says itself that it lacks, with the reason, in both languages.
    """

    voucher: str
    status: str
    public_key: str
    checks: tuple[Check, ...]
    omitted: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.holds for check in self.checks)


class NoBundle(Exception):
    """The file is no bundle at all; the message says why."""


def judge(content: bytes, *, trusted: str = "") -> Judged:
    """Judges a bundle's bytes; ``trusted`` is the public key (base64) it must be signed with, if any.

    Raises NoBundle for a file that cannot be one.
    """
    files = _unpacked(content)
    manifest = _manifest(files.pop(MANIFEST, b""))
    about, listed = manifest["voucher"], manifest["files"]
    voucher = _identity(about)
    key = str(manifest.get("signature", {}).get("public_key", ""))
    checks = [
        Check(
            es="La firma del manifiesto vale", en="The manifest's signature holds",
            holds=signature_holds(manifest, key, canonical(manifest)), seen=key,
        ),
        *_complete(files, listed),
    ]
    if trusted:
        checks.append(Check(
            es="La firmó la instalación esperada", en="The expected installation signed it", holds=key == trusted,
            seen=key,
        ))
    named = {str(each["role"]): str(each["name"]) for each in listed}
    checks += _voucher_checks(files, named, voucher)
    checks += _answer_checks(files, listed, voucher, str(about["status"]))
    return Judged(
        voucher=voucher.file_name, status=str(about["status"]), public_key=key, checks=tuple(checks),
        omitted=tuple(f"{each['role']}: {each['es']} / {each['en']}" for each in manifest.get("omitted", ())),
    )


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            entries = box.infolist()
            if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > MOST:
                raise NoBundle("It is too large for a bundle")
            files = {}
            for entry in entries:
                with box.open(entry) as member:
                    files[entry.filename] = member.read(entry.file_size)
            if len(files) != len(entries):
                raise NoBundle("A file is in it twice")
            return files
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NoBundle(f"It is no zip that can be read: {error}") from error


def _manifest(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
        if not isinstance(said, dict) or said["format"] != FORMAT:
            raise NoBundle(f"It is no bundle of the form {FORMAT}")
        for each in said["files"]:
            if not all(isinstance(each[name], str) for name in ("name", "role", "sha256")):
                raise NoBundle("Its manifest cannot be read")
        for each in said.get("omitted", ()):
            if not all(isinstance(each[name], str) for name in ("role", "es", "en")):
                raise NoBundle("Its manifest cannot be read")
        for name in ("ruc", "type", "series", "status"):
            str(said["voucher"][name])
        if not isinstance(said.get("signature", {}), dict):
            raise NoBundle("Its manifest cannot be read")
        return said
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoBundle("It has no manifest that can be read") from error


def _identity(about: Mapping[str, Any]) -> VoucherId:
    try:
        return VoucherId(
            ruc=str(about["ruc"]), type_code=str(about["type"]), series=str(about["series"]),
            number=int(about["number"]),
        )
    except (SunatError, ValueError, KeyError, TypeError) as error:
        raise NoBundle(f"Its manifest names no voucher: {error}") from error


def signature_holds(manifest: Mapping[str, Any], key: str, signed: bytes) -> bool:
    """Whether the manifest's signature over ``signed`` is by that key (base64)."""
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(key, validate=True)).verify(
            b64decode(str(manifest["signature"]["value"]), validate=True), signed
        )
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def _complete(files: Mapping[str, bytes], listed: list[dict[str, Any]]) -> Iterator[Check]:
    names = [each["name"] for each in listed]
    strange = sorted(set(files) ^ set(names))
    yield Check(
        es="Están todos los archivos del manifiesto y ninguno más", en="All files of the manifest are there, no others",
        holds=not strange and len(names) == len(set(names)), seen=", ".join(strange[:5]),
    )
    altered = [
        each["name"] for each in listed
        if each["name"] in files and hashlib.sha256(files[each["name"]]).hexdigest() != each["sha256"]
    ]
    yield Check(
        es="Cada archivo tiene su SHA-256", en="Every file has its SHA-256", holds=not altered,
        seen=", ".join(altered[:5]),
    )


def _voucher_checks(files: Mapping[str, bytes], named: Mapping[str, str], voucher: VoucherId) -> Iterator[Check]:
    content = files.get(named.get("xml", ""), b"")
    told: Mapping[str, Any] = {}
    try:
        read = json.loads(files.get(named.get("voucher", ""), b""))
        told = read if isinstance(read, dict) else {}
    except (ValueError, RecursionError):
        pass
    try:
        verified = verify(content, allow_sha1=told.get("origin") == "imported")
        digest, seen = verified.digest, f"{verified.certificate.subject} {verified.digest}"
    except SunatError as error:
        digest, seen = "", str(error)
    yield Check(
        es="La firma del XML vale, y su resumen es el impreso",
        en="The XML's signature holds, and its digest is the printed one",
        holds=bool(digest) and digest == told.get("digest"), seen=seen,
    )
    yield Check(
        es="El XML está en la cadena de su serie", en="The XML is in its series' chain",
        holds=_chained(told, content, voucher),
    )


def _chained(told: Mapping[str, Any], content: bytes, voucher: VoucherId) -> bool:
    """Whether the last edition's link is the hash over the one before it and this XML."""
    try:
        last = told["editions"][-1]
        expected = chain_hash(
            str(last["chain_previous"]), ruc=voucher.ruc, sunat_code=voucher.type_code, series=voucher.series,
            number=voucher.number, edition=int(last["edition"]), xml_sha256=hashlib.sha256(content).hexdigest(),
        )
        return bool(last["chain_hash"] == expected)
    except (KeyError, IndexError, TypeError, ValueError):
        return False


def _answer_checks(
    files: Mapping[str, bytes], listed: list[dict[str, Any]], voucher: VoucherId, status: str
) -> Iterator[Check]:
    cdrs = [each["name"] for each in listed if each["role"] == "cdr" and "/summaries/" not in f"/{each['name']}"]
    outcome, seen = None, ""
    for name in cdrs:
        try:
            cdr = read_cdr(
                unpack_cdr(files.get(name, b""), voucher.file_name), voucher_file_name=voucher.file_name,
                ruc=voucher.ruc, voucher_text=voucher.text,
            )
        except SunatError as error:
            yield Check(es="La constancia se lee", en="The CDR can be read", holds=False, seen=f"{name}: {error}")
            continue
        outcome, seen = cdr.outcome, f"{cdr.code} {cdr.description} ({cdr.signature}, {cdr.signed_by or '-'})"
        yield Check(
            es="La constancia es de este comprobante y su firma no es falsa",
            en="The CDR is of this voucher and its signature is not false", holds=cdr.signature != "invalid", seen=seen,
        )
    if outcome is not None:
        yield Check(
            es=f"La constancia dice lo mismo que el estado ({status})",
            en=f"The CDR says what the status does ({status})",
            holds=outcome in _STANDING.get(status, ()), seen=seen,
        )
    elif status in {"accepted", "observed", "rejected", "voided"}:
        others = [each["name"] for each in listed if each["role"] in {"state", "cdr"} and each["name"] not in cdrs]
        yield Check(
            es="Hay una respuesta de SUNAT que prueba el estado",
            en="There is an answer of SUNAT's that proves the status",
            holds=bool(others), seen=", ".join(others[:3]),
        )
