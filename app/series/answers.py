"""Series and entries as the API answers them. Instants are told in Lima, dates are Lima's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from app.accounts.models import AccountRecord, BranchRecord
from app.clock import lima
from app.problems import Conflict, Item, Language
from app.series import branding
from app.series.models import ContingencyRangeRecord, DeclaredGapRecord, EntryRecord, SeriesRecord
from app.series.operations import scheme_of
from app.series.scheme import Place
from app.series.template import file_name, usual

PAPERS_FROM: Final = 10**12
"""Ids of internal papers start here, so that they and vouchers share one address without ever meeting."""


def series_body(
    row: SeriesRecord, account: AccountRecord, branch: BranchRecord, *, today: date, base_url: str,
    last_entry: EntryRecord | None = None,
) -> dict[str, Any]:
    """A series; ``today`` (Lima) says in which period the next number falls."""
    scheme = scheme_of(row)
    place = Place(period=row.period, last_number=row.last_number)
    following, last = None, row.last_number
    if row.profile != "contingency":
        try:
            last = scheme.turned(place, today).last_number
            following = scheme.following(place, today).last_number
        except Conflict:  # the last number is used, or a later period runs already
            following = None
    capacity = scheme.capacity
    own = f"{base_url}/V1/series/{row.public_id}"
    internal = row.profile == "internal"
    return {
        "id": row.public_id, "account_id": row.account_id, "name": row.name, "code": row.code,
        "description": row.description, "kind": row.kind, "profile": row.profile, "prefix": row.prefix,
        "suffix": row.suffix, "padding": row.padding, "overflow": row.overflow,
        "format": (row.template or usual(row.counter_reset)) if internal else "{CODE}-{NUM:8}",
        "counter_reset": row.counter_reset, "start_number": row.start_number, "last_number": row.last_number,
        "next_number": following, "next_code": scheme.text(following, today) if following else None,
        "remaining": capacity - last, "near_end": last * 100 >= capacity * 99, "active": row.active,
        "frozen": row.frozen or None,
        "default": row.is_default, "used": row.used, "chronological": row.chronological, "branch": row.branch_id,
        "last_index": row.position if internal else row.last_number,
        "last_entry": None if last_entry is None else {
            "id": last_entry.public_id, "code": last_entry.code, "number": last_entry.number,
            "issue_date": last_entry.issue_date.isoformat(),
        },
        "branding": {
            "own": row.branding, "effective": branding.effective(row.branding, branch, account),
            "overridden": bool(row.branding),
        },
        "version": row.version, "created_at": _moment(row.created_at), "updated_at": _moment(row.updated_at),
        "_links": {"self": {"href": own}, "entries": {"href": f"{own}/entries"}},
    }


def history_body(
    ranges: Sequence[ContingencyRangeRecord], gaps: Sequence[DeclaredGapRecord]
) -> dict[str, list[dict[str, Any]]]:
    """What one series has besides: pre-printed ranges, and the numbers that were skipped on purpose."""
    return {
        "contingency_ranges": [
            {"from_number": each.from_number, "to_number": each.to_number, "note": each.note, "author": each.author,
             "at": _moment(each.at)}
            for each in ranges
        ],
        "declared_gaps": [
            {"from_number": each.from_number, "to_number": each.to_number, "period": each.period,
             "reason": each.reason, "author": each.author, "at": _moment(each.at)}
            for each in gaps
        ],
    }


def entry_body(
    entry: EntryRecord, row: SeriesRecord, *, previous: Mapping[int, str], base_url: str, language: Language,
    remarks: Sequence[Item] = (),
) -> dict[str, Any]:
    """An entry; ``previous`` has the public ids of earlier entries by the rows' ids."""
    entries = f"{base_url}/V1/series/{row.public_id}/entries"
    before = previous.get(entry.previous_id or 0)
    links = {
        "self": {"href": f"{entries}/{entry.public_id}"}, "series": {"href": f"{base_url}/V1/series/{row.public_id}"},
    }
    if before is not None:
        links["previous"] = {"href": f"{entries}/{before}"}
    return {
        "id": entry.public_id, "series_id": row.public_id, "code": entry.code, "number": entry.number,
        "index": entry.position, "period": entry.period or None, "kind": entry.kind,
        "issue_date": entry.issue_date.isoformat(), "metadata": entry.details,
        "document_id": PAPERS_FROM + entry.id if entry.paper is not None else None,
        "file_name": file_name(entry.code), "previous": before, "chain_hash": entry.chain_hash,
        "observations": [item.body(language) for item in remarks], "created_at": _moment(entry.created_at),
        "_links": links,
    }


def _moment(instant: datetime) -> str:
    return lima(instant).isoformat(timespec="seconds")
