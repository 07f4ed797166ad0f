"""Keeping logos, and finding the one that a branding names."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.printing.models import LogoRecord
from app.printing.pictures import BadPicture, Picture, picture
from app.printing.typesetting import drawable
from app.problems import Conflict, NotFound, Refused, Text

REGISTERED: Final = "company_logo"
"""The name of the picture that an account was opened with."""
MOST: Final = 50
_REMEMBERED: Final = 32


def logos_of(account_id: int) -> Select[LogoRecord]:
    """The logos of one tenant: every query for logos starts here."""
    return select(LogoRecord).where(LogoRecord.account_id == account_id)


def add_logo(session: Session, account: AccountRecord, name: str, content: bytes, *, now: datetime) -> LogoRecord:
    """Keeps a logo under a name. Raises Refused for what is no picture of ours, Conflict for a name that is taken."""
    if name == REGISTERED:
        raise Conflict("LOGO_NAME_TAKEN", Text(
            f"{REGISTERED} es el logo con que se abrió la cuenta",
            f"{REGISTERED} is the logo that the account was opened with",
        ), pointer="/name")
    try:
        found = picture(content, draws=drawable)
    except BadPicture as bad:
        raise Refused("LOGO", Text(bad.es, bad.en), pointer="/content") from bad
    if (session.scalar(select(func.count()).where(LogoRecord.account_id == account.id)) or 0) >= MOST:
        raise Conflict("TOO_MANY_LOGOS", Text(
            f"La cuenta ya tiene {MOST} logos; borre uno", f"The account has {MOST} logos already; remove one"
        ))
    row = LogoRecord(
        account_id=account.id, name=name, media=found.media, width=round(found.width), height=round(found.height),
        sha256=hashlib.sha256(content).hexdigest(), content=content, created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("LOGO_EXISTS", Text(
            f"Ya hay un logo {name}; bórrelo antes de cambiarlo", f"There is a logo {name}; remove it to replace it"
        ), pointer="/name") from error
    return row


def logo_of(session: Session, account_id: int, name: str) -> LogoRecord:
    """One logo of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(logos_of(account_id).where(LogoRecord.name == name))
    if found is None:
        raise NotFound("LOGO_NOT_FOUND", Text("El logo no existe", "The logo does not exist"))
    return found


def picture_for(session: Session, account: AccountRecord, name: str | None) -> Picture | None:
    """The picture behind the name in a branding; None where there is none, or where it is none that can be drawn."""
    if not name:
        return None
    if name != REGISTERED:
        row = session.scalar(logos_of(account.id).where(LogoRecord.name == name))
        return None if row is None else _looked_at(row.content)
    registered = (account.registration or {}).get("registration_additional_data", {}).get(REGISTERED)
    try:
        return _looked_at(b64decode("".join(str(registered).split()), validate=True))
    except ValueError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _looked_at(content: bytes) -> Picture | None:
    """A picture that many papers show is looked at once."""
    try:
        return picture(content, draws=drawable)
    except BadPicture:
        return None
