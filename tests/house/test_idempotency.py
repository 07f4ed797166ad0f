"""The Idempotency-Key is minded by everything that creates: the API's own description is walked.

A new POST or PUT stands under `app.accounts.once.once` (and its writing is ``writing()``), or here with its reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.factory import create_app

NOTHING_CREATED = {
    "POST /V1/auth": "a token is worth only its own hour; repeating the request gives another, and both hold",
    "POST /V1/series/preview": "it stores nothing",
    "POST /V1/branding/preview": "it stores nothing",
    "POST /V1/books/differences": "it stores nothing",
    "POST /V1/deliveries/hold": "an order to a row that is there; given twice it is the same order",
    "POST /V1/deliveries/release": "an order to a row that is there; given twice it is the same order",
    "POST /V1/deliveries/{delivery_id}/hold": "an order to a row that is there; the second is told it is held",
    "POST /V1/deliveries/{delivery_id}/reconcile": "it has SUNAT asked; asking twice changes nothing",
    "POST /V1/deliveries/{delivery_id}/release": "an order to a row that is there; the second is told it is not held",
    "POST /V1/deliveries/{delivery_id}/retry": "SUNAT is asked first, or takes the same bytes once only",
    "POST /V1/documents/{document_id}/hold": "an order to a row that is there; the second is told it is held",
    "POST /V1/documents/{document_id}/reconcile": "it has SUNAT asked; asking twice changes nothing",
    "POST /V1/documents/{document_id}/release": "an order to a row that is there; the second is told it is not held",
    "POST /V1/documents/{document_id}/retry": "SUNAT is asked first, or takes the same bytes once only",
    "POST /V1/webhook_subscriptions/{webhook_subscription_id}/replay":
        "an order to rows that are there; what is in line already is not put there again",
    "POST /V1/validate": "it stores nothing",
}
"""POSTs and PUTs that do not mind the key, and why they need not."""


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("described"), master_key="x" * 40, log_level="ERROR"))
    described = app.test_client().get("/openapi.json").get_json()
    return {
        f"{method.upper()} {path}": operation
        for path, item in described["paths"].items() for method, operation in item.items() if method in ("post", "put")
    }


def minds(operation: dict[str, Any]) -> bool:
    """Whether an operation is described with the header."""
    return any(each.get("name") == "Idempotency-Key" for each in operation.get("parameters", ()))


def test_every_post_and_put_minds_the_key_or_says_why_not(operations: dict[str, Any]) -> None:
    silent = {name for name, operation in operations.items() if not minds(operation)}
    assert silent == set(NOTHING_CREATED)


def test_the_header_is_described(operations: dict[str, Any]) -> None:
    (header,) = (each for each in operations["POST /V1/accounts"]["parameters"] if each["in"] == "header")
    assert (header["name"], header["required"], header["schema"]["maxLength"]) == ("Idempotency-Key", False, 255)


def test_nobody_else_reads_the_header() -> None:
    """One mechanism: the header is named where it is defined, and read by ``once`` and the views that issue."""
    root = Path(__file__).parents[2] / "app"
    readers = {
        str(path.relative_to(root)) for path in root.rglob("*.py")
        if "headers.get(IDEMPOTENCY_KEY" in path.read_text(encoding="utf-8")
    }
    assert readers == {"accounts/once.py", "documents/views.py"}
    quoted = {
        str(path.relative_to(root)) for path in root.rglob("*.py")
        if '"Idempotency-Key"' in path.read_text(encoding="utf-8")
    }
    assert quoted == {"http/api.py"}
