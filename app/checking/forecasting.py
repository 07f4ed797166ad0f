"""The rules of a coming day over the vouchers of a period: what would be refused then that was not refused before.

Each stored voucher is judged twice, by the rules of its own day and by those in force on the day that is asked; the
difference counts. The vouchers pass in pages, by the editions' ids, so that any number of them fits in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import and_, select

from app.db import Database
from app.ledger.lifecycle import Status
from app.ledger.models import DocumentRecord, EditionRecord
from app.problems import Language
from sunat import xml
from sunat.kinds import kind
from sunat.rules.context import Context
from sunat.rules.engine import Finding, Severity, judge, strictly

PAGE: Final = 250
"""Vouchers read at once."""
_EXAMPLES: Final = 5
_LEFT_OUT: Final = (Status.REJECTED, Status.LAPSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rules over which vouchers: those in force on ``day``, of issue dates from ``first`` to ``last``.

    ``account_id`` None is every account. ``strict``: as if SUNAT had turned the observations that it is turning.
    """

    day: date
    first: date
    last: date
    account_id: int | None = None
    strict: bool = False


@dataclass(slots=True, kw_only=True)
class Trouble:
    """One code that would refuse: how many vouchers, a few of them, and what is said of the first."""

    code: str
    finding: Finding
    vouchers: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Forecast:
    """The outcome: vouchers looked at and vouchers that would be refused, by kind, and why."""

    judged: Counter[str] = field(default_factory=Counter)
    failing: Counter[str] = field(default_factory=Counter)
    troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)

    def add(self, code: str, name: str, found: dict[str, Finding]) -> None:
        """Counts one voucher of a kind with the codes that would refuse it."""
        self.judged[code] += 1
        self.failing[code] += bool(found)
        for each, finding in found.items():
            trouble = self.troubles.setdefault((code, each), Trouble(code=each, finding=finding))
            trouble.vouchers += 1
            if len(trouble.examples) < _EXAMPLES:
                trouble.examples.append(name)

    def body(self, asked: Asked, language: Language) -> dict[str, Any]:
        """The outcome as JSON; shares in percent with one decimal."""
        return {
            "date": asked.day.isoformat(), "from": asked.first.isoformat(), "to": asked.last.isoformat(),
            "judged": sum(self.judged.values()), "would_fail": sum(self.failing.values()),
            "kinds": [
                {"kind": code, "judged": self.judged[code], "would_fail": self.failing[code],
                 "percent": _share(self.failing[code], self.judged[code])}
                for code in sorted(self.judged)
            ],
            "codes": [
                {"kind": code, "code": trouble.code, "vouchers": trouble.vouchers,
                 "percent": _share(trouble.vouchers, self.judged[code]), "examples": trouble.examples,
                 "message": trouble.finding.message_en if language == "en" else trouble.finding.message_es,
                 "hint": trouble.finding.hint_en if language == "en" else trouble.finding.hint_es}
                for (code, _), trouble in sorted(self.troubles.items())
            ],
        }


def forecast(database: Database, asked: Asked, progress: Callable[[int], None] = lambda _: None) -> Forecast:
    """Judges the stored vouchers of a period by the rules of a day."""
    made = Forecast()
    for code, name, content in _vouchers(database, asked):
        root = xml.parse(content)
        made.add(code, name, _newly_refused(code, root, asked))
        progress(1)
    return made


def _newly_refused(code: str, root: xml.Element, asked: Asked) -> dict[str, Finding]:
    rules = kind(code).rules
    issued = date.fromisoformat(xml.text(root, "cbc:IssueDate") or "")
    then = judge(root, rules, Context(received=issued, in_force=asked.day))
    if not then:
        return {}
    refused = {one.code: one for one in reversed(strictly(then) if asked.strict else then) if _severe(one)}
    before = {one.code for one in judge(root, rules, Context(received=issued)) if _severe(one)}
    return {each: finding for each, finding in refused.items() if each not in before}


def _severe(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


def _vouchers(database: Database, asked: Asked) -> Iterator[tuple[str, str, bytes]]:
    """Kind, name and bytes of each voucher's latest edition, a page of them in memory."""
    query = (
        select(EditionRecord.id, DocumentRecord.sunat_code, DocumentRecord.series, DocumentRecord.number,
               EditionRecord.xml)
        .join(DocumentRecord, and_(
            DocumentRecord.id == EditionRecord.document_id, DocumentRecord.edition == EditionRecord.edition,
        ))
        .where(DocumentRecord.issue_date.between(asked.first, asked.last), DocumentRecord.status.not_in(_LEFT_OUT))
        .order_by(EditionRecord.id).limit(PAGE)
    )
    if asked.account_id is not None:
        query = query.where(DocumentRecord.account_id == asked.account_id)
    last = 0
    while True:
        with database.read() as session:
            page = session.execute(query.where(EditionRecord.id > last)).all()
        for row in page:
            yield row.sunat_code, f"{row.series}-{row.number}", row.xml
        if len(page) < PAGE:
            return
        last = page[-1].id


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0.0"
