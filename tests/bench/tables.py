"""The figures for people: plain text, one table a subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def text(result: dict[str, Any]) -> str:
    """The whole result as text."""
    machine = result["machine"]
    load = f"load {machine['load_before']} before and {machine['load_after']} after"
    parts = [
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, {load}; {result['seconds']} s"
    ]
    if "building" in result:
        parts.append("\n".join(_building(result["building"])))
    return "\n\n".join(parts) + "\n"


def _building(found: dict[str, Any]) -> Iterator[str]:
    sizes = found["sizes"]
    yield f"Build and sign on one core; x is {found['floor']} of the same round"
    yield from _table(
        ("ms and x for", *(f"{lines} line{'s' * (lines != '1')}" for lines in sizes)),
        [
            (step, *(_cost(size["steps"][step]) for size in sizes.values()))
            for step in next(iter(sizes.values()))["steps"]
        ],
    )
    for lines, aim in found["aims"].items():
        met = "met" if aim["measured"] <= aim["most"] else "NOT met"
        yield f"aim for {lines}: {aim['most']} signatures from document to signed bytes, {aim['measured']} taken: {met}"


def _cost(step: dict[str, Any]) -> str:
    return f"{step['ms']:8.3f} {step['ratio']:7.2f}x"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()
