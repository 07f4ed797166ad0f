"""The engine on PostgreSQL: a worker, of which any number may run on any number of machines.

A job is a turn (`app.queue`): whoever takes it makes one attempt at what comes first in line, whichever delivery it
was made for, so that issuers take turns, deadlines come first and shut doors are left alone over all workers. Every
two seconds one of them sweeps: what may go and has no job gets one. That is how retries come back, notes whose
invoice was accepted, and what a worker that died was at.
"""

from __future__ import annotations

from typing import Final

from app.delivery.backoff import RETRIES, Retries
from app.delivery.dispatch import Dispatch, guarded
from app.delivery.due import may_go
from app.delivery.rounds import Rounds
from app.http import Office
from app.queue import offer, waiting
from app.queue.crew import POLL, Crew

HANDS: Final = 8
"""Attempts that a worker makes at once unless told otherwise."""

_MOST: Final = 500
"""Jobs that one sweep adds at the most; the next one is two seconds away."""


def crew_of(office: Office, *, hands: int = HANDS, retries: Retries = RETRIES) -> Crew:
    """The crew that delivers for an office on PostgreSQL; `Crew.start` sets it to work."""
    dispatch, rounds = Dispatch(office, retries=retries), Rounds(office)

    def round_and_sweep() -> None:
        guarded(rounds.make)
        guarded(lambda: sweep(office, dispatch))

    return Crew(
        office.database, hands=hands, turn=dispatch.turn, sweep=round_and_sweep, ending=rounds.stop,
        poll=min(POLL, office.settings.delivery_interval_seconds),
    )


def sweep(office: Office, dispatch: Dispatch) -> None:
    """Gives jobs to what may go and has none, so many that there are as many turns as deliveries to make them at.

    Behind a door on trial only one counts.
    """
    doors, now = dispatch.breakers.doors(), office.clock.now()
    found = may_go(office.database, now, limit=_MOST, shut=doors.shut | doors.probed)
    for door in doors.probed:
        found += may_go(office.database, now, limit=1, only=door)
    if not found:
        return
    with office.database.write() as session:
        there = waiting(session)
        without = [one for one in found if one not in there]
        offer(session, without[:max(0, len(found) - len(there))])
