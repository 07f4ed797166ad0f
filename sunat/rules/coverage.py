"""How much of SUNAT's list a table covers: codes that need none of its registers, against the rows we have.

The list is a CSV given at call time (``kind;code;severity;decidable;rows``); nothing here needs it to judge vouchers.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sunat.rules.engine import RuleTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Codes of one kind: decidable without registers and with a row, decidable without a row, and rows beyond the list.

    ``beyond`` holds codes of our own (CHQ-...), of the file's name, and those published after the list.
    """

    kind: str
    covered: tuple[str, ...]
    missing: tuple[str, ...]
    beyond: tuple[str, ...]

    @property
    def share(self) -> Decimal:
        """Covered out of decidable, 0 to 1."""
        whole = len(self.covered) + len(self.missing)
        return Decimal(len(self.covered)) / whole if whole else Decimal(1)


def coverage(table: RuleTable, decidable: Path) -> Coverage:
    """Compares a table with the list of decidable codes. Raises OSError when the file cannot be read."""
    listed = decidable_codes(decidable, table.kind)
    ours = table.codes()
    return Coverage(
        kind=table.kind,
        covered=tuple(sorted(ours & listed.keys())),
        missing=tuple(sorted(listed.keys() - ours)),
        beyond=tuple(sorted(ours - listed.keys())),
    )


def decidable_codes(decidable: Path, kind: str) -> dict[str, str]:
    """The codes of a kind that need no register, with the severity of each ("ERROR" or "OBSERV")."""
    with decidable.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: row["severity"]
            for row in csv.DictReader(file, delimiter=";")
            if row["kind"] == kind and row["decidable"] == "local"
        }
