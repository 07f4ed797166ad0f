"""The addresses of the series room: the contract's ``types``, our ``series`` and their ``entries``."""

from __future__ import annotations

from app.accounts.interfaces import keep_desk
from app.http import JsonApi
from app.series import operations
from app.series.views import entries, imports, series, types

__all__ = ["register"]


def register(api: JsonApi) -> None:
    """Adds the room's views to the API, and its desk to the application."""
    keep_desk(api.app, operations.Desk())
    for room in (types, imports, series, entries):
        api.register_blueprint(room.blueprint)
