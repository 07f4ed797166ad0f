"""The API asked within the process: as the person, by his role and branch, and written into the trail."""

from __future__ import annotations

from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from app.accounts.people_models import DeedRecord
from app.console import sessions
from app.console.calling import Told, call
from app.console.forms import Form
from app.http import HANDED
from tests.support.people import House, each_house, house, somebody

__all__ = ["each_house", "house"]


def inside(house: House, role: str = "owner", **person: Any) -> Any:
    """A request of the console by somebody, entered."""
    row = somebody(house.office, house.account_id, role, **person)
    cookie = sessions.begin(house.office, row, former="", address="127.0.0.9", agent="test")
    context = house.app.test_request_context("/console", environ_base={"REMOTE_ADDR": "127.0.0.9"})
    context.push()
    g.visit = sessions.find(house.office, cookie)
    g.request_id = "outer"
    return context


def deeds(house: House) -> list[tuple[str, str, int | None, str]]:
    with house.office.database.read() as session:
        return [
            (row.action, row.subject, row.status, row.address)
            for row in session.scalars(select(DeedRecord).order_by(DeedRecord.id))
        ]


def test_an_order_has_the_apis_validation_idempotency_and_a_deed(each_house: House) -> None:
    house = each_house
    with inside(house):
        body = {"name": "Norte", "company_branch_internal_code": "N1"}
        listed = call("GET", "/V1/company_branches")
        assert listed.status == 200, listed.content
        first = call("POST", "/V1/company_branches", body, key="k1")
        again = call("POST", "/V1/company_branches", body, key="k1")
        assert (first.status, again.status) == (201, 201), first.content
        assert first.content == again.content
        bad = call("POST", "/V1/company_branches", {"name": ""})
        assert not bad.ok
        assert g.request_id == "outer"
        with pytest.raises(Told) as told:
            _ = bad.value
        assert told.value.status == bad.status
    written = deeds(house)
    assert [deed[0] for deed in written] == ["POST /company_branches"] * 3
    assert [deed[2] for deed in written] == [201, 201, bad.status]
    assert {deed[3] for deed in written} == {"127.0.0.9"}


def test_a_role_may_no_more_than_its_scopes(house: House) -> None:
    with inside(house, "viewer"):
        refused = call("POST", "/V1/company_branches", {"name": "x"})
        assert refused.status == 403
        assert call("POST", "/V1/documents", {}).status == 403


def test_another_tenants_things_are_not_there(house: House) -> None:
    other = house.account("20100070970")
    with inside(house):
        assert call("GET", f"/V1/accounts/{other}").status == 404
        assert call("GET", "/V1/documents/999999").status == 404


def test_nobody_is_handed_over_from_outside(house: House) -> None:
    client = house.app.test_client()
    for name in (HANDED, HANDED.replace(".", "-"), HANDED.replace(".", "_")):
        answer = client.get(f"/V1/accounts/{house.account_id}", headers={name: "person:1"})
        assert answer.status_code == 401


def test_complaints_find_their_fields(house: House) -> None:
    fields = {"/details/*/unit_price": "lines.*.price", "/details/*": "lines.*.name", "/receiver": "ruc"}
    with inside(house):
        answer = call("POST", "/V1/company_branches", {"name": ""})
        answer.body["errors"] = [
            {"pointer": "/details/12/unit_price", "message": "Debe ser un número.", "hint": "Quite la letra"},
            {"pointer": "/details/3/taxes/0", "message": "No es.", "hint": "Vea /docs"},
            {"pointer": "/receiver", "message": "Falta."}, {"pointer": "/elsewhere", "message": "Otra cosa."},
        ]
        form = Form.of({"ruc": "20"})
        form.refuse(answer, fields)
    assert form.errors == {
        "lines.12.price": ["Debe ser un número. Quite la letra"], "lines.3.name": ["No es."], "ruc": ["Falta."],
    }
    assert form.general == ["Otra cosa."]
