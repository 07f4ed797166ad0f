"""One series judged: every link of its chain, every signed byte, every number from the first to the last.

A `Judge` sees the editions in the order of signing and remembers runs of numbers, not rows. What the rows alone
cannot show (a whole series rewritten with all its hashes) shows against a report of before: `check_report`'s
``--former``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from app.audit.findings import LISTED, Finding
from app.audit.reading import Card, Link, Scope, Voucher
from app.audit.runs import Run, Runs
from app.series.allocator import chain_hash
from app.series.models import GENESIS, DeclaredGapRecord
from sunat import xml
from sunat.errors import SunatError
from sunat.kinds import kind
from sunat.numbering import parse_number
from sunat.signing import recompute
from sunat.ubl.facts import facts_of

CLASSES: Final = {
    "issued": "used_valid", "accepted": "used_valid", "observed": "used_valid", "rejected": "used_not_valid",
    "lapsed": "used_not_valid", "voided": "voided",
}
"""The auditor's class of each legal status (decision 14)."""

_IDENTITY: Final = "cac:PartyIdentification/cbc:ID"


class Judge:
    """The audit of one series."""

    def __init__(
        self, card: Card, scope: Scope, gaps: Sequence[DeclaredGapRecord] = (), ranges: Iterable[Run] = ()
    ) -> None:
        self.card = card
        self.findings: list[Finding] = []
        self.found = 0
        self.editions = 0
        self._scope = scope
        self._gaps = gaps
        self._skipped = Runs((gap.from_number, gap.to_number) for gap in gaps)
        self._ranges = Runs(ranges)
        self._used, self._listed = Runs(), Runs()
        self._states: Counter[str] = Counter()
        self._head = GENESIS
        self._later: dict[int, tuple[int, int, int]] = {}  # vouchers with several editions: number, last seen, wanted

    def see(self, link: Link) -> dict[str, Any] | None:
        """Judges the next edition, and gives its line of the report if it is in the scope."""
        self._check_link(link)
        former, self._head = self._head, link.chain
        voucher = link.voucher
        if voucher is None:
            self._find("NO_VOUCHER", edition=link.edition)
        else:
            self._check_number(link, voucher)
        if link.xml is not None:
            self._check_bytes(link, link.xml)
        if voucher is not None and link.xml is None:
            return None
        self.editions += 1
        if voucher is not None and link.edition == voucher.edition and self._listed.add(voucher.number):
            self._states[voucher.status] += 1
        return self._line(link, former)

    def finish(self, *, unsigned: Sequence[int] = (), strangers: Sequence[int] = ()) -> dict[str, Any]:
        """Judges the series as a whole, and gives its summary."""
        for number in unsigned:
            self._used.add(number)  # it is not free: it lacks its bytes
            self._find("NO_EDITION", number)
        for number in strangers:
            self._find("IDENTITY", number)
        for number, seen, wanted in self._later.values():
            if seen != wanted:
                self._find("EDITION_ORDER", number, edition=wanted)
        if not _same(self._head, self.card.chain_head):
            self._find("HEAD_ALTERED", self.card.last_number or None)
        holes = self._holes()
        for first, last in holes:
            self._find("HOLE", first, to_number=last)
        return self._summary(holes)

    def _check_link(self, link: Link) -> None:
        number = link.voucher.number if link.voucher else None
        if not _same(link.previous, self._head):
            self._find("LINK_BROKEN", number, edition=link.edition)
        if link.voucher is None:
            return
        recomputed = chain_hash(
            link.previous, ruc=self.card.ruc, sunat_code=self.card.sunat_code, series=self.card.code,
            number=link.voucher.number, edition=link.edition, xml_sha256=link.xml_sha256,
        )
        if not _same(recomputed, link.chain):
            self._find("LINK_ALTERED", number, edition=link.edition)

    def _check_number(self, link: Link, voucher: Voucher) -> None:
        card, number = self.card, voucher.number
        mine = (card.id, card.account_id, card.environment, card.ruc, card.sunat_code, card.code)
        said = (
            voucher.series_id, voucher.account_id, voucher.environment, voucher.ruc, voucher.sunat_code, voucher.series
        )
        if mine != said:
            self._find("IDENTITY", number, edition=link.edition)
        if link.edition == 1:
            if not self._used.add(number):
                self._find("DUPLICATE", number)
            self._check_place(number, imported=link.imported)
            if voucher.edition > 1:
                self._later[link.document_id] = (number, 1, voucher.edition)
        else:
            _, seen, _ = self._later.get(link.document_id, (number, 0, 0))
            if link.edition != seen + 1 or link.edition > voucher.edition:
                self._find("EDITION_ORDER", number, edition=link.edition)
            self._used.add(number)
            self._later[link.document_id] = (number, link.edition, voucher.edition)
        if link.edition == voucher.edition and link.digest != voucher.digest:
            self._find("DIGEST_ALTERED", number, edition=link.edition)

    def _check_place(self, number: int, *, imported: bool) -> None:
        card = self.card
        if card.preprinted:
            if number not in self._ranges and not imported:
                self._find("NOT_PREPRINTED", number)
        elif number > card.last_number:
            self._find("BEYOND_COUNTER", number)
        elif number < card.start_number and not imported:
            self._find("BEFORE_START", number)
        elif number in self._skipped and not imported:
            self._find("IN_DECLARED_GAP", number)

    def _check_bytes(self, link: Link, content: bytes) -> None:
        number = link.voucher.number if link.voucher else None
        if not _same(hashlib.sha256(content).hexdigest(), link.xml_sha256):
            self._find("BYTES_ALTERED", number, edition=link.edition)
        try:
            digests = recompute(content)
        except SunatError:
            if not (link.imported and not link.digest):  # what another system left unsigned is kept as it came
                self._find("NOT_SIGNED", number, edition=link.edition)
            return
        if digests.declared != link.digest:
            self._find("DIGEST_ALTERED", number, edition=link.edition)
        if digests.declared != digests.real and not link.imported:
            self._find("TEXT_ALTERED", number, edition=link.edition)
        says_so = self._brought_says_so if link.imported else self._says_so
        if number is not None and not says_so(content, number):
            self._find("XML_IDENTITY", number, edition=link.edition)

    def _says_so(self, content: bytes, number: int) -> bool:
        """Whether the XML is of this RUC, series and number."""
        root = xml.parse(content)
        try:
            named = parse_number(xml.text(root, "cbc:ID") or "")
        except SunatError:
            return False
        issuer = xml.text(root, f"{kind(self.card.sunat_code).issuer}/{_IDENTITY}")
        return named == (self.card.code, number) and issuer == self.card.ruc

    def _brought_says_so(self, content: bytes, number: int) -> bool:
        """The same of another system's XML, which may put things elsewhere."""
        try:
            voucher = facts_of(xml.parse(content))[0].voucher
        except SunatError:
            return False
        return (voucher.ruc, voucher.series, voucher.number) == (self.card.ruc, self.card.code, number)

    def _line(self, link: Link, former: str) -> dict[str, Any]:
        voucher = link.voucher
        line: dict[str, Any] = {
            "number": voucher.number if voucher else None, "edition": link.edition,
            "issue_date": voucher.issue_date.isoformat() if voucher else None,
            "state": voucher.status if voucher and link.edition == voucher.edition else "superseded",
            "digest": link.digest, "sha256": link.xml_sha256, "chain": link.chain,
        }
        if link.imported:
            line["imported"] = True
        if link.previous != former or self._scope.period is not None:
            line["previous"] = link.previous
        return line

    def _holes(self) -> tuple[Run, ...]:
        card = self.card
        if card.preprinted:
            return ()
        accounted = Runs((*self._used.runs(), *self._skipped.runs()))
        return accounted.missing(card.start_number, card.last_number)

    def _summary(self, holes: Sequence[Run]) -> dict[str, Any]:
        card, listed = self.card, self._listed.runs()
        classes = dict.fromkeys(("used_valid", "used_not_valid", "voided"), 0)
        for state, how_many in self._states.items():
            classes[CLASSES[state]] += how_many
        classes["declared_gap"] = sum(
            last - first + 1 for one in self._skipped.runs() for first, last in self._used.missing(*one)
        )
        classes["unused_paper"] = sum(
            last - first + 1 for one in self._ranges.runs() for first, last in self._used.missing(*one)
        )
        elsewhere = Runs(one for run in self._used.runs() for one in self._listed.missing(*run))
        return {
            "sunat_code": card.sunat_code, "series": card.code, "start_number": card.start_number,
            "counter": card.last_number, "first": listed[0][0] if listed else None,
            "last": listed[-1][1] if listed else None, "count": len(self._listed), "editions": self.editions,
            "states": dict(sorted(self._states.items())), "classes": classes, "holes": [list(run) for run in holes],
            "declared_gaps": [gap_body(gap) for gap in self._gaps],
            "ranges": [list(run) for run in self._ranges.runs()],
            "elsewhere": [list(run) for run in elsewhere.runs()], "chain_head": card.chain_head,
            "findings": [finding.body() for finding in self.findings], "findings_count": self.found,
        }

    def _find(
        self, code: str, number: int | None = None, *, to_number: int | None = None, edition: int | None = None
    ) -> None:
        self.found += 1
        if len(self.findings) < LISTED:
            self.findings.append(Finding(code=code, number=number, to_number=to_number, edition=edition))


def gap_body(gap: DeclaredGapRecord) -> dict[str, Any]:
    """A declared gap as JSON has it."""
    return {
        "from": gap.from_number, "to": gap.to_number, "reason": gap.reason, "author": gap.author,
        "at": gap.at.isoformat(),
    }


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
