"""Every rule keeps and breaks as its pair says, and no rule is without a pair."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sunat.rules import descriptive
from sunat.rules.conditions import selected
from sunat.rules.context import Context
from sunat.rules.document import Document
from sunat.rules.engine import Finding, Row, judge
from sunat.rules.shapes import Case
from sunat.xml import parse
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import TABLES, Pair, voucher
from tests.sunat.rules.pairs.every import PAIRS
from tests.sunat.rules.vouchers import ISSUED, build

CASES = [pytest.param(case, kind, id=f"{kind}-{case.code}-{case.base}") for case in PAIRS for kind in case.kinds]


def judged(case: Pair, kind: str, *, broken: bool) -> tuple[Finding, ...]:
    known: dict[str, Any] = case.context if broken else {}
    context = Context(received=date.fromisoformat(case.issued or ISSUED), **known)
    return judge(voucher(case, kind, broken=broken), TABLES[kind], context)


@pytest.mark.parametrize(("case", "kind"), CASES)
def test_a_broken_rule_is_reported_and_nothing_undeclared_comes_along(case: Pair, kind: str) -> None:
    codes = {finding.code for finding in judged(case, kind, broken=True)}
    assert case.code in codes
    assert codes - {case.code} <= case.also


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("shape", BASES)
def test_every_shape_is_clean(shape: str, kind: str) -> None:
    if kind not in KINDS_OF.get(shape, tuple(TABLES)):
        return
    context = Context(received=date.fromisoformat(ISSUED), exchange_rate=Decimal("3.75"))
    assert judge(parse(build(BASES[shape](kind))), TABLES[kind], context) == ()


@pytest.mark.parametrize("kind", TABLES)
def test_no_rule_is_without_a_pair(kind: str) -> None:
    paired = {case.code for case in PAIRS if kind in case.kinds}
    assert TABLES[kind].codes() - paired == set()


def _hit(document: Document, row: Row) -> bool:
    chosen = selected(document, row.rule.when, row.scope) if row.rule.when is not None else None
    if not row.rule.in_force(document.context.received) or (row.scope and row.scope not in document.columns):
        return False
    return any(True for _ in row.rule.check.hits(Case(document, row.scope, row.path, chosen)))


@pytest.mark.parametrize("kind", TABLES)
def test_every_single_row_is_broken_by_some_pair(kind: str) -> None:
    """A code may have many rows; a row whose condition can never hold would hide behind the others."""
    table = TABLES[kind]
    # The rows about descriptive attributes are broken one by one in test_tables.
    silent = [row for row in table.rows() if row.rule.code not in descriptive.CODE_OF.values()]
    for case in PAIRS:
        if kind in case.kinds:
            context = Context(received=date.fromisoformat(case.issued or ISSUED), **case.context)
            document = Document(voucher(case, kind, broken=True), table.plan, table.names, context)
            silent = [row for row in silent if row.rule.code != case.code or not _hit(document, row)]
    assert [(row.rule.code, row.path) for row in silent] == []


@pytest.mark.parametrize("kind", TABLES)
def test_no_pair_is_without_a_rule(kind: str) -> None:
    paired = {case.code for case in PAIRS if kind in case.kinds}
    assert paired - TABLES[kind].codes() == set()
