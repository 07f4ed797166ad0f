"""Files that somebody might send to do harm: XML that explodes, reaches out or lies, zips that do the same."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Final

from tests.sunat.rules.vouchers import Shape, build
from tests.support.signing import fixed_signer

NAME: Final = "20123456786-01-F001-123"
SIGNED: Final = fixed_signer().sign_xml(build(Shape())).xml
PLAIN: Final = build(Shape())
SECRET: Final = "root:"
"""What a file of this machine would show if it were read."""

MEGABYTE: Final = 1024 * 1024
_LAUGHS: Final = "".join(
    f'<!ENTITY l{each} "{f"&l{each - 1};" * 10 if each else "ha" * 10}">' for each in range(12)
)


def _typed(inner: str, use: str = "&e;") -> bytes:
    return f"<!DOCTYPE Invoice [{inner}]>".encode() + PLAIN.replace(b"TIENDA DE PRUEBA", use.encode(), 1)


def _declared(encoding: str, content: bytes) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + content


def _nested(depth: int) -> bytes:
    return PLAIN.replace(b"<cbc:UBLVersionID>", b"<a>" * depth + b"</a>" * depth + b"<cbc:UBLVersionID>", 1)


XMLS: Final[dict[str, Callable[[], bytes]]] = {
    "external entity": lambda: _typed('<!ENTITY e SYSTEM "file:///etc/passwd">'),
    "external entity over HTTP": lambda: _typed('<!ENTITY e SYSTEM "http://127.0.0.1:9/x">'),
    "parameter entity": lambda: _typed('<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;', "x"),
    "external DTD": lambda: b'<!DOCTYPE Invoice SYSTEM "file:///etc/passwd">' + PLAIN,
    "billion laughs": lambda: _typed(_LAUGHS, "&l11;"),
    "quadratic blowup": lambda: _typed(f'<!ENTITY e "{"x" * 100_000}">', "&e;" * 2_000),
    "entity in itself": lambda: _typed('<!ENTITY e "&e;">'),
    "bare DOCTYPE": lambda: b"<!DOCTYPE Invoice>" + PLAIN,
    "attribute list": lambda: _typed('<!ATTLIST Invoice x CDATA "y">', "x"),
    "deep nesting": lambda: _nested(100_000),
    "a little too deep": lambda: _nested(300),
    "inclusion": lambda: PLAIN.replace(
        b"<cbc:UBLVersionID>",
        b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" parse="text" href="file:///etc/passwd"/>'
        b"<cbc:UBLVersionID>", 1),
    "stylesheet": lambda: b'<?xml-stylesheet href="file:///etc/passwd" type="text/xsl"?>' + PLAIN,
    "byte order mark": lambda: b"\xef\xbb\xbf" + PLAIN,
    "two byte order marks": lambda: b"\xef\xbb\xbf\xef\xbb\xbf" + PLAIN,
    "UTF-16": lambda: PLAIN.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda: PLAIN.decode().encode("utf-16-le"),
    "UTF-32": lambda: PLAIN.decode().encode("utf-32"),
    "says UTF-16, is UTF-8": lambda: _declared("UTF-16", PLAIN),
    "says UTF-8, is Latin-1": lambda: _declared("UTF-8", PLAIN.replace(b"TIENDA", "TIENDÑ".encode("latin-1"))),
    "says UTF-7": lambda: _declared("UTF-7", PLAIN),
    "says nothing known": lambda: _declared("klingon", PLAIN),
    "EBCDIC": lambda: PLAIN.decode().encode("cp037", "replace"),
    "NUL": lambda: PLAIN.replace(b"TIENDA", b"TIE\x00NDA"),
    "NUL behind": lambda: PLAIN + b"\x00" * 10,
    "control reference": lambda: PLAIN.replace(b"TIENDA", b"TIE&#1;NDA"),
    "lone surrogate": lambda: PLAIN.replace(b"TIENDA", b"TIE&#xD800;NDA"),
    "beyond Unicode": lambda: PLAIN.replace(b"TIENDA", b"TIE&#x7FFFFFFF;NDA"),
    "many attributes": lambda: _with(b" ".join(b'a%d="x"' % each for each in range(50_000))),
    "long attribute": lambda: _with(b'x="%b"' % (b"y" * 9_000_000)),
    "many namespaces": lambda: _with(b" ".join(b'xmlns:n%d="urn:u%d"' % (each, each) for each in range(20_000))),
    "namespaces and elements": lambda: PLAIN.replace(
        b"<cbc:UBLVersionID>",
        b"<x " + b" ".join(b'xmlns:n%d="urn:u%d"' % (each, each) for each in range(1_000)) + b">" + b"<b/>" * 5_000
        + b"</x><cbc:UBLVersionID>", 1),
    "the same in UTF-16": lambda: XMLS["namespaces and elements"]().decode().encode("utf-16"),
    "tiny elements": lambda: PLAIN.replace(b"<cbc:UBLVersionID>", b"<a/>" * 2_400_000 + b"<cbc:UBLVersionID>", 1),
    "many lines": lambda: _repeated(b"<cac:InvoiceLine>", b"</cac:InvoiceLine>", 3_000),
    "many notes": lambda: _repeated(b"<cbc:Note ", b"</cbc:Note>", 50_000),
    "long text": lambda: PLAIN.replace(b"TIENDA DE PRUEBA", b"A" * 9_000_000),
    "endless number": lambda: PLAIN.replace(b">396.00<", b">" + b"9" * 1_000_000 + b"<"),
    "huge exponent": lambda: PLAIN.replace(b">396.00<", b">1e999999999<"),
    "unclosed": lambda: PLAIN[:-20],
    "two roots": lambda: PLAIN + PLAIN,
    "text behind": lambda: PLAIN + b"x",
    "not XML": lambda: b"%PDF-1.7\n",
    "empty": lambda: b"",
    "blank": lambda: b" \n" * 1000,
    "11 MB": lambda: PLAIN + b" " * (11 * MEGABYTE),
}
"""Hostile XML by name."""


def _with(attributes: bytes) -> bytes:
    return PLAIN.replace(b"<cbc:UBLVersionID>", b"<cbc:UBLVersionID " + attributes + b">", 1)


def _repeated(start: bytes, end: bytes, times: int) -> bytes:
    first = PLAIN.index(start)
    last = PLAIN.index(end, first) + len(end)
    return PLAIN[:first] + PLAIN[first:last] * times + PLAIN[last:]


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries; the same name may come twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two entries of one name are meant
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def _link() -> bytes:
    entry = zipfile.ZipInfo(f"{NAME}.xml")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((entry, b"/etc/passwd"))


def _patched(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = data.rfind(signature) + offset
    return data[:at] + value + data[at + len(value):]


def _one(content: bytes = SIGNED, name: str = f"{NAME}.xml") -> bytes:
    return zipped((name, content))


def _bomb(levels: int) -> bytes:
    content = zipped(("a.xml", b"\x00" * (9 * MEGABYTE)))
    for _ in range(levels):
        content = zipped(*((f"{each}.zip", content) for each in range(16)))
    return content


ZIPS: Final[dict[str, Callable[[], bytes]]] = {
    "bomb": lambda: _one(b"\x00" * (200 * MEGABYTE)),
    "bomb under the limit": lambda: _one(b"\x00" * (9 * MEGABYTE)),
    "nested bombs": lambda: _bomb(3),
    "zip in the zip": lambda: _one(_one()),
    "many entries": lambda: zipped(*((f"{each}.xml", b"<x/>") for each in range(3_000))),
    "same name twice": lambda: zipped((f"{NAME}.xml", SIGNED), (f"{NAME}.xml", b"<x/>")),
    "path upwards": lambda: _one(name=f"../../../tmp/{NAME}.xml"),
    "absolute path": lambda: _one(name=f"/etc/{NAME}.xml"),
    "path of Windows": lambda: _one(name=f"..\\..\\{NAME}.xml"),
    "name with control characters": lambda: _one(name="a\x1b[2J\n.xml"),
    "long name": lambda: _one(name="x" * 60_000 + ".xml"),
    "other name": lambda: _one(name="20123456786-01-F001-124.xml"),
    "encrypted": lambda: _patched(_patched(_one(), b"PK\x01\x02", 8, b"\x01\x00"), b"PK\x03\x04", 6, b"\x01\x00"),
    "link": _link,
    "lies of its size": lambda: _patched(_one(b"\x00" * MEGABYTE), b"PK\x01\x02", 24, struct.pack("<I", 10)),
    "says it is larger": lambda: _patched(_one(), b"PK\x01\x02", 24, struct.pack("<I", 0xFFFFFFFE)),
    "zip64 without a record": lambda: _patched(_one(), b"PK\x01\x02", 20, b"\xff" * 8),
    "says it has 65535 entries": lambda: _patched(_one(), b"PK\x05\x06", 8, b"\xff" * 4),
    "directory beyond its end": lambda: _patched(_one(), b"PK\x05\x06", 16, b"\xf0\xff\xff\x0f"),
    "wrong checksum": lambda: _patched(_one(), b"PK\x01\x02", 16, b"\x00" * 4),
    "unknown compression": lambda: _patched(_one(), b"PK\x01\x02", 10, b"\x63\x00"),
    "LZMA": lambda: zipped((f"{NAME}.xml", SIGNED), method=zipfile.ZIP_LZMA),
    "cut": lambda: _one()[:-30],
    "only a directory": lambda: zipped((f"{NAME}/", b"")),
    "no entries": lambda: zipped(),
    "garbage": lambda: b"PK\x03\x04" + bytes(range(256)) * 40,
    "hostile XML": lambda: _one(XMLS["external entity"]()),
}
"""Hostile zips by name."""
