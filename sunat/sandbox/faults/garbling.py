"""Taking an answer with a CDR apart and putting it together wrong."""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sunat.sandbox.exchange import Outcome
from sunat.transport.zipping import pack_cdr

_PART: Final = re.compile(rb"(?<=<applicationResponse>)[A-Za-z0-9+/=]+(?=</)|(?<=<content>)[A-Za-z0-9+/=]+(?=</)")
_CODE: Final = re.compile(rb"(?<=<cbc:ResponseCode>)[^<]*(?=</)|(?<=PE:SUNAT\">)[^<]*(?=</cbc:ResponseCode>)")
_SIGNATURE: Final = re.compile(rb"<ds:Signature[ >].*?</ds:Signature>", re.DOTALL)
_VALUE: Final = re.compile(rb"(?<=<ds:SignatureValue>)[^<]+(?=</)")


def cdr_zip(outcome: Outcome) -> bytes:
    """The CDR's zip in an answer, or nothing."""
    found = _PART.search(outcome.body)
    return b64decode(found.group()) if found else b""


def with_text(outcome: Outcome, text: bytes) -> Outcome:
    """The answer with other characters where the base64 stood; an answer without a CDR stays as it is."""
    return replace(outcome, body=_PART.sub(lambda _: text, outcome.body))


def with_zip(outcome: Outcome, zipped: bytes) -> Outcome:
    """The answer with another zip in it."""
    return with_text(outcome, b64encode(zipped))


def cut_text(outcome: Outcome) -> Outcome:
    """The answer with the second half of its base64 missing."""
    return replace(outcome, body=_PART.sub(lambda found: found.group()[:len(found.group()) // 2 // 4 * 4 + 1],
                                           outcome.body))


def opened(zipped: bytes) -> tuple[str, bytes]:
    """The voucher's file name (``R-`` and extension taken away) and the CDR, out of a zip of this authority."""
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        name = next(one for one in archive.namelist() if one.startswith("R-"))
        return name[2:-4], archive.read(name)


def edited(outcome: Outcome, edit: Callable[[bytes], bytes]) -> Outcome:
    """The answer with its CDR edited; without a CDR as it is."""
    zipped = cdr_zip(outcome)
    if not zipped:
        return outcome
    name, cdr = opened(zipped)
    return with_zip(outcome, pack_cdr(name, edit(cdr)))


def renamed(outcome: Outcome, name: Callable[[str], str]) -> Outcome:
    """The answer with its CDR under another name."""
    zipped = cdr_zip(outcome)
    if not zipped:
        return outcome
    old, cdr = opened(zipped)
    return with_zip(outcome, zip_of({name(f"R-{old}.xml"): cdr}))


def boxed(outcome: Outcome, box: Callable[[str, bytes], Mapping[str, bytes]]) -> Outcome:
    """The answer with a zip of other entries, made from the CDR's entry name and the CDR."""
    return replaced(outcome, lambda name, cdr: zip_of(box(name, cdr)))


def replaced(outcome: Outcome, make: Callable[[str, bytes], bytes]) -> Outcome:
    """The answer with another zip, made from the CDR's entry name and the CDR."""
    zipped = cdr_zip(outcome)
    if not zipped:
        return outcome
    name, cdr = opened(zipped)
    return with_zip(outcome, make(f"R-{name}.xml", cdr))


def zip_of(entries: Mapping[str, bytes], *, level: int = 6) -> bytes:
    """A zip of anything, compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED, compresslevel=level)
    return buffer.getvalue()


def flipped(cdr: bytes) -> bytes:
    """Yes to no and no to yes, under the old signature."""
    return _CODE.sub(lambda found: b"0" if found.group().strip(b" 0") else b"2800", cdr)


def with_code(cdr: bytes, code: bytes) -> bytes:
    """Another response code, under the old signature."""
    return _CODE.sub(lambda _: code, cdr)


def without_code(cdr: bytes) -> bytes:
    """No response code at all."""
    return re.sub(rb"<cbc:ResponseCode[ >].*?</cbc:ResponseCode>", b"", cdr, flags=re.DOTALL)


def unsigned(cdr: bytes) -> bytes:
    """No signature; the place for it stays."""
    return _SIGNATURE.sub(b"", cdr)


def missigned(cdr: bytes) -> bytes:
    """A signature value that belongs to nothing."""
    return _VALUE.sub(lambda found: b64encode(bytes(len(b64decode(found.group())) - 1) + b"\x01"), cdr)


def wrapped(cdr: bytes) -> bytes:
    """The signed CDR inside one that says the opposite, its signature where a careless reader finds it."""
    _, _, root = cdr.rpartition(b"?>")
    forged = flipped(unsigned(root))
    signature = _SIGNATURE.search(root)
    inner = root if signature is None else root.replace(signature.group(), b"")
    place = b"<ext:ExtensionContent></ext:ExtensionContent>"
    kept = b"" if signature is None else signature.group()
    return forged.replace(
        place,
        b"<ext:ExtensionContent>" + kept + b"</ext:ExtensionContent></ext:UBLExtension><ext:UBLExtension>"
        b"<ext:ExtensionContent>" + inner.replace(place, b"") + b"</ext:ExtensionContent>", 1,
    )
