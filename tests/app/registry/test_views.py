"""``/V1/imports`` over real HTTP: upload, report, confirm, and everything that is refused."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.history import cdr, name, pair, voucher, zipped
from tests.support.papers import seen
from tests.support.world import Tenancy, Till, World, body_of, certificate_of, kind, world

__all__ = ["kind"]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("imports"), delivers=False, max_import_bytes=300_000) as made:
        yield made


@pytest.fixture
def shop(place: World) -> Tenancy:
    return place.open()


def files_of(shop: Tenancy, *numbers: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number in numbers:
        found |= pair(number, ruc=shop.ruc)
    return found


def uploaded(till: Till, content: bytes, **more: Any) -> requests.Response:
    return till("POST", "/V1/imports", {"file": b64encode(content).decode(), "name": "ventas.zip", **more})


def planned(shop: Tenancy, *numbers: int) -> dict[str, Any]:
    answer = uploaded(shop.till, zipped(files_of(shop, *numbers)))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def confirmed(till: Till, made: dict[str, Any], plan: str = "") -> requests.Response:
    return till("POST", f"/V1/imports/{made['import_id']}/confirm", {"plan": plan or made["plan"]})


def code_of(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_nothing_changes_before_the_report_is_confirmed(place: World, shop: Tenancy) -> None:
    before = place.held()
    made = planned(shop, 1, 2, 5)
    assert place.held() == before
    assert (made["state"], made["result"], made["report"]["vouchers"]["to_import"]) == ("planned", None, 3)
    assert shop.till("GET", f"/V1/imports/{made['import_id']}").json() == made
    answer = confirmed(shop.till, made)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "applied"
    assert answer.json()["result"]["imported"] == 3
    again = confirmed(shop.till, made)
    assert again.json() == answer.json()
    assert place.held()["documents"] == before["documents"] + 3


def test_the_list_and_the_files_show_history_as_it_was(shop: Tenancy) -> None:
    assert confirmed(shop.till, planned(shop, 7)).status_code == 200
    listed = shop.till("GET", "/V1/documents", params={"taxbureau_sending_status": 3}).json()
    (row,) = listed["documents"]
    assert (row["taxbureau_sending_status"], row["taxbureau_validation_status"]) == ("3", "3")
    assert (row["number"], row["status"], row["origin"], row["delivery_state"]) == (
        "F001-00000007", "accepted", "imported", "done",
    )
    assert shop.till("GET", "/V1/documents", params={"taxbureau_sending_status": 1}).json()["total_items"] == 0
    one = f"/V1/documents/{row['document_id']}"
    assert shop.till("GET", f"{one}/xml").content == voucher(7, ruc=shop.ruc)
    assert shop.till("GET", f"{one}/cdr").content == cdr(7, ruc=shop.ruc)
    packed = shop.till("GET", f"{one}/cdr", params={"format": "zip"}).content
    assert packed == pair(7, ruc=shop.ruc)[f"R-{name(7, ruc=shop.ruc)}.zip"]
    assert "F00100000007" in seen(shop.till("GET", f"{one}/pdf").content, overlapping=False).text
    whole = shop.till("GET", one).json()
    assert whole["header"]["taxbureau_send_status"] == 3
    assert whole["header"]["receiver_tax_id_type"] == "PE-RUC"
    assert whole["header"]["taxbureau_send_date"] == "2025-06-02 11:00:00"
    assert [(line["quantity"], line["unit_price"]) for line in whole["details"]] == [("1.000000", "100.000000")]
    assert whole["totals"]["total_amount"] == "118.00"


def test_a_form_with_a_file(shop: Tenancy) -> None:
    """Browsers and curl send multipart."""
    answer = requests.post(
        f"{shop.till.url}/V1/imports", headers={"Authorization": f"Bearer {shop.till.credential}"}, timeout=30,
        files={"file": ("ventas.zip", zipped(files_of(shop, 3)))}, data={"set_defaults": "false"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["report"]["vouchers"]["to_import"] == 1
    single = requests.post(
        f"{shop.till.url}/V1/imports", headers={"Authorization": f"Bearer {shop.till.credential}"}, timeout=30,
        files={"file": ("uno.xml", voucher(3, ruc=shop.ruc))},
    )
    assert single.json()["report"]["vouchers"]["to_import"] == 1


def test_a_later_upload_replaces_the_report(shop: Tenancy) -> None:
    first, second = planned(shop, 1), planned(shop, 1, 2)
    assert code_of(confirmed(shop.till, first)) == (409, "IMPORT_REPLACED")
    assert confirmed(shop.till, second).status_code == 200


def test_a_plan_is_confirmed_for_what_it_said(shop: Tenancy) -> None:
    made = planned(shop, 1)
    assert code_of(confirmed(shop.till, made, plan="0" * 64)) == (422, "PLAN_MISMATCH")
    moved = shop.till("PATCH", "/V1/document_types/96", {"last_sequence_number": 50})
    assert moved.status_code == 201
    assert code_of(confirmed(shop.till, made)) == (409, "PLAN_CHANGED")
    assert confirmed(shop.till, planned(shop, 1)).status_code == 200


def test_refusals(place: World, shop: Tenancy) -> None:
    till = shop.till
    assert code_of(till("POST", "/V1/imports", {})) == (400, "FILE_MISSING")
    assert code_of(till("POST", "/V1/imports", {"file": "%%%"})) == (400, "FILE_BASE64")
    assert code_of(uploaded(till, b"")) == (400, "FILE_MISSING")
    assert code_of(uploaded(till, zipped({}))) == (422, "IMPORT_EMPTY")
    assert uploaded(till, bytes(300_001)).status_code == 413
    assert uploaded(till, bytes(700_000)).status_code == 413
    broken = uploaded(till, b"PK\x03\x04 broken").json()
    assert broken["report"]["passed_over"]["refused"]["count"] == 1
    other = place.open()
    made = planned(shop, 1)
    assert other.till("GET", f"/V1/imports/{made['import_id']}").status_code == 404
    assert code_of(confirmed(other.till, made)) == (404, "IMPORT_NOT_FOUND")
    reader = place.till(shop.account_id, scopes=("documents:read", "series:read"))
    assert uploaded(reader, zipped(files_of(shop, 1))).status_code == 403
    assert reader("GET", f"/V1/imports/{made['import_id']}").status_code == 200
    assert Till(shop.till.url, None)("POST", "/V1/imports", {}).status_code == 401


def test_a_branchs_credential_moves_nobody_in(place: World, shop: Tenancy) -> None:
    branch = shop.till("GET", "/V1/company_branches").json()["company_branches"][0]["company_branch_id"]
    bound = place.till(shop.account_id, branch_id=branch, scopes=("series:write", "series:read"))
    assert code_of(uploaded(bound, zipped(files_of(shop, 1)))) == (403, "BOUND_TO_BRANCH")


def test_too_many_files_for_one_request(shop: Tenancy, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.registry import operations
    from app.registry.archives import Limits

    monkeypatch.setattr(operations, "UPLOAD_LIMITS", Limits(files=3))
    made = planned(shop, 1, 2, 3)
    assert made["report"]["passed_over"]["refused"]["count"] == 1


def test_an_application_broken_off_is_resumed_by_confirming_again(
    shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.registry import applying, operations
    from app.registry.applying import apply_plan

    monkeypatch.setattr(applying, "BATCH", 1)
    made = planned(shop, 1, 2, 3)

    def breaks(*arguments: Any, **named: Any) -> Any:
        steps = 0

        def until(done: int) -> None:
            nonlocal steps
            steps += done
            if steps == 2:
                raise KeyError("power cut")

        return apply_plan(*arguments, **named, progress=until)

    monkeypatch.setattr(operations, "apply_plan", breaks)
    assert confirmed(shop.till, made).status_code == 500
    assert shop.till("GET", f"/V1/imports/{made['import_id']}").json()["state"] == "applying"
    monkeypatch.setattr(operations, "apply_plan", apply_plan)
    answer = confirmed(shop.till, made)
    assert answer.json()["state"] == "applied"
    assert (answer.json()["result"]["imported"], answer.json()["result"]["already_there"]) == (1, 2)
    assert shop.till("GET", "/V1/documents").json()["total_items"] == 3


def test_issuing_goes_on_while_history_is_stored(
    place: World, shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same series, in small transactions: the chain stays one, and every number is there once."""
    from app.registry import applying

    monkeypatch.setattr(applying, "BATCH", 2)
    made = planned(shop, *range(1, 31))
    answers: list[requests.Response] = []
    confirming = threading.Thread(target=lambda: answers.append(confirmed(shop.till, made)))
    confirming.start()
    issued = []
    until = time.monotonic() + 60
    while time.monotonic() < until and (confirming.is_alive() or len(issued) < 3):
        if shop.till("GET", "/V1/document_types/96").json()["last_sequence_number"] >= 30:
            issued.append(shop.till.issued(body_of(shop))["header"]["document_number"])
    confirming.join(60)
    assert answers[0].json()["result"]["imported"] == 30, answers[0].text
    assert issued == list(range(31, 31 + len(issued)))
    audit = shop.till("GET", "/V1/audit", params={"series": "F001"}).json()
    assert audit["findings"] == 0, audit
    assert shop.till("GET", "/V1/documents").json()["total_items"] == 30 + len(issued)


def test_the_certificate_of_history_is_not_the_account_s(shop: Tenancy) -> None:
    report = planned(shop, 1)["report"]
    (seen,) = report["signatures"]["certificates"]
    assert seen["rucs"] == [shop.ruc]
    assert seen["fingerprint"] != certificate_of(shop.ruc).fingerprint
