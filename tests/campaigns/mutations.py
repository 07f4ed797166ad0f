"""Ways to spoil an answer: of the message, of the base64 in it, of the zip in that, of the CDR in that.

Each takes a source of chance and bytes and gives bytes; none knows what it spoils is worth. ``LAYERS`` are the
tables that `hostile` draws from.
"""

from __future__ import annotations

import random
import re
import struct
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Final

from sunat.sandbox.faults import garbling

Mutation = Callable[[random.Random, bytes], bytes]

_JUNK: Final = (
    b"\x00", b"\xff\xfe", b"<", b"&", b"]]>", b"<!--", b"<?x?>", b"&#0;", b"&lt;", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    "‮".encode(), "\u200b".encode(), "٠".encode(), b"\r\n\r\n", b"%s%n", b"' OR 1=1 --", b"../" * 20, b"A" * 4096,
)
_CODES: Final = (
    b"", b" 0 ", b"0000", b"00", b"0x0", "٠".encode(), "0\u200b".encode(), b"0.0", b"-0", b"+0", b"0 2800", b"2800",
    b"0,0", b"NaN", b"null", b"false", b"4252", b"9" * 400, b"0<!-- -->", b"<x/>0", b"<![CDATA[0]]>", b"&#48;", b"O",
    b"1033", b"0140", b"99", b"98",
)
_TAGS: Final = (
    b"cbc:ResponseCode", b"cbc:ReferenceID", b"cac:ReceiverParty", b"cac:SenderParty", b"cac:DocumentResponse",
    b"cac:Response", b"cbc:ID", b"cbc:Description", b"cbc:Note", b"cbc:IssueDate", b"ds:Signature", b"ds:SignedInfo",
    b"ds:Reference", b"ds:DigestValue", b"ds:SignatureValue", b"ds:X509Certificate", b"ds:KeyInfo", b"ds:Transforms",
    b"ext:UBLExtensions", b"ext:ExtensionContent", b"cac:RecipientParty", b"cac:DocumentReference",
)
_ALGORITHMS: Final = (
    b"http://www.w3.org/2000/09/xmldsig#hmac-sha1", b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    b"http://www.w3.org/2001/04/xmldsig-more#rsa-md5", b"http://www.w3.org/TR/1999/REC-xslt-19991116",
    b"http://www.w3.org/TR/1999/REC-xpath-19991116", b"http://www.w3.org/2000/09/xmldsig#base64", b"urn:none", b"",
)
_BOMB: Final = bytes(24 * 1024 * 1024)
_WIDE: Final[tuple[Callable[[random.Random], bytes], ...]] = (
    lambda chance: b"<cbc:Note>4252 - x</cbc:Note>" * 20_000,
    lambda chance: b"<cbc:N/>" * 100_000,
    lambda chance: b"<a/>" * chance.choice((20_000, 400_000)),
    lambda chance: b"".join(b"<%c/>" % letter for letter in chance.choices(range(97, 123), k=300_000)),
    lambda chance: b" " * 1_500_000,
    lambda chance: b"<a b='" + b"c" * 1_000_000 + b"'/>",
    lambda chance: b"<a " + b" ".join(b"a%d='1'" % number for number in range(chance.choice((2000, 90_000)))) + b"/>",
    lambda chance: b"<a " + b" ".join(b"xmlns:a%d='u:%d'" % (number, number) for number in range(40_000)) + b"/>",
    lambda chance: b"<a " + b" ".join(b"xmlns:a%d='u'" % number for number in range(60)) + b">" + b"<b/>" * 200_000
    + b"</a>",
)
"""Much of the same, as much as the limits on an answer still let through, and more."""


# --- bytes of any kind -------------------------------------------------------------------------------------


def _place(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def _flip(chance: random.Random, data: bytes) -> bytes:
    spoilt = bytearray(data or b"\x00")
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[:_place(chance, data)]


def _drop(chance: random.Random, data: bytes) -> bytes:
    start = _place(chance, data)
    return data[:start] + data[start + chance.choice((1, 2, 16, 256, 2048)):]


def _insert(chance: random.Random, data: bytes) -> bytes:
    start = _place(chance, data)
    return data[:start] + chance.choice(_JUNK) * chance.choice((1, 1, 3)) + data[start:]


def _repeat(chance: random.Random, data: bytes) -> bytes:
    start = _place(chance, data)
    end = start + chance.choice((4, 64, 512, len(data)))
    return data[:end] + data[start:end] * chance.choice((1, 2, 20)) + data[end:]


def _swap(chance: random.Random, data: bytes) -> bytes:
    one, two, three = sorted(_place(chance, data) for _ in range(3))
    return data[:one] + data[two:three] + data[one:two] + data[three:]


def _noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 22, 300, 5000)))


ANY: Final[Mapping[str, Mutation]] = {
    "flip": _flip, "cut": _cut, "drop": _drop, "insert": _insert, "repeat": _repeat, "swap": _swap, "noise": _noise,
}


# --- XML ---------------------------------------------------------------------------------------------------


def _doctype(chance: random.Random, data: bytes) -> bytes:
    _, _, rest = data.rpartition(b"?>") if b"?>" in data[:200] else (b"", b"", data)
    inner = chance.choice((
        b'<!ENTITY x SYSTEM "file:///etc/hostname">', b'<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;',
        b'<!ENTITY a "b">', b'<!ENTITY a "' + b"b" * 50_000 + b'"><!ENTITY c "' + b"&a;" * 1000 + b'">',
        b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ja") for n in range(12)),
    ))
    return b'<?xml version="1.0"?><!DOCTYPE a [' + inner + b"]>" + rest


def _encoding(chance: random.Random, data: bytes) -> bytes:
    """Another declaration, other bytes, or both: they need not agree."""
    _, _, rest = data.rpartition(b"?>") if b"?>" in data[:200] else (b"", b"", data)
    named = chance.choice(("ISO-8859-1", "UTF-16", "UTF-7", "UCS-4", "windows-1252", "EBCDIC-CP-US", "x" * 300, ""))
    text = rest.decode("utf-8", "replace")
    written = text.encode(chance.choice(("utf-8", "utf-16", "utf-32", "latin-1", "utf-8-sig")), "xmlcharrefreplace")
    return f'<?xml version="1.0" encoding="{named}"?>'.encode() + written


def _element(data: bytes, tag: bytes) -> re.Match[bytes] | None:
    return re.search(rb"<" + re.escape(tag) + rb"(?:\s[^>]*)?>.*?</" + re.escape(tag) + rb">", data, re.DOTALL)


def _without(chance: random.Random, data: bytes) -> bytes:
    found = _element(data, chance.choice(_TAGS))
    return data.replace(found.group(), b"", 1) if found else _drop(chance, data)


def _doubled(chance: random.Random, data: bytes) -> bytes:
    found = _element(data, chance.choice(_TAGS))
    if found is None:
        return _repeat(chance, data)
    return data.replace(found.group(), found.group() * chance.choice((2, 3, 200)), 1)


def _emptied(chance: random.Random, data: bytes) -> bytes:
    tag = chance.choice(_TAGS)
    found = _element(data, tag)
    return data.replace(found.group(), b"<" + tag + b"/>", 1) if found else _cut(chance, data)


def _renamed(chance: random.Random, data: bytes) -> bytes:
    tag = chance.choice(_TAGS)
    return data.replace(tag, chance.choice((tag.upper(), tag + b"s", b"x:" + tag.partition(b":")[2], b"y")))


def _commented(chance: random.Random, data: bytes) -> bytes:
    """A comment in the middle of a text: a careless reader sees half of it."""
    texts = list(re.finditer(rb">([^<>]{2,40})<", data))
    if not texts:
        return _insert(chance, data)
    found = chance.choice(texts)
    middle = chance.randrange(found.start(1), found.end(1))
    return data[:middle] + chance.choice((b"<!-- -->", b"<?p x?>", b"<![CDATA[]]>")) + data[middle:]


def _moved(chance: random.Random, data: bytes) -> bytes:
    """One element taken out and put somewhere between two others."""
    found = _element(data, chance.choice(_TAGS))
    if found is None:
        return _swap(chance, data)
    rest = data.replace(found.group(), b"", 1)
    gaps = [gap.start() + 1 for gap in re.finditer(rb"><", rest)]
    if not gaps:
        return rest
    place = chance.choice(gaps)
    return rest[:place] + found.group() + rest[place:]


def _other_text(chance: random.Random, data: bytes) -> bytes:
    texts = list(re.finditer(rb">([^<>]{1,60})<", data))
    if not texts:
        return _insert(chance, data)
    found = chance.choice(texts)
    return data[:found.start(1)] + chance.choice((*_CODES, *_JUNK, b"F001-2", b"20987654326")) + data[found.end(1):]


def _deep(chance: random.Random, data: bytes) -> bytes:
    start = _place(chance, data)
    depth = chance.choice((50, 300, 20_000))
    return data[:start] + b"<a>" * depth + b"</a>" * depth + data[start:]


def _wide(chance: random.Random, data: bytes) -> bytes:
    gaps = [gap.start() + 1 for gap in re.finditer(rb"><", data)] or [0]
    place = chance.choice(gaps)
    more = chance.choice(_WIDE)(chance)
    return data[:place] + more + data[place:]


def _namespace(chance: random.Random, data: bytes) -> bytes:
    names = re.findall(rb'xmlns:?\w*="([^"]+)"', data) or [b"urn:none"]
    return data.replace(chance.choice(names), chance.choice((b"urn:other", b"", b"relative", chance.choice(names))))


XML: Final[Mapping[str, Mutation]] = {
    "doctype": _doctype, "encoding": _encoding, "without": _without, "doubled": _doubled, "emptied": _emptied,
    "renamed": _renamed, "commented": _commented, "moved": _moved, "other text": _other_text, "deep": _deep,
    "wide": _wide, "namespace": _namespace,
}


# --- the CDR itself ----------------------------------------------------------------------------------------


def _code(chance: random.Random, data: bytes) -> bytes:
    return garbling.with_code(data, chance.choice(_CODES))


def _two_codes(chance: random.Random, data: bytes) -> bytes:
    found = _element(data, b"cbc:ResponseCode")
    if found is None:
        return data
    other = garbling.flipped(found.group())
    return data.replace(found.group(), chance.choice((found.group() + other, other + found.group())), 1)


def _two_responses(chance: random.Random, data: bytes) -> bytes:
    found = _element(data, b"cac:DocumentResponse")
    if found is None:
        return data
    other = garbling.flipped(found.group())
    if chance.random() < 0.5:
        other = re.sub(rb"-[0-9]+</cbc:ReferenceID>", b"-999</cbc:ReferenceID>", other)
    return data.replace(found.group(), chance.choice((found.group() + other, other + found.group())), 1)


def _algorithm(chance: random.Random, data: bytes) -> bytes:
    found = re.findall(rb'Algorithm="([^"]*)"', data)
    return data.replace(chance.choice(found), chance.choice(_ALGORITHMS)) if found else data


def _reference(chance: random.Random, data: bytes) -> bytes:
    return re.sub(rb'URI="[^"]*"', b'URI="' + chance.choice((
        b"#x", b"#xpointer(/)", b"http://127.0.0.1:9/", b"file:///etc/hostname", b"#SignSUNAT",
    )) + b'"', data, count=1)


def _false(chance: random.Random, data: bytes) -> bytes:
    """The opposite verdict, the signature left, moved, wrapped or doubled."""
    turned = chance.choice((
        garbling.flipped(data), garbling.wrapped(data), garbling.flipped(garbling.unsigned(data)),
        garbling.missigned(garbling.flipped(data)),
    ))
    return _moved(chance, turned) if chance.random() < 0.3 else turned


def _enveloped(chance: random.Random, data: bytes) -> bytes:
    """The whole signed CDR as a part of one that says the opposite, in a place that readers overlook."""
    _, _, root = data.rpartition(b"?>")
    forged = garbling.flipped(garbling.unsigned(root))
    place = chance.choice((b"</ar:ApplicationResponse>", b"</cac:DocumentResponse>", b"</cac:Response>",
                           b"<cac:SenderParty>", b"<ext:ExtensionContent>"))
    named = root.replace(b"<ar:ApplicationResponse", b'<ar:ApplicationResponse Id="x"', 1)
    inner = chance.choice((root, named))
    return forged.replace(place, (inner + place) if place.startswith(b"</") else place + inner, 1)


CDR: Final[Mapping[str, Mutation]] = {
    "code": _code, "two codes": _two_codes, "two responses": _two_responses, "algorithm": _algorithm,
    "reference": _reference, "false": _false, "enveloped": _enveloped,
}


# --- base64 and zip ----------------------------------------------------------------------------------------


def _lines(chance: random.Random, text: bytes) -> bytes:
    width = chance.choice((1, 4, 76, 77))
    return b"\r\n".join(text[start:start + width] for start in range(0, len(text), width))


def _alphabet(chance: random.Random, text: bytes) -> bytes:
    return text.replace(b"+", b"-").replace(b"/", b"_") + chance.choice((b"", b"=", b"===", b"A", b"\x00"))


def _twice(chance: random.Random, text: bytes) -> bytes:
    return chance.choice((b64encode(text), text + text, text[:-4] + text))


BASE64: Final[Mapping[str, Mutation]] = {"lines": _lines, "alphabet": _alphabet, "twice": _twice}


def opened(data: bytes) -> tuple[str, bytes] | None:
    """The voucher's file name and the CDR in a zip, or None where it is spoilt already."""
    try:
        return garbling.opened(data)
    except (zipfile.BadZipFile, zlib.error, StopIteration, KeyError, ValueError, OSError, EOFError, RuntimeError,
            NotImplementedError, struct.error):
        return None


def _lie(chance: random.Random, data: bytes) -> bytes:
    """A number of a header that says something else: sizes, methods, flags, counts, offsets."""
    signature = chance.choice((b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    start = data.find(signature)
    if start < 0:
        return data
    spoilt = bytearray(data)
    place = start + chance.randrange(4, 46 if signature == b"PK\x01\x02" else 22)
    value = chance.choice((0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
    size = chance.choice(("<B", "<H", "<I"))
    value &= {"<B": 0xFF, "<H": 0xFFFF, "<I": 0xFFFFFFFF}[size]
    struct.pack_into(size, spoilt, min(place, len(spoilt) - 4), value)
    return bytes(spoilt)


def _entries(chance: random.Random, data: bytes) -> bytes:
    """The same content among other entries, under other names, or twice."""
    found = opened(data)
    if found is None:
        return data
    name, content = found
    right = f"R-{name}.xml"
    return garbling.zip_of(chance.choice((
        {f"../{right}": content}, {right.lower(): content}, {f"dummy/{right}": content}, {right + "\x00.exe": content},
        {right: garbling.zip_of({right: content})}, {right: content, right.upper(): content}, {right: b""}, {},
        {**{f"{n}": b"" for n in range(chance.choice((5, 15, 16, 400)))}, right: content},
        {right: garbling.flipped(content), f"./{right}": content}, {name: content}, {"R-.xml": content},
        {right.replace("-", "‐"): content}, {right: content + b"\n" * 100}, {"A" * 60_000: content},
    )))


def _twins(chance: random.Random, data: bytes) -> bytes:
    """Two entries of one name, the second contradicting the first."""
    found = opened(data)
    if found is None:
        return data
    name, content = found
    right, other = f"R-{name}.xml", f"R-{name}.xmL"
    archived = garbling.zip_of({right: content, other: garbling.flipped(content)})
    return archived.replace(other.encode(), right.encode())


def _bomb(chance: random.Random, data: bytes) -> bytes:
    found = opened(data)
    if found is None:
        return data
    name, content = found
    return garbling.zip_of({f"R-{name}.xml": content + _BOMB}, level=1)


def _around(chance: random.Random, data: bytes) -> bytes:
    return chance.choice((
        b"MZ" + bytes(500) + data, data + b"PK\x05\x06" + bytes(18), data + data, data + bytes(70_000),
    ))


ZIP: Final[Mapping[str, Mutation]] = {
    "lie": _lie, "entries": _entries, "twins": _twins, "bomb": _bomb, "around": _around,
}
