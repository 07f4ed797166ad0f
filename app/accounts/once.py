"""A request that creates, carried out once: the Idempotency-Key of every view but those that issue vouchers.

::

    @requires("branches:write")
    @once                                   claims the key, or repeats the first answer
    @blueprint.arguments(...)
    @blueprint.response(201, ...)
    def post(self, given):
        with writing() as session:          its transaction; the answer is sealed in it, then it is committed
            ...

What tells a request from another is its method, address, query and body as read, and what its credential may do: an
answer may hold a key, and nobody gets one by repeating the request of somebody who may do more. Bodies may hold
passwords, so their hash is keyed (HMAC-SHA256, RFC 2104); answers with a secret are closed in the account's safe.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app import idempotency
from app.accounts.auth import Principal, principal
from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.http import IDEMPOTENCY_KEY, Office, office, takes_key
from app.http.bodies import loads
from app.problems import Malformed, Problem

_WORK: Final = "once"
_KEPT: Final = ("ETag", "Location")
"""Headers that belong to an answer, beside its bytes."""
_FALSE: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(slots=True, kw_only=True)
class _Work:
    """A request under a key while it is carried out; its transaction ends with the stack."""

    held: idempotency.Claim
    stack: ExitStack
    session: Session | None = None
    vault_account: AccountRecord | None = None

    def writing(self) -> Session:
        if self.session is None:
            self.session = self.stack.enter_context(office().database.write())
        return self.session


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view that minds the Idempotency-Key. It stands under ``requires`` and above what reads body and query.

    A refusal (Problem, or an error of the framework) gives the key back. After any other failure the key stays
    claimed until its lease ends, because nobody knows what has been stored. A dry run stores nothing, no key either.
    """

    @wraps(view)
    def carried_out(*arguments: Any, **named: Any) -> Any:
        key = request.headers.get(IDEMPOTENCY_KEY)
        if key is None or request.args.get("dry_run", "").lower() not in _FALSE:
            return view(*arguments, **named)
        services, who = office(), principal()
        held = idempotency.claim(
            services.database, _owner(who), key=key, fingerprints=_marks(services, who), now=services.clock.now(),
            lease_seconds=services.settings.lease_seconds,
        )
        if isinstance(held, idempotency.Replay):
            return _repeated(services, held)
        try:
            with ExitStack() as stack:
                work = _Work(held=held, stack=stack)
                setattr(g, _WORK, work)
                answer = current_app.make_response(view(*arguments, **named))
                _seal(services, work, answer)
        except (Problem, HTTPException):
            idempotency.release(services.database, held)
            raise
        finally:
            g.pop(_WORK, None)
        return answer

    return takes_key(carried_out)


@contextmanager
def writing() -> Iterator[Session]:
    """The transaction of the request: committed when the block ends or, under a key, once the answer is sealed in it.

    Under a key it is one transaction however often it is asked for, and an error in it undoes all of it.
    """
    work: _Work | None = g.get(_WORK)
    if work is None:
        with office().database.write() as session:
            yield session
        return
    session = work.writing()
    yield session
    session.flush()


def answers_secret(account: AccountRecord) -> None:
    """Says that the answer to this request holds a secret, to be kept in that account's safe only."""
    work: _Work | None = g.get(_WORK)
    if work is not None:
        work.vault_account = account


def _owner(who: Principal) -> idempotency.Owner:
    if who.account_id is not None:
        return idempotency.Owner(account_id=who.account_id)
    return idempotency.Owner(operator_key_id=who.key_id)


def _marks(services: Office, who: Principal) -> tuple[str, ...]:
    """What the request is, under every master key, the newest first."""
    mark = json.dumps([
        request.method, request.path.rstrip("/"), sorted(request.args.items(multi=True)), who.branch_id,
        sorted(who.scopes), _body(),
    ], sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return tuple(
        hmac.new(key, mark, hashlib.sha256).hexdigest() for key in services.vault.keys("idempotency fingerprints")
    )


def _body() -> Any:
    """The body as what it says: JSON whatever its spelling, a form without its boundaries, else the bytes' hash."""
    content = request.get_data(cache=True).strip()
    if request.mimetype == "multipart/form-data" and not content.startswith((b"{", b"[")):
        return [
            sorted(request.form.items(multi=True)),
            [(name, file.filename, _digest(file.stream.read())) for name, file in _rewound()],
        ]
    try:
        return {"json": loads(content)}
    except Malformed:
        return {"bytes": _digest(content)}


def _rewound() -> Iterator[tuple[str, Any]]:
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        yield name, file
        file.stream.seek(0)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _seal(services: Office, work: _Work, answer: Response) -> None:
    session, body, account = work.writing(), answer.get_data(), work.vault_account
    if account is not None:
        body = safe_of(services.vault, account).seal(_purpose(work.held.id), body)
    idempotency.seal(
        session, work.held, status=answer.status_code, body=body, now=services.clock.now(),
        headers={name: answer.headers[name] for name in _KEPT if name in answer.headers},
        vault_account_id=account.id if account is not None else None,
    )


def _repeated(services: Office, first: idempotency.Replay) -> Response:
    body = first.body
    if first.vault_account_id is not None:
        with services.database.read() as session:
            account = session.get_one(AccountRecord, first.vault_account_id)
        body = safe_of(services.vault, account).open(_purpose(first.id), body)
    return Response(body, status=first.status, headers=dict(first.headers), mimetype="application/json")


def _purpose(row_id: int) -> str:
    """What a sealed answer is sealed for: the row it lies in, and no other."""
    return f"idempotency/{row_id}"
