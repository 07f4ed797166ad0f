"""SUNAT's list as somebody brings it: a text, or the zip in which SOL gives it; read line by line, never whole."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from app.problems import Malformed, Text, TooLarge

MOST_BYTES: Final = 2 * 1024**3
"""The longest list that is read, unpacked: some five million vouchers."""
_LONGEST: Final = 128 * 1024
"""Bytes of a line that are taken at once: more than any line of a list has, so that one without an end is refused."""
_ZIP: Final = b"PK"
_ENDINGS: Final = (".txt", ".csv")
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def lines_of(source: Path | bytes, *, most: int = MOST_BYTES) -> Iterator[str]:
    """The lines of a list. Raises Malformed for a zip without exactly one text in it, TooLarge past ``most`` bytes."""
    with open_bytes(source) as stream:
        head = stream.read(len(_ZIP))
        stream.seek(0)
        if head != _ZIP:
            yield from _texts(stream, most)
            return
        try:
            with zipfile.ZipFile(stream) as box, box.open(_only(box)) as inner:
                yield from _texts(inner, most)
        except _BROKEN as error:
            raise Malformed("LIST_UNREADABLE", Text(
                f"El zip no se puede leer: {error}", f"The zip cannot be read: {error}"
            )) from error


def open_bytes(source: Path | bytes) -> IO[bytes]:
    """A file on disk or an upload as a stream."""
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _only(box: zipfile.ZipFile) -> zipfile.ZipInfo:
    found = [each for each in box.infolist() if each.filename.lower().endswith(_ENDINGS)]
    if len(found) != 1:
        raise Malformed("LIST_UNREADABLE", Text(
            f"El zip debe tener un archivo de texto, tiene {len(found)}",
            f"The zip must hold one text file, it holds {len(found)}",
        ))
    return found[0]


def _texts(stream: IO[bytes], most: int) -> Iterator[str]:
    """Lines as text: UTF-8, else Latin-1; SUNAT has given out both."""
    read = 0
    while raw := stream.readline(min(most - read + 1, _LONGEST)):
        read += len(raw)
        if read > most:
            raise TooLarge
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            yield raw.decode("iso-8859-1")
