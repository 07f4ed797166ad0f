"""Whatever a caller writes into a body: never a fault of ours, and no number without a voucher.

The bodies are the contract's examples with a few things in them changed for the worse. In process, on both databases.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.factory import app_of
from sunat import xml
from tests.support.world import Tenancy, World, body_of, kind, world

__all__ = ["kind"]

BASES = (
    "invoice", "invoice_credit_terms", "invoice_export", "receipt", "receipt_dni", "receipt_under_700_no_customer",
    "receipt_foreign_customer_minimal_lines", "credit_note_for_invoice", "credit_note_for_receipt",
    "debit_note_for_invoice",
)
EXTRA: dict[str, Any] = {
    "price_mode": "gross", "issue_time": "10:00:00", "due_date": "2026-12-20", "establishment_code": "0001",
    "receiver_identity_code": "6", "issuer_ubigeo": "150101", "receiver_ubigeo": "150101",
    "payment": {"kind": "credit", "pending_amount": "1180", "instalments": [
        {"amount": "1180.00", "due_date": "2026-12-20"}
    ]},
    "note": {"reason_code": "01", "reason_text": "MOTIVO"},
    "references": [{"kind": "order", "number": "OC-1"}, {"kind": "guide", "type": "09", "number": "T001-1"}],
    "detraction": {"code": "037"}, "legends": [{"code": "2000"}], "is_advance": True, "rounding_amount": "0.01",
}
"""Members of the extensions that may be added before the harm is done."""

ODD: tuple[Any, ...] = (
    None, True, False, "", " ", "-", "x", "ñ", "²", "٣", "0", "00", "-1", 0, -1, 1, 7, 96, 98, 1.5, 10**17, 10**18,
    -(10**30), "1e30", "1e-30", "0.0000000001", "999999999999999.99", "1e400", "NaN", "9" * 25, "9" * 5000,
    "x" * 21, "x" * 251, "x" * 1501, "x" * 5000, "a\nb", "a\tb", "a\x07b", "a]]>b", "<a>&amp;</a>", "{{7*7}}", "😀" * 9,
    "\u202e", "\u0000", "0001-01-01", "9999-12-31", "1900-01-01", "2199-12-31", "2026-11-20", "2026-11-19",
    "2026-02-30", "23:59:60", "F001-0", "F001-1", "B001-00000001", "E001-9", "F001-999999999", "0001-1", "PE-RUC",
    "US-EIN", "PE-", "0101", "9999", "0,30,60", "0,0", "9999,9999", "30,", [], {}, [[]], [None], ["x"], [{}], {"": 1},
    {"x": {"y": []}},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path of a body."""
    if isinstance(value, dict | list):
        for name, member in (value.items() if isinstance(value, dict) else enumerate(value)):
            yield (*path, name)
            yield from places(member, (*path, name))


def reached(body: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        body = body[name]
    return body


@st.composite
def bodies(draw: st.DrawFn, tenancy: Tenancy) -> Any:
    """A body with up to four things changed."""
    body = body_of(tenancy, draw(st.sampled_from(BASES)))
    for name in draw(st.lists(st.sampled_from(sorted(EXTRA)), max_size=2)):
        body["header"]["additional"]["pe_header"][name] = copy.deepcopy(EXTRA[name])
    if draw(st.booleans()):
        body["details"] += copy.deepcopy(body["details"])
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(body))))
        parent, last = reached(body, path[:-1]), path[-1]
        action = draw(st.sampled_from(("odd", "odd", "odd", "text", "number", "drop", "double", "add")))
        if action == "odd":
            parent[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif action == "text":
            parent[last] = draw(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
        elif action == "number":
            parent[last] = draw(st.one_of(
                st.integers(-10**20, 10**20), st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str)
            ))
        elif action == "drop":
            del parent[last]
        elif action == "double" and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        elif isinstance(parent, dict):
            parent[draw(st.text(max_size=8))] = copy.deepcopy(draw(st.sampled_from(ODD)))
        if not body:
            break
    return body


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("requests"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def client(place: World) -> FlaskClient:
    return app_of(place.office).test_client()


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return place.open()


def hold(place: World, client: FlaskClient, shop: Tenancy, body: Any) -> None:
    """Posts a body: it is issued with the next number and sound XML, or refused and nothing is left."""
    before = place.held()
    answer = client.post(
        "/V1/documents", data=json.dumps(body), headers={"Authorization": f"Bearer {shop.till.credential}"}
    )
    assert answer.status_code in (201, 400, 403, 409, 422), answer.text
    after = place.held()
    if answer.status_code == 201:
        said = answer.json
        assert after["documents"] == after["editions"] == before["documents"] + 1
        file = client.get(
            f"/V1/documents/{said['document_id']}/xml", headers={"Authorization": f"Bearer {shop.till.credential}"}
        )
        series, number = said["header"]["document_sequence_code"], said["header"]["document_number"]
        assert xml.text(xml.parse(file.data), "cbc:ID") == f"{series}-{number}"
        return
    assert after == before
    assert answer.json["errors"]
    assert all(item["message"] for item in answer.json["errors"])


QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def test_a_spoilt_body_is_refused_or_issued_and_nothing_else(
    place: World, client: FlaskClient, shop: Tenancy
) -> None:
    @settings(max_examples=250, derandomize=True, deadline=None, database=None, suppress_health_check=QUIET)
    @given(body=bodies(shop))
    def spoil(body: Any) -> None:
        hold(place, client, shop, body)

    spoil()


@pytest.mark.long
def test_a_campaign_of_spoilt_bodies(place: World, client: FlaskClient, shop: Tenancy) -> None:
    @settings(max_examples=5000, deadline=None, database=None, suppress_health_check=QUIET)
    @given(body=bodies(shop))
    def spoil(body: Any) -> None:
        hold(place, client, shop, body)

    spoil()
