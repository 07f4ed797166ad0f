"""A small office with one account, and callers with keys."""

from __future__ import annotations

import pytest
from flask import Flask

from app.clock import FixedClock
from app.db import Database
from app.http import Office
from tests.support.web import Caller, account, app_on, office_on


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Office:
    return office_on(database, clock, series_limit=40)


@pytest.fixture
def app(services: Office) -> Flask:
    return app_on(services)


@pytest.fixture
def mine(services: Office, app: Flask) -> Caller:
    return Caller(client=app.test_client(), credential=account(services)[1])
