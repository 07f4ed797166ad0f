"""Pairs for the kinds whose keeping case is what our own templates write: a content, an edit, the code it breaks.

The sales have shapes of their own (`bases`), because rules about them reach beyond what we issue; the other kinds
start from a rendered content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from sunat.documents import Content
from sunat.rules.context import Context
from sunat.rules.engine import Finding, RuleTable, judge
from sunat.ubl.render import render
from sunat.xml import PREFIXES, Element, parse
from tests.sunat.rules.pairs.edits import Edit
from tests.support.schemas import schema_of


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A code, the edits of a named content that break it, and the codes that unavoidably come along."""

    code: str
    base: str
    edits: tuple[Edit, ...]
    also: frozenset[str]
    context: Mapping[str, Any] = field(default_factory=dict)


def broken(code: str, *edits: Edit, base: str = "plain", also: str = "", **context: Any) -> Broken:
    """A row; ``also`` lists accompanying codes, the rest goes to the context."""
    return Broken(code=code, base=base, edits=edits, also=frozenset(also.split()), context=context)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A kind under test: its table, template and series, and contents by name."""

    table: RuleTable
    template: str
    series: str
    contents: Mapping[str, Callable[[], Content]]
    received: date

    def tree(self, base: str) -> Element:
        """A content as XML, with the number 123."""
        return parse(render(self.contents[base](), template=self.template, series=self.series).numbered(123))

    def refuse_what_the_schema_refuses(self) -> None:
        """Holds every content against SUNAT's schema of its root."""
        judge_of = schema_of(self.table.root)
        for base in self.contents:
            tree = self.tree(base)
            for slot in tree.iter(f"{{{PREFIXES['ext']}}}ExtensionContent"):
                etree.SubElement(slot, "{urn:of-nobody}Placeholder")  # where the signature will be
            assert judge_of.validate(tree), f"{base}: {judge_of.error_log}"

    def keeps(self) -> None:
        """What the template writes is clean, whatever the content."""
        for base in self.contents:
            assert judge(self.tree(base), self.table, Context(received=self.received)) == (), base

    def breaks(self, case: Broken) -> None:
        """A broken rule is reported, and nothing undeclared comes along."""
        codes = {finding.code for finding in self.judged(case)}
        assert case.code in codes
        assert codes - {case.code} <= case.also

    def judged(self, case: Broken) -> tuple[Finding, ...]:
        """What the table says of a broken content."""
        root = self.tree(case.base)
        for edit in case.edits:
            edit(root, self.table.names)
        return judge(root, self.table, Context(**{"received": self.received, **case.context}))
