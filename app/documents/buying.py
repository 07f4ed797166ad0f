"""What the office knows against a purchase settlement: how much its seller has sold this year, and to whom.

A seller without a RUC may sell 75 tax units a year by settlements (2451). SUNAT counts those of every buyer, we count
our own: what we know is the least that it may be. Amounts in another currency count by the rate published for their
day; one that nobody has published is left out.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.almanac import rates
from app.ledger.lifecycle import DEAD
from app.ledger.models import DocumentRecord
from app.problems import Item, Text
from sunat.documents import PurchaseSettlement, Voucher
from sunat.money import ZERO, from_cents
from sunat.rules.settlement import UNITS, yearly_limit

_SOLES: Final = "PEN"
_SETTLEMENT: Final = PurchaseSettlement.TYPE_CODE


def bought(
    session: Session, account_id: int, seller: tuple[str, str], since: date, until: date, *,
    besides: int | None = None,
) -> Decimal:
    """Soles (values without IGV) settled with a seller on the days from ``since`` to ``until``, both counted.

    ``seller`` is code and number of his identity. What was rejected, voided or lapsed does not count, nor does the
    document ``besides``.
    """
    rows = session.execute(
        select(DocumentRecord.currency, DocumentRecord.issue_date, func.sum(DocumentRecord.net))
        .where(
            DocumentRecord.account_id == account_id, DocumentRecord.sunat_code == _SETTLEMENT,
            DocumentRecord.receiver_code == seller[0], DocumentRecord.receiver_number == seller[1],
            DocumentRecord.issue_date.between(since, until), DocumentRecord.status.not_in(DEAD),
            DocumentRecord.id != (besides or 0),
        )
        .group_by(DocumentRecord.currency, DocumentRecord.issue_date)
    )
    return sum((_in_soles(session, currency, day, from_cents(int(net))) for currency, day, net in rows), ZERO)


def look(
    session: Session, account_id: int, content: Voucher, exchange_rate: Decimal | None, *, corrects: int | None = None
) -> list[Item]:
    """A remark where the seller passes his year's limit with this settlement: the next one will be refused."""
    limit = yearly_limit(content.issue_date)
    if not isinstance(content, PurchaseSettlement) or limit is None:
        return []
    before = bought(
        session, account_id, (content.customer.identity_code, content.customer.identity_number),
        content.issue_date.replace(month=1, day=1), content.issue_date, besides=corrects,
    )
    value = content.totals.value * (Decimal(1) if content.currency == _SOLES else exchange_rate or ZERO)
    if before + value <= limit:
        return []
    return [Item(
        code="CHQ-SELLER-LIMIT", pointer="/header/receiver_tax_id_code", severity="observation",
        message=Text(
            f"Con esta liquidación el vendedor pasa las {UNITS} UIT del año (S/ {limit}): mañana ya no se le podrá "
            "emitir otra",
            f"With this settlement the seller passes {UNITS} tax units this year (S/ {limit}): from tomorrow no other "
            "can be issued",
        ),
        hint=Text("El vendedor debe inscribirse en el RUC", "The seller must get a RUC"),
    )]


def _in_soles(session: Session, currency: str, day: date, amount: Decimal) -> Decimal:
    if currency == _SOLES:
        return amount
    found = rates.ruling(session, currency, day)
    return ZERO if found is None else amount * found.sell
