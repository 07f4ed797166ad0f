"""The zip around a voucher and around its CDR.

Source: programmer's manual of the SEE, "empaquetado"; exception codes 0151 to 0161 of the workbook's sheet
"General". Whatever comes in is measured before it is opened, and never unpacked to a disk: a voucher's zip holds one
file of a known name, a CDR's zip is searched for a file of a known name.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sunat.errors import CdrError, FormatError, PackagingError
from sunat.numbering import parse_file_name

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_LEVEL: Final = 1
"""Vouchers are small: level 6 saves a tenth of the bytes and costs three times the processor time."""

_DIRECTORY_END: Final = b"PK\x05\x06"
_WIDE_DIRECTORY: Final = b"PK\x06\x07"
_LOCAL_FILE: Final = b"PK\x03\x04"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a zip is believed: bytes of the zip and of the XML, entries, and growth beyond a small floor."""

    zip_bytes: int = 5 * 1024 * 1024
    xml_bytes: int = 10 * 1024 * 1024
    entries: int = 16
    ratio: int = 200
    ratio_floor: int = 1024 * 1024


LIMITS: Final = Limits()
CDR_LIMITS: Final = Limits(zip_bytes=1024 * 1024, xml_bytes=1024 * 1024)
"""A CDR has a few thousand bytes, and half a million with several observations on every line: what is larger would
cost seconds and hundreds of megabytes to read, and be no CDR."""



def pack(file_name: str, xml: bytes) -> bytes:
    """The zip to send: one entry ``<file_name>.xml``; the same input always gives the same bytes."""
    return _written({f"{file_name}.xml": xml})


def pack_cdr(file_name: str, xml: bytes) -> bytes:
    """The zip SUNAT answers with: an empty folder ``dummy/`` and ``R-<file_name>.xml``."""
    return _written({"dummy/": b"", f"R-{file_name}.xml": xml})


def unpack(data: bytes, expected_name: str, limits: Limits = LIMITS) -> bytes:
    """The XML in a zip that was sent under ``expected_name`` (``NAME.zip`` or ``NAME``).

    Raises PackagingError with SUNAT's code: 0151 name of the zip, 0155 empty, 0156 broken or hostile, 0157 no file,
    0158 several files, 0159 name of the XML, 0160 empty XML, 0161 the two names differ.
    """
    stem = expected_name[:-4] if expected_name.endswith((".zip", ".ZIP")) else expected_name
    try:
        parse_file_name(stem)
    except FormatError as error:
        raise PackagingError(f"The zip's name {expected_name!r} is not that of a voucher", code="0151") from error
    if not data:
        raise PackagingError("The zip is empty", code="0155")
    with _opened(data, limits) as archive:
        files = [entry for entry in archive.infolist() if not (entry.filename.endswith("/") and entry.file_size == 0)]
        if not files:
            raise PackagingError("There is no file in the zip", code="0157")
        if len(files) > 1:
            raise PackagingError("There is more than one file in the zip", code="0158")
        found = files[0].filename
        if not found.endswith((".xml", ".XML")):
            raise PackagingError(f"The file in the zip is called {found!r}", code="0159")
        try:
            parse_file_name(found[:-4])
        except FormatError as error:
            raise PackagingError(f"The file in the zip is called {found!r}", code="0159") from error
        if found[:-4] != stem:
            raise PackagingError(f"The zip is called {stem} and its file {found}", code="0161")
        content = _content(archive, files[0], limits)
    if not content:
        raise PackagingError("The XML in the zip is empty", code="0160")
    return content


def unpack_cdr(data: bytes, file_name: str, limits: Limits = CDR_LIMITS) -> bytes:
    """The CDR for the voucher ``file_name`` (no extension) in the zip SUNAT answered with.

    The file is looked for by its name; folders and other files beside it are passed over. Raises CdrError.
    """
    wanted = {f"R-{file_name}.xml", f"R-{file_name}.XML"}
    try:
        with _opened(data, limits) as archive:
            files = [entry for entry in archive.infolist() if entry.filename in wanted]
            if len(files) != 1:
                raise CdrError(f"The answer holds {len(files)} files R-{file_name}.xml")
            return _content(archive, files[0], limits)
    except PackagingError as error:
        raise CdrError(f"The answer is not the zip of a CDR: {error}") from error


def _written(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry_name, content in entries.items():
            entry = zipfile.ZipInfo(entry_name, date_time=_EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (0o40755 << 16 | 0x10) if entry_name.endswith("/") else 0o100644 << 16
            kind = zipfile.ZIP_DEFLATED if content else zipfile.ZIP_STORED
            archive.writestr(entry, content, compress_type=kind, compresslevel=_LEVEL)
    return buffer.getvalue()


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive, once its size, its number of entries and its form are known to be harmless."""
    _measure(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > limits.entries:
                raise PackagingError(f"The zip has more than {limits.entries} entries", code="0158")
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
            struct.error, OverflowError) as error:
        raise PackagingError("The zip is broken", code="0156") from error


def _measure(data: bytes, limits: Limits) -> None:
    """Refuses by the last record alone, before any list of entries is built from it."""
    if len(data) > limits.zip_bytes:
        raise PackagingError(f"The zip is larger than {limits.zip_bytes} bytes", code="0156")
    end = data.rfind(_DIRECTORY_END)
    if end < 0 or len(data) < end + 22:
        raise PackagingError("The file is not a zip", code="0156")
    if data[max(end - 20, 0):].startswith(_WIDE_DIRECTORY):
        raise PackagingError("The zip uses 64-bit records, which a voucher never needs", code="0156")
    entries, directory_bytes = struct.unpack_from("<HI", data, end + 10)
    if entries > limits.entries or directory_bytes > limits.entries * 1024:
        raise PackagingError(f"The zip has more than {limits.entries} entries", code="0158")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> bytes:
    if entry.flag_bits & 0x1:
        raise PackagingError("The file in the zip is encrypted", code="0156")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise PackagingError("The file in the zip is a link", code="0156")
    if entry.compress_type not in _METHODS:
        raise PackagingError("The file in the zip is compressed in an unusual way", code="0156")
    if entry.file_size > limits.xml_bytes or (
        entry.file_size > limits.ratio_floor and entry.file_size > entry.compress_size * limits.ratio
    ):
        raise PackagingError("The file in the zip unpacks to too much", code="0156")
    with archive.open(entry) as stream:
        content = stream.read(limits.xml_bytes + 1)
    if len(content) > limits.xml_bytes:
        raise PackagingError("The file in the zip unpacks to too much", code="0156")
    if content.startswith(_LOCAL_FILE):
        raise PackagingError("There is a zip inside the zip", code="0156")
    return content
