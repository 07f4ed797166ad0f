"""Series and their counters: registering, choosing, taking numbers, declaring gaps."""

from __future__ import annotations

from app.series.views import register

__all__ = ["register"]
