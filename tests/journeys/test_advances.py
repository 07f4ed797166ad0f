"""Payments in advance over HTTP: issued, used in parts, never beyond what is left, free again when a use falls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from app.almanac import rates
from app.delivery.due import takeable
from app.documents import counters
from app.documents.advancing import refuse_overuse
from app.ledger.models import DeliveryRecord, DocumentRecord
from tests.support.world import Tenancy, World, body_of, world

PE = "/header/additional/pe_header/advances"


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("advances"), delivers=False) as made:
        yield made


def plain(tenancy: Tenancy, price: int, name: str = "invoice", **pe_header: Any) -> Any:
    """A sale with one taxed line of a value, without claims of totals."""
    body = body_of(tenancy, name)
    (line, *_) = body["details"]
    line.update(quantity=1, unit_price=price, total_taxes=None, total_amount_line=None, modifier_amount=0)
    line["taxes"] = [{"tax_type_id": "413", "tax_percentage": 18, "tax_amount": str(price * 18 / 100)}]
    body["details"] = [line]
    body.pop("totals", None)
    body["header"].setdefault("additional", {}).setdefault("pe_header", {}).update(pe_header)
    return body


def advance(number: str, total: str, affectation: str = "taxed", **more: Any) -> dict[str, Any]:
    return {"number": number, "affectation": affectation, "total_amount": total, **more}


def paid(tenancy: Tenancy, price: int = 1000, **header: Any) -> dict[str, Any]:
    """An advance, issued: S/ 1,180.00 unless told."""
    return tenancy.till.issued(plain(tenancy, price, is_advance=True, **header))


def number_of(answer: dict[str, Any]) -> str:
    return f"{answer['header']['document_sequence_code']}-{answer['header']['document_number']}"


def advance_of(tenancy: Tenancy, answer: dict[str, Any]) -> Any:
    return tenancy.till("GET", f"/V1/documents/{answer['document_id']}").json()["advance"]


def codes(answer: Any) -> list[str]:
    body = answer.json()
    return [item["code"] for item in body.get("errors") or body["observations"]]


def settle(place: World, answer: dict[str, Any], status: str) -> None:
    with place.office.database.write() as session:
        session.execute(
            update(DocumentRecord).where(DocumentRecord.id == answer["document_id"]).values(status=status)
        )


def test_an_advance_is_used_in_parts_and_shows_by_whom(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    assert advance_of(shop, first) == {
        "total": "1180.00", "used": "0.00", "balance": "1180.00",
        "by_affectation": {"taxed": {"total": "1180.00", "balance": "1180.00"}}, "used_by": [],
    }
    one = shop.till.issued(plain(shop, 2000, advances=[advance("F001-00000001", "500")]))
    two = shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "680.00")]))
    found = advance_of(shop, first)
    assert (found["used"], found["balance"]) == ("1180.00", "0.00")
    assert [(use["document_id"], use["number"], use["amount"]) for use in found["used_by"]] == [
        (one["document_id"], "F001-2", "500.00"), (two["document_id"], "F001-3", "680.00"),
    ]
    assert advance_of(shop, one) is None
    assert shop.till("GET", f"/V1/documents/{one['document_id']}").json()["notes"]["balance"] == "1860.00"


def test_more_than_is_left_is_refused_before_the_number(place: World) -> None:
    shop = place.open()
    paid(shop)
    shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "1000")]))
    refused = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "180.01")]))
    assert refused.status_code == 422
    (error,) = [item for item in refused.json()["errors"] if item["severity"] == "error"]
    assert (error["code"], error["pointer"]) == ("CHQ-ADVANCE-BALANCE", f"{PE}/0/total_amount")
    assert "quedan 180.00" in error["message"]
    assert "180.01" in error["message"]
    assert "F001-2" in error["hint"]
    twice = [advance("F001-1", "100", payment_id="1"), advance("F001-1", "81", payment_id="2")]
    assert "CHQ-ADVANCE-BALANCE" in codes(shop.till.issue(plain(shop, 2000, advances=twice)))
    assert shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "180")]), dry_run=1).status_code == 200
    assert shop.till.issued(plain(shop, 100))["header"]["document_number"] == 3


def mixed(tenancy: Tenancy, taxed: int, exempt: int, **pe_header: Any) -> Any:
    """A sale with a taxed and an exempt line."""
    body = plain(tenancy, taxed, **pe_header)
    body["details"].append({**body["details"][0], "unit_price": exempt, "taxes": [
        {"tax_type_id": "427", "tax_percentage": 0, "tax_amount": 0},
    ]})
    return body


def test_an_affectation_has_its_own_balance(place: World) -> None:
    shop = place.open()
    first = shop.till.issued(mixed(shop, 1000, 300, is_advance=True))
    assert advance_of(shop, first)["by_affectation"] == {
        "taxed": {"total": "1180.00", "balance": "1180.00"}, "exempt": {"total": "300.00", "balance": "300.00"},
    }
    refused = shop.till.issue(mixed(shop, 2000, 900, advances=[advance("F001-1", "400", "exempt")]))
    assert "CHQ-ADVANCE-BALANCE" in codes(refused)
    assert "exonerado" in refused.text
    for used in (advance("F001-1", "1180"), advance("F001-1", "300", "exempt")):
        shop.till.issued(mixed(shop, 2000, 900, advances=[used]))
    assert advance_of(shop, first)["by_affectation"] == {
        "taxed": {"total": "1180.00", "balance": "0.00"}, "exempt": {"total": "300.00", "balance": "0.00"},
    }


def test_a_mixed_advance_is_used_in_one_sale(place: World) -> None:
    shop = place.open()
    first = shop.till.issued(mixed(shop, 1000, 300, is_advance=True))
    parts = [advance("F001-1", "590"), advance("F001-00000001", "300", "exempt")]
    used = shop.till.issued(mixed(shop, 2000, 900, advances=parts))
    assert advance_of(shop, first)["by_affectation"] == {
        "taxed": {"total": "1180.00", "balance": "590.00"}, "exempt": {"total": "300.00", "balance": "0.00"},
    }
    xml = shop.till("GET", f"/V1/documents/{used['document_id']}/xml").text
    assert xml.count("<cbc:ID>F001-1</cbc:ID>") == 1  # SUNAT wants the voucher named once (2365)
    assert ">890.00</cbc:PaidAmount>" in xml
    assert xml.count("<cac:PrepaidPayment>") == 1


def test_what_is_not_ours_passes_and_what_is_dead_does_not(place: World) -> None:
    shop = place.open()
    unknown = shop.till.issue(plain(shop, 2000, advances=[advance("F009-77", "500")]), dry_run=1)
    assert (unknown.status_code, codes(unknown)) == (200, ["CHQ-ADVANCE-UNKNOWN"])
    foreign = advance("F001-1", "500", issuer_tax_id_code="20987654326")
    first = paid(shop)
    assert codes(shop.till.issue(plain(shop, 2000, advances=[foreign]), dry_run=1)) == ["CHQ-ADVANCE-UNKNOWN"]
    pending = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "500")]), dry_run=1)
    assert codes(pending) == ["CHQ-ADVANCE-PENDING"]
    settle(place, first, "accepted")
    good = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "500")]), dry_run=1)
    assert (good.status_code, codes(good)) == (200, [])
    settle(place, first, "voided")
    refused = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "500")]))
    assert (refused.status_code, codes(refused)) == (422, ["CHQ-ADVANCE-STATE"])


def test_a_use_that_falls_is_free_again(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    used = shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "1180")]))
    again = plain(shop, 3000, advances=[advance("F001-1", "1180")])
    assert shop.till.issue(again).status_code == 422
    settle(place, used, "rejected")
    assert advance_of(shop, first)["balance"] == "1180.00"
    assert shop.till.issue(again).status_code == 201
    assert advance_of(shop, first)["balance"] == "0.00"


def test_a_plain_sale_may_turn_out_to_be_an_advance(place: World) -> None:
    shop = place.open()
    first = shop.till.issued(plain(shop, 1000))
    assert advance_of(shop, first) is None
    used = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "600")]))
    assert used.status_code == 201
    assert {"CHQ-ADVANCE-PLAIN", "CHQ-ADVANCE-PENDING"} == set(codes(used))
    assert advance_of(shop, first) == {
        "total": "1180.00", "used": "600.00", "balance": "580.00", "by_affectation": {},
        "used_by": [{
            "document_id": used.json()["document_id"], "number": "F001-2", "status": "issued", "affectation": "taxed",
            "amount": "600.00",
        }],
    }
    assert "CHQ-ADVANCE-BALANCE" in codes(shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "581")])))


def test_a_credit_note_takes_from_an_advance_and_is_told_of_its_uses(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "500")]))
    note = body_of(shop, "credit_note_for_invoice")
    note["references"][0].update(reference_number="F001-1", reference_date="2026-11-20")
    told = shop.till.issue(note, dry_run=1)
    taken = note["totals"]["total_amount"]
    assert told.status_code == 200, told.text
    assert ("CHQ-ADVANCE-USED" in codes(told)) is (float(taken) > 680)
    shop.till.issued(note)
    found = shop.till("GET", f"/V1/documents/{first['document_id']}").json()
    assert found["notes"] == {
        "total": "1180.00", "credited": f"{float(taken):.2f}", "debited": "0.00",
        "balance": f"{1180 - float(taken):.2f}",
    }
    assert found["advance"]["total"] == found["notes"]["balance"]


def test_sales_posted_at_once_never_use_more_than_there_is(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    shop.till("POST", "/V1/series", {"kind": "01", "code": "F002", "name": "F002"})
    sales = [
        plain(shop, 2000 + index, advances=[advance("F001-1", "400")]) for index in range(8)
    ]
    for sale in sales[::2]:
        sale["header"]["document_sequence_code"] = "F002"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(shop.till.issue, sales))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422, 422, 422, 422], [
        answer.text for answer in answers if answer.status_code not in (201, 422)
    ]
    assert advance_of(shop, first)["balance"] == "380.00"


def test_two_series_wait_for_each_other_at_an_advance(place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transaction lingers after its last look, so that without the lock both would look before either commits."""
    shop = place.open()
    first = paid(shop)
    shop.till("POST", "/V1/series", {"kind": "01", "code": "F002", "name": "F002"})

    def lingering(*given: Any) -> None:
        refuse_overuse(*given)
        time.sleep(0.7)

    monkeypatch.setattr(counters, "refuse_overuse", lingering)
    sales = [plain(shop, 2000, advances=[advance("F001-1", "700")]) for _ in range(2)]
    sales[1]["header"]["document_sequence_code"] = "F002"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(shop.till.issue, sales))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert advance_of(shop, first)["balance"] == "480.00"


def test_an_advance_and_its_uses_in_one_batch(place: World) -> None:
    shop = place.open()
    documents = [
        plain(shop, 1000, is_advance=True), plain(shop, 2000, advances=[advance("F001-1", "1000")]),
        plain(shop, 3000, advances=[advance("F001-1", "500")]),
    ]
    results = shop.till("POST", "/V1/documents/batch", {"documents": documents}).json()["results"]
    assert [row["status"] for row in results] == [201, 201, 422]
    assert "CHQ-ADVANCE-BALANCE" in {item["code"] for item in results[2]["error"]["errors"]}
    assert shop.till.issued(plain(shop, 10))["header"]["document_number"] == 3


def test_a_sale_is_sent_after_the_advances_it_uses(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    used = shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "500")]))

    def sendable() -> set[int]:
        with place.office.database.read() as session:
            return set(session.scalars(select(DeliveryRecord.document_id).where(
                takeable(), DeliveryRecord.account_id == shop.account_id
            ), {"now": place.clock.now()}))

    assert sendable() == {first["document_id"]}
    settle(place, first, "accepted")
    assert used["document_id"] in sendable()


def test_a_boleta_may_be_an_advance_and_use_one(place: World) -> None:
    shop = place.open()
    first = shop.till.issued(plain(shop, 1000, "receipt", is_advance=True))
    assert number_of(first) == "B001-1"
    shop.till.issued(plain(shop, 2000, "receipt", advances=[advance("B001-1", "1000")]))
    assert advance_of(shop, first)["balance"] == "180.00"


def absent(place: World, answer: dict[str, Any]) -> None:
    """As if SUNAT had refused it by an exception: it surely does not hold the voucher."""
    with place.office.database.write() as session:
        session.execute(
            update(DeliveryRecord).where(DeliveryRecord.document_id == answer["document_id"])
            .values(state="held", phase="absent")
        )


def test_a_correction_uses_what_its_former_edition_used(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    used = shop.till.issued(plain(shop, 2000, advances=[advance("F001-1", "1180")]))
    absent(place, used)
    path = f"/V1/documents/{used['document_id']}/correction"
    too_much = shop.till("POST", path, plain(shop, 2000, advances=[advance("F001-1", "1180.01")]))
    assert (too_much.status_code, "CHQ-ADVANCE-BALANCE" in codes(too_much)) == (422, True)
    corrected = shop.till("POST", path, plain(shop, 2500, advances=[advance("F001-1", "1180")]))
    assert (corrected.status_code, corrected.json()["edition"]) == (201, 2), corrected.text
    assert advance_of(shop, first)["balance"] == "0.00"
    absent(place, used)
    less = shop.till("POST", path, plain(shop, 2500, advances=[advance("F001-1", "1000")]))
    assert less.status_code == 201, less.text
    found = advance_of(shop, first)
    assert (found["balance"], [use["amount"] for use in found["used_by"]]) == ("180.00", ["1000.00"])


def test_a_corrected_credit_note_does_not_stand_in_its_own_way(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    note = body_of(shop, "credit_note_for_invoice")
    note["references"][0].update(reference_number="F001-1", reference_date="2026-11-20")
    credited = shop.till.issued(note)
    absent(place, credited)
    again = shop.till("POST", f"/V1/documents/{credited['document_id']}/correction", note)
    assert (again.status_code, again.json()["edition"]) == (201, 2), again.text
    total = shop.till("GET", f"/V1/documents/{sold['document_id']}").json()["notes"]
    assert (total["balance"], total["credited"]) == ("0.00", total["total"])
    assert "CHQ-OVER-CREDITED" in codes(shop.till.issue(note))


def test_no_sale_uses_itself(place: World) -> None:
    shop = place.open()
    refused = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "500")]))
    assert (refused.status_code, codes(refused)) == (422, ["CHQ-ADVANCE-STATE"])
    assert paid(shop)["header"]["document_number"] == 1


def abroad(tenancy: Tenancy, price: int, rate: str | None = "3.79", **pe_header: Any) -> Any:
    """A sale in dollars; ``rate`` is soles for one."""
    body = plain(tenancy, price, **pe_header)
    body["header"].update(currency_id="5", **({"exchange_rate_value": rate} if rate else {}))
    return body


def test_an_advance_in_soles_counts_in_a_sale_in_dollars(place: World) -> None:
    shop = place.open()
    first = paid(shop)
    used = shop.till.issue(abroad(shop, 2000, advances=[advance("F001-1", "200")]))
    assert (used.status_code, set(codes(used))) == (201, {"CHQ-ADVANCE-PENDING", "CHQ-ADVANCE-CURRENCY"}), used.text
    assert "USD 200.00 de la venta toman de él PEN 758.00" in used.text
    assert (advance_of(shop, first)["used"], advance_of(shop, first)["balance"]) == ("758.00", "422.00")
    refused = shop.till.issue(plain(shop, 2000, advances=[advance("F001-1", "422.01")]))
    assert "CHQ-ADVANCE-BALANCE" in codes(refused)
    assert "quedan 422.00 PEN" in refused.text
    assert "CHQ-ADVANCE-BALANCE" in codes(shop.till.issue(abroad(shop, 2000, advances=[advance("F001-1", "111.36")])))
    # 111.35 dollars are 422.02 soles: two céntimos of rounding, and no more is taken than there is
    shop.till.issued(abroad(shop, 2000, advances=[advance("F001-1", "111.35")]))
    assert advance_of(shop, first)["balance"] == "0.00"
    for spent in (abroad(shop, 2000, advances=[advance("F001-1", "0.02")]),
                  plain(shop, 2000, advances=[advance("F001-1", "0.02")])):
        assert "CHQ-ADVANCE-BALANCE" in codes(shop.till.issue(spent))


def test_an_advance_in_dollars_counts_in_a_sale_in_soles(place: World) -> None:
    shop = place.open()
    first = shop.till.issued(abroad(shop, 1000, is_advance=True))
    sale = plain(shop, 9000, advances=[advance("F001-1", "3790")])
    refused = shop.till.issue(sale)
    assert (refused.status_code, codes(refused)[-1]) == (422, "CHQ-ADVANCE-CURRENCY")
    assert "header.exchange_rate_value" in refused.text
    sale["header"]["exchange_rate_value"] = "3.79"
    shop.till.issued(sale)
    assert (advance_of(shop, first)["total"], advance_of(shop, first)["used"]) == ("1180.00", "1000.00")
    assert "CHQ-ADVANCE-BALANCE" in codes(shop.till.issue(abroad(shop, 2000, advances=[advance("F001-1", "180.01")])))
    shop.till.issued(abroad(shop, 2000, advances=[advance("F001-1", "180")]))
    assert advance_of(shop, first)["balance"] == "0.00"


def test_the_rate_of_the_day_counts_where_the_sale_tells_none(place: World) -> None:
    shop, day = place.open(), place.clock.now().date()
    first = paid(shop)
    found = [
        rates.DayRate(currency="EUR", day=day, buy=Decimal("4.10"), sell=Decimal("4.20")),
        rates.DayRate(currency="USD", day=day, buy=Decimal("3.70"), sell=Decimal("3.75")),
    ]
    with place.office.database.write() as session:
        rates.keep(session, found, actor="test", now=place.clock.now())
    body = abroad(shop, 2000, None, advances=[advance("F001-1", "100")])
    shop.till.issued({**body, "header": {**body["header"], "currency_id": "38"}})
    assert advance_of(shop, first)["used"] == "420.00"
    dollars = shop.till.issued(abroad(shop, 100, "3.80", is_advance=True))  # USD 118.00
    body = abroad(shop, 2000, "4.25", advances=[advance(number_of(dollars), "60")])
    shop.till.issued({**body, "header": {**body["header"], "currency_id": "38"}})
    assert advance_of(shop, dollars)["used"] == "68.00"  # 60 × 4.25 / 3.75


def test_two_sales_do_not_wait_for_each_other(place: World) -> None:
    shop = place.open()
    for code in ("F002", "F003"):
        shop.till("POST", "/V1/series", {"kind": "01", "code": code, "name": code})

    def using(code: str, number: str) -> Any:
        body = plain(shop, 2000, advances=[advance(number, "500")])
        body["header"]["document_sequence_code"] = code
        return body

    assert codes(shop.till.issue(using("F001", "F002-1"))) == ["CHQ-ADVANCE-UNKNOWN"]
    assert shop.till.issue(using("F003", "F001-1")).status_code == 201
    refused = shop.till.issue(using("F002", "F003-1"))
    assert (refused.status_code, codes(refused)) == (422, ["CHQ-ADVANCE-STATE"])
    assert "F001-1 usa este comprobante como anticipo" in refused.text
    assert shop.till.issued(using("F002", "F002-9"))["header"]["document_number"] == 1  # it waits for nobody


def test_no_two_sales_close_a_circle_together(place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = place.open()
    shop.till("POST", "/V1/series", {"kind": "01", "code": "F002", "name": "F002"})

    def lingering(*given: Any) -> None:
        refuse_overuse(*given)
        time.sleep(0.7)

    monkeypatch.setattr(counters, "refuse_overuse", lingering)
    sales = [plain(shop, 2000, advances=[advance(number, "500")]) for number in ("F002-1", "F001-1")]
    sales[1]["header"]["document_sequence_code"] = "F002"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(shop.till.issue, sales))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
