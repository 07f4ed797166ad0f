"""A fault and where it plays: the row of a mode, and what its act may do to the call it meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from sunat.sandbox.desk import Desk
from sunat.sandbox.dialects import Dialect
from sunat.sandbox.envelope import write_fault
from sunat.sandbox.exchange import Asked, Operation, Outcome
from sunat.sandbox.guides import GuideDesk
from sunat.sandbox.integrated import Desk as IntegratedDesk
from sunat.sandbox.ledger import Entry, Ledger

XML: Final = "text/xml; charset=utf-8"
HTML: Final = "text/html"

EVERYTHING: Final = frozenset(Operation) - {Operation.UNKNOWN}
GUIDES: Final = frozenset({Operation.GUIDE_TOKEN, Operation.SEND_GUIDE, Operation.GUIDE_TICKET})
"""The operations of the guides' REST service."""
SOAP: Final = EVERYTHING - {Operation.TOKEN, Operation.REST} - GUIDES
SENDING: Final = frozenset({Operation.SEND_BILL})
CERTIFYING: Final = frozenset({Operation.SEND_BILL, Operation.STATUS_CDR})
"""The operations that answer with a CDR."""
ASKING: Final = frozenset({Operation.STATUS, Operation.STATUS_CDR})
"""The two operations of the CDR query."""


class House(Protocol):
    """What of the pretend authority a fault may touch."""

    ledger: Ledger
    desk: Desk
    integrated: IntegratedDesk
    guides: GuideDesk

    def put_off(self, due: datetime, work: Callable[[datetime], Outcome]) -> None:
        """Has a piece of work done later."""
        ...

    def hurries(self, peer: str, *, calls: int, within: timedelta, pause: timedelta) -> bool:
        """Counts a call of an address; True while it is shut out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A call under a fault.

    ``seconds`` is the fault's own figure (a delay, a lag), ``draw`` a number for what is left open, ``work`` serves
    the call as if nothing were wrong, at the moment it is told.
    """

    asked: Asked
    dialect: Dialect
    now: datetime
    seconds: float
    draw: int
    work: Callable[[datetime], Outcome] = field(repr=False)
    house: House = field(repr=False)

    def served(self) -> Outcome:
        """The right answer; a voucher that was sent is dealt with."""
        return self.work(self.now)

    def entry(self) -> Entry | None:
        """What is on record about the voucher in question."""
        return self.house.ledger.get(self.asked.voucher) if self.asked.voucher else None

    def fault(self, code: str, text: str, *, detail: str = "", faultcode: str | None = None) -> Outcome:
        """An exception in this authority's dialect, or under a faultcode of its own."""
        written = self.dialect.faultcode(code) if faultcode is None else faultcode
        return soap(500, write_fault(written, text, detail))


Act = Callable[[Scene], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to misbehave.

    ``operations`` it can happen to; ``works`` says whether a voucher sent under it is dealt with (registered if it is
    good), ``sound`` whether the answer, where one arrives, may be believed by itself. ``es`` and ``en`` tell what it
    imitates. ``seconds`` is the figure of the modes that have one.
    """

    name: str
    operations: frozenset[Operation]
    works: bool
    act: Act = field(repr=False)
    es: str
    en: str
    sound: bool = False
    seconds: float = 0.0

    def fits(self, operation: Operation) -> bool:
        """Whether it can happen to an operation."""
        return operation in self.operations

    def told(self) -> dict[str, object]:
        """The row for whoever reads JSON."""
        return {
            "name": self.name, "operations": sorted(self.operations), "works": self.works, "sound": self.sound,
            "seconds": self.seconds, "es": self.es, "en": self.en,
        }


def soap(status: int, body: bytes) -> Outcome:
    """A SOAP message as an outcome."""
    return Outcome(status=status, headers=(("Content-Type", XML),), body=body)


def typed(outcome: Outcome, content_type: str) -> Outcome:
    """The outcome under another content type."""
    others = tuple(pair for pair in outcome.headers if pair[0].lower() != "content-type")
    return replace(outcome, headers=(("Content-Type", content_type), *others))
