"""The sections of the console in the order of the menu; a person sees those whose pages are for his role."""

from __future__ import annotations

from typing import Final

MENU: Final = (
    ("today", "frame.today"),
    ("vouchers", "vouchers.title"),
    ("issue", "issue.menu"),
    ("series", "series.title"),
    ("books", "books.title"),
    ("setup", "setup.title"),
    ("people", "frame.people"),
    ("trail", "frame.trail"),
)
"""Each section's first page, by its endpoint, and the name of its text."""
