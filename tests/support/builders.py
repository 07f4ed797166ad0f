"""Rows to start a test from: an account with its head office and first series, and vouchers on them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.db import Database
from app.ledger.models import DocumentRecord
from app.ledger.store import Fresh, Signed, store_issued
from app.series import allocator, operations
from app.series.models import SeriesRecord

RUC = "20123456786"
OTHER_RUC = "20987654326"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The ids of an account and its head office."""

    account_id: int
    branch_id: int
    ruc: str
    environment: str


def tenant(database: Database, now: datetime, *, ruc: str = RUC, environment: str = "sandbox", **values: Any) -> Tenant:
    """An account with head office and first series; other columns of the account by name."""
    with database.write() as session:
        account = AccountRecord(
            environment=environment, ruc=ruc, legal_name="EMPRESA EMISORA S.A.C.", data_key_sealed=b"none",
            created_at=now, updated_at=now, **values,
        )
        session.add(account)
        session.flush()
        branch = BranchRecord(
            account_id=account.id, name="Domicilio fiscal", code="0000", is_headquarters=True, created_at=now
        )
        session.add(branch)
        session.flush()
        operations.register_first(session, account, branch, now=now)
        return Tenant(account_id=account.id, branch_id=branch.id, ruc=ruc, environment=environment)


def series_id(database: Database, owner: Tenant, code: str = "F001", sunat_code: str = "01") -> int:
    """The id of one of the tenant's series."""
    with database.read() as session:
        found = operations.find(session, owner.account_id, sunat_code, code)
        assert found is not None
        return found.id


def document(row: SeriesRecord, number: int, now: datetime, **values: Any) -> DocumentRecord:
    """An unsaved voucher of S/ 1,180.00 on a series."""
    preset: dict[str, Any] = {
        "account_id": row.account_id, "branch_id": row.branch_id, "series_id": row.id, "environment": row.environment,
        "ruc": row.ruc, "sunat_code": row.sunat_code, "document_type_id": 96, "series": row.code, "number": number,
        "issue_date": date(2026, 11, 20), "issue_time": time(10, 0), "currency": "PEN", "receiver_code": "6",
        "receiver_number": OTHER_RUC, "receiver_name": "CLIENTE DE PRUEBA S.A.", "net": 100000, "taxes": 18000,
        "total": 118000, "fingerprint": hashlib.sha256(f"{row.code}-{number}".encode()).hexdigest(),
        "request": {"header": {}}, "digest": "digest", "qr_text": "qr", "created_at": now,
    }
    return DocumentRecord(**{**preset, **values})


def issue(session: Session, of_series: int, now: datetime, **values: Any) -> DocumentRecord:
    """Takes the next number of a series and stores a voucher with stand-in bytes, in the caller's transaction."""
    head = allocator.lock(session, of_series)
    row = session.get_one(SeriesRecord, of_series, populate_existing=True)
    number = head.next_number
    xml = f"<Invoice>{row.code}-{number}</Invoice>".encode()
    chain = allocator.link(
        head.chain_head, ruc=row.ruc, sunat_code=row.sunat_code, series=row.code, number=number, edition=1, xml=xml
    )
    made = document(row, number, now, **values)
    signed = Signed(
        xml=xml, digest="digest", chain_previous=head.chain_head, chain_hash=chain, certificate_id=None
    )
    store_issued(session, [Fresh(document=made, signed=signed)], now=now)
    allocator.advance(session, head, chain_head=chain, issue_date=made.issue_date, now=now)
    return made
