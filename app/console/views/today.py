"""The first page: what happened today and what to do (`app.console.today`), brought up to date by its own fragment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import url_for

from app.console import charts
from app.console.gate import PAGES, branches, may_open, page, visit
from app.console.showing import kind_name, show
from app.console.today import DAYS, MOST, Counts, ToDo, ask, to_do
from app.console.words import t
from app.http import office
from app.ledger.lifecycle import Status

_TONES: Final[Mapping[str, str]] = {
    str(Status.ACCEPTED): "good", str(Status.OBSERVED): "good", str(Status.ISSUED): "open",
    str(Status.REJECTED): "bad", str(Status.LAPSED): "bad", str(Status.VOIDED): "quiet",
}
_ORDER: Final = ("good", "open", "bad", "quiet")


@page("")
def today() -> Any:
    """Today."""
    return show("today.html", issuer=visit().issuer, **_now())


@page("/today/now")
def today_now() -> Any:
    """The part of the page that changes."""
    return show("today_now.html", **_now())


def _now() -> dict[str, Any]:
    services = office()
    now, day = services.clock.now(), services.clock.today()
    with services.database.read() as session:
        found = ask(session, visit(), now=now, day=day)
    order = [day - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    names = {str(row.id): row.name for row in branches()}
    return {
        "today": found, "now": now, "of_today": found.counts.of_day(day),
        "issued_today": sum(found.counts.of_day(day).values()),
        "to_do": [{"tone": each.tone, "text": each.text, "address": _address(each)} for each in to_do(found, now=now)],
        "days": charts.days(_by_day(found.counts), order, _ORDER),
        "kinds": charts.across(found.counts.by(2), kind_name),
        "places": charts.across(
            {str(key): number for key, number in found.counts.by(1).items()}, lambda key: names.get(key, key)
        ),
        "most": MOST, "short": _short, "list_of": _list_of,
    }


def _by_day(counts: Counts) -> Mapping[date, Mapping[str, int]]:
    found: dict[date, Counter[str]] = {}
    for (day, _, _, status), number in counts.rows.items():
        found.setdefault(day, Counter())[_TONES[status]] += number
    return found


def _address(item: ToDo) -> str:
    """Where it is done; nothing for who may not, or where this console has no such page."""
    if f"console.{item.endpoint}" not in PAGES or not may_open(item.endpoint):
        return ""
    return url_for(f"console.{item.endpoint}", **dict[str, Any](item.query))


def _list_of(state: str, *, today: bool = False) -> str:
    """The list of vouchers in a state."""
    query = {"state": state} if state else {}
    if today:
        query["since"] = office().clock.today().isoformat()
    return _address(ToDo(tone="", text=t("today.title"), endpoint="vouchers", query=query))


def _short(number: int) -> str:
    """A figure over a narrow bar: 950, 1.2k, 14k."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 10_000 else f"{number // 1000}k"
