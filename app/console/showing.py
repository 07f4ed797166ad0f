"""Pages out of templates, and how values look on them.

Templates have ``t`` for texts and these functions for values. Amounts are written as on the printed voucher; instants
are Lima's, to the minute. A template that imports macros does so ``with context``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from flask import g, render_template, request

from app.clock import lima
from app.console.words import said, t, tongue
from app.http import office
from sunat.kinds import kind
from sunat.money import from_cents
from sunat.ubl.printed.words import money

_TONES: Final = {
    "accepted": "good", "active": "good", "ok": "good", "done": "good", "issued": "open", "waiting": "open",
    "sending": "open", "awaiting_ticket": "open", "observed": "mind", "unknown": "mind", "held": "mind",
    "warn": "mind", "rejected": "bad", "lapsed": "bad", "bad": "bad", "voided": "quiet", "disabled": "quiet",
}
"""How a state is coloured, beside its word: good, open, mind, bad or quiet."""

_WEEKDAYS: Final = {"es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
                    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def show(template: str, **values: Any) -> str:
    """A page of ``pages`` with its values."""
    return render_template(template, **values)


def amount(value: Decimal | int | str, currency: str = "PEN") -> str:
    """An amount with its currency's sign: a Decimal or its text, or whole céntimos as an int."""
    exact = from_cents(value) if isinstance(value, int) else Decimal(value)
    return money(exact, currency)


def day(value: date | str) -> str:
    """A date as it is written in Peru: 20/11/2026."""
    return f"{date.fromisoformat(value) if isinstance(value, str) else value:%d/%m/%Y}"


def at(value: datetime | str) -> str:
    """An instant in Lima, 20/11/2026 10:00; only the hour for one of today."""
    instant = lima(datetime.fromisoformat(value) if isinstance(value, str) else value)
    return f"{instant:%H:%M}" if instant.date() == office().clock.today() else f"{instant:%d/%m/%Y %H:%M}"


def weekday(value: date) -> str:
    """The short name of a day of the week."""
    return _WEEKDAYS[tongue()][value.weekday()]


def count(value: int) -> str:
    """A whole number with its thousands apart, as Peru writes them: 12,345."""
    return f"{value:,}"


def tone(state: str) -> str:
    """The colour of a state; quiet for one that has none."""
    return _TONES.get(state, "quiet")


def kind_name(code: str) -> str:
    """The name of a kind of voucher by its code of catalogue 01."""
    row = kind(code)
    return row.name_en if tongue() == "en" else row.name


def for_templates() -> dict[str, Any]:
    """What every template has."""
    return {
        "t": t, "said": said, "tongue": tongue, "amount": amount, "day": day, "at": at, "weekday": weekday,
        "count": count, "tone": tone, "kind_name": kind_name, "here": request.path,
        "request_id": g.get("request_id", ""),
    }
