"""The rows against what must hold after every round: plain SQL, another signature library, none of the product's code.

Invariants I1 to I3 of the reliability plan (`domain/sunat_operations.md` 13.1), and the chain of decision 6: each
series is exactly 1..n; each number has one voucher, one edition, signed bytes that say its number and verify, one
delivery, one event; the editions of a series form one chain up to its head; each key has one voucher, and what is
sealed under it is what the client got.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from tests.campaigns.place import Place
from tests.campaigns.sales import MARK, Sale
from tests.support.oracles import xmlsec_accepts

GENESIS: Final = "0" * 64
_MARKED: Final = re.compile(re.escape(MARK).encode() + rb"([0-9A-Za-z.:-]+)")
_ID: Final = re.compile(rb"<cbc:ID>([0-9A-Z]{4}-[0-9]+)</cbc:ID>")
_DIGEST: Final = re.compile(rb"<ds:DigestValue>([^<]+)</ds:DigestValue>")

_SERIES: Final = "SELECT id, ruc, sunat_code, code, last_number, chain_head FROM series"
_DOCUMENTS: Final = (
    "SELECT d.id, d.series_id, d.number, d.digest, d.series,"
    " (SELECT count(*) FROM editions e WHERE e.document_id = d.id),"
    " (SELECT count(*) FROM deliveries v WHERE v.document_id = d.id),"
    " (SELECT count(*) FROM events t WHERE t.document_id = d.id AND t.kind = 'document.issued')"
    " FROM documents d ORDER BY d.series_id, d.number"
)
_LINKS: Final = (
    "SELECT e.id, e.document_id, e.series_id, e.edition, e.xml_sha256, e.digest, e.chain_previous, e.chain_hash"
    " FROM editions e"
)
_KEYS: Final = "SELECT key, status_code, body, document_id, sealed_at FROM idempotency"


@dataclass(slots=True)
class Checker:
    """Looks at one installation as often as asked; each signature is verified once, or every time with ``full``."""

    place: Place
    verified: set[int] = field(default_factory=set)
    signatures: int = 0
    marks: Counter[str] = field(default_factory=Counter)

    def check(self, sales: dict[str, Sale], *, settled: bool, full: bool = False) -> list[str]:
        """What is wrong, in words. ``settled`` says that every sale of the clients should have its answer."""
        if full:
            self.verified.clear()
            self.marks.clear()
        rows = _Rows(self.place)
        with closing(rows):
            series = {row[0]: row for row in rows.ask(_SERIES)}
            documents = {row[0]: row for row in rows.ask(_DOCUMENTS)}
            links = list(rows.ask(_LINKS))
            found = [*_numbers(series, documents), *_chains(series, documents, links)]
            found += self._bytes(rows, documents, [row for row in links if row[0] not in self.verified])
            keys = {row[0]: row for row in rows.ask(_KEYS)}
        found += _keys(keys, documents, sales, settled=settled)
        found += self._marks(sales, documents)
        return found

    def _bytes(self, rows: _Rows, documents: dict[int, Any], links: list[Any]) -> list[str]:
        """The signed bytes of editions not yet looked at."""
        if not links:
            return []
        found = []
        about = {row[0]: row for row in links}
        for edition_id, xml in rows.ask(f"SELECT id, xml FROM editions WHERE id >= {min(about)}"):
            if edition_id not in about:
                continue
            _, document_id, _, _, sha256, digest, _, _ = about[edition_id]
            self.verified.add(edition_id)
            self.signatures += 1
            if document_id not in documents:
                found.append(f"edition {edition_id} is of no document")
                continue
            _, _, number, said, code, _, _, _ = documents[document_id]
            name = f"{code}-{number}"
            if hashlib.sha256(xml).hexdigest() != sha256:
                found.append(f"{name}: the stored hash is not that of its bytes")
            if not xmlsec_accepts(xml):
                found.append(f"{name}: the signature does not verify")
            if name.encode() not in _ID.findall(xml):
                found.append(f"{name}: the XML does not say so")
            if {one.decode() for one in _DIGEST.findall(xml)} != {digest} or said != digest:
                found.append(f"{name}: three digests that differ")
            self.marks.update(mark.decode() for mark in _MARKED.findall(xml))
        return found

    def _marks(self, sales: dict[str, Sale], documents: dict[int, Any]) -> Iterable[str]:
        for mark, count in self.marks.items():
            if count > 1:
                yield f"{mark}: {count} vouchers for one sale"
            if mark not in sales:
                yield f"{mark}: a voucher of a sale that nobody made"
        if sum(self.marks.values()) != len(documents):
            yield f"{len(documents)} documents, but {sum(self.marks.values())} of them bear a sale's mark"


class _Rows:
    """A connection that only reads, on either database."""

    def __init__(self, place: Place) -> None:
        self._connection: Any
        if place.kind == "sqlite":
            self._connection = sqlite3.connect(place.plain_url.removeprefix("sqlite:///"), timeout=30)
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("BEGIN")
        else:
            self._connection = psycopg.connect(place.plain_url)
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def ask(self, query: str) -> Iterable[Any]:
        """The rows of a query."""
        rows: Iterable[Any] = self._connection.execute(query)
        return rows

    def close(self) -> None:
        """Ends the connection."""
        self._connection.rollback()
        self._connection.close()


def _numbers(series: dict[int, Any], documents: dict[int, Any]) -> Iterable[str]:
    held: dict[int, list[int]] = {one: [] for one in series}
    for _, series_id, number, _, code, editions, deliveries, events in documents.values():
        held[series_id].append(number)
        if code != series[series_id][3]:
            yield f"{code}-{number}: stands in series {series[series_id][3]}"
        if (editions, deliveries, events) != (1, 1, 1):
            yield f"{code}-{number}: {editions} editions, {deliveries} deliveries, {events} events"
    for series_id, numbers in held.items():
        code, last = series[series_id][3], series[series_id][4]
        if sorted(numbers) != list(range(1, last + 1)):
            counted = Counter(numbers)
            twice = sorted(one for one, count in counted.items() if count > 1)
            holes = sorted(set(range(1, last + 1)) - set(numbers))
            beyond = sorted(one for one in numbers if one > last)
            yield f"{code} stands at {last}: holes {holes[:5]}, twice {twice[:5]}, beyond {beyond[:5]}"


def _chains(series: dict[int, Any], documents: dict[int, Any], links: list[Any]) -> Iterable[str]:
    of_document = {row[1]: row for row in links}
    heads = dict.fromkeys(series, GENESIS)
    for document_id, series_id, number, *_ in documents.values():  # in the order of the numbers
        row = of_document.get(document_id)
        if row is None:
            continue  # told by _numbers
        _, ruc, kind, code, _, _ = series[series_id]
        parts = (heads[series_id], ruc, kind, code, str(number), str(row[3]), row[4])
        wanted = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        if (row[6], row[7]) != (heads[series_id], wanted):
            yield f"{code}-{number}: its link does not follow from the one before"
        heads[series_id] = row[7]
    for series_id, head in heads.items():
        if series[series_id][5] != head:
            yield f"{series[series_id][3]}: its head is not its last link"


def _keys(keys: dict[str, Any], documents: dict[int, Any], sales: dict[str, Sale], *, settled: bool) -> Iterable[str]:
    owners: Counter[int] = Counter()
    for key, status, body, document_id, sealed_at in keys.values():
        if sealed_at is None:
            if settled:
                yield f"{key}: claimed and never sealed"
            if document_id is not None:
                yield f"{key}: has a document and is not sealed"
            continue
        if document_id not in documents:
            yield f"{key}: sealed without a document"
            continue
        owners[document_id] += 1
        _, _, number, _, code, *_ = documents[document_id]
        said = json.loads(body)
        header = said["header"]
        told = (said["document_id"], header["document_sequence_code"], header["document_number"])
        if told != (document_id, code, number) or status != 201:
            yield f"{key}: sealed {status} {told}, stored {(document_id, code, number)}"
    for document_id, (_, _, number, _, code, *_) in documents.items():
        if owners[document_id] != 1:
            yield f"{code}-{number}: sealed under {owners[document_id]} keys"
    for sale in sales.values():
        row = keys.get(sale.key)
        if sale.answers and (row is None or row[2] is None or bytes(row[2]) != sale.answers[0]):
            yield f"{sale.key}: what is sealed is not what the client got"
        if settled and not sale.answers:
            yield f"{sale.key}: never answered ({dict(sale.tries)})"
