"""A register read line by line, however large: ours, or SUNAT's as it is published, packed in a zip or not.

The first line names the columns; commas, semicolons or SUNAT's bars stand between them. Read are

===================  =================================  ==========================================================
register             our names                          SUNAT's names
===================  =================================  ==========================================================
ruc-state            ruc, state, condition              RUC, ESTADO DEL CONTRIBUYENTE, CONDICIÓN DE DOMICILIO
the others           ruc, and if wanted from and until  Ruc, A partir del
===================  =================================  ==========================================================

and every other column is passed over. A file is UTF-8 or, as SUNAT's are, ISO-8859-1. Days are 2026-11-20 or
20/11/2026. Sources: SUNAT's padrón reducido del RUC; its lists of withholding and perception agents.
"""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from app.almanac.rate_files import day_of
from app.problems import Malformed, Refused, Text

RUC_STATE: Final = "ruc-state"

_NAMES: Final = {
    "ruc": ("ruc", "numero de ruc", "nro ruc"),
    "state": ("state", "estado", "estado del contribuyente"),
    "condition": ("condition", "condicion", "condicion de domicilio"),
    "from": ("from", "desde", "a partir del", "fecha de inicio"),
    "until": ("until", "hasta", "fecha de fin"),
}
_NEEDED: Final = ("ruc", "state", "condition")
_LONGEST_LINE: Final = 64 * 1024
_LONGEST_WORD: Final = 60
_PIECE: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line understood. ``state`` and ``condition`` are of the ruc-state register, the days of the others."""

    ruc: int
    state: str = ""
    condition: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line that cannot be used, counted from 1."""

    number: int
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A register's file: its bytes once unpacked, and how many there will be."""

    stream: BinaryIO
    size: int


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The register in a file, unpacked while it is read. Raises Refused for a zip without exactly one file."""
    with path.open("rb") as file:
        packed = file.read(len(_ZIP)) == _ZIP
        file.seek(0)
        if not packed:
            yield Source(stream=file, size=path.stat().st_size)
            return
        try:
            with zipfile.ZipFile(file) as archive:
                members = [member for member in archive.infolist() if not member.filename.endswith("/")]
                if len(members) != 1:
                    raise Refused("REGISTER_ZIP", Text(
                        f"El zip debe traer un archivo y trae {len(members)}",
                        f"The zip must hold one file and holds {len(members)}",
                    ))
                with archive.open(members[0]) as stream:
                    yield Source(stream=stream, size=members[0].file_size)  # type: ignore[arg-type]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise Malformed("REGISTER_ZIP", Text(
                "El zip está dañado o cifrado", f"The zip is damaged or encrypted ({error})"
            )) from error


def digest_of(path: Path) -> str:
    """The SHA-256 of a file as it lies there."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def read_register(kind: str, source: Source, *, progress: Callable[[int], None]) -> Iterator[Row | BadLine]:
    """The lines of a register of a kind, one at a time; ``progress`` hears of the bytes read.

    Raises Refused where the first line does not name the columns needed.
    """
    numbered = _numbered(source.stream, progress)
    first = next(numbered, (1, ""))[1]
    separator = max("|;,", key=first.count)
    columns = _columns(kind, _cells(first, separator))
    width = max(columns.values()) + 1
    named = len(first.rstrip(separator).split(separator))
    for number, line in numbered:
        if not line.strip():
            continue
        if len(line) > _LONGEST_LINE:
            yield BadLine(number=number, text=Text("la línea no termina nunca", "the line never ends"))
            return
        cells = _cells(line, separator)
        if len(cells) < width or any(cells[named:]):  # a bar inside a name moves every column after it
            yield BadLine(number=number, text=Text(
                f"tiene {len(cells)} columnas", f"it has {len(cells)} columns"
            ))
            continue
        yield _row(kind, number, cells, columns)


def _numbered(stream: BinaryIO, progress: Callable[[int], None]) -> Iterator[tuple[int, str]]:
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        progress(len(line))
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            text = line.decode("iso-8859-1")
        yield number, text.rstrip("\r\n")


def _cells(line: str, separator: str) -> Sequence[str]:
    if '"' not in line or separator == "|":  # SUNAT's names hold stray quotation marks
        return line.split(separator)
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _columns(kind: str, names: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Raises Refused."""
    written = [_folded(name) for name in names]
    found = {
        column: written.index(name) for column, synonyms in _NAMES.items() for name in reversed(synonyms)
        if name in written
    }
    needed = _NEEDED if kind == RUC_STATE else _NEEDED[:1]
    missing = [column for column in needed if column not in found]
    if missing:
        raise Refused("REGISTER_COLUMNS", Text(
            f"La primera línea no nombra {', '.join(missing)}", f"The first line does not name {', '.join(missing)}"
        ), hint=Text(
            f"Por ejemplo {','.join(needed)}, o la de SUNAT", f"For example {','.join(needed)}, or SUNAT's own"
        ))
    wanted = _NEEDED if kind == RUC_STATE else ("ruc", "from", "until")
    return {column: place for column, place in found.items() if column in wanted}


def _folded(name: str) -> str:
    """A name of a column without accents, case and punctuation."""
    plain = unicodedata.normalize("NFKD", name.strip()).encode("ascii", "ignore").decode()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain.lower()).split())


def _row(kind: str, number: int, cells: Sequence[str], columns: dict[str, int]) -> Row | BadLine:
    ruc = cells[columns["ruc"]].strip()
    if not (len(ruc) == 11 and ruc.isascii() and ruc.isdigit() and ruc[0] in "12"):
        return BadLine(number=number, text=Text(f"{ruc[:20]!r} no es un RUC", f"{ruc[:20]!r} is no RUC"))
    if kind == RUC_STATE:
        state, condition = cells[columns["state"]].strip().upper(), cells[columns["condition"]].strip().upper()
        if not state or max(len(state), len(condition)) > _LONGEST_WORD:
            return BadLine(number=number, text=Text(
                f"{state[:20]!r} no es un estado", f"{state[:20]!r} is no state"
            ))
        return Row(ruc=int(ruc), state=state, condition=condition)
    days: list[date | None] = []
    for column in ("from", "until"):
        text = cells[columns[column]].strip() if column in columns else ""
        day = day_of(text) if text else None
        if text and day is None:
            return BadLine(number=number, text=Text(f"{text[:20]!r} no es un día", f"{text[:20]!r} is no day"))
        days.append(day)
    first, last = days
    if first is not None and last is not None and first > last:
        return BadLine(number=number, text=Text("termina antes de empezar", "it ends before it begins"))
    return Row(ruc=int(ruc), valid_from=first, valid_until=last)
