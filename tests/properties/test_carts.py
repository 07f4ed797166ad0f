"""Any cart: the answer's totals, the XML's totals and the sum of the lines are one and the same, to the céntimo.

The expected amounts come from fractions and a rounding of this module's own, not from the code that is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.factory import app_of
from sunat import xml
from tests.support.world import Tenancy, World, body_of, kind, world

__all__ = ["kind"]

RATES = {"413": 18, "427": 0, "428": 0}
LINES = {"invoice": "cac:InvoiceLine", "receipt": "cac:InvoiceLine", "credit_note_for_invoice": "cac:CreditNoteLine",
         "debit_note_for_invoice": "cac:DebitNoteLine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a cart, its numbers as the caller writes them."""

    quantity: str
    price: str
    tax: str
    percentage: str
    amount: str


def cents(value: Fraction) -> Fraction:
    """To whole céntimos, halves away from zero."""
    whole = abs(value) * 100
    rounded = whole.numerator * 2 // whole.denominator
    rounded = (rounded + 1) // 2
    return Fraction(rounded if value >= 0 else -rounded, 100)


def worked_out(item: Item, mode: str) -> tuple[Fraction, Fraction]:
    """Value and tax of a line."""
    rate = Fraction(RATES[item.tax], 100)
    before = cents(Fraction(item.quantity) * Fraction(item.price))
    change = cents(before * Fraction(item.percentage) / 100) + cents(Fraction(item.amount))
    after = before + change
    if mode == "net":
        return after, cents(after * rate)
    value = cents(after / (1 + rate))
    return value, after - value


def written(amount: Fraction) -> str:
    """An amount with its two decimals."""
    return f"{Decimal(int(amount * 100)).scaleb(-2):.2f}"


def numbers(least: str, most: str, places: int) -> st.SearchStrategy[str]:
    return st.decimals(least, most, places=places).map(lambda value: f"{value:f}")


@st.composite
def items(draw: st.DrawFn) -> Item:
    modifier = draw(st.sampled_from(("none", "none", "percentage", "amount")))
    return Item(
        quantity=draw(st.one_of(st.integers(1, 500).map(str), numbers("1", "99", 3))),
        price=draw(st.one_of(numbers("0.10", "2000", 2), numbers("0.10", "300", 5))),
        tax=draw(st.sampled_from(("413", "413", "413", "427", "428"))),
        percentage=draw(numbers("-50", "50", 2)) if modifier == "percentage" else "0",
        amount=draw(numbers("-0.05", "25", 2)) if modifier == "amount" else "0",
    )


@st.composite
def carts(draw: st.DrawFn) -> tuple[str, str, list[Item]]:
    return (
        draw(st.sampled_from(sorted(LINES))), draw(st.sampled_from(("net", "gross"))),
        draw(st.lists(items(), min_size=1, max_size=9)),
    )


def request(shop: Tenancy, name: str, mode: str, cart: list[Item], amounts: list[tuple[Fraction, Fraction]]) -> Any:
    body = body_of(shop, name)
    body["header"]["additional"]["pe_header"]["price_mode"] = mode
    for reference in body.get("references", ()):
        reference["reference_number"] = "F099-1"  # of a series that is not ours: no limit to what may be credited
    body["details"] = [
        {
            "quantity": item.quantity, "unit_price": item.price, "line_description": "X", "unit_measure": "NIU",
            "modifier_percentage": item.percentage, "modifier_amount": item.amount,
            "taxes": [{"tax_type_id": item.tax, "tax_percentage": RATES[item.tax], "tax_amount": written(tax)}],
        } for item, (_, tax) in zip(cart, amounts, strict=True)
    ]
    value, tax = sum(row[0] for row in amounts), sum(row[1] for row in amounts)
    body["totals"] = {
        "net_amount": written(Fraction(value)), "taxes_amount": written(Fraction(tax)),
        "total_amount": written(Fraction(value + tax)),
    }
    return body


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("carts"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def client(place: World) -> FlaskClient:
    return app_of(place.office).test_client()


def hold(client: FlaskClient, shop: Tenancy, name: str, mode: str, cart: list[Item]) -> None:
    amounts = [worked_out(item, mode) for item in cart]
    headers = {"Authorization": f"Bearer {shop.till.credential}"}
    answer = client.post("/V1/documents", json=request(shop, name, mode, cart, amounts), headers=headers)
    assert answer.status_code == 201, answer.text
    value, tax = (written(Fraction(sum(row[index] for row in amounts))) for index in (0, 1))
    total = written(Fraction(sum(row[0] + row[1] for row in amounts)))
    said = answer.json["totals"]
    assert Decimal(str(said["net_amount"])) == Decimal(value)
    assert Decimal(str(said["taxes_amount"])) == Decimal(tax)
    assert said["total_amount"] == total

    root = xml.parse(client.get(f"/V1/documents/{answer.json['document_id']}/xml", headers=headers).data)
    box = "cac:RequestedMonetaryTotal" if name.startswith("debit") else "cac:LegalMonetaryTotal"
    assert xml.text(root, f"{box}/cbc:PayableAmount") == total
    assert xml.text(root, "cac:TaxTotal/cbc:TaxAmount") == tax
    lines = xml.find_all(root, LINES[name])
    assert [xml.text(line, "cbc:LineExtensionAmount") for line in lines] == [written(row[0]) for row in amounts]
    assert [xml.text(line, "cac:TaxTotal/cbc:TaxAmount") for line in lines] == [written(row[1]) for row in amounts]
    by_tribute = xml.find_all(root, "cac:TaxTotal/cac:TaxSubtotal")
    for path, expected in (("cbc:TaxableAmount", value), ("cbc:TaxAmount", tax)):
        assert sum(Decimal(xml.text(row, path) or "") for row in by_tribute) == Decimal(expected)
    assert answer.json["electronic_document"]["qr_text"].split("|")[4:6] == [
        written(Fraction(sum(row[1] for row, item in zip(amounts, cart, strict=True) if item.tax == "413"))), total
    ]


QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large)


def test_a_carts_totals_are_the_sums_of_its_lines(place: World, client: FlaskClient) -> None:
    shop = place.open()

    @settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=QUIET)
    @given(cart=carts())
    def sell(cart: tuple[str, str, list[Item]]) -> None:
        hold(client, shop, *cart)

    sell()


@pytest.mark.long
def test_a_campaign_of_carts(place: World, client: FlaskClient) -> None:
    shop = place.open()

    @settings(max_examples=4000, deadline=None, database=None, suppress_health_check=QUIET)
    @given(cart=carts())
    def sell(cart: tuple[str, str, list[Item]]) -> None:
        hold(client, shop, *cart)

    sell()
