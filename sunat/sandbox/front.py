"""The front of the pretend authority: one HTTP call in, one outcome out, without a socket in sight.

Each service lies at SUNAT's path, so that a client changes nothing but the host. Whoever calls gets what the services
say, unless the plan of faults has something else in store; either way the call is in the ledger's journal.
"""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Final

from sunat.sandbox.control import CONTROL, Control
from sunat.sandbox.counters import Counters, SoapCounter
from sunat.sandbox.desk import Desk, Judge
from sunat.sandbox.exchange import Asked, Call, Outcome
from sunat.sandbox.faults import Plan, Scene
from sunat.sandbox.guide_counters import method_of
from sunat.sandbox.guides import GuideDesk
from sunat.sandbox.integrated import Desk as IntegratedDesk
from sunat.sandbox.ledger import Ledger, Reception
from sunat.sandbox.summaries import SummaryDesk
from sunat.signing import Certificate

MAX_BODY: Final = 8 * 1024 * 1024
TEXT: Final = "text/plain; charset=utf-8"
_MOST_CALLS: Final = 1000


class Sandbox:
    """The pretend authority as an object: safe to call from any thread, with or without a server around it.

    ``now`` gives the moment (with its zone), ``judge`` applies the rules, ``authority`` signs the CDRs. ``users``
    maps RUC and SOL user together to keys, beside beta's MODDATOS; ``providers`` are RUCs that may send for others;
    ``clients`` maps ids of the integrated query to secrets. ``plan`` says which calls meet which faults; ``control``
    False takes the control API away. ``ticket_seconds`` is how long a summary stays in process.
    """

    def __init__(
        self, ledger: Ledger, *, now: Callable[[], datetime], judge: Judge, authority: Certificate,
        users: Mapping[str, str] | None = None, providers: Collection[str] = (),
        clients: Mapping[str, str] | None = None, plan: Plan | None = None, max_body: int = MAX_BODY,
        control: bool = True, ticket_seconds: float = 0,
    ) -> None:
        self.ledger = ledger
        self.plan = Plan() if plan is None else plan
        self.max_body = max_body
        self.desk = Desk(ledger, now=now, judge=judge, authority=authority, users=users or {}, providers=providers)
        self.summaries = SummaryDesk(self.desk, now=now, takes_seconds=ticket_seconds)
        self.integrated = IntegratedDesk(ledger, now=now, clients=clients or {})
        self._now = now
        self.guides = GuideDesk(self.desk, now=now, clients=clients or {})
        self._counters = Counters(self.desk, self.summaries, self.integrated, self.guides)
        self._control = Control(ledger, self.plan) if control else None
        self._lock = threading.Lock()
        self._late: list[tuple[datetime, int, Callable[[datetime], Outcome]]] = []
        self._tickets = count()
        self._calls: dict[str, deque[datetime]] = {}
        self._shut: dict[str, datetime] = {}

    def answer(self, call: Call) -> Outcome:
        """What becomes of a call. Work that is due by now is done first."""
        now = self._now()
        self.catch_up()
        path = call.path.rstrip("/")
        if self._control is not None and (path == CONTROL or path.startswith(f"{CONTROL}/")):
            return self._dated(self._control.answer(call), now)
        counter = self._counters.at(path)
        if counter is None:
            return self._dated(_said(404, f"Aquí no hay ningún servicio; pruebe {self._counters.example}"), now)
        if call.method == "GET" and isinstance(counter, SoapCounter) and _asks_contract(call.query):
            return self._dated(counter.describe(call), now)
        if call.method != method_of(counter):
            refused = _said(405, f"Se espera {method_of(counter)}, o GET con ?wsdl")
            return self._dated(replace(refused, headers=(*refused.headers, ("Allow", "GET, POST"))), now)
        if len(call.body) > self.max_body:
            return self._dated(_said(413, "El mensaje es demasiado grande"), now)
        asked, digest, work = counter.understand(call)
        strike = self.plan.strike(asked, now)
        if strike is None:
            outcome = work(now)
        else:
            scene = Scene(
                asked=asked, dialect=counter.dialect, now=now, seconds=strike.seconds, draw=strike.draw, work=work,
                house=self,
            )
            outcome = replace(strike.mode.act(scene), mode=strike.mode.name)
        self._note(asked, digest, now, outcome)
        return self._dated(outcome, now)

    def catch_up(self) -> int:
        """Does the work that was put off until now; gives how much there was. Each call does it first."""
        done = 0
        while True:
            with self._lock:
                if not self._late or self._late[0][0] > self._now():
                    return done
                due, _, work = heapq.heappop(self._late)
            work(due)
            done += 1

    @property
    def waiting(self) -> int:
        """How much work is put off: messages on their way that nobody waits for any more."""
        with self._lock:
            return len(self._late)

    def put_off(self, due: datetime, work: Callable[[datetime], Outcome]) -> None:
        """Has a piece of work done later, and its answer thrown away."""
        with self._lock:
            heapq.heappush(self._late, (due, next(self._tickets), work))

    def hurries(self, peer: str, *, calls: int, within: timedelta, pause: timedelta) -> bool:
        """Counts a call of an address; True while it is shut out, having made too many in too short a time."""
        now = self._now()
        with self._lock:
            if now < self._shut.get(peer, now):
                return True
            seen = self._calls.setdefault(peer, deque(maxlen=_MOST_CALLS))
            seen.append(now)
            while seen and seen[0] <= now - within:
                seen.popleft()
            if len(seen) > calls:
                self._shut[peer] = now + pause
                seen.clear()
                return True
            return False

    def _note(self, asked: Asked, digest: str, now: datetime, outcome: Outcome) -> None:
        self.ledger.note(Reception(
            at=now, operation=asked.operation, ruc=asked.ruc, type_code=asked.type_code, series=asked.series,
            number=asked.voucher.number if asked.voucher else 0, sha256=digest, mode=outcome.mode,
            wire=outcome.wire, status=outcome.status,
        ))

    def _dated(self, outcome: Outcome, now: datetime) -> Outcome:
        if outcome.header("Date"):
            return outcome
        shown = format_datetime(now.astimezone(UTC), usegmt=True)
        return replace(outcome, headers=(*outcome.headers, ("Date", shown)))


def _said(status: int, text: str) -> Outcome:
    return Outcome(status=status, headers=(("Content-Type", TEXT),), body=text.encode())


def _asks_contract(query: str) -> bool:
    return query.lower().startswith(("wsdl", "ns1.wsdl", "xsd", "singlewsdl"))
