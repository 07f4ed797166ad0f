"""Pre-printed paper of the seven kinds that have it: the caller's number, inside a registered range, told late.

Decision 12. A paper series is of digits; it has no term, its numbers are given and never allocated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sunat.kinds import KINDS
from sunat.numbering import SERIES_FORMATS, VoucherId
from sunat.sandbox import State
from tests.support.world import Tenancy, World, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = {
    "01": "invoice/cash", "03": "boleta/dni", "04": "settlement/exempt_products", "07": "credit_note/whole_invoice",
    "08": "debit_note/reason_01_interest", "20": "retention/one_payment", "40": "perception/one_payment",
}
SERIES = "0001"
OLD = "2026-11-02"
"""Eighteen days before: beyond every term of an electronic series."""


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("contingency")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    made = place.open()
    for code in CASES:
        answer = made.till("POST", "/V1/series", {
            "kind": code, "code": SERIES, "contingency_ranges": [{"from_number": 100, "to_number": 199}],
        })
        assert answer.status_code == 201, answer.text
    return made


def paper(shop: Tenancy, code: str, number: int | None = 150, **header: Any) -> Any:
    """A body of the fixtures, written on pre-printed paper."""
    body = json.loads((FIXTURES / CASES[code] / "request.json").read_text(encoding="utf-8"))
    body["header"] |= {"issuer_tax_id_code": shop.ruc, "document_sequence_code": SERIES, **header}
    if number is not None:
        body["header"]["document_number"] = number
    return body


def test_the_kinds_with_paper_are_those_that_have_it() -> None:
    assert set(CASES) == {code for code, form in SERIES_FORMATS.items() if form.contingency}
    assert set(CASES) <= {row.code for row in KINDS}


@pytest.mark.parametrize("code", CASES)
def test_paper_is_told_to_sunat_under_its_printed_number(place: World, shop: Tenancy, code: str) -> None:
    posted = shop.till.issued(paper(shop, code))
    assert (posted["header"]["number"], posted["header"]["document_type_taxbureau"]) == (f"{SERIES}-00000150", code)
    settled = shop.till.settled(posted["document_id"])
    assert settled["status"] in {"accepted", "observed"}, settled["delivery"]
    assert settled["delivery"]["deadline"] is None
    entry = place.sandbox.ledger.get(VoucherId(ruc=shop.ruc, type_code=code, series=SERIES, number=150))
    assert entry is not None
    assert entry.state is State.ACCEPTED
    twice = shop.till.issue(paper(shop, code))
    assert (twice.status_code, twice.json()["code"]) == (409, "NUMBER_TAKEN")
    before = place.held()
    for number, wrong in ((None, "CONTINGENCY_NUMBER"), (99, "CONTINGENCY_RANGE"), (200, "CONTINGENCY_RANGE")):
        refused = shop.till.issue(paper(shop, code, number))
        assert (refused.status_code, refused.json()["code"]) == (422, wrong)
    assert place.held() == before
    assert shop.till.issued(paper(shop, code, 101))["header"]["document_number"] == 101


@pytest.mark.parametrize("code", ["01", "03", "04"])
def test_paper_has_no_term(shop: Tenancy, code: str) -> None:
    """A day that an electronic series is refused for passes, observed where SUNAT observes it (4347)."""
    old = paper(shop, code, 120, issue_date=OLD)
    answer = shop.till.issue(old, dry_run=1)
    assert answer.status_code == 200, answer.text
    expected = {"4347"} if code == "04" else set()
    assert {one["code"] for one in answer.json()["observations"]} & {"4347", "2108", "1079"} == expected
    old["header"]["document_sequence_code"] = {"01": "F001", "03": "B001", "04": "L001"}[code]
    del old["header"]["document_number"]
    shop.till("POST", "/V1/series", {"kind": "04", "code": "L001"})
    told = shop.till.issue(old, dry_run=1)
    assert told.status_code == 422
    assert {one["code"] for one in told.json()["errors"]} & {"2108", "1079"}


def test_guides_have_no_paper(shop: Tenancy) -> None:
    made = shop.till("POST", "/V1/series", {"kind": "09", "code": SERIES})
    assert made.status_code == 422
