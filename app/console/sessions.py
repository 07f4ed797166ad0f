"""Signed-in browsers: a cookie of 256 random bits, kept as a keyed hash; idle for half an hour or twelve hours old, it
is worth nothing.

Whoever has not signed in has a cookie too, known to nobody but his browser: forms are bound to it (`csrf`), and it is
another one after signing in. What was typed into a form when its session had expired waits, sealed, in the row of that
session, and moves to the next session of the same person on the same browser.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.auth import Principal
from app.accounts.keys import mode_for
from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.accounts.people import branches_of
from app.accounts.people_models import PersonRecord, SessionRecord
from app.accounts.roles import SCOPES_OF, Role
from app.http import Office

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_NOTED_EVERY: Final = timedelta(minutes=1)
_FORGOTTEN: Final = timedelta(days=90)
_MOST_KEPT: Final = 64 * 1024
"""Bytes of a form worth keeping; a longer one is said to be lost."""

_SECRET: Final = re.compile(r"password|secret|token|clave|_csrf|_key", re.IGNORECASE)
"""Fields that are never kept: whatever may hold a secret, and what belongs to the former page."""

Typed = Mapping[str, Sequence[str]]
"""The fields of a form with all their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody at the console. ``branch_id`` is the branch looked at (none: all); ``branches`` are the ids of those
    that may be chosen (none: any of the account)."""

    session_id: int
    person_id: int
    username: str
    name: str
    role: Role
    must_change: bool
    account_id: int
    environment: str
    ruc: str
    issuer: str
    branch_id: int | None
    branches: tuple[int, ...]
    kept_path: str

    @property
    def principal(self) -> Principal:
        """The person as the API knows callers."""
        return Principal(
            account_id=self.account_id, branch_id=self.branch_id, scopes=SCOPES_OF[self.role],
            mode=mode_for(self.environment), actor=f"person:{self.person_id}",
        )

    @property
    def whole(self) -> Principal:
        """The same without the branch that is looked at, for what belongs to the account; a person who is bound to
        some branches stays bound."""
        return self.principal if self.branches else replace(self.principal, branch_id=None)


def fresh_cookie() -> str:
    """A cookie that nobody has yet."""
    return secrets.token_urlsafe(32)


def csrf(services: Office, cookie: str) -> str:
    """The word that a form of the browser with this cookie carries."""
    return _csrf(services.vault.keys("console forms")[0], cookie)


def is_csrf(services: Office, cookie: str, given: str) -> bool:
    """Whether a form carries its browser's word."""
    keys = services.vault.keys("console forms")
    return any(hmac.compare_digest(_csrf(key, cookie).encode(), given.encode("utf-8", "replace")) for key in keys)


def begin(services: Office, person: PersonRecord, *, former: str, address: str, agent: str) -> str:
    """Starts a session and gives its cookie; ``former`` is the cookie there was, whose kept form moves along.

    Sessions of the person that are 90 days old are forgotten; what was done in them stands in the trail.
    """
    cookie, now = fresh_cookie(), services.clock.now()
    with services.database.write() as session:
        bound = branches_of(session, person.id)
        old = session.scalar(select(SessionRecord).where(SessionRecord.digest.in_(services.vault.digests(former))))
        session.execute(
            delete(SessionRecord).where(SessionRecord.person_id == person.id, SessionRecord.seen_at < now - _FORGOTTEN)
        )
        goes_on = old is not None and old.person_id == person.id and old.ended_at is None
        looks_at = bound[0] if bound else None
        if old is not None and goes_on and (not bound or old.branch_id in bound):
            looks_at = old.branch_id
        row = SessionRecord(
            digest=services.vault.digests(cookie)[0], person_id=person.id, branch_id=looks_at, address=address[:50],
            agent=agent[:200], begun_at=now, seen_at=now,
        )
        session.add(row)
        session.flush()
        if old is not None:
            if goes_on and old.kept_sealed is not None:
                _keep(services, session, row, old.kept_path, _opened(services, session, old))
            old.ended_at, old.kept_sealed, old.kept_path = old.ended_at or now, None, ""
    return cookie


def find(services: Office, cookie: str, *, quietly: bool = False) -> Visit | None:
    """The session of a cookie while it lasts; ``quietly`` asks without counting as activity."""
    if not cookie:
        return None
    now, digests = services.clock.now(), services.vault.digests(cookie)
    with services.database.read() as session:
        found = session.execute(
            select(SessionRecord, PersonRecord, AccountRecord)
            .join(PersonRecord, PersonRecord.id == SessionRecord.person_id)
            .join(AccountRecord, AccountRecord.id == PersonRecord.account_id)
            .where(SessionRecord.digest.in_(digests))
        ).first()
        if found is None:
            return None
        row, person, account = found
        if not (lives(row, now) and person.active and account.active):
            return None
        visit = Visit(
            session_id=row.id, person_id=person.id, username=person.username, name=person.name, role=person.role,
            must_change=person.must_change, account_id=account.id, environment=account.environment, ruc=account.ruc,
            issuer=account.trade_name or account.legal_name, branch_id=row.branch_id,
            branches=branches_of(session, person.id), kept_path=row.kept_path,
        )
    if not quietly and now - row.seen_at >= _NOTED_EVERY:
        with services.database.write() as session:
            session.execute(
                update(SessionRecord).where(SessionRecord.id == row.id, SessionRecord.ended_at.is_(None))
                .values(seen_at=now)
            )
    return visit


def lives(row: SessionRecord, now: datetime) -> bool:
    """Whether a session still counts."""
    return row.ended_at is None and now - row.seen_at < IDLE and now - row.begun_at < LONGEST


def keep(services: Office, cookie: str, path: str, typed: Typed) -> bool:
    """Keeps what was typed for the page at ``path`` in a session that has expired or goes on; whether it was kept.

    Nothing is kept for a session that was ended on purpose, and never a field that may hold a secret.
    """
    with services.database.write() as session:
        row = session.scalar(select(SessionRecord).where(SessionRecord.digest.in_(services.vault.digests(cookie))))
        if row is None or row.ended_at is not None or len(path) > 300:
            return False
        return _keep(services, session, row, path, typed)


def take(services: Office, session_id: int, path: str) -> Typed:
    """What was kept for a page, once; nothing for another page."""
    with services.database.write() as session:
        row = session.get(SessionRecord, session_id)
        if row is None or row.kept_sealed is None or row.kept_path != path:
            return {}
        typed = _opened(services, session, row)
        row.kept_sealed, row.kept_path = None, ""
        return typed


def look_at(services: Office, visit: Visit, branch_id: int | None) -> None:
    """Lets a session look at a branch that it may, or at all."""
    with services.database.write() as session:
        session.execute(
            update(SessionRecord).where(SessionRecord.id == visit.session_id).values(branch_id=branch_id)
        )


def end(services: Office, session_ids: Sequence[int]) -> None:
    """Ends sessions, and forgets what was kept for them."""
    now = services.clock.now()
    with services.database.write() as session:
        session.execute(
            update(SessionRecord).where(SessionRecord.id.in_(session_ids), SessionRecord.ended_at.is_(None))
            .values(ended_at=now, kept_sealed=None, kept_path="")
        )


def living(session: Session, account_id: int, now: datetime) -> Sequence[tuple[SessionRecord, PersonRecord]]:
    """The sessions of an account that last, the latest seen first, at most 200."""
    return session.execute(
        select(SessionRecord, PersonRecord).join(PersonRecord, PersonRecord.id == SessionRecord.person_id)
        .where(
            PersonRecord.account_id == account_id, SessionRecord.ended_at.is_(None),
            SessionRecord.seen_at > now - IDLE, SessionRecord.begun_at > now - LONGEST,
        )
        .order_by(SessionRecord.seen_at.desc(), SessionRecord.id.desc()).limit(200)
    ).all()


def last_seen(session: Session, account_id: int) -> Mapping[int, datetime]:
    """When each person of an account was last at the console, by id."""
    return dict(session.execute(
        select(SessionRecord.person_id, func.max(SessionRecord.seen_at))
        .join(PersonRecord, PersonRecord.id == SessionRecord.person_id)
        .where(PersonRecord.account_id == account_id).group_by(SessionRecord.person_id)
    ).all())


def _csrf(key: bytes, cookie: str) -> str:
    return hmac.new(key, cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _keep(services: Office, session: Session, row: SessionRecord, path: str, typed: Typed) -> bool:
    plain = {name: list(values) for name, values in typed.items() if _SECRET.search(name) is None}
    content = json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(content) > _MOST_KEPT:
        return False
    row.kept_sealed = safe_of(services.vault, _account(session, row)).seal(f"console form/{row.id}", content)
    row.kept_path = path
    return True


def _opened(services: Office, session: Session, row: SessionRecord) -> Typed:
    content = safe_of(services.vault, _account(session, row)).open(f"console form/{row.id}", row.kept_sealed or b"")
    found: dict[str, list[str]] = json.loads(content.decode("utf-8", "surrogatepass"))
    return found


def _account(session: Session, row: SessionRecord) -> AccountRecord:
    return session.get_one(AccountRecord, session.get_one(PersonRecord, row.person_id).account_id)
