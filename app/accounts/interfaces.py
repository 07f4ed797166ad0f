"""What the accounts room needs of rooms above it, named here and filled in by the factory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, cast

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord

_KEY: Final = "chasqui.series"


class SeriesDesk(Protocol):
    """The series room, as far as accounts and branches deal with it (`app.series.operations.Desk`)."""

    def open(self, session: Session, account: AccountRecord, branch: BranchRecord, *, now: datetime) -> None:
        """Registers the first series of a new account at its head office."""
        ...

    def codes(self, session: Session, account_id: int, branch_id: int) -> tuple[str, ...]:
        """The codes of a branch's active series."""
        ...

    def assign(
        self, session: Session, account: AccountRecord, branch: BranchRecord, codes: Sequence[str], *, now: datetime
    ) -> None:
        """Moves registered series to a branch."""
        ...


def keep_desk(app: Flask, desk: SeriesDesk) -> None:
    """Gives an application its series desk."""
    app.extensions[_KEY] = desk


def series_desk() -> SeriesDesk:
    """The series desk of the application that serves this request."""
    return cast("SeriesDesk", current_app.extensions[_KEY])
