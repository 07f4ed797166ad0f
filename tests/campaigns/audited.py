"""The second judge: ``chasqui audit`` and its stand-alone checker, as programs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from app.audit import standalone
from tests.campaigns.checker import Checker
from tests.campaigns.place import MASTER_KEY, Place
from tests.campaigns.sales import Sale, unlike
from tests.campaigns.servers import ROOT

_SECONDS = 600


def verdict(place: Place, sales: dict[str, Sale], *, checker: Checker | None = None) -> list[str]:
    """What is wrong at the end of a campaign: with the answers, the rows, the audit and its signed report."""
    judge = checker or Checker(place)
    return [
        *judge.check(sales, settled=True, full=True), *unlike(list(sales.values())), *audited(place)
    ]


def audited(place: Place) -> list[str]:
    """What ``chasqui audit`` finds, and what its stand-alone checker says of the report."""
    report, checker = place.folder / "report.json", place.folder / "check_report.py"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHASQUI_")}
    environment |= {"CHASQUI_DATA": str(place.folder), "CHASQUI_KEY": MASTER_KEY, "DATABASE_URL": place.url}
    audit = _run(["-c", "from app.cli import main; main()", "audit", "--json", "--out", str(report)], environment)
    if audit.returncode not in (0, 1):
        return [f"the audit did not run: {audit.stderr[-500:]}"]
    result = json.loads(audit.stdout)
    found = [] if result["clean"] and audit.returncode == 0 else [f"the audit finds: {audit.stdout[:2000]}"]
    checker.write_text(standalone.checker(), encoding="utf-8")
    check = _run(["-I", str(checker), str(report)], {})
    if check.returncode:
        found.append(f"the stand-alone checker says: {check.stdout[-1000:]}{check.stderr[-500:]}")
    return found


def _run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS,
        check=False,
    )
