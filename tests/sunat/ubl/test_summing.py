"""Every golden boleta and note of one becomes a line of a daily summary that SUNAT's rules have no word against."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from sunat import xml
from sunat.documents.summary import ADD, VOID
from sunat.errors import FormatError
from sunat.rules import summary as rules
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.ubl.nodes import text
from sunat.ubl.render import render
from sunat.ubl.summing import summary_line
from tests.support.communications import MADE, summary

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"
STEMS: Final = {"boleta": "03", "credit_note": "07", "debit_note": "08"}
GOLDENS: Final = sorted(
    path for stem in STEMS for path in (FIXTURES / stem).glob("*/document.xml")
    if text(xml.parse(path.read_bytes()), "cbc:ID").startswith("B")
)


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: f"{path.parts[-3]}/{path.parts[-2]}")
@pytest.mark.parametrize("condition", [ADD, VOID])
def test_a_golden_is_a_line_without_errors(path: Path, condition: str) -> None:
    root = xml.parse(path.read_bytes())
    line = summary_line(root, type_code=STEMS[path.parts[-3]], condition=condition)
    said = replace(summary(line), reference_date=MADE - timedelta(days=1))
    written = xml.parse(render(said, template="summary.xml", series=f"RC-{MADE:%Y%m%d}").numbered(1))
    found = judge(written, rules.RULES, Context(received=MADE))
    assert [(one.code, one.message_es) for one in found] == []
    payable = text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") or text(
        root, "cac:RequestedMonetaryTotal/cbc:PayableAmount"
    )
    assert line.total == Decimal(payable)


def test_there_are_goldens_of_each() -> None:
    assert {path.parts[-3] for path in GOLDENS} == set(STEMS)
    assert len(GOLDENS) > 20


def test_what_is_no_voucher_has_no_line() -> None:
    with pytest.raises(FormatError):
        summary_line(xml.parse(b"<Invoice/>"), type_code="03", condition=ADD)
