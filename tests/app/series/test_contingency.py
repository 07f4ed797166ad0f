"""Pre-printed series: registered ranges, numbers given by the caller, each once (decision 12); and a series' end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import AccountRecord, BranchRecord
from app.documents.numbering import Issued
from app.problems import Problem
from app.series import configuring
from app.series.models import ContingencyRangeRecord, SeriesRecord
from tests.support.issuing import Shop, shop
from tests.support.web import Caller

__all__ = ["shop"]

PAPER = {"kind": "01", "code": "0001", "contingency_ranges": [{"from_number": 100, "to_number": 199}]}
ANY = {"If-Match": "*"}


def register(shop: Shop, **given: Any) -> None:
    with shop.database.write() as session:
        account = session.get_one(AccountRecord, shop.account_id)
        branch = session.scalars(select(BranchRecord)).one()
        configuring.create(session, account, branch, {**PAPER, **given}, limit=99, author="t", now=shop.clock.now())


def issued(shop: Shop, number: int | None, series: str = "0001") -> Issued:
    header = {"document_sequence_code": series}
    return shop.issue(shop.ready(**header) if number is None else shop.ready(**header, document_number=number))


def refusal(shop: Shop, number: int | None, series: str = "0001") -> str:
    with pytest.raises(Problem) as problem:
        issued(shop, number, series)
    return problem.value.code


def test_numbers_of_a_registered_range_are_issued_each_once(shop: Shop) -> None:
    register(shop)
    assert refusal(shop, None) == "CONTINGENCY_NUMBER"
    assert [refusal(shop, number) for number in (99, 200)] == ["CONTINGENCY_RANGE", "CONTINGENCY_RANGE"]
    first = issued(shop, 150)
    assert b"<cbc:ID>0001-150</cbc:ID>" in first.xml
    assert issued(shop, 120).document.number == 120, "paper is used in any order"
    assert refusal(shop, 150) == "NUMBER_TAKEN"
    with shop.database.read() as session:
        row = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "0001")).one()
        assert (row.last_number, row.used, row.is_default) == (0, True, False)


def test_nobody_needs_the_right_to_force_numbers_for_paper(shop: Shop) -> None:
    from dataclasses import replace

    register(shop)
    ready = shop.ready(document_sequence_code="0001", document_number=101)
    plain = replace(ready, caller=replace(ready.caller, may_force_numbers=False))
    assert shop.issue(plain).document.number == 101


def test_ranges_are_registered_and_never_taken_back(mine: Caller) -> None:
    made = mine("POST", "/V1/series", PAPER)
    assert (made.status_code, made.json["profile"], made.json["default"]) == (201, "contingency", False)
    assert (made.json["next_number"], made.json["next_code"]) == (None, None)
    path = f"/V1/series/{made.json['id']}"

    def add(first: int, last: int) -> Any:
        return mine("PATCH", path, {"contingency_ranges": [{"from_number": first, "to_number": last}]}, headers=ANY)

    assert add(100, 199).status_code == 200, "the same again is harmless"
    assert [row["from_number"] for row in add(300, 399).json["contingency_ranges"]] == [100, 300]
    for first, last, code in ((150, 250, "RANGE_OVERLAPS"), (1, 1000, "RANGE_OVERLAPS"), (20, 10, "RANGE")):
        assert add(first, last).json["code"] == code
    assert mine("POST", f"{path}/default").json["code"] == "SERIES_NO_DEFAULT"
    assert mine("PATCH", path, {"last_number": 9}, headers=ANY).json["code"] == "CONTINGENCY_NUMBERS"
    assert mine("DELETE", path).json["code"] == "SERIES_USED"


@pytest.mark.parametrize(("kind", "code", "ranges", "expected"), [
    ("09", "0001", None, "SERIES_FORMAT"), ("31", "1", None, "SERIES_FORMAT"), ("03", "00001", None, "SERIES_FORMAT"),
    ("01", "F002", [{"from_number": 1, "to_number": 2}], "NOT_CONTINGENCY"),
    ("quotation", "0001", [{"from_number": 1, "to_number": 2}], "NOT_CONTINGENCY"),
])
def test_only_some_kinds_have_paper(mine: Caller, kind: str, code: str, ranges: Any, expected: str) -> None:
    body = {"kind": kind, "code": code, **({"contingency_ranges": ranges} if ranges else {})}
    assert mine("POST", "/V1/series", body).json["code"] == expected


def test_a_paper_series_has_no_start_and_no_default(mine: Caller) -> None:
    for more in ({"start_number": 5}, {"last_number": 5}, {"default": True}):
        assert mine("POST", "/V1/series", {**PAPER, **more}).json["code"] == "CONTINGENCY_NUMBERS"


def test_the_database_keeps_ranges(shop: Shop) -> None:
    register(shop)
    for statement in ("DELETE FROM contingency_ranges", "UPDATE contingency_ranges SET to_number = 999"):
        with pytest.raises(DBAPIError), shop.database.write() as session:
            session.execute(text(statement))
    with shop.database.read() as session:
        assert session.scalars(select(ContingencyRangeRecord)).one().author == "t"


def test_inv_21_a_voucher_says_that_its_series_ends(shop: Shop) -> None:
    shop.set_last_number(98_999_998)
    assert [item["code"] for item in shop.issue(shop.ready()).document.observations] == []
    remark = shop.issue(shop.ready()).document.observations
    assert [(item["code"], item["message_en"]) for item in remark] == [
        ("CHQ-SERIES-END", "Series F001 has 999999 numbers left")
    ]
