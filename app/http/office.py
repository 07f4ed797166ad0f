"""The services of one installation, and how a view reaches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, cast

from flask import Flask, current_app

from app.clock import Clock
from app.config import Settings
from app.db import Database
from sunat.schemas import Schemas

_KEY: Final = "chasqui"


class Safe(Protocol):
    """The secrets of one tenant: sealed for a purpose, opened for the same purpose only."""

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """The secret as bytes that are worth nothing without the master key."""
        ...

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The secret again; refuses what was sealed for another tenant or purpose."""
        ...


class Vault(Protocol):
    """Where the tenants' data keys and the installation's own keys come from (`app.accounts.vault`)."""

    def new_data_key(self) -> bytes:
        """A fresh data key for a tenant, sealed with the master key."""
        ...

    def safe(self, data_key_sealed: bytes, tenant: str) -> Safe:
        """The safe of a tenant."""
        ...

    def rotate(self, data_key_sealed: bytes) -> bytes:
        """The same data key under the newest master key."""
        ...

    def digests(self, secret: str) -> tuple[str, ...]:
        """The keyed hash of a random credential (64 hex digits), under every master key, the newest first."""
        ...

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for a purpose of the installation, one for every master key, the newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What an installation works with."""

    settings: Settings
    database: Database
    clock: Clock
    vault: Vault
    schemas: Schemas | None = None


def keep(app: Flask, services: Office) -> None:
    """Gives an application its services."""
    app.extensions[_KEY] = services


def office_of(app: Flask) -> Office:
    """The services an application was given. Raises KeyError for one that was not."""
    return cast("Office", app.extensions[_KEY])


def office() -> Office:
    """The services of the application that serves this request."""
    return office_of(current_app)
