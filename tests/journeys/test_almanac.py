"""What the almanac does to a voucher: rates of the day, and nothing where nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.almanac import rates
from app.almanac.loading import Edition, load
from app.almanac.rates import DayRate
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("almanac"), delivers=False) as made:
        yield made


def published(place: World, **sell: str) -> None:
    """Rates for Thursday 2026-11-19; nothing is published for the Friday."""
    with place.office.database.write() as session:
        found = [
            DayRate(currency=currency, day=date(2026, 11, 19), buy=Decimal(1), sell=Decimal(value))
            for currency, value in sell.items()
        ]
        rates.keep(session, found, actor="test", now=place.clock.now())


def unnamed(shop: Tenancy, price: int, currency: int = 5, **header: Any) -> Any:
    """A boleta to nobody in particular in dollars (5) or euros (38)."""
    body = body_of(shop, "receipt_under_700_no_customer", currency_id=currency, **header)
    body["details"][0].update(unit_price=price, total_taxes=None, total_amount_line=None)
    body["details"][0]["taxes"][0]["tax_amount"] = str(Decimal(price) * 18 / 100)
    del body["totals"]
    return body


def codes(answer: Any) -> set[str]:
    return {item["code"] for item in answer.json().get("errors") or answer.json()["observations"]}


def test_a_boleta_in_dollars_is_judged_by_the_rate_of_the_day(place: World) -> None:
    shop = place.open()
    assert "CHQ-BOLETA-700" in codes(shop.till.issue(unnamed(shop, 50, 38)))  # nobody knows the euro yet
    published(place, USD="3.75", EUR="4.20")
    assert shop.till.issue(unnamed(shop, 158), dry_run=1).status_code == 200  # 186.44 x 3.75 = 699.15
    assert "CHQ-BOLETA-700" in codes(shop.till.issue(unnamed(shop, 159)))  # 187.62 x 3.75 = 703.58
    assert shop.till.issue(unnamed(shop, 50, 38), dry_run=1).status_code == 200


def test_the_callers_own_rate_counts_first_and_a_slip_is_told(place: World) -> None:
    shop = place.open()
    published(place, USD="3.75")
    near = shop.till.issue(unnamed(shop, 159, exchange_rate_value="3.70"), dry_run=1)
    assert (near.status_code, codes(near)) == (200, set())  # 187.62 x 3.70 = 694.19
    far = shop.till.issue(unnamed(shop, 159, exchange_rate_value="0.375"), dry_run=1)
    assert (far.status_code, codes(far)) == (200, {"CHQ-EXCHANGE-RATE"})
    assert "CHQ-BOLETA-700" in codes(shop.till.issue(unnamed(shop, 158, exchange_rate_value="3.80")))


def test_a_rate_that_nobody_brought_up_to_date_does_not_rule(place: World) -> None:
    shop = place.open()
    with place.office.database.write() as session:
        old = DayRate(currency="EUR", day=date(2026, 11, 1), buy=Decimal(4), sell=Decimal(4))
        rates.keep(session, [old], actor="test", now=place.clock.now())
    body = unnamed(shop, 50, 38)
    body["header"]["issue_date"] = "2026-11-18"
    assert "CHQ-BOLETA-700" in codes(shop.till.issue(body))


def test_what_a_register_says_rides_along_with_the_voucher(place: World, tmp_path: Path) -> None:
    shop = place.open()
    body = body_of(shop)
    path = tmp_path / "padron.csv"
    path.write_text(
        f"ruc,state,condition\n{shop.ruc},ACTIVO,HABIDO\n"
        f"{body['header']['receiver_tax_id_code']},BAJA DE OFICIO,NO HABIDO\n", encoding="ascii",
    )
    assert codes(shop.till.issue(body, dry_run=1)) == set()
    edition = Edition(kind="ruc-state", as_of=date(2026, 11, 17), path=path, actor="test")
    load(place.office.database, edition, now=place.clock.now, progress=lambda _: None)
    answer = shop.till.issued(body)
    assert [(item["code"], item["pointer"], item["source"]) for item in answer["observations"]] == [
        ("4013", "/header/receiver_tax_id_code", "chasqui"), ("4014", "/header/receiver_tax_id_code", "chasqui"),
    ]
    assert "BAJA DE OFICIO (padrón del 2026-11-17)" in answer["observations"][0]["message"]
    assert shop.till("GET", f"/V1/documents/{answer['document_id']}").json()["observations"] == answer["observations"]


def test_who_must_send_through_an_ose_is_told_and_not_stopped(place: World, tmp_path: Path) -> None:
    shop = place.open()
    listed = tmp_path / "ose.csv"
    listed.write_text(f"ruc,from,until\n{shop.ruc},2026-01-01,\n", encoding="ascii")
    now = place.clock.now
    load(
        place.office.database, Edition(kind="ose-only", as_of=date(2026, 11, 19), path=listed, actor="test"), now=now,
        progress=lambda _: None,
    )
    told = shop.till.issue(body_of(shop), dry_run=1)
    (remark,) = [item for item in told.json()["observations"] if item["code"] == "1078"]
    assert (told.status_code, remark["pointer"]) == (200, "/header/issuer_tax_id_code")
    assert "padrón del 2026-11-19" in remark["message"]
    other = place.open()
    assert "1078" not in codes(other.till.issue(body_of(other), dry_run=1))
