"""The words of the contract for paper: what formats there are, and which layouts of a sheet."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("a4", "a5", "80mm", "58mm")
"""Sheets, and rolls by their width."""

TEMPLATES: Final = ("classic", "banded")
"""Rules and frames; or bands in the accent colour."""
