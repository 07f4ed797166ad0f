"""Which series numbers an internal paper: a chosen one, the branch's default, or one that is made on first use.

==================  =================================  ====================================
``sequence_mode``   with ``document_sequence_code``    without
==================  =================================  ====================================
``static``          that series; refused if unknown    refused: none is chosen (INV-17)
``dynamic``         that series; made if unknown       the default; made if there is none
none                that series; refused if unknown    the default; made if there is none
==================  =================================  ====================================

A series made here starts at 1 with padding 6 (INV-16). The one made for want of any is called Default and is the
whole scheme of a shop that never configures one (FRI-02, OPT-11); it is a series like others and can be renamed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import or_
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.problems import Forbidden, Refused, Text
from app.series import configuring, operations
from app.series.models import SeriesRecord

MODES: Final = ("static", "dynamic")
FIRST_NAME: Final = "Default"
PADDING: Final = 6
_ANY_KIND: Final = "other"
_POINTER: Final = operations.POINTER


def series_for_paper(
    session: Session, account: AccountRecord, branch: BranchRecord, kind: str, *, code: str | None, mode: str | None,
    bound_branch_id: int | None, limit: int, author: str, now: datetime,
) -> SeriesRecord:
    """The series that numbers a paper of a kind, made if need be, in the caller's transaction.

    ``code`` is a series' code or its name. Raises Refused (unknown, not chosen, of another kind), Forbidden for
    another branch's, Conflict at the limit of series.
    """
    if code is None and mode == "static":
        raise Refused("SERIES_NOT_CHOSEN", Text(
            "El modo static exige elegir una serie", "Mode static needs a chosen series"
        ), pointer=_POINTER)
    found = _found(session, account, branch, kind, code)
    if found is None and (code is None or mode == "dynamic"):
        operations.serialise(session, account.id)
        found = _found(session, account, branch, kind, code)  # made by another request meanwhile
        if found is None:
            given = {"kind": kind, "name": code or FIRST_NAME, "padding": PADDING}
            if code is None:
                given["code"] = _first_code(session, account, branch, kind)
            found = configuring.create(session, account, branch, given, limit=limit, author=author, now=now)
    if found is None:
        raise Refused("SERIES_UNKNOWN", Text(
            f"La serie {code} no está registrada", f"Series {code} is not registered"
        ), pointer=_POINTER, hint=Text(
            "Créela con PUT /V1/series/{id}, o use el modo dynamic",
            "Create it with PUT /V1/series/{id}, or use mode dynamic",
        ))
    if found.kind not in {kind, _ANY_KIND}:
        raise Refused("SERIES_KIND", Text(
            f"La serie {found.code} es de otro tipo de papel", f"Series {found.code} is of another kind of paper"
        ), pointer=_POINTER, hint=Text(
            "Use una serie por tipo, o una de tipo other para todos",
            "Use a series for each kind, or one of kind other for all",
        ))
    if bound_branch_id not in (None, found.branch_id):
        raise Forbidden("SERIES_OF_ANOTHER_BRANCH", Text(
            "La credencial no puede usar series de otro establecimiento",
            "The credential may not use another branch's series",
        ), pointer=_POINTER)
    return found


def _found(
    session: Session, account: AccountRecord, branch: BranchRecord, kind: str, code: str | None
) -> SeriesRecord | None:
    if code is None:
        return operations.default_of(session, account.id, branch.id, kind) or operations.default_of(
            session, account.id, branch.id, _ANY_KIND
        )
    rows = session.scalars(
        operations.series_of(account.id)
        .where(SeriesRecord.profile == "internal", or_(SeriesRecord.code == code, SeriesRecord.name == code))
        .order_by(SeriesRecord.id)
    ).all()
    exact = [row for row in rows if row.code == code]
    fitting = {kind, _ANY_KIND}
    return next(iter(exact or [row for row in rows if row.kind in fitting] or rows), None)


def _first_code(session: Session, account: AccountRecord, branch: BranchRecord, kind: str) -> str:
    """A code for the series that is made for want of any; branches that come later have theirs in it."""
    code = configuring.slug(kind)
    taken = operations.find(session, account.id, "", code)
    return code if taken is None else configuring.slug(f"{kind}-{branch.code}")
