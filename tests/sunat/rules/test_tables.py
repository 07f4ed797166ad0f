"""The tables as a whole: SUNAT's severities, coverage of its list, goldens, names, and the vocabulary in use."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from sunat.errors import FormatError
from sunat.rules import descriptive, generate
from sunat.rules.context import Context
from sunat.rules.coverage import codes_of, coverage
from sunat.rules.engine import Severity, judge
from sunat.rules.registers import CHECKED, NEEDS
from sunat.validation import CODES_OF
from sunat.xml import parse, text
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import TABLES
from tests.sunat.rules.vouchers import ISSUED, build
from tests.support.shared import PROJECT, shared_path

STEMS: Final = {"invoice": "01", "boleta": "03", "credit_note": "07", "debit_note": "08"}
FLOORS: Final = {"01": 354, "03": 311, "07": 223, "08": 212, "general": 13, "firma": 25, "RC": 71, "RA": 29,
                 "RR": 30}
"""Codes of SUNAT's list that need no register: each table has them all."""
WORKBOOK: Final = date(2026, 8, 26)
"""The day of the newest edition that the severities are held against; what comes into force later is not in it."""
GOLDENS: Final = sorted((PROJECT / "fixtures").glob("*/*/document.xml"))


@pytest.mark.parametrize("sheet", FLOORS)
def test_every_decidable_code_is_covered(sheet: str) -> None:
    found = coverage(sheet, CODES_OF[sheet])
    assert (found.missing, len(found.covered), found.share) == ((), FLOORS[sheet], 1)


def test_the_list_of_codes_has_not_drifted_from_the_published_facts() -> None:
    assert generate.build(shared_path("sunat")) == generate.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("sheet", FLOORS)
def test_what_needs_a_list_of_sunat_says_which_and_where_we_look(sheet: str) -> None:
    found = coverage(sheet, CODES_OF[sheet])
    assert all(entry.needs in NEEDS and entry.checked in CHECKED for entry in found.registers)
    assert {entry.code for entry in found.registers if entry.checked == "context"} == set(found.with_row) & {
        "1078", "1080",
    }


def test_a_sheet_that_is_not_listed_is_named() -> None:
    with pytest.raises(FormatError, match="'99'"):
        coverage("99", frozenset())


@pytest.mark.parametrize("kind", TABLES)
def test_severities_are_those_of_the_workbook(kind: str) -> None:
    listed = codes_of(kind)
    wrong = {
        rule.code for rule in TABLES[kind]
        if rule.code in listed and (rule.valid_from or WORKBOOK) <= WORKBOOK
        and listed[rule.code].severity != rule.severity.value
    }
    assert wrong == set()


@pytest.mark.parametrize(
    "golden", [case for case in GOLDENS if case.parts[-3] in STEMS], ids=lambda case: case.parent.name,
)
def test_what_the_product_renders_is_judged_clean(golden: Path) -> None:
    root = parse(golden.read_bytes())
    context = Context(received=date.fromisoformat(text(root, "cbc:IssueDate") or ""), exchange_rate=Decimal("3.75"))
    assert judge(root, TABLES[STEMS[golden.parts[-3]]], context) == ()


def test_there_are_goldens_to_judge() -> None:
    assert {case.parts[-3] for case in GOLDENS} >= set(STEMS)


@pytest.mark.parametrize("kind", TABLES)
def test_less_than_a_third_of_a_table_is_free_form(kind: str) -> None:
    kinds = Counter(type(rule.check).__name__ for rule in TABLES[kind])
    assert kinds["Holds"] * 10 < len(TABLES[kind])


@pytest.mark.parametrize("kind", TABLES)
def test_every_message_is_in_both_languages(kind: str) -> None:
    for row in TABLES[kind].rows():
        rule = row.rule
        said = (*(rule.message or rule.check.message()), *(rule.hint or rule.check.hint()), *row.names)
        assert all(part.strip() for part in said), rule.code
        assert row.names.es[0] == row.names.es[0].lower() or row.names.es[:3].isupper()


@pytest.mark.parametrize("kind", TABLES)
def test_every_descriptive_attribute_may_be_left_out_or_right_but_not_wrong(kind: str) -> None:
    rows = [rule for rule in TABLES[kind] if rule.code in descriptive.CODE_OF.values()]
    assert len(rows) >= 40
    judged = set()
    for shape, make in BASES.items():
        if kind not in KINDS_OF.get(shape, tuple(TABLES)):
            continue
        names = TABLES[kind].names
        for rule in rows:
            element, _, attribute = names.full(rule.path).partition("/@")
            root = parse(build(make(kind)))
            node = root.find(element, {"cac": root.nsmap["cac"], "cbc": root.nsmap["cbc"]})
            if node is None or rule.path in judged:
                continue
            judged.add(rule.path)
            right = next(
                texts[attribute] for table in (
                    descriptive.SALE_TEXTS, descriptive.INVOICE_TEXTS, descriptive.NOTE_TEXTS,
                    descriptive.DETRACTION_TEXTS, descriptive.MOTIVE_TEXTS[kind],
                ) for path, texts in table.items() if f"{path}/@{attribute}" == rule.path
            )
            node.set(attribute, right)
            context = Context(received=date.fromisoformat(ISSUED), exchange_rate=Decimal("3.75"))
            assert judge(root, TABLES[kind], context) == ()
            node.set(attribute, right + "x")
            finding, = judge(root, TABLES[kind], context)
            assert (finding.code, finding.severity) == (rule.code, Severity.OBSERVATION)
            assert right in finding.message_es
    assert judged == {rule.path for rule in rows}
