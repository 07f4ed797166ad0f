"""How far SUNAT's own lists of what it holds (`listed`) go: of each kind and series the highest number.

Boletas are in them too, also those that went by summary.
Sources: RS 112-2021/SUNAT, RS 040-2022/SUNAT and their annexes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sunat.errors import FormatError
from sunat.rvie.listed import read_listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """How far a series goes in a proposal: kind, series, its highest number, and the line that says so."""

    kind: str
    series: str
    number: int
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What proposals say: whose (RUC), of which months (``YYYYMM``), and how far each series goes."""

    ruc: str
    periods: frozenset[str]
    highest: tuple[Highest, ...]
    rows: int

    def of(self, kind: str, series: str) -> Highest | None:
        """How far one series goes; None where it is not listed."""
        return next((one for one in self.highest if (one.kind, one.series) == (kind, series)), None)


def read_proposal(lines: Iterable[str]) -> Proposal:
    """Reads a proposal's text. Raises FormatError naming the first line that is no voucher, or is another RUC's."""
    ruc, periods, rows = "", set[str](), 0
    highest: dict[tuple[str, str], Highest] = {}
    for one in read_listed(lines):
        if ruc and one.ruc != ruc:
            raise FormatError(f"Line {one.place} is of RUC {one.ruc}, not of {ruc}")
        ruc = one.ruc
        rows += 1
        periods.add(one.period)
        former = highest.get((one.kind, one.series))
        if former is None or one.last_number > former.number:
            highest[one.kind, one.series] = Highest(
                kind=one.kind, series=one.series, number=one.last_number, line=one.line
            )
    if not rows:
        raise FormatError("The proposal lists no voucher")
    return Proposal(ruc=ruc, periods=frozenset(periods), highest=tuple(highest.values()), rows=rows)


def merged(proposals: Iterable[Proposal]) -> Proposal:
    """Several proposals of one RUC as one. Raises FormatError for several RUCs, or for none at all."""
    found = list(proposals)
    if len({one.ruc for one in found}) != 1:
        raise FormatError("The proposals are of several RUCs")
    highest: dict[tuple[str, str], Highest] = {}
    for one in (each for proposal in found for each in proposal.highest):
        former = highest.get((one.kind, one.series))
        if former is None or one.number > former.number:
            highest[one.kind, one.series] = one
    return Proposal(
        ruc=found[0].ruc, periods=frozenset().union(*(one.periods for one in found)),
        highest=tuple(highest.values()), rows=sum(one.rows for one in found),
    )
