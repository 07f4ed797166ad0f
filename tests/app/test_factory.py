"""The office put together: its description, its page, its probes."""

from __future__ import annotations

import hashlib
import re
import threading
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from app import migrations
from app.config import BadSettings, Settings
from app.db import Database
from app.factory import app_of, build_office, create_app
from app.http import Office


@pytest.fixture
def plain_settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, rate_limits=False, log_level="ERROR", public_url="https://chasqui.example/")


@pytest.fixture
def client(plain_settings: Settings) -> FlaskClient:
    return create_app(plain_settings).test_client()


def test_the_description_is_valid_openapi_3_1(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()
    validate(described)
    assert described["openapi"] == "3.1.0"
    assert described["info"]["title"] == "Chasqui"
    assert described["servers"] == [{"url": "https://chasqui.example"}]
    assert described["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    assert described["security"] == [{"bearer": []}]


def test_the_description_names_every_address_of_the_contract(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    wanted = {
        "/V1/auth": {"post"}, "/V1/documents": {"get", "post"}, "/V1/documents/{document_id}": {"get", "put", "delete"},
        "/V1/documents/{document_id}/xml": {"get"}, "/V1/documents/{document_id}/cdr": {"get"},
        "/V1/documents/{document_id}/pdf": {"get"},
        "/V1/document_types": {"get"}, "/V1/accounts": {"get", "post"}, "/V1/company_branches": {"get", "post"},
        "/V1/digital_certificates": {"get", "post"}, "/V1/api_keys": {"get", "post"},
    }
    missing = {
        path: methods - paths.get(path, {}).keys()
        for path, methods in wanted.items() if not methods <= paths.get(path, {}).keys()
    }
    assert missing == {}


def test_every_error_has_the_contracts_body(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()
    responses = described["components"]["responses"]
    assert responses["DEFAULT_ERROR"]["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.is_json
    assert set(answer.get_json()) >= {"error", "code", "errors", "request_id"}


def test_tags_used_are_tags_described(client: FlaskClient) -> None:
    described = client.get("/openapi.json").get_json()
    used = {
        tag for path in described["paths"].values() for operation in path.values() if isinstance(operation, dict)
        for tag in operation.get("tags", ())
    }
    assert used <= {tag["name"] for tag in described["tags"]}
    names = [tag["name"] for tag in described["tags"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", ["/docs", "/docs/"])
def test_swagger_ui_needs_nothing_from_elsewhere(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "/openapi.json" in page
    assert re.findall(r"(?:src|href)=\"(?!/docs/)", page) == []
    script = re.search("<script>(.*?)</script>", page, re.DOTALL)
    assert script is not None
    digest = b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"script-src 'self' 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    for file in re.findall(r"(?:src|href)=\"(/docs/[^\"]+)\"", page):
        found = client.get(file)
        assert found.status_code == 200, file
        found.close()


def test_the_page_cannot_leave_its_folder(client: FlaskClient) -> None:
    for path in ("/docs/../flask_swagger_ui.py", "/docs/..%2fflask_swagger_ui.py", "/docs/%2e%2e/__init__.py"):
        assert client.get(path).status_code == 404


def test_alive_but_not_ready_before_the_migration(client: FlaskClient, plain_settings: Settings) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": "ok", "migrations": "failed"}
    database = Database(plain_settings.database)
    migrations.upgrade(database)
    database.dispose()
    assert client.get("/readyz").status_code == 200


def test_ready_on_both_databases(office: Office) -> None:
    answer = app_of(office).test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_metrics_tell_the_queue(office: Office) -> None:
    client = app_of(office).test_client()
    client.get("/healthz")
    text = client.get("/metrics").get_data(as_text=True)
    assert "chasqui_http_request_seconds_count" in text
    assert 'chasqui_deliveries{state="waiting"} 0.0' in text
    assert "chasqui_delivery_oldest_due_seconds 0.0" in text


def test_v1_is_V1(client: FlaskClient) -> None:  # noqa: N802 - the contract's two spellings
    assert client.get("/v1/documents").status_code == 401
    assert client.get("/V1/documents").status_code == 401


def test_making_the_application_starts_nothing(plain_settings: Settings) -> None:
    before = threading.active_count()
    create_app(plain_settings)
    assert threading.active_count() == before


def test_the_master_key_is_made_once(plain_settings: Settings) -> None:
    first = build_office(plain_settings).vault.digests("x")
    assert build_office(plain_settings).vault.digests("x") == first
    assert (plain_settings.data_dir / "master.key").stat().st_mode & 0o777 == 0o600


def test_a_short_master_key_is_refused(plain_settings: Settings) -> None:
    with pytest.raises(BadSettings, match="CHASQUI_KEY"):
        create_app(replace(plain_settings, master_key="short"))
