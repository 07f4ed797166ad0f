"""A demo's installation: folder, database, issuer, pretend SUNAT, API and delivery, up for as long as a block lasts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import requests

from app import migrations
from app.accounts import certificates, credentials, people
from app.accounts.operations import account_of, open_account
from app.clock import SystemClock
from app.config import Settings
from app.delivery.backoff import RETRIES, Retries
from app.delivery.embedded import Engine
from app.demo.samples import NAME, RUC
from app.demo.serving import HOST, Say, interruptible, listener, sandbox, serving
from app.factory import app_of, build_office
from app.http import Office
from app.pretend import Pretend
from app.series.operations import Desk
from sunat.signing import self_signed

OWNER: Final = "demo"
"""Who signs in to the demo's console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A demo's installation while it serves: where the API is, its SUNAT, the issuer's account with a fresh key, and
    the password that its owner signs in to the console with (user `OWNER`)."""

    address: str
    pretend: Pretend
    office: Office
    account_id: int
    key: str
    password: str
    folder: Path


@contextmanager
def stage(data: Path | None, port: int, note: Say, *, retries: Retries = RETRIES) -> Iterator[Stage]:
    """Everything a demo needs, serving and delivering; a folder that is not given is temporary and goes away."""
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        folder = data or Path(stack.enter_context(TemporaryDirectory(prefix="chasqui-demo-")))
        door = stack.enter_context(listener(port, note))
        address = f"http://{HOST}:{door.getsockname()[1]}"
        pretend = stack.enter_context(sandbox(folder, port + 1 if port else 0, clock, note))
        office = build_office(Settings(
            data_dir=folder, public_url=address, sandbox_url=pretend.url, log_level="ERROR",
            delivery_interval_seconds=0.2,
        ))
        stack.callback(office.database.dispose)
        migrations.upgrade(office.database)
        account_id, key, password = _issuer(office)
        stack.enter_context(serving(app_of(office), door))
        engine = Engine(office, retries=retries)
        engine.start()
        stack.callback(engine.stop, 10)
        yield Stage(
            address=address, pretend=pretend, office=office, account_id=account_id, key=key, password=password,
            folder=folder,
        )


@contextmanager
def caller(here: Stage) -> Iterator[requests.Session]:
    """Somebody with the issuer's key, who minds no proxy."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {here.key}"
        yield session


def _issuer(office: Office) -> tuple[int, str, str]:
    """The demo's account with a certificate that can sign, a fresh key for it, and its owner's fresh password."""
    now, password = office.clock.now(), secrets.token_urlsafe(9)
    with office.database.write() as session:
        account = account_of(session, "sandbox", RUC)
        if account is None:
            account = open_account(
                session, vault=office.vault, desk=Desk(), environment="sandbox", ruc=RUC, legal_name=NAME, now=now,
                head_office={
                    "address": "AV. EJEMPLO 123", "district": "LIMA", "city": "LIMA", "department": "LIMA",
                    "ubigeo": "150101",
                },
            )
        if certificates.active_certificate(session, account.id) is None:
            certificates.add(session, office.vault, account, self_signed(RUC, NAME, now=now), now=now, name="demo")
        owner = people.find(session, account.id, OWNER)
        if owner is None:
            people.add(session, account, username=OWNER, name="Demo", role="owner", now=now, password=password)
        else:
            people.choose_password(session, owner, password, now=now)
        key = credentials.create_key(session, office.vault, account=account, now=now, name="demo")[1]
        return account.id, key, password
