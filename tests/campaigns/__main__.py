"""``python -m tests.campaigns NAME``: runs a campaign, prints what came of it, writes JSON. Ends with 1 if it found."""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from tests.campaigns import concurrency, couriers, crash, delivery, fuzz, hostile, idempotency, taxes
from tests.support.databases import KINDS


def _crash(given: argparse.Namespace) -> dict[str, Any]:
    return crash.measure(
        given.databases, seed=given.seed, seconds=given.minutes * 60, rounds=given.count, first=given.first
    )


def _concurrency(given: argparse.Namespace) -> dict[str, Any]:
    return concurrency.measure(given.databases, seed=given.seed, seconds=given.minutes * 60)


def _idempotency(given: argparse.Namespace) -> dict[str, Any]:
    return idempotency.measure(
        given.databases, seed=given.seed, seconds=given.minutes * 60, keys=given.count or idempotency.KEYS
    )


def _delivery(given: argparse.Namespace) -> dict[str, Any]:
    return delivery.measure(
        given.databases, seed=given.seed, seconds=given.minutes * 60, count=given.count or delivery.MIXED,
        parts=given.only or delivery.PARTS, tell=_tell,
    )


def _taxes(given: argparse.Namespace) -> dict[str, Any]:
    return taxes.measure(seed=given.seed, count=given.count or taxes.CARTS)


def _hostile(given: argparse.Namespace) -> dict[str, Any]:
    return hostile.measure(
        seed=given.seed, seconds=given.minutes * 60, count=given.count or hostile.ANSWERS, first=given.first
    )


def _fuzz(given: argparse.Namespace) -> dict[str, Any]:
    return fuzz.measure(seed=given.seed, count=given.count or fuzz.VOUCHERS, seconds=given.minutes * 60)


def _kills(given: argparse.Namespace) -> dict[str, Any]:
    return couriers.kills(
        given.databases, seed=given.seed, seconds=given.minutes * 60, count=given.count or couriers.KILLS,
        first=given.first,
    )


def _workers(given: argparse.Namespace) -> dict[str, Any]:
    return couriers.workers(
        given.databases, seed=given.seed, count=given.count or couriers.VOUCHERS, seconds=given.minutes * 60
    )


CAMPAIGNS: Final[dict[str, Callable[[argparse.Namespace], dict[str, Any]]]] = {
    "crash": _crash, "concurrency": _concurrency, "idempotency": _idempotency, "taxes": _taxes, "hostile": _hostile,
    "fuzz": _fuzz, "delivery": _delivery, "kills": _kills, "workers": _workers,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="chasqui campaign", description="Proves the numbers under fire.")
    parser.add_argument("name", choices=sorted(CAMPAIGNS))
    parser.add_argument("--seed", type=int, help="repeats the choices of an earlier run; chosen and told otherwise")
    parser.add_argument("--minutes", type=float, default=10.0, help="the longest it may take, about (10)")
    parser.add_argument("--count", type=int, help="so many rounds, keys, sales (of delivery mixed, the others in "
                        "proportion), answers (hostile) or files (fuzz)")
    parser.add_argument("--first", type=int, default=0, help="number of the first round or answer, to repeat some")
    parser.add_argument("--database", choices=KINDS, action="append", dest="databases", help="only on this one")
    parser.add_argument(
        "--only", choices=delivery.PARTS, action="append", help="this part of the campaign delivery; again for more"
    )
    parser.add_argument("--json", metavar="FILE", help="also writes the result there; - is standard output")
    given = parser.parse_args(arguments)
    given.databases = given.databases or list(KINDS)
    given.seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    signal.signal(signal.SIGTERM, _leave)
    result = {
        "campaign": given.name, "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        **CAMPAIGNS[given.name](given),
    }
    said = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(said)
    if given.json and given.json != "-":
        Path(given.json).write_text(said, encoding="utf-8")
    return 1 if result["violations"] else 0


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _leave(*_: object) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
