"""The first page: what happened today and what to do (`app.console.today`)."""

from __future__ import annotations

from typing import Any

from app.console.gate import page, visit
from app.console.showing import show


@page("")
def today() -> Any:
    """Today."""
    return show("today.html", issuer=visit().issuer)
