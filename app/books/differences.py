"""Our ledger against SUNAT's own list of the month, both ways: an audit that nothing of ours takes part in.

Each difference has a class, what either side says, and what to do next. A voucher agrees where number, state, day,
receiver and amount do; in another currency the amount may be listed as it is or in soles.
Source: RS 112-2021/SUNAT (the list is the proposal of the register of sales); decision 14.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from app.books import reading
from app.books.reading import PAGE, Scope
from app.books.registry import VALID
from app.ledger.lifecycle import Status
from app.problems import Malformed, Refused, Text
from sunat.errors import FormatError
from sunat.money import cents, from_cents
from sunat.rvie import KINDS, Listed, read_listed
from sunat.rvie.entry import CREDIT_NOTE

MOST_TOLD: Final = 1000
"""How many differences a report names; all are counted."""
_MOST_IN_A_RANGE: Final = 10_000
_SPREAD: Final = Decimal("0.05")
"""How far sums of converted and rounded columns may lie from a converted sum."""
_SOLES: Final = "PEN"
_ANNULLED: Final = "2"
"""The list's state of what was voided (the states of the books of PLE, that SIRE took over)."""

CLASSES: Final = {
    "not_here": Text(
        "SUNAT lo tiene y aquí no está: puede haberlo emitido otro sistema con la misma serie. Deje de usar la serie "
        "hasta aclararlo e impórtelo (chasqui import)",
        "SUNAT has it and it is not here: another system may use the same series. Stop using the series until that is "
        "cleared, and import it (chasqui import)",
    ),
    "not_there": Text(
        "Aquí figura aceptado y SUNAT no lo lista: descargue su constancia y consulte (POST "
        "/V1/documents/{id}/reconcile); añádalo al registro con el archivo de reemplazo",
        "Accepted here, not listed by SUNAT: take its CDR and ask (POST /V1/documents/{id}/reconcile); add it to the "
        "register by the file that replaces the proposal",
    ),
    "unanswered_here": Text(
        "SUNAT lo tiene y aquí sigue sin respuesta: reconcilie (POST /V1/documents/{id}/reconcile)",
        "SUNAT has it and it is unanswered here: reconcile (POST /V1/documents/{id}/reconcile)",
    ),
    "not_valid_here": Text(
        "SUNAT lo lista como válido y aquí no vale: revise su constancia antes de declarar",
        "Listed by SUNAT as valid, not valid here: look at its CDR before you declare",
    ),
    "voided_there": Text(
        "SUNAT lo lista como anulado y aquí vale: alguien lo anuló en SOL, o la baja no llegó aquí",
        "Listed by SUNAT as voided, valid here: somebody voided it in SOL, or the voiding never came here",
    ),
    "amount": Text("El importe no coincide", "The amounts differ"),
    "date": Text("La fecha de emisión no coincide", "The issue dates differ"),
    "receiver": Text("El cliente no coincide", "The receivers differ"),
    "twice": Text("SUNAT lo lista dos veces", "SUNAT lists it twice"),
}
"""The classes of differences, each with what to do."""


@dataclass(slots=True)
class Differences:
    """What a comparison came to; ``told`` are the first differences, ``counts`` all of them by class."""

    listed: int = 0
    agree: int = 0
    listed_total: Decimal = Decimal(0)
    our_total: Decimal = Decimal(0)
    counts: dict[str, int] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether there is none."""
        return not self.counts

    @property
    def body(self) -> dict[str, Any]:
        """The report as JSON has it; amounts are text, both totals sums of what stands written, in any currency, less
        the credit notes.
        """
        return {
            "clean": self.clean, "listed": self.listed, "agree": self.agree,
            "counts": dict(sorted(self.counts.items())), "differences": self.told,
            "listed_total": f"{self.listed_total:.2f}", "our_total": f"{self.our_total:.2f}",
        }

    def tell(self, name: str, number: str, ours: Any, theirs: Listed | None) -> None:
        """Counts a difference, and names it while there is room."""
        self.counts[name] = self.counts.get(name, 0) + 1
        if len(self.told) < MOST_TOLD:
            self.told.append({
                "class": name, "number": number, "document_id": None if ours is None else ours.id,
                "here": None if ours is None else _ours(ours),
                "sunat": None if theirs is None else _theirs(theirs),
                "what_to_do": {"es": CLASSES[name].es, "en": CLASSES[name].en},
            })


def compare(session: Session, scope: Scope, lines: Iterable[str]) -> Differences:
    """Compares the month of the scope with SUNAT's list of it.

    Raises Malformed naming the first line that is none of a list, Refused for a list of another RUC or month,
    Forbidden for a branch's scope: what the other branches issued would look like another system's.
    """
    reading.whole(scope)
    found, seen = Differences(), set[int]()
    for batch in _batches(_ours_only(scope, lines)):
        _look_up(session, scope, batch, found, seen)
    for page in reading.vouchers(session, scope):
        for row in page:
            if row.sunat_code in KINDS and row.status in VALID:
                found.our_total += from_cents(row.total) * (-1 if row.sunat_code == CREDIT_NOTE else 1)
                if row.id not in seen:
                    found.tell("not_there", _number(row.sunat_code, row.series, row.number), row, None)
    return found


def _ours_only(scope: Scope, lines: Iterable[str]) -> Iterator[Listed]:
    months = (scope.period.replace("-", ""),)
    try:
        for one in read_listed(lines):
            if one.ruc != scope.account.ruc:
                raise Refused("LIST_OF_ANOTHER", Text(
                    f"Línea {one.place}: la lista es del RUC {one.ruc}, la cuenta del {scope.account.ruc}",
                    f"Line {one.place}: the list is of RUC {one.ruc}, the account of {scope.account.ruc}",
                ))
            if one.period not in months:
                raise Refused("LIST_OF_ANOTHER", Text(
                    f"Línea {one.place}: la lista es del periodo {one.period}, se pidió {scope.period}",
                    f"Line {one.place}: the list is of the period {one.period}, {scope.period} was asked for",
                ))
            if one.total is None:
                raise FormatError(f"Line {one.place} has no amount")
            yield one
    except FormatError as error:
        raise Malformed("LIST_UNREADABLE", Text(
            f"No es una lista de SUNAT: {error}", f"This is no list of SUNAT's: {error}"
        )) from error


def _batches(listed: Iterator[Listed]) -> Iterator[list[Listed]]:
    """Neighbours of one series together, a few hundred at most."""
    batch = list[Listed]()
    for one in listed:
        if batch and (len(batch) >= PAGE or (one.kind, one.series) != (batch[0].kind, batch[0].series)):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _look_up(session: Session, scope: Scope, batch: list[Listed], found: Differences, seen: set[int]) -> None:
    ours = dict[int, Any]()
    numbers = sorted({number for one in batch for number in _numbers(one)})
    for start in range(0, len(numbers), PAGE):
        ours |= reading.named(session, scope, batch[0].kind, batch[0].series, numbers[start : start + PAGE])
    for one in batch:
        found.listed += 1
        found.listed_total += one.total or 0
        if _compared(one, ours, found, seen):
            found.agree += 1


def _numbers(one: Listed) -> range:
    if one.last_number - one.number >= _MOST_IN_A_RANGE:
        raise Malformed("LIST_UNREADABLE", Text(
            f"Línea {one.place}: un rango de {one.last_number - one.number + 1} números no puede ser",
            f"Line {one.place}: a range of {one.last_number - one.number + 1} numbers cannot be",
        ))
    return range(one.number, one.last_number + 1)


def _compared(one: Listed, ours: dict[int, Any], found: Differences, seen: set[int]) -> bool:
    """Whether a line agrees with our vouchers; a range counts as one voucher whose amount is the sum."""
    before = sum(found.counts.values())
    rows = list[Any]()
    for number in _numbers(one):
        row = ours.get(number)
        name = _number(one.kind, one.series, number)
        if row is None:
            found.tell("not_here", name, None, one)
            continue
        if row.id in seen:
            found.tell("twice", name, row, one)
        seen.add(row.id)
        rows.append(row)
        for what in _states(row, one):
            found.tell(what, name, row, one)
        if row.issue_date != one.issue_date:
            found.tell("date", name, row, one)
        if one.receiver_number.strip("0-") and row.receiver_number.strip("0-") != one.receiver_number.strip("0-"):
            found.tell("receiver", name, row, one)
    whole = len(rows) == len(_numbers(one))
    if rows and whole and one.state != _ANNULLED and not _same_amount(rows, one):
        found.tell("amount", _number(one.kind, one.series, one.number), rows[0], one)
    return sum(found.counts.values()) == before


def _states(row: Any, one: Listed) -> Iterator[str]:
    if one.state == _ANNULLED:
        if row.status in VALID:
            yield "voided_there"
    elif row.status == Status.ISSUED:
        yield "unanswered_here"
    elif row.status not in VALID:
        yield "not_valid_here"


def _same_amount(rows: list[Any], one: Listed) -> bool:
    total = from_cents(sum(row.total for row in rows))
    listed = abs(one.total or Decimal(0))
    if listed == total:
        return True
    currency = rows[0].currency
    if currency == _SOLES or one.rate is None:
        return False
    return abs(cents(total * one.rate) - listed) <= _SPREAD


def _number(code: str, series: str, number: int) -> str:
    return f"{code} {series}-{number}"


def _ours(row: Any) -> dict[str, Any]:
    return {
        "status": row.status, "issue_date": _day(row.issue_date), "receiver": row.receiver_number,
        "currency": row.currency, "total": f"{from_cents(row.total):.2f}",
    }


def _theirs(one: Listed) -> dict[str, Any]:
    return {
        "line": one.place, "state": one.state, "issue_date": _day(one.issue_date), "receiver": one.receiver_number,
        "currency": one.currency, "total": f"{one.total or 0:.2f}",
    }


def _day(day: date) -> str:
    return day.isoformat()
