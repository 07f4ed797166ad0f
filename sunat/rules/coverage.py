"""How much of SUNAT's list there are rows for: every code of a sheet, those that need its own lists, and ours.

The list of codes (``data/codes.csv``) is our own, written by ``generate``; nothing here needs it to judge vouchers.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from sunat.errors import FormatError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A code of a sheet of the workbook: "error" or "observation", the list of SUNAT that it needs ("" for none, see
    ``registers.NEEDS``) and where we look then (``registers.CHECKED``)."""

    code: str
    severity: str
    needs: str
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Codes of one sheet, sorted: decidable with a row, decidable without one, those that need SUNAT's lists (with
    those of them that have a row all the same), and rows beyond the sheet.

    ``beyond`` holds codes of our own (CHQ-...), of the file's name, and those published after the edition.
    """

    sheet: str
    edition: str
    covered: tuple[str, ...]
    missing: tuple[str, ...]
    registers: tuple[Listed, ...]
    with_row: tuple[str, ...]
    beyond: tuple[str, ...]

    @property
    def decidable(self) -> int:
        """How many codes need none of SUNAT's lists."""
        return len(self.covered) + len(self.missing)

    @property
    def all(self) -> int:
        """How many codes the sheet has."""
        return self.decidable + len(self.registers)

    @property
    def share(self) -> Decimal:
        """Covered out of decidable, 0 to 1."""
        return Decimal(len(self.covered)) / self.decidable if self.decidable else Decimal(1)


def coverage(sheet: str, codes: frozenset[str]) -> Coverage:
    """Compares the codes that have a row with the codes of a sheet. Raises FormatError for a sheet that is not listed.

    A sheet is a voucher kind (``01``), ``general`` or ``firma``.
    """
    listed = codes_of(sheet)
    local = {code for code, entry in listed.items() if not entry.needs}
    rest = tuple(entry for _, entry in sorted(listed.items()) if entry.needs)
    return Coverage(
        sheet=sheet, edition=edition(sheet), covered=tuple(sorted(codes & local)), missing=tuple(sorted(local - codes)),
        registers=rest, with_row=tuple(entry.code for entry in rest if entry.code in codes),
        beyond=tuple(sorted(codes - listed.keys())),
    )


def codes_of(sheet: str) -> Mapping[str, Listed]:
    """The codes of a sheet. Raises FormatError for a sheet that is not listed."""
    try:
        return _sheets()[sheet]
    except KeyError:
        raise FormatError(f"There is no list of codes for {sheet!r}") from None


def edition(sheet: str) -> str:
    """The day of the workbook behind a sheet, YYYY-MM-DD: guides have a workbook of their own."""
    return _GUIDES.get(sheet) or _read()[0].rpartition("| ")[2]


_GUIDES: Final = {"09": "2022-10-20", "31": "2022-10-20"}


@cache
def _read() -> tuple[str, ...]:
    return tuple((resources.files(__package__) / "data" / "codes.csv").read_text(encoding="utf-8").splitlines())


@cache
def _sheets() -> Mapping[str, Mapping[str, Listed]]:
    found: dict[str, dict[str, Listed]] = {}
    for row in csv.DictReader(_read()[1:], delimiter=";"):
        found.setdefault(row["sheet"], {})[row["code"]] = Listed(
            code=row["code"], severity=row["severity"], needs=row["needs"], checked=row["checked"]
        )
    return MappingProxyType(found)
