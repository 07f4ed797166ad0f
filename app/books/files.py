"""A book written whole before the first byte of it is sent: whoever takes it slowly holds a file, no connection.

It stands in memory while it is small, then in a file without a name that goes with the answer. Few are written at a
time in a process: each reads a month, and takes room on the disk.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TypeVar, cast

from flask import Response
from werkzeug.wsgi import FileWrapper

from app.problems import Text, Unavailable

Said = TypeVar("Said")

AT_ONCE: Final = 3
WAIT_SECONDS: Final = 20.0
_IN_MEMORY: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_places = threading.BoundedSemaphore(AT_ONCE)


def spooled(write: Callable[[IO[bytes]], Said]) -> tuple[IO[bytes], Said]:
    """A file as ``write`` fills it, at its beginning again, and what that returned. Whoever gets it closes it.

    Raises Unavailable where others have been at it for too long or the disk is full, and what ``write`` raises.
    """
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("BOOKS_BUSY", Text(
            "Hay demasiados libros en preparación; repita en un momento",
            "Too many books are being made; repeat in a moment",
        ), retry_after=10)
    file = cast("IO[bytes]", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - it outlives this call
    try:
        said = write(file)
        file.flush()
        file.seek(0)
    except BaseException as error:
        file.close()
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise Unavailable("NO_ROOM", Text(
                "No hay espacio en disco para preparar el libro", "There is no room on the disk to make the book"
            ), retry_after=60) from error
        raise
    finally:
        _places.release()
    return file, said


def sent(file: IO[bytes], mimetype: str, name: str, **headers: Any) -> Response:
    """The file as an answer that closes it, to be saved under a name."""
    size = file.seek(0, 2)
    file.seek(0)
    answer = Response(FileWrapper(file, _PIECE), mimetype=mimetype, direct_passthrough=True)
    answer.content_length = size
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in headers.items():
        answer.headers[header.replace("_", "-")] = value
    return answer
