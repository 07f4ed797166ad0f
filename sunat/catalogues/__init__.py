"""SUNAT's code lists (Anexo 8 of the SEE resolutions), with the attributes that the program needs of each code.

A catalogue is a CSV file of our own in ``data``: the first line says ``# name | source | date``, the second names the
columns (``code;description`` and then attributes), the rest is one code per line. ``generate`` writes the files from
the published facts and ``ours`` holds what we add or say differently; at run time only the CSV files are read.

Catalogue 13 is the ubigeo (INEI's districts). Catalogue 25, the 53,316 product codes, is stored and looked up as
ranges and has no descriptions.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from sunat.catalogues.ranges import CodeRanges
from sunat.errors import FormatError

UBIGEO: Final = "13"
PRODUCTS: Final = "25"
"""Catalogues whose number says little."""

_CODE = re.compile(r"[0-9]{2}(\.[0-9])?|62A|D-37")
_SHORT_LIST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One code of a catalogue.

    ``description`` is its short official name, in Spanish except where the list is an international one in English
    (02, 03, 04). Every entry of a catalogue has the same attributes, "" where one does not apply.
    """

    code: str
    description: str
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def flag(self, name: str) -> bool:
        """A yes-or-no attribute as a truth value."""
        return self.attributes[name] == "yes"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catalogue:
    """A code list: ``"10" in catalogue("07")``, ``catalogue("07")["10"]``; iterating gives entries in code order.

    ``code`` is SUNAT's number for the list, ``name`` its title, ``source`` the publication it was taken from and
    ``updated`` the date (or year) of the newest part of that.
    """

    code: str
    name: str
    source: str
    updated: str
    entries: Mapping[str, Entry] = field(repr=False)

    def __contains__(self, code: object) -> bool:
        return code in self.entries

    def __getitem__(self, code: str) -> Entry:
        """The entry of a code. Raises FormatError, naming the list and, if it is short, what it offers."""
        entry = self.entries.get(code)
        if entry is None:
            offer = f": {', '.join(self.entries)}" if len(self.entries) <= _SHORT_LIST else ""
            raise FormatError(f"{code!r} is not a code of catalogue {self.code} ({self.name}){offer}")
        return entry

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, code: str) -> Entry | None:
        """The entry of a code, or None."""
        return self.entries.get(code)


class _ProductEntries(Mapping[str, Entry]):
    """Entries of the product codes, made when asked for: they are many and carry nothing but their code."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: CodeRanges) -> None:
        self._ranges = ranges

    def __contains__(self, code: object) -> bool:
        return code in self._ranges

    def __getitem__(self, code: str) -> Entry:
        if code not in self._ranges:
            raise KeyError(code)
        return Entry(code=code, description="")

    def __iter__(self) -> Iterator[str]:
        return iter(self._ranges)

    def __len__(self) -> int:
        return len(self._ranges)


@cache
def catalogue(code: str) -> Catalogue:
    """The catalogue of a number as SUNAT writes it: ``"07"``, ``"25.2"``, ``"62A"``, ``"D-37"``.

    >>> catalogue("07")["20"].attributes["tribute"]
    '9997'
    >>> "10101501" in catalogue("25")
    True

    Raises FormatError for a number that is no catalogue of SUNAT's.
    """
    # The form is looked at first: the number becomes part of a file name.
    file = resources.files(__name__) / "data" / f"{code}.csv"
    if not _CODE.fullmatch(code) or not file.is_file():
        raise FormatError(f"SUNAT has no catalogue {code!r}")
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    name, source, updated = head.removeprefix("# ").split(" | ")
    return Catalogue(
        code=code, name=name, source=source, updated=updated,
        entries=_ProductEntries(CodeRanges.parse(lines[1:])) if code == PRODUCTS else _entries(lines),
    )


def catalogue_codes() -> tuple[str, ...]:
    """The numbers of all catalogues there are, in order."""
    folder = resources.files(__name__) / "data"
    return tuple(sorted(file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv")))


def _entries(lines: list[str]) -> Mapping[str, Entry]:
    head, *rows = csv.reader(lines, delimiter=";")
    names = head[2:]
    return MappingProxyType({
        code: Entry(
            code=code, description=description,
            attributes=MappingProxyType(dict(zip(names, values, strict=True))),
        )
        for code, description, *values in rows
    })
