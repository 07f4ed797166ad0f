"""What the journeys share: every module runs once on each kind of database."""

from __future__ import annotations

from tests.support.world import kind

__all__ = ["kind"]
