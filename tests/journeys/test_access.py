"""What a credential may do over real HTTP: branches, scopes, modes, tokens, limits and the lockout."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.world import FRIDAY, Tenancy, Till, World, body_of, world

PASSWORD = "una clave larga"
AUTH = "/V1/auth"


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("access"), delivers=False, lockout_failures=3) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    """A tenant with a second point of sale, F002 and B002 belonging to it."""
    made = place.open(password=PASSWORD)
    branch = made.till("POST", "/V1/company_branches", {
        "name": "Sucursal", "establishment_code": "0001", "address": "JR. SUCURSAL 1", "district": "LINCE",
        "city": "LIMA", "department": "LIMA", "ubigeo": "150116",
    })
    assert branch.status_code == 201
    where = branch.json()["company_branch_id"]
    for kind_id, code in ((96, "F002"), (97, "B002")):
        answer = made.till("PATCH", f"/V1/document_types/{kind_id}", {
            "document_sequence_code": code, "company_branch_id": where, "last_sequence_number": 0,
        })
        assert answer.status_code == 201, answer.text
    return made


@pytest.fixture(scope="module")
def sucursal(shop: Tenancy) -> int:
    """The id of the second point of sale."""
    rows = shop.till("GET", "/V1/company_branches").json()["company_branches"]
    return next(row["company_branch_id"] for row in rows if not row["is_headquarters"])  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def bound(place: World, shop: Tenancy, sucursal: int) -> Till:
    """A till of the second point of sale."""
    return place.till(shop.account_id, branch_id=sucursal)


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and word of a refusal."""
    return answer.status_code, answer.json()["code"]


# ---- branches

def test_a_branchs_key_issues_on_its_own_series_only(place: World, shop: Tenancy, bound: Till) -> None:
    held = place.held()
    for code in ("F001", "B001"):
        name = "invoice" if code == "F001" else "receipt"
        assert refusal(bound.issue(body_of(shop, name), key="k")) == (403, "SERIES_OF_ANOTHER_BRANCH")
    assert place.held() == held
    answer = bound.issued(body_of(shop, document_sequence_code="F002"))
    assert answer["header"]["number"].startswith("F002-")


def test_without_a_series_the_branchs_default_is_used(shop: Tenancy, bound: Till) -> None:
    without = body_of(shop)
    del without["header"]["document_sequence_code"]
    assert bound.issued(without)["header"]["document_sequence_code"] == "F002"
    assert shop.till.issued(without)["header"]["document_sequence_code"] == "F001"
    named = body_of(shop, branch_office_code="0001")
    del named["header"]["document_sequence_code"]
    assert shop.till.issued(named)["header"]["document_sequence_code"] == "F002"
    assert refusal(shop.till.issue({**named, "header": {**named["header"], "branch_office_code": "9"}})) == (
        422, "BRANCH_UNKNOWN"
    )
    no_default = body_of(shop, "credit_note_for_invoice")
    del no_default["header"]["document_sequence_code"]
    assert refusal(bound.issue(no_default)) == (422, "SERIES_NO_DEFAULT")


def test_the_branchs_address_and_establishment_stand_in_the_xml(shop: Tenancy, bound: Till) -> None:
    made = bound.issued(body_of(shop, "receipt", document_sequence_code="B002"))
    xml = bound("GET", f"/V1/documents/{made['document_id']}/xml").text
    assert "<cbc:AddressTypeCode>0001</cbc:AddressTypeCode>" in xml
    assert "JR. SUCURSAL 1" in xml
    assert "AV. EJEMPLO 123" not in xml


def test_a_branchs_key_sees_its_own_vouchers_only(shop: Tenancy, bound: Till) -> None:
    head = shop.till.issued(body_of(shop))["document_id"]
    own = bound.issued(body_of(shop, document_sequence_code="F002"))["document_id"]
    for path in ("", "/xml", "/cdr", "/pdf"):
        assert bound("GET", f"/V1/documents/{head}{path}").status_code == 404
    assert bound("PUT", f"/V1/documents/{head}", {"document_status": "2"}).status_code == 404
    assert bound("DELETE", f"/V1/documents/{head}").status_code == 404
    assert bound("GET", f"/V1/documents/{own}").status_code == 200
    listed = bound("GET", "/V1/documents", params={"per_page": 500}).json()["documents"]
    assert {row["document_sequence_code"] for row in listed} <= {"F002", "B002"}
    assert str(own) in {row["document_id"] for row in listed}
    assert str(head) in {
        row["document_id"]
        for row in shop.till("GET", "/V1/documents", params={"per_page": 500}).json()["documents"]
    }


def test_a_branchs_key_rearranges_nothing(shop: Tenancy, bound: Till) -> None:
    assert bound("POST", "/V1/company_branches", {"name": "x"}).status_code == 403
    assert bound("PATCH", "/V1/document_types/96", {"last_sequence_number": 9}).status_code == 403
    assert bound("POST", "/V1/api_keys", {"name": "x"}).status_code == 403
    assert bound("POST", "/V1/accounts", {}).status_code == 403


# ---- scopes

NEEDS: list[tuple[str, str, str, Any]] = [
    ("documents:write", "POST", "/V1/documents", {}), ("documents:read", "GET", "/V1/documents", None),
    ("documents:read", "GET", "/V1/documents/1", None), ("documents:write", "DELETE", "/V1/documents/1", None),
    ("documents:write", "PUT", "/V1/documents/1", {}), ("documents:read", "GET", "/V1/documents/1/xml", None),
    ("documents:read", "GET", "/V1/documents/1/cdr", None), ("documents:read", "GET", "/V1/documents/1/pdf", None),
    ("series:read", "GET", "/V1/document_types", None),
    ("series:read", "GET", "/V1/document_types/96", None),
    ("series:write", "PATCH", "/V1/document_types/96", {"last_sequence_number": 1}),
    ("accounts:read", "GET", "/V1/accounts", None), ("accounts:create", "POST", "/V1/accounts", {}),
    ("branches:write", "POST", "/V1/company_branches", {"name": "x"}),
    ("certificates:write", "POST", "/V1/digital_certificates", {}), ("keys:write", "POST", "/V1/api_keys", {}),
    ("keys:write", "GET", "/V1/api_keys", None),
]


@pytest.mark.parametrize(("scope", "method", "path", "body"), NEEDS, ids=lambda value: str(value)[:30])
def test_an_address_needs_its_scope(
    place: World, shop: Tenancy, scope: str, method: str, path: str, body: Any
) -> None:
    others = [each for each in ("documents:read", "documents:write", "series:read", "series:write", "accounts:read",
                                "branches:write", "certificates:write", "keys:write") if each != scope]
    held = place.held()
    answer = place.till(shop.account_id, scopes=others)(method, path, body)
    assert refusal(answer) == (403, "SCOPE_MISSING")
    assert scope in answer.json()["error"]
    assert place.held() == held


def test_a_key_that_reads_cannot_issue(place: World, shop: Tenancy) -> None:
    reader = place.till(shop.account_id, scopes=("documents:read",))
    assert reader("GET", "/V1/documents").status_code == 200
    assert refusal(reader.issue(body_of(shop))) == (403, "SCOPE_MISSING")


def test_a_revoked_key_is_401_at_once(place: World, shop: Tenancy) -> None:
    made = shop.till("POST", "/V1/api_keys", {"name": "una vez"}).json()
    till = Till(place.url, made["api_key"])
    assert till("GET", "/V1/documents").status_code == 200
    assert shop.till("DELETE", f"/V1/api_keys/{made['api_key_id']}").status_code == 204
    assert till("GET", "/V1/documents").status_code == 401


# ---- tokens and the lockout

def test_tokens_end_and_are_refreshed(place: World) -> None:
    tenancy = place.open(password=PASSWORD)
    user = tenancy.created["api_user"]
    nobody = Till(place.url, None)
    pair = nobody("POST", AUTH, {**user, "grant_type": "password", "password": PASSWORD}).json()
    till = Till(place.url, pair["access_token"])
    assert till.issued(body_of(tenancy))["header"]["document_number"] == 1
    assert Till(place.url, pair["refresh_token"])("GET", "/V1/documents").status_code == 401
    place.clock.advance(timedelta(seconds=pair["expires_in"] + 1))
    try:
        assert till("GET", "/V1/documents").status_code == 401
        client = {name: user[name] for name in ("client_id", "client_secret")}
        fresh = nobody("POST", AUTH, {**client, "grant_type": "refresh_token", "refresh_token": pair["refresh_token"]})
        assert fresh.status_code == 200
        assert Till(place.url, fresh.json()["access_token"])("GET", "/V1/documents").status_code == 200
    finally:
        place.clock.set(FRIDAY)


def test_a_forged_token_is_401(place: World, shop: Tenancy) -> None:
    pair = Till(place.url, None)("POST", AUTH, {
        **shop.created["api_user"], "grant_type": "password", "password": PASSWORD
    }).json()
    token = pair["access_token"]
    for forged in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token[:20] + "x" + token[21:], token + "A"):
        assert Till(place.url, forged)("GET", "/V1/documents").status_code == 401


def test_wrong_logins_are_oauth_errors_and_then_locked_out(place: World) -> None:
    tenancy = place.open(password=PASSWORD)
    good = {**tenancy.created["api_user"], "grant_type": "password", "password": PASSWORD}
    nobody = Till(place.url, None)
    wrong = [nobody("POST", AUTH, {**good, "password": "otra"}) for _ in range(3)]
    assert {answer.status_code for answer in wrong} == {401}
    assert {answer.json()["error"] for answer in wrong} == {"invalid_grant"}
    locked = nobody("POST", AUTH, good, headers={"Accept-Language": "en"})
    assert refusal(locked) == (429, "LOCKED_OUT")
    assert 1 <= int(locked.headers["Retry-After"]) <= 900
    assert locked.json()["errors"][0]["hint"]
    other = place.open(password=PASSWORD)
    assert nobody("POST", AUTH, {
        **other.created["api_user"], "grant_type": "password", "password": PASSWORD
    }).status_code == 200
    place.clock.advance(timedelta(seconds=901))
    try:
        assert nobody("POST", AUTH, good).status_code == 200
    finally:
        place.clock.set(FRIDAY)


@pytest.mark.parametrize(("change", "status", "error"), [
    ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"), ({"grant_type": ""}, 400, None),
    ({"client_secret": ""}, 400, "invalid_request"), ({"client_id": "nadie"}, 401, "invalid_grant"),
    ({"client_secret": "otro"}, 401, "invalid_grant"), ({"username": "nadie@example.com"}, 401, "invalid_grant"),
])
def test_requests_for_a_token_that_are_wrong(
    place: World, change: dict[str, str], status: int, error: str | None
) -> None:
    tenancy = place.open(password=PASSWORD)
    good = {**tenancy.created["api_user"], "grant_type": "password", "password": PASSWORD}
    answer = Till(place.url, None)("POST", AUTH, {**good, **change})
    assert answer.status_code == status
    if error:
        assert answer.json()["error"] == error
        assert answer.json()["error_description"]


# ---- limits

def test_too_many_requests_are_429_with_retry_after(kind: str, tmp_path: Path) -> None:
    with world(kind, tmp_path, delivers=False, rate_limits=True, rate_per_key="6 per minute") as small:
        one, other = small.open(), small.open()
        answers = [one.till.issue(body_of(one), key=f"k{sale}") for sale in range(8)]
        issued = [answer for answer in answers if answer.status_code == 201]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert (len(issued), len(limited)) == (6, 2)
        for answer in limited:
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
            assert answer.json()["code"] == "TOO_MANY_REQUESTS"
            assert answer.json()["errors"][0]["hint"]
            assert answer.json()["result"]["status"] == 429
        assert other.till.issued(body_of(other))["header"]["document_number"] == 1
        assert Till(small.url, None)("GET", "/healthz").status_code == 200
        assert small.held()["documents"] == 7
        assert small.held()["idempotency"] == 6
