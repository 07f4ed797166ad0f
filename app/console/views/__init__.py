"""The pages of the console, a module for each of its parts; importing one adds its pages to the blueprint."""

from __future__ import annotations

import importlib
from typing import Final

MODULES: Final = (
    "outset", "today", "vouchers", "issuing", "series", "looks", "books", "setup", "branches", "access", "webhooks",
    "doctor", "people", "trail",
)
"""The modules with pages, in this package."""


def load() -> None:
    """Adds every page, once."""
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}")
