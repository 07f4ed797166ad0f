"""A voucher of every kind of operation over real HTTP: numbered, signed, sent, and accepted by the pretend SUNAT.

What is tried is the vouchers, not the rows: each goes through one of the databases, in turns.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sunat.kinds import KINDS
from sunat.numbering import VoucherId, parse_number
from sunat.sandbox import Entry, State
from tests.support.databases import KINDS as KINDS_OF_DATABASE
from tests.support.signing import RUC
from tests.support.world import Tenancy, World, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = sorted(path for row in KINDS for path in FIXTURES.glob(f"{row.stem}/*/request.json"))
BEFORE = 900
"""Where our own series start, behind every voucher that a case refers to."""
TYPES = {"96": "01", "97": "03"}


def body_of_case(path: Path) -> Any:
    body = json.loads(path.read_text(encoding="utf-8"))
    body["header"]["external_id"] = f"{path.parent.parent.name}-{path.parent.name}"
    return body


def referred_to(body: Any) -> Iterator[tuple[str, str]]:
    """The vouchers that a body speaks of: those that a note changes, and those issued for payments in advance."""
    for row in body.get("references", ()):
        if "reference_number" in row and row.get("document_type_id") in TYPES:
            yield TYPES[row["document_type_id"]], row["reference_number"]
    for row in body["header"].get("additional", {}).get("pe_header", {}).get("advances", ()):
        yield {"B": "03", "L": "04"}.get(row["number"][:1], "01"), row["number"]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("cases")) as made:
        known = {each for path in CASES for each in referred_to(body_of_case(path))}
        for type_code, number in sorted(known):
            series, integer = parse_number(number)
            made.sandbox.ledger.add(Entry(
                voucher=VoucherId(ruc=RUC, type_code=type_code, series=series, number=integer),
                state=State.ACCEPTED, sha256="0" * 64, received_at=made.clock.now(),
            ))
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    made = place.open(ruc=RUC, reduced_igv=True, gre_client_id="guias", gre_client_secret="moddatos")
    series = {
        (body["header"]["document_type_id"], body["header"]["document_sequence_code"])
        for body in map(body_of_case, CASES) if "document_type_id" in body["header"]
    }
    for type_id, code in sorted(series):
        answer = made.till(
            "PATCH", f"/V1/document_types/{type_id}", {"document_sequence_code": code, "last_sequence_number": BEFORE}
        )
        assert answer.status_code in {200, 201}, answer.text
    return made


def test_every_case_is_issued_and_accepted(place: World, shop: Tenancy, kind: str) -> None:
    bodies = [body_of_case(path) for path in CASES[KINDS_OF_DATABASE.index(kind)::len(KINDS_OF_DATABASE)]]
    answer = shop.till("POST", "/V1/documents/batch", {"documents": bodies}, timeout=120)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    refused = {
        body["header"]["external_id"]: row["error"]
        for body, row in zip(bodies, results, strict=True) if row["status"] != 201
    }
    assert refused == {}
    verdicts, end = {}, time.monotonic() + 120
    for row in results:
        settled = shop.till.settled(row["document"]["document_id"], seconds=0.5)
        while settled["status"] == "issued" and time.monotonic() < end:
            place.clock.advance(timedelta(seconds=1))  # tickets of guides are looked at again after some time
            settled = shop.till.settled(row["document"]["document_id"], seconds=0.5)
        verdicts[settled["external_id"]] = (settled["status"], settled["delivery"]["last_text"])
    assert {name: told for name, told in verdicts.items() if told[0] not in {"accepted", "observed"}} == {}
