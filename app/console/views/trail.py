"""The trail: who did what at the console, when and from where."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from app.console import trail as written
from app.console.gate import OWNERS, page, visit
from app.console.showing import show
from app.console.words import WORDS, t
from app.http import office


@page("/trail", roles=OWNERS)
def trail() -> Any:
    """The deeds of the account, the latest first."""
    before, person = _number("before"), _number("person")
    with office().database.read() as session:
        rows = written.deeds(session, visit().account_id, before=before, person_id=person)
    shown = rows[:written.PAGE]
    older = ""
    if len(rows) > written.PAGE:
        older = url_for("console.trail", before=shown[-1][0].id, person=person)
    return show(
        "trail.html", deeds=[(deed, who, _told(deed.action)) for deed, who in shown], older=older,
        newest=url_for("console.trail", person=person) if before is not None else "",
    )


def _told(action: str) -> str:
    """An order in words; as the API calls it where there are none."""
    name = f"deed.{action}"
    return t(name) if name in WORDS else action


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
