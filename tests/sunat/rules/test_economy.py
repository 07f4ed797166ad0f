"""Nothing is looked at twice in one judgement: no element's text, no condition, no number; tables are made once."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from lxml import etree

from sunat.kinds import kind as kind_row
from sunat.rules import conditions, document, general, signature
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.xml import Element
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import TABLES
from tests.sunat.rules.vouchers import Row, Shape, build

CONTEXT = Context(received=date(2026, 11, 20), exchange_rate=Decimal("3.75"))
CASES = [(shape, kind) for shape in BASES for kind in KINDS_OF.get(shape, tuple(TABLES))]
READ: Counter[str] = Counter()


class Watched(etree.ElementBase):
    """An element that counts how often its text is read."""

    @property
    def text(self) -> str | None:  # type: ignore[override]
        READ[self.getroottree().getpath(self)] += 1
        return cast("str | None", etree.ElementBase.text.__get__(self))


def watched(content: bytes) -> Element:
    parser = etree.XMLParser()
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=Watched))
    return etree.fromstring(content, parser)


@pytest.mark.parametrize(("shape", "kind"), CASES)
def test_no_text_is_read_twice(shape: str, kind: str) -> None:
    root = watched(build(BASES[shape](kind)))
    READ.clear()
    assert judge(root, TABLES[kind], CONTEXT) == ()
    assert READ
    assert [path for path, times in READ.items() if times > 1] == []


@pytest.mark.parametrize(("shape", "kind"), CASES)
def test_no_condition_is_worked_out_twice_for_a_scope_and_no_number_converted_twice(
    shape: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[tuple[int, str]] = Counter()
    for name in ("Test", "Both", "Absent", "Within", "Either", "Where"):
        condition = getattr(conditions, name)
        real = condition.select

        def counted(self: Any, given: Any, scope: str, real: Any = real) -> Any:
            asked[id(self), scope] += 1
            return real(self, given, scope)

        monkeypatch.setattr(condition, "select", counted)
    converted: Counter[str] = Counter()
    numbers = document.Document.numbers

    def counted_numbers(self: Any, scope: str, path: str) -> Any:
        if (scope, path) not in self._numbers:
            converted[f"{scope} {path}"] += 1
        return numbers(self, scope, path)

    monkeypatch.setattr(document.Document, "numbers", counted_numbers)
    root = etree.fromstring(build(BASES[shape](kind)))
    judge(root, TABLES[kind], CONTEXT)
    assert set(asked.values()) == {1}
    assert set(converted.values()) <= {1}


@pytest.mark.parametrize("lines", [1, 50])
def test_the_number_of_looks_grows_with_the_document_only(lines: int) -> None:
    root = watched(build(Shape(rows=tuple(Row() for _ in range(lines)))))
    READ.clear()
    judge(root, TABLES["01"], CONTEXT)
    assert sum(READ.values()) <= sum(1 for _ in root.iter())


def test_a_judged_document_is_let_go_without_a_collection_of_garbage() -> None:
    root = watched(build(Shape(rows=tuple(Row() for _ in range(3)))))
    judge(root, TABLES["01"], CONTEXT)
    gone = weakref.ref(root)
    gc.disable()
    try:
        del root
        assert gone() is None
    finally:
        gc.enable()


def test_tables_are_made_once() -> None:
    assert kind_row("01").rules is TABLES["01"]
    assert general.table("Invoice") is general.table("Invoice")
    assert signature.table("CreditNote") is signature.table("CreditNote")
