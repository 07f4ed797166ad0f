"""The report: one JSON array, one element to a line, signed over the lines' own bytes.

::

    [
    {"report": "chasqui-audit/1", "made_at": ..., "account": {...}, "scope": {...}},
    {"series": {"ruc", "sunat_code", "code", "chain_head", ...}},
    {"number": 1, "edition": 1, "state": ..., "digest": ..., "sha256": ..., "chain": ...},      (in order of signing)
    {"summary": {...}},                                                                     (one after each series)
    {"end": {...}},
    {"signature": {"algorithm": "Ed25519", "sha256": ..., "public_key": ..., "value": ...}}
    ]

What is signed is ``chasqui-audit/1``, a line feed, and the SHA-256 (hex) of all lines before the signature's, each
without its comma and with a line feed. So a report of a million vouchers is written, and checked, line by line.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.audit import reading
from app.audit.findings import LISTED
from app.audit.judging import Judge
from app.audit.keys import public_text
from app.audit.reading import Scope

FORM: Final = "chasqui-audit/1"

Element = Mapping[str, Any]
"""One line of the report."""


def elements(session: Session, account: AccountRecord, scope: Scope, *, now: datetime) -> Iterator[Element]:
    """The audit of an account, element by element, without the signature. Reads as it goes; keeps a page at most."""
    yield {
        "report": FORM, "made_at": now.isoformat(),
        "account": {
            "id": account.id, "environment": account.environment, "ruc": account.ruc,
            "legal_name": account.legal_name,
        },
        "scope": {"series": scope.series, "period": scope.period, "branch_id": scope.branch_id},
    }
    total = {"series_count": 0, "vouchers": 0, "editions": 0, "holes": 0, "findings": 0}
    for card in reading.cards(session, account, scope):
        yield {"series": {
            "environment": card.environment, "ruc": card.ruc, "sunat_code": card.sunat_code, "code": card.code,
            "start_number": card.start_number, "counter": card.last_number, "chain_head": card.chain_head,
            "preprinted": card.preprinted,
        }}
        judge = Judge(card, scope, reading.gaps(session, card), reading.ranges(session, card))
        for link in reading.links(session, card, scope):
            line = judge.see(link)
            if line is not None:
                yield line
        summary = judge.finish(
            unsigned=reading.unsigned(session, card, LISTED), strangers=reading.strangers(session, card, LISTED)
        )
        yield {"summary": summary}
        total["series_count"] += 1
        total["vouchers"] += summary["count"]
        total["editions"] += summary["editions"]
        total["holes"] += sum(last - first + 1 for first, last in summary["holes"])
        total["findings"] += summary["findings_count"]
    yield {"end": {**total, "clean": total["findings"] == 0}}


class Result:
    """What an audit says without the list of its numbers: the head, a summary of each series, the totals."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {"series": []}

    def of(self, found: Iterable[Element]) -> Iterator[Element]:
        """Hands the elements on and keeps what is for it."""
        for element in found:
            if "report" in element:
                self.body = {**element, **self.body}
            elif "summary" in element:
                self.body["series"].append(element["summary"])
            elif "end" in element:
                self.body |= element["end"]
            yield element


def audit(session: Session, account: AccountRecord, scope: Scope, *, now: datetime) -> dict[str, Any]:
    """The audit of an account as one object, without the list of its numbers."""
    result = Result()
    deque(result.of(elements(session, account, scope, now=now)), maxlen=0)
    return result.body


def signed(found: Iterable[Element], key: Ed25519PrivateKey) -> Iterator[bytes]:
    """The lines of the signed report, in pieces ready to be written."""
    digest = hashlib.sha256()
    yield b"[\n"
    for element in found:
        line = _line(element)
        digest.update(line + b"\n")
        yield line + b",\n"
    hashed = digest.hexdigest()
    yield _line({"signature": {
        "algorithm": "Ed25519", "sha256": hashed, "public_key": public_text(key),
        "value": b64encode(key.sign(f"{FORM}\n{hashed}".encode("ascii"))).decode("ascii"),
    }}) + b"\n]\n"


def _line(element: Element) -> bytes:
    return json.dumps(element, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
