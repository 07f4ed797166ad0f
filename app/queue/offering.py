"""A job for a delivery, inside the transaction that made it due."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy import text
from sqlalchemy.orm import Session

QUEUE: Final = "deliveries"
TURN: Final = "chasqui.turn"

_LOCK: Final = "delivery:"
_MANAGER: Final = JobManager(SyncPsycopgConnector())
_WAITING: Final = text("SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :queue")
_log = structlog.get_logger("chasqui.queue")


def offer(session: Session, deliveries: Collection[int]) -> int:
    """Adds a job for each of these deliveries into the caller's transaction, and says how many. None on SQLite.

    All of it happens behind a savepoint. Where one of them has a job already, or the queue is out of order, none is
    added and the caller's transaction goes on as if nothing had been asked; the next sweep looks after them.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql" or not deliveries:
        return 0
    jobs = [
        Job(
            queue=QUEUE, task_name=TURN, lock=None, queueing_lock=f"{_LOCK}{one}", task_kwargs={"delivery_id": one},
        )
        for one in deliveries
    ]
    try:
        with connection.begin_nested():
            _MANAGER.batch_defer_jobs(jobs, connection=connection.connection.driver_connection)
    except AlreadyEnqueued:
        return 0
    except ConnectorException as error:
        _log.warning("jobs_not_added", deliveries=len(jobs), error=str(error.__cause__ or error))
        return 0
    return len(jobs)


def waiting(session: Session) -> set[int]:
    """The deliveries for which a job waits to be taken. PostgreSQL only."""
    return {int(lock.removeprefix(_LOCK)) for lock in session.scalars(_WAITING, {"queue": QUEUE})}
