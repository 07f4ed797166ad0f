"""Zips of vouchers and of CDRs: deterministic out, suspicious in."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunat.errors import CdrError, PackagingError
from sunat.transport.zipping import Limits, pack, pack_cdr, unpack, unpack_cdr

NAME = "20123456786-01-F001-1"
XML = b"<Invoice>" + b"x" * 3000 + b"</Invoice>"


def zipped(entries: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # two entries of one name
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name, content in entries:
                archive.writestr(name, content)
    return buffer.getvalue()


def code_of(data: bytes, name: str = f"{NAME}.zip", limits: Limits | None = None) -> str:
    with pytest.raises(PackagingError) as caught:
        unpack(data, name, limits or Limits())
    return caught.value.code


def test_round_trip_with_one_entry() -> None:
    data = pack(NAME, XML)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [f"{NAME}.xml"]
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
    assert unpack(data, f"{NAME}.zip") == XML
    assert unpack(data, f"{NAME}.ZIP") == XML
    assert unpack(data, NAME) == XML


def test_same_input_same_bytes() -> None:
    assert pack(NAME, XML) == pack(NAME, XML)
    assert pack_cdr(NAME, XML) == pack_cdr(NAME, XML)


def test_cdr_round_trip_has_the_empty_folder() -> None:
    data = pack_cdr(NAME, XML)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["dummy/", f"R-{NAME}.xml"]
    assert unpack_cdr(data, NAME) == XML


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(("data", "code"), [
    pytest.param(b"", "0155", id="empty"),
    pytest.param(b"not a zip", "0156", id="no zip"),
    pytest.param(pack(NAME, XML)[:-30], "0156", id="cut off"),
    pytest.param(zipped([]), "0157", id="no file"),
    pytest.param(zipped([("dummy/", b"")]), "0157", id="only a folder"),
    pytest.param(zipped([(f"{NAME}.xml", XML), ("other.xml", XML)]), "0158", id="two files"),
    pytest.param(zipped([(f"{NAME}.xml", XML), (f"{NAME}.xml", XML)]), "0158", id="one name twice"),
    pytest.param(zipped([(f"{n}.xml", b"") for n in range(500)]), "0158", id="five hundred"),
    pytest.param(zipped([("voucher.xml", XML)]), "0159", id="name of no voucher"),
    pytest.param(zipped([(f"../{NAME}.xml", XML)]), "0159", id="upwards"),
    pytest.param(zipped([(f"/etc/{NAME}.xml", XML)]), "0159", id="absolute"),
    pytest.param(zipped([(f"folder/{NAME}.xml", XML)]), "0159", id="in a folder"),
    pytest.param(zipped([(f"{NAME}.txt", XML)]), "0159", id="no xml"),
    pytest.param(zipped([("?.xml", XML)]).replace(b"?.xml", b"\0.xml"), "0159", id="no name at all"),
    pytest.param(zipped([(f"{NAME}.xml", b"")]), "0160", id="empty xml"),
    pytest.param(zipped([("20123456786-01-F001-2.xml", XML)]), "0161", id="other number"),
    pytest.param(zipped([(link(f"{NAME}.xml"), b"/etc/hostname")]), "0156", id="link"),
    pytest.param(zipped([(f"{NAME}.xml", pack(NAME, XML))]), "0156", id="nested"),
    pytest.param(zipped([(f"{NAME}.xml", b"\0" * 9_000_000)]), "0156", id="bomb by ratio"),
    pytest.param(zipped([(f"{NAME}.xml", b"\0" * 11_000_000)]), "0156", id="bomb by size"),
    pytest.param(zipped([(f"{NAME}.xml", XML)], zipfile.ZIP_BZIP2), "0156", id="bzip2"),
    pytest.param(zipped([(f"{NAME}.xml", XML)], zipfile.ZIP_LZMA), "0156", id="lzma"),
])
def test_bad_zips_get_sunats_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize("name", ["", "x.zip", "20123456786-01-F001-1.rar", "20123456786-01-F001-123456789.zip",
                                  "20123456786-01-f001-1.zip", "30123456786-01-F001-1.zip", "../20123456786-01-F001-1"])
def test_bad_zip_names(name: str) -> None:
    assert code_of(pack(NAME, XML), name) == "0151"


def test_a_folder_beside_the_file_is_passed_over() -> None:
    assert unpack(zipped([("dummy/", b""), (f"{NAME}.xml", XML)]), NAME) == XML


def test_an_encrypted_file() -> None:
    data = bytearray(pack(NAME, XML))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert code_of(bytes(data)) == "0156"


def test_a_lying_size_does_not_unpack_more_than_the_limit() -> None:
    """The headers claim 100 bytes; the stream holds nine million."""
    content = b"\0" * 9_000_000
    data = bytearray(zipped([(f"{NAME}.xml", content)]))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(signature) + offset
        data[place:place + 4] = struct.pack("<I", 100)
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = data.index(signature) + offset
        data[place:place + 4] = struct.pack("<I", zlib.crc32(content[:100]))
    try:
        content = unpack(bytes(data), NAME)
    except PackagingError:
        content = b""
    assert len(content) <= 100


def test_a_wrong_checksum() -> None:
    data = bytearray(pack(NAME, XML))
    place = data.index(b"PK\x01\x02") + 16
    data[place] ^= 0xFF
    assert code_of(bytes(data)) == "0156"


def test_64_bit_records_are_refused() -> None:
    data = pack(NAME, XML)
    end = data.rindex(b"PK\x05\x06")
    wide = data[:end] + b"PK\x06\x07" + b"\0" * 16 + data[end:]
    assert code_of(wide) == "0156"


def test_a_zip_beyond_the_limit() -> None:
    assert code_of(pack(NAME, XML), limits=Limits(zip_bytes=10)) == "0156"


@pytest.mark.parametrize("data", [
    b"", b"plain text: el ticket no existe", pack_cdr("20123456786-01-F001-2", XML), zipped([("dummy/", b"")]),
    zipped([(f"R-{NAME}.xml", XML), (f"R-{NAME}.XML", XML)]), zipped([(f"../R-{NAME}.xml", XML)]),
    zipped([(f"dummy/R-{NAME}.xml", XML)]), zipped([(f"R-{NAME}.xml", b"\0" * 11_000_000)]),
    zipped([(f"R-{NAME}.xml", pack(NAME, XML))]), pack(NAME, XML),
])
def test_bad_cdr_zips_are_no_answer(data: bytes) -> None:
    with pytest.raises(CdrError):
        unpack_cdr(data, NAME)


def test_other_files_beside_the_cdr_are_passed_over() -> None:
    data = zipped([("a.txt", b"x"), (f"R-{NAME}.xml", XML), ("__MACOSX/._x", b"y")])
    assert unpack_cdr(data, NAME) == XML


GOOD = pack_cdr(NAME, XML)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6))
def test_damaged_zips_never_escape_the_error_tree(place: int, junk: bytes) -> None:
    damaged = GOOD[:place] + junk + GOOD[place + len(junk):]
    try:
        content = unpack_cdr(damaged, NAME)
    except CdrError:
        content = b""
    assert content in (b"", XML)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_quietly(data: bytes) -> None:
    assert code_of(data) in {"0155", "0156", "0157", "0158"}
