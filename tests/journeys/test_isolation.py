"""No tenant reaches another's things: every address with an id, and every id in a body or a query.

The addresses come from the application itself, so that a new one is in the matrix on the day it is written.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.routing import Rule

from app.accounts import credentials
from app.config import Settings
from app.db import Database
from app.factory import create_app
from tests.support.pictures import svg
from tests.support.signing import fixed_certificate
from tests.support.world import Tenancy, Till, World, body_of, contract, world

NOBODYS: dict[str, str] = {"document_type_id": "the contract's own", "path": "files of Swagger UI"}
"""Arguments of addresses that are no tenant's id."""

BODIES: dict[tuple[str, str], Any] = {
    ("/V1/documents/{document_id}", "PUT"): {"document_status": "2"},
    ("/V1/accounts/{account_id}", "PATCH"): {"contact_name": "OTRO"},
    ("/V1/company_branches", "POST"): {"name": "Mía"},
    ("/V1/company_branches/{company_branch_id}", "PUT"): {"name": "OTRO"},
    ("/V1/api_keys", "POST"): {"name": "Mía"},
    ("/V1/digital_certificates", "POST"): {
        "certificate_file": b64encode(fixed_certificate().pem_with_key()).decode(), "certificate_password": "",
    },
    ("/V1/document_types/{document_type_id}", "PATCH"): {"last_sequence_number": 7},
    ("/V1/series", "POST"): {"kind": "order", "code": "MIA", "name": "Mía"},
    ("/V1/series/defaults", "POST"): None,
    ("/V1/series/import", "POST"): {"rows": [{"type": "01", "code": "F077", "last_number": 7}]},
    ("/V1/series/preview", "POST"): {"kind": "order", "code": "MIA", "name": "Mía"},
    ("/V1/series/{series_id}", "PUT"): {"kind": "order", "code": "MIA", "name": "Mía"},
    ("/V1/series/{series_id}", "PATCH"): {"name": "OTRO"},
    ("/V1/series/{series_id}/clone", "POST"): {"code": "MIA", "year": 2027},
    ("/V1/series/{series_id}/default", "POST"): None,
    ("/V1/series/{series_id}/entries", "POST"): {},
    ("/V1/series/{series_id}/entries/{entry_id}", "PUT"): {},
    ("/V1/deliveries/hold", "POST"): {},
    ("/V1/deliveries/release", "POST"): {},
    ("/V1/deliveries/{delivery_id}/hold", "POST"): {},
    ("/V1/deliveries/{delivery_id}/release", "POST"): None,
    ("/V1/deliveries/{delivery_id}/retry", "POST"): None,
    ("/V1/deliveries/{delivery_id}/reconcile", "POST"): None,
    ("/V1/documents/{document_id}/hold", "POST"): {},
    ("/V1/documents/{document_id}/release", "POST"): None,
    ("/V1/documents/{document_id}/retry", "POST"): None,
    ("/V1/documents/{document_id}/reconcile", "POST"): None,
    ("/V1/documents/{document_id}/replacement", "POST"): contract("invoice"),
    ("/V1/documents/{document_id}/correction", "POST"): contract("invoice"),
    ("/V1/documents/{document_id}/external-void", "POST"): {
        "voided_on": "2026-11-20", "reason": "Error", "reference": "1",
    },
    ("/V1/documents/{document_id}/mails", "POST"): {"to": "otro@example.org"},
    ("/V1/logos", "POST"): {"name": "mia.svg", "content": b64encode(svg("<rect/>")).decode()},
    ("/V1/webhook_subscriptions", "POST"): {"callback_url": "https://example.com/aviso"},
    ("/V1/webhook_subscriptions/{webhook_subscription_id}/secret", "POST"): None,
    ("/V1/webhook_subscriptions/{webhook_subscription_id}/test", "POST"): None,
    ("/V1/branding/preview", "POST"): {},
    ("/V1/webhook_subscriptions/{webhook_subscription_id}/replay", "POST"): {"notice_id": 1},
    ("/V1/imports", "POST"): {"file": b64encode(b"<Invoice/>").decode(), "name": "x.xml"},
    ("/V1/imports/{import_id}/confirm", "POST"): {"plan": "0" * 64},
    ("/V1/books/differences", "POST"): "a proposal",
}
"""What goes with a request that has a body."""

QUERIES: dict[str, dict[str, str]] = {
    path: {"period": "2026-11"} for path in ("/V1/books/registry", "/V1/books/rvie", "/V1/books/differences")
}
"""What an address has to be asked with."""

CREATING = {("/V1/series/{series_id}", "PUT")}
"""Where an id in the address is one that the caller makes up for something new."""

FILTERS = {("/V1/documents", "GET")}
"""Where the account is a filter of the contract: another's finds nothing."""

STATELESS = {("/V1/series/preview", "POST")}
"""Where the account named says nothing: neither read nor written."""


@cache
def app() -> Flask:
    """An application for its addresses and its description; its database is never opened."""
    return create_app(
        Settings(data_dir=Path("unused"), master_key="0" * 32, log_level="ERROR"),
        database=Database(f"sqlite:///{gettempdir()}/never.db"),
    )


@cache
def rules() -> list[Rule]:
    """Every address of the API that has an argument which is a tenant's id; the console's take no credential."""
    return [
        rule for rule in app().url_map.iter_rules()
        if rule.arguments - NOBODYS.keys() and not rule.rule.startswith("/console")
    ]


@cache
def description() -> Any:
    return app().test_client().get("/openapi.json").json


def template(rule: Rule) -> str:
    """An address as the description writes it."""
    return re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)


def names_account(path: str, method: str) -> str:
    """Where an operation takes the account it is about: in its "query", its "body", or nowhere ("")."""
    item = description()["paths"][path]
    operation = item.get(method.lower(), {})
    parameters = operation.get("parameters", []) + item.get("parameters", [])
    if any((each.get("in"), each.get("name")) == ("query", "account_id") for each in parameters):
        return "query"
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return "body" if "account_id" in schema.get("properties", {}) else ""


CELLS = sorted(
    (template(rule), method) for rule in rules() for method in (rule.methods or set()) - {"OPTIONS"}
    if (template(rule), method) not in CREATING
)
NAMING = sorted(
    (path, method.upper(), where) for path, item in description()["paths"].items() for method in item
    if method != "parameters" and (where := names_account(path, method)) and (path, method.upper()) not in FILTERS
    | STATELESS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Two tenants, the ids of everything they have, and ids that nobody has."""

    mine: Tenancy
    theirs: Tenancy
    ours: dict[str, Any]
    ids: dict[str, Any]
    nothing: dict[str, Any]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("isolation")) as made:
        yield made


def settle_in(tenancy: Tenancy) -> dict[str, Any]:
    """Gives a tenant one of everything, and tells the ids."""
    till = tenancy.till
    document = till.issued(body_of(tenancy, external_id="suyo"), wait=20)
    assert document["status"] == "accepted"
    xml = till("GET", f"/V1/documents/{document['document_id']}/xml").content
    told = till("GET", f"/V1/documents/{document['document_id']}/attempts").json()
    logo = {"name": f"{tenancy.ruc}.svg", "content": b64encode(svg("<rect/>")).decode()}
    series = till("POST", "/V1/series", {"kind": "quotation", "code": "COT", "name": "Cotizaciones"}).json()
    ids = {
        "document_id": document["document_id"], "delivery_id": told["delivery_id"], "account_id": tenancy.account_id,
        "document_type_id": 96, "company_branch_id": till(
            "POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}
        ).json()["company_branch_id"],
        "api_key_id": till("POST", "/V1/api_keys", {"name": "otra"}).json()["api_key_id"],
        "certificate_id": till("GET", "/V1/digital_certificates").json()["digital_certificates"][0]["certificate_id"],
        "series_id": series["id"], "logo_name": till("POST", "/V1/logos", logo).json()["name"],
        "entry_id": till("POST", f"/V1/series/{series['id']}/entries", {}).json()["id"],
        "import_id": till("POST", "/V1/imports", {"file": b64encode(xml).decode()}).json()["import_id"],
        "webhook_subscription_id": int(till(
            "POST", "/V1/webhook_subscriptions", {"callback_url": "https://example.com/aviso"}
        ).json()["webhook_subscription_id"]),
    }
    assert all(ids.values())
    return ids


@pytest.fixture(scope="module")
def neighbours(place: World) -> Neighbours:
    mine, theirs = place.open(password="una clave larga"), place.open()
    return Neighbours(
        mine=mine, theirs=theirs, ours=settle_in(mine), ids=settle_in(theirs),
        nothing={
            "document_id": 10**15, "delivery_id": 10**15, "account_id": 10**15, "document_type_id": 96,
            "company_branch_id": 10**15,
            "api_key_id": 10**15, "certificate_id": "cert_000000000000000000000000", "series_id": "nobodys",
            "entry_id": "nobodys", "import_id": 10**15, "logo_name": "nobodys.svg",
            "webhook_subscription_id": 10**15,
        },
    )


def test_the_matrix_covers_every_id_in_an_address(neighbours: Neighbours) -> None:
    arguments = set().union(*(rule.arguments for rule in rules()))
    assert arguments <= neighbours.ids.keys() | NOBODYS.keys()
    assert {"document_id", "account_id", "company_branch_id", "certificate_id", "api_key_id"} <= arguments
    assert len(CELLS) >= 15
    assert len(NAMING) >= 8
    changing = {cell for cell in CELLS if cell[1] in ("PUT", "PATCH", "POST")}
    changing |= {(path, method) for path, method, _ in NAMING if method in ("PUT", "PATCH", "POST")}
    assert changing <= BODIES.keys()


def said(answer: requests.Response) -> Any:
    """What an answer says, but for its own id."""
    if not answer.content:
        return None
    return {name: value for name, value in answer.json().items() if name != "request_id"}


def ask(till: Till, path: str, method: str, ids: dict[str, Any], **named: Any) -> requests.Response:
    """Asks at an address with these ids; ``named`` are members that say which account it is about."""
    where, body = names_account(path, method), BODIES.get((path, method))
    query = {**QUERIES.get(path, {}), **(named if where == "query" else {})}
    if named and where == "body":
        body = {**body, **named}
    return till(method, path.format(**ids), body, params=query, headers={"If-Match": "*"})


def everything(neighbours: Neighbours) -> list[Any]:
    """All that the other tenant sees of himself."""
    till = neighbours.theirs.till
    return [
        said(till("GET", path)) for path in (
            "/V1/documents", f"/V1/documents/{neighbours.ids['document_id']}", "/V1/accounts",
            "/V1/company_branches", "/V1/digital_certificates", "/V1/document_types", "/V1/series",
            f"/V1/series/{neighbours.ids['series_id']}/entries", f"/V1/imports/{neighbours.ids['import_id']}",
        )
    ] + [[row["api_key_id"] for row in till("GET", "/V1/api_keys").json()["api_keys"]]]


@pytest.fixture(scope="module")
def untouched(neighbours: Neighbours) -> list[Any]:
    """What the other tenant sees of himself before anybody tries anything."""
    return everything(neighbours)


@pytest.fixture(scope="module")
def tills(place: World, neighbours: Neighbours) -> dict[str, Till]:
    """The first tenant's ways to ask: with his key, and with a token."""
    user = neighbours.mine.created["api_user"]
    answer = Till(place.url, None)(
        "POST", "/V1/auth", {**user, "grant_type": "password", "password": "una clave larga"}
    )
    return {"key": neighbours.mine.till, "token": Till(place.url, answer.json()["access_token"])}


@pytest.mark.parametrize("credential", ["key", "token"])
@pytest.mark.parametrize(("path", "method"), CELLS)
def test_another_tenants_id_in_an_address_is_not_found(
    place: World, neighbours: Neighbours, untouched: list[Any], tills: dict[str, Till], path: str, method: str,
    credential: str,
) -> None:
    """404, the same to the letter as for what does not exist, and nothing changes."""
    before = place.held()
    answers = [ask(tills[credential], path, method, ids) for ids in (neighbours.ids, neighbours.nothing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    if method not in ("GET", "HEAD"):
        assert everything(neighbours) == untouched


@pytest.mark.parametrize(("path", "method", "where"), NAMING)
def test_naming_another_tenants_account_is_not_found(
    place: World, neighbours: Neighbours, untouched: list[Any], path: str, method: str, where: str
) -> None:
    """At every address that takes the account in its query or body, with ids of one's own in the address."""
    before = place.held()
    answers = [
        ask(neighbours.mine.till, path, method, neighbours.ours, account_id=ids["account_id"])
        for ids in (neighbours.ids, neighbours.nothing)
    ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    if method != "GET":
        assert everything(neighbours) == untouched


def test_a_tenants_own_ids_are_found(neighbours: Neighbours) -> None:
    """The matrix proves nothing if its requests are wrong: with one's own ids, reading succeeds."""
    for path, method in CELLS:
        if method == "GET":
            answer = ask(neighbours.mine.till, path, method, neighbours.ours)
            assert answer.status_code == 200, (path, answer.text)


def test_mixed_ids_are_not_found(neighbours: Neighbours) -> None:
    """One's own series with another's entry."""
    mixed = f"/V1/series/{neighbours.ours['series_id']}/entries/{neighbours.ids['entry_id']}"
    assert neighbours.mine.till("GET", mixed).status_code == 404


def test_an_id_one_makes_up_may_be_another_tenants(place: World, neighbours: Neighbours, untouched: list[Any]) -> None:
    """Ids of one's own are each tenant's own: using another's makes something new here, and says nothing."""
    other = place.open()
    for code, series_id in (("MIA", neighbours.ids["series_id"]), ("MIB", "quite-new")):
        answer = other.till("PUT", f"/V1/series/{series_id}", {"kind": "order", "code": code, "name": "Mía"})
        assert answer.status_code == 201, answer.text
    assert everything(neighbours) == untouched


@pytest.mark.parametrize(("method", "path", "body", "member", "which"), [
    ("POST", "/V1/company_branches", {"name": "Mía", "establishment_code": "0009"}, "parent_company_branch_id",
     "company_branch_id"),
    ("PATCH", "/V1/document_types/96", {"document_sequence_code": "F077"}, "company_branch_id", "company_branch_id"),
    ("POST", "/V1/api_keys", {"name": "Mía"}, "branch", "company_branch_id"),
])
def test_another_tenants_branch_in_a_body_is_not_found(
    place: World, neighbours: Neighbours, untouched: list[Any], method: str, path: str, body: Any, member: str,
    which: str,
) -> None:
    before = place.held()
    answers = [
        neighbours.mine.till(method, path, {**body, member: ids[which]})
        for ids in (neighbours.ids, neighbours.nothing)
    ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert said(answers[0]) == said(answers[1])
    assert place.held() == before
    assert everything(neighbours) == untouched


def test_a_voucher_is_neither_issued_for_nor_upon_another_tenant(
    place: World, neighbours: Neighbours, untouched: list[Any]
) -> None:
    before = place.held()
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
    assert everything(neighbours) == untouched


def test_another_tenants_vouchers_are_in_no_list(place: World, neighbours: Neighbours) -> None:
    other = place.open()
    till = other.till
    for query in (
        {}, {"external_id": "suyo"}, {"document_number": "F001-1"}, {"account_id": neighbours.theirs.account_id},
        {"receiver_tax_id_code": "20987654326"},
    ):
        listed = till("GET", "/V1/documents", params=query)
        assert (listed.status_code, listed.json()["total_items"], listed.json()["documents"]) == (200, 0, [])
    assert [row["account_id"] for row in till("GET", "/V1/accounts").json()["accounts"]] == [other.account_id]


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
    open_to_all = {("/V1/auth", "POST")}
    ids = {name: "1" for rule in rules() for name in rule.arguments} | {"document_type_id": "96"}
    for path, item in description()["paths"].items():
        for method in item.keys() - {"parameters"}:
            if (path, method.upper()) in open_to_all:
                continue
            answer = till(
                method.upper(), path.format(**ids), {} if method in ("post", "put", "patch") else None,
                headers={"Authorization": "Bearer"} if credential == "" else {},
            )
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"] == "UNAUTHORIZED"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


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
