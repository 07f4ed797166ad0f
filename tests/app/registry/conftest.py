"""A shop that moves in, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from app.clock import FixedClock
from app.db import Database
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord, EventRecord, EvidenceRecord
from app.registry.applying import Result, apply_plan
from app.registry.archives import Archives, Source
from app.registry.models import ImportRecord
from app.registry.operations import analyse
from app.registry.planning import Choices, Plan
from app.registry.report import report_of
from app.series import operations
from app.series.models import DeclaredGapRecord, SeriesRecord
from tests.support.builders import Tenant, tenant
from tests.support.history import zipped

ROWS = (
    DocumentRecord, EditionRecord, DeliveryRecord, EventRecord, EvidenceRecord, SeriesRecord, DeclaredGapRecord,
    ImportRecord,
)


class Mover:
    """Analyses and applies for one account."""

    def __init__(self, database: Database, clock: FixedClock, owner: Tenant) -> None:
        self.database, self.clock, self.owner = database, clock, owner

    def archives(self, files: Mapping[str, bytes]) -> Archives:
        return Archives((Source(name="up.zip", content=zipped(files)),))

    def plan(self, files: Mapping[str, bytes], **choices: bool) -> Plan:
        with self.archives(files) as archives:
            return analyse(self.database, self.owner.account_id, archives, Choices(**choices))

    def report(self, files: Mapping[str, bytes], **choices: bool) -> dict[str, Any]:
        return report_of(self.plan(files, **choices), self.owner.ruc)

    def apply(self, files: Mapping[str, bytes], plan: Plan | None = None) -> Result:
        with self.archives(files) as archives:
            found = plan or analyse(self.database, self.owner.account_id, archives, Choices())
            return apply_plan(
                self.database, archives, self.owner.account_id, found, actor="test", now=self.clock.now,
                environment=self.owner.environment,
            )

    def series(self, code: str, sunat_code: str = "01") -> SeriesRecord | None:
        with self.database.read() as session:
            return operations.find(session, self.owner.account_id, sunat_code, code)

    def documents(self) -> list[DocumentRecord]:
        with self.database.read() as session:
            return list(session.scalars(
                select(DocumentRecord).order_by(DocumentRecord.sunat_code, DocumentRecord.series,
                                                DocumentRecord.number)
            ))

    def counts(self) -> dict[str, int]:
        with self.database.read() as session:
            return {row.__tablename__: session.scalar(select(func.count()).select_from(row)) or 0 for row in ROWS}


@pytest.fixture
def mover(database: Database, clock: FixedClock) -> Mover:
    return Mover(database, clock, tenant(database, clock.now()))
