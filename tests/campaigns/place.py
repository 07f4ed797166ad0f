"""The installation under fire: a fresh migrated database, one account with certificate and key, so many series."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from app.accounts import certificates, credentials
from app.accounts.operations import head_office, open_account
from app.config import Settings
from app.factory import build_office
from app.series import operations as series_operations
from tests.bench.vouchers import RUC
from tests.support.databases import fresh
from tests.support.signing import fixed_certificate

MASTER_KEY: Final = "only-for-campaigns-0123456789abcdef"
LEASE_SECONDS: Final = 1
"""Short, because whoever finds a key in flight after a crash has to wait for its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a campaign happens. ``url`` is the database's, ``folder`` is the campaign's own and goes with it."""

    kind: str
    url: str
    folder: Path
    credential: str
    series: tuple[str, ...]
    today: date

    @property
    def plain_url(self) -> str:
        """The URL for the database's own client library."""
        url = make_url(self.url)
        return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)


def settings_for(folder: Path, url: str, *, lease_seconds: int = LEASE_SECONDS) -> Settings:
    """The settings of a server under fire: nothing is delivered and nobody is slowed down, so only issuing is tried."""
    return Settings(
        data_dir=folder, database_url=url, master_key=MASTER_KEY, delivery=False, rate_limits=False,
        log_level="WARNING", lease_seconds=lease_seconds, database_pool=16,
    )


@contextmanager
def place(kind: str, *, series: int) -> Iterator[Place]:
    """An installation on a kind of database, with ``series`` series of facturas, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="chqfire"))
    try:
        with fresh(kind, folder) as url:
            yield _furnished(kind, url, folder, series)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _furnished(kind: str, url: str, folder: Path, series: int) -> Place:
    services = build_office(settings_for(folder, url))
    now = services.clock.now()
    codes = tuple(f"F{number:03d}" for number in range(1, series + 1))
    try:
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
    finally:
        services.database.dispose()
    return Place(
        kind=kind, url=url, folder=folder, credential=credential, series=codes, today=services.clock.today()
    )
