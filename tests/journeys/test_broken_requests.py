"""Two thousand broken requests, made of good ones of every kind of sale, spend no number: the next good one is next."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
import requests
from marshmallow import Schema, fields

from app.documents.schemas.request import DocumentRequest
from tests.app.documents.test_tax_cases import GOOD
from tests.support.breaking import broken
from tests.support.ordering import asked
from tests.support.world import Tenancy, World, world

COUNT = 2000
SEED = 20261120
NOTES = {
    "credit_note/whole_invoice": "98", "credit_note/whole_boleta": "155", "debit_note/penalty": "99",
    "boleta/dni": "97", "boleta/anonymous": "97",
}


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("broken"), delivers=False) as made:
        yield made


def good_bodies(shop: Tenancy) -> list[Any]:
    """A request of every tax case of a factura, and of every other kind."""
    bodies = [asked(**changes) for changes, _ in GOOD.values()] + [asked(name) for name in NOTES]
    for body in bodies:
        body["header"] |= {"account_id": shop.account_id, "issuer_tax_id_code": shop.ruc, "issue_date": "2026-11-20"}
    return [_as_json(body) for body in bodies]


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_json(member) for member in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def test_two_thousand_broken_requests_spend_no_number(place: World) -> None:
    shop = place.open(detraction_account="00-011-123456")
    bodies = good_bodies(shop)
    firsts = {
        code: shop.till.issued(_of_type(bodies, code))["header"]["document_number"]
        for code in ("96", "97", "98", "99", "155")
    }
    before = place.held()

    def post(each: list[Any]) -> list[tuple[int, str, Any]]:
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {shop.till.credential}"
            answers = []
            for body in each:
                answer = session.post(f"{place.url}/V1/documents", json=body, timeout=30)
                answers.append((answer.status_code, answer.text, body))
        return answers

    wrong = list(broken(SEED, bodies, COUNT))
    with ThreadPoolExecutor(2) as pool:
        answers = [answer for part in pool.map(post, (wrong[::2], wrong[1::2])) for answer in part]
    taken = [(status, text[:300], body) for status, text, body in answers if status not in (400, 403, 422)]
    assert taken == []
    assert len(answers) == COUNT
    statuses = Counter(status for status, _, _ in answers)
    assert min(statuses[400], statuses[422]) > COUNT // 5
    assert place.held() == before
    for code, first in firsts.items():
        body = _of_type(bodies, code)
        body["header"]["observations"] = "DESPUES"
        assert shop.till.issued(body)["header"]["document_number"] == first + 1


def members(schema: Schema, above: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every member of a request by its path, lists by their first row, with its field."""
    for name, field in schema.fields.items():
        path = (*above, name)
        yield path, field
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from members(inner.schema, (*path, 0) if isinstance(field, fields.List) else path)


def _put(body: Any, path: tuple[str | int, ...], value: Any) -> None:
    """Puts a value at a path, making what is above it."""
    for name, below in pairwise(path):
        if isinstance(name, int):
            body = body[name]
        else:
            if not body.get(name):
                body[name] = [{}] if isinstance(below, int) else {}
            body = body[name]
    body[path[-1]] = value


def test_every_member_of_the_wrong_type_is_named(place: World) -> None:
    shop = place.open()
    good, before = good_bodies(shop)[0], place.held()
    wrong = [(path, field) for path, field in members(DocumentRequest()) if not isinstance(field, fields.Dict)]
    assert len(wrong) > 200
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {shop.till.credential}"
        for path, field in wrong:
            body = copy.deepcopy(good)
            _put(body, path, "x" if isinstance(field, fields.List | fields.Nested) else {"a": [1]})
            pointer = "/" + "/".join(str(name) for name in path)
            told = {}
            for language in ("es", "en"):
                answer = session.post(
                    f"{place.url}/V1/documents", json=body, headers={"Accept-Language": language}, timeout=30
                )
                assert answer.status_code == 400, (pointer, answer.text[:200])
                found = [item for item in answer.json()["errors"] if item["pointer"] == pointer]
                assert found, (pointer, answer.text[:300])
                assert found[0]["hint"]
                told[language] = found[0]["message"]
            assert told["es"] != told["en"], pointer
    assert place.held() == before


def _of_type(bodies: list[Any], code: str) -> Any:
    return next(body for body in bodies if str(body["header"]["document_type_id"]) == code)
