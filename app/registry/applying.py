"""A confirmed plan carried out: branches, series and counters first, then the history, in bounded transactions.

Once the counters stand behind everything that was brought, issuing may go on while history is still being stored. Each
transaction asks the ledger again what is there, so a plan that was broken off is simply applied once more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import branches_of
from app.db import Database
from app.ledger import store
from app.ledger.advances import Use
from app.ledger.imported import Answer, History, complete_imported, link_notes, store_imported
from app.problems import Conflict, Text
from app.registry.archives import Archives, Unfit
from app.registry.entries import Item
from app.registry.places import add_branch
from app.registry.planning import Plan, SeriesPlan
from app.registry.recording import answer_of, cdr_observations, document_row, uses_in
from app.registry.standing import standing_of, stored_on
from app.series import allocator, operations
from app.series.models import SeriesRecord
from sunat import xml
from sunat.documents import PaidVoucher
from sunat.ubl.facts import facts_of
from sunat.ubl.reading import VoucherFacts

BATCH: Final = 100
"""Vouchers in one transaction: long enough to be quick, short enough for issuing to go on in between."""

MOST_FAILED: Final = 100


@dataclass(slots=True, kw_only=True)
class Result:
    """What an application did: vouchers stored, given their CDR, found there already; files that changed meanwhile."""

    imported: int = 0
    completed: int = 0
    already_there: int = 0
    linked: int = 0
    failed: list[str] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "imported": self.imported, "completed": self.completed, "already_there": self.already_there,
            "notes_linked": self.linked, "failed": len(self.failed), "failed_files": self.failed[:MOST_FAILED],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An item with its bytes in hand."""

    item: Item
    content: bytes
    facts: VoucherFacts
    paid: tuple[PaidVoucher, ...]
    answer: Answer | None
    uses: tuple[Use, ...]


def apply_plan(
    database: Database, archives: Archives, account_id: int, plan: Plan, *, actor: str, now: Callable[[], datetime],
    environment: str, progress: Callable[[int], None] = lambda _: None,
) -> Result:
    """Applies a plan and says what was done. Raises Conflict when series moved since the plan was made."""
    result = Result(already_there=len(plan.of("present")))
    with database.write() as session:
        _open_places(session, session.get_one(AccountRecord, account_id), plan, actor=actor, now=now())
    for place, items in groupby(plan.of("import"), key=lambda item: item.entry.key[:2]):
        for batch in _batches(list(items)):
            ready = list(_read(archives, batch, environment, result, now()))
            with database.write() as session:
                _store(session, account_id, place, ready, plan.digest, result, actor=actor, now=now())
            progress(len(batch))
    for batch in _batches(plan.of("complete")):
        ready = list(_read(archives, batch, environment, result, now()))
        with database.write() as session:
            _complete(session, ready, plan.digest, result, now=now())
        progress(len(batch))
    with database.write() as session:
        result.linked = link_notes(session, account_id)
    return result


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), BATCH):
        yield items[at:at + BATCH]


def _open_places(session: Session, account: AccountRecord, plan: Plan, *, actor: str, now: datetime) -> None:
    """Branches, series, counters, defaults: all of them or none."""
    for branch in plan.branches:
        add_branch(session, account, branch, now=now)
    for row in plan.series:
        found = operations.find(session, account.id, row.sunat_code, row.code)
        if found is None:
            found = operations.register(
                session, _branch(session, account, row.branch), account, sunat_code=row.sunat_code, code=row.code,
                now=now, pointer="",
            )
        _move_counter(session, account, found, row, plan.digest, actor=actor, now=now)
        if row.becomes_default and not found.is_default:
            operations.make_default(session, found, now=now)


def _move_counter(
    session: Session, account: AccountRecord, found: SeriesRecord, row: SeriesPlan, digest: str, *, actor: str,
    now: datetime,
) -> None:
    """Forward only; a series that has begun to issue here since the plan was made stops everything."""
    head = allocator.lock(session, found.id)
    if not row.moves or head.last_number >= row.proposed_last_number:
        return
    standing = standing_of(session, account.id, ()).series[row.sunat_code, row.code]
    if standing.issues or head.last_number != row.last_number:
        raise Conflict("PLAN_CHANGED", Text(
            f"La serie {row.code} avanzó desde el reporte; vuelva a analizar",
            f"Series {row.code} moved since the report; analyse again",
        ))
    operations.set_last_number(
        session, found.id, row.proposed_last_number, reason=f"Historia importada / imported history {digest[:12]}",
        author=actor, now=now, pointer="",
    )


def _branch(session: Session, account: AccountRecord, code: str) -> BranchRecord:
    return session.scalars(branches_of(account.id).where(BranchRecord.code == code)).one()


def _read(
    archives: Archives, batch: Sequence[Item], environment: str, result: Result, now: datetime
) -> Iterator[_Read]:
    """The bytes of a batch, proved to be those that were reported."""
    for item in batch:
        try:
            content = _same(archives.read(item.entry.place), item.entry.sha256)
            root = xml.parse(content)
            facts, paid = facts_of(root)
            answer = None
            if item.cdr is not None:
                answer = answer_of(
                    item.cdr, facts, _same(archives.read(item.cdr.place), item.cdr.sha256),
                    archives.packed(item.cdr.place), settles=item.cdr.proves(environment), now=now,
                )
        except Unfit:
            result.failed.append(item.entry.shown)
            continue
        yield _Read(item=item, content=content, facts=facts, paid=paid, answer=answer, uses=uses_in(root, facts))


def _same(content: bytes, sha256: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Unfit(Text("El archivo cambió desde el reporte", "The file changed since the report"))
    return content


def _store(
    session: Session, account_id: int, place: tuple[str, str], ready: Sequence[_Read], digest: str, result: Result, *,
    actor: str, now: datetime,
) -> None:
    """One batch of one series, appended to its chain."""
    if not ready:
        return
    account = session.get_one(AccountRecord, account_id)
    series = operations.find(session, account_id, *place)
    if series is None:
        raise LookupError(f"Series {place[1]} is gone")
    head = allocator.lock(session, series.id)
    there = stored_on(session, series.id, place, [each.item.entry.key[2] for each in ready])
    chain = head.chain_head
    fresh = []
    for each in ready:
        number = each.item.entry.key[2]
        if each.item.entry.key in there:
            result.already_there += 1
            continue
        if number > head.last_number:  # somebody set the unused counter back meanwhile; history never stands above it
            result.failed.append(each.item.entry.shown)
            continue
        linked = allocator.link(
            chain, ruc=account.ruc, sunat_code=place[0], series=place[1], number=number, edition=1, xml=each.content
        )
        fresh.append(History(
            document=document_row(
                account, series, each.item, each.facts, target_id=_target(session, account_id, each.facts),
                actor=actor, now=now, paid=each.paid,
            ),
            signed=store.Signed(
                xml=each.content, digest=each.item.entry.seal.digest, chain_previous=chain, chain_hash=linked,
                certificate_id=None,
            ),
            answer=each.answer, said=_said(each.item, digest), uses=each.uses,
        ))
        chain = linked
    if fresh:
        store_imported(session, fresh, now=now)
        latest = max(each.document.issue_date for each in fresh)
        allocator.advance(session, head, chain_head=chain, issue_date=latest, now=now, numbers=0)
        result.imported += len(fresh)


def _target(session: Session, account_id: int, facts: VoucherFacts) -> int | None:
    """The row that a note changes, where it is there already; `link_notes` ties the rest at the end."""
    target = facts.target
    if target is None:
        return None
    found = store.document_by_number(
        session, account_id, sunat_code=target.type_code, series=target.series, number=target.number
    )
    return found.id if found else None


def _complete(session: Session, ready: Sequence[_Read], digest: str, result: Result, *, now: datetime) -> None:
    for each in ready:
        item = each.item
        if item.document_id is None or each.answer is None:
            continue
        done = complete_imported(
            session, item.document_id, each.answer, item.status, observations=cdr_observations(item.cdr), now=now,
            said=_said(item, digest),
        )
        result.completed += done
        result.already_there += not done


def _said(item: Item, digest: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "file": item.entry.shown, "sha256": item.entry.sha256, "plan": digest, "signature": item.entry.seal.state,
        "holder": item.entry.seal.holder,
    }
    if item.cdr is not None:
        said |= {"cdr": item.cdr.cdr.code, "cdr_file": item.cdr.shown, "cdr_signature": item.cdr.cdr.signature}
    return said

