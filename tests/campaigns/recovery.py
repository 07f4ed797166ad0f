"""How an outage was caught up with, read from the rows: how soon, in which order, and who was crowded out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import text

from app.db import Database
from app.delivery.backoff import RETRIES
from tests.campaigns.stage import ANSWER, NEIGHBOUR, SLOTS

_DOORS: Final = 4
_CALLS_A_MINUTE: Final = 1.5
"""How often a door that is away may be tried, and some calls more before it is known to be."""

_LOOK: Final = SLOTS * 4 * 2
"""Vouchers that may already have been chosen when one with a nearer last day comes to be due."""

_FIRST_MINUTES: Final = 4.0
"""How long after the end it may take until somebody notices."""


def moment(told: Any) -> datetime:
    """An instant as a database tells it to plain SQL."""
    found = datetime.fromisoformat(told) if isinstance(told, str) else told
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def recovered(database: Database, over: datetime, *, minutes: float) -> tuple[list[str], dict[str, Any]]:
    """What is wrong, in words, and the figures; the authority was away for ``minutes`` until ``over``.

    A boleta whose last day came near meanwhile is settled by a summary, and has no answer of its own.
    """
    with database.read() as session:
        calls = [
            (row[0], moment(row[1]), row[2]) for row in session.execute(text(
                "SELECT delivery_id, finished_at, result FROM attempts ORDER BY finished_at, id"
            ))
        ]
        rows = session.execute(text(
            "SELECT v.id, d.ruc, d.target_document_id, v.deadline_at, v.state, v.updated_at FROM deliveries v"
            " JOIN documents d ON d.id = v.document_id"
        )).all()
    vouchers = {row[0]: (row[1], row[2], moment(row[3])) for row in rows}
    attempts = [one for one in calls if one[0] in vouchers]
    settled = {row[0]: moment(row[5]) for row in rows if row[4] == "done"}
    settled |= {delivery: at for delivery, at, result in attempts if result == "answered"}
    waited = sorted(max(0.0, (at - over).total_seconds() / 60) for at in settled.values())
    during = sum(at < over for _, at, _ in calls)
    after = sum(at >= over for _, at, _ in calls)
    first = min((at for at in settled.values() if at >= over), default=None)
    ends = {
        ruc: round(max((at - over).total_seconds() / 60 for one, at in settled.items() if vouchers[one][0] == ruc), 1)
        for ruc in sorted({ruc for ruc, _, _ in vouchers.values()})
    }
    least = len(vouchers) * ANSWER.total_seconds() / 60
    told = {
        "tries_during": during, "calls_a_voucher_after": round(after / len(vouchers), 3),
        "first_after_minutes": round((first - over).total_seconds() / 60, 1) if first else None,
        "recovered_p50_minutes": round(waited[len(waited) // 2], 1),
        "recovered_p99_minutes": round(waited[int(len(waited) * 0.99)], 1),
        "times_the_least": round(waited[-1] / least, 2), "ends_by_issuer_minutes": ends,
    }
    found = list(_order(attempts, vouchers, over))
    if during > _DOORS * (_CALLS_A_MINUTE * minutes + 10):
        found.append(f"{during} calls while nobody was there")
    if first is None or (first - over).total_seconds() > _FIRST_MINUTES * 60:
        found.append(f"nobody noticed the end before {first}")
    found.extend(_crowded(attempts, vouchers, over, rivals=len(ends)))
    return found, told


def _crowded(
    attempts: list[tuple[int, datetime, str]], vouchers: dict[int, tuple[str, Any, datetime]], over: datetime,
    *, rivals: int,
) -> Iterable[str]:
    """Whether the small issuer had to wait for the others. What was tried in vain may first sit out its own wait."""
    tried = {delivery for delivery, at, _ in attempts if at < over}
    ends: dict[bool, float] = {}
    for delivery, at, result in attempts:
        if result == "answered" and vouchers[delivery][0] == NEIGHBOUR:
            waited = (at - over).total_seconds() / 60
            ends[delivery in tried] = max(waited, ends.get(delivery in tried, 0.0))
    share = sum(ruc == NEIGHBOUR for ruc, _, _ in vouchers.values())
    most = _FIRST_MINUTES + 2 * rivals * share * ANSWER.total_seconds() / 60
    for again, minutes in ends.items():
        if minutes > most + again * RETRIES.unanswered.cap / 60:
            yield f"the small issuer waited {minutes:.1f} minutes for {share} vouchers"


def _order(
    attempts: list[tuple[int, datetime, str]], vouchers: dict[int, tuple[str, Any, datetime]], over: datetime
) -> Iterable[str]:
    """Nearest last day first, within an issuer, of what had not been tried before and waits for no other voucher."""
    seen: set[int] = set()
    lines: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for delivery, at, _ in attempts:
        ruc, target, deadline = vouchers[delivery]
        if delivery not in seen and at >= over and target is None:
            lines[ruc].append((delivery, deadline))
        seen.add(delivery)
    for ruc, line in lines.items():
        latest: list[datetime] = []
        for place, (delivery, deadline) in enumerate(line):
            before = latest[place - _LOOK - 1] if place > _LOOK else None
            if before is not None and deadline < before:
                yield f"{ruc}: delivery {delivery} had a nearer last day than one that went long before it"
            latest.append(max(deadline, latest[-1]) if latest else deadline)
