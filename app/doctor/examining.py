"""The whole examination: what the database tells at once, then SUNAT's addresses and users side by side.

Questions to SUNAT take ten seconds each at the most, eight at a time, and a minute in all; what was not asked by then
is told as such. Whatever does not work is a row of its own, so that one trouble does not hide the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import AccountRecord
from app.db import Busy
from app.delivery.holds import held_issuer
from app.doctor import asking, delivering, issuers, machine, mailing
from app.doctor.rows import Row, State, bad, warn
from app.http import Office
from app.problems import Text
from sunat.transport import Exchange, post

PATIENCE: Final = 60.0
"""Seconds for all questions to SUNAT together."""

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All rows, the installation's first, then account by account."""

    rows: tuple[Row, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is bad; there may be warnings."""
        return all(row.state is not State.BAD for row in self.rows)

    def body(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"healthy": self.healthy, "rows": [row.body() for row in self.rows]}


def examine(
    office: Office, *, account_id: int | None = None, ask: bool = True, exchange: Exchange = post,
    patience: float = PATIENCE,
) -> Examination:
    """Examines the installation and its active accounts, or one of them.

    Of one account's examination its owner may read all. ``ask`` says whether SUNAT is asked, within ``patience``
    seconds. Raises nothing: what fails is a row.
    """
    rows = [machine.database(office), machine.disk(office)]
    if rows[0].state is State.OK:
        try:
            rows += _with_database(office, account_id, ask, exchange, patience)
        except (SQLAlchemyError, Busy) as error:
            rows.append(bad("database", Text(
                f"Dejó de responder ({type(error).__name__})", f"It stopped answering ({type(error).__name__})"
            ), Text("Revise el servidor de la base de datos", "Check the database server")))
    return Examination(rows=tuple(rows))


def _with_database(
    office: Office, account_id: int | None, ask: bool, exchange: Exchange, patience: float
) -> Iterator[Row]:
    now = office.clock.now()
    with office.database.read() as session:
        chosen = select(AccountRecord).where(AccountRecord.active).order_by(AccountRecord.id)
        if account_id is not None:
            chosen = select(AccountRecord).where(AccountRecord.id == account_id)
        accounts = session.scalars(chosen).all()
        alone = None if account_id is None else accounts
        yield machine.master_key(office, accounts)
        yield machine.backup(session, now)
        yield machine.high_water(office, alone)
        yield from delivering.rows(office, session, now, alone)
        yield from mailing.rows(office, session, now, alone)
        of_accounts = {one.id: list(issuers.rows(office, session, one, now)) for one in accounts}
        held = {one.id: held_issuer(session, one.id) for one in accounts}
    if ask and accounts:
        addresses = asking.addresses_of(office, accounts)
        knocks = [_job(asking.knock, address, exchange, office.clock.now) for address in addresses]
        tries = [
            _job(lambda one: list(asking.credentials(office, one, held[one.id], exchange, now)), one)
            for one in accounts
        ]
        answers = _side_by_side([*knocks, *tries], patience)
        told = answers[:len(knocks)]
        yield from (_UNASKED if one is None else one[0] for one in told)
        yield asking.clock([one[1] for one in told if one is not None and one[1] is not None])
        for one, found in zip(accounts, answers[len(knocks):], strict=True):
            of_accounts[one.id] += [replace(_UNASKED, name="sol")] if found is None else found
    for one in accounts:
        yield from (replace(row, account_id=one.id, ruc=one.ruc) for row in of_accounts[one.id])


_UNASKED: Final = warn(
    "reachability", Text("No se llegó a preguntar a tiempo", "There was no time to ask"),
    Text("Repita con --account", "Repeat with --account"),
)


def _job(what: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    return lambda: what(*given)


def _side_by_side(jobs: Sequence[Callable[[], Any]], patience: float) -> list[Any]:
    """What the jobs give, in their order; None for one that did not end in time."""
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chasqui-doctor")
    try:
        futures: list[Future[Any]] = [pool.submit(job) for job in jobs]
        wait(futures, timeout=patience)
        return [one.result() if one.done() else None for one in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
