"""``python -m tests.bench``: measures, prints tables, writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench import booking, building, delivering, hot, issuing, judging, paging, papers, steps, tables
from tests.bench.rounds import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured in one go."""

    build: Effort
    issue: issuing.Extent
    hot: hot.Extent
    deliver: delivering.Extent
    calls: int
    lines: tuple[int, ...] = building.LINES
    judged: tuple[int, ...] = judging.LINES
    printed: tuple[int, ...] = papers.LINES
    rows: int = 10_000
    pages: Effort = field(default_factory=lambda: Effort(rounds=9, seconds=0))
    paged: int = 100_000
    paged_in: tuple[str, ...] = paging.DIALECTS


PARTS: Final = ("building", "judging", "issuing", "hot", "books", "delivering", "printing", "console")
SIZES: Final = {
    "full": Size(
        build=Effort(rounds=9, seconds=0.15), issue=issuing.Extent(effort=Effort(rounds=4, seconds=2.5)), calls=300,
        hot=hot.Extent(effort=Effort(rounds=3, seconds=0.7), served=Effort(rounds=3, seconds=1.2)),
        deliver=delivering.Extent(),
    ),
    "quick": Size(
        build=Effort(rounds=3, seconds=0.02), issue=issuing.Extent(effort=Effort(rounds=1, seconds=1.0)), calls=60,
        hot=hot.Extent(effort=Effort(rounds=1, seconds=0.3), served=Effort(rounds=1, seconds=1.0)),
        deliver=delivering.Extent(each=4), pages=Effort(rounds=3, seconds=0), paged=20_000,
    ),
    "smoke": Size(
        build=Effort(rounds=1, seconds=0.005), lines=(1, 10), judged=(1, 5), printed=(1,), calls=2, rows=100,
        issue=issuing.Extent(
            effort=Effort(rounds=1, seconds=0.2), dialects=("sqlite",), clients=(2,), cases=issuing.CASES[-1:]
        ),
        hot=hot.Extent(
            effort=Effort(rounds=1, seconds=0.05), dialects=("sqlite",), threads=4,
            served=Effort(rounds=1, seconds=0.2), served_dialects=("sqlite",),
        ),
        deliver=delivering.Extent(
            answer=0.05, each=3, crews=(delivering.Crews(kind="sqlite", processes=1, hands=2),), queued=(5, 20),
            dialects=("sqlite",),
        ),
        pages=Effort(rounds=1, seconds=0), paged=50, paged_in=("sqlite",),
    ),
}


def measure(size: Size, *, profile: bool = False, only: str = "") -> dict[str, Any]:
    """Everything that is measured, or ``only`` one of PARTS, as JSON has it."""
    begun, before = time.monotonic(), os.getloadavg()[0]
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "building": lambda: building.measure(size.build, size.lines),
        "judging": lambda: judging.measure(size.build, size.judged),
        "books": lambda: booking.measure(size.build, size.rows),
        "printing": lambda: papers.measure(size.build, size.printed),
        "issuing": lambda: issuing.measure(size.issue), "hot": lambda: hot.measure(size.hot),
        "delivering": lambda: delivering.measure(size.deliver),
        "console": lambda: paging.measure(size.pages, size.paged, size.paged_in),
    }
    result: dict[str, Any] = {name: part() for name, part in parts.items() if only in ("", name)}
    if profile:
        result["profiles"] = [steps.measure(dialect, 1, size.calls) for dialect in size.issue.dialects]
    machine = {
        "processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version(),
        "load_before": round(before, 2), "load_after": round(os.getloadavg()[0], 2),
    }
    return {"machine": machine, "seconds": round(time.monotonic() - begun, 1), **result}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the tables go to standard error where standard output carries the JSON."""
    parser = argparse.ArgumentParser(prog="chasqui bench", description="Measures speed, in ratios of one run.")
    parser.add_argument("--quick", action="store_true", help="a rough run of a minute or two")
    parser.add_argument("--only", choices=PARTS, default="", help="measures this part alone")
    parser.add_argument("--json", metavar="FILE", help="also writes the figures there as JSON; - is standard output")
    parser.add_argument("--profile", action="store_true", help="also splits one request by step and by library")
    given = parser.parse_args(arguments)
    result = measure(SIZES["quick" if given.quick else "full"], profile=given.profile, only=given.only)
    (sys.stderr if given.json == "-" else sys.stdout).write(tables.text(result))
    if given.json:
        said = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
        if given.json == "-":
            sys.stdout.write(said)
        else:
            Path(given.json).write_text(said, encoding="utf-8")
    return 0


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


if __name__ == "__main__":
    sys.exit(main())
