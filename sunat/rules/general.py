"""Rows about the file, the issuer's channel and the service (sheet General), and the codes of what is no tree yet.

Rows about names apply where the judgement is given a file name, rows about lists and outages where the context knows
of them: what nobody knows is never held against a voucher. Source: workbook of 2026-02-12, sheet General, and the rows
of each kind about its own name and issuer; names by the programmer's manual: RUC-TT-SSSS-N.xml inside
RUC-TT-SSSS-N.zip.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from sunat.rules import paths
from sunat.rules.checks import holds
from sunat.rules.conditions import When, is_, like
from sunat.rules.context import OSE_ONLY, SUPERVISED
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable

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

def _may_send_itself(view: View) -> bool:
    context = view.document.context
    return context.channel == "ose" or OSE_ONLY not in context.issuer_lists


def _not_supervised(view: View) -> bool:
    return SUPERVISED not in view.document.context.issuer_lists


ISSUER: Final = (
    Rule("1078", "supplier/identity", holds(
        _may_send_itself, ("está obligado a emitir a través de un OSE", "must issue through an OSE"),
        ("Envíe por un OSE: ponga el canal de la cuenta en ose.",
         "Send through an OSE: set the account's channel to ose.")), scope=""),
)
"""Who may send to SUNAT by himself. The list is SUNAT's: the row speaks where the context knows that he is on it."""

_SUPERVISED: Final = holds(
    _not_supervised,
    ("es de un emisor del SEE de empresas supervisadas", "is of an issuer in the system of supervised companies"),
    ("Emítalo por el SEE-Empresas supervisadas.", "Issue it in the SEE-Empresas supervisadas."),
)


def supervised(path: str, when: When) -> Rule:
    """1080: what supervised companies (banks, insurers, AFP) issue in a system of their own."""
    return Rule("1080", path, _SUPERVISED, when=when)


SUPERVISED_SALE: Final = (
    supervised("operation", is_("operation", "2100", "2101", "2102", "2103", "2104", "0112")),
)
"""Of 01 and 03."""

SUPERVISED_NOTE: Final = (
    supervised("cbc:ID", like("cbc:ID", r"S[\s\S]*")),
    supervised("modified/cbc:DocumentTypeCode",
               is_("modified/cbc:DocumentTypeCode", "13") & like("modified/cbc:ID", r"F[\s\S]*")),
)
"""Of 07 and 08."""


def _up(part: str) -> Callable[[View], bool]:
    return lambda view: part not in view.document.context.outages


_LATER: Final = ("Espere y envíe el mismo archivo.", "Wait and send the same file.")

SERVICE: Final = (
    Rule("0100", "", holds(_up("reception"), ("no puede recibir ahora", "cannot receive now"), _LATER),
         field=("servicio de recepción", "receiving service")),
    Rule("0109", "", holds(_up("sign-in"), ("no responde", "does not answer"), _LATER),
         field=("servicio de autenticación", "authentication service")),
)
"""What the service answers when it is down: asked only of whoever has heard it say so, never of a voucher."""


@cache
def table(root: str) -> RuleTable:
    """The rows of the sheet for a root element, for whoever receives."""
    return RuleTable("general", root, (*FILE, *ISSUER, *SERVICE), short=paths.signed(root), scopes=())


RULES: Final = {root: table(root) for root in ("Invoice", "CreditNote", "DebitNote")}
"""The sheet by root element."""

UNREAD: Final = {
    "0151": ("El nombre del ZIP no es RUC-TT-SERIE-NÚMERO.zip", "The zip is not called RUC-TT-SERIES-NUMBER.zip"),
    "0155": ("El ZIP está vacío", "The zip is empty"),
    "0156": ("El ZIP está dañado o no es seguro abrirlo", "The zip is broken, or not safe to open"),
    "0157": ("El ZIP no trae archivos", "There is no file in the zip"),
    "0158": ("El ZIP trae más de un archivo", "There is more than one file in the zip"),
    "0159": ("El nombre del XML no es RUC-TT-SERIE-NÚMERO.xml", "The XML is not called RUC-TT-SERIES-NUMBER.xml"),
    "0160": ("El XML está vacío", "The XML is empty"),
    "0161": ("El XML y el ZIP no se llaman igual", "XML and zip have different names"),
    "0306": ("El XML no se puede leer", "The XML cannot be read"),
    "2335": ("La firma no corresponde al comprobante", "The signature does not fit the voucher"),
}
"""What is said before, or beside, looking at the tree: of the parcel, of bytes that are no XML, of a signature."""
