"""Papers as they are read: all that must be said, the code, nothing cut or overlapping, whatever the voucher holds."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from app.printing import Brand, Mark, to_pdf
from app.wire.formats import FORMATS, TEMPLATES
from sunat.ubl.printed import PrintedForm, Row
from tests.support.papers import GOLDENS, QR, folded, form_of, printout, seen

ROOT = Path(__file__).parents[3]
WIDTHS = {"a4": 595.3, "a5": 419.5, "80mm": 226.8, "58mm": 164.4}
HOSTILE = (
    "# [encabezado] $x^2$ \\ @cita <etiqueta> #image(\"/etc/passwd\") // nada",
    "A" * 250,
    "שלום עולם مرحبا بالعالم",
    "café ☕ 😀👩‍👩‍👧 漢字 ½ € ™ “comillas” — raya",
    "\u202eoculto\u202c \u200b\u2028otra\u0007línea", "palabra " * 60,
    "</script><script>alert(1)</script> {{ 7*7 }} %s %(x)s ${y}",
    "\" + read(\"parts.typ\") + \"",
)


def said_in(form: PrintedForm, size: str) -> list[str]:
    """Every text that must stand on the paper."""
    ticket = size.endswith("mm")
    texts = [form.issuer.name, form.issuer.identity, form.receiver.name, form.receiver.identity]
    texts += [form.words, form.remark]
    texts += [text for fact in form.facts for text in (fact.label, fact.value)]
    texts += [figure.value for figure in form.figures] + list(form.legends)
    for columns, rows in ((form.columns, form.rows), *((part.columns, part.rows) for part in form.sections)):
        for row in rows:
            texts += [
                cell for column, cell in zip(columns, row.cells, strict=True)
                if column.where != ("sheet" if ticket else "ticket")
            ]
            texts += row.remarks
    for section in form.sections:
        texts += [text for fact in section.facts for text in (fact.label, fact.value)]
    return texts


def missing(form: PrintedForm, size: str, text: str) -> list[str]:
    shown = text.upper()
    return [said for said in said_in(form, size) if folded(said).upper() not in shown]


@pytest.mark.parametrize(
    ("golden", "size", "template"), list(zip(GOLDENS, cycle(FORMATS), cycle((TEMPLATES[0],) * 5 + TEMPLATES[1:]))),
)
def test_a_golden_on_paper_says_everything(golden: str, size: str, template: str) -> None:
    form = form_of(golden)
    paper = printout(golden, brand=Brand(name=form.issuer.name, template=template))
    found = seen(to_pdf(paper, size))
    assert found.faults == ()
    assert found.codes == (QR,)
    assert missing(form, size, found.text) == []
    assert folded(paper.title).upper() in found.text.upper()
    assert all(text in found.text for text in (folded(paper.number), folded(paper.statement), folded(paper.consult)))
    assert {round(width, 1) for width, _ in found.sizes} == {WIDTHS[size]}


@pytest.mark.parametrize("size", FORMATS)
@pytest.mark.parametrize("count", [1, 30, 300])
def test_as_many_lines_as_there_are(size: str, count: int) -> None:
    origin = form_of("invoice/everything")
    rows = tuple(
        replace(row, cells=(*row.cells[:3], f"{row.cells[3]} N.{number}", *row.cells[4:]))
        for number, row in enumerate((origin.rows * count)[:count], 1)
    )
    found = seen(to_pdf(printout("invoice/everything", form=replace(origin, rows=rows)), size), overlapping=count < 300)
    assert found.faults == ()
    assert found.codes == (QR,)
    assert [n for n in range(1, count + 1) if not re.search(rf"N\.{n}(?![0-9])", spaced(found.text))] == []
    if size.endswith("mm"):
        assert len(found.pages) == 1
    else:
        assert all(f"Página{n}de{len(found.pages)}" in page for n, page in enumerate(found.pages, 1))
        assert all("F00100000123" in page and "CANT." in page.upper() for page in found.pages[:-1])


def spaced(text: str) -> str:
    """Folded text in which a quantity after a line's name does not run into its number."""
    return re.sub(r"(N\.[0-9]{1,3})(?=[0-9]+\.[0-9]{2})", r"\1 ", text)


@pytest.mark.parametrize("size", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_text(size: str, text: str) -> None:
    origin = form_of("invoice/cash")
    party = replace(origin.receiver, name=text[:180], address=text, trade_name=text)
    form = replace(
        origin, receiver=party, issuer=replace(origin.issuer, name=text, address=text), remark=text, legends=(text,),
        rows=(Row(cells=("1", text[:8], text[:30], text, "1.00", "1.18", "1.00", "1.18"), remarks=(text,)),),
    )
    paper = printout("invoice/cash", form=form, marks=(Mark(text="DADO DE BAJA", detail=text),),
                     brand=Brand(name=text, footer=text))
    found = seen(to_pdf(paper, size), overlapping=False)
    assert found.faults == ()
    assert found.codes == (QR,)
    plain = "".join(letter for letter in folded(text) if letter.isascii())
    if plain == folded(text):
        assert found.text.count(plain) >= 5


@pytest.mark.parametrize("size", FORMATS)
def test_the_largest_amounts_fit(size: str) -> None:
    largest = "999,999,999,999.99"
    origin = form_of("invoice/cash")
    form = replace(
        origin, rows=(Row(cells=("9,999,999,999.9999999999", "UND", "C", "COSA", *(largest,) * 4)),),
        figures=tuple(replace(figure, value=f"US$\u00a0{largest}") for figure in origin.figures),
    )
    found = seen(to_pdf(printout("invoice/cash", form=form), size))
    assert found.faults == ()
    assert missing(form, size, found.text) == []


@pytest.mark.parametrize("size", FORMATS)
def test_marks_stand_on_the_paper(size: str) -> None:
    mark = Mark(text="SIN VALOR TRIBUTARIO", detail="Emitido en un entorno de pruebas")
    clean, marked = (to_pdf(printout("boleta/dni", marks=marks), size) for marks in ((), (mark,)))
    assert folded(mark.text) not in seen(clean).text
    text = seen(marked, overlapping=False).text
    assert text.count(folded(mark.text)) == 2
    assert folded(mark.detail) in text


@pytest.mark.parametrize("size", FORMATS)
def test_a_paper_is_pdf_a_with_its_letters_in_it_and_the_vouchers_own_date(size: str) -> None:
    made = to_pdf(printout("invoice/cash"), size)
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in made
    assert b"2026-11-20T10:30" in made
    assert b"/FontDescriptor" in made
    assert made.count(b"/FontFile") >= made.count(b"/Type /FontDescriptor")


def test_the_same_voucher_is_the_same_bytes_in_another_process_at_another_time() -> None:
    script = (
        "import sys, hashlib\nfrom tests.support.papers import printout\nfrom app.printing import to_pdf\n"
        "print(*(hashlib.sha256(to_pdf(printout('invoice/everything'), size)).hexdigest() for size in ('a4', '58mm')))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=240,
            env={"PYTHONPATH": str(ROOT), "TZ": zone, "SOURCE_DATE_EPOCH": epoch},
        ).stdout
        for zone, epoch in (("America/Lima", "1"), ("Asia/Tokyo", "1700000000"))
    }
    assert len(runs) == 1


def test_a_light_accent_does_not_make_letters_that_nobody_reads() -> None:
    from app.printing.paper import laid_out

    brand = laid_out(printout("invoice/cash", brand=Brand(name="X", accent="#FFEE00")), "a4")["brand"]
    assert (brand["accent_ink"], brand["on_accent"]) == ("#1B1F24", "#1B1F24")
    dark = laid_out(printout("invoice/cash", brand=Brand(name="X", accent="#0B6E4F")), "a4")["brand"]
    assert (dark["accent_ink"], dark["on_accent"]) == ("#0B6E4F", "#FFFFFF")


def test_an_unknown_format_is_no_paper() -> None:
    with pytest.raises(ValueError, match="letter"):
        to_pdf(printout("invoice/cash"), "letter")
