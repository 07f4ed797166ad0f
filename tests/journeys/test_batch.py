"""Many vouchers in one request over real HTTP: each stands for itself."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.series import allocator
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def here(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("batch")) as made:
        yield made


def bad(body: Any) -> Any:
    broken = copy.deepcopy(body)
    broken["header"]["receiver_tax_id_code"] = "20987654321"
    return broken


def post(tenancy: Tenancy, documents: list[Any]) -> list[dict[str, Any]]:
    answer = tenancy.till("POST", "/V1/documents/batch", {"documents": documents})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    assert [row["index"] for row in results] == list(range(len(documents)))
    return results


def test_items_are_numbered_in_order_and_refused_ones_take_no_number(here: World) -> None:
    tenancy = here.open()
    good = body_of(tenancy)
    results = post(tenancy, [good, bad(good), good, {"header": {}}, body_of(tenancy, "receipt_dni"), good])
    assert [row["status"] for row in results] == [201, 422, 201, 400, 201, 201]
    numbers = [row["document"]["header"]["number"] for row in results if row["status"] == 201]
    assert numbers == ["F001-00000001", "F001-00000002", "B001-00000001", "F001-00000003"]
    assert results[1]["error"]["errors"][0]["pointer"] == "/header/receiver_tax_id_code"
    assert results[3]["error"]["code"] == "VALIDATION_ERROR"


def test_a_repeated_batch_repeats_the_answers_of_keyed_items_only(here: World) -> None:
    tenancy = here.open()
    keyed = {**body_of(tenancy), "idempotency_key": "sale-1"}
    first = post(tenancy, [keyed, body_of(tenancy)])
    second = post(tenancy, [keyed, body_of(tenancy)])
    assert second[0] == first[0]
    assert second[1]["document"]["header"]["number"] == "F001-00000003"
    altered = {**copy.deepcopy(keyed), "idempotency_key": "sale-1"}
    altered["header"]["observations"] = "otra"
    assert post(tenancy, [altered])[0]["status"] == 422


def test_a_refused_item_gives_its_key_back(here: World) -> None:
    tenancy = here.open()
    good = body_of(tenancy)
    assert post(tenancy, [{**bad(good), "idempotency_key": "k"}])[0]["status"] == 422
    assert post(tenancy, [{**good, "idempotency_key": "k"}])[0]["status"] == 201


def test_what_is_issued_in_a_batch_is_delivered(here: World) -> None:
    tenancy = here.open()
    results = post(tenancy, [body_of(tenancy) for _ in range(5)])
    for row in results:
        assert tenancy.till.settled(row["document"]["document_id"])["status"] == "accepted"


@pytest.mark.parametrize("documents", [[], "x", [1], None, [{}] * 501])
def test_a_batch_that_is_none_is_refused_whole(here: World, documents: Any) -> None:
    tenancy = here.open()
    assert tenancy.till("POST", "/V1/documents/batch", {"documents": documents}).status_code == 400


def test_a_database_that_fails_at_one_series_does_not_hide_what_another_issued(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenancy = here.open()
    advance, calls = allocator.advance, itertools.count()

    def fail_at_the_second(*arguments: Any, **named: Any) -> Any:
        if next(calls) == 1:
            raise OperationalError("UPDATE", {}, Exception("the connection is gone"))
        return advance(*arguments, **named)

    receipt = {**body_of(tenancy, "receipt_dni"), "idempotency_key": "b"}
    with monkeypatch.context() as broken:
        broken.setattr(allocator, "advance", fail_at_the_second)
        results = post(tenancy, [receipt, body_of(tenancy)])
    assert sorted(row["status"] for row in results) == [201, 503]
    (failed,) = (row["error"] for row in results if row["status"] == 503)
    assert failed["code"] == "OUTCOME_UNKNOWN"
