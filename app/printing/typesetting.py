"""Data becomes PDF: the only module that knows typst and segno.

The layouts read their data with typst's JSON reader, so that no text of a caller's is ever markup. Compilers see the
layouts' folder and nothing else of the machine, know no fonts but those of typst's wheel, and no package is fetched.
At most two papers are set at a time in a process, outside Python's lock: issuing goes on meanwhile. PDFs are PDF/A-2u
(ISO 19005-2); the code is a QR Code 2005 at level Q (ISO/IEC 18004; RS 113-2018/SUNAT, annex 6).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from queue import Empty, LifoQueue
from tempfile import TemporaryDirectory
from typing import Any, Final

import segno
import structlog
import typst

from app.printing.paper import Printout, laid_out
from app.problems import Problem, Text, Unavailable

_LAYOUTS: Final = Path(__file__).parent / "layouts"
_LAYOUT: Final = {"a4": "sheet", "a5": "sheet", "80mm": "ticket", "58mm": "ticket"}
_STANDARD: Final = "a-2u"
_AT_ONCE: Final = 2
_WAIT_SECONDS: Final = 20
_KEPT: Final = 64
_LARGEST_KEPT: Final = 256 * 1024
_MISSING: Final = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}|\\(.)")
_TRIES: Final = 6
_UNKNOWN: Final = "□"
_LOOK: Final = "#set page(width: 40mm, height: 40mm)\n#image({}, width: 100%)"
_KINDS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}
_log: Final = structlog.get_logger(__name__)


class NotPrinted(Problem):
    """The paper could not be set; the voucher itself is not touched by that."""

    status = 500
    default_code = "NOT_PRINTED"
    default_text = Text(
        "No se pudo generar la representación impresa", "The printed representation could not be made"
    )
    default_hint = Text(
        "El comprobante no cambia: su XML y su CDR siguen disponibles. Avise con este request_id",
        "The document itself is unchanged: its XML and CDR are available. Report it with this request_id",
    )


def to_pdf(printout: Printout, size: str) -> bytes:
    """The paper as PDF/A, in one of `FORMATS`; the same bytes for the same printout.

    Letters that no face has are shown as an empty square. Raises NotPrinted when it cannot be set, Unavailable when
    others have been at it for too long.
    """
    data = laid_out(printout, size)
    data["qr"] = _code(printout.qr)
    told = json.dumps(data, ensure_ascii=False)
    return _remembered(_LAYOUT[size], told) if len(told) <= _LARGEST_KEPT else _set(_LAYOUT[size], told)


def to_png(printout: Printout, size: str, *, dots: int = 110) -> list[bytes]:
    """The pages as pictures of so many dots an inch, for people and tests to look at. Raises as `to_pdf`."""
    data = laid_out(printout, size)
    data["qr"] = _code(printout.qr)
    with _press() as compilers:
        pages = compilers[_LAYOUT[size]].compile(
            format="png", ppi=dots, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
        )
    return pages if isinstance(pages, list) else [pages]


def stamp(qr: str) -> bytes:
    """The QR code alone, as a PNG."""
    out = io.BytesIO()
    segno.make(qr, error="q", micro=False, boost_error=False).save(out, kind="png", scale=6, border=4)
    return out.getvalue()


def drawable(content: bytes, media: str, drawing: str) -> bool:
    """Whether a picture can really be unpacked, and its drawing stand on a paper."""
    with TemporaryDirectory() as name:
        folder, kind = Path(name), _KINDS[media]
        (folder / "content").write_bytes(content)
        (folder / "alone.typ").write_text(_LOOK.format(f'"content", format: "{kind}"'))
        (folder / "drawn.typ").write_text(_LOOK.format('bytes(sys.inputs.data), format: "svg"'))
        try:
            # Inside a drawing a damaged picture would be passed over, so it is unpacked by itself first.
            typst.compile(folder / "alone.typ", root=folder, format="png", ppi=36, ignore_system_fonts=True)
            typst.compile(
                folder / "drawn.typ", root=folder, sys_inputs={"data": drawing}, pdf_standards=_STANDARD,
                ignore_system_fonts=True,
            )
        except typst.TypstError:
            return False
    return True


def _code(text: str) -> str:
    """The code as SVG. Its quiet zone is four modules; level Q is not raised where there is room (the law says Q)."""
    made: str = segno.make(text, error="q", micro=False, boost_error=False).svg_inline(border=4, omitsize=True)
    return made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


@lru_cache(maxsize=_KEPT)
def _remembered(layout: str, data: str) -> bytes:
    """A paper that was asked for lately: who polls a voucher makes it once."""
    return _set(layout, data)


def _set(layout: str, data: str) -> bytes:
    with _press() as compilers:
        for _ in range(_TRIES):
            try:
                made: bytes = compilers[layout].compile(
                    format="pdf", sys_inputs={"data": data}, pdf_standards=_STANDARD
                )
            except typst.TypstError as error:
                unknown = {_unescaped(found) for found in _MISSING.findall(error.diagnostic)}
                if not unknown:
                    _log.error("printing.failed", layout=layout, reason=error.message)
                    raise NotPrinted from error
                for letters in unknown:
                    data = data.replace(json.dumps(letters, ensure_ascii=False)[1:-1], _UNKNOWN)
            else:
                return made
    _log.error("printing.failed", layout=layout, reason="letters that no face has")
    raise NotPrinted


def _unescaped(told: str) -> str:
    """The letters that typst names, which it writes as Rust does."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], told)


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@cache
def _presses() -> LifoQueue[dict[str, Any]]:
    """The compilers, made in the process that uses them."""
    presses: LifoQueue[dict[str, Any]] = LifoQueue()
    for _ in range(_AT_ONCE):
        presses.put({
            layout: typst.Compiler(_LAYOUTS / f"{layout}.typ", root=_LAYOUTS, font_paths=_fonts(),
                                   ignore_system_fonts=True)
            for layout in set(_LAYOUT.values())
        })
    return presses


@contextmanager
def _press() -> Iterator[dict[str, Any]]:
    presses = _presses()
    try:
        compilers = presses.get(timeout=_WAIT_SECONDS)
    except Empty:
        raise Unavailable("PRINTING_BUSY", Text(
            "Hay demasiadas impresiones en curso; repita en unos segundos",
            "Too many papers are being printed; repeat in some seconds",
        )) from None
    try:
        yield compilers
    finally:
        presses.put(compilers)


