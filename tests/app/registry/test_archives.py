"""Folders, zips and zips in zips are walked whole; what is hostile is refused by itself."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from app.registry.archives import Archives, Found, Limits, Source, Unfit, sources_at
from tests.support.history import zipped

XML = b"<a/>"
SMALL = Limits(files=5, total_bytes=1000, file_bytes=100, zip_bytes=3000)


def walked(content: bytes, limits: Limits | None = None) -> list[Found]:
    with Archives((Source(name="up.zip", content=content),), limits or Limits()) as archives:
        return list(archives.walk())


def test_folders_files_and_nested_zips(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.xml").write_bytes(XML)
    (tmp_path / "link.xml").symlink_to(tmp_path / "b" / "x.xml")
    inner = zipped({"R-1.xml": b"<cdr/>"})
    (tmp_path / "a.zip").write_bytes(zipped({"uno.xml": b"<u/>", "enero/": b"", "enero/R-1.zip": inner}))
    with Archives(sources_at((tmp_path,))) as archives:
        found = list(archives.walk())
        assert [(each.shown, each.name, each.content) for each in found] == [
            ("a.zip!uno.xml", "uno.xml", b"<u/>"), ("a.zip!enero/R-1.zip!R-1.xml", "R-1.xml", b"<cdr/>"),
            ("b/x.xml", "x.xml", XML),
        ]
        assert [archives.read(each.place) for each in found] == [b"<u/>", b"<cdr/>", XML]
        assert [archives.packed(each.place) for each in found] == [(tmp_path / "a.zip").read_bytes(), inner, None]
    assert [each.shown for each in Archives(sources_at((tmp_path / "b" / "x.xml",))).walk()] == ["x.xml"]


def test_a_few_zips_are_open_at_a_time() -> None:
    many = zipped({f"{n}.zip": zipped({f"{n}.xml": f"<n{n}/>".encode()}) for n in range(12)})
    with Archives((Source(name="up.zip", content=many),)) as archives:
        found = list(archives.walk())
        again = [archives.read(each.place) for each in reversed(found)]
        assert again == [f"<n{n}/>".encode() for n in range(11, -1, -1)]
        assert len(archives._open) <= 4


def test_two_entries_of_one_name_are_two_files() -> None:
    twice = zipped({"a.xml": b"<one/>", "b.xml": b"<two/>"}).replace(b"b.xml", b"a.xml")
    assert [(each.name, each.content) for each in walked(twice)] == [("a.xml", b"<one/>"), ("a.xml", b"<two/>")]


def test_an_entry_without_a_name_is_a_file() -> None:
    nameless = zipped({"?.xml": XML}).replace(b"?.xml", b"\0.xml")
    assert [(each.name, each.content) for each in walked(nameless)] == [("", XML)]


def test_a_broken_zip_is_one_refusal() -> None:
    whole = zipped({"a.xml": XML})
    for broken in (whole[:20], b"PK\x03\x04" + b"x" * 100, whole[:-22] + b"\0" * 22):
        (only,) = walked(broken)
        assert only.refused is not None
        assert only.refused.es == "El zip está roto"


def test_a_damaged_entry_leaves_the_others() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("bad.xml", b"<bad>" + b"x" * 50)
        archive.writestr("good.xml", XML)
    data = bytearray(buffer.getvalue())
    data[data.index(b"xxxx") + 1] ^= 0xFF
    bad, good = walked(bytes(data))
    assert bad.refused is not None
    assert (bad.name, good.content) == ("bad.xml", XML)


def test_a_bomb_is_refused_and_the_rest_goes_on() -> None:
    bomb, good = walked(zipped({"bomb.xml": b"0" * 9_000_000, "good.xml": XML}))
    assert bomb.refused is not None
    assert "demasiado" in bomb.refused.es
    assert good.content == XML


def test_a_lie_about_the_size_unpacks_no_more_than_is_allowed() -> None:
    data = zipped({"lie.xml": b"0" * 400})
    lying = data.replace(struct.pack("<L", 400), struct.pack("<L", 50))
    (only,) = walked(lying, SMALL)
    assert only.refused is not None


def test_too_deep_too_many_too_large() -> None:
    deep = XML
    for level in range(5):
        deep = zipped({f"{level}.zip": deep})
    (only,) = walked(deep)
    assert only.refused is not None
    assert "dentro" in only.refused.es
    many = walked(zipped({f"{n}.xml": XML for n in range(9)}), Limits(files=5))
    assert [each.refused is None for each in many] == [True] * 5 + [False]
    large = walked(zipped({"a.xml": os.urandom(90), "b.xml": os.urandom(90)}), Limits(total_bytes=100))
    assert [each.refused is None for each in large] == [True, False]


def test_encrypted_entries_links_and_unusual_methods() -> None:
    data = bytearray(zipped({"a.xml": XML}))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    (locked,) = walked(bytes(data))
    assert locked.refused is not None
    assert "cifrado" in locked.refused.es
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("a.xml")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("b.xml", XML, compress_type=zipfile.ZIP_LZMA)
    link, packed = walked(buffer.getvalue())
    assert link.refused is not None
    assert packed.refused is not None
    assert ("enlace" in link.refused.es, "compresión" in packed.refused.es) == (True, True)


def test_a_directory_too_long_for_its_zip_is_not_read() -> None:
    data = bytearray(zipped({"a.xml": XML}))
    at = data.rindex(b"PK\x05\x06")
    data[at + 8:at + 12] = b"\xff\xff\xff\xff"
    (only,) = walked(bytes(data))
    assert only.refused is not None
    assert "65534" in only.refused.es


def test_large_files_on_disk_and_files_that_vanish(tmp_path: Path) -> None:
    (tmp_path / "big.xml").write_bytes(b"<" + b"x" * 200)
    (tmp_path / "gone.xml").write_bytes(XML)
    with Archives(sources_at((tmp_path,)), SMALL) as archives:
        big, gone = archives.walk()
        assert big.refused is not None
        assert gone.content == XML
        (tmp_path / "gone.xml").unlink()
        with pytest.raises(Unfit):
            archives.read(gone.place)
        assert "gone.xml" in [each.shown for each in archives.walk() if each.refused]


def test_names_are_fit_to_be_printed() -> None:
    (only,) = walked(zipped({"a\x1b[31m\n.xml": XML}))
    assert only.shown == "up.zip!a?[31m?.xml"
    (long,) = walked(zipped({"x" * 400 + ".xml": XML}))
    assert len(long.shown) < 200
