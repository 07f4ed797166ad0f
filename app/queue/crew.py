"""Who takes the jobs: so many hands in one process, on any number of machines, until they are told to stop.

Each job makes one turn. Beside the hands one more sweeps: it runs at a steady interval on one of all the crews, and
clears away jobs of crews that died without a word. A database that goes away is waited for. The library works in an
event loop; the turns are plain functions and run in threads.
Sources: procrastinate.readthedocs.io (workers, heartbeats, stalled jobs, periodic tasks).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from app.db import LOOK_THERE, PATIENCE, Database
from app.queue.offering import QUEUE, TURN

SWEEPING: Final = "housekeeping"
EVERY: Final = "* * * * * */2"
"""When is swept: every second second (the sixth place of a cron line, as the library reads it)."""

POLL: Final = 0.5
"""Seconds between two looks of idle hands."""

_HEARTBEAT: Final = 10.0
_STALLED: Final = 40.0
"""Seconds without a heartbeat after which a crew counts as dead."""

_PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a crew that lost its database tries again; the last one again and again."""

_log = structlog.get_logger("chasqui.queue")


async def _look_there(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(LOOK_THERE)
    await connection.commit()


class Crew:
    """Takes jobs from `start` to `stop`, each called once.

    ``turn`` makes one attempt at what comes first in line, ``sweep`` sees to it that what is due has a job; both are
    called from threads and raise nothing. ``hands`` are the turns at once; ``ending`` waits so many seconds for what
    sweeps have begun, once there are no more of them, and says whether it ended.
    """

    def __init__(
        self, database: Database, *, hands: int, turn: Callable[[], object], sweep: Callable[[], object],
        ending: Callable[[float], bool] = lambda _: True, poll: float = POLL, stalled: float = _STALLED,
    ) -> None:
        self._conninfo = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._hands = hands
        self._turn = turn
        self._sweep = sweep
        self._ending = ending
        self._poll = poll
        self._stalled = stalled
        self._pool = ThreadPoolExecutor(hands + 1, thread_name_prefix="chasqui-hand")
        self._told = threading.Event()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="chasqui-crew", daemon=True)

    def start(self) -> None:
        """Begins to take jobs."""
        self._thread.start()

    def alive(self) -> bool:
        """Whether it still takes jobs."""
        return self._thread.is_alive()

    def stop(self, patience: float) -> bool:
        """Takes no more jobs and waits so many seconds for the turns under way; says whether all of them ended."""
        end = time.monotonic() + patience
        self._told.set()
        with self._lock:
            loop, working = self._loop, self._working
        if loop is not None and working is not None:
            with suppress(RuntimeError):  # it has just ended by itself
                loop.call_soon_threadsafe(working.cancel)
        self._thread.join(patience)
        self._pool.shutdown(wait=False)
        return self._ending(max(0.0, end - time.monotonic())) and not self._thread.is_alive()

    def _run(self) -> None:
        losses = 0
        while not self._told.is_set():
            begun = time.monotonic()
            try:
                asyncio.run(self._work())
            except (ConnectorException, psycopg.Error, OSError) as error:
                losses = 0 if time.monotonic() - begun > 2 * _PAUSES[-1] else losses + 1
                pause = _PAUSES[min(losses, len(_PAUSES) - 1)]
                _log.warning("crew_without_database", error=str(error.__cause__ or error), pause=pause)
                self._told.wait(pause)

    async def _work(self) -> None:
        working = asyncio.ensure_future(self._jobs())
        with self._lock:
            self._loop, self._working = asyncio.get_running_loop(), working
        if self._told.is_set():
            working.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await working
        finally:
            with self._lock:
                self._loop = self._working = None

    async def _jobs(self) -> None:
        """Two workers of the library, one for the turns and one for sweeping; both end when one does."""
        app = self._app()
        async with app.open_async():
            crews = [
                asyncio.ensure_future(app.run_worker_async(
                    queues=[queue], name=queue, concurrency=hands, wait=True, listen_notify=False,
                    install_signal_handlers=False, delete_jobs="always", fetch_job_polling_interval=self._poll,
                    update_heartbeat_interval=_HEARTBEAT, stalled_worker_timeout=self._stalled,
                ))
                for queue, hands in ((QUEUE, self._hands), (SWEEPING, 1))
            ]
            try:
                await asyncio.wait(crews, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for crew in crews:
                    crew.cancel()
                ended = await asyncio.gather(*crews, return_exceptions=True)
            if (broken := next((one for one in ended if isinstance(one, Exception)), None)) is not None:
                raise broken
            raise ConnectorException("a worker ended by itself")

    def _app(self) -> App:
        app = App(connector=PsycopgConnector(
            conninfo=self._conninfo, min_size=1, max_size=4, configure=_look_there, timeout=PATIENCE,
        ))

        @app.task(name=TURN, queue=QUEUE)
        async def turn(delivery_id: int) -> None:  # which one it was made for matters only to the sweep
            await self._by_hand(self._turn)

        @app.periodic(cron=EVERY)
        @app.task(name="chasqui.sweep", queue=SWEEPING, queueing_lock="sweep")
        async def sweep(timestamp: int) -> None:
            await self._by_hand(self._sweep)
            await self._bury(app)

        return app

    async def _by_hand(self, what: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._pool, what)

    async def _bury(self, app: App) -> None:
        """Removes the jobs that dead crews were at; what they were doing is rescued by its lease."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled):
            with suppress(ConnectorException):  # it ended after all, or another crew was first
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
