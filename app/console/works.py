"""Long work: done in a thread of this process, told of as it goes, its result kept for a day.

A work is a folder of its own in the data folder, which the processes of one machine share: ``state.json`` says how far
it is, ``result`` is what came of it. Only the account it was begun for finds it. A process that ends takes its works
along; whoever looks then is told to begin anew. Two go on at a time in a process, the others wait.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.db import Busy
from app.http import Office
from app.problems import NotFound, Problem, Text, TooMany

FOLDER: Final = "works"
KEPT_SECONDS: Final = 24 * 3600
_AT_ONCE: Final = 2
_MOST_RUNNING: Final = 4
"""Works of one account that are not done."""

_TOLD_EVERY: Final = 0.5
_ID: Final = re.compile(r"[0-9a-f]{32}")
_STATE: Final = "state.json"
_RESULT: Final = "result"
_log: Final = structlog.get_logger("chasqui.console")

RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"

_BROKEN: Final = Text("No se pudo terminar; inténtelo otra vez", "It could not be finished; try again")
_INTERRUPTED: Final = Text(
    "El servidor se reinició antes de terminar; empiece otra vez", "The server was restarted meanwhile; begin again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A work as it stands: ``done`` of ``total`` steps (0: nobody knows), then ``file`` (its name) and ``data``."""

    id: str
    account_id: int
    kind: str
    title: str
    state: str = RUNNING
    done: int = 0
    total: int = 0
    file: str = ""
    media: str = ""
    said: tuple[str, str] = ("", "")
    data: dict[str, Any] = field(default_factory=dict)
    begun: float = 0.0
    process: int = 0

    @property
    def text(self) -> Text:
        """What went wrong, where something did."""
        return Text(*self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a work came to: the name and media type of the file it wrote (none: ""), and what pages show of it."""

    file: str = ""
    media: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Progress:
    """How far a work is; told to whoever looks twice a second at the most."""

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder, self._work, self._next = folder, work, 0.0

    def expect(self, total: int) -> None:
        """How many steps there are."""
        self._work = replace(self._work, total=total)
        _write(self._folder, self._work)

    def step(self, count: int = 1) -> None:
        """So many more are done."""
        self._work = replace(self._work, done=self._work.done + count)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _TOLD_EVERY
            _write(self._folder, self._work)

    def end(self, **values: Any) -> None:
        """The last word."""
        _write(self._folder, replace(self._work, **values))


Job = Callable[[Progress, Path], Made]
"""Does the work and writes the file at the path given, if it has one."""


def begin(services: Office, account_id: int, kind: str, title: str, job: Job) -> str:
    """Begins a work and gives its id. Raises TooMany where the account has enough under way."""
    root = services.settings.data_dir / FOLDER
    _tidy(root)
    running = [one for one in of_account(services, account_id) if one.state == RUNNING]
    if len(running) >= _MOST_RUNNING:
        raise TooMany("TOO_MANY_WORKS", Text(
            "Ya hay varios trabajos en marcha; espere a que terminen", "Several works are under way; wait for their end"
        ), retry_after=30)
    work = Work(
        id=secrets.token_hex(16), account_id=account_id, kind=kind, title=title, begun=time.time(), process=os.getpid(),
    )
    folder = root / work.id
    folder.mkdir(mode=0o700, parents=True)
    _write(folder, work)
    _pool().submit(_do, folder, work, job)
    return work.id


def find(services: Office, account_id: int, work_id: str) -> Work:
    """A work of the account. Raises NotFound also for another's."""
    found = _read(services.settings.data_dir / FOLDER / work_id) if _ID.fullmatch(work_id) else None
    if found is None or found.account_id != account_id:
        raise NotFound("WORK_NOT_FOUND", Text(
            "El trabajo no existe o ya se borró", "The work does not exist, or was removed"
        ), hint=Text("Los resultados se guardan un día", "Results are kept for a day"))
    return found


def of_account(services: Office, account_id: int) -> list[Work]:
    """The works of an account that are still kept, the latest first."""
    root = services.settings.data_dir / FOLDER
    found = [_read(one) for one in root.iterdir()] if root.is_dir() else []
    return sorted(
        (one for one in found if one is not None and one.account_id == account_id), key=lambda one: -one.begun
    )


def result(services: Office, work: Work) -> Path:
    """Where the file of a work lies."""
    return services.settings.data_dir / FOLDER / work.id / _RESULT


@cache
def _pool() -> ThreadPoolExecutor:
    """The threads of this process."""
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="chasqui-work")


def _do(folder: Path, work: Work, job: Job) -> None:
    progress, ended = Progress(folder, work), False
    try:
        made = job(progress, folder / _RESULT)
        progress.end(state=DONE, file=made.file, media=made.media, data=made.data)
        ended = True
    except Problem as problem:
        text = problem.items[0].message if problem.items else problem.text
        progress.end(state=FAILED, said=(text.es, text.en))
        ended = True
    except (SQLAlchemyError, Busy, OSError) as error:
        _log.warning("work_failed", kind=work.kind, reason=type(error).__name__)
    finally:
        if not ended:
            progress.end(state=FAILED, said=(_BROKEN.es, _BROKEN.en))


def _write(folder: Path, work: Work) -> None:
    draft = folder / f"{_STATE}.new"
    draft.write_text(json.dumps(asdict(work)), encoding="utf-8")
    draft.replace(folder / _STATE)


def _read(folder: Path) -> Work | None:
    """A work as it was last told; one whose process is gone has failed. None where there is none, or half of one."""
    try:
        told = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        found = Work(**{**told, "said": tuple(told["said"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if found.state == RUNNING and not _lives(found.process):
        return replace(found, state=FAILED, said=(_INTERRUPTED.es, _INTERRUPTED.en))
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _tidy(root: Path) -> None:
    """Removes what was kept long enough."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in root.iterdir():
        try:
            if time.time() - one.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(one, ignore_errors=True)
        except FileNotFoundError:  # another process was first
            continue
