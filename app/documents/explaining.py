"""Each total of a voucher told step by step: of a draft, and of what was issued before.

What was issued is worked out again from the request that was kept with it. The explanation is given only when it comes
to the stored sums to the céntimo; history from elsewhere, of which there is no request, is not explained.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from app.almanac import rates
from app.clock import lima
from app.documents.schemas import TRANSLATORS, Reading
from app.documents.schemas.reading import IssuerCard
from app.documents.schemas.request import DocumentRequest
from app.ledger.models import IMPORTED, DocumentRecord
from sunat.documents import Address, Sale, Voucher
from sunat.kinds import kind
from sunat.money import from_cents
from sunat.taxes import as_data, explain


def explanation_of(content: Voucher) -> dict[str, Any] | None:
    """The totals of a content with the lines and roundings behind each; None for a kind without lines."""
    if not isinstance(content, Sale):
        return None
    return as_data(explain(
        [line.amounts for line in content.lines], content.totals,
        quantities=[line.quantity for line in content.lines],
    ))


def explanation_of_stored(session: Session, row: DocumentRecord) -> dict[str, Any] | None:
    """The explanation of an issued voucher's totals; None where its request does not give its sums."""
    translate = TRANSLATORS.get(kind(row.sunat_code).stem)
    if row.origin == IMPORTED or translate is None:
        return None
    try:
        body = DocumentRequest().load(row.request)
    except ValidationError:
        return None  # a request from before a member got its form

    def published(currency: str, day: date) -> Any:
        found = rates.ruling(session, currency, day)
        return found.sell if found is not None else None

    moment = lima(row.created_at)
    content = translate(Reading(
        body=body, issuer=_issuer(row), today=moment.date(), now=moment.time(), published=published,
    ), lambda _: None).content
    sums = content.sums
    same = (sums.net, sums.taxes, sums.payable) == (from_cents(row.net), from_cents(row.taxes), from_cents(row.total))
    return explanation_of(content) if same else None


def _issuer(row: DocumentRecord) -> IssuerCard:
    """As much of the issuer as amounts depend on: nothing of him, only that he may."""
    return IssuerCard(
        ruc=row.ruc, legal_name="", trade_name="", address=Address(), establishment_code="", reduced_igv=True,
        detraction_account="-",
    )
