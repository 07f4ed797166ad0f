"""How a sale is paid: instalments of what is owed to the issuer, and terms that contradict each other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.ordering import answered, asked, tax

PAYMENT = "/header/additional/pe_header/payment"
USD = {"currency_id": "5"}
DETRACTION = {"code": "037", "rate": "12", "amount": "450"}


def terms(xml: str) -> list[tuple[str, str]]:
    """Name and amount of each term of payment."""
    return re.findall(
        r"<cbc:ID>FormaPago</cbc:ID>\s*<cbc:PaymentMeansID>([^<]*)</cbc:PaymentMeansID>\s*"
        r"<cbc:Amount[^>]*>([^<]*)</cbc:Amount>", xml,
    )


def test_a_detraction_needs_a_rate_before_instalments_in_dollars_can_be_net_of_it() -> None:
    on_credit = {**USD, "payment_conditions": "30"}
    unknown = answered(asked(header=on_credit, pe={"detraction": DETRACTION}))
    assert unknown.errors == [("CHQ-EXCHANGE-RATE", "/header/exchange_rate_value")]
    known = answered(asked(header={**on_credit, "exchange_rate_value": "3.75"}, pe={"detraction": DETRACTION}))
    assert known.errors == []
    assert terms(known.xml) == [("Credito", "1060.00"), ("Cuota001", "1060.00")]
    for header, payment in (({**USD, "payment_conditions": "0"}, None), (USD, {
        "kind": "credit", "instalments": [{"amount": "1060", "due_date": "2026-12-20"}],
    })):
        told = {"detraction": DETRACTION} | ({"payment": payment} if payment else {})
        assert answered(asked(header=header, pe=told)).errors == []


@pytest.mark.parametrize("payment", [
    {"instalments": [{"amount": "1180", "due_date": "2026-12-20"}]}, {"pending_amount": "1180"},
])
def test_a_sale_for_cash_owes_nothing(payment: dict[str, Any]) -> None:
    assert answered(asked(pe={"payment": {"kind": "cash", **payment}})).errors == [("CHQ-PAYMENT", f"{PAYMENT}/kind")]
    assert answered(asked(pe={"payment": {"kind": "cash", "pending_amount": "0", "instalments": []}})).errors == []


def test_what_is_pending_above_the_net_is_told() -> None:
    def found(amount: str, **more: Any) -> Any:
        instalments = [{"amount": amount, "due_date": "2026-12-20"}]
        return answered(asked(pe={
            "detraction": {"code": "037", "rate": "12"},
            "payment": {"kind": "credit", "instalments": instalments, **more},
        }))

    gross = found("1180")
    assert gross.errors == []
    (remark,) = [item for item in gross.items if item.code == "CHQ-PENDING-NET"]
    assert remark.pointer == f"{PAYMENT}/instalments"
    assert "1038.40" in remark.message.es
    assert found("1038.40").remarks == set()
    assert found("1038.41", pending_amount="1038.41").remarks == {"CHQ-PENDING-NET"}


@pytest.mark.parametrize(("days", "expected"), [
    ("30,60,90", [("Credito", "0.01"), ("Cuota001", "0.01")]), ("30,0", []), ("0,30", [("Credito", "0.01"),
                                                                                      ("Cuota001", "0.01")]),
])
def test_no_instalment_is_of_nothing(days: str, expected: list[tuple[str, str]]) -> None:
    sale = asked(header={"payment_conditions": days}, detail={"unit_price": "0.01", "quantity": 1},
                 taxes=[tax("413", "18", "0.00")])
    found = answered(sale)
    assert found.errors == []
    assert terms(found.xml) == expected


NINES = "999999999999999"


@pytest.mark.parametrize("changes", [
    {"header": {"payment_conditions": "30"}, "detail": {"quantity": NINES, "unit_price": NINES}},
    {"detail": {"quantity": NINES, "unit_price": NINES}, "top": {"totals": {"net_amount": "1"}}},
    {"header": {**USD, "exchange_rate_value": NINES},
     "pe": {"detraction": {"code": "037", "rate": NINES, "whole_soles": True}}},
    {"detail": {"quantity": NINES, "unit_price": NINES}, "pe_detail": {
        "isc": {"system": "01", "rate": NINES}, "charges_discounts": [{"code": "47", "rate": NINES}],
    }},
])
def test_amounts_beyond_all_measure_are_refused(changes: dict[str, Any]) -> None:
    assert "2062" in {code for code, _ in answered(asked(**changes)).errors}


@pytest.mark.parametrize("changes", [
    {"pe": {"rounding_amount": "-0.005"}}, {"pe": {"advances": [{"number": "F001-7", "total_amount": "118.005"}]}},
])
def test_parts_of_a_centimo_are_called_by_their_name(changes: dict[str, Any]) -> None:
    (item,) = answered(asked(**changes)).items
    assert (item.code, "dos decimales" in item.message.es) == ("2062", True)


@pytest.mark.parametrize("day", ["1900-01-01", "2004-01-01", "2011-02-01", "2012-06-30", "2199-12-31"])
@pytest.mark.parametrize(("base", "code", "series"), [
    ("invoice/cash", "01", "F001"), ("boleta/anonymous", "03", "B001"),
])
def test_days_without_rates_or_limits_are_refused_and_no_fault(base: str, code: str, series: str, day: str) -> None:
    for affectation in ("11", "17", "21"):
        sale = asked(base, header={"issue_date": day}, taxes=[tax("426", "0", "0")],
                     pe_detail={"igv_affectation": affectation})
        assert answered(sale, code, series).errors
