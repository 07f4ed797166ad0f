"""What our books say of a stored voucher: the sum of its notes, and how it stands as a payment in advance.

Amounts are text with two decimals, in the voucher's currency. A voucher that does not stand counts for nothing.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.orm import Session

from app.ledger.advances import Balance, balance_of, notes_of
from app.ledger.models import DocumentRecord
from sunat.money import from_cents

_SALES: Final = frozenset({"01", "03"})
"""What has notes, and may be an advance."""


def books_of(session: Session, row: DocumentRecord) -> dict[str, Any]:
    """``notes`` and ``advance`` of a voucher, None for what it cannot have or is not."""
    if row.sunat_code not in _SALES:
        return {"notes": None, "advance": None}
    notes, balance = notes_of(session, row), balance_of(session, row)
    return {
        "notes": {
            "total": _text(notes.total), "credited": _text(notes.credited), "debited": _text(notes.debited),
            "balance": _text(notes.balance),
        },
        "advance": _advance(balance) if balance.totals or balance.uses else None,
    }


def _advance(balance: Balance) -> dict[str, Any]:
    return {
        "total": _text(balance.total), "used": _text(balance.used), "balance": _text(balance.left),
        "by_affectation": {
            affectation: {"total": _text(total), "balance": _text(balance.left_of(affectation))}
            for affectation, total in balance.totals.items()
        },
        "used_by": [
            {
                "document_id": use.document_id, "number": use.number, "status": use.status,
                "affectation": use.affectation, "amount": _text(use.amount),
            }
            for use in balance.uses
        ],
    }


def _text(cents: int) -> str:
    return f"{from_cents(cents):.2f}"
