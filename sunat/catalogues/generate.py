"""Writes the catalogue files from the published facts: ``python -m sunat.catalogues.generate SHARED_SUNAT_DIR``.

The directory holds ``catalogues/NN.json``, ``catalogues/25_codes.csv``, ``catalogues/INDEX.csv`` and ``ubigeo.csv``:
SUNAT's validation workbooks and the lists of its Facturador in transcribed form. Our files carry our own columns and,
where ``ours`` has one, our own wording; the product itself never needs the directory.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from sunat.catalogues import PRODUCTS, UBIGEO, ours
from sunat.catalogues.ranges import CodeRanges

Item = Mapping[str, str]

DATA: Final = Path(__file__).parent / "data"

_SFS: Final = ("SUNAT, lists of the Facturador SFS 2.x", "2023")
_SOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "SFS": _SFS,
    "Reglas de validacion GRE 2022-10-20": ("SUNAT, GRE validation workbook", "2022-10-20"),
    "Reglas de validacion CPE 2026-02-12": ("SUNAT, CPE validation workbook", "2026-02-12"),
    "Reglas de validacion CPE 2026-08-26": ("SUNAT, workbooks CPE and GRE (additions as transcribed)", "2026-08-26"),
}
"""How a source of the facts starts: what we call it, and its date; oldest first."""


def build(folder: Path) -> dict[str, str]:
    """The text of every catalogue file by its name (``07.csv``), made from the facts in ``folder``.

    Raises ValueError where the facts contradict each other or ``ours`` speaks of a code that they do not have.
    """
    with (folder / "catalogues" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        names = {row["catalogue"]: _tidy(row["name"]) for row in csv.DictReader(file, delimiter=";")}
    names |= ours.NAMES
    files = {
        f"{code}.csv": _listed(code, name, _items(folder, code))
        for code, name in names.items()
        if code not in (PRODUCTS, UBIGEO)
    }
    files[f"{PRODUCTS}.csv"] = _products(names[PRODUCTS], folder)
    files[f"{UBIGEO}.csv"] = _districts(names[UBIGEO], folder)
    return dict(sorted(files.items()))


def write(folder: Path, target: Path = DATA) -> int:
    """Writes all files into ``target``, removes those no longer made, and returns how many there are."""
    files = build(folder)
    target.mkdir(exist_ok=True)
    for stale in set(target.glob("*.csv")) - {target / name for name in files}:
        stale.unlink()
    for name, text in files.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    return len(files)


def _items(folder: Path, code: str) -> list[Item]:
    items: list[Item] = json.loads((folder / "catalogues" / f"{code}.json").read_text(encoding="utf-8"))["items"]
    unknown = {entry for catalogue, entry in ours.DESCRIPTIONS if catalogue == code} - {item["code"] for item in items}
    if unknown:
        raise ValueError(f"ours.DESCRIPTIONS names codes that catalogue {code} does not have: {sorted(unknown)}")
    return items


def _listed(code: str, name: str, items: Iterable[Item]) -> str:
    columns = _COLUMNS.get(code, {})
    rows = {}
    sources = set()
    for item in items:
        key = item["code"]
        description = ours.DESCRIPTIONS.get((code, key)) or _tidy(item["description"])
        rows[key] = [key, description, *(read(item) for read in columns.values())]
        sources.add(_source(item["source"]))
    order = list(_SOURCES.values())
    used = sorted(sources, key=order.index)
    return _csv(name, "; ".join(title for title, _ in used), used[-1][1], list(columns), rows.values())


def _products(name: str, folder: Path) -> str:
    codes = (folder / "catalogues" / "25_codes.csv").read_text(encoding="utf-8").split()
    lines = CodeRanges.of(codes[1:]).lines()
    return "\n".join([_head(name, *_SFS), "class;members", *lines, ""])


def _districts(name: str, folder: Path) -> str:
    with (folder / "ubigeo.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            [row["ubigeo"], row["district"], row["province"], row["department"]]
            for row in csv.DictReader(file, delimiter=";")
        ]
    return _csv(name, *_SFS, ["province", "department"], rows)


def _csv(name: str, source: str, updated: str, attributes: list[str], rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    text.write(f"{_head(name, source, updated)}\n")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(["code", "description", *attributes])
    writer.writerows(sorted(rows))
    return text.getvalue()


def _head(name: str, source: str, updated: str) -> str:
    return f"# {name} | {source} | {updated}"


def _source(text: str) -> tuple[str, str]:
    return next(known for start, known in _SOURCES.items() if text.startswith(start))


def _tidy(text: str) -> str:
    """One kind of dash and of quotation mark, no doubled or stray blanks, no word "Leyenda" around a legend."""
    text = re.sub(r"\s+", " ", text.replace("–", "-").replace("“", '"').replace("”", '"')).strip(" .")
    text = re.sub(r'^Leyenda\b:?\s*"?(.*?)"?$', r"\1", text)
    return re.sub(r"\( ", "(", re.sub(r" :", ":", text))


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _tributes(item: Item) -> list[str]:
    return item["tax_codes"].split(" o ")


def _onerous(item: Item) -> str:
    free = [tribute == "9996" for tribute in _tributes(item)]
    return "no" if all(free) else "either" if any(free) else "yes"


def _group(item: Item) -> str:
    groups = ours.AFFECTATION_GROUPS
    return groups.get(item["code"]) or groups[item["code"][0]]


def _sold_by(word: str, flag: str) -> Callable[[Item], str]:
    def read(item: Item) -> str:
        named = word in item.get("documents", "")
        if item.get(flag, str(int(named))) != str(int(named)):
            raise ValueError(f"Operation type {item['code']}: the sources disagree about {word}")
        return _yes(named)

    return read


def _same(name: str) -> Callable[[Item], str]:
    return lambda item: item[name]


_COLUMNS: Final[Mapping[str, Mapping[str, Callable[[Item], str]]]] = {
    "02": {"plural": lambda item: ours.PLURALS.get(item["code"], "")},
    "05": {"name": _same("name"), "international_code": _same("un_ece_5153"), "category": _same("sfs_categoria")},
    "07": {
        "tribute": lambda item: _tributes(item)[0],
        "free_tribute": lambda item: "9996" if "9996" in _tributes(item) else "",
        "group": _group,
        "onerous": _onerous,
    },
    "22": {"rate": _same("rate")},
    "23": {"rate": _same("sfs_tasa")},
    "24": {"service": _same("service")},
    "51": {
        "factura": _sold_by("Factura", "sfs_factura"),
        "boleta": _sold_by("Boleta", "sfs_boleta"),
        "liquidacion": _sold_by("Liquidación", "sfs_liquidacion"),
        "export": lambda item: _yes(item["code"].startswith("02")),
    },
    "52": {"fixed": lambda item: _yes(item["code"] not in ours.VARIABLE_LEGENDS)},
    "53": {
        "level": lambda item: {"Item": "line", "Global": "global"}[item["level"]],
        "kind": lambda item: ours.CHARGES[item["code"]][0],
        "affects_base": lambda item: ours.CHARGES[item["code"]][1],
    },
    "61": {
        "remitente": lambda item: _yes("remitente" in item["gre"]),
        "transportista": lambda item: _yes("transportista" in item["gre"]),
    },
    "62": {"product": _same("sunat_product")},
    "63": {"ubigeo": _same("ubigeo")},
    "64": {"ubigeo": _same("ubigeo")},
    "D-37": {"abbreviation": _same("abbreviation")},
}
"""The attributes of a catalogue, and how each is read from a fact."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sunat.catalogues.generate", description="Writes our catalogues.")
    parser.add_argument("folder", type=Path, metavar="SHARED_SUNAT_DIR", help="where the published facts lie")
    count = write(parser.parse_args().folder)
    parser.exit(message=f"{count} catalogues written\n")
