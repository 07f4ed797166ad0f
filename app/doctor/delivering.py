"""Delivery: whether anybody does it, what waits, what was left behind, addresses left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.delivery.due import takeable
from app.delivery.models import BreakerRecord
from app.doctor.rows import Row, bad, ok, span, warn
from app.http import Office
from app.ledger import pulses
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord
from app.problems import Text

SILENT: Final = 60.0
"""Seconds without a pulse after which nobody delivers: engines and workers give one every ten."""

_SLOW: Final = 300.0
_STUCK: Final = 3600.0
"""Seconds that the oldest due delivery may wait before it is a warning, and before it is bad."""

_RESCUED_BY: Final = timedelta(seconds=30)
"""By then a round has freed what a dead process left."""

_OPEN: Final = tuple(str(state) for state in DeliveryState if state is not DeliveryState.DONE)


def rows(
    office: Office, session: Session, now: datetime, accounts: Sequence[AccountRecord] | None = None
) -> Iterator[Row]:
    """The rows about delivery, of all accounts or of these."""
    mine = true() if accounts is None else DeliveryRecord.account_id.in_([one.id for one in accounts])
    yield _worker(office, session, now, mine)
    yield _queue(session, now, mine)
    yield _leases(session, now, mine)
    yield _breakers(session, now, accounts)


def _worker(office: Office, session: Session, now: datetime, mine: ColumnElement[bool]) -> Row:
    found = pulses.latest(session, pulses.ROUND)
    age = None if found is None else max(0.0, (now - found.at).total_seconds())
    if age is not None and age <= SILENT:
        return ok("worker", Text(f"Activo hace {span(age)}", f"Alive {span(age)} ago"))
    seen = Text("Nadie está enviando", "Nobody delivers") if age is None else Text(
        f"Nadie envía desde hace {span(age)}", f"Nobody has delivered for {span(age)}"
    )
    advice = Text(
        "Inicie chasqui serve (o chasqui worker)", "Start chasqui serve (or chasqui worker)"
    ) if office.database.dialect != "sqlite" else Text("Inicie chasqui serve", "Start chasqui serve")
    waiting = session.scalar(
        select(func.count()).select_from(DeliveryRecord).where(mine, DeliveryRecord.state.in_(_OPEN))
    )
    return bad("worker", seen, advice) if waiting else warn("worker", seen, advice)


def _queue(session: Session, now: datetime, mine: ColumnElement[bool]) -> Row:
    oldest, due = session.execute(
        select(func.min(DeliveryRecord.next_at), func.count()).where(mine, takeable()), {"now": now}
    ).one()
    if not due:
        return ok("queue", Text("Nada por enviar", "Nothing is due"))
    age = max(0.0, (now - oldest).total_seconds())
    seen = Text(
        f"{due} por enviar; el más antiguo espera hace {span(age)}", f"{due} due; the oldest has waited {span(age)}"
    )
    advice = Text(
        "Vea chasqui deliveries; si la cola crece, agregue otro chasqui worker",
        "Look at chasqui deliveries; if the queue grows, add another chasqui worker",
    )
    if age > _STUCK:
        return bad("queue", seen, advice)
    return warn("queue", seen, advice) if age > _SLOW else ok("queue", seen)


def _leases(session: Session, now: datetime, mine: ColumnElement[bool]) -> Row:
    left = session.scalar(
        select(func.count()).select_from(DeliveryRecord).where(
            mine, DeliveryRecord.state == str(DeliveryState.SENDING), DeliveryRecord.next_at < now - _RESCUED_BY
        )
    )
    if not left:
        return ok("leases", Text("Ninguno", "None"))
    return bad("leases", Text(
        f"{left} envíos de un proceso que terminó siguen sin liberar",
        f"{left} deliveries of a process that ended were not freed",
    ), Text(
        "Inicie chasqui serve o chasqui worker: pregunta a SUNAT por ellos antes de reenviar",
        "Start chasqui serve or chasqui worker: it asks SUNAT about them before anything is sent again",
    ))


def _breakers(session: Session, now: datetime, accounts: Sequence[AccountRecord] | None) -> Row:
    found = list(session.scalars(select(BreakerRecord).order_by(BreakerRecord.opened_at)))
    if accounts is not None:
        theirs = {one.ose_url for one in accounts}
        found = [
            row for row in found
            if row.door in theirs or row.door.startswith(tuple(f"{one.environment}:" for one in accounts))
        ]
    if not found:
        return ok("breakers", Text("Ninguna", "None"))
    names = ", ".join(row.door for row in found)
    since = span((now - found[0].opened_at).total_seconds())
    return warn("breakers", Text(
        f"{names}: no responde desde hace {since} ({found[0].text[:120]})",
        f"{names}: has not answered for {since} ({found[0].text[:120]})",
    ), Text(
        "Nada: se prueba sola y lo pendiente sale cuando responda. Si dura horas, revise su conexión",
        "Nothing: it is tried by itself and what waits goes out then. If it lasts hours, check your connection",
    ))
