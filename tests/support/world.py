"""A whole installation over real HTTP, for journeys: database, pretend SUNAT, API, engine, and callers with keys.

A `World` may live as long as a module: tests on it open accounts of their own, under RUCs that nobody else uses.
"""

from __future__ import annotations

import itertools
import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import requests
from sqlalchemy import func, select

from app.accounts import credentials
from app.accounts.models import AccountRecord
from app.accounts.vault import Vault
from app.clock import FixedClock
from app.config import Settings, master_keys
from app.db import Database
from app.delivery.backoff import Backoff, Retries
from app.delivery.embedded import Engine
from app.factory import app_of
from app.http import Office
from app.idempotency import IdempotencyRecord
from app.ledger.models import (
    AttemptRecord,
    DeliveryRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    EvidenceRecord,
)
from app.pretend import Pretend, running
from app.series.models import DeclaredGapRecord, SeriesRecord
from sunat.signing import Certificate
from tests.support.databases import KINDS, fresh
from tests.support.sandbox import authority
from tests.support.servers import listening
from tests.support.signing import RUC, fixed_certificate, signed_for

CONTRACT = Path(__file__).parents[2] / "fixtures" / "contract"
FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""Friday 2026-11-20, 10:00 in Lima."""

_NOW = Backoff(first=0.0001, cap=0.0001)
AT_ONCE = Retries(
    unreached=_NOW, unanswered=_NOW, in_process=_NOW, slow=_NOW, soon=_NOW, fetch=_NOW, spaced=_NOW, ticket=_NOW
)
"""Retries that a clock need hardly move for."""

_ROWS = (
    DocumentRecord, EditionRecord, DeliveryRecord, EventRecord, IdempotencyRecord, DeclaredGapRecord, AttemptRecord,
    EvidenceRecord,
)
_serials = itertools.count(4_000_001)


def contract(name: str) -> Any:
    """A body of the contract's examples."""
    return json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8"))


def a_ruc(serial: int) -> str:
    """A company's RUC with the right check digit, made of a serial of at most eight digits."""
    body = f"20{serial:08d}"
    weighed = sum(int(digit) * weight for digit, weight in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    return f"{body}{(11 - weighed % 11) % 10}"


PROVIDER: Final = "20777777778"
"""A PSE that the SUNAT of every world knows."""


@cache
def certificate_of(ruc: str) -> Certificate:
    """A certificate of a RUC that is valid on every day a journey plays."""
    if ruc == RUC:
        return fixed_certificate()
    return signed_for(ruc, start=datetime(2024, 1, 1, tzinfo=UTC), days=3650)


@dataclass(frozen=True, slots=True)
class Till:
    """Somebody with a credential at the API's address."""

    url: str
    credential: str | None
    seconds: float = 40.0

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.credential}"} if self.credential else {}
        headers.update(more.pop("headers", {}))
        if body is not None:
            more["json"] = body
        more.setdefault("timeout", self.seconds)
        return requests.request(method, f"{self.url}{path}", headers=headers, **more)

    def issue(
        self, body: Any, *, key: str | None = None, headers: dict[str, str] | None = None, **query: Any
    ) -> requests.Response:
        """``POST /V1/documents`` with query parameters, and an Idempotency-Key if one is given."""
        headers = {**(headers or {}), **({"Idempotency-Key": key} if key else {})}
        return self("POST", "/V1/documents", body, headers=headers, params=query)

    def issued(self, body: Any, **more: Any) -> dict[str, Any]:
        """The answer to a body that must be issued."""
        answer = self.issue(body, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def settled(self, document_id: int, *, seconds: float = 15.0) -> dict[str, Any]:
        """The voucher once it has its verdict, or as it stands when the patience ends."""
        end = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = self("GET", f"/V1/documents/{document_id}?pdf=0").json()
            if found["status"] != "issued" or time.monotonic() > end:
                return found
            time.sleep(0.03)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """An account opened over HTTP, and its till."""

    account_id: int
    ruc: str
    till: Till
    created: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An installation that serves. ``operator`` may open accounts."""

    office: Office
    url: str
    sandbox: Pretend
    clock: FixedClock
    operator: Till
    engine: Engine

    def open(
        self, *, ruc: str | None = None, certificate: Certificate | None = None, signs: bool = True,
        password: str | None = None, **settings: Any,
    ) -> Tenancy:
        """Opens an account over HTTP, under a RUC of its own unless told; ``settings`` go into ``pe_account``.

        With a ``password`` it gets an API user too, which takes a while, as hashing passwords should.
        """
        ruc = ruc or a_ruc(next(_serials))
        body: dict[str, Any] = {
            **contract("account_create_request"), "registration_tax_id_code": ruc,
            "admin_email": f"{ruc}@example.com", "admin_password": password,
            "additional": {"pe_account": settings}, "registration_additional_data": {},
        }
        if password is None:
            del body["admin_password"]
        if signs:
            signing = certificate or certificate_of(ruc)
            body["registration_additional_data"] = {
                "certificate_file": b64encode(signing.pem_with_key()).decode(), "certificate_password": "",
            }
        answer = self.operator("POST", "/V1/accounts", body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Tenancy(
            account_id=made["account_id"], ruc=ruc, till=Till(self.url, made["api_key"]), created=made
        )

    def till(self, account_id: int, **values: Any) -> Till:
        """A till with another key of an account: scopes, branch_id."""
        with self.office.database.write() as session:
            row = session.get_one(AccountRecord, account_id)
            _, key = credentials.create_key(
                session, self.office.vault, account=row, now=self.clock.now(), **values
            )
        return Till(self.url, key)

    def held(self) -> dict[str, Any]:
        """How many rows there are of everything that issuing makes, and where every series stands."""
        with self.office.database.read() as session:
            found: dict[str, Any] = {
                row.__tablename__: session.scalar(select(func.count()).select_from(row)) for row in _ROWS
            }
            found["series"] = sorted(
                (row.id, row.last_number, row.chain_head, row.last_issue_date)
                for row in session.scalars(select(SeriesRecord))
            )
        return found


@contextmanager
def world(
    kind: str, folder: Path, *, at: datetime = FRIDAY, delivers: bool = True, dress: Callable[[Any], Any] | None = None,
    **settings: Any,
) -> Iterator[World]:
    """An installation on a database of a kind; without ``delivers`` nothing is sent until its engine is started."""
    with ExitStack() as stack:
        clock = FixedClock(at)
        database = Database(stack.enter_context(fresh(kind, folder)))
        stack.callback(database.dispose)
        pretend = stack.enter_context(running(clock, authority=authority(), providers=(PROVIDER,)))
        preset: dict[str, Any] = {
            "data_dir": folder, "master_key": "0123456789abcdef0123456789abcdef", "sandbox_url": pretend.url,
            "delivery_interval_seconds": 0.05, "sunat_connect_seconds": 2, "sunat_total_seconds": 5,
            "rate_limits": False, "log_level": "ERROR",
        }
        chosen = Settings(**{**preset, **settings})
        office = Office(settings=chosen, clock=clock, vault=Vault(master_keys(chosen)), database=database)
        app = app_of(office)
        url = stack.enter_context(listening(dress(app) if dress else app))
        with database.write() as session:
            _, key = credentials.create_key(session, office.vault, account=None, now=clock.now())
        engine = Engine(office, retries=AT_ONCE)
        if delivers:
            engine.start()
            stack.callback(engine.stop, 10)
        yield World(
            office=office, url=url, sandbox=pretend, clock=clock, operator=Till(url, key), engine=engine
        )


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database, one after the other."""
    return str(request.param)


def body_of(tenancy: Tenancy, name: str = "invoice", *, issue_date: date | None = None, **header: Any) -> Any:
    """A body of the contract's examples for an account, issued on the Friday unless told; header fields by name."""
    body = contract(name)
    body["header"] |= {
        "account_id": tenancy.account_id, "issuer_tax_id_code": tenancy.ruc,
        "issue_date": (issue_date or date(2026, 11, 20)).isoformat(),
    }
    body["header"].update(header)
    return body
