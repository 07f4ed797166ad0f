"""A voucher's paper before it is set: its form, its look, its marks, in the one shape that the layouts read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from app.printing.measures import longest, measured
from app.printing.pictures import Picture
from app.wire.formats import FORMATS, TEMPLATES
from sunat.ubl.printed import PrintedForm, clean

DEFAULT_ACCENT: Final = "#1F3A5F"
_INK: Final = "#1B1F24"
_WHITE: Final = "#FFFFFF"
_LEGIBLE: Final = 0.36
"""The luminance above which a colour is too light for letters on white, and dark letters read better on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What everybody must see before reading on: few words in capitals, and a sentence."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The issuer's look: the name above all, ``#RRGGBB``, the last line, a template of sheets, a logo."""

    name: str
    accent: str = DEFAULT_ACCENT
    footer: str = ""
    template: str = TEMPLATES[0]
    logo: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printout:
    """Everything on a paper.

    ``title`` is the kind's name, ``number`` padded; ``moment`` (Lima) becomes the date of the PDF. ``statement`` says
    what the paper is, ``consult`` where it can be verified. ``qr`` is the text of the code, ``digest`` the DigestValue.
    """

    form: PrintedForm
    title: str
    number: str
    moment: datetime
    qr: str
    digest: str
    statement: str
    consult: str
    brand: Brand
    marks: tuple[Mark, ...] = ()


def laid_out(printout: Printout, size: str) -> dict[str, Any]:
    """What a layout reads, for one of `FORMATS`. ``qr`` is still the text of the code."""
    if size not in FORMATS:
        raise ValueError(f"{size!r} is no format of paper")
    form, brand, moment = printout.form, printout.brand, printout.moment
    light = _luminance(brand.accent) > _LEGIBLE
    return {
        "format": size, "title": printout.title, "number": printout.number, "qr": printout.qr,
        "digest": printout.digest, "statement": printout.statement, "consult": printout.consult,
        "moment": [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second],
        "marks": [{"text": clean(mark.text), "detail": clean(mark.detail)} for mark in printout.marks],
        "brand": {
            "name": clean(brand.name), "footer": clean(brand.footer), "template": brand.template,
            "accent": brand.accent, "accent_ink": _INK if light else brand.accent,
            "on_accent": _INK if light else _WHITE,
            "logo": None if brand.logo is None else brand.logo.drawing,
        },
        "form": {
            "issuer": asdict(form.issuer), "receiver": asdict(form.receiver),
            "facts": [asdict(fact) for fact in form.facts], "table": measured(form.columns, form.rows, size),
            "figures": [asdict(figure) for figure in form.figures], "words": form.words, "remark": form.remark,
            "legends": list(form.legends),
            "sections": [
                {
                    "title": section.title, "facts": [asdict(fact) for fact in section.facts],
                    "table": measured(section.columns, section.rows, size),
                } for section in form.sections
            ],
        },
        "longest": longest(size),
    }


def _luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1 (WCAG 2.1, relative luminance)."""
    shares = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
