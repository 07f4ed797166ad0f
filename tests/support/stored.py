"""Real vouchers, signed and stored, for tests of what comes after issuing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from app.db import Database
from app.ledger.models import DocumentRecord
from app.ledger.store import Fresh, Signed, store_issued
from app.series import allocator
from app.series.models import SeriesRecord
from sunat.documents import Target, Voucher
from sunat.kinds import kind_of
from sunat.money import to_cents
from sunat.numbering import VoucherId
from sunat.ubl.printed import qr_text
from sunat.ubl.render import render
from tests.support.builders import Tenant, series_id
from tests.support.despatch import guide
from tests.support.signing import fixed_signer
from tests.support.vouchers import sale

WIRE_TYPES = {"01": 96, "03": 97, "07": 98, "08": 99, "09": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The ids of a stored voucher and of its delivery, and its signed bytes."""

    document_id: int
    delivery_id: int
    number: int
    xml: bytes


def store_voucher(
    database: Database, owner: Tenant, now: datetime, today: date, *, series: str = "F001", stem: str = "invoice",
    target: DocumentRecord | None = None, deadline: datetime | None = None, **changes: Any,
) -> Issued:
    """Issues a voucher on one of the tenant's series as the documents room does, but for the judging."""
    if target is not None:
        changes["target"] = Target(
            type_code=target.sunat_code, series=target.series, number=target.number, issue_date=target.issue_date
        )
    said: Voucher = (
        guide(issue_date=today, start_date=today, **changes) if stem == "guide"
        else sale(stem, issue_date=today, **changes)
    )
    said = replace(said, issuer=replace(said.issuer, identity_number=owner.ruc))
    row_of_kind = kind_of(said)
    code = row_of_kind.code
    of_series = series_id(database, owner, series, code)
    with database.write() as session:
        head = allocator.lock(session, of_series)
        row = session.get_one(SeriesRecord, of_series)
        number = head.next_number
        signed = fixed_signer().sign(render(said, template=row_of_kind.template, series=series).numbered(number))
        chain = allocator.link(
            head.chain_head, ruc=owner.ruc, sunat_code=code, series=series, number=number, edition=1, xml=signed.xml
        )
        voucher = VoucherId(ruc=owner.ruc, type_code=code, series=series, number=number)
        document = DocumentRecord(
            account_id=owner.account_id, branch_id=row.branch_id, series_id=of_series, environment=owner.environment,
            ruc=owner.ruc, sunat_code=code, document_type_id=WIRE_TYPES[code], series=series, number=number,
            issue_date=said.issue_date, issue_time=said.issue_time, currency=said.currency,
            receiver_code=said.customer.identity_code, receiver_number=said.customer.identity_number,
            receiver_name=said.customer.name, net=to_cents(said.sums.net), taxes=to_cents(said.sums.taxes),
            total=to_cents(said.sums.payable), fingerprint=f"{of_series:032d}{number:032d}", request={"header": {}},
            digest=signed.digest, qr_text=qr_text(said, voucher, signed.digest), created_at=now,
            target_document_id=target.id if target else None, target_sunat_code=target.sunat_code if target else None,
            target_series=target.series if target else None, target_number=target.number if target else None,
        )
        kept = Signed(
            xml=signed.xml, digest=signed.digest, chain_previous=head.chain_head, chain_hash=chain,
            certificate_id=None,
        )
        (delivery,) = store_issued(session, [Fresh(document=document, signed=kept, deadline=deadline)], now=now)
        allocator.advance(session, head, chain_head=chain, issue_date=said.issue_date, now=now)
        return Issued(document_id=document.id, delivery_id=delivery.id, number=number, xml=signed.xml)
