"""The caller's amounts held against ours, to the céntimo."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sunat.taxes.amounts import Cause, LineAmounts, Mismatch, Totals
from sunat.taxes.causes import likely_cause
from sunat.taxes.reckoning import Reckoning


def compare(
    totals: Totals,
    lines: Sequence[LineAmounts],
    *,
    value: Decimal | None = None,
    tax_total: Decimal | None = None,
    payable: Decimal | None = None,
    reckoning: Reckoning | None = None,
) -> tuple[Mismatch, ...]:
    """The totals the caller claims that differ from ours by a céntimo or more; None claims nothing.

    With the ``reckoning`` behind the totals each mismatch says what most likely caused it.
    """
    claims = (
        ("value", totals.value, value, [line.charged for line in lines]),
        ("tax_total", totals.tax_total, tax_total, [line.paid_taxes for line in lines]),
        ("payable", totals.payable, payable, [line.price for line in lines]),
    )
    return tuple(
        Mismatch(field=name, expected=expected, given=given, steps=tuple(steps), cause=_cause(name, given, reckoning))
        for name, expected, given, steps in claims
        if given is not None and given != expected
    )


def compare_lines(
    lines: Sequence[LineAmounts], claimed: Sequence[Decimal | None], *, reckoning: Reckoning | None = None
) -> tuple[Mismatch, ...]:
    """The taxes of lines, as rounded before any balancing, that the caller claims otherwise; None claims nothing."""
    return tuple(
        Mismatch(field=f"lines.{index}.tax", expected=line.tax_total, given=given, steps=(line.value, line.tax_total),
                 cause=_cause(f"lines.{index}.tax", given, reckoning))
        for index, (line, given) in enumerate(zip(lines, claimed, strict=True))
        if given is not None and given != line.tax_total
    )


def _cause(field: str, given: Decimal, reckoning: Reckoning | None) -> Cause | None:
    return None if reckoning is None else likely_cause(field, given, reckoning)
