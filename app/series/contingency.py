"""Pre-printed series: numbers that stand on paper, given by the caller inside registered ranges, each once.

They exist for 01 03 04 07 08 20 40 only and are never allocated (decision 12). Ranges are only ever added to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.problems import Conflict, Item, Refused, Text
from app.series.models import ContingencyRangeRecord, SeriesRecord
from sunat.numbering import is_contingency, near_end, remaining

_NUMBER: Final = "/header/document_number"


def ranges_of(session: Session, series_id: int) -> Sequence[ContingencyRangeRecord]:
    """The registered ranges of a series, by their first number."""
    return session.scalars(
        select(ContingencyRangeRecord)
        .where(ContingencyRangeRecord.series_id == series_id)
        .order_by(ContingencyRangeRecord.from_number)
    ).all()


def add_ranges(
    session: Session, row: SeriesRecord, given: Sequence[Mapping[str, Any]], *, author: str, now: datetime
) -> None:
    """Registers ranges; those that are registered already stay. Raises Refused, Conflict for ranges that overlap."""
    if given and not is_contingency(row.code):
        raise Refused("NOT_CONTINGENCY", Text(
            "Solo las series de contingencia (1 a 4 dígitos) tienen rangos",
            "Only contingency series (1 to 4 digits) have ranges",
        ), pointer="/contingency_ranges")
    known = [(each.from_number, each.to_number) for each in ranges_of(session, row.id)]
    for index, each in enumerate(given):
        first, last = each["from_number"], each["to_number"]
        pointer = f"/contingency_ranges/{index}"
        if (first, last) in known:
            continue
        if last < first:
            raise Refused("RANGE", Text("El rango termina antes de empezar", "The range ends before it begins"),
                          pointer=f"{pointer}/to_number")
        if any(first <= end and start <= last for start, end in known):
            raise Conflict("RANGE_OVERLAPS", Text(
                "El rango se cruza con otro ya registrado", "The range overlaps one that is registered"
            ), pointer=pointer)
        known.append((first, last))
        session.add(ContingencyRangeRecord(
            series_id=row.id, from_number=first, to_number=last, note=each.get("note", ""), author=author, at=now,
        ))
    session.flush()


def check_number(session: Session, row: SeriesRecord, number: int | None) -> int:
    """The number of a voucher on pre-printed paper. Raises Refused without one and outside the ranges."""
    if number is None:
        raise Refused("CONTINGENCY_NUMBER", Text(
            f"La serie {row.code} es de contingencia: envíe el número impreso en document_number",
            f"Series {row.code} is a contingency series: send the printed number in document_number",
        ), pointer=_NUMBER)
    if not any(each.from_number <= number <= each.to_number for each in ranges_of(session, row.id)):
        raise Refused("CONTINGENCY_RANGE", Text(
            f"{row.code}-{number} no está en un rango registrado", f"{row.code}-{number} is in no registered range"
        ), pointer=_NUMBER, hint=Text(
            "Registre el rango impreso con PATCH /V1/series/{id}",
            "Register the printed range with PATCH /V1/series/{id}",
        ))
    return number


def near_end_remark(code: str, number: int) -> tuple[Item, ...]:
    """What rides along with a voucher once 99 % of its series is used up (INV-21)."""
    if not near_end(number):
        return ()
    left = remaining(number)
    return (Item(
        code="CHQ-SERIES-END", pointer="/header/document_sequence_code", severity="observation",
        message=Text(
            f"A la serie {code} le quedan {left} números", f"Series {code} has {left} numbers left"
        ),
        hint=Text("Registre ya la serie que la sigue", "Register its successor now"),
    ),)
