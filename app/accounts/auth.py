"""Who asks, and what he may: static keys and tokens as Bearer, scopes, the bounds of account, branch and mode.

A view says ``@requires("documents:write")`` and then asks `principal()`. Failures tell nothing about why: a key that
does not exist, is revoked, or has the other mode, all are 401 with one text.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final, cast

from flask import g, request
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.keys import Mode, mode_for, mode_of
from app.accounts.models import AccountRecord, ApiKeyRecord, ApiUserRecord
from app.accounts.tokens import Tokens
from app.db import Busy
from app.http import Office, handed, office
from app.problems import Forbidden, NotFound, Text, Unauthorized

_USE_NOTED_EVERY: Final = timedelta(minutes=5)
_BY_DIGEST: Final = (
    select(ApiKeyRecord, AccountRecord)
    .outerjoin(AccountRecord, AccountRecord.id == ApiKeyRecord.account_id)
    .where(ApiKeyRecord.digest.in_(bindparam("digests", expanding=True)))
)
"""Asked in every request, hence made once: making a statement takes longer than running it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. Without an account it is an operator, who acts for the account that a request names.

    ``branch_id`` bounds it to one branch; ``actor`` is how events name it ("key:12", "user:3", "person:7" at the
    console); ``key_id`` is its API key, if it has one.
    """

    account_id: int | None
    branch_id: int | None
    scopes: frozenset[str]
    mode: Mode
    actor: str
    key_id: int | None = None

    @property
    def account(self) -> int:
        """The account it belongs to. Raises Forbidden for an operator, who has none."""
        if self.account_id is None:
            raise Forbidden("ACCOUNT_NEEDED", Text(
                "La operación exige la credencial de una cuenta", "The operation needs an account's credential"
            ))
        return self.account_id

    def may(self, scope: str) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes

    def reach(self, session: Session, account_id: int | None) -> AccountRecord:
        """The account the request is about: its own, or for an operator the one named.

        Raises NotFound for another tenant's account and for one of the other mode, Forbidden when an operator names
        none.
        """
        wanted = account_id if account_id is not None else self.account
        found = session.get(AccountRecord, wanted)
        if found is None or self.account_id not in (None, wanted) or mode_for(found.environment) != self.mode:
            raise NotFound("ACCOUNT_NOT_FOUND", Text("La cuenta no existe", "The account does not exist"))
        return found


def principal() -> Principal:
    """Who asks, in a view that `requires` a scope."""
    return cast("Principal", g.principal)


def requires(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view for credentials that have a scope: 401 without a good credential, 403 without the scope."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            found = cast("Principal | None", handed())
            if found is None:
                found = authenticate(office(), request.headers.get("Authorization"))
            if not found.may(scope):
                raise Forbidden("SCOPE_MISSING", Text(
                    f"La credencial no tiene el permiso {scope}", f"The credential lacks the scope {scope}"
                ))
            g.principal = found
            return view(*args, **kwargs)

        return guarded

    return decorate


def authenticate(services: Office, authorization: str | None) -> Principal:
    """Who a request's Authorization header stands for. Raises Unauthorized."""
    kind, _, credential = (authorization or "").partition(" ")
    credential = credential.strip()
    if kind.lower() != "bearer" or not credential:
        raise Unauthorized
    now = services.clock.now()
    if credential.startswith("chq_"):
        return _by_key(services, credential, now)
    return _by_token(services, credential, now)


def _by_key(services: Office, key: str, now: datetime) -> Principal:
    mode = mode_of(key)
    if mode is None:
        raise Unauthorized
    digests = services.vault.digests(key)
    with services.database.read() as session:
        both = session.execute(_BY_DIGEST, {"digests": digests}).first()
        if both is None:
            raise Unauthorized
        row, account = both
        if not any(hmac.compare_digest(row.digest, digest) for digest in digests):
            raise Unauthorized
        if row.revoked_at is not None or row.mode != mode:
            raise Unauthorized
        if row.account_id is not None and not _serves(account, mode):
            raise Unauthorized
        found = Principal(
            account_id=row.account_id, branch_id=row.branch_id, scopes=frozenset(row.scopes.split()), mode=mode,
            actor=f"key:{row.id}", key_id=row.id,
        )
    if row.last_used_at is None or now - row.last_used_at > _USE_NOTED_EVERY:
        with suppress(Busy), services.database.write() as session:  # a note, not worth refusing the request
            session.execute(update(ApiKeyRecord).where(ApiKeyRecord.id == row.id).values(last_used_at=now))
    return found


def _by_token(services: Office, text: str, now: datetime) -> Principal:
    token = Tokens(services.vault).read(text, "access", now=now)
    if token is None:
        raise Unauthorized
    with services.database.read() as session:
        user = session.get(ApiUserRecord, token.user_id)
        if user is None or not user.active or not token.fits(user):
            raise Unauthorized
        account = session.get_one(AccountRecord, user.account_id)
        if not account.active:
            raise Unauthorized
        return Principal(
            account_id=user.account_id, branch_id=user.branch_id, scopes=frozenset(user.scopes.split()),
            mode=mode_for(account.environment), actor=f"user:{user.id}",
        )


def _serves(account: AccountRecord | None, mode: Mode) -> bool:
    """Whether an account may be used by keys of a mode."""
    return account is not None and account.active and mode_for(account.environment) == mode
