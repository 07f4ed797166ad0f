"""The description of the API: valid, complete, and true when somebody who knows nothing else tries it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.factory import app_of
from app.imprint.addresses import RECEIVER_PAGES
from tests.support.world import Tenancy, World, body_of, world

FRAMEWORK = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
"""What machines ask, which is not the contract's."""

PAGES = set(RECEIVER_PAGES.values())
"""What people read."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("openapi"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def app(place: World) -> Flask:
    """Another application over the same services, to be asked in process."""
    return app_of(place.office)


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return place.open()


@pytest.fixture(scope="module")
def described(shop: Tenancy) -> Any:
    return shop.till("GET", "/openapi.json").json()


def test_the_document_is_valid_openapi_3_1(described: Any) -> None:
    assert described["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(described).validate()


def test_every_address_and_method_is_described(described: Any, app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)
        if path in FRAMEWORK | PAGES or path.startswith(("/docs", "/console")):
            continue
        assert path in described["paths"], path
        methods = {method.lower() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
        assert methods == described["paths"][path].keys() - {"parameters"}, path


def test_every_operation_says_what_it_is_for_and_how_it_fails(described: Any) -> None:
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert operation["summary"], (path, method)
            assert operation["tags"], (path, method)
            statuses = set(operation["responses"])
            assert statuses & {"200", "201", "204"}, (path, method)
            assert "default" in statuses or statuses & {"400", "401", "404", "422"}, (path, method)
            for status, answer in operation["responses"].items():
                if status == "default" or int(status) >= 400:
                    body = _followed(described, answer)["content"]["application/json"]["schema"]
                    assert body["$ref"].endswith("/ErrorBody"), (path, method, status)


def test_texts_are_what_swagger_ui_shows(described: Any) -> None:
    """Markdown in descriptions, plain text in summaries; the markup of docstrings in neither."""
    said = list(_texts(described))
    assert len(said) > 100
    assert [text for _, text in said if "``" in text] == []
    assert [text for name, text in said if name == "summary" and "`" in text] == []
    upload = described["paths"]["/V1/digital_certificates"]["post"]["description"]
    assert "`certificate_file` is a PFX" in upload
    assert described["paths"]["/V1/company_branches/{company_branch_id}"]["put"]["summary"].endswith(
        "document_sequence_codes moves series to it."
    )


def _texts(described: Any) -> Iterator[tuple[str, str]]:
    """Every text for people, with the name it stands under."""
    for name, value in described.items() if isinstance(described, dict) else enumerate(described):
        if isinstance(value, str) and name in ("summary", "description"):
            yield name, value
        elif isinstance(value, dict | list):
            yield from _texts(value)


def _followed(described: Any, answer: Any) -> Any:
    while "$ref" in answer:
        found = described
        for part in answer["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        answer = found
    return answer


def test_real_answers_are_as_they_are_described(place: World, described: Any) -> None:
    """What schemathesis cannot make by chance: vouchers that are issued, listed, refused; what an account has."""
    shop = place.open(password="una clave larga")
    till = shop.till
    issued = till.issue(body_of(shop, "invoice_credit_terms"))
    note = till.issue(body_of(shop, "credit_note_for_invoice", document_sequence_code="FC01"))
    assert (issued.status_code, note.status_code) == (201, 201)
    one = f"/V1/documents/{issued.json()['document_id']}"
    wrong = body_of(shop)
    wrong["totals"]["total_amount"] = 1
    user = {**shop.created["api_user"], "grant_type": "password", "password": "una clave larga"}
    account = f"/V1/accounts/{shop.account_id}"
    for path, answer in (
        ("/V1/documents", issued), ("/V1/documents", note), ("/V1/documents", till.issue(body_of(shop), dry_run=1)),
        ("/V1/documents", till("GET", "/V1/documents")),
        ("/V1/documents/{document_id}", till("GET", one)),
        ("/V1/documents/{document_id}", till("PUT", one, {"document_status": "2"})),
        ("/V1/documents/{document_id}", till("DELETE", one)), ("/V1/documents", till.issue(wrong)),
        ("/V1/documents/{document_id}/cdr", till("GET", f"{one}/cdr")), ("/V1/auth", till("POST", "/V1/auth", user)),
        ("/V1/document_types", till("GET", "/V1/document_types")),
        ("/V1/document_types/{document_type_id}", till("GET", "/V1/document_types/98")),
        ("/V1/document_types/{document_type_id}", till("PATCH", "/V1/document_types/97", {"last_sequence_number": 3})),
        ("/V1/accounts", till("GET", "/V1/accounts")), ("/V1/accounts/{account_id}", till("GET", account)),
        ("/V1/company_branches", till("GET", "/V1/company_branches")), ("/V1/api_keys", till("GET", "/V1/api_keys")),
        ("/V1/digital_certificates", till("GET", "/V1/digital_certificates")),
    ):
        assert answer.request.method is not None
        answers = described["paths"][path][answer.request.method.lower()]["responses"]
        found = _followed(described, answers.get(str(answer.status_code)) or answers["default"])
        schema = {**found["content"]["application/json"]["schema"], "components": described["components"]}
        OAS31Validator(schema).validate(answer.json())


def test_swagger_ui_loads_nothing_from_elsewhere(shop: Tenancy) -> None:
    page = shop.till("GET", "/docs/")
    assert page.status_code == 200
    assert "text/html" in page.headers["Content-Type"]
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//[^\"']*", page.text) == []
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy
    files = re.findall(r"(?:src|href)\s*=\s*[\"']([^\"']+)[\"']", page.text)
    assert len(files) >= 3
    for name in files:
        answer = shop.till("GET", urljoin("/docs/", name))
        assert answer.status_code == 200, name
        assert answer.content
    assert "/openapi.json" in page.text
    assert shop.till("GET", "/docs").status_code == 200


# ---- schemathesis: requests made from the description alone

TRUE = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
QUIET = settings(
    max_examples=12, derandomize=True, deadline=None, database=None, print_blob=False,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)


def attacked(operation: Any, headers: dict[str, str]) -> int:
    """Tries an operation with what its description allows and does not; gives how often."""
    tried = 0

    @QUIET
    @given(case=operation.as_strategy())
    def attack(case: Any) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(checks=list(TRUE), headers=headers)

    attack()
    return tried


def test_requests_made_from_the_description_find_no_fault(app: Flask, place: World) -> None:
    """No 5xx, no status, content type or body that the description does not have."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    tenancy = place.open()
    assert len(operations) >= 20
    for operation in operations:
        opens = (operation.method.upper(), operation.path) == ("POST", "/V1/accounts")
        till = place.operator if opens else tenancy.till
        assert attacked(operation, {"Authorization": f"Bearer {till.credential}"}) >= 3
