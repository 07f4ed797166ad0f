"""The voucher that RUC, kind, series, number, date and total name together, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.imprint.papers import printable, printed
from app.ledger import store, summaries
from app.ledger.models import DocumentRecord
from app.problems import NotFound, Text
from app.receiver.asking import Asked
from sunat.transport.zipping import unpack_cdr

Content = Callable[[], bytes]
"""A file still to be made: called when no database connection is held any more. Raises Problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a voucher: its name without extension, and what is in it."""

    name: str
    extension: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A voucher with what its page says beside its own row: who issued it, and whether there is a CDR."""

    row: DocumentRecord
    issuer: str
    has_cdr: bool


def find(session: Session, environment: str, asked: Asked) -> DocumentRecord | None:
    """The voucher of an environment that has all six, or None.

    One query for every case: it does not tell, in words or in time, which of the six was wrong.
    """
    return session.scalar(
        select(DocumentRecord).where(
            DocumentRecord.environment == environment, DocumentRecord.ruc == asked.ruc,
            DocumentRecord.sunat_code == asked.sunat_code, DocumentRecord.series == asked.series,
            DocumentRecord.number == asked.number, DocumentRecord.issue_date == asked.issue_date,
            DocumentRecord.total == asked.total,
        )
    )


def described(session: Session, row: DocumentRecord) -> Found:
    """What the page says of a voucher."""
    return Found(
        row=row, issuer=session.get_one(AccountRecord, row.account_id).legal_name,
        has_cdr=summaries.cdr_about(session, row) is not None,
    )


def _xml(session: Session, row: DocumentRecord, _: str) -> File:
    signed = store.edition_of(session, row).xml
    return File(name=row.file_name, extension="xml", content=lambda: signed)


def _cdr(session: Session, row: DocumentRecord, _: str) -> File:
    found = summaries.cdr_about(session, row)
    if found is None:
        raise NotFound("NO_CDR", Text("Todavía no hay CDR", "There is no CDR yet"))
    return File(name=f"R-{found.about}", extension="xml", content=lambda: unpack_cdr(found.content, found.about))


def _pdf(session: Session, row: DocumentRecord, public_url: str) -> File:
    paper = printable(session, row, public_url=public_url)
    return File(name=row.file_name, extension="pdf", content=lambda: printed(paper))


FILES: Final[Mapping[str, Callable[[Session, DocumentRecord, str], File]]] = {"pdf": _pdf, "xml": _xml, "cdr": _cdr}
"""What of a voucher may be had, by the name it is asked for; the last argument is how others reach us."""
