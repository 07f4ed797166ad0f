"""People at the console, for tests: somebody with a role, and a client of Flask's that has signed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import people
from app.accounts.models import AccountRecord
from app.accounts.operations import create_branch, open_account
from app.accounts.people_models import PersonRecord
from app.clock import FixedClock
from app.db import Database
from app.factory import app_of
from app.http import Office
from app.series.operations import Desk as Counters
from tests.support.builders import RUC
from tests.support.databases import fresh
from tests.support.web import office_on

PASSWORD = "una frase que nadie adivina"
_WORD = re.compile(r'name="_csrf" value="([0-9a-f]{64})"')
_KEY = re.compile(r'name="_key" value="([0-9a-f]{32})"')


def somebody(
    office: Office, account_id: int, role: str = "owner", *, username: str = "", branches: Iterable[int] = ()
) -> PersonRecord:
    """Adds somebody with `PASSWORD`; the user name is the role unless told."""
    with office.database.write() as session:
        account = session.get_one(AccountRecord, account_id)
        return people.add(
            session, account, username=username or role, name=f"Rosa {role.title()}", role=role,
            now=office.clock.now(), branches=branches, password=PASSWORD,
        )[0]


class Desk:
    """A browser without script: follows nothing by itself, posts forms as the page has them."""

    def __init__(self, app: Flask, *, address: str = "127.0.0.1") -> None:
        self.client: FlaskClient = app.test_client()
        self._more = {"environ_base": {"REMOTE_ADDR": address}}

    def get(self, path: str, **more: Any) -> TestResponse:
        """A page."""
        return self.client.get(path, **self._more, **more)

    def post(self, path: str, fields: dict[str, Any] | None = None, *, form_at: str = "", **more: Any) -> TestResponse:
        """Posts a form: the page at ``form_at`` (or at the path) is opened first for what it hides."""
        shown = self.get(form_at or path).text
        hidden = {"_csrf": _WORD.search(shown), "_key": _KEY.search(shown)}
        found = {name: match[1] for name, match in hidden.items() if match}
        return self.client.post(path, data={**found, **(fields or {})}, **self._more, **more)

    def sign_in(self, ruc: str, username: str = "owner", password: str = PASSWORD, **fields: Any) -> TestResponse:
        """Signs in; the answer is a redirect when it worked."""
        return self.post(
            "/console/sign-in", {"ruc": ruc, "username": username, "password": password, **fields}
        )


def desk_of(app: Flask, office: Office, account_id: int, ruc: str, role: str = "owner", **person: Any) -> Desk:
    """Somebody new of an account, signed in."""
    row = somebody(office, account_id, role, **person)
    desk = Desk(app)
    answer = desk.sign_in(ruc, row.username)
    assert answer.status_code == 303, answer.text
    return desk


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An installation with one account and its application, for pages without a browser."""

    app: Flask
    office: Office
    clock: FixedClock
    account_id: int
    ruc: str

    def desk(self, role: str = "owner", **person: Any) -> Desk:
        """Somebody new of the account, signed in."""
        return desk_of(self.app, self.office, self.account_id, self.ruc, role, **person)

    def account(self, ruc: str, environment: str = "sandbox") -> int:
        """Another account's id."""
        with self.office.database.write() as session:
            return open_account(
                session, vault=self.office.vault, desk=Counters(), environment=environment, ruc=ruc,
                legal_name="OTRA EMPRESA S.A.C.", now=self.clock.now(),
            ).id

    def branch(self, name: str, code: str) -> int:
        """Another branch's id."""
        with self.office.database.write() as session:
            row = create_branch(
                session, session.get_one(AccountRecord, self.account_id),
                {"name": name, "code": code, "establishment_code": code.zfill(4)}, now=self.clock.now(),
            )
            session.flush()
            return row.id


def house_on(database: Database, clock: FixedClock, **settings: Any) -> House:
    """A house on a migrated database."""
    services = office_on(database, clock, **{"log_level": "ERROR", "public_url": "http://localhost", **settings})
    app = app_of(services)
    with database.write() as session:
        account_id = open_account(
            session, vault=services.vault, desk=Counters(), environment="sandbox", ruc=RUC,
            legal_name="EMPRESA DE PRUEBA S.A.C.", now=clock.now(),
        ).id
    return House(app=app, office=services, clock=clock, account_id=account_id, ruc=RUC)


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    """A house on SQLite."""
    with fresh("sqlite", tmp_path) as url:
        database = Database(url)
        yield house_on(database, clock, data_dir=tmp_path)
        database.dispose()


@pytest.fixture
def each_house(database: Database, clock: FixedClock, tmp_path: Path) -> House:
    """A house on each kind of database."""
    return house_on(database, clock, data_dir=tmp_path)
