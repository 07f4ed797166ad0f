"""Every field that a finding can name has a JSON pointer, and every pointer a member in the API's description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.documents.pointers import BY_BODY, TABLE, pointer_of
from app.documents.schemas.request import DocumentRequest
from sunat import xml
from sunat.ubl.pointers import field_of
from tests.app.documents.test_tax_cases import GOOD
from tests.support.cases import CASES, KEYS
from tests.support.ordering import asked, request
from tests.support.world import World, world
from tests.support.written import nodes, written

OF_THE_WHOLE = "/header"
"""Where a finding points that is about nothing the caller can name."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("pointers"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def described(place: World) -> Any:
    return place.open().till("GET", "/openapi.json").json()


def reached(described: Any, pointer: str) -> Any:
    """The schema of the member under a pointer. Raises KeyError for one that the description does not have."""
    here = described["components"]["schemas"]["DocumentRequest"]
    for part in pointer.strip("/").split("/"):
        while "$ref" in here:
            here = described["components"]["schemas"][here["$ref"].rpartition("/")[2]]
        here = here["items"] if part.isdigit() else here["properties"][part]
    return here


BODIES: list[tuple[str, Any]] = [
    *((name, asked(**changes)) for name, (changes, _) in GOOD.items()),
    *((case, request(case)) for case in ("invoice/credit_explicit", "credit_note/whole_invoice", "boleta/dni")),
    ("nothing", {}),
]


def every_field() -> set[str]:
    """All that ``sunat.ubl`` calls the nodes of a voucher of every kind of operation."""
    return {field_of(path, CASES[key]) for key in KEYS for path, _ in nodes(xml.parse(written(CASES[key])))}


def test_every_field_that_can_be_named_is_pointed_at(described: Any) -> None:
    fields = every_field() - {""}
    assert len(fields) > 120
    for field in fields:
        for _, body in BODIES:
            pointer = pointer_of(field, body)
            assert pointer != OF_THE_WHOLE, field
            reached(described, pointer)


def test_every_row_of_the_table_ends_in_the_description(described: Any) -> None:
    for key in (*TABLE, *BY_BODY):
        for _, body in BODIES:
            reached(described, pointer_of(key.replace("#", "0"), body))


@pytest.mark.parametrize(("name", "body"), BODIES[:-1], ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_request_says_is_in_the_description(described: Any, name: str, body: Any) -> None:
    def walk(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, dict):
            for key, member in value.items():
                yield from walk(member, f"{pointer}/{key}")
        elif isinstance(value, list):
            for index, member in enumerate(value):
                yield from walk(member, f"{pointer}/{index}")
        else:
            yield pointer

    loaded = DocumentRequest().load(body)
    for pointer in walk(loaded, ""):
        reached(described, pointer)


def test_every_member_of_the_extensions_says_what_it_is(described: Any) -> None:
    silent = {"signature_id", "issue_time", "due_date", "issuer_ubigeo", "issuer_trade_name", "receiver_ubigeo",
              "receiver_trade_name"}
    for part in ("/header/additional/pe_header", "/details/0/additional/pe_detail"):
        schema = reached(described, part)
        while "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for name in schema["properties"]:
            member = reached(described, f"{part}/{name}")
            nested = "$ref" in member or "$ref" in member.get("items", {})
            assert name in silent or nested or member.get("description"), name
