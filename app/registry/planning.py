"""What an import would do to this account: worked out whole before anything is changed.

History goes below the counter of its series and never above one that issues here (decision 10); counters only go
forward. Numbers that are missing were simply not brought: they are history that we do not know, no holes of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.problems import Text
from app.registry.entries import Item, Key, Passed
from app.registry.matching import Matched
from app.registry.places import Branches, BranchPlan
from app.registry.standing import Standing, StoredVoucher, standing_of
from sunat.kinds import KINDS
from sunat.numbering import SERIES_FORMATS, remaining

MOST_RANGES: Final = 50
_IMPORTED: Final = frozenset(kind.code for kind in KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the importer leaves to us: adding the branches that vouchers name, and choosing default series."""

    branches: bool = True
    defaults: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    """One series: what was brought, what is missing between first and last, and what its counter becomes.

    ``missing`` are ranges, inclusive, the first `MOST_RANGES` of them; ``missing_numbers`` counts all. ``branch`` is
    the code of the branch a new series goes to. ``moves`` says whether the counter changes. A series may be known by
    CDRs alone: then nothing was ``brought``, there are no dates, and its numbers are used all the same.
    """

    sunat_code: str
    code: str
    registered: bool
    first: int
    last: int
    brought: int
    stored: int
    missing_numbers: int
    missing: tuple[tuple[int, int], ...]
    first_date: date | None
    last_date: date | None
    statuses: tuple[tuple[str, int], ...]
    last_number: int
    proposed_last_number: int
    branch: str
    becomes_default: bool

    @property
    def moves(self) -> bool:
        """Whether the counter goes forward."""
        return self.proposed_last_number > self.last_number

    @property
    def left(self) -> int:
        """How many numbers remain afterwards."""
        return remaining(self.proposed_last_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it. ``digest`` (SHA-256, hex) stands for these files and these effects, and nothing else."""

    items: tuple[Item, ...]
    passed: tuple[Passed, ...]
    series: tuple[SeriesPlan, ...]
    branches: tuple[BranchPlan, ...]
    choices: Choices
    digest: str

    def of(self, action: str) -> tuple[Item, ...]:
        """The items with an action."""
        return tuple(item for item in self.items if item.action == action)


def plan_import(session: Session, account: AccountRecord, matched: Matched, choices: Choices) -> Plan:
    """The plan for an account as its ledger stands in this session; nothing is written."""
    standing = standing_of(session, account.id, {item.entry.key for item in matched.items})
    passed = list(matched.passed)
    items: list[Item] = []
    for item in matched.items:
        judged = _against_ledger(item, standing)
        if isinstance(judged, Passed):
            passed.append(judged)
        else:
            items.append(judged)
    branches = Branches(session, account.id, add=choices.branches)
    seen = _numbers_seen(items, passed)
    by_series: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        by_series[item.entry.key[:2]].append(item)
    drafts = [
        _series(standing, code, name, by_series[code, name], numbers, branches)
        for (code, name), numbers in sorted(seen.items())
        if (code, name) in by_series or _is_free(standing, code, name)
    ]
    series = tuple(_defaults(drafts, standing, branches) if choices.defaults else drafts)
    proposed = branches.proposed
    return Plan(
        items=tuple(items), passed=tuple(passed), series=series, branches=proposed, choices=choices,
        digest=_digest(account, items, series, proposed, choices),
    )


def _against_ledger(item: Item, standing: Standing) -> Item | Passed:
    """What our own ledger has to say about a voucher that was brought."""
    entry, key = item.entry, item.entry.key
    stored = standing.vouchers.get(key)
    if stored is not None:
        return _already(item, stored)
    series = standing.series.get(key[:2])
    if series is None:
        return item
    if not series.active:
        return Passed(shown=entry.shown, reason="retired", key=key, text=Text(
            f"La serie {key[1]} está inactiva: reactívela antes de importar",
            f"Series {key[1]} is inactive: bring it back before importing",
        ))
    if series.issues and key[2] > series.last_number:
        return Passed(shown=entry.shown, reason="above_counter", key=key, text=Text(
            f"{key[1]} ya emite aquí y va en {series.last_number}: solo se importan números anteriores",
            f"{key[1]} already issues here and stands at {series.last_number}: only earlier numbers are imported",
        ))
    return item


def _already(item: Item, stored: StoredVoucher) -> Item | Passed:
    if stored.sha256 != item.entry.sha256:
        return Passed(shown=item.entry.shown, reason="conflict", key=item.entry.key, text=Text(
            "Ese número ya está registrado con otro contenido", "That number is already stored with other bytes"
        ))
    completes = stored.imported and stored.status == "issued" and item.status != "issued"
    return Item(
        entry=item.entry, cdr=item.cdr, status=item.status, action="complete" if completes else "present",
        document_id=stored.id,
    )


def _numbers_seen(items: Iterable[Item], passed: Iterable[Passed]) -> dict[tuple[str, str], set[int]]:
    """Every number that is known to be used, also by a file that cannot be imported; drafts prove nothing."""
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    for item in items:
        seen[item.entry.key[:2]].add(item.entry.key[2])
    for each in passed:
        if each.key is not None and each.reason in {"conflict", "lonely_cdr"}:
            seen[each.key[:2]].add(each.key[2])
    return seen


def _is_free(standing: Standing, sunat_code: str, code: str) -> bool:
    """Whether a series that is known by CDRs or conflicts alone is ours to number, and not in use here yet."""
    form, found = SERIES_FORMATS.get(sunat_code), standing.series.get((sunat_code, code))
    if form is None or sunat_code not in _IMPORTED or not form.numbered(code):
        return False
    return found is None or (found.active and not found.issues)


def _series(
    standing: Standing, sunat_code: str, code: str, items: Sequence[Item], seen: set[int], branches: Branches
) -> SeriesPlan:
    found = standing.series.get((sunat_code, code))
    numbers = [item.entry.key[2] for item in items] or seen
    missing = _gaps(sorted(seen))
    newest = max(items, key=lambda item: (item.entry.facts.issue_date, item.entry.key[2]), default=None)
    dates = [item.entry.facts.issue_date for item in items]
    last_number = found.last_number if found else 0
    highest = last_number if found and found.issues else max(last_number, *seen)
    return SeriesPlan(
        sunat_code=sunat_code, code=code, registered=found is not None, first=min(numbers), last=max(numbers),
        brought=len(items), stored=sum(item.action != "import" for item in items),
        missing_numbers=sum(to - start + 1 for start, to in missing), missing=tuple(missing[:MOST_RANGES]),
        first_date=min(dates, default=None), last_date=max(dates, default=None),
        statuses=tuple(sorted(Counter(str(item.status) for item in items).items())), last_number=last_number,
        proposed_last_number=highest,
        branch=branches.of_series(found.branch_id) if found else branches.for_issuer(
            newest.entry.facts.issuer if newest else None
        ),
        becomes_default=False,
    )


def _gaps(numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [
        (before + 1, after - 1) for before, after in pairwise(numbers) if after > before + 1
    ]


def _defaults(drafts: Sequence[SeriesPlan], standing: Standing, branches: Branches) -> list[SeriesPlan]:
    """The latest series of each branch and kind becomes the default where none is in use yet."""
    latest: dict[tuple[str, str, str], SeriesPlan] = {}
    for draft in drafts:
        if draft.last_date is None:
            continue
        place = (draft.branch, draft.sunat_code, standing.target(draft.sunat_code, draft.code))
        best = latest.get(place)
        if best is None or best.last_date is None or (draft.last_date, draft.last) > (best.last_date, best.last):
            latest[place] = draft
    chosen = set()
    for (branch, sunat_code, target), draft in latest.items():
        usual = standing.default(branches.id_of(branch), sunat_code, target)
        if usual is None or (not usual.used and usual.code != draft.code):
            chosen.add((draft.sunat_code, draft.code))
    return [
        replace(draft, becomes_default=True) if (draft.sunat_code, draft.code) in chosen else draft
        for draft in drafts
    ]


def _digest(
    account: AccountRecord, items: Sequence[Item], series: Sequence[SeriesPlan], branches: Sequence[BranchPlan],
    choices: Choices,
) -> str:
    said: dict[str, Any] = {
        "account": account.id, "environment": account.environment, "ruc": account.ruc,
        "items": [
            [*item.entry.key, item.entry.sha256, item.cdr.sha256 if item.cdr else "", item.status, item.action]
            for item in items
        ],
        "series": [
            [row.sunat_code, row.code, row.registered, row.last_number, row.proposed_last_number, row.branch,
             row.becomes_default]
            for row in series
        ],
        "branches": [row.establishment_code for row in branches], "choices": [choices.branches, choices.defaults],
    }
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def key_text(key: Key) -> str:
    """``01 F001-12``, for people."""
    return f"{key[0]} {key[1]}-{key[2]}"
