"""One voucher coming to exist: its number put in, its bytes signed, its row made. No database is written here.

A number exists if and only if its signed bytes are stored; `app.documents.counters` sees to the transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from app import idempotency
from app.accounts.models import AccountRecord
from app.accounts.signers import Signing
from app.clock import LIMA
from app.documents.advancing import totals_of, uses_of
from app.documents.orders import Caller, Order, Plan
from app.ledger import store
from app.ledger.models import BILL, CARRIED, DeliveryRecord, DocumentRecord
from app.problems import Item, Text, refusal
from app.series import allocator
from app.series.contingency import near_end_remark
from sunat.documents import Voucher
from sunat.money import to_cents
from sunat.moves import form_of
from sunat.numbering import VoucherId
from sunat.terms import last_day
from sunat.ubl.printed import qr_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A voucher just issued: its row, its delivery that nobody has begun yet, its signed bytes."""

    document: DocumentRecord
    delivery: DeliveryRecord
    xml: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An order that may be numbered at once: its plan, who signs, the key it answers, and what makes the answer.

    ``replaces`` is the id of the rejected or lapsed voucher whose place it takes.
    """

    caller: Caller
    order: Order
    plan: Plan
    signing: Signing
    now: datetime
    held: idempotency.Claim | None
    answer: Callable[[Issued], tuple[int, bytes]]
    replaces: int | None = None

    @property
    def rate(self) -> Decimal | None:
        """The exchange rate that the request tells, soles for one unit of what is not soles."""
        told: Decimal | None = self.order.body["header"].get("exchange_rate_value")
        return told

    @property
    def forced(self) -> int | None:
        """The number the caller wants, if he names one."""
        number: int | None = self.order.body["header"].get("document_number")
        return number


def numbered(ready: Ready, head: allocator.Head) -> tuple[store.Fresh, allocator.Head]:
    """The voucher with the number after ``head``, signed and ready to store, and where the series then stands.

    Raises Conflict when the series has no number left, Refused when its issue date may not follow the last one's.
    """
    plan, content = ready.plan, ready.plan.draft.content
    account, series = plan.account, plan.series
    printed = ready.forced if series.profile == "contingency" else None  # no counter moves for a pre-printed number
    number = head.next_number if printed is None else printed
    observations = [
        *plan.draft.observations, *_out_of_order(head, content.issue_date),
        *(near_end_remark(series.code, number) if printed is None else ()),
    ]
    voucher = VoucherId(ruc=account.ruc, type_code=series.sunat_code, series=series.code, number=number)
    signed = ready.signing.signer.sign(plan.draft.voucher.numbered(voucher.number))
    chain = allocator.link(
        head.chain_head, ruc=account.ruc, sunat_code=series.sunat_code, series=series.code, number=voucher.number,
        edition=1, xml=signed.xml,
    )
    document = record_of(ready, voucher, observations, digest=signed.digest)
    fresh = store.Fresh(
        document=document,
        signed=store.Signed(
            xml=signed.xml, digest=signed.digest, chain_previous=head.chain_head, chain_hash=chain,
            certificate_id=ready.signing.certificate_id,
        ),
        deadline=deadline_of(voucher, content.issue_date), held=ready.held, channel=_channel(account, voucher),
        advance=totals_of(content), uses=uses_of(content, ready.rate),
        answer=lambda row, delivery: ready.answer(Issued(document=row, delivery=delivery, xml=signed.xml)),
    )
    return fresh, head.moved_to(head.last_number if printed else number, chain, content.issue_date)


def _channel(account: AccountRecord, voucher: VoucherId) -> str:
    """Boletas and their notes go in summaries where their issuer wants that."""
    form = form_of(voucher.type_code, voucher.series)
    return CARRIED if form == _BOLETAS and account.boleta_channel == "summary" else BILL


def record_of(ready: Ready, voucher: VoucherId, observations: list[Item], *, digest: str) -> DocumentRecord:
    """The voucher's row as this order makes it; not added to any session."""
    planned, order = ready.plan, ready.order
    content, target = planned.draft.content, planned.draft.target
    reference = getattr(content, "target", None)
    return DocumentRecord(
        account_id=planned.account.id, branch_id=planned.branch.id, series_id=planned.series.id,
        environment=planned.account.environment, ruc=voucher.ruc, sunat_code=voucher.type_code,
        document_type_id=planned.document_type.id, series=voucher.series, number=voucher.number,
        issue_date=content.issue_date, issue_time=content.issue_time, currency=content.currency,
        receiver_code=content.customer.identity_code, receiver_number=content.customer.identity_number,
        receiver_name=content.customer.name, net=to_cents(content.sums.net), taxes=to_cents(content.sums.taxes),
        total=to_cents(content.sums.payable),
        target_sunat_code=reference.type_code if reference else None,
        target_series=reference.series if reference else None, target_number=reference.number if reference else None,
        target_document_id=target.id if target else None, external_id=order.body["header"].get("external_id"),
        fingerprint=order.fingerprint, request=_as_issued(order, content), digest=digest,
        observations=[
            {**item.body("es"), "message_es": item.message.es, "message_en": item.message.en, "source": "chasqui"}
            for item in observations
        ],
        qr_text=qr_text(content, voucher, digest), actor=ready.caller.actor, created_at=ready.now,
        replaces_id=ready.replaces,
    )


def _as_issued(order: Order, content: Voucher) -> dict[str, Any]:
    """The request with the issuer as he stands in the signed voucher, whatever the caller wrote of him."""
    issuer, address = content.issuer, content.issuer.address
    signed = {"issuer_legal_name": issuer.name}
    if address is not None:
        signed |= {
            "issuer_address": address.line, "issuer_district": address.district, "issuer_city": address.province,
            "issuer_department": address.department,
        }
    return {**order.raw, "header": {**order.raw["header"], **{name: text for name, text in signed.items() if text}}}


def _out_of_order(head: allocator.Head, issue_date: date) -> list[Item]:
    """Issue dates of a series run forward; the series says whether that is a remark or a rule (decision 11)."""
    if head.last_issue_date is None or issue_date >= head.last_issue_date or head.chronological == "off":
        return []
    item = Item(
        code="CHQ-CHRONOLOGICAL", pointer="/header/issue_date",
        severity="error" if head.chronological == "refuse" else "observation",
        message=Text(
            f"La serie ya tiene un comprobante del {head.last_issue_date.isoformat()}",
            f"The series already has a voucher of {head.last_issue_date.isoformat()}",
        ),
        hint=Text("Use esa fecha o una posterior", "Use that date or a later one"),
    )
    if item.severity == "error":
        raise refusal([item])
    return [item]


_BOLETAS: Final = "B"
"""The form of the series whose vouchers a daily summary takes."""


def deadline_of(voucher: VoucherId, issue_date: date) -> datetime | None:
    """The last instant (UTC) at which SUNAT still takes the voucher: the end of its last day in Lima."""
    last = last_day(voucher.type_code, voucher.series, issue_date)
    return datetime.combine(last, time(23, 59, 59), LIMA).astimezone(UTC) if last else None
