"""Internal papers by ``POST /V1/documents``: static and dynamic series, totals, repetition, and no way to SUNAT."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app import documents
from app.clock import FixedClock
from app.http import JsonApi, Office
from app.ledger.models import DeliveryRecord, DocumentRecord
from app.series.answers import PAPERS_FROM
from app.series.models import EntryRecord
from tests.support.web import Caller, account, app_on, key_for

BODY = json.loads((Path(__file__).parents[3] / "fixtures" / "invoice" / "cash" / "request.json").read_text("utf-8"))


@pytest.fixture
def till(services: Office) -> Caller:
    app = app_on(services)
    documents.register(JsonApiOf(app))
    return Caller(client=app.test_client(), credential=account(services)[1])


class JsonApiOf:
    """Registers another room's blueprint on an application that has its API already."""

    def __init__(self, app: Any) -> None:
        self._api: JsonApi = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]

    def register_blueprint(self, blueprint: Any) -> None:
        self._api.register_blueprint(blueprint)


def body(kind: int = 901, **header: Any) -> dict[str, Any]:
    made = copy.deepcopy(BODY)
    made["header"].pop("account_id", None)
    made["header"].pop("document_sequence_code", None)
    made["header"] |= {"document_type_id": kind, "issue_date": "2026-11-20", **header}
    return made  # type: ignore[no-any-return]


def issue(till: Caller, made: dict[str, Any], **more: Any) -> Any:
    return till("POST", "/V1/documents", made, **more)


def number(till: Caller, made: dict[str, Any]) -> str:
    answer = issue(till, made)
    assert answer.status_code == 201, answer.json
    return str(answer.json["header"]["number"])


def test_inv_15_a_paper_is_numbered_by_itself_and_inv_18_sealed_at_once(till: Caller, services: Office) -> None:
    """INV-15, INV-18, FRI-09: the number comes with the paper, and its place in the chain with the number."""
    answer = issue(till, body())
    assert answer.status_code == 201
    paper = answer.json
    assert (paper["header"]["number"], paper["header"]["document_number"]) == ("000001", 1)
    assert paper["header"]["document_type_taxbureau"] == ""
    assert (paper["electronic_document"], paper["delivery"]) == (None, None)
    assert len(paper["entry"]["chain_hash"]) == 64
    lines = [Decimal(str(line["quantity"])) * Decimal(str(line["unit_price"])) for line in BODY["details"]]
    assert Decimal(str(paper["totals"]["net_amount"])) == sum(lines)
    assert paper["document_id"] > PAPERS_FROM
    assert till("GET", f"/V1/documents/{paper['document_id']}").json == paper
    entry = till("GET", paper["_links"]["entry"]["href"].removeprefix("http://chasqui.test")).json
    assert (entry["code"], entry["document_id"]) == ("000001", paper["document_id"])
    with services.database.read() as session:
        for row in (DocumentRecord, DeliveryRecord):
            assert session.scalar(select(func.count()).select_from(row)) == 0


def test_inv_16_dynamic_makes_the_series_on_first_use(till: Caller) -> None:
    made = body(document_sequence_code="Obras 2026", sequence_mode="dynamic")
    assert [number(till, made), number(till, made)] == ["000001", "000002"]
    series = till("GET", "/V1/series?kind=quotation").json["series"]
    assert [(row["name"], row["code"], row["padding"], row["start_number"]) for row in series] == [
        ("Obras 2026", "OBRAS-2026", 6, 1)
    ]
    assert number(till, body(document_sequence_code="OBRAS-2026", sequence_mode="static")) == "000003"


def test_inv_17_static_uses_a_chosen_series_and_none_is_an_error(till: Caller) -> None:
    till("PUT", "/V1/series/q", {"kind": "quotation", "name": "Q", "code": "Q", "prefix": "Q-"})
    assert issue(till, body(sequence_mode="static")).json["code"] == "SERIES_NOT_CHOSEN"
    assert number(till, body(sequence_mode="static", document_sequence_code="Q")) == "Q-1"
    unknown = issue(till, body(sequence_mode="static", document_sequence_code="R"))
    assert (unknown.status_code, unknown.json["code"]) == (422, "SERIES_UNKNOWN")
    assert issue(till, body(sequence_mode="other")).status_code == 400


def test_fri_02_fri_03_without_any_series_one_counter_just_works(till: Caller) -> None:
    """FRI-02, FRI-03, OPT-11: the one scheme there is becomes a series called Default that can be renamed."""
    assert [number(till, body()) for _ in range(2)] == ["000001", "000002"]
    till("POST", "/V1/series", {"kind": "quotation", "name": "Segunda", "code": "S", "prefix": "S-"})
    rows = till("GET", "/V1/series?kind=quotation").json["series"]
    assert [(row["name"], row["default"], row["last_number"]) for row in rows] == [
        ("Default", True, 2), ("Segunda", False, 0)
    ]
    renamed = till("PATCH", f"/V1/series/{rows[0]['id']}", {"name": "Principal"}, headers={"If-Match": "*"})
    assert renamed.json["name"] == "Principal"
    assert number(till, body()) == "000003"
    assert number(till, body(902)) == "000001", "another kind counts for itself"


def test_inv_23_a_shared_series_serves_every_kind_and_a_kinds_own_only_its_own(till: Caller) -> None:
    till("PUT", "/V1/series/all", {"kind": "other", "name": "Todo", "code": "ALL"})
    till("PUT", "/V1/series/q", {"kind": "quotation", "name": "Q", "code": "Q"})
    assert [number(till, body(kind, document_sequence_code="ALL")) for kind in (901, 902, 903)] == ["1", "2", "3"]
    assert number(till, body(902)) == "4", "a kind without a series of its own uses the shared default"
    assert issue(till, body(902, document_sequence_code="Q")).json["code"] == "SERIES_KIND"


def test_an_idempotency_key_and_an_external_id_give_one_paper(till: Caller, services: Office) -> None:
    key = {"Idempotency-Key": "paper-1"}
    first, again = (issue(till, body(external_id="a"), headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    assert issue(till, body(external_id="b"), headers=key).json["code"] == "IDEMPOTENCY_KEY_REUSED"
    taken = issue(till, body(external_id="a"))
    assert (taken.status_code, taken.json["code"], taken.json["number"]) == (409, "EXTERNAL_ID_TAKEN", "000001")
    with services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(EntryRecord)) == 1


def test_a_refused_paper_takes_no_number_and_frees_its_key(till: Caller) -> None:
    wrong = body()
    wrong["totals"]["total_amount"] = "1.00"
    key = {"Idempotency-Key": "k"}
    refused = issue(till, wrong, headers=key)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/totals/total_amount")
    forced = issue(till, body(document_number=7))
    assert (forced.status_code, forced.json["errors"][0]["code"]) == (422, "NUMBER_FORCED")
    late = issue(till, body(issue_date="2027-01-01"))
    assert (late.json["code"], late.json["errors"][0]["pointer"]) == ("DATE_AHEAD", "/header/issue_date")
    assert till("GET", "/V1/series?kind=quotation").json["total_items"] == 0
    assert issue(till, body(), headers=key).json["header"]["number"] == "000001"


def test_a_dry_run_adds_up_and_keeps_nothing(till: Caller) -> None:
    said = till("POST", "/V1/documents?dry_run=1", body()).json
    assert said["dry_run"] is True
    assert said["totals"] == issue(till, body()).json["totals"]
    assert till("GET", "/V1/series?kind=quotation").json["series"][0]["last_number"] == 1


def test_a_paper_adds_up_as_the_sale_it_is_for_will(till: Caller) -> None:
    made = body()
    made.pop("totals")
    made["header"].setdefault("additional", {}).setdefault("pe_header", {}).update(
        charges_discounts=[{"code": "02", "rate": "10"}], perception={"code": "51"},
    )
    plain = till("POST", "/V1/documents?dry_run=1", body()).json["totals"]
    said = till("POST", "/V1/documents?dry_run=1&explain=1", made).json["totals"]
    assert Decimal(str(said["net_amount"])) == Decimal(str(plain["net_amount"])) * 9 / 10
    assert Decimal(said["explanation"]["payable"]["amount"]) == Decimal(said["total_amount"])
    assert issue(till, made).json["totals"]["total_amount"] == said["total_amount"]
    made["header"]["additional"]["pe_header"]["charges_discounts"][0]["code"] = "99"
    wrong = issue(till, made)
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "CHQ-CHARGE")


def test_papers_are_listed_by_their_type_and_stay_as_they_are(till: Caller) -> None:
    """OPT-03, FRI-15: an issued paper is neither edited nor deleted."""
    ids = [issue(till, body(external_id=f"e{n}")).json["document_id"] for n in range(3)]
    page = till("GET", "/V1/documents?document_type_id=901&per_page=2").json
    assert [row["document_id"] for row in page["documents"]] == ids[:0:-1]
    assert (page["total_items"], page["page_count"]) == (3, 2)
    found = till("GET", "/V1/documents?document_type_id=901&external_id=e0&issue_date_from=2026-11-20").json
    assert [row["document_id"] for row in found["documents"]] == ids[:1]
    assert till("GET", "/V1/documents?document_type_id=902").json["total_items"] == 0
    assert till("GET", "/V1/documents").json["total_items"] == 0
    for method in ("PUT", "DELETE"):
        refused = till(method, f"/V1/documents/{ids[0]}", {"document_status": "2"} if method == "PUT" else None)
        assert (refused.status_code, refused.json["code"]) == (409, "DOCUMENT_SIGNED")
        assert till(method, f"/V1/documents/{ids[0] + 99}", {} if method == "PUT" else None).status_code == 404
    for what in ("xml", "cdr"):
        assert till("GET", f"/V1/documents/{ids[0]}/{what}").status_code == 404
    batch = till("POST", "/V1/documents/batch", {"documents": [body()]}).json
    assert batch["results"][0]["error"]["code"] == "PAPER_IN_BATCH"


def test_a_branchs_key_uses_its_own_series_and_sees_its_own_papers(till: Caller, services: Office) -> None:
    office = issue(till, body()).json
    branch = till("POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}).json
    bound = Caller(client=till.client, credential=key_for(
        services, office["header"]["account_id"], branch_id=branch["company_branch_id"]
    ))
    assert till("GET", f"/V1/documents/{office['document_id']}").status_code == 200
    assert bound("GET", f"/V1/documents/{office['document_id']}").status_code == 404
    refused = issue(bound, body(document_sequence_code="QUOTATION"))
    assert (refused.status_code, refused.json["code"]) == (403, "SERIES_OF_ANOTHER_BRANCH")
    mine = issue(bound, body()).json
    assert (mine["header"]["number"], mine["header"]["document_sequence_code"]) == ("000001", "QUOTATION-0001")
    assert bound("GET", "/V1/documents?document_type_id=901").json["total_items"] == 1
    assert till("GET", "/V1/documents?document_type_id=901").json["total_items"] == 2


def test_the_types_list_papers_with_ids_of_our_own(till: Caller, clock: FixedClock) -> None:
    number(till, body())
    shown = till("GET", "/V1/document_types/901").json
    assert (shown["name"], shown["document_type_taxbureau"], shown["last_sequence_number"]) == ("Cotización", "", 1)
    assert shown["sequences"][0]["remaining"] == 999_998
    assert till("PATCH", "/V1/document_types/901", {"last_sequence_number": 9}).json["code"] == "TYPE_NOT_AVAILABLE"
