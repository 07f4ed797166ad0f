"""The high-water file: how far every series of this machine was ever seen to go, kept apart from the database.

A database that is put back from an older copy does not know that it is older; this file does. One line is added when
a transaction that took numbers has been committed, before anybody is told of them, and is on the disk when `note`
returns. Whoever starts compares (`app.keeping.watermark`). Several processes may add to one file; a line that a crash
left unfinished is passed over.

A line holds the series' key (words joined by spaces), its last number, the head of its hash chain (64 hex digits),
the instant (UTC, ISO 8601) and the first eight hex digits of the SHA-256 of all that.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import structlog

TIDY_BEYOND: Final = 1024 * 1024
"""Bytes from which the file is written anew with one line a series, when it is opened."""

_WAITING: Final = 10_000
"""Lines that wait for a disk that refuses them, at the most; the latest say the most."""

_log = structlog.get_logger("chasqui.highwater")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A series at a moment: its last number, the head of its chain, and when (UTC)."""

    number: int
    head: str
    at: datetime


class Marks:
    """The high-water file of one machine. Safe for many threads and processes.

    ``found`` is what the file held when it was opened: the most that earlier processes, and others until then, saw.
    Raises OSError when the file is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock_path = path, path.with_name(f"{path.name}.lock")
        self._queue = threading.Lock()
        self._writing = threading.Lock()
        self._pending: list[bytes] = []
        self._asked = self._written = 0
        self.found: Mapping[str, Mark] = MappingProxyType(self._read())

    def note(self, marks: Mapping[str, Mark]) -> bool:
        """Adds what was just committed and waits until it is on the disk; says whether it is.

        Threads that come together share one write. A disk that refuses is told to the log and to nobody else: the
        numbers are taken and their vouchers stored, only the guard against an older copy is weaker for them until the
        next write, which has them too.
        """
        lines = [_line(key, mark) for key, mark in marks.items()]
        with self._queue:
            self._pending += lines
            self._asked += 1
            mine = self._asked
        with self._writing:
            if self._written >= mine:
                return True
            with self._queue:
                batch, self._pending, upto = self._pending, [], self._asked
            try:
                self._append(batch)
            except OSError as error:
                _log.error("highwater_not_written", path=str(self._path), error=str(error))
                with self._queue:
                    self._pending = (batch + self._pending)[-_WAITING:]
                return False
            self._written = upto
        return True

    def tidy(self) -> None:
        """Writes the file anew with the latest line of each series where it has grown long."""
        try:
            if self._path.stat().st_size <= TIDY_BEYOND:
                return
        except FileNotFoundError:
            return
        with self._locked(fcntl.LOCK_EX):
            draft = self._path.with_name(f"{self._path.name}.new")
            with draft.open("wb") as file:
                file.writelines(_line(key, mark) for key, mark in sorted(self._read().items()))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            self._settle_folder()

    def _append(self, lines: Iterable[bytes]) -> None:
        with self._locked(fcntl.LOCK_SH):
            is_new = not self._path.exists()
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                content = b"\n" + b"".join(lines)  # the line feed ends what a crash may have left unfinished
                if os.write(descriptor, content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
            if is_new:
                self._settle_folder()

    def _read(self) -> dict[str, Mark]:
        found: dict[str, Mark] = {}
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return found
        spoilt = 0
        for line in filter(None, content.split(b"\n")):
            read = _mark_of(line)
            if read is None:
                spoilt += 1
                continue
            key, mark = read
            former = found.get(key)
            if former is None or (mark.number, mark.at) >= (former.number, former.at):
                found[key] = mark
        if spoilt:
            _log.warning("highwater_lines_unreadable", path=str(self._path), count=spoilt)
        return found

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)

    def _settle_folder(self) -> None:
        """Puts the folder's entry of the file on the disk too."""
        descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _line(key: str, mark: Mark) -> bytes:
    said = f"{key} {mark.number} {mark.head} {mark.at.isoformat()}"
    return f"{said} {_check(said)}\n".encode()


def _mark_of(line: bytes) -> tuple[str, Mark] | None:
    """What a line says; None for one that is not whole."""
    try:
        said, check = line.decode("utf-8").rsplit(" ", 1)
        key, number, head, at = said.rsplit(" ", 3)
        if check != _check(said):
            return None
        return key, Mark(number=int(number), head=head, at=datetime.fromisoformat(at))
    except ValueError:
        return None


def _check(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:8]
