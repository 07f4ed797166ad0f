"""What our ledger and series already hold of what an import brings. Read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.ledger.models import IMPORTED, DocumentRecord, EditionRecord
from app.registry.entries import Key
from app.series import operations
from app.series.models import SeriesRecord

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVoucher:
    """A voucher that is already there: its row, the SHA-256 (hex) of its newest bytes, whether it was imported."""

    id: int
    sha256: str
    status: str
    imported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesStanding:
    """A registered series. ``issues`` says whether a voucher was issued on it here, ``used`` whether it holds any."""

    id: int
    branch_id: int
    code: str
    sunat_code: str
    target: str
    last_number: int
    active: bool
    is_default: bool
    used: bool
    issues: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The account's series by kind and code, and the vouchers asked for that are there."""

    series: Mapping[tuple[str, str], SeriesStanding]
    vouchers: Mapping[Key, StoredVoucher]

    @staticmethod
    def target(sunat_code: str, code: str) -> str:
        """What the notes of a series modify; empty for other kinds."""
        return operations.target_of(sunat_code, code)

    def default(self, branch_id: int | None, sunat_code: str, target: str) -> SeriesStanding | None:
        """The default series of a branch for a kind, or None; a branch that does not exist yet has none."""
        return next((
            row for row in self.series.values()
            if row.is_default and row.branch_id == branch_id and row.sunat_code == sunat_code and row.target == target
        ), None)


def standing_of(session: Session, account_id: int, keys: Collection[Key]) -> Standing:
    """What is there for these vouchers of an account."""
    issued = exists().where(DocumentRecord.series_id == SeriesRecord.id, DocumentRecord.origin != IMPORTED)
    rows = session.execute(select(SeriesRecord, issued).where(SeriesRecord.account_id == account_id)).all()
    series = {
        (row.sunat_code, row.code): SeriesStanding(
            id=row.id, branch_id=row.branch_id, code=row.code, sunat_code=row.sunat_code, target=row.target,
            last_number=row.last_number, active=row.active, is_default=row.is_default, used=row.used, issues=issues,
        )
        for row, issues in rows
    }
    vouchers: dict[Key, StoredVoucher] = {}
    wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for code, name, number in sorted(keys):
        if (code, name) in series:
            wanted[code, name].append(number)
    for place, numbers in wanted.items():
        for at in range(0, len(numbers), _AT_ONCE):
            vouchers |= stored_on(session, series[place].id, place, numbers[at:at + _AT_ONCE])
    return Standing(series=series, vouchers=vouchers)


def stored_on(
    session: Session, series_id: int, place: tuple[str, str], numbers: Collection[int]
) -> dict[Key, StoredVoucher]:
    """The vouchers with these numbers on a series."""
    found = session.execute(
        select(
            DocumentRecord.number, DocumentRecord.id, DocumentRecord.status, DocumentRecord.origin,
            EditionRecord.xml_sha256,
        )
        .join(EditionRecord, (EditionRecord.document_id == DocumentRecord.id)
              & (EditionRecord.edition == DocumentRecord.edition))
        .where(DocumentRecord.series_id == series_id, DocumentRecord.number.in_(numbers))
    )
    return {
        (*place, row.number): StoredVoucher(
            id=row.id, sha256=row.xml_sha256, status=row.status, imported=row.origin == IMPORTED
        )
        for row in found
    }
