"""The issuer's regime: the Nuevo RUS sells by boleta only, and the reduced rate can be stopped at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.almanac import stops
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("regimes"), delivers=False) as made:
        yield made


def boleta(tenancy: Tenancy, operation: str, rate: str = "18") -> Any:
    body = body_of(tenancy, "receipt_under_700_no_customer")
    body["header"]["additional"]["pe_header"]["operation_type"] = operation
    line = body["details"][0]
    line.update(unit_price=100, total_taxes=None, total_amount_line=None)
    line["taxes"] = [{"tax_type_id": "413", "tax_percentage": rate, "tax_amount": rate}]
    body.pop("totals")
    return body


def codes(answer: Any) -> list[str]:
    body = answer.json()
    return [item["code"] for item in body.get("errors") or body["observations"]]


def test_the_nuevo_rus_issues_no_factura_and_spends_no_number(place: World) -> None:
    shop = place.open(tax_regime="nrus")
    refused = shop.till.issue(body_of(shop))
    assert (refused.status_code, "CHQ-NRUS" in codes(refused)) == (422, True)
    assert "DL 937" in refused.json()["error"]
    told = shop.till.issue(boleta(shop, "0101"), dry_run=1)
    assert (told.status_code, codes(told)) == (200, ["CHQ-NRUS-OPERATION"])
    fitting = shop.till.issue(boleta(shop, "0113", "0"), dry_run=1)
    assert "CHQ-NRUS-OPERATION" not in codes(fitting)
    assert shop.till.issued(boleta(shop, "0101"))["header"]["number"] == "B001-00000001"


def test_another_regime_is_told_of_the_nuevo_rus_operation(place: World) -> None:
    shop = place.open()
    assert codes(shop.till.issue(boleta(shop, "0101"), dry_run=1)) == []
    assert "CHQ-NRUS-OPERATION" in codes(shop.till.issue(boleta(shop, "0113", "0"), dry_run=1))
    assert shop.till.issue(body_of(shop), dry_run=1).status_code == 200


def test_the_reduced_rate_is_stopped_for_everybody_at_once(place: World) -> None:
    shop, other = place.open(reduced_igv=True), place.open(reduced_igv=True)
    assert shop.till.issue(boleta(shop, "0101", "10.5"), dry_run=1).status_code == 200
    with place.office.database.write() as session:
        stops.stop(session, date(2026, 11, 20), reason="SUNAT aún no la carga", actor="test", now=place.clock.now())
    for tenancy in (shop, other):
        refused = tenancy.till.issue(boleta(tenancy, "0101", "10.5"))
        assert (refused.status_code, "CHQ-REDUCED-STOPPED" in codes(refused)) == (422, True)
        assert "SUNAT aún no la carga" in refused.json()["error"]
    with place.office.database.write() as session:
        stops.lift(session, now=place.clock.now())
    assert shop.till.issued(boleta(shop, "0101", "10.5"))["header"]["number"] == "B001-00000001"


def test_a_detraction_without_percentage_is_told_the_usual_one(place: World) -> None:
    shop = place.open(detraction_account="00-123-456789")
    body = body_of(shop)
    extra = body["header"].setdefault("additional", {}).setdefault("pe_header", {})
    extra.pop("operation_type", None)
    extra["detraction"] = {"code": "037"}
    refused = shop.till.issue(body)
    (error,) = [item for item in refused.json()["errors"] if item["pointer"].endswith("/detraction/rate")]
    assert (refused.status_code, error["code"]) == (422, "3035")
    assert "12 %" in error["hint"]
    extra["detraction"] = {"code": "099"}
    assert "%" not in shop.till.issue(body).text
