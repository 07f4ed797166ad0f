"""The rows about delivery against SUNAT's own record: plain SQL, none of the product's code.

Invariants I1, I2, I4 to I8, I11 and I12 of the reliability plan (`domain/sunat_operations.md` 13.1), and the budget of
the retries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from app.db import Database
from sunat.sandbox import Ledger
from tests.campaigns.recovery import moment

_TERMINAL = ("document.accepted", "document.observed", "document.rejected", "document.voided", "document.lapsed")
_VALID = {"accepted", "observed"}
_SENDINGS = {"sendBill", "sendGuide"}


def check(
    database: Database, ledger: Ledger, *, budget: tuple[float, float] | None = None
) -> tuple[list[str], dict[str, Any]]:
    """What is wrong, in words; and what was counted. ``budget`` is what retries may spend: a second, and at once."""
    with database.read() as session:
        def ask(query: str) -> list[Any]:
            return list(session.execute(text(query)))

        documents = ask(
            "SELECT d.id, d.ruc, d.sunat_code, d.series, d.number, d.status, d.target_document_id, v.id, v.state,"
            " v.phase, v.reason, v.tries, v.deadline_at, d.account_id,"
            " v.channel"
            " FROM documents d JOIN deliveries v ON v.document_id = d.id"
        )
        editions = ask("SELECT document_id, edition, xml_sha256 FROM editions")
        attempts = ask(
            "SELECT delivery_id, operation, edition, request_sha256, result, code, number, started_at, endpoint"
            " FROM attempts ORDER BY id"
        )
        events = ask(
            "SELECT document_id, kind, id, at, account_id FROM events WHERE document_id IS NOT NULL ORDER BY id"
        )
        evidence = ask("SELECT document_id, kind, account_id FROM evidence")
        summarised = ask(
            "SELECT l.document_id, e.kind, e.account_id FROM evidence e JOIN summary_lines l"
            " ON l.summary_id = e.summary_id"
        )
        series = ask("SELECT ruc, sunat_code, code, last_number FROM series WHERE last_number > 0"
                     " AND profile <> 'summary'")
    found = [
        *_numbers(documents, series), *_bytes(documents, editions, attempts), *_record(documents, editions, ledger),
        *_proofs(documents, events, [*evidence, *summarised]), *_order(documents, attempts),
        *_alarms(documents, events), *_tenants(documents, events, evidence),
        *(_hurry(attempts, *budget) if budget else ()),
    ]
    tries = sorted(Counter(row[0] for row in attempts).values())
    sent = sum(row[1] in _SENDINGS for row in attempts)
    return found, {
        "vouchers": len(documents), "states": dict(Counter(f"{row[5]}/{row[8]}" for row in documents)),
        "unsettled": [f"{row[3]}-{row[4]} {row[8]} {row[9]} {row[10]}" for row in documents if row[8] != "done"][:20],
        "attempts": len(attempts), "sendings": sent, "on_record": ledger.count(),
        "attempts_p50": tries[len(tries) // 2] if tries else 0,
        "attempts_p99": tries[int(len(tries) * 0.99)] if tries else 0, "attempts_most": tries[-1] if tries else 0,
    }


def _numbers(documents: list[Any], series: list[Any]) -> Iterable[str]:
    """I1 and I2."""
    held: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for row in documents:
        held[row[1], row[2], row[3]].append(row[4])
    for ruc, code, name, last in series:
        if sorted(held[ruc, code, name]) != list(range(1, last + 1)):
            yield f"{name} of {ruc}: not exactly 1..{last}"


def _bytes(documents: list[Any], editions: list[Any], attempts: list[Any]) -> Iterable[str]:
    """I4: one edition, and every sending of it the same request."""
    of_document = Counter(row[0] for row in editions)
    requests: dict[int, set[str]] = defaultdict(set)
    for row in attempts:
        if row[1] in _SENDINGS and row[3]:
            requests[row[0]].add(row[3])
    for row in documents:
        if of_document[row[0]] != 1:
            yield f"{row[3]}-{row[4]}: {of_document[row[0]]} editions"
        if len(requests[row[7]]) > 1:
            yield f"{row[3]}-{row[4]}: sent as {len(requests[row[7]])} different requests"


def _record(documents: list[Any], editions: list[Any], ledger: Ledger) -> Iterable[str]:
    """I5: the verdict here is the record there, of the very bytes."""
    hashes = {row[0]: row[2] for row in editions}
    there = {(one.voucher.ruc, one.voucher.type_code, one.voucher.series, one.voucher.number): one for one in ledger}
    for row in documents:
        entry = there.pop((row[1], row[2], row[3], row[4]), None)
        name = f"{row[1]} {row[3]}-{row[4]}"
        if (row[5] in _VALID) != (entry is not None and str(entry.state) == "accepted"):
            yield f"{name}: {row[5]} here, {entry.state if entry else 'nothing'} there"
        elif entry is not None and row[14] != "carried" and entry.sha256 != hashes[row[0]]:
            yield f"{name}: other bytes are on record"
    for key in there:
        yield f"{key}: on record there, and unknown here"


def _proofs(documents: list[Any], events: list[Any], evidence: list[Any]) -> Iterable[str]:
    """I6 and I12: a verdict has stored evidence, and one event that tells it."""
    proven = {row[0] for row in evidence if row[1] in {"cdr", "state"}}
    told = Counter(row[0] for row in events if row[1] in _TERMINAL)
    for row in documents:
        settled = row[5] not in {"issued", "lapsed"}
        if settled and row[0] not in proven:
            yield f"{row[3]}-{row[4]}: {row[5]} without evidence"
        if told[row[0]] != int(row[5] != "issued"):
            yield f"{row[3]}-{row[4]}: {row[5]}, told by {told[row[0]]} events"


def _order(documents: list[Any], attempts: list[Any]) -> Iterable[str]:
    """I11: no note is sent before its target is accepted (rows are in the order they were written)."""
    by_id = {row[0]: row for row in documents}
    first_sent: dict[int, int] = {}
    answered: dict[int, int] = {}
    for place, row in enumerate(attempts):
        if row[1] in _SENDINGS:
            first_sent.setdefault(row[0], place)
        if row[4] == "answered":
            answered[row[0]] = answered.get(row[0], place)
    for row in documents:
        target = by_id.get(row[6])
        if target is None or row[7] not in first_sent:
            continue
        if target[7] not in answered or answered[target[7]] > first_sent[row[7]]:
            yield f"{row[3]}-{row[4]}: sent before {target[3]}-{target[4]} had its answer"


def _alarms(documents: list[Any], events: list[Any]) -> Iterable[str]:
    """I7: whatever had no verdict an hour after its last day was told as missed (an hour: when somebody looks)."""
    told = {row[0] for row in events if row[1] == "delivery.alarm"}
    ends = {row[0]: moment(row[3]) for row in events if row[1] in _TERMINAL}
    for row in documents:
        if row[12] is None or row[0] in told:
            continue
        if row[0] in ends and ends[row[0]] > moment(row[12]) + timedelta(hours=1, minutes=5):
            yield f"{row[3]}-{row[4]}: its last day was missed and nobody was told"


def _tenants(documents: list[Any], events: list[Any], evidence: list[Any]) -> Iterable[str]:
    """I8: what is kept about a voucher is its issuer's."""
    owners = {row[0]: row[13] for row in documents}
    for row in events:
        if row[4] != owners[row[0]]:
            yield f"event {row[2]} is of another issuer"
    for row in evidence:
        if row[0] in owners and row[2] != owners[row[0]]:
            yield f"evidence of document {row[0]} is of another issuer"


def _hurry(attempts: list[Any], rate: float, burst: float) -> Iterable[str]:
    """Retries at one address stay within their budget, over any stretch of time."""
    spent: dict[str, tuple[float, Any]] = {}
    for row in sorted((row for row in attempts if row[6] > 1), key=lambda row: moment(row[7])):
        at = moment(row[7])
        debt, since = spent.get(row[8], (0.0, at))
        debt = max(0.0, debt - rate * (at - since).total_seconds()) + 1
        spent[row[8]] = (debt, at)
        if debt > burst + 1:
            yield f"{row[8]}: more retries than their budget at {at}"
            return
