"""The control API: faults put on and off from outside, the record and the journal read, vouchers voided."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sunat.sandbox import MODES, Call, Outcome
from tests.support.asking import NAME, Place, said
from tests.support.sandbox import running
from tests.support.signing import RUC

FAULTS = "/_sandbox/faults"


def controlled(place: Place, method: str, path: str, content: object = None, *, query: str = "") -> tuple[int, Any]:
    body = b"" if content is None else json.dumps(content).encode()
    outcome: Outcome = place.sandbox.answer(Call(method=method, path=path, query=query, body=body))
    assert outcome.header("Content-Type") == "application/json; charset=utf-8"
    return outcome.status, json.loads(outcome.body)


@pytest.fixture
def place() -> Place:
    return Place()


def test_faults_come_and_go(place: Place) -> None:
    assert controlled(place, "GET", FAULTS) == (200, {"seed": 0, "faults": []})
    rule = {"mode": "http-502", "operation": "sendBill", "times": 1}
    assert controlled(place, "POST", FAULTS, rule) == (201, {"ids": [1]})
    assert controlled(place, "POST", FAULTS, [{"mode": "busy"}, {"mode": "slow", "seconds": 1}]) == (
        201, {"ids": [2, 3]})
    assert place.send().status == 502
    _, listed = controlled(place, "GET", FAULTS)
    assert listed["faults"][0] == {
        "id": 1, "struck": 1, "modes": ["http-502"], "operations": ["sendBill"], "times": 1
    }
    assert controlled(place, "DELETE", f"{FAULTS}/2") == (200, {"removed": 2})
    assert controlled(place, "DELETE", f"{FAULTS}/2")[0] == 404
    assert controlled(place, "DELETE", f"{FAULTS}/x")[0] == 404
    assert controlled(place, "DELETE", FAULTS) == (200, {"faults": []})
    assert place.send().status == 200


def test_slips_are_told_and_change_nothing(place: Place) -> None:
    for content in ({"mode": "none"}, {"moed": "busy"}, [7], "x", [{"mode": "busy"}, {"mode": "none"}]):
        status, answer = controlled(place, "POST", FAULTS, content)
        assert (status, bool(answer["error"])) == (400, True)
    assert controlled(place, "POST", FAULTS)[0] == 400
    assert controlled(place, "PUT", FAULTS)[0] == 404
    assert controlled(place, "GET", "/_sandbox")[0] == 404
    assert controlled(place, "GET", FAULTS)[1]["faults"] == []


def test_the_list_of_what_can_go_wrong(place: Place) -> None:
    _, answer = controlled(place, "GET", "/_sandbox/modes")
    assert [mode["name"] for mode in answer["modes"]] == list(MODES)


def test_the_record_and_the_journal(place: Place) -> None:
    place.send()
    place.consult("getStatus")
    _, answer = controlled(place, "GET", "/_sandbox/ledger")
    assert (answer["count"], answer["vouchers"][0]["voucher"]) == (1, NAME)
    assert answer["vouchers"][0]["state"] == "accepted"
    assert controlled(place, "GET", "/_sandbox/ledger", query=f"ruc={RUC}")[1]["count"] == 1
    assert controlled(place, "GET", "/_sandbox/ledger", query="ruc=20987654326")[1]["count"] == 0
    _, calls = controlled(place, "GET", "/_sandbox/calls", query="last=1")
    assert [one["operation"] for one in calls["calls"]] == ["getStatus"]
    assert controlled(place, "GET", "/_sandbox/calls", query="last=x")[0] == 400


def test_vouchers_are_voided(place: Place) -> None:
    place.send()
    assert controlled(place, "POST", "/_sandbox/void", {"voucher": NAME}) == (200, {"voided": NAME})
    assert said(place.consult("getStatus"))[0] == "0003"
    assert controlled(place, "POST", "/_sandbox/void", {"voucher": NAME})[0] == 404
    for content in ({"voucher": "x"}, {"voucher": 7}, {}, [], {"voucher": f"{RUC}-RC-20261120-1"}):
        assert controlled(place, "POST", "/_sandbox/void", content)[0] == 400


def test_it_can_be_taken_away() -> None:
    place = Place(control=False)
    assert place.sandbox.answer(Call(method="GET", path=FAULTS)).header("Content-Type").startswith("text/plain")


def test_over_a_socket() -> None:
    place = Place()
    with running(place.sandbox) as base:
        assert requests.post(f"{base}{FAULTS}", json={"mode": "http-503"}, timeout=5).json() == {"ids": [1]}
        assert place.send().status == 503
        assert requests.delete(f"{base}{FAULTS}", timeout=5).status_code == 200
        assert requests.get(f"{base}/_sandbox/ledger", timeout=5).json() == {"count": 0, "vouchers": []}
