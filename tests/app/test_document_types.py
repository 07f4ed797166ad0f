"""``/V1/document_types``: counters by type and series, registering, retiring, both spellings, both lists."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.clock import FixedClock
from app.db import Database
from app.http import Office
from app.series.models import DeclaredGapRecord
from tests.support.builders import issue
from tests.support.web import Caller, account, app_on, key_for, office_on


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Office:
    return office_on(database, clock)


@pytest.fixture
def app(services: Office) -> Flask:
    return app_on(services)


@pytest.fixture
def mine(services: Office, app: Flask) -> Caller:
    return Caller(client=app.test_client(), credential=account(services)[1])


def series_id(services: Office, code: str) -> int:
    from sqlalchemy import select

    from app.series.models import SeriesRecord

    with services.database.read() as session:
        return session.scalars(select(SeriesRecord.id).where(SeriesRecord.code == code)).one()


def test_the_list_has_every_type_in_both_forms(mine: Caller) -> None:
    body = mine("GET", "/v1/document_types").json
    assert body["_embedded"]["document_types"] == body["document_types"]
    assert body["_links"]["self"]["href"] == "http://chasqui.test/V1/document_types?page=1"
    by_id = {row["document_type_id"]: row for row in body["document_types"]}
    assert set(by_id) == {
        96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 107, 108, 109, 110, 155,
        901, 902, 903, 904, 940,
    }
    assert [by_id[n]["active_system"] for n in (96, 97, 98, 99, 155, 109, 940, 100, 101, 102)] == [1] * 9 + [0]
    assert [by_id[n]["received_issued_flag"] for n in (96, 102)] == [1, 0]
    assert [by_id[n]["charged_credit_flag"] for n in (96, 98, 155)] == [1, 0, 0]
    assert all(row["charge_credit_flag"] == row["charged_credit_flag"] for row in body["document_types"])
    assert [row["document_sequence_code"] for row in by_id[99]["sequences"]] == ["BD01", "FD01"]


def test_one_type_has_v1s_members(mine: Caller) -> None:
    body = mine("GET", "/V1/document_types/96").json
    assert {name: body[name] for name in (
        "document_type_id", "name", "last_sequence_number", "active_user", "active_system", "received_issued_flag",
        "charge_credit_flag",
    )} == {
        "document_type_id": 96, "name": "Factura emitida", "last_sequence_number": 0, "active_user": 1,
        "active_system": 1, "received_issued_flag": 1, "charge_credit_flag": 1,
    }
    assert body["sequences"] == [{
        "document_sequence_code": "F001", "last_sequence_number": 0, "next_sequence_number": 1,
        "remaining": 99_999_999, "near_end": False, "active": True, "is_default": True,
        "company_branch_id": body["sequences"][0]["company_branch_id"], "chronological": "warn",
    }]


@pytest.mark.parametrize("path", ["106", "0", "9" * 30, "-1", "96x"])
def test_unknown_types_are_404(mine: Caller, path: str) -> None:
    assert mine("GET", f"/V1/document_types/{path}").status_code == 404
    assert mine("PATCH", f"/V1/document_types/{path}", {"last_sequence_number": 1}).status_code == 404


def test_koy_08_patch_sets_the_default_series(mine: Caller) -> None:
    answer = mine("PATCH", "/V1/document_types/96", {"last_sequence_number": 12345})
    assert answer.status_code == 201
    assert answer.json["last_sequence_number"] == 12345
    assert mine("GET", "/V1/document_types/96?document_sequence_code=F001").json["last_sequence_number"] == 12345


def test_decision_5_98_and_155_show_one_number(mine: Caller) -> None:
    assert mine("PATCH", "/V1/document_types/98", {
        "document_sequence_code": "BC01", "last_sequence_number": 7
    }).json["last_sequence_number"] == 7
    assert mine("GET", "/V1/document_types/155").json["last_sequence_number"] == 7
    mine("PATCH", "/V1/document_types/155", {"last_sequence_number": 9})
    assert mine("GET", "/V1/document_types/98?document_sequence_code=BC01").json["last_sequence_number"] == 9
    assert mine("GET", "/V1/document_types/98").json["last_sequence_number"] == 0


def test_an_unknown_series_that_fits_is_registered(mine: Caller) -> None:
    answer = mine("PATCH", "/V1/document_types/96", {"document_sequence_code": "F002", "last_sequence_number": 40})
    assert answer.status_code == 201
    assert (answer.json["document_sequence_code"], answer.json["last_sequence_number"]) == ("F002", 40)
    codes = {row["document_sequence_code"]: row["is_default"] for row in answer.json["sequences"]}
    assert codes == {"F001": True, "F002": False}


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        (96, {"document_sequence_code": "B001", "last_sequence_number": 1}, 422, "SERIES_FORMAT"),
        (96, {"document_sequence_code": "E001", "last_sequence_number": 1}, 422, "SERIES_FORMAT"),
        (96, {"document_sequence_code": "0001", "last_sequence_number": 1}, 422, "SERIES_FORMAT"),
        (155, {"document_sequence_code": "FC01", "last_sequence_number": 1}, 422, "SERIES_FORMAT"),
        (96, {"last_sequence_number": -1}, 422, "NUMBER_RANGE"),
        (96, {"last_sequence_number": 100_000_000}, 422, "NUMBER_RANGE"),
        (96, {"last_sequence_number": "x"}, 400, "VALIDATION_ERROR"),
        (96, {"last_sequence_number": None}, 400, "VALIDATION_ERROR"),
        (96, {"last_sequence_number": 10**30}, 400, "VALIDATION_ERROR"),
        (96, {}, 422, "VALIDATION_ERROR"),
        (96, {"document_sequence_code": "F002", "company_branch_id": 10**6}, 404, "BRANCH_NOT_FOUND"),
        (107, {"last_sequence_number": 1}, 422, "TYPE_NOT_AVAILABLE"),
        (102, {"last_sequence_number": 1}, 422, "TYPE_NOT_AVAILABLE"),
    ],
)
def test_what_does_not_fit_is_refused(mine: Caller, kind: int, body: dict[str, Any], status: int, code: str) -> None:
    answer = mine("PATCH", f"/V1/document_types/{kind}", body)
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert len(mine("GET", "/V1/document_types/96").json["sequences"]) == 1


def test_a_used_series_goes_forward_with_a_reason_only(services: Office, mine: Caller, clock: FixedClock) -> None:
    with services.database.write() as session:
        issue(session, series_id(services, "F001"), clock.now())
    path = "/V1/document_types/96"
    assert mine("PATCH", path, {"last_sequence_number": 0}).json["code"] == "NUMBER_BACKWARDS"
    assert mine("PATCH", path, {"last_sequence_number": 1}).status_code == 201
    assert mine("PATCH", path, {"last_sequence_number": 9}).json["code"] == "GAP_REASON"
    assert mine("PATCH", path, {"last_sequence_number": 9, "reason": "otro sistema"}).status_code == 201
    with services.database.read() as session:
        gap = session.query(DeclaredGapRecord).one()
        assert (gap.from_number, gap.to_number, gap.author) == (2, 9, "key:1")


def test_retiring_and_the_default(mine: Caller) -> None:
    path = "/V1/document_types/96"
    made = mine("PATCH", path, {"document_sequence_code": "F002", "is_default": True, "chronological": "refuse"}).json
    states = {row["document_sequence_code"]: row for row in made["sequences"]}
    assert (states["F001"]["is_default"], states["F002"]["is_default"]) == (False, True)
    assert states["F002"]["chronological"] == "refuse"
    retired = mine("PATCH", path, {"document_sequence_code": "F002", "active": False}).json
    states = {row["document_sequence_code"]: row for row in retired["sequences"]}
    assert (states["F002"]["active"], states["F002"]["is_default"]) == (False, False)
    assert mine("PATCH", path, {"document_sequence_code": "F002", "is_default": True}).json["code"] == "SERIES_INACTIVE"
    assert states["F001"]["is_default"], "of the others the first becomes the default (FRI-13)"
    assert mine("PATCH", path, {"document_sequence_code": "F001", "active": False}).status_code == 201
    assert mine("PATCH", path, {"last_sequence_number": 1}).json["code"] == "SERIES_NO_DEFAULT"
    back = mine("PATCH", path, {"document_sequence_code": "F002", "active": True}).json
    assert [row["is_default"] for row in back["sequences"]] == [False, True]


def test_series_need_their_scopes(services: Office, app: Flask, mine: Caller) -> None:
    made = mine("GET", "/V1/accounts").json["accounts"][0]["account_id"]
    reader = Caller(client=app.test_client(), credential=key_for(services, made, scopes=("series:read",)))
    assert reader("GET", "/V1/document_types/96").status_code == 200
    assert reader("PATCH", "/V1/document_types/96", {"last_sequence_number": 1}).status_code == 403


def test_an_unregistered_series_is_404(mine: Caller) -> None:
    answer = mine("GET", "/V1/document_types/96?document_sequence_code=F404")
    assert (answer.status_code, answer.json["code"]) == (404, "SERIES_NOT_FOUND")
