"""Many vouchers in one request: each stands for itself, a refused one takes no number (decision 27).

Items are planned one by one, then each series' items are numbered together, series in the order of their ids so that
two batches can never wait for each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from app import idempotency
from app.documents.fingerprint import fingerprint
from app.documents.numbering import Issued, Ready
from app.documents.operations import Desk, make_ready
from app.documents.orders import Caller, Order
from app.documents.schemas.request import DocumentRequest
from app.http.answers import malformed, of_database
from app.problems import Language, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What all items of a batch have in common: who asks, when, and how he is answered.

    ``answer`` makes the JSON body about a voucher just issued, and may be called from another request's thread.
    ``key`` is the batch's own Idempotency-Key: the items without one have ``KEY/0``, ``KEY/1`` ... by their places.
    """

    caller: Caller
    now: datetime
    lease_seconds: int
    answer: Callable[[Issued], bytes]
    language: Language
    request_id: str
    key: str | None = None


@dataclass(slots=True, kw_only=True)
class _Item:
    """One voucher of the batch on its way: ready to be numbered, or answered."""

    status: int = 0
    body: Any = None
    held: idempotency.Claim | None = None
    ready: Ready | None = None


def issue_batch(desk: Desk, items: Sequence[dict[str, Any]], manner: Manner) -> list[dict[str, Any]]:
    """Issues each item that may be issued. The result has the items' order: ``status`` and ``document`` or ``error``.

    An item is the body of a single request with an ``idempotency_key`` of its own, if it has one.
    """
    begun = [_begin(desk, raw, manner, place) for place, raw in enumerate(items)]
    by_series: dict[int, list[_Item]] = {}
    for item in begun:
        if item.ready is not None:
            by_series.setdefault(item.ready.plan.series.id, []).append(item)
    # What a note changes comes before the note; within that, one order for all batches.
    for items_of in sorted(by_series.values(), key=_turn):
        _number(desk, items_of, manner)
    return [
        {"index": index, "status": item.status, "document" if item.status < 400 else "error": item.body}
        for index, item in enumerate(begun)
    ]


def _turn(items: Sequence[_Item]) -> tuple[str, int]:
    """When a series' items are numbered: by SUNAT's code, so facturas and boletas before notes, then by series."""
    series = next(item.ready for item in items if item.ready is not None).plan.series
    return series.sunat_code, series.id


def _begin(desk: Desk, raw: dict[str, Any], manner: Manner, place: int) -> _Item:
    """Reads, claims and plans one item."""
    item = _Item()
    try:
        order, key = _order(raw, None if manner.key is None else f"{manner.key}/{place}")
        if key is not None:
            held = idempotency.claim(
                desk.database, idempotency.Owner(account_id=manner.caller.account_id), key=key,
                fingerprints=(order.fingerprint,), now=manner.now, lease_seconds=manner.lease_seconds,
            )
            if isinstance(held, idempotency.Replay):
                return _Item(status=held.status, body=json.loads(held.body))
            item.held = held
        item.ready = make_ready(
            desk, manner.caller, order, now=manner.now, held=item.held,
            answer=lambda made: (201, manner.answer(made)),
        )
    except Problem as problem:
        _refuse(desk, item, problem, manner)
    return item


def _order(raw: Mapping[str, Any], usual: str | None) -> tuple[Order, str | None]:
    given = {name: value for name, value in raw.items() if name != "idempotency_key"}
    key = raw.get("idempotency_key")
    if key is None:
        key = usual
    try:
        body = DocumentRequest().load(given)
    except ValidationError as error:
        raise malformed(error.messages) from error
    order = Order(body=body, raw=given, fingerprint=fingerprint(body), keyed=key is not None)
    return order, None if key is None else str(key)


def _number(desk: Desk, items: Sequence[_Item], manner: Manner) -> None:
    outcomes = desk.counters.issue_all([item.ready for item in items if item.ready is not None])
    for item, outcome in zip(items, outcomes, strict=True):
        if isinstance(outcome, Issued):
            item.status, item.body = 201, json.loads(manner.answer(outcome))
        elif isinstance(outcome, Problem):
            _refuse(desk, item, outcome, manner)
        elif (problem := of_database(outcome)) is not None:
            # Others of the batch may be issued, so this must not hide them. The key keeps its lease: who repeats it
            # after that learns what became of the item.
            _tell(item, problem, manner)
        else:
            raise outcome


def _refuse(desk: Desk, item: _Item, problem: Problem, manner: Manner) -> None:
    if item.held is not None:
        idempotency.release(desk.database, item.held)
    _tell(item, problem, manner)


def _tell(item: _Item, problem: Problem, manner: Manner) -> None:
    item.status, item.body = problem.status, problem.body(manner.language, manner.request_id)
