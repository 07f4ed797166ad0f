"""People, their sessions, the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "people.title": Text("Personas", "People"),
    "trail.title": Text("Bitácora", "Trail"),
}
