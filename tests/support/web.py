"""A small office to send requests to: the rooms up to series, on the test's database, with keys that work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import accounts, almanac, http, series
from app.accounts import credentials, operations
from app.accounts.keys import Mode
from app.accounts.models import AccountRecord
from app.accounts.vault import Vault
from app.clock import Clock
from app.config import Settings
from app.db import Database
from app.http import JsonApi, Office
from app.series.operations import Desk
from tests.support.builders import RUC

MASTER_KEY = b"a master key for tests, 32 bytes long or more"


def office_on(database: Database, clock: Clock, **settings: Any) -> Office:
    """The services over a database; other settings by name."""
    preset: dict[str, Any] = {"data_dir": Path("unused"), "public_url": "http://chasqui.test", "rate_limits": False}
    return Office(
        settings=Settings(**{**preset, **settings}), database=database, clock=clock, vault=Vault((MASTER_KEY,))
    )


def app_on(services: Office) -> Flask:
    """An application with the rooms up to series."""
    app = Flask("chasqui-test", static_folder=None)
    app.config.update(API_TITLE="test", API_VERSION="0", OPENAPI_VERSION="3.1.0")
    http.install(app, services)
    api = JsonApi(app)
    accounts.register(api)
    series.register(api)
    almanac.register(api)
    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client with a credential."""

    client: FlaskClient
    credential: str | None

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        headers.update(more.pop("headers", {}))
        if body is not None:
            more["json"] = body
        return self.client.open(path, method=method, headers=headers, **more)


def operator(services: Office, *, mode: Mode = "test") -> str:
    """An operator's key."""
    with services.database.write() as session:
        return credentials.create_key(session, services.vault, account=None, mode=mode, now=services.clock.now())[1]


def account(services: Office, *, ruc: str = RUC, environment: str = "sandbox") -> tuple[int, str]:
    """An account as an operator opens it: its id and its first key."""
    now = services.clock.now()
    with services.database.write() as session:
        row = operations.open_account(
            session, vault=services.vault, desk=Desk(), environment=environment, ruc=ruc,
            legal_name="EMPRESA EMISORA S.A.C.", now=now,
        )
        return row.id, credentials.create_key(session, services.vault, account=row, now=now)[1]


def key_for(services: Office, account_id: int, **values: Any) -> str:
    """Another key of an account."""
    with services.database.write() as session:
        row = session.get_one(AccountRecord, account_id)
        return credentials.create_key(
            session, services.vault, account=row, now=services.clock.now(), **values
        )[1]
