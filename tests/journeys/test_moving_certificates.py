"""Certificates of another system taken over: listed, counted behind, never sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sunat.ubl.render import render
from tests.support.certificates import ISSUED, certificate
from tests.support.history import cdr, signer_of, zipped
from tests.support.settlements import settlement
from tests.support.world import World, world

CODES = {"retention": ("20", "R001"), "perception": ("40", "P001"), "settlement": ("04", "L001")}


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("certificates")) as made:
        yield made


def old(ruc: str, stem: str, number: int) -> dict[str, bytes]:
    """A certificate or settlement of somebody's with its CDR."""
    code, series = CODES[stem]
    content: Any = settlement() if stem == "settlement" else certificate(stem)
    content = replace(content, issuer=replace(content.issuer, identity_number=ruc))
    signed = signer_of(ruc).sign(render(content, template=f"{stem}.xml", series=series).numbered(number)).xml
    name = f"{ruc}-{code}-{series}-{number}"
    return {f"{name}.xml": signed, f"R-{name}.xml": cdr(number, ruc=ruc, series=series, day=ISSUED)}


@pytest.mark.parametrize("stem", CODES)
def test_they_are_taken_over_with_their_verdict(place: World, stem: str) -> None:
    shop = place.open()
    code, series = CODES[stem]
    files = old(shop.ruc, stem, 41) | old(shop.ruc, stem, 42)
    made = shop.till("POST", "/V1/imports", {"file": b64encode(zipped(files)).decode(), "name": "viejo.zip"})
    assert made.status_code == 201, made.text
    plan = made.json()
    confirmed = shop.till("POST", f"/V1/imports/{plan['import_id']}/confirm", {"plan": plan["plan"]})
    assert confirmed.status_code == 200, confirmed.text
    listed = shop.till("GET", "/V1/documents").json()["documents"]
    assert sorted((row["number"], row["status"], row["document_type_taxbureau"]) for row in listed) == [
        (f"{series}-00000041", "accepted", code), (f"{series}-00000042", "accepted", code),
    ]
    whole = shop.till("GET", f"/V1/documents/{listed[0]['document_id']}").json()
    assert (whole["origin"], bool(whole["references"])) == ("imported", stem != "settlement")
    types = shop.till("GET", "/V1/document_types").json()["document_types"]
    (row,) = [one for one in types if one["document_type_id"] == {"20": 109, "40": 940, "04": 904}[code]]
    assert [one["last_sequence_number"] for one in row["sequences"]] == [42]
    audit = shop.till("GET", "/V1/audit").json()
    assert audit["clean"], audit
