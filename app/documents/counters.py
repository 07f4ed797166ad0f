"""Taking numbers in groups: whoever comes first to a series serves all who wait for it, in one transaction.

::

    thread 1 ──► leads: reads the head, numbers and signs its group, commits ──► hands over to the first who waits
    thread 2 ──► waits ─┐
    thread 3 ──► waits ─┴─ served by the next leader together, or one of them leads

A commit costs the same for one voucher and for fifty, so a busy series is bound by processors, not by the disk. The
invariant does not move: the UPDATE that takes the numbers names the head it was signed for, and stands in the
transaction that stores the bytes. Where another process was quicker the group is signed anew under the row's lock. A
member that fails rolls the group back, and each is then served by itself (decision 8).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from app.db import Database
from app.documents import citing
from app.documents.advancing import keys_of, refuse_overuse
from app.documents.numbering import Issued, Ready, numbered
from app.documents.orders import check_force, guard_repetition
from app.documents.relating import lock_referred, refuse_against, target_record
from app.ledger import store
from app.ledger.awaiting import in_turn
from app.problems import Conflict, Problem, Text
from app.series import allocator
from sunat.documents import Note

MOST_IN_A_GROUP: Final = 64
_WARY_FOR: Final = 8
"""How many groups are begun with the row's lock after another process has been quicker."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """One caller in the queue: woken when he is served, or when it is his turn to lead."""

    ready: Ready
    called: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    issued: Issued | None = None
    error: BaseException | None = None

    @property
    def served(self) -> bool:
        return self.issued is not None or self.error is not None


@dataclass(slots=True, eq=False)
class _Counter:
    """The queue before one series. ``wary`` counts the groups that lock the row before they sign."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: deque[_Ticket] = field(default_factory=deque)
    led: bool = False
    wary: int = 0


class Counters:
    """The queues of this process, one for each series. Safe for many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counters: dict[int, _Counter] = {}

    def issue(self, ready: Ready) -> Issued:
        """Numbers, signs and stores one voucher. Raises the Problem that forbids it."""
        (result,) = self.issue_all([ready])
        if isinstance(result, Issued):
            return result
        raise result

    def issue_all(self, orders: Sequence[Ready]) -> list[Issued | BaseException]:
        """Serves several orders of one series in their order; each has its own outcome."""
        series_id = orders[0].plan.series.id
        with self._lock:
            counter = self._counters.setdefault(series_id, _Counter())
        tickets = [_Ticket(ready) for ready in orders]
        with counter.lock:
            counter.waiting.extend(tickets)
            if not counter.led:
                counter.led = tickets[0].leads = True
        for ticket in tickets:
            while not ticket.served:
                if not ticket.leads:
                    ticket.called.wait()
                if ticket.leads:
                    ticket.leads = False
                    self._lead(series_id, counter)
        return [ticket.issued or ticket.error for ticket in tickets]  # type: ignore[misc]

    def _lead(self, series_id: int, counter: _Counter) -> None:
        """Serves the next group, then hands over; nobody is left waiting whatever happens.

        A fault is told to each of the group and not raised here: the leader of a batch has others behind it.
        """
        with counter.lock:
            group = _next_group(counter.waiting)
        try:
            self._serve(series_id, counter, group)
        except BaseException as error:
            for ticket in group:
                if not ticket.served:
                    ticket.error = error
        finally:
            for ticket in group:
                ticket.called.set()
            with counter.lock:
                counter.led = bool(counter.waiting)
                if counter.waiting:
                    counter.waiting[0].leads = True
                    counter.waiting[0].called.set()

    def _serve(self, series_id: int, counter: _Counter, group: list[_Ticket]) -> None:
        try:
            made = self._commit(series_id, counter, [ticket.ready for ticket in group])
        except (Problem, IntegrityError, DataError) as error:
            if len(group) > 1:
                for ticket in group:
                    self._serve(series_id, counter, [ticket])
                return
            group[0].error = _told(error)
        else:
            for ticket, issued in zip(group, made, strict=True):
                ticket.issued = issued

    def _commit(self, series_id: int, counter: _Counter, group: list[Ready]) -> list[Issued]:
        """Stores a group. Signs before it locks, unless other processes use the series or a number is forced."""
        if counter.wary == 0 and group[0].forced is None:
            with self._database.read() as session:
                head = allocator.read(session, series_id)
            vouchers, last = _all_numbered(group, head)
            try:
                with self._database.write() as session:
                    _take_turns(session, group)
                    return _stored(session, group, vouchers, head, last)
            except allocator.Overtaken:
                counter.wary = _WARY_FOR
        else:
            counter.wary = max(0, counter.wary - 1)
        with self._database.write() as session:
            _take_turns(session, group)
            head = allocator.lock(session, series_id)
            head = _skipped(session, group[0], head)
            vouchers, last = _all_numbered(group, head)
            return _stored(session, group, vouchers, head, last)


def _next_group(waiting: deque[_Ticket]) -> list[_Ticket]:
    """Who is served together: in order, no two that could be twins, and a forced number by itself."""
    group: list[_Ticket] = []
    seen: set[str] = set()
    while waiting and len(group) < MOST_IN_A_GROUP:
        ready = waiting[0].ready
        marks = _marks(ready)
        if group and (ready.forced is not None or marks & seen):
            break
        seen |= marks
        group.append(waiting.popleft())
        if ready.forced is not None:
            break
    return group


def _marks(ready: Ready) -> set[str]:
    """What must not be twice in one group, because the database can only be asked about what is already stored."""
    marks = set()
    external_id = ready.order.body["header"].get("external_id")
    if external_id is not None:
        marks.add(f"external:{external_id}")
    if ready.plan.account.duplicate_guard_minutes and not ready.order.keyed:
        marks.add(f"body:{ready.order.fingerprint}")
    content = ready.plan.draft.content
    if isinstance(content, Note) and content.target is not None:
        marks.add(f"target:{content.target.type_code}:{content.target.text}")
    return marks


def _skipped(session: Session, first: Ready, head: allocator.Head) -> allocator.Head:
    """The head just before a forced number, with the gap that this leaves declared."""
    if first.forced is None:
        return head
    check_force(
        session, first.caller, first.plan.account, first.plan.series, first.forced, last_number=head.last_number
    )
    if first.forced == head.last_number + 1 or first.plan.series.profile == "contingency":
        return head
    return allocator.skip(
        session, head, to=first.forced - 1, reason="document_number", author=first.caller.actor, now=first.now
    )


def _take_turns(session: Session, group: list[Ready]) -> None:
    """Before any series' lock, so that it is taken in the same order as where series are rearranged."""
    if any(keys_of(ready.plan.draft.content) for ready in group):
        in_turn(session, group[0].plan.account.id)


def _all_numbered(group: list[Ready], head: allocator.Head) -> tuple[list[store.Fresh], allocator.Head]:
    vouchers = []
    for ready in group:
        fresh, head = numbered(ready, head)
        vouchers.append(fresh)
    return vouchers, head


def _stored(
    session: Session, group: list[Ready], vouchers: list[store.Fresh], head: allocator.Head, last: allocator.Head
) -> list[Issued]:
    """Takes the numbers and stores what bears them. Raises Overtaken before anything is written."""
    assert last.last_issue_date is not None  # noqa: S101 - a group has one voucher at least
    now = max(ready.now for ready in group)
    allocator.advance(
        session, head, chain_head=last.chain_head, issue_date=last.last_issue_date, now=now,
        numbers=last.last_number - head.last_number,
    )
    for ready in group:  # its twin may have been issued since the first look
        guard_repetition(session, ready.plan.account, ready.order, ready.now)
    _aim(session, group, vouchers)
    deliveries = store.store_issued(session, vouchers, now=now)
    for ready, fresh in zip(group, vouchers, strict=True):  # its advances may have been used up since the first look
        refuse_overuse(
            session, ready.plan.account.id, ready.plan.draft.content, ready.rate, fresh.document.id
        )
        if ready.replaces is not None:
            store.link_replacement(session, fresh.document, ready.replaces, now=now)
    return [
        Issued(document=fresh.document, delivery=delivery, xml=fresh.signed.xml)
        for fresh, delivery in zip(vouchers, deliveries, strict=True)
    ]


def _aim(session: Session, group: list[Ready], vouchers: list[store.Fresh]) -> None:
    """Looks once more at the vouchers that notes change and certificates list, and locks those and used advances.

    Another note may have been issued to them since the first look, or they themselves: a note then waits for its
    target's answer and counts against what is left of it. Raises Refused.
    """
    lock_referred(session, group[0].plan.account.id, [ready.plan.draft.content for ready in group])
    for ready, fresh in zip(group, vouchers, strict=True):
        content = ready.plan.draft.content
        citing.refuse_against(session, ready.plan.account, content)
        if not isinstance(content, Note):
            continue
        target = target_record(session, ready.plan.account, content)
        if target is not None:
            refuse_against(session, content, target)
            fresh.document.target_document_id = target.id


def _told(error: Exception) -> Exception:
    if isinstance(error, IntegrityError):
        return Conflict("ALREADY_ISSUED", Text(
            "El número o el external_id ya está en uso", "The number or the external_id is already in use"
        ))
    return error
