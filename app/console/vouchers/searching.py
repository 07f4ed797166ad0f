"""Looking for vouchers as people do: one field for number, RUC, DNI or name, and a few to narrow it down.

Newest first, a page at a time by key: the tenth page costs what the first does. Everything is answered by one index
(``ix_documents_account_search``), walked in the list's own order; a page is read by its keys afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from app.console.vouchers.standing import ASKED, Standing, standing_of, stands
from app.ledger.lifecycle import VoidingState
from app.ledger.models import DeliveryRecord, DocumentRecord, VoidingRecord
from app.ledger.names import folded
from app.problems import Text
from sunat.kinds import KINDS
from sunat.money import to_cents

PAGE: Final = 25
_LONGEST: Final = 100
_KINDS: Final = frozenset(row.code for row in KINDS)
_NUMBER: Final = re.compile(r"(?P<series>[A-Z0-9]{4})\s*-\s*(?P<number>[0-9]{1,8})", re.IGNORECASE)
_SERIES: Final = re.compile(r"[A-Z][A-Z0-9]{3}", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"(?:S/\.?\s*)?(?P<amount>(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,2})?)")
_CURSOR: Final = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?P<id>[0-9]{1,18})")
_INDEX: Final = "INDEXED BY ix_documents_account_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for. Days are Lima's and both count; ``least`` and ``most`` are céntimos of any currency.

    ``older`` and ``newer`` are the keys (day, id) that the page ends before or begins after.
    """

    text: str = ""
    state: str = ""
    kind: str = ""
    branch: int | None = None
    since: date | None = None
    until: date | None = None
    least: int | None = None
    most: int | None = None
    older: tuple[date, int] | None = None
    newer: tuple[date, int] | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for at all."""
        return any((self.text, self.state, self.kind, self.branch, self.since, self.until)) or (
            self.least is not None or self.most is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of the list."""

    document: DocumentRecord
    delivery: DeliveryRecord
    standing: Standing
    voiding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of the list, and the keys of its neighbours; "" where there is none."""

    hits: Sequence[Hit] = ()
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    reads: Callable[[str], Any]
    complaint: Text = field(default=Text("", ""))


def read(given: Mapping[str, str]) -> tuple[Search, dict[str, Text]]:
    """What is asked for, and complaints by field about what cannot be: that is left out of the search."""
    values: dict[str, Any] = {}
    complaints: dict[str, Text] = {}
    for name, asked in _FIELDS.items():
        written = given.get(name, "").strip()
        if not written:
            continue
        try:
            values[name] = asked.reads(written)
        except (ValueError, KeyError):
            if asked.complaint.es:
                complaints[name] = asked.complaint
    return Search(**values), complaints


def find(session: Session, account_id: int, search: Search, *, branches: Collection[int] | None) -> Found:
    """A page of an account's vouchers, newest issue date first; ``branches`` are those one may see, None for all."""
    key = tuple_(DocumentRecord.issue_date, DocumentRecord.id)
    backwards = search.newer is not None
    conditions = [DocumentRecord.account_id == account_id, *_conditions(session, account_id, search, branches)]
    if search.newer is not None:
        conditions.append(key > search.newer)
    elif search.older is not None:
        conditions.append(key < search.older)
    columns = (DocumentRecord.issue_date, DocumentRecord.id)
    keys = session.execute(
        select(*columns).with_hint(DocumentRecord, _INDEX, "sqlite").where(*conditions)
        .order_by(*(columns if backwards else tuple(column.desc() for column in columns))).limit(PAGE + 1)
    ).all()
    more, page = len(keys) > PAGE, [row.id for row in keys[:PAGE]]
    hits = _hits(session, page)
    if not hits:
        return Found()
    first, last = (_cursor(hit.document) for hit in (hits[0], hits[-1]))
    return Found(
        hits=hits, older=last if more or backwards else "",
        newer=first if (more if backwards else search.older is not None) else "",
    )


def _hits(session: Session, ids: Sequence[int]) -> list[Hit]:
    rows = session.execute(
        select(DocumentRecord, DeliveryRecord)
        .join(DeliveryRecord, DeliveryRecord.document_id == DocumentRecord.id)
        .where(DocumentRecord.id.in_(ids)).order_by(DocumentRecord.issue_date.desc(), DocumentRecord.id.desc())
    ).all()
    voiding = set(session.scalars(select(VoidingRecord.document_id).where(
        VoidingRecord.document_id.in_(ids),
        VoidingRecord.state.in_((VoidingState.REQUESTED, VoidingState.QUEUED, VoidingState.SENT)),
    )))
    return [
        Hit(document=row, delivery=delivery, standing=standing_of(row, delivery), voiding=row.id in voiding)
        for row, delivery in rows
    ]


def _conditions(
    session: Session, account_id: int, search: Search, branches: Collection[int] | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if branches is not None:
        found.append(DocumentRecord.branch_id.in_(sorted(branches)))
    if search.text:
        found.append(_text(session, account_id, search.text))
    if search.state:
        found.append(stands(search.state))
    if search.kind:
        found.append(DocumentRecord.sunat_code == search.kind)
    if search.branch is not None:
        found.append(DocumentRecord.branch_id == search.branch)
    if search.since is not None:
        found.append(DocumentRecord.issue_date >= search.since)
    if search.until is not None:
        found.append(DocumentRecord.issue_date <= search.until)
    if search.least is not None:
        found.append(DocumentRecord.total >= search.least)
    if search.most is not None:
        found.append(DocumentRecord.total <= search.most)
    return found


def _text(session: Session, account_id: int, text: str) -> ColumnElement[bool]:
    """A number with its series, a series, digits of a number or of an identity, else words of a name in any order."""
    whole = _NUMBER.fullmatch(text)
    if whole:
        return DocumentRecord.id.in_(_numbered(session, account_id, int(whole["number"]), whole["series"].upper()))
    named = and_(*(DocumentRecord.receiver_key.contains(word, autoescape=True) for word in folded(text).split()))
    if _SERIES.fullmatch(text):
        return or_(DocumentRecord.series == text.upper(), named)
    if not (text.isascii() and text.isdecimal()):
        return named
    ways = [DocumentRecord.receiver_number.startswith(text), named]
    if len(text) <= 8:
        ways.append(DocumentRecord.id.in_(_numbered(session, account_id, int(text))))
    return or_(*ways)


def _numbered(session: Session, account_id: int, number: int, series: str = "") -> list[int]:
    """The vouchers of a number: one for each series at the most."""
    query = select(DocumentRecord.id).where(DocumentRecord.account_id == account_id, DocumentRecord.number == number)
    if series:
        query = query.where(DocumentRecord.series == series)
    return list(session.scalars(query.limit(500)))


def _cursor(row: DocumentRecord) -> str:
    return f"{row.issue_date.isoformat()}.{row.id}"


def _key(text: str) -> tuple[date, int]:
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return date.fromisoformat(found["day"]), int(found["id"])


def _cents(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return to_cents(Decimal(found["amount"].replace(",", "")))


def _one_of(words: Collection[str]) -> Callable[[str], str]:
    def reads(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text
    return reads


def _branch(text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text):
        raise ValueError(text)
    return int(text)


_DAY: Final = Text("Escriba la fecha como 2026-11-20", "Write the date such as 2026-11-20")
_MONEY: Final = Text("Escriba el importe como 1180.00", "Write the amount such as 1180.00")
_CHOICE: Final = Text("Elija una opción de la lista", "Choose one of the list")
_FIELDS: Final[Mapping[str, _Asked]] = {
    "text": _Asked(lambda text: text[:_LONGEST]),
    "state": _Asked(_one_of(ASKED), _CHOICE),
    "kind": _Asked(_one_of(_KINDS), _CHOICE),
    "branch": _Asked(_branch, _CHOICE),
    "since": _Asked(date.fromisoformat, _DAY),
    "until": _Asked(date.fromisoformat, _DAY),
    "least": _Asked(_cents, _MONEY),
    "most": _Asked(_cents, _MONEY),
    "older": _Asked(_key),
    "newer": _Asked(_key),
}
"""The fields of the form by name. A page's key that means nothing is passed over."""
