"""``POST /V1/auth``: the password grant and the refresh of a token, with OAuth2's errors (RFC 6749 5.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request

from app.accounts import login
from app.accounts.models import ApiUserRecord
from app.accounts.schemas.credentials import AuthAnswer, AuthRequest
from app.accounts.tokens import Tokens
from app.http import ApiBlueprint, Office, office
from app.problems import NO_TEXT, Malformed, Problem, Text, Unauthorized

blueprint = ApiBlueprint("auth", __name__, url_prefix="/V1", description="Tokens for API users")

_GRANTS = {
    "password": ("client_id", "client_secret", "username", "password"),
    "refresh_token": ("client_id", "client_secret", "refresh_token"),
}


@blueprint.route("/auth", methods=["POST"])
@blueprint.arguments(AuthRequest, location="json_or_form")
@blueprint.response(200, AuthAnswer)
def create(given: dict[str, str]) -> dict[str, Any]:
    """Get an access token.

    ``grant_type`` is ``password`` (with client_id, client_secret, username, password) or ``refresh_token`` (with
    client_id, client_secret, refresh_token). After too many failures: 429 with Retry-After.
    """
    grant = given.get("grant_type", "")
    if grant not in _GRANTS:
        raise _oauth(Malformed, "unsupported_grant_type", Text(
            "grant_type debe ser password o refresh_token", "grant_type must be password or refresh_token"
        ))
    missing = [name for name in _GRANTS[grant] if not given.get(name)]
    if missing:
        raise _oauth(Malformed, "invalid_request", Text(
            f"Falta {', '.join(missing)}", f"{', '.join(missing)} is missing"
        ))
    services = office()
    user = _by_password(services, given) if grant == "password" else _by_refresh(services, given)
    if user is None:
        raise _oauth(Unauthorized, "invalid_grant", Text(
            "Credenciales no válidas", "Invalid credentials"
        ), hint=_check(_GRANTS[grant]))
    return _pair(services, user, services.clock.now())


def _by_password(services: Office, given: dict[str, str]) -> ApiUserRecord | None:
    return login.log_in(
        services, client_id=given["client_id"], client_secret=given["client_secret"], username=given["username"],
        password=given["password"], address=request.remote_addr,
    )


def _by_refresh(services: Office, given: dict[str, str]) -> ApiUserRecord | None:
    token = Tokens(services.vault).read(given["refresh_token"], "refresh", now=services.clock.now())
    if token is None:
        return None
    user = login.refresh(
        services, token.user_id, client_id=given["client_id"], client_secret=given["client_secret"]
    )
    return user if user is not None and token.fits(user) else None


def _pair(services: Office, user: ApiUserRecord, now: datetime) -> dict[str, Any]:
    tokens, settings = Tokens(services.vault), services.settings
    return {
        "access_token": tokens.make(user, "access", now=now, seconds=settings.token_seconds),
        "expires_in": settings.token_seconds,
        "token_type": "Bearer",
        "scope": None,
        "refresh_token": tokens.make(user, "refresh", now=now, seconds=settings.refresh_seconds),
    }


def _check(names: tuple[str, ...]) -> Text:
    most, last = ", ".join(names[:-1]), names[-1]
    return Text(f"Revise {most} y {last}", f"Check {most} and {last}")


def _oauth(
    kind: type[Malformed] | type[Unauthorized], word: str, text: Text, *, hint: Text = NO_TEXT
) -> Problem:
    return kind(word.upper(), text, hint=hint, extra={"error": word, "error_description": text})
