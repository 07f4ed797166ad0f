"""The files somebody brings: folders, files, zips, and zips inside zips, one small file at a time.

Nothing is unpacked to a disk and never more than one inner zip per level lies in memory. Whatever is hostile or broken
(too much, encrypted, a link, a bomb, nested too deep) is refused by itself with its reason, and the rest goes on.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.problems import Text
from sunat.xml import MAX_BYTES

MEGABYTE: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_END: Final = struct.Struct("<4s4H2LH")
_WIDE: Final = 0xFFFF
_MOST_OPEN: Final = 4
_LONGEST_NAME: Final = 200
_IN_A_CDR: Final = 3
"""Entries of a zip around a CDR: a folder, the CDR, and one that some systems add."""
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, struct.error,
    OverflowError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is believed: files in all, bytes unpacked in all, of one file and of one inner zip, zips inside zips,
    and how many times its packed size a file above a megabyte may have."""

    files: int = 200_000
    total_bytes: int = 8 * 1024 * MEGABYTE
    file_bytes: int = MAX_BYTES
    zip_bytes: int = 64 * MEGABYTE
    depth: int = 3
    ratio: int = 200


LIMITS: Final = Limits()


class Unfit(Exception):
    """This file is refused; ``text`` says why in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file on disk, or the bytes of an upload under their name."""

    name: str
    path: Path | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a file was found, to find it again: which source, and the position in each zip on the way."""

    source: int
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file: where, its name for people and its own name, and its bytes or why there are none.

    ``unreadable`` says that the disk, not the file, is the reason.
    """

    place: Place
    shown: str
    name: str
    content: bytes = b""
    refused: Text | None = None
    unreadable: bool = False


def sources_at(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Every plain file at these paths and in the folders among them, in order of their names; links are passed over."""
    return tuple(
        Source(name=str(file.relative_to(path)) if file != path else path.name, path=file)
        for path in paths for file in _files(path)
    )


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if not file.is_symlink() and file.is_file():
                yield file


class Archives:
    """The files of some sources: `walk` gives each once, `read` one of them again. Close it when done."""

    def __init__(self, sources: tuple[Source, ...], limits: Limits = LIMITS) -> None:
        self.sources = sources
        self.limits = limits
        self._open: OrderedDict[Place, zipfile.ZipFile] = OrderedDict()
        self._files = 0
        self._bytes = 0

    def __enter__(self) -> Archives:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def walk(self) -> Iterator[Found]:
        """Every file, refused ones included; the last one is refused where the limits of all together are reached."""
        self._files = self._bytes = 0
        for index, source in enumerate(self.sources):
            if self._over():
                return
            place = Place(source=index)
            try:
                is_zip, content = self._top(source)
            except Unfit as unfit:
                yield Found(place=place, shown=_shown(source.name), name=_own(source.name), refused=unfit.text)
                continue
            except OSError as error:
                yield Found(place=place, shown=_shown(source.name), name=_own(source.name), refused=Text(
                    f"No se puede leer: {error.strerror}", f"It cannot be read: {error.strerror}"
                ), unreadable=True)
                continue
            if is_zip:
                yield from self._inside(place, source.name)
            else:
                yield self._counted(Found(
                    place=place, shown=_shown(source.name), name=_own(source.name), content=content
                ))

    def read(self, place: Place) -> bytes:
        """The bytes of a file that `walk` gave. Raises Unfit when they cannot be read any more."""
        try:
            if not place.members:
                return self._top(self.sources[place.source])[1]
            archive = self._archive(Place(source=place.source, members=place.members[:-1]))
            return self._content(archive, archive.infolist()[place.members[-1]], self.limits.file_bytes)
        except _BROKEN as error:
            raise Unfit(Text("El archivo ya no se puede leer", "The file cannot be read any more")) from error

    def packed(self, place: Place) -> bytes | None:
        """The zip a file lies in, where it holds hardly more than that file (as a CDR's own does); else None."""
        if not place.members:
            return None
        around = Place(source=place.source, members=place.members[:-1])
        try:
            if len(self._archive(around).infolist()) > _IN_A_CDR:
                return None
            if around.members:
                outer = self._archive(Place(source=place.source, members=around.members[:-1]))
                return self._content(outer, outer.infolist()[around.members[-1]], self.limits.zip_bytes)
            source = self.sources[place.source]
            return source.content if source.path is None else source.path.read_bytes()
        except (Unfit, *_BROKEN):
            return None

    def _top(self, source: Source) -> tuple[bool, bytes]:
        """Whether a source is a zip, and its bytes where it is not."""
        if source.path is None:
            content = source.content or b""
            return content.startswith((_ZIP, _EMPTY_ZIP)), content
        with source.path.open("rb") as stream:
            if stream.read(4) in (_ZIP, _EMPTY_ZIP):
                return True, b""
            stream.seek(0)
            content = stream.read(self.limits.file_bytes + 1)
        if len(content) > self.limits.file_bytes:
            raise _too_large()
        return False, content

    def _inside(self, place: Place, shown: str) -> Iterator[Found]:
        try:
            archive = self._archive(place)
            entries = archive.infolist()
        except Unfit as unfit:
            yield Found(place=place, shown=_shown(shown), name=_own(shown), refused=unfit.text)
            return
        except _BROKEN:
            yield Found(place=place, shown=_shown(shown), name=_own(shown), refused=_BROKEN_ZIP)
            return
        if place.members:
            self._bytes += sum(entry.compress_size for entry in entries)
        for index, entry in enumerate(entries):
            if self._over():
                return
            if entry.filename.endswith("/"):
                continue
            below = Place(source=place.source, members=(*place.members, index))
            name = f"{shown}!{entry.filename}"
            try:
                if self._begins_zip(self._archive(place), entry):
                    yield from self._inside(below, name)
                    continue
                content = self._content(self._archive(place), entry, self.limits.file_bytes)
            except Unfit as unfit:
                yield Found(place=below, shown=_shown(name), name=_own(entry.filename), refused=unfit.text)
                continue
            except _BROKEN:
                yield Found(place=below, shown=_shown(name), name=_own(entry.filename), refused=_BROKEN_ENTRY)
                continue
            yield self._counted(Found(place=below, shown=_shown(name), name=_own(entry.filename), content=content))

    def _over(self) -> bool:
        return self._files > self.limits.files or self._bytes > self.limits.total_bytes

    def _counted(self, found: Found) -> Found:
        self._files += 1
        self._bytes += len(found.content)
        if not self._over():
            return found
        return Found(place=found.place, shown=found.shown, name=found.name, refused=Text(
            "Son demasiados archivos para una sola importación; divídala",
            "These are too many files for one import; divide it",
        ))

    def _archive(self, place: Place) -> zipfile.ZipFile:
        """The zip at a place, opened once and kept while there is room."""
        found = self._open.get(place)
        if found is not None:
            self._open.move_to_end(place)
            return found
        source = self.sources[place.source]
        if place.members:
            if len(place.members) >= self.limits.depth:
                raise Unfit(Text("Hay demasiados zip uno dentro de otro", "There are too many zips inside zips"))
            outer = self._archive(Place(source=place.source, members=place.members[:-1]))
            packed = self._content(outer, outer.infolist()[place.members[-1]], self.limits.zip_bytes)
            _measure(io.BytesIO(packed), len(packed))
            opened = zipfile.ZipFile(io.BytesIO(packed))
        elif source.path is None:
            content = source.content or b""
            _measure(io.BytesIO(content), len(content))
            opened = zipfile.ZipFile(io.BytesIO(content))
        else:
            with source.path.open("rb") as stream:
                _measure(stream, source.path.stat().st_size)
            opened = zipfile.ZipFile(source.path)
        self._open[place] = opened
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return opened

    @staticmethod
    def _begins_zip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
        _check_form(entry)
        with archive.open(entry) as stream:
            return stream.read(4) in (_ZIP, _EMPTY_ZIP)

    def _content(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
        """The bytes of an entry, never more than ``most`` of them."""
        _check_form(entry)
        grown = entry.file_size > MEGABYTE and entry.file_size > entry.compress_size * self.limits.ratio
        if entry.file_size > most or grown:
            raise _too_large()
        with archive.open(entry) as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise _too_large()
        return content


def _check_form(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 0x1:
        raise Unfit(Text("El archivo está cifrado dentro del zip", "The file is encrypted in the zip"))
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unfit(Text("El archivo del zip es un enlace", "The file in the zip is a link"))
    if entry.compress_type not in _METHODS:
        raise Unfit(Text("El zip usa una compresión poco común", "The zip is compressed in an unusual way"))


def _measure(stream: io.BufferedIOBase, size: int) -> None:
    """Refuses by the last record alone, before any list of entries is built from it."""
    tail = min(size, _END.size + _WIDE)
    stream.seek(size - tail)
    data = stream.read(tail)
    at = data.rfind(_EMPTY_ZIP)
    if at < 0 or len(data) < at + _END.size:
        raise Unfit(_BROKEN_ZIP)
    _, _, _, _, entries, directory, _, _ = _END.unpack_from(data, at)
    if entries == _WIDE:
        raise Unfit(Text("El zip tiene más de 65534 archivos; divídalo", "The zip has over 65534 files; divide it"))
    if directory > (entries + 1) * 1024:
        raise Unfit(Text("El índice del zip es demasiado grande", "The zip's directory is too large"))


def _too_large() -> Unfit:
    return Unfit(Text(
        "El archivo es demasiado grande o se expande demasiado", "The file is too large, or unpacks to too much"
    ))


_BROKEN_ZIP: Final = Text("El zip está roto", "The zip is broken")
_BROKEN_ENTRY: Final = Text("El archivo está dañado dentro del zip", "The file is damaged in the zip")


def _own(name: str) -> str:
    return _shown(name.replace("\\", "/").rpartition("/")[2])


def _shown(name: str) -> str:
    """A name that can be printed: no control characters, not too long."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in name)
    return clean if len(clean) <= _LONGEST_NAME else f"{clean[:90]}...{clean[-100:]}"
