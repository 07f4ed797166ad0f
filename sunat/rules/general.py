"""Rows about the file: what its name says and what the voucher inside says (0151 0159 0161, 1034 1035 1036).

They apply where the judgement is given a file name. Source: workbook of 2026-02-12, sheet General, and the rows of
each kind about its own name; names by the programmer's manual: RUC-TT-SSSS-N.xml inside RUC-TT-SSSS-N.zip.
"""

from __future__ import annotations

import re
from typing import Final

from sunat.rules.checks import holds
from sunat.rules.document import View
from sunat.rules.engine import Rule

_NAME: Final = re.compile(r"(?P<ruc>[12][0-9]{10})-(?P<type>[0-9]{2})-(?P<series>[A-Z0-9]{1,4})-(?P<number>[0-9]{1,8})")


def _stem(name: str | None, extension: str) -> str | None:
    """The name without its extension, None when there is no such file yet."""
    if name is None:
        return None
    return name[:-4] if name[-4:] in (extension, extension.upper()) else ""


def _part(view: View, part: str) -> str | None:
    stem = _stem(view.document.context.file_name, ".xml")
    found = _NAME.fullmatch(stem) if stem else None
    return found[part] if found else None


def _named(view: View) -> bool:
    stem = _stem(view.document.context.file_name, ".xml")
    return stem is None or (_NAME.fullmatch(stem) is not None and int(stem.rpartition("-")[2]) > 0)


def _zipped(view: View) -> bool:
    stem = _stem(view.document.context.zip_name, ".zip")
    return stem is None or _NAME.fullmatch(stem) is not None


def _same_names(view: View) -> bool:
    inner = _stem(view.document.context.file_name, ".xml")
    outer = _stem(view.document.context.zip_name, ".zip")
    return inner is None or outer is None or inner == outer


def _ruc(view: View) -> bool:
    return _part(view, "ruc") in (None, view.text("supplier/identity"))


def _series(view: View) -> bool:
    return _part(view, "series") in (None, view.text("cbc:ID").partition("-")[0])


def _number(view: View) -> bool:
    said, written = _part(view, "number"), view.text("cbc:ID").partition("-")[2]
    return said is None or (written.isascii() and written.isdigit() and int(said) == int(written))


_RENAME: Final = (
    "Nombre el archivo RUC-TT-SERIE-NÚMERO con los datos del comprobante.",
    "Name the file RUC-TT-SERIES-NUMBER after the voucher.",
)
_FILE: Final = ("nombre del archivo", "file name")


def _says(es: str, en: str) -> tuple[str, str]:
    return (f"{es} difiere del nombre del archivo", f"{en} differs from the file's name")


FILE: Final = (
    Rule("0151", "", holds(_zipped, ("no tiene la forma RUC-TT-SERIE-NÚMERO.zip", "is not RUC-TT-SERIES-NUMBER.zip"),
                           _RENAME), field=("nombre del zip", "zip name")),
    Rule("0159", "", holds(_named, ("no tiene la forma RUC-TT-SERIE-NÚMERO.xml", "is not RUC-TT-SERIES-NUMBER.xml"),
                           _RENAME), field=_FILE),
    Rule("0161", "", holds(_same_names, ("difiere del nombre del zip", "differs from the zip's name"), _RENAME),
         field=_FILE),
    Rule("1034", "supplier/identity", holds(_ruc, _says("el RUC", "the RUC"), _RENAME), scope=""),
    Rule("1035", "cbc:ID", holds(_series, _says("la serie", "the series"), _RENAME), scope=""),
    Rule("1036", "cbc:ID", holds(_number, _says("el número", "the number"), _RENAME), scope=""),
)
"""Names of file and zip against each other and against the voucher."""

WHOLE_NAME: Final = Rule("1049", "cbc:ID", holds(
    lambda view: _series(view) and _number(view), _says("la serie o el número", "series or number"), _RENAME), scope="")
"""Series and number under one code, as certificates of retention and perception have it."""
