"""The rows of the people of an account: who they are, which branches they see, their sessions, what they did.

Somebody at the console is not an `ApiUserRecord`: that one is a program's way to a token, bound to the secret of its
client and to one branch, with scopes picked one by one. A person signs in as at SUNAT (RUC, user, password), has a
role and any number of branches, is asked for a new password, and leaves sessions and a trail behind.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import one_of
from app.accounts.roles import ROLES, Role
from app.db import PASSING, Base, BigKey, UtcDateTime


class PersonRecord(Base):
    """Somebody who may sign in to the console for an account. ``must_change``: the password was given by another.

    People are disabled, never removed: the trail names them.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("account_id", "username"), CheckConstraint(one_of("role", ROLES), name="role"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    username: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[Role] = mapped_column(String(10))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonBranchRecord(Base):
    """A branch that somebody is bound to; whoever has none sees all branches."""

    __tablename__ = "people_branches"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), primary_key=True, autoincrement=False)


class SessionRecord(Base):
    """A signed-in browser: the keyed hash of its cookie, where from, and the branch it looks at (none: all).

    ``kept_sealed`` is a form that came when the session had expired, in the account's safe, and ``kept_path`` the page
    it belongs to. Backups leave sessions out: one that was ended must not come back with a copy.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_person_id", "person_id", "seen_at"), {"info": {PASSING: True}})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    address: Mapped[str] = mapped_column(String(50))
    agent: Mapped[str] = mapped_column(String(200))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept_path: Mapped[str] = mapped_column(String(300), default="")
    kept_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class DeedRecord(Base):
    """What somebody did at the console: written before it is done, its ``status`` (HTTP) when it has been.

    A deed without a status was begun, and what came of it stands in the history of what it was about.
    """

    __tablename__ = "deeds"
    __table_args__ = (Index("ix_deeds_account_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(50))
    status: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
