"""The installation that is measured: a fresh database, one account with certificate, key and series, and its server.

The server is what ``chasqui serve`` runs: gunicorn with 2 processes of 16 threads, each in its own connections. The
delivery engine and the rate limits are off, so that nothing but issuing is measured.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import func, select

from app import migrations
from app.accounts import certificates, credentials
from app.accounts.models import AccountRecord
from app.accounts.operations import head_office, open_account
from app.config import Settings, read_settings
from app.db import Database
from app.documents import counters
from app.factory import build_office
from app.http import Office
from app.ledger.models import DocumentRecord, EditionRecord
from app.series import operations as series_operations
from app.series.models import SeriesRecord
from app.serving import serve
from tests.bench import floor
from tests.bench.vouchers import RUC
from tests.support.databases import postgres_url
from tests.support.signing import fixed_certificate

ROOT: Final = Path(__file__).parents[2]
WORKERS: Final = 2
THREADS: Final = 16
_MASTER_KEY: Final = "only-for-measuring-0123456789abcdef"
_START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An account ready to issue: its key, its series, the day its vouchers are dated."""

    services: Office
    credential: str
    series: tuple[str, ...]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """An installation that serves: its port, the process at the head of its tree, the URL of its database."""

    office: Measured
    port: int
    pid: int
    url: str


def furnish(settings: Settings, series: int) -> Measured:
    """Migrates the database and opens an account with so many series of facturas."""
    services = build_office(settings)
    migrations.upgrade(services.database)
    floor.prepare(bare_url(services.database))
    now = services.clock.now()
    codes = tuple(f"F{number:03d}" for number in range(1, series + 1))
    with services.database.write() as session:
        account = open_account(
            session, vault=services.vault, desk=series_operations.Desk(), environment="sandbox", ruc=RUC,
            legal_name="EMPRESA EMISORA S.A.C.", now=now,
            head_office={"address": "AV. EJEMPLO 123", "ubigeo": "150101", "district": "LIMA", "city": "LIMA"},
        )
        certificates.add(session, services.vault, account, fixed_certificate(), now=now)
        branch = head_office(session, account.id)
        for code in codes[1:]:
            series_operations.register(session, branch, account, sunat_code="01", code=code, now=now)
        _, credential = credentials.create_key(session, services.vault, account=account, now=now)
    return Measured(services=services, credential=credential, series=codes, today=services.clock.today())


def account_id(office: Measured) -> int:
    """The id of the only account."""
    with office.services.database.read() as session:
        return session.scalars(select(AccountRecord.id)).one()


def bare_url(database: Database) -> str:
    """The database's URL without SQLAlchemy's driver, its password in clear."""
    return database.url.set(drivername=database.dialect).render_as_string(hide_password=False)


def row_text(office: Measured) -> str:
    """What one stored voucher holds in its large columns: the signed XML and the caller's body, as one text."""
    with office.services.database.read() as session:
        xml = session.scalars(select(EditionRecord.xml).limit(1)).one()
        body = session.scalars(select(DocumentRecord.request).limit(1)).one()
    return xml.decode() + json.dumps(body, ensure_ascii=False, default=str)


def check_gapless(office: Measured) -> int:
    """How many vouchers there are. Raises ValueError where a series counts more or fewer than it holds."""
    with office.services.database.read() as session:
        counted = session.execute(select(DocumentRecord.series_id, func.count()).group_by(DocumentRecord.series_id))
        held = dict(counted.all())
        for row in session.scalars(select(SeriesRecord)):
            if row.last_number != held.get(row.id, 0):
                raise ValueError(f"{row.code} stands at {row.last_number} and holds {held.get(row.id, 0)} vouchers")
    return sum(held.values())


def transactions(url: str) -> int:
    """In how many transactions PostgreSQL has stored the vouchers there are."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(DISTINCT xmin::text) FROM documents").fetchone()
    return 0 if row is None else int(row[0])


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder for an installation, on the disk and not in memory where that can be chosen."""
    made = Path(tempfile.mkdtemp(prefix="chqbench"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def fresh_url(dialect: str, here: Path) -> Iterator[str]:
    """The URL of an empty database, as durable as in production."""
    if dialect == "sqlite":
        yield f"sqlite:///{here / 'chasqui.db'}"
        return
    url = postgres_url()
    name = f"bench{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = on")  # the tests switch it off
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield url(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def slow_disk(url: str) -> Iterator[None]:
    """PostgreSQL commits as on a slow disk while the block lasts: each waits 2 ms for others that commit beside it."""
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            _set(connection, url, {"commit_delay": "2000", "commit_siblings": "0"})
            yield
        finally:
            _set(connection, url, {"commit_delay": "0", "commit_siblings": "5"})
            connection.execute("ALTER SYSTEM RESET commit_delay")
            connection.execute("ALTER SYSTEM RESET commit_siblings")
            connection.execute("SELECT pg_reload_conf()")


def _set(connection: psycopg.Connection[Any], url: str, values: dict[str, str]) -> None:
    """Sets what the whole server obeys, and waits until it does. Raises TimeoutError."""
    for name, value in values.items():
        connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
    connection.execute("SELECT pg_reload_conf()")
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with psycopg.connect(url) as other:
            rows = other.execute(
                "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", (list(values),)
            ).fetchall()
        if dict(rows) == values:
            return
        time.sleep(0.01)
    raise TimeoutError(f"PostgreSQL does not take over {values}")


def settings_for(here: Path, url: str) -> Settings:
    """The settings of a measured installation."""
    return Settings(
        data_dir=here, database_url=url, master_key=_MASTER_KEY, delivery=False, rate_limits=False, log_level="INFO",
    )


@contextmanager
def serving(dialect: str, series: int, *, alone: bool = False) -> Iterator[Served]:
    """A server over a fresh installation for as long as the block lasts; ``alone``: a transaction for each voucher."""
    with folder() as here, fresh_url(dialect, here) as url:
        office = furnish(settings_for(here, url), series)
        port = _free_port()
        environment = {
            **os.environ, "CHASQUI_DATA": str(here), "DATABASE_URL": url, "CHASQUI_KEY": _MASTER_KEY,
            "CHASQUI_DELIVERY": "0", "CHASQUI_RATE_LIMITS": "0", "CHASQUI_LOG_LEVEL": "INFO",
        }
        command = [sys.executable, "-m", "tests.bench.office", str(port), *(["alone"] if alone else [])]
        with (here / "server.log").open("wb") as log, subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log
        ) as process:
            try:
                _wait(process, port, here / "server.log")
                yield Served(office=office, port=port, pid=process.pid, url=bare_url(office.services.database))
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                office.services.database.dispose()


def ordered(module: str, order: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """Gives an order to one of the bench's own processes and waits for the outcome, so long at the most."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}"], cwd=ROOT, input=json.dumps(order), text=True, timeout=seconds,
        capture_output=True, check=False,
    )
    if done.returncode:
        raise RuntimeError(f"tests.bench.{module} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


if __name__ == "__main__":
    if sys.argv[2:] == ["alone"]:
        counters.MOST_IN_A_GROUP = 1  # the same code in groups of one; the processes that serve are forked from this
    serve(read_settings(), host="127.0.0.1", port=int(sys.argv[1]), workers=WORKERS, threads=THREADS)
