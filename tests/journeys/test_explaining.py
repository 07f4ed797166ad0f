"""``?explain=1``: each total with its lines, discounts and roundings, before issuing, on issuing and ever after."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.support.ordering import asked, tax
from tests.support.world import Tenancy, World, world

TODAY = "2026-11-20"


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("explaining"), delivers=False) as made:
        yield made


def body_for(shop: Tenancy, **changes: Any) -> Any:
    body = asked(**changes)
    body["header"] |= {"account_id": shop.account_id, "issuer_tax_id_code": shop.ruc, "issue_date": TODAY}
    for line in body["details"]:
        for name in ("quantity", "unit_price"):
            line[name] = str(line[name])
    return body


def checked(explanation: dict[str, Any]) -> dict[str, Decimal]:
    """The totals of an explanation, each of which its steps add up to."""
    for name, told in explanation.items():
        steps = [Decimal(step["amount"]) for step in told["steps"]]
        assert sum(steps, Decimal(0)) == Decimal(told["amount"]), name
        assert all((told["es"], told["en"]))
    return {name: Decimal(told["amount"]) for name, told in explanation.items()}


def test_every_total_is_told_before_and_after_issuing(place: World) -> None:
    shop = place.open()
    body = body_for(
        shop, taxes=[tax("413", 18, 216), tax("415", 20, 200)],
        pe={"charges_discounts": [{"code": "02", "rate": "10"}], "advances": [
            {"number": "F001-87", "total_amount": "118"}]},
    )
    plain = shop.till.issue(body, dry_run=1).json()
    assert "explanation" not in plain["totals"]
    dry = shop.till.issue(body, dry_run=1, explain=1)
    assert dry.status_code == 200, dry.text
    told = checked(dry.json()["totals"]["explanation"])
    assert told["payable"] == Decimal(dry.json()["totals"]["total_amount"])
    assert told["value"] == Decimal(900)
    assert told["prepaid"] == Decimal(118)
    made = shop.till.issued(body, explain=1)
    assert made["totals"]["explanation"] == dry.json()["totals"]["explanation"]
    path = f"/V1/documents/{made['document_id']}"
    assert "explanation" not in shop.till("GET", path).json()["totals"]
    later = shop.till("GET", path, params={"explain": 1}).json()
    assert later["totals"]["explanation"] == made["totals"]["explanation"]


def test_what_the_callers_total_was_instead_is_told(place: World) -> None:
    shop = place.open()
    body = body_for(shop, pe={"charges_discounts": [{"code": "03", "amount": "50"}]})
    body["totals"] = {"total_amount": "1180"}
    answer = shop.till.issue(body, headers={"Accept-Language": "en"})
    (item,) = answer.json()["errors"]
    assert (answer.status_code, item["code"], item["pointer"]) == (422, "CHQ-TOTALS", "/totals/total_amount")
    assert "1130.00" in item["message"]
    assert "Charges or discounts that leave the base alone are missing" in item["message"]


def test_a_note_that_names_its_voucher_by_id_is_explained(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_for(shop))
    body = body_for(shop, base="credit_note/whole_invoice", pe={"charges_discounts": [{"code": "02", "rate": "10"}]})
    body["references"] = [{
        "reference_document_id": sold["document_id"], "reference_code": "09", "description": "REBAJA",
    }]
    body["header"]["receiver_tax_id_code"] = sold["header"]["receiver_tax_id_code"]
    told = checked(shop.till.issued(body, explain=1)["totals"]["explanation"])
    assert told["payable"] == Decimal(1062)
