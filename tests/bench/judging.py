"""Checking a factura against every rule, beside parsing the same bytes with lxml in the same round, on one core.

Times are the processor's, not the wall's. "rules" is the tree against every row of its kind, "validate" a signed file
from its bytes on, its signature verified.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from lxml import etree

from sunat import xml
from sunat.kinds import kind
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.validation import Asked, examine
from tests.bench.rounds import Effort, interleaved, summary
from tests.sunat.rules.vouchers import Row, Shape, build
from tests.support.signing import fixed_signer

LINES: Final = (1, 5, 100)
AIMS: Final = {5: 1.0, 100: 6.0}
"""Lines -> the most milliseconds that checking against every rule may take on the machine of the aim."""
FLOOR: Final = "parse"
_DAY: Final = date(2026, 11, 20)


def measure(effort: Effort, lines: tuple[int, ...] = LINES) -> dict[str, Any]:
    """``{"sizes": {"5": {"steps": {...}, "rows": 800, "bytes": ...}}, "aims": {...}}``."""
    sizes = {str(count): _size(count, effort) for count in lines}
    aims = {
        str(count): {"most_ms": most, "measured_ms": sizes[str(count)]["steps"]["rules"]["low_ms"]}
        for count, most in AIMS.items() if str(count) in sizes
    }
    return {"floor": "parsing the voucher with lxml", "sizes": sizes, "aims": aims}


def _size(lines: int, effort: Effort) -> dict[str, Any]:
    rules = kind("01").rules
    content = fixed_signer().sign_xml(build(Shape(rows=tuple(Row() for _ in range(lines))))).xml
    root, context, asked = xml.parse(content), Context(received=_DAY), Asked()
    if found := judge(root, rules, context):
        raise ValueError(f"The neutral factura breaks a rule: {found}")
    steps: dict[str, Callable[[], object]] = {
        FLOOR: lambda: etree.fromstring(content), "rules": lambda: judge(root, rules, context),
        "validate": lambda: examine(content, asked),
    }
    taken = interleaved(steps, effort, time.process_time)
    return {
        "steps": {name: summary(taken[name], taken[FLOOR]) for name in steps},
        "rows": len(rules), "bytes": len(content),
    }
