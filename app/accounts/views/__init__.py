"""The addresses of the accounts room: tokens, accounts, branches, certificates, keys."""

from __future__ import annotations

from app.accounts.views import accounts, branches, certificates, keys, tokens
from app.http import JsonApi


def register(api: JsonApi) -> None:
    """Registers every blueprint of the room."""
    for room in (tokens, accounts, branches, certificates, keys):
        api.register_blueprint(room.blueprint)
