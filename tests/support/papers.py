"""Papers of the goldens, and what a reader of a PDF sees: its text, its code, what overlaps and what is cut."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp

from app.printing import Brand, Mark, Printout
from sunat import xml
from sunat.kinds import KINDS
from sunat.ubl.printed import PrintedForm, printed_form

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOLDENS = sorted(
    str(path.parent.relative_to(FIXTURES)) for row in KINDS for path in (FIXTURES / row.stem).glob("*/document.xml")
)
MOMENT = datetime(2026, 11, 20, 10, 30)  # noqa: DTZ001 - Lima's, as a voucher has it
DIGEST = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
QR = f"20123456786|01|F001|123|180.00|1180.00|2026-11-20|6|20987654326|{DIGEST}"
_TOUCHING = 1.0
"""Points by which the boxes of two texts may meet: accents and tails stand in each other's lines."""


@cache
def form_of(golden: str) -> PrintedForm:
    """The printed form of a golden, "stem/case"."""
    return printed_form(xml.parse((FIXTURES / golden / "document.xml").read_bytes()))


def printout(
    golden: str, *, form: PrintedForm | None = None, marks: tuple[Mark, ...] = (), brand: Brand | None = None
) -> Printout:
    """The paper of a golden, or of another form under its title."""
    said = form or form_of(golden)
    title = next(row.name for row in KINDS if row.stem == golden.split("/")[0])
    return Printout(
        form=said, title=title, number="F001-00000123", moment=MOMENT, qr=QR, digest=DIGEST,
        statement=f"Representación impresa: {title.lower()}", consult="Consulte su validez en www.sunat.gob.pe",
        brand=brand or Brand(name=said.issuer.name, footer="Gracias por su compra"), marks=marks,
    )


def folded(text: str) -> str:
    """A text without spaces and hyphens, which a reader of PDFs takes for ends of lines."""
    return re.sub(r"[-\x00-\x1f\s\u200b\u00ad\u00a0\ufffe]+", "", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a PDF shows: its pages' text (folded), the codes on its last page, and what is wrong with its look."""

    pages: tuple[str, ...]
    sizes: tuple[tuple[float, float], ...]
    codes: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.pages)


def seen(pdf: bytes, *, margin: float = 8.0, overlapping: bool = True) -> Seen:
    """Looks at a PDF as a reader does. ``margin`` in points is what must stay white at each edge."""
    pages, sizes, faults = [], [], []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for number in range(len(document)):
            with closing(document[number]) as page, closing(page.get_textpage()) as told:
                width, height = page.get_size()
                pages.append(folded(told.get_text_bounded()))
                sizes.append((width, height))
                boxes = [told.get_rect(index) for index in range(told.count_rects())]
                if number == len(document) - 1:
                    codes = tuple(found.text for found in zxingcpp.read_barcodes(
                        page.render(scale=2.5).to_pil(), formats=zxingcpp.BarcodeFormat.QRCode
                    ))
            faults += [
                f"page {number + 1}: cut at {box}" for box in boxes
                if box[0] < margin or box[1] < margin or box[2] > width - margin or box[3] > height - margin
            ]
            if overlapping:
                met = (pair for pair in combinations(boxes, 2) if _meet(*pair))
                faults += [f"page {number + 1}: {one} over {other}" for one, other in met]
    return Seen(pages=tuple(pages), sizes=tuple(sizes), codes=codes, faults=tuple(faults))


def _meet(one: Any, other: Any) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    shorter = min(one[3] - one[1], other[3] - other[1])
    return bool(wide > _TOUCHING and high > max(_TOUCHING, 0.45 * shorter))
