"""The reckoning: random sales of every kind, worked out twice and judged.

Each sale is worked out by ``sunat.taxes`` and by exact fractions that share no code with it; they must agree to the
céntimo, the explanation must add up, and the voucher written from it must be free of findings; one of ten is read back
from its XML and worked out from there. Beside one of four goes a sale that may take away more than there is: both sides
must refuse the same ones.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.support.carts import any_cart, cart
from tests.support.rational import Cart, Impossible, work_out
from tests.support.tried import differences, findings, read_back

CARTS: Final = 100_000
_BATCH: Final = 250
_READ_AGAIN: Final = 10
"""Of so many vouchers one is read back from its XML and worked out again."""
_WILD: Final = 4
"""Beside one of so many goes a sale that may be impossible."""
_TOLD: Final = 20


@dataclass(slots=True)
class _Tally:
    """What a batch of sales has shown; ``kinds`` counts what they were made of."""

    carts: int = 0
    lines: int = 0
    refused: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


def measure(*, seed: int, count: int = CARTS, workers: int | None = None) -> dict[str, Any]:
    """Tries so many sales, a quarter as many that may be impossible, and tells what came of it as JSON has it."""
    begun = time.monotonic()
    whole = _Tally()
    firsts = range(0, count, _BATCH)
    sizes = [min(_BATCH, count - first) for first in firsts]
    for batch in _batches(seed, list(firsts), sizes, workers or os.cpu_count() or 1):
        whole.carts += batch.carts
        whole.lines += batch.lines
        whole.refused += batch.refused
        whole.kinds.update(batch.kinds)
        whole.violations += batch.violations
    took = time.monotonic() - begun
    return {
        "seed": seed, "carts": whole.carts, "lines": whole.lines, "impossible_ones_refused": whole.refused,
        "seconds": round(took, 1), "carts_per_second": round(whole.carts / took, 1), "of": dict(sorted(
            whole.kinds.items())),
        "violations": len(whole.violations), "told": whole.violations[:_TOLD],
    }


def _batches(seed: int, firsts: list[int], sizes: list[int], workers: int) -> Iterator[_Tally]:
    seeds = [seed] * len(firsts)
    if workers == 1:
        yield from map(_batch, seeds, firsts, sizes)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(_batch, seeds, firsts, sizes)


def _batch(seed: int, first: int, size: int) -> _Tally:
    tally = _Tally()
    for serial in range(first, first + size):
        asked = cart(Random(f"{seed}-{serial}"))
        tally.carts += 1
        tally.lines += len(asked.items)
        tally.kinds.update(_kinds(asked))
        wrong = differences(asked) or findings(asked) or (read_back(asked) if serial % _READ_AGAIN == 0 else [])
        if serial % _WILD == 0:
            wild = any_cart(Random(f"{seed}-{serial}-any"))
            wrong += differences(wild)
            tally.refused += _impossible(wild)
        if wrong:
            tally.violations.append(f"{seed}-{serial}: {'; '.join(wrong[:3])}")
    return tally


def _kinds(asked: Cart) -> Iterator[str]:
    yield asked.stem
    yield f"operation {asked.operation}"
    yield "gross prices" if asked.gross else "net prices"
    yield asked.currency
    yield from {f"affectation {item.affectation}{' free' if item.given_away else ''}" for item in asked.items}
    yield from {f"isc {item.isc.system}" for item in asked.items if item.isc}
    yield from {f"line {change.code}" for item in asked.items for change in item.changes}
    yield from {f"whole {change.code}" for change in asked.changes}
    yield from {f"advance {paid.affectation}" for paid in asked.advances}
    for name, there in (
        ("bags", any(item.bags for item in asked.items)), ("rounding", asked.rounding != "0"),
        ("other tributes", any(item.other_percent or item.other_amount for item in asked.items)),
        ("céntimos moved", work_out(asked).drifts), ("several advances", len(asked.advances) > 1),
    ):
        if there:
            yield name


def _impossible(asked: Cart) -> bool:
    try:
        work_out(asked)
    except Impossible:
        return True
    return False
