"""A series' rows in pages of a few hundred, over one consistent picture of the database.

Order is that of signing (the editions' ids), in which the chain was made. Bytes are read only for the numbers that
are asked for; nothing keeps more than a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, bindparam, case, func, null, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.db import Database
from app.ledger.models import DocumentRecord, EditionRecord
from app.series.models import ContingencyRangeRecord, DeclaredGapRecord, SeriesRecord
from app.series.operations import series_of

PAGE: Final = 250
"""Editions read at once."""

PROFILES: Final = ("sunat", "contingency")
"""The series that number vouchers; the others number papers of the house."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked: one series' code or all, issue dates from and to (inclusive, Lima) or all, a branch or all."""

    series: str | None = None
    period: str | None = None
    first_day: date = date.min
    last_day: date = date.max
    branch_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A series row as the audit needs it."""

    id: int
    account_id: int
    environment: str
    ruc: str
    sunat_code: str
    code: str
    start_number: int
    last_number: int
    chain_head: str
    preprinted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What the voucher's own row says of an edition's number."""

    series_id: int
    account_id: int
    environment: str
    ruc: str
    sunat_code: str
    series: str
    number: int
    status: str
    edition: int
    digest: str
    issue_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edition: its place in the chain and, within the scope, its bytes."""

    document_id: int
    edition: int
    xml: bytes | None
    xml_sha256: str
    digest: str
    previous: str
    chain: str
    imported: bool
    voucher: Voucher | None


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """A session that sees the database as it was at one moment, however long it reads."""
    with database.read() as session:
        if database.dialect == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def cards(session: Session, account: AccountRecord, scope: Scope) -> list[Card]:
    """The account's series that number vouchers, by kind and code."""
    query = series_of(account.id).where(SeriesRecord.profile.in_(PROFILES)).order_by(
        SeriesRecord.sunat_code, SeriesRecord.code
    )
    if scope.series is not None:
        query = query.where(SeriesRecord.code == scope.series)
    if scope.branch_id is not None:
        query = query.where(SeriesRecord.branch_id == scope.branch_id)
    return [
        Card(
            id=row.id, account_id=row.account_id, environment=row.environment, ruc=row.ruc, sunat_code=row.sunat_code,
            code=row.code, start_number=row.start_number, last_number=row.last_number, chain_head=row.chain_head,
            preprinted=row.profile == "contingency",
        )
        for row in session.scalars(query)
    ]


def count(session: Session, found: list[Card]) -> int:
    """How many editions the series have together."""
    ids = [card.id for card in found]
    return session.scalar(select(func.count()).where(EditionRecord.series_id.in_(ids))) or 0


def links(session: Session, card: Card, scope: Scope) -> Iterator[Link]:
    """The editions of a series in the order of signing; the bytes of those whose issue date is in the scope."""
    wanted = or_(
        DocumentRecord.id.is_(None), DocumentRecord.issue_date.between(scope.first_day, scope.last_day)
    )
    query = (
        select(
            EditionRecord.id, EditionRecord.document_id, EditionRecord.edition,
            case((wanted, EditionRecord.xml), else_=null()).label("xml"), EditionRecord.xml_sha256,
            EditionRecord.digest, EditionRecord.chain_previous, EditionRecord.chain_hash, EditionRecord.reason,
            DocumentRecord.id.label("voucher_id"), DocumentRecord.account_id,
            DocumentRecord.series_id, DocumentRecord.environment, DocumentRecord.ruc, DocumentRecord.sunat_code,
            DocumentRecord.series, DocumentRecord.number, DocumentRecord.status,
            DocumentRecord.edition.label("current"), DocumentRecord.digest.label("said"), DocumentRecord.issue_date,
        )
        .outerjoin(DocumentRecord, DocumentRecord.id == EditionRecord.document_id)
        .where(EditionRecord.series_id == card.id, EditionRecord.id > bindparam("after"))
        .order_by(EditionRecord.id)
        .limit(PAGE)
    )
    after = 0
    while rows := session.execute(query, {"after": after}).all():
        for row in rows:
            yield Link(
                document_id=row.document_id, edition=row.edition, xml=row.xml, xml_sha256=row.xml_sha256,
                digest=row.digest, previous=row.chain_previous, chain=row.chain_hash, imported=row.reason == "import",
                voucher=None if row.voucher_id is None else Voucher(
                    series_id=row.series_id, account_id=row.account_id, environment=row.environment, ruc=row.ruc,
                    sunat_code=row.sunat_code, series=row.series, number=row.number, status=row.status,
                    edition=row.current, digest=row.said, issue_date=row.issue_date,
                ),
            )
        after = rows[-1].id


def unsigned(session: Session, card: Card, limit: int) -> list[int]:
    """The numbers of vouchers of the series that have no signed bytes of their current edition."""
    query = (
        select(DocumentRecord.number)
        .outerjoin(
            EditionRecord,
            and_(EditionRecord.document_id == DocumentRecord.id, EditionRecord.edition == DocumentRecord.edition),
        )
        .where(DocumentRecord.series_id == card.id, EditionRecord.id.is_(None))
        .order_by(DocumentRecord.number).limit(limit)
    )
    return list(session.scalars(query))


def strangers(session: Session, card: Card, limit: int) -> list[int]:
    """The numbers of vouchers that say they are of this series and lie on another one's row."""
    query = (
        select(DocumentRecord.number)
        .where(
            DocumentRecord.environment == card.environment, DocumentRecord.ruc == card.ruc,
            DocumentRecord.sunat_code == card.sunat_code, DocumentRecord.series == card.code,
            DocumentRecord.series_id != card.id,
        )
        .order_by(DocumentRecord.number).limit(limit)
    )
    return list(session.scalars(query))


def gaps(session: Session, card: Card) -> list[DeclaredGapRecord]:
    """The numbers that were skipped on purpose, in order."""
    query = select(DeclaredGapRecord).where(DeclaredGapRecord.series_id == card.id)
    return list(session.scalars(query.order_by(DeclaredGapRecord.from_number, DeclaredGapRecord.id)))


def ranges(session: Session, card: Card) -> list[tuple[int, int]]:
    """The registered ranges of a pre-printed series."""
    query = select(ContingencyRangeRecord.from_number, ContingencyRangeRecord.to_number).where(
        ContingencyRangeRecord.series_id == card.id
    )
    return [(row.from_number, row.to_number) for row in session.execute(query)]
