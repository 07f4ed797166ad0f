"""The backup's file: a zip with one member a table, and a manifest that says what must be in it.

The manifest holds the SHA-256, rows and columns of every table, the schema's revision, and a seal: HMAC-SHA256 under a
key derived from the master key. So a backup that was altered, or that belongs to another master key, is known as such
before a row of it is believed. Secrets are in it as the database holds them, sealed; the master key is not, unless
that was asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from app.keeping.placing import new_file
from app.keeping.tables import Shape
from app.problems import Refused, Text

FORMAT: Final = "chasqui-backup/1"
MANIFEST: Final = "manifest.json"
KEY_FILE: Final = "master.key"
_PURPOSE: Final = "backups"
_MANIFEST_MOST: Final = 4 * 1024 * 1024
_PIECE: Final = 64 * 1024
_LINE_MOST: Final = 64 * 1024 * 1024
"""The longest row: a voucher's bytes in base64 and then some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A table in a backup: its columns, how many rows, and the SHA-256 (hex) of its lines."""

    shape: Shape
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says it is. ``made_at`` is ISO 8601 in UTC, ``database`` the kind it was made on."""

    made_at: str
    program: str
    revision: str
    database: str
    members: tuple[Member, ...]
    with_key: bool

    def rows(self, table: str) -> int:
        """How many rows of a table it holds."""
        return next((member.rows for member in self.members if member.shape.name == table), 0)


class Writer:
    """A backup being written; it appears under its name when the block that made it ends well."""

    def __init__(self, box: zipfile.ZipFile) -> None:
        self._box = box
        self._members: list[Member] = []

    def table(self, shape: Shape, lines: Iterator[bytes]) -> None:
        """Adds a table, line by line."""
        digest, rows = hashlib.sha256(), 0
        with self._box.open(_member_name(shape.name), "w", force_zip64=True) as file:
            for line in lines:
                file.write(line)
                digest.update(line)
                rows += 1
        self._members.append(Member(shape=shape, rows=rows, sha256=digest.hexdigest()))

    def finish(
        self, *, made_at: str, program: str, revision: str, database: str, master_key: str, keys: Sequence[bytes]
    ) -> Manifest:
        """Adds the manifest, sealed with the first key; with a ``master_key`` that too."""
        if master_key:
            self._box.writestr(KEY_FILE, master_key)
        manifest = Manifest(
            made_at=made_at, program=program, revision=revision, database=database, members=tuple(self._members),
            with_key=bool(master_key),
        )
        body = _body(manifest)
        self._box.writestr(
            MANIFEST, json.dumps({**body, "seal": _seal(keys[0], body)}, indent=1, ensure_ascii=False)
        )
        return manifest


class Reader:
    """A backup that is there to be read."""

    def __init__(self, box: zipfile.ZipFile) -> None:
        self._box = box
        self._said = _loaded(box)
        self.manifest = _manifest(self._said)

    def master_key(self) -> str:
        """The master key that it carries; empty where it carries none."""
        if not self.manifest.with_key:
            return ""
        with self._member(KEY_FILE) as file:
            return file.read(_PIECE).decode("ascii", "replace").strip()

    def check_seal(self, keys: Sequence[bytes]) -> None:
        """Refuses a backup that none of these keys sealed, or that was altered since."""
        body = _body(self.manifest)
        seal = str(self._said.get("seal", ""))
        if not any(hmac.compare_digest(_seal(key, body), seal) for key in keys):
            raise Refused("BACKUP_SEAL", Text(
                "La copia no se hizo con esta clave maestra, o fue alterada",
                "The backup was not made under this master key, or it was altered",
            ), hint=Text(
                "Ponga la clave con la que se hizo en CHASQUI_KEY o en master.key de la carpeta de datos",
                "Put the key it was made under into CHASQUI_KEY, or into master.key in the data folder",
            ))

    def lines(self, member: Member) -> Iterator[bytes]:
        """The lines of a table. Raises Refused at the end where they are not the ones that were written."""
        digest, rows = hashlib.sha256(), 0
        with self._member(_member_name(member.shape.name)) as file:
            while line := file.readline(_LINE_MOST):
                digest.update(line)
                rows += 1
                if rows > member.rows:
                    break
                yield line
        if rows != member.rows or not hmac.compare_digest(digest.hexdigest(), member.sha256):
            raise _damaged(member.shape.name)

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._box.open(name) as file:
                yield file
        except (KeyError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise _damaged(name) from error


def seal_keys(keys: Callable[[str], tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """The keys that seal manifests, out of a vault's ``keys``."""
    return keys(_PURPOSE)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A backup under a path where there is none yet (0600). Raises FileExistsError, OSError; leaves nothing half."""
    with new_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as box:
        yield Writer(box)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A backup to read. Raises Refused for a file that is none, OSError."""
    try:
        with zipfile.ZipFile(path) as box:
            yield Reader(box)
    except zipfile.BadZipFile as error:
        raise _damaged(path.name) from error


def _member_name(table: str) -> str:
    return f"tables/{table}.jsonl"


def _damaged(what: str) -> Refused:
    return Refused("BACKUP_DAMAGED", Text(
        f"La copia está dañada o no es una copia de Chasqui ({what})",
        f"The backup is damaged, or is none of Chasqui's ({what})",
    ), hint=Text("Use otra copia: nada de esta se guardó", "Use another backup: nothing of this one was stored"))


def _body(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT, "made_at": manifest.made_at, "program": manifest.program, "revision": manifest.revision,
        "database": manifest.database, "with_key": manifest.with_key,
        "tables": [
            {
                "name": member.shape.name, "rows": member.rows, "sha256": member.sha256,
                "key": list(member.shape.key), "columns": [list(column) for column in member.shape.columns],
            }
            for member in manifest.members
        ],
    }


def _seal(key: bytes, body: Mapping[str, Any]) -> str:
    told = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()


def _loaded(box: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with box.open(MANIFEST) as file:
            said = json.loads(file.read(_MANIFEST_MOST))
    except (KeyError, ValueError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise _damaged(MANIFEST) from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _damaged(MANIFEST)
    return said


def _manifest(said: Mapping[str, Any]) -> Manifest:
    try:
        return Manifest(
            made_at=str(said["made_at"]), program=str(said["program"]), revision=str(said["revision"]),
            database=str(said["database"]), with_key=bool(said["with_key"]),
            members=tuple(
                Member(
                    shape=Shape(
                        name=str(each["name"]), key=tuple(str(name) for name in each["key"]),
                        columns=tuple((str(name), str(kind)) for name, kind in each["columns"]),
                    ),
                    rows=int(each["rows"]), sha256=str(each["sha256"]),
                )
                for each in said["tables"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(MANIFEST) from error
