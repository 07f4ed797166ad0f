"""The one parser: hostile bytes are refused, honest ones come back as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat import xml
from sunat.errors import XmlError

BILLION = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>"""
HOSTILE = {
    "empty": b"",
    "not xml": b"hola",
    "unclosed": b"<a><b></a>",
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><a/>',
    "entities in entities": BILLION,
    "any doctype": b"<!DOCTYPE a><a/>",
    "too deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "too large": b"<a>" + b"x" * (xml.MAX_BYTES + 1) + b"</a>",
    "null character": b"<a>\x00</a>",
    "two roots": b"<a/><b/>",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(XmlError):
        xml.parse(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_xml_or_an_xml_error(data: bytes) -> None:
    try:
        root = xml.parse(data)
    except XmlError:
        return
    assert xml.canonical(root)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_accents_survive_either_encoding(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>ÑANDÚ</a>'.encode(encoding)
    assert xml.text(xml.parse(data)) == "ÑANDÚ"


def test_names_carry_their_usual_prefix_whatever_the_document_calls_it() -> None:
    root = xml.parse(f'<x:Invoice xmlns:x="urn:i" xmlns:b="{xml.CBC}"><b:ID>F001-1</b:ID></x:Invoice>'.encode())
    (child,) = xml.children(root)
    assert (xml.name(root), xml.name(child)) == ("Invoice", "cbc:ID")
    assert xml.text(root, "cbc:ID") == "F001-1"
    assert xml.text(root, "cbc:Missing") is None
