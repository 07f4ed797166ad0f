"""Writes the list of codes from the published facts: ``python -m sunat.rules.generate SHARED_SUNAT_DIR``.

The directory holds ``decidable.csv``: every code that SUNAT's workbook has for a kind, its severity and whether it
needs SUNAT's own lists. Our file adds which list that is and where we look; the product never needs the directory.
"""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Final

from sunat.rules.registers import CHECKED, NEEDS, REGISTER_CODES

SHEETS: Final = ("01", "03", "04", "07", "08", "09", "20", "31", "40", "RC", "RA", "RR", "general", "firma")
"""The sheets of the workbook whose codes are rows here."""
FILE: Final = Path(__file__).parent / "data" / "codes.csv"
HEAD: Final = "# SUNAT, CPE validation workbook | 2026-02-12"


def build(folder: Path) -> str:
    """The text of ``codes.csv``. Raises ValueError where a code needs a list that ``registers`` does not name."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(("sheet", "code", "severity", "needs", "checked"))
    with (folder / "decidable.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["kind"] in SHEETS:
                severity = "error" if row["severity"] == "ERROR" else "observation"
                writer.writerow((row["kind"], row["code"], severity, *_needs(row["code"], row["decidable"])))
    return f"{HEAD}\n{out.getvalue()}"


def _needs(code: str, decidable: str) -> tuple[str, str]:
    if decidable == "local":
        return "", ""
    if code not in REGISTER_CODES:
        raise ValueError(f"Nobody has said which list code {code} needs")
    needs, checked = REGISTER_CODES[code]
    if needs not in NEEDS or checked not in CHECKED:
        raise ValueError(f"Code {code} names a list or a place that has no name")
    return needs, checked


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(prog="python -m sunat.rules.generate")
    parser.add_argument("folder", type=Path, metavar="SHARED_SUNAT_DIR")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(build(parser.parse_args().folder), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
