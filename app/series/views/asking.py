"""Who asks about which series: account, branch, version. Shared by the views of the room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import request
from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.accounts.auth import Principal, principal
from app.accounts.models import AccountRecord, BranchRecord
from app.problems import Forbidden, Problem, Text
from app.series.configuring import Stale, series_by_public_id
from app.series.models import SeriesRecord

_TAG: Final = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')


class VersionMissing(Problem):
    """A change must say which version it changes."""

    status = 428
    default_code = "PRECONDITION_REQUIRED"
    default_text = Text("Falta el encabezado If-Match", "The If-Match header is missing")
    default_hint = Text(
        "Envíe el ETag de la última lectura, o * para cualquier versión",
        "Send the ETag of your last reading, or * for any version",
    )


def account_and_series(
    session: Session, public_id: str, given: Mapping[str, Any], *, lock: bool = False
) -> tuple[AccountRecord, SeriesRecord]:
    """The account a request is about and one of its series. Raises NotFound."""
    asking = principal()
    account = asking.reach(session, given.get("account_id"))
    return account, series_by_public_id(
        session, account.id, public_id, branch_id=asking.branch_id, lock=lock
    )


def branch_for(session: Session, account: AccountRecord, branch_id: int | None) -> BranchRecord:
    """The branch a new series belongs to: the one named, the key's own, else the head office. Raises Forbidden."""
    asking = principal()
    check_branch(asking, branch_id)
    wanted = branch_id or asking.branch_id
    return accounts.branch_of(session, account.id, wanted) if wanted else accounts.head_office(session, account.id)


def check_branch(asking: Principal, branch_id: int | None) -> None:
    """Refuses another branch to a key that is bound to one."""
    if asking.branch_id is not None and branch_id not in (None, asking.branch_id):
        raise Forbidden("SERIES_OF_ANOTHER_BRANCH", Text(
            "La credencial no puede usar series de otro establecimiento",
            "The credential may not use another branch's series",
        ), pointer="/branch")


def version_wanted(*, needed: bool) -> int | None:
    """The version in If-Match, None for any. Raises VersionMissing where it is ``needed``, Stale for an alien tag."""
    header = request.headers.get("If-Match")
    if header is None:
        if needed:
            raise VersionMissing
        return None
    if header.strip() == "*":
        return None
    match = _TAG.fullmatch(header.strip())
    if match is None:
        raise Stale
    return int(match[1])


def etag(row: SeriesRecord) -> dict[str, str]:
    """The header that names the present version."""
    return {"ETag": f'"{row.version}"'}
