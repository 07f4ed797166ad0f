"""The first page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "today.title": Text("Hoy", "Today"),
}
