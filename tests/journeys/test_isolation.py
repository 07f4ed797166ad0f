"""No tenant reaches another's things: every address with an id, and every id in a body or a query.

The addresses come from the application itself, so that a new one is in the matrix on the day it is written.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
import requests
from werkzeug.routing import Rule

from app.accounts import credentials
from app.config import Settings
from app.db import Database
from app.factory import create_app
from tests.support.signing import fixed_certificate
from tests.support.world import Tenancy, Till, World, body_of, world

NOBODYS: dict[str, str] = {"document_type_id": "the contract's own", "path": "files of Swagger UI", "filename": "same"}
"""Arguments of addresses that are no tenant's id."""

BODIES: dict[tuple[str, str], Any] = {
    ("documents.Document", "PUT"): {"document_status": "2"},
    ("accounts.Account", "PATCH"): {"contact_name": "OTRO"},
    ("company_branches.Branch", "PUT"): {"name": "OTRO"},
}


@cache
def rules() -> list[Rule]:
    """Every address of the application that has an argument which is a tenant's id."""
    app = create_app(
        Settings(data_dir=Path("unused"), master_key="0" * 32, log_level="ERROR"),
        database=Database(f"sqlite:///{gettempdir()}/never.db"),
    )
    return [rule for rule in app.url_map.iter_rules() if rule.arguments - NOBODYS.keys()]


CELLS = sorted(
    (rule.endpoint, method) for rule in rules() for method in (rule.methods or set()) - {"OPTIONS"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Two tenants, and the ids of everything the second one has; ``nothing`` are ids that nobody has."""

    mine: Tenancy
    theirs: Tenancy
    ids: dict[str, Any]
    nothing: dict[str, Any]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("isolation")) as made:
        yield made


@pytest.fixture(scope="module")
def neighbours(place: World) -> Neighbours:
    mine, theirs = place.open(password="una clave larga"), place.open()
    till = theirs.till
    document = till.issued(body_of(theirs, external_id="suyo"), wait=20)
    assert document["status"] == "accepted"
    branch = till("POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}).json()
    key = till("POST", "/V1/api_keys", {"name": "otra"}).json()
    certificate = till("GET", "/V1/digital_certificates").json()["digital_certificates"][0]
    return Neighbours(
        mine=mine, theirs=theirs,
        ids={
            "document_id": document["document_id"], "account_id": theirs.account_id,
            "company_branch_id": branch["company_branch_id"], "api_key_id": key["api_key_id"],
            "certificate_id": certificate["certificate_id"],
        },
        nothing={
            "document_id": 10**15, "account_id": 10**15, "company_branch_id": 10**15, "api_key_id": 10**15,
            "certificate_id": "cert_000000000000000000000000",
        },
    )


def test_the_matrix_covers_every_id_in_an_address(neighbours: Neighbours) -> None:
    arguments = set().union(*(rule.arguments for rule in rules()))
    assert arguments <= neighbours.ids.keys() | NOBODYS.keys()
    assert {"document_id", "account_id", "company_branch_id", "certificate_id", "api_key_id"} <= arguments
    assert len(CELLS) >= 15
    changing = {cell for cell in CELLS if cell[1] in ("PUT", "PATCH")}
    assert changing == BODIES.keys()


def said(answer: requests.Response) -> Any:
    """What an answer says, but for its own id."""
    if not answer.content:
        return None
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def path_of(endpoint: str, ids: dict[str, Any]) -> str:
    """The address of an endpoint for some ids."""
    rule = next(rule for rule in rules() if rule.endpoint == endpoint)
    built = rule.build({name: ids[name] for name in rule.arguments})
    assert built is not None
    return str(built[1])


def everything(neighbours: Neighbours) -> list[Any]:
    """All that the other tenant sees of himself."""
    till = neighbours.theirs.till
    return [
        said(till("GET", path)) for path in (
            "/V1/documents", f"/V1/documents/{neighbours.ids['document_id']}", "/V1/accounts",
            "/V1/company_branches", "/V1/digital_certificates", "/V1/document_types",
        )
    ] + [[row["api_key_id"] for row in till("GET", "/V1/api_keys").json()["api_keys"]]]


@pytest.fixture(scope="module")
def tills(place: World, neighbours: Neighbours) -> dict[str, Till]:
    """The first tenant's ways to ask: with his key, and with a token."""
    user = neighbours.mine.created["api_user"]
    answer = Till(place.url, None)(
        "POST", "/V1/auth", {**user, "grant_type": "password", "password": "una clave larga"}
    )
    return {"key": neighbours.mine.till, "token": Till(place.url, answer.json()["access_token"])}


@pytest.mark.parametrize("credential", ["key", "token"])
@pytest.mark.parametrize(("endpoint", "method"), CELLS)
def test_another_tenants_id_in_an_address_is_not_found(
    place: World, neighbours: Neighbours, tills: dict[str, Till], endpoint: str, method: str, credential: str
) -> None:
    """404, the same to the letter as for what does not exist, and nothing changes."""
    before, theirs = place.held(), everything(neighbours)
    answers = [
        tills[credential](method, path_of(endpoint, ids), BODIES.get((endpoint, method)))
        for ids in (neighbours.ids, neighbours.nothing)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    assert everything(neighbours) == theirs


WITH_ACCOUNT: list[tuple[str, str, Any]] = [
    ("GET", "/V1/document_types", None), ("GET", "/V1/document_types/96", None),
    ("PATCH", "/V1/document_types/96", {"last_sequence_number": 7}),
    ("GET", "/V1/company_branches", None), ("POST", "/V1/company_branches", {"name": "Mía"}),
    ("GET", "/V1/digital_certificates", None),
    ("POST", "/V1/digital_certificates", {
        "certificate_file": b64encode(fixed_certificate().pem_with_key()).decode(), "certificate_password": "",
    }),
    ("GET", "/V1/api_keys", None), ("POST", "/V1/api_keys", {"name": "Mía"}),
]
"""Everything that may say which account it is about, in its query or its body."""


@pytest.mark.parametrize(("method", "path", "body"), WITH_ACCOUNT, ids=lambda value: str(value)[:40])
def test_naming_another_tenants_account_is_not_found(
    place: World, neighbours: Neighbours, method: str, path: str, body: Any
) -> None:
    before, theirs = place.held(), everything(neighbours)
    answers = []
    for ids in (neighbours.ids, neighbours.nothing):
        named = {"account_id": ids["account_id"]}
        query = named if body is None else {}
        answers.append(neighbours.mine.till(method, path, body and {**body, **named}, params=query))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    assert everything(neighbours) == theirs


@pytest.mark.parametrize(("method", "path", "body", "member", "which"), [
    ("POST", "/V1/company_branches", {"name": "Mía", "establishment_code": "0009"}, "parent_company_branch_id",
     "company_branch_id"),
    ("PATCH", "/V1/document_types/96", {"document_sequence_code": "F077"}, "company_branch_id", "company_branch_id"),
    ("POST", "/V1/api_keys", {"name": "Mía"}, "branch", "company_branch_id"),
])
def test_another_tenants_branch_in_a_body_is_not_found(
    place: World, neighbours: Neighbours, method: str, path: str, body: Any, member: str, which: str
) -> None:
    before, theirs = place.held(), everything(neighbours)
    answers = [
        neighbours.mine.till(method, path, {**body, member: ids[which]})
        for ids in (neighbours.ids, neighbours.nothing)
    ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    assert everything(neighbours) == theirs


def test_a_voucher_is_neither_issued_for_nor_upon_another_tenant(place: World, neighbours: Neighbours) -> None:
    before, theirs = place.held(), everything(neighbours)
    for pointer, change in (
        ("/header/account_id", "account_id"), ("/references/0/reference_document_id", "document_id"),
    ):
        answers = []
        for ids in (neighbours.ids, neighbours.nothing):
            body = body_of(neighbours.mine, "credit_note_for_invoice_by_document_id")
            if change == "account_id":
                body["header"]["account_id"] = ids["account_id"]
            else:
                body["references"][0]["reference_document_id"] = ids["document_id"]
            answers.append(neighbours.mine.till.issue(body, key=f"isolation-{change}-{ids['document_id']}"))
        assert [answer.status_code for answer in answers] == [422, 422]
        assert said(answers[0]) == said(answers[1])
        assert pointer in [item["pointer"] for item in answers[0].json()["errors"]]
    foreign = body_of(neighbours.mine, issuer_tax_id_code=neighbours.theirs.ruc)
    assert neighbours.mine.till.issue(foreign).json()["errors"][0]["code"] == "ISSUER_MISMATCH"
    assert place.held() == before
    assert everything(neighbours) == theirs


def test_another_tenants_vouchers_are_in_no_list_and_in_no_answer(neighbours: Neighbours) -> None:
    till = neighbours.mine.till
    for query in (
        {}, {"external_id": "suyo"}, {"document_number": "F001-1"}, {"account_id": neighbours.theirs.account_id},
        {"receiver_tax_id_code": "20987654326"},
    ):
        listed = till("GET", "/V1/documents", params=query)
        assert (listed.status_code, listed.json()["total_items"], listed.json()["documents"]) == (200, 0, [])
    assert [row["account_id"] for row in till("GET", "/V1/accounts").json()["accounts"]] == [neighbours.mine.account_id]


def test_what_another_tenant_used_is_free_here(place: World, neighbours: Neighbours) -> None:
    """Numbers, idempotency keys, external ids and internal branch codes are each tenant's own."""
    one, other = place.open(), place.open()
    for tenancy in (one, other):
        answer = tenancy.till.issue(body_of(tenancy, external_id="igual"), key="igual")
        assert (answer.status_code, answer.json()["header"]["number"]) == (201, "F001-00000001")
        branch = {"name": "Sucursal", "company_branch_internal_code": "igual", "establishment_code": "0001"}
        assert tenancy.till("POST", "/V1/company_branches", branch).status_code == 201


@pytest.mark.parametrize("credential", [
    None, "", "nothing", "chq_test_" + "A" * 43, "chq_live_" + "A" * 43, "chq_test_short", "a.b.c",
])
def test_without_a_good_credential_everything_is_401(place: World, credential: str | None) -> None:
    till = Till(place.url, credential)
    for method, path, body in (*WITH_ACCOUNT, ("POST", "/V1/documents", {}), ("GET", "/V1/documents/1/xml", None),
                               ("POST", "/V1/accounts", {})):
        answer = till(method, path, body, headers={"Authorization": "Bearer"} if credential == "" else {})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "UNAUTHORIZED"


def test_a_key_of_the_other_mode_is_401(place: World, neighbours: Neighbours) -> None:
    """Decision 1: a key whose mode is not its account's is none, and a live operator sees no test account."""
    credential = neighbours.mine.till.credential
    assert credential is not None
    assert Till(place.url, credential.replace("chq_test_", "chq_live_"))("GET", "/V1/documents").status_code == 401
    with place.office.database.write() as session:
        _, live = credentials.create_key(
            session, place.office.vault, account=None, mode="live", now=place.clock.now()
        )
    till = Till(place.url, live)
    mine = neighbours.mine.account_id
    assert till("GET", f"/V1/accounts/{mine}").status_code == 404
    assert till("GET", "/V1/document_types", params={"account_id": mine}).status_code == 404
    assert till("GET", "/V1/accounts").json()["total_items"] == 0
    assert place.operator("GET", f"/V1/accounts/{mine}").status_code == 200


def test_an_operator_issues_nothing(place: World, neighbours: Neighbours) -> None:
    before = place.held()
    assert place.operator.issue(body_of(neighbours.mine)).status_code == 403
    assert place.operator("GET", "/V1/documents").status_code == 403
    assert place.held() == before
