"""Registering series, finding the one to issue on, and setting a counter.

Rules: `domain/numbering.md` 2 and KOY-03 to KOY-08, OPT-07 (start free before the first use), decisions 5 and 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.problems import Conflict, Forbidden, NotFound, Refused, Text
from app.series import allocator
from app.series.models import CHRONOLOGICAL, DeclaredGapRecord, SeriesRecord
from app.series.scheme import Scheme
from app.series.template import Names
from sunat.numbering import MAX_NUMBER, SERIES_FORMATS, is_contingency

POINTER: Final = "/header/document_sequence_code"
NOTES: Final = ("07", "08")
FIRST_SERIES: Final = (
    ("01", "F001"), ("03", "B001"), ("07", "FC01"), ("08", "FD01"), ("07", "BC01"), ("08", "BD01"),
)
"""What every new account starts with at its head office (decision 5)."""


def series_of(account_id: int) -> Select[SeriesRecord]:
    """The series of one tenant: every query for series starts here."""
    return select(SeriesRecord).where(SeriesRecord.account_id == account_id)


_BY_CODE: Final = select(SeriesRecord).where(
    SeriesRecord.account_id == bindparam("account_id"), SeriesRecord.sunat_code == bindparam("sunat_code"),
    SeriesRecord.code == bindparam("code"),
)
"""One series of one tenant; asked for every voucher, hence made once."""


def target_of(sunat_code: str, code: str) -> str:
    """What a note of this series modifies, by its first letter; empty for every other kind and for pre-printed ones."""
    return code[:1] if sunat_code in NOTES and not is_contingency(code) else ""


def check_form(sunat_code: str, code: str, *, pointer: str = POINTER, contingency: bool = False) -> None:
    """Refuses a series whose characters do not fit the kind, before anything is stored (KOY-03).

    ``contingency`` says whether a series of pre-printed paper is meant, too.
    """
    form = SERIES_FORMATS.get(sunat_code)
    if form is None or not (form.numbered(code) or (contingency and form.matches(code))):
        said = Text(form.explain("es"), form.explain("en")) if form else Text("", "")
        raise Refused("SERIES_FORMAT", Text(
            f"La serie {code!r} no corresponde al tipo de comprobante {sunat_code}",
            f"Series {code!r} does not fit voucher type {sunat_code}",
        ), pointer=pointer, hint=said)


def serialise(session: Session, account_id: int) -> None:
    """Lets one transaction at a time rearrange the series of an account; issuing goes on meanwhile."""
    session.execute(select(AccountRecord.id).where(AccountRecord.id == account_id).with_for_update(key_share=True))


def check_limit(session: Session, account_id: int, limit: int) -> None:
    """Refuses one more series to an account that has so many already (FRI-05)."""
    serialise(session, account_id)
    held = session.scalar(
        select(func.count()).where(SeriesRecord.account_id == account_id, SeriesRecord.profile != "summary")
    ) or 0
    if held >= limit:
        raise Conflict("SERIES_LIMIT", Text(
            f"La cuenta ya tiene {limit} series, el máximo configurado",
            f"The account already has {limit} series, the configured maximum",
        ))


def register(
    session: Session, branch: BranchRecord, account: AccountRecord, *, sunat_code: str, code: str, now: datetime,
    chronological: str = "warn", pointer: str = POINTER,
) -> SeriesRecord:
    """Registers a series at a branch; the first of its kind there becomes the default.

    Raises Refused when the series does not fit the kind, Conflict when it exists.
    """
    check_form(sunat_code, code, pointer=pointer)
    if chronological not in CHRONOLOGICAL:
        raise ValueError("Unknown policy for issue dates")
    return add(session, branch, account, SeriesRecord(
        sunat_code=sunat_code, code=code, target=target_of(sunat_code, code), chronological=chronological,
    ), now=now, pointer=pointer)


def add(
    session: Session, branch: BranchRecord, account: AccountRecord, row: SeriesRecord, *, now: datetime,
    pointer: str = POINTER,
) -> SeriesRecord:
    """Stores a new series, whose own members are set and fit, at a branch; the first of its kind becomes the default.

    Raises Conflict when its code or its public id is taken.
    """
    if branch.account_id != account.id:
        raise ValueError("A series belongs to a branch of its own account")
    serialise(session, account.id)
    row.account_id, row.branch_id = account.id, branch.id
    row.environment, row.ruc = account.environment, account.ruc
    row.created_at = row.updated_at = now
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("SERIES_EXISTS", Text(
            f"La serie {row.code} ya está registrada", f"Series {row.code} is already registered"
        ), pointer=pointer) from error
    promote(session, row, now=now)
    return row


def register_first(session: Session, account: AccountRecord, branch: BranchRecord, *, now: datetime) -> None:
    """Registers what every account starts with."""
    for sunat_code, code in FIRST_SERIES:
        register(session, branch, account, sunat_code=sunat_code, code=code, now=now)


def find(session: Session, account_id: int, sunat_code: str, code: str) -> SeriesRecord | None:
    """The tenant's series of that kind and code, or None."""
    return session.scalar(_BY_CODE, {"account_id": account_id, "sunat_code": sunat_code, "code": code})


def default_of(
    session: Session, account_id: int, branch_id: int, kind: str, target: str = ""
) -> SeriesRecord | None:
    """The default series of a branch for a kind (and a target, for notes), or None."""
    return session.scalar(
        series_of(account_id).where(
            SeriesRecord.branch_id == branch_id, SeriesRecord.kind == kind, SeriesRecord.target == target,
            SeriesRecord.is_default,
        )
    )


def promote(session: Session, row: SeriesRecord, *, now: datetime, branch_id: int | None = None) -> None:
    """Sees to it that there is a default beside this series: the first active one, where there is none (FRI-13).

    ``branch_id`` names another branch than the series' own, for one that just left it.
    """
    where = row.branch_id if branch_id is None else branch_id
    if default_of(session, row.account_id, where, row.kind, row.target) is not None:
        return
    first = session.scalar(
        series_of(row.account_id)
        .where(
            SeriesRecord.branch_id == where, SeriesRecord.kind == row.kind, SeriesRecord.target == row.target,
            SeriesRecord.active, SeriesRecord.profile.in_(("sunat", "internal")),
        )
        .order_by(SeriesRecord.id)
        .limit(1)
    )
    if first is not None:
        first.is_default = True
        touch(first, now)
        session.flush()


def touch(row: SeriesRecord, now: datetime) -> None:
    """Notes that the configuration of a series changed."""
    row.updated_at, row.version = now, row.version + 1


def for_issuing(
    session: Session, account_id: int, *, sunat_code: str, code: str | None, target: str = "",
    branch_id: int | None = None, bound_branch_id: int | None = None,
) -> SeriesRecord:
    """The series a voucher is to be issued on.

    With a ``code`` that very series; without one the default of ``branch_id`` (the branch the caller names), of the
    key's own branch, or of the head office. ``bound_branch_id`` is the only branch the key may use, if any
    (decision 2). Raises Refused (unknown, inactive, no default, does not fit), Forbidden for another branch's.
    """
    if code is not None:
        check_form(sunat_code, code, contingency=True)
        found = find(session, account_id, sunat_code, code)
        if found is None:
            raise Refused("SERIES_UNKNOWN", Text(
                f"La serie {code} no está registrada para el tipo {sunat_code}",
                f"Series {code} is not registered for type {sunat_code}",
            ), pointer=POINTER, hint=Text(
                "Regístrela con PATCH /V1/document_types/{id}", "Register it with PATCH /V1/document_types/{id}"
            ))
    else:
        branch = branch_id or bound_branch_id or _head_office(session, account_id)
        found = default_of(session, account_id, branch, sunat_code, target)
        if found is None:
            raise Refused("SERIES_NO_DEFAULT", Text(
                "El establecimiento no tiene una serie por defecto para este comprobante",
                "The branch has no default series for this kind",
            ), pointer=POINTER)
    if bound_branch_id is not None and found.branch_id != bound_branch_id:
        raise Forbidden("SERIES_OF_ANOTHER_BRANCH", Text(
            "La credencial no puede usar series de otro establecimiento",
            "The credential may not use another branch's series",
        ), pointer=POINTER)
    if not found.active:
        raise allocator.inactive()
    return found


def set_last_number(
    session: Session, series_id: int, last_number: int, *, reason: str, author: str, now: datetime,
    pointer: str = "/last_sequence_number",
) -> None:
    """Sets the last number used, so that issuing goes on at the next one.

    Free before the first voucher; afterwards forward only, with a reason, leaving a declared gap. The same number
    again changes nothing. Raises Refused for a number out of range or a missing reason, Conflict backwards.
    """
    if not 0 <= last_number <= MAX_NUMBER:
        raise Refused("NUMBER_RANGE", Text(
            "El último número va de 0 a 99999999", "The last number goes from 0 to 99999999"
        ), pointer=pointer)
    head = allocator.lock(session, series_id)
    row = session.get_one(SeriesRecord, series_id, populate_existing=True)
    if row.profile == "contingency":
        raise Refused("CONTINGENCY_NUMBERS", Text(
            "Una serie de contingencia no tiene contador: sus números los da quien emite",
            "A contingency series has no counter: its numbers are given by who issues",
        ), pointer=pointer)
    capacity = scheme_of(row).capacity
    if last_number > capacity:
        raise Refused("NUMBER_RANGE", Text(
            f"El último número de la serie es {capacity}", f"The last number of the series is {capacity}"
        ), pointer=pointer)
    if last_number == head.last_number:
        return
    if not row.used:
        row.last_number, row.start_number = last_number, min(last_number + 1, MAX_NUMBER)
        touch(row, now)
        session.flush()
        return
    if last_number < head.last_number:
        raise Conflict("NUMBER_BACKWARDS", Text(
            f"La serie ya emitió hasta el número {head.last_number}; el contador solo avanza",
            f"The series has issued up to number {head.last_number}; its counter only goes forward",
        ), pointer=pointer)
    if not reason.strip():
        raise Refused("GAP_REASON", Text(
            "Saltar números de una serie usada exige un motivo", "Skipping numbers of a used series needs a reason"
        ), pointer="/reason", hint=Text(
            "Envíe \"reason\"; el salto queda declarado en el reporte", 'Send "reason"; the gap is kept in the report'
        ))
    if row.period:
        session.add(DeclaredGapRecord(
            series_id=row.id, from_number=row.last_number + 1, to_number=last_number, period=row.period,
            reason=reason.strip(), author=author, at=now,
        ))
        row.last_number, row.updated_at = last_number, now
        session.flush()
        return
    allocator.skip(session, head, to=last_number, reason=reason.strip(), author=author, now=now)
    session.expire(row)


def scheme_of(row: SeriesRecord, *, restart: int = 1) -> Scheme:
    """How a series numbers; a voucher's number is shown with eight digits and counted without end but the law's."""
    if row.profile in ("sunat", "contingency"):
        return Scheme(names=Names(code=row.code), template="{CODE}-{NUM:8}")
    return Scheme(
        names=Names(code=row.code, prefix=row.prefix, suffix=row.suffix), template=row.template,
        reset=row.counter_reset, padding=row.padding, overflow=row.overflow, restart=restart,
    )


def make_default(session: Session, row: SeriesRecord, *, now: datetime) -> None:
    """Makes a series the default of its branch, kind and target.

    Raises allocator's refusal for an inactive one, Refused for one whose numbers are not given out here.
    """
    if not row.active:
        raise allocator.inactive()
    if row.profile not in ("sunat", "internal"):
        raise Refused("SERIES_NO_DEFAULT", Text(
            "Una serie de contingencia no puede ser la serie por defecto", "A contingency series cannot be the default"
        ), pointer="/default")
    serialise(session, row.account_id)
    former = default_of(session, row.account_id, row.branch_id, row.kind, row.target)
    if former is not None and former.id == row.id:
        return
    if former is not None:
        former.is_default = False
        touch(former, now)
        session.flush()
    row.is_default = True
    touch(row, now)
    session.flush()


def set_active(session: Session, row: SeriesRecord, active: bool, *, now: datetime) -> None:
    """Retires a series or brings it back; of the others the first becomes the default. Its vouchers stay."""
    serialise(session, row.account_id)
    row.active, row.is_default = active, row.is_default and active
    touch(row, now)
    session.flush()
    promote(session, row, now=now)


def branch_by_code(session: Session, account_id: int, code: str) -> BranchRecord | None:
    """The tenant's active branch with that internal code (the contract's ``branch_office_code``), or None."""
    return session.scalar(
        select(BranchRecord).where(
            BranchRecord.account_id == account_id, BranchRecord.code == code, BranchRecord.active
        )
    )


class Desk:
    """The series room as the accounts room knows it (`app.accounts.interfaces.SeriesDesk`)."""

    def open(self, session: Session, account: AccountRecord, branch: BranchRecord, *, now: datetime) -> None:
        """Registers a new account's first series."""
        register_first(session, account, branch, now=now)

    def codes(self, session: Session, account_id: int, branch_id: int) -> tuple[str, ...]:
        """The codes of a branch's series, each once, in order."""
        query = select(SeriesRecord.code).where(
            SeriesRecord.account_id == account_id, SeriesRecord.branch_id == branch_id, SeriesRecord.active,
            SeriesRecord.profile.in_(("sunat", "contingency")),
        )
        return tuple(sorted(set(session.scalars(query))))

    def assign(
        self, session: Session, account: AccountRecord, branch: BranchRecord, codes: Sequence[str], *, now: datetime
    ) -> None:
        """Moves series to a branch. Raises NotFound for a code that the account has not registered."""
        for index, code in enumerate(codes):
            pointer = f"/document_sequence_codes/{index}"
            found = session.scalars(series_of(account.id).where(SeriesRecord.code == code)).all()
            if not found:
                raise NotFound("SERIES_NOT_FOUND", Text(
                    f"La serie {code} no está registrada", f"Series {code} is not registered"
                ), pointer=pointer)
            for row in found:
                if row.branch_id != branch.id:
                    move(session, row, branch.id, now=now)


def move(session: Session, row: SeriesRecord, branch_id: int, *, now: datetime) -> None:
    """Moves a series to another branch of its account; both branches keep a default."""
    serialise(session, row.account_id)
    former = row.branch_id
    row.branch_id, row.is_default = branch_id, False
    touch(row, now)
    session.flush()
    promote(session, row, now=now)
    promote(session, row, now=now, branch_id=former)


def _head_office(session: Session, account_id: int) -> int:
    found = session.scalar(
        select(BranchRecord.id).where(BranchRecord.account_id == account_id, BranchRecord.is_headquarters)
    )
    if found is None:
        raise Refused("NO_HEAD_OFFICE", Text("La cuenta no tiene domicilio fiscal", "The account has no head office"))
    return found
