"""Whatever the XML, a judgement ends with findings, never with an exception, and always with the same ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.xml import Element, find_all, parse
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import TABLES
from tests.sunat.rules.vouchers import build

SHAPES: Final = sorted(
    (shape, kind) for shape in BASES for kind in KINDS_OF.get(shape, tuple(TABLES))
)
NASTY: Final = (
    "", " ", "-", "0", "-1", "1e9", "NaN", "999999999999999999999999999999", "2026-02-30", "ñ", "\n", "A" * 3000,
    "0000", "00", "FormaPago", "Cuota001", "9996", "2000", "17", "0.000000000000000001", "F001-", "F001-x-1",
)
TEXTS: Final = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=10**12).map(str),
)
STEPS: Final = st.lists(
    st.tuples(st.sampled_from(["text", "attribute", "drop", "twice", "move", "comment"]),
              st.integers(0, 10**6), st.integers(0, 10**6), TEXTS),
    min_size=1, max_size=6,
)
NAMES: Final = ("20123456786-01-F001-123.xml", "x.xml", "", "20123456786-01-F001-99999999999.xml", None)


def _mutate(root: Element, step: tuple[str, int, int, str]) -> None:
    verb, first, second, value = step
    nodes = find_all(root, ".//*")
    if not nodes:
        return
    node, other = nodes[first % len(nodes)], nodes[second % len(nodes)]
    above = node.getparent()
    if verb == "text":
        node.text = value
    elif verb == "attribute":
        for name in list(node.attrib) or ["schemeID"]:
            node.set(name, value)
    elif verb == "comment":
        node.insert(0, etree.Comment("x"))
        node.append(etree.ProcessingInstruction("x", "y"))
    elif above is not None:
        if verb == "drop":
            above.remove(node)
        elif verb == "twice":
            above.append(parse(etree.tostring(node)))
        elif verb == "move" and node is not other and node not in list(other.iterancestors()):
            other.append(node)


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from(SHAPES), steps=STEPS, name=st.sampled_from(NAMES), foreign=st.sampled_from([None, *TABLES]),
    rate=st.sampled_from([None, Decimal("3.75")]),
)
def test_any_mutation_is_judged(
    start: tuple[str, str], steps: list[tuple[str, int, int, str]], name: str | None, foreign: str | None,
    rate: Decimal | None,
) -> None:
    shape, kind = start
    root = parse(build(BASES[shape](kind)))
    for step in steps:
        _mutate(root, step)
    context = Context(received=date(2026, 11, 20), file_name=name, zip_name=name, exchange_rate=rate)
    found = judge(root, TABLES[foreign or kind], context)
    assert found == judge(parse(etree.tostring(root)), TABLES[foreign or kind], context)
    for finding in found:
        assert finding.path.startswith("/")
        assert finding.message_es
        assert finding.message_en
        assert finding.hint_es
        assert finding.hint_en
