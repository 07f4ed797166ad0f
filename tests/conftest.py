"""What every test may ask for: both databases, a clock that stands still in Lima, and no way out of the machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from hypothesis import settings as hypothesis_settings

from app.clock import FixedClock
from tests.support.databases import blank_url, database, database_url
from tests.support.guard import only_loopback
from tests.support.issuing import shop
from tests.support.servers import office, sandbox, settings

__all__ = [
    "blank_url", "clock", "database", "database_url", "office", "only_loopback", "sandbox", "settings", "shop",
]


# These machines are noisy, so no example is timed; where a run decides what lands, it draws the same examples again.
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-goldens`` rewrites the fixtures' documents; read the difference before committing it."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite fixtures/*/*/document.xml")


@pytest.fixture
def clock() -> FixedClock:
    """Friday 2026-11-20, 10:00 in Lima."""
    return FixedClock(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says aloud how many tests did not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = sorted({str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple)})
        terminalreporter.write_line(f"{len(skipped)} tests did not run:", red=True)
        for reason in reasons:
            terminalreporter.write_line(f"    {reason}", red=True)
