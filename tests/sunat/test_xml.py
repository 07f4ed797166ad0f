"""The one parser: hostile bytes are refused, honest ones come back as they are."""

from __future__ import annotations

import time

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


def _declaring(prefixes: int, inner: str, *, times: int = 1) -> str:
    """An element that declares so many prefixes around something, or that inside itself so many times."""
    names = " ".join(f"xmlns:a{number}='u:{number}'" for number in range(prefixes))
    return f"<a {names}>" * times + inner + "</a>" * times


SLOW = {
    "attributes": ("<a " + " ".join(f"a{number}='1'" for number in range(60_000)) + "/>").encode(),
    "declarations": _declaring(30_000, "").encode(),
    "declarations in UTF-16": _declaring(30_000, "").encode("utf-16"),
    "declarations in UTF-32": _declaring(30_000, "").encode("utf-32"),
    "declarations in depth": _declaring(50, "", times=200).encode(),
    "declarations over many": _declaring(60, "<b/>" * 200_000).encode(),
    "declarations over many in depth": _declaring(60, "<b/>" * 100_000, times=250).encode(),
    "few prefixes over many": _declaring(40, "<b/>" * 250_000).encode(),
    "few prefixes over many in depth": _declaring(12, "<b/>" * 100_000, times=40).encode(),
    "few prefixes in depth": _declaring(40, "", times=250).encode(),
}
"""Well-formed, small, and yet their canonical form would take seconds to minutes."""


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW.keys())
def test_what_has_no_canonical_form_in_time_is_refused_in_time(data: bytes) -> None:
    begun = time.thread_time()
    with pytest.raises(XmlError):
        xml.parse(data)
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize("data", [
    _declaring(12, "<b>1</b>" * 60_000).encode(), ("<r>" + "<b xmlns='urn:u'>1</b>" * 60_000 + "</r>").encode(),
    ("<r>" + _declaring(30, "1") * 3000 + "</r>").encode("utf-16"),
    ("<r>" + ("<a " + " ".join(f"a{number}='1'" for number in range(64)) + "/>") * 500 + "</r>").encode(),
], ids=["many elements", "each declares", "each declares thirty", "many attributes"])
def test_large_honest_documents_pass_and_have_one(data: bytes) -> None:
    begun = time.thread_time()
    assert xml.canonical(xml.parse(data))
    assert time.thread_time() - begun < 2


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
