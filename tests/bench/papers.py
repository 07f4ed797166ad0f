"""Papers on one core: sheets and rolls beside a bare signature and beside the simplest page that reportlab writes.

Every call prints another voucher, as life does: nothing that was remembered of the one before helps. "form" is the
reading of a signed XML of ten lines into what must be said; "plain page" has the same texts one below the other, with
one of the fourteen standard faces, no code, no layout, no PDF/A. Processor time.
"""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from reportlab.pdfgen.canvas import Canvas

from app.printing import Printout, to_pdf
from sunat import xml
from sunat.ubl.printed import PrintedForm, printed_form
from tests.bench.rounds import Effort, interleaved, summary
from tests.support.papers import FIXTURES, form_of, printout
from tests.support.signing import fixed_certificate

FLOOR: Final = "signature"
PLAIN: Final = "plain page"
LINES: Final = (1, 10, 100)
_GOLDEN: Final = "invoice/ten_lines"
_LONGEST: Final = 0.5
"""Seconds a measure and round: a paper takes long enough for a few calls to tell."""


def measure(effort: Effort, lines: tuple[int, ...] = LINES) -> dict[str, Any]:
    """``{"floor": ..., "sizes": {"10": {"a4": ..., "80mm": ..., "form": ..., "plain page": ...}}}``."""
    return {
        "floor": "one RSA-2048 signature (PKCS #1 v1.5, SHA-256)",
        "sizes": {str(count): _size(count, effort) for count in lines},
    }


def _size(lines: int, effort: Effort) -> dict[str, Any]:
    key = fixed_certificate().private_key
    if key is None:
        raise ValueError("The test certificate has lost its key")
    padding, method, message = PKCS1v15(), hashes.SHA256(), b"<ds:SignedInfo>" + bytes(700)
    signed, fresh = (FIXTURES / _GOLDEN / "document.xml").read_bytes(), _vouchers(lines)
    steps: dict[str, Callable[[], object]] = {
        FLOOR: lambda: key.sign(message, padding, method),
        "form": lambda: printed_form(xml.parse(signed)),
        PLAIN: lambda: plain_page(next(fresh)),
        "a4": lambda: to_pdf(next(fresh), "a4"),
        "80mm": lambda: to_pdf(next(fresh), "80mm"),
    }
    taken = interleaved(steps, replace(effort, seconds=min(effort.seconds, _LONGEST)), time.process_time)
    return {name: {**summary(taken[name], taken[FLOOR]), "plain": summary(taken[name], taken[PLAIN])["ratio"]}
            for name in steps}


def _vouchers(lines: int) -> Iterator[Printout]:
    """Vouchers of so many lines, no two alike."""
    origin = form_of(_GOLDEN)
    for serial in itertools.count(1):
        rows = tuple(
            replace(row, cells=(*row.cells[:3], f"{row.cells[3]} {serial}.{index}", *row.cells[4:]))
            for index, row in zip(range(lines), itertools.cycle(origin.rows), strict=False)
        )
        form: PrintedForm = replace(origin, rows=rows)
        yield replace(
            printout(_GOLDEN, form=form), number=f"F001-{serial:08d}", qr=f"20123456786|01|F001|{serial}|18.00|118.00",
            moment=datetime(2026, 11, 20, 10, 30),  # noqa: DTZ001 - Lima's, as a voucher has it
        )


def plain_page(paper: Printout) -> bytes:
    """The texts of a paper one below the other, over as many pages as they need."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1, invariant=1)
    form = paper.form
    texts = [
        form.issuer.name, form.issuer.identity, paper.title, paper.number, form.receiver.name, form.receiver.identity,
        *(f"{fact.label} {fact.value}" for fact in form.facts), *("  ".join(row.cells) for row in form.rows),
        *(f"{figure.label} {figure.value}" for figure in form.figures), form.words, paper.statement,
    ]
    for start in range(0, len(texts), 60):
        for at, text in enumerate(texts[start : start + 60]):
            canvas.drawString(40, 800 - 12 * at, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
