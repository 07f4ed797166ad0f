"""The register of sales of a month: entries in soles, and the file that replaces SUNAT's proposal.

Only what SUNAT holds as good is in it (accepted, observed); what waits, was rejected, voided or lapsed is left out and
told. An entry in another currency takes the rate that its caller gave, else the one published for the day: of a note,
what ruled its voucher. A voucher that cannot be entered (no rate, unreadable) stops the file: half a register is none.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import IO, Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.almanac.rates import ruling
from app.books import reading
from app.books.reading import Scope
from app.books.registry import VALID
from app.ledger.models import DocumentRecord
from app.problems import Item, Refused, Text
from sunat import xml
from sunat.errors import SunatError
from sunat.money import ZERO, decimal
from sunat.numbering import VoucherId
from sunat.rvie import KINDS, Entry, Modified, Shares, entry_of, file_name, line_of, shares_of
from sunat.ubl.nodes import day, text
from sunat.ubl.reading import read_voucher

SOLES: Final = "PEN"
_MOST_TOLD: Final = 100
_REFERENCE: Final = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:IssueDate"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
ENCODINGS: Final = ("utf-8", "iso-8859-1")


@dataclass(slots=True)
class Register:
    """What a register came to: entries, their sums in soles by column, and vouchers left out by their status."""

    entries: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: {each.name: ZERO for each in fields(Shares)})
    left_out: dict[str, int] = field(default_factory=dict)
    wrong: list[Item] = field(default_factory=list)
    wrong_count: int = 0

    @property
    def total(self) -> Decimal:
        """The sum of all entries."""
        return sum(self.sums.values(), ZERO)

    def add(self, entry: Entry) -> None:
        """Counts one more."""
        self.entries += 1
        for name in self.sums:
            self.sums[name] += getattr(entry.shares, name)


class _Rates:
    """Soles for one unit, each day asked once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[str, date], Decimal | None] = {}

    def of(self, currency: str, on: date) -> Decimal | None:
        if (currency, on) not in self._known:
            found = ruling(self._session, currency, on)
            self._known[currency, on] = None if found is None else found.sell
        return self._known[currency, on]


def entries(session: Session, scope: Scope, found: Register) -> Iterator[Entry]:
    """The entries of the register; ``found`` is filled as they are taken, vouchers that cannot be entered too."""
    found.left_out = _left_out(session, scope)
    rates = _Rates(session)
    for page in reading.signed(session, scope, KINDS, VALID):
        targets = _targets(session, scope, page)
        for row in page:
            try:
                entry = _entry(row, scope, targets, rates)
            except (SunatError, ArithmeticError) as error:
                entry = None
                _refuse(found, row, Text(f"No se puede leer: {error}", f"It cannot be read: {error}"))
            else:
                if entry is None:
                    _refuse(found, row, Text(
                        f"Falta el tipo de cambio de {row.currency} para {row.issue_date}: chasqui rates import",
                        f"There is no exchange rate of {row.currency} for {row.issue_date}: chasqui rates import",
                    ))
            if entry is not None:
                found.add(entry)
                yield entry


def write_replacement(
    session: Session, scope: Scope, target: IO[bytes], *, encoding: str = ENCODINGS[0]
) -> tuple[str, Register]:
    """Writes the zip that replaces SUNAT's proposal and tells its name (with ``.zip``) and what is in it.

    Raises Refused naming the vouchers that cannot be entered (what was written by then is of no use), Forbidden for a
    branch's scope: the file takes the place of the whole RUC's proposal.
    """
    reading.whole(scope)
    found = Register()
    lines = entries(session, scope, found)
    first = next(lines, None)
    name = file_name(scope.account.ruc, scope.period.replace("-", ""), empty=first is None)
    stamp = zipfile.ZipInfo(f"{name}.txt", date_time=_EPOCH)
    stamp.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w") as box, box.open(stamp, "w", force_zip64=True) as inner:
        text_of = io.TextIOWrapper(inner, encoding=encoding, errors="replace", newline="")
        if first is not None:
            text_of.write(f"{line_of(first)}\r\n")
        for entry in lines:
            text_of.write(f"{line_of(entry)}\r\n")
        text_of.flush()
        text_of.detach()
    if found.wrong_count:
        raise refusal(found)
    return f"{name}.zip", found


def refusal(found: Register) -> Refused:
    """Why there is no register: the vouchers that cannot be entered, the first hundred of them by name."""
    return Refused("BOOK_INCOMPLETE", Text(
        f"{found.wrong_count} comprobantes no pueden anotarse en el registro",
        f"{found.wrong_count} vouchers cannot be entered in the register",
    ), items=found.wrong, extra={"count": found.wrong_count})


def _entry(row: Any, scope: Scope, targets: dict[int, Any], rates: _Rates) -> Entry | None:
    root = xml.parse(row.xml)
    facts = read_voucher(root)
    target = targets.get(row.target_document_id)
    said = text(root, _REFERENCE)
    changed = target.issue_date if target is not None else day(said, _REFERENCE) if said else None
    rate = _rate(row, target, changed, rates)
    if rate is None:
        return None
    due = text(root, "cbc:DueDate")
    return entry_of(
        VoucherId(ruc=scope.account.ruc, type_code=row.sunat_code, series=row.series, number=row.number),
        shares_of(facts.totals), issuer_name=scope.account.legal_name, issue_date=row.issue_date,
        due_date=day(due, "cbc:DueDate") if due else None,
        receiver=(row.receiver_code, row.receiver_number, row.receiver_name), currency=row.currency, rate=rate,
        modified=None if row.target_series is None else Modified(
            kind=row.target_sunat_code or "", series=row.target_series, number=row.target_number or 0,
            issue_date=changed,
        ),
    )


def _rate(row: Any, target: Any, changed: date | None, rates: _Rates) -> Decimal | None:
    if row.currency == SOLES:
        return Decimal(1)
    given = _given(row.request) or (None if target is None else _given(target.request))
    return given or rates.of(row.currency, changed or row.issue_date)


def _given(request: Any) -> Decimal | None:
    """The rate that a caller gave with his voucher."""
    said = ((request or {}).get("header") or {}).get("exchange_rate_value")
    return None if said in (None, "") else decimal(str(said))


def _targets(session: Session, scope: Scope, page: Any) -> dict[int, Any]:
    """What the notes of a page change, where it is ours."""
    ids = {row.target_document_id for row in page if row.target_document_id is not None}
    if not ids:
        return {}
    query = select(DocumentRecord.id, DocumentRecord.issue_date, DocumentRecord.request).where(
        DocumentRecord.account_id == scope.account.id, DocumentRecord.id.in_(ids)
    )
    return {row.id: row for row in session.execute(query)}


def _left_out(session: Session, scope: Scope) -> dict[str, int]:
    query = select(DocumentRecord.status, func.count()).where(
        DocumentRecord.account_id == scope.account.id, DocumentRecord.sunat_code.in_(KINDS),
        DocumentRecord.issue_date.between(scope.first_day, scope.last_day), DocumentRecord.status.not_in(VALID),
    ).group_by(DocumentRecord.status)
    if scope.branch_id is not None:
        query = query.where(DocumentRecord.branch_id == scope.branch_id)
    return {row[0]: row[1] for row in session.execute(query)}


def _refuse(found: Register, row: Any, why: Text) -> None:
    found.wrong_count += 1
    if len(found.wrong) < _MOST_TOLD:
        number = f"{row.sunat_code} {row.series}-{row.number}"
        found.wrong.append(Item(
            code="BOOK_INCOMPLETE", message=Text(f"{number}: {why.es}", f"{number}: {why.en}"),
        ))
