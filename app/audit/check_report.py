#!/usr/bin/env python3
"""Revisa un reporte de auditoría de Chasqui por su cuenta / checks an audit report of Chasqui on its own.

    python3 check_report.py REPORT.json [--key PUBLIC_KEY] [--former OLDER.json] [--xml FOLDER]

It needs Python 3.9 or newer and nothing else: no database, no network, none of the program that wrote the report.
It verifies the Ed25519 signature, recomputes every link of every series' chain, and looks for holes, duplicates and
numbers outside the counter; it tells the declared gaps. With --key it refuses a report that another installation
signed (ask for the key by another way than the report). With --former it proves that nothing listed in an older
report was changed, removed or put in between. With --xml it compares signed XML files (RUC-01-F001-123.xml) with the
hashes of the report. Exit code: 0 all is well, 1 something is wrong, 2 the report cannot be read.

A link is SHA-256 over seven parts joined by line feeds: the link before it (64 zeros at first), RUC, kind, series,
number, edition, SHA-256 of the signed XML. Sources: FIPS 180-4 (SHA-256), RFC 8032 (Ed25519).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from bisect import bisect_right
from pathlib import Path
from typing import Any, Iterable, Iterator, Sequence  # noqa: UP035 - for old Pythons

from app.audit.ed25519 import verifies

FORM = "chasqui-audit/1"
GENESIS = "0" * 64
CLASSES = {
    "issued": "used_valid", "accepted": "used_valid", "observed": "used_valid", "rejected": "used_not_valid",
    "lapsed": "used_not_valid", "voided": "voided",
}
FILE_NAME = re.compile(r"(\d{11})-([0-9A-Z]{2})-([0-9A-Z]{1,4})-0*([1-9]\d{0,7})\.xml", re.IGNORECASE)
SHOWN = 50

Name = tuple[str, str, str, str]
"""A series: environment, RUC, kind, code."""
Voucher = tuple[str, str, str, int]
"""A voucher: RUC, kind, series, number."""
Run = tuple[int, int]
"""Numbers from and to, both inclusive."""


class Unreadable(Exception):
    """The file is not a report."""


class Check:
    """One report, read line by line."""

    def __init__(self, files: dict[Voucher, str] | None = None, former: Check | None = None) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.count = self.vouchers = self.editions = self.reported = self.holes = 0
        self.files = {} if files is None else files
        self.matched: set[Voucher] = set()
        self.former = former
        self.last_links: dict[Name, str] = {}  # where each series of this report ends
        self.gaps: dict[Name, list[tuple[int, int, str, str]]] = {}
        self.head: dict[str, Any] = {}
        self.end: dict[str, Any] = {}
        self.public_key = ""
        self._name: Name | None = None
        self._seen: set[Name] = set()

    def wrong(self, where: str, what: str) -> None:
        """Notes a problem; the first ones are told, all are counted."""
        self.count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(f"{where}: {what}")

    def read(self, path: Path, key: str = "") -> None:
        """Reads and checks a report. Raises Unreadable."""
        digest, signature = hashlib.sha256(), None
        for line, element in _elements(path):
            if signature is not None:
                raise Unreadable("hay algo tras la firma / something follows the signature")
            if "signature" in element:
                signature = element["signature"]
            else:
                digest.update(line + b"\n")
                self._element(element)
        if self._name is not None:
            self.wrong(_told(self._name), "la serie no está completa / the series is not complete")
        if not self.head:
            raise Unreadable("está vacío / it is empty")
        if not self.end or not isinstance(signature, dict):
            self.wrong("reporte", "está incompleto o sin firma / incomplete or not signed")
        else:
            self._signature(signature, digest.hexdigest(), key)
            self._totals()
        for name in sorted(set(self.former.last_links) - self._seen) if self.former else ():
            self.wrong(_told(name), "estaba en el reporte anterior y ya no está / was in the former report")
        for one in sorted(set(self.files) - self.matched):
            self.wrong("-".join(map(str, one)), "no es el XML firmado / the file is not what was signed")

    def _element(self, element: dict[str, Any]) -> None:
        if "report" in element:
            if self.head or element["report"] != FORM:
                raise Unreadable(f"no es un reporte {FORM} / not such a report")
            self.head, self._period = element, element["scope"]["period"]
        elif not self.head:
            raise Unreadable(f"no es un reporte {FORM} / not such a report")
        elif "series" in element:
            self._begin(element["series"])
        elif "summary" in element:
            self._finish(element["summary"])
        elif "end" in element:
            self.end = element["end"]
        elif "chain" in element and self._name is not None:
            self._edition(element)
        else:
            raise Unreadable("línea desconocida / unknown line")

    def _begin(self, card: dict[str, Any]) -> None:
        if self._name is not None:
            self.wrong(_told(self._name), "la serie no está completa / the series is not complete")
        name = (str(card["environment"]), str(card["ruc"]), str(card["sunat_code"]), str(card["code"]))
        account = self.head["account"]
        if name in self._seen:
            self.wrong(_told(name), "la serie está dos veces / the series is there twice")
        if (account["environment"], account["ruc"]) != name[:2]:
            self.wrong(_told(name), "no es de la cuenta / not of the account")
        self._seen.add(name)
        self._name, self._card, self._link = name, card, GENESIS
        self._states: dict[str, int] = {}
        self._numbers: set[int] = set()
        self._imported: set[int] = set()
        self._editions: dict[int, int] = {}
        self._superseded: set[int] = set()
        self._lines = 0
        self._anchor = self.former.last_links.get(name) if self.former else None

    def _edition(self, line: dict[str, Any]) -> None:
        name, number, edition = self._name, line["number"], line["edition"]
        assert name is not None  # noqa: S101 - _element asked
        where = f"{_told(name)}-{number}"
        self._lines += 1
        previous = line.get("previous", self._link)
        if not self._period and previous != self._link:
            self.wrong(where, "la cadena se interrumpe: falta o sobra algo / the chain is broken here")
        parts = (previous, name[1], name[2], name[3], str(number), str(edition), str(line["sha256"]))
        if hashlib.sha256("\n".join(parts).encode()).hexdigest() != line["chain"]:
            self.wrong(where, "su eslabón no se recalcula / its link does not recompute: changed or missing")
        self._link = line["chain"]
        if self._anchor == self._link:
            self._anchor = None
        if not isinstance(number, int) or not isinstance(edition, int):
            self.wrong(where, "sin número / without a number")
            return
        self._number(where, number, edition, line)
        voucher = (name[1], name[2], name[3], number)
        if hmac.compare_digest(self.files.get(voucher, ""), str(line["sha256"])):
            self.matched.add(voucher)

    def _number(self, where: str, number: int, edition: int, line: dict[str, Any]) -> None:
        new = number not in self._numbers
        self._numbers.add(number)
        if edition == 1 and not new:
            self.wrong(where, "número repetido / the number is there twice")
        if edition != self._editions.get(number, 0 if new else 1) + 1 and (not self._period or not new):
            self.wrong(where, "edición fuera de orden / edition out of order")
        if edition > 1:
            self._editions[number] = edition
        if line.get("imported"):
            self._imported.add(number)
        state = line["state"]
        if state == "superseded":
            self._superseded.add(number)
        elif state in CLASSES:
            self._superseded.discard(number)
            self._states[state] = self._states.get(state, 0) + 1
        else:
            self.wrong(where, f"estado desconocido / unknown state {state!r}")

    def _finish(self, summary: dict[str, Any]) -> None:
        name = self._name
        if name is None:
            raise Unreadable("resumen sin serie / a summary without its series")
        self._name, told, card = None, _told(name), self._card
        if not self._period and self._link != card["chain_head"]:
            self.wrong(told, "la cadena no termina donde dice la serie / the chain ends elsewhere")
        if self._anchor is not None:
            self.wrong(told, "no continúa el reporte anterior: algo cambió / it does not go on from the former report")
        if self._superseded:
            self.wrong(told, "falta la edición vigente de / the current edition is missing of "
                       f"{sorted(self._superseded)[:5]}")
        self._compare(told, summary)
        gaps = [(gap["from"], gap["to"], gap["reason"], gap["author"]) for gap in summary["declared_gaps"]]
        self.gaps[name] = gaps
        for gap in (self.former.gaps.get(name, []) if self.former else []):
            if gap not in gaps:
                self.wrong(told, f"ya no declara el salto / no longer declares the gap {gap[0]}-{gap[1]}")
        for first, last, reason, author in gaps:
            said = f"salto declarado / declared gap {first}-{last}: {reason} ({author})"
            if not (isinstance(reason, str) and reason.strip() and 1 <= first <= last <= card["counter"]):
                self.wrong(told, f"{said}: no es válido / not valid")
            self.notes.append(f"{told}: {said}")
        self._holes(told, summary, [(gap[0], gap[1]) for gap in gaps])
        if self._lines:
            self.last_links[name] = self._link
        for finding in summary["findings"]:
            where = told if finding["number"] is None else f"{told}-{finding['number']}"
            self.wrong(where, f"{finding['message_es']} / {finding['message_en']} [{finding['code']}]")
        self.vouchers += len(self._numbers)
        self.editions += self._lines
        self.reported += summary["findings_count"]

    def _compare(self, told: str, summary: dict[str, Any]) -> None:
        """Everything the summary says that the lines show too."""
        numbers, card = self._numbers, self._card
        shown = {
            "sunat_code": card["sunat_code"], "series": card["code"], "start_number": card["start_number"],
            "counter": card["counter"], "chain_head": card["chain_head"], "editions": self._lines,
            "first": min(numbers, default=None), "last": max(numbers, default=None), "count": len(numbers),
            "states": self._states,
        }
        for what, value in shown.items():
            if summary[what] != value:
                self.wrong(told, f"el resumen dice otra cosa / the summary differs: {what} {summary[what]} != {value}")
        for name in set(CLASSES.values()):
            value = sum(count for state, count in self._states.items() if CLASSES[state] == name)
            if summary["classes"][name] != value:
                self.wrong(told, f"el resumen dice otra cosa / the summary differs: {name} != {value}")

    def _holes(self, told: str, summary: dict[str, Any], skipped: list[Run]) -> None:
        card, used = self._card, _merged((one, one) for one in self._numbers)
        issued = _merged((one, one) for one in self._numbers - self._imported)
        elsewhere = [(run[0], run[1]) for run in summary["elsewhere"]]
        wrong = {"números fuera del reporte / numbers outside the report": [] if self._period else elsewhere}
        if card["preprinted"]:
            printed = [(run[0], run[1]) for run in summary["ranges"]]
            wrong["números nunca impresos / numbers never printed"] = _uncovered(issued, printed)
        else:
            counted = (card["start_number"], card["counter"])
            wrong["hueco / hole"] = _uncovered([counted], [*used, *elsewhere, *skipped])
            self.holes += _size(wrong["hueco / hole"])
            wrong["fuera del contador / outside the counter"] = [
                *_uncovered(issued, [counted]), *_uncovered(used, [(1, card["counter"])]),
            ]
            free = _uncovered(skipped, issued)
            wrong["emitido en un salto declarado / issued in a declared gap"] = _uncovered(skipped, free)
        real = {
            "holes": [list(run) for run in wrong.get("hueco / hole", [])],
            "declared_gap": _size(_uncovered(_merged(skipped), [*used, *elsewhere])),
            "unused_paper": _size(_uncovered(summary["ranges"], [*used, *elsewhere])),
        }
        for what, value in real.items():
            if value != {**summary, **summary["classes"]}[what]:
                self.wrong(told, f"el resumen dice otra cosa / the summary differs: {what} != {value}")
        for what, runs in wrong.items():
            for first, last in runs:
                self.wrong(told, f"{what}: {first}" + (f"-{last}" if last > first else ""))

    def _totals(self) -> None:
        shown = {
            "series_count": len(self._seen), "vouchers": self.vouchers, "editions": self.editions,
            "holes": self.holes, "findings": self.reported, "clean": self.reported == 0,
        }
        for what, value in shown.items():
            if self.end[what] != value:
                self.wrong("reporte", f"el total no es / the total differs: {what} {self.end[what]} != {value}")

    def _signature(self, signature: dict[str, Any], digest: str, key: str) -> None:
        self.public_key = str(signature["public_key"])
        if signature["algorithm"] != "Ed25519" or not hmac.compare_digest(str(signature["sha256"]), digest):
            self.wrong("firma", "las líneas no son las firmadas / the lines are not those that were signed")
        if not verifies(
            _unbase64(self.public_key), f"{FORM}\n{digest}".encode(), _unbase64(str(signature["value"]))
        ):
            self.wrong("firma", "no es válida / the signature does not verify")
        if key and not hmac.compare_digest(key.strip().encode(), self.public_key.encode()):
            self.wrong("firma", "es de otra instalación / another installation's key signed it")


def _elements(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    with path.open("rb") as file:
        lines = iter(file)
        if next(lines, b"").rstrip(b"\r\n") != b"[":
            raise Unreadable("no es un reporte / not a report")
        for line in lines:
            text = line.rstrip(b"\r\n")
            if text == b"]":
                if file.read().strip():
                    raise Unreadable("hay algo tras el final / something follows the end")
                return
            text = text[:-1] if text.endswith(b",") else text
            try:
                element = json.loads(text.decode("utf-8"))
            except ValueError as error:
                raise Unreadable(f"una línea no es JSON / a line is not JSON: {error}") from error
            if not isinstance(element, dict):
                raise Unreadable("una línea no es un objeto / a line is not an object")
            yield text, element
        raise Unreadable("el archivo está cortado / the file is cut short")


def _merged(runs: Iterable[Run]) -> list[Run]:
    found: list[Run] = []
    for first, last in sorted(runs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _uncovered(runs: Iterable[Run], by: Iterable[Run]) -> list[Run]:
    """What of some runs of numbers is in none of the others."""
    covers, found = _merged(by), []
    for first, last in runs:
        for start, end in covers[max(0, bisect_right(covers, (first, 0)) - 1):]:
            if start > last:
                break
            if start > first:
                found.append((first, start - 1))
            first = max(first, end + 1)
        if first <= last:
            found.append((first, last))
    return found


def _size(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)


def _told(name: Name) -> str:
    return f"{name[1]}-{name[2]}-{name[3]}"


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _files(folder: Path) -> dict[Voucher, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        match = FILE_NAME.fullmatch(path.name)
        if match and path.is_file():
            voucher = (match[1], match[2], match[3].upper(), int(match[4]))
            found[voucher] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the check and says what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("--key", default="", help="la clave pública de la instalación / the installation's public key")
    parser.add_argument("--former", type=Path, help="un reporte anterior / an older report")
    parser.add_argument("--xml", type=Path, help="carpeta con XML firmados / a folder with signed XML files")
    given = parser.parse_args(arguments)
    try:
        former = None
        if given.former:
            former = Check()
            former.read(given.former, given.key)
        check = Check(_files(given.xml) if given.xml else None, former)
        check.read(given.report, given.key)
        if former is not None and former.count:
            check.wrong(str(given.former), f"el reporte anterior no es válido / not valid: {former.problems[0]}")
    except (Unreadable, OSError, KeyError, TypeError, AttributeError, IndexError) as error:
        sys.stdout.write(f"ILEGIBLE / UNREADABLE: {type(error).__name__}: {error}\n")
        return 2
    for line in (*check.notes[:SHOWN], *check.problems):
        sys.stdout.write(f"{line}\n")
    if check.files:
        sys.stdout.write(f"XML: {len(check.matched)} de/of {len(check.files)}\n")
    sys.stdout.write(
        f"{check.head['account']['ruc']} {check.head['account']['legal_name']}: {check.vouchers} comprobantes / "
        f"vouchers, {check.editions} XML, {check.count} problemas / problems\n"
        f"clave / key: {check.public_key}{'' if given.key else ' (no comparada / not compared)'}\n"
        f"{'CONFORME / ALL IS WELL' if not check.count else 'NO CONFORME / SOMETHING IS WRONG'}\n"
    )
    return 1 if check.count else 0


if __name__ == "__main__":
    sys.exit(main())
