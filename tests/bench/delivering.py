"""Delivering: what goes out a second, beside the most there could be: the slots over the time that SUNAT takes.

The sandbox takes so long for every answer and does little else. Everything is issued before; only what passes between
the first sixth and the end is counted, so that starts do not. Whose turn it is, is measured apart: one look at the
line with thousands queued, and with few.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from sqlalchemy import insert, select

from app.delivery.due import pick
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord
from sunat.sandbox import Remark, Submission
from tests.campaigns.couriers import Scene, scene
from tests.campaigns.servers import Nursery, nursery

_PATIENCE: Final = 120.0
_LOOKS: Final = 15
_BEFORE: Final = 8
"""Looks that do not count: PostgreSQL plans a statement anew until it has seen it a few times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crews:
    """Processes that deliver, and how many attempts each makes at once."""

    kind: str
    processes: int
    hands: int

    @property
    def name(self) -> str:
        """What it is called in the tables."""
        return f"{self.kind}, {self.processes} x {self.hands}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is measured: SUNAT's seconds for an answer, vouchers for each slot, the crews, and lengths of the line."""

    answer: float = 1.0
    each: int = 6
    crews: tuple[Crews, ...] = (
        Crews(kind="sqlite", processes=1, hands=4), Crews(kind="postgresql", processes=1, hands=4),
        Crews(kind="postgresql", processes=1, hands=8), Crews(kind="postgresql", processes=3, hands=8),
    )
    queued: tuple[int, ...] = (50, 5000)
    dialects: tuple[str, ...] = ("sqlite", "postgresql")


def measure(extent: Extent) -> dict[str, Any]:
    """The figures of ``crews`` by name and of ``line`` by database and length."""
    with nursery() as home:
        return {
            "answer_seconds": extent.answer,
            "crews": {crews.name: _crews(home, crews, extent) for crews in extent.crews},
            "line": {kind: _line(home, kind, extent.queued) for kind in extent.dialects},
        }


def _crews(home: Nursery, crews: Crews, extent: Extent) -> dict[str, Any]:
    def slowly(_: Submission) -> Sequence[Remark]:
        time.sleep(extent.answer)
        return ()

    slots = crews.processes * crews.hands
    with scene(home, crews.kind, judge=slowly) as stage:
        stage.issue(slots * extent.each, notes=False)
        for _ in range(crews.processes):
            stage.start(hands=crews.hands)
        stage.rest(_PATIENCE)
        with stage.office.database.read() as session:
            ended = sorted(session.scalars(
                select(AttemptRecord.finished_at).where(AttemptRecord.result == "answered")
            ))
    if len(ended) < slots * extent.each:
        raise RuntimeError(f"{len(ended)} of {slots * extent.each} vouchers were delivered")
    skipped = len(ended) // 6
    rate = (len(ended) - 1 - skipped) / (ended[-1] - ended[skipped]).total_seconds()
    most = slots / extent.answer
    return {
        "slots": slots, "vouchers": len(ended), "per_second": round(rate, 2), "most_per_second": round(most, 2),
        "ratio": round(rate / most, 3),
    }


def _line(home: Nursery, kind: str, lengths: Sequence[int]) -> dict[str, Any]:
    """Milliseconds for one look at the line, by its length; three issuers, one of them with almost all of it."""
    found = {}
    with scene(home, kind) as stage:
        stage.issue(len(stage.owners), notes=False)
        there = len(stage.owners)
        for length in sorted(lengths):
            _lengthen(stage, length - there)
            there = length
            taken = []
            for _ in range(_BEFORE + _LOOKS):
                begun = time.perf_counter()
                chosen = pick(stage.office.database, stage.office.clock.now(), limit=1)
                taken.append(time.perf_counter() - begun)
                if len(chosen) != 1:
                    raise RuntimeError("Nothing is in line")
            found[str(length)] = {"ms": round(median(taken[_BEFORE:]) * 1000, 2)}
    return found


def _lengthen(stage: Scene, more: int) -> None:
    """Copies the first voucher's rows so often, under further numbers: nobody is going to send them."""
    with stage.office.database.write() as session:
        document = session.scalars(select(DocumentRecord).order_by(DocumentRecord.id).limit(1)).one()
        delivery = session.scalars(select(DeliveryRecord).where(DeliveryRecord.document_id == document.id)).one()
        first = session.scalars(
            select(DocumentRecord.number).where(DocumentRecord.series_id == document.series_id)
            .order_by(DocumentRecord.number.desc()).limit(1)
        ).one() + 1

        def copied(row: Any) -> dict[str, Any]:
            return {each.key: getattr(row, each.key) for each in row.__mapper__.column_attrs if each.key != "id"}

        same, told = copied(document), copied(delivery)
        made = session.scalars(insert(DocumentRecord).returning(DocumentRecord.id), [
            {**same, "number": number, "fingerprint": f"{number:064d}", "external_id": None}
            for number in range(first, first + more)
        ]).all()
        session.execute(insert(DeliveryRecord), [{**told, "document_id": one} for one in made])
