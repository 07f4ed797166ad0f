"""People of an account: adding them, changing what they may do, their passwords, signing them in.

A first password is made here and shown once; whoever it is for chooses another before anything else. Changing the
role, the branches or the password of somebody, and disabling somebody, ends the sessions he has.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import login
from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import account_of, branch_of
from app.accounts.people_models import PersonBranchRecord, PersonRecord, SessionRecord
from app.accounts.roles import ROLES, Role
from app.http import Office
from app.problems import Conflict, NotFound, Refused, Text

SHORTEST: Final = 10
LONGEST: Final = 200
"""How many characters a password has."""

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,99}")


def add(
    session: Session, account: AccountRecord, *, username: str, name: str, role: str, now: datetime,
    branches: Iterable[int] = (), password: str = "",
) -> tuple[PersonRecord, str]:
    """Adds somebody and gives the first password, which is not kept in the clear; a ``password`` of one's own is final.

    Raises Refused for a user name, name, role or password that cannot be, NotFound for a branch of another account,
    Conflict for a user name that is taken.
    """
    first = password or secrets.token_urlsafe(12)
    checked = _username(username)
    check_password(first, username=checked, pointer="/password")
    row = PersonRecord(
        account_id=account.id, username=checked, name=_name(name), role=_role(role), must_change=not password,
        password_hash=login.password_hash(first), active=True, created_at=now,
    )
    if session.scalar(_of_name(account.id, checked)) is not None:
        raise _taken()
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else was added under that name meanwhile
        raise _taken() from error
    _bind(session, row, branches)
    return row, first


def change(
    session: Session, row: PersonRecord, *, name: str, role: str, branches: Sequence[int], active: bool, now: datetime
) -> None:
    """Changes somebody. Raises as `add` does, and Conflict where the account would be left without an owner."""
    role_wanted = _role(role)
    row.name = _name(name)
    bound = branches_of(session, row.id)
    if (row.role, row.active, bound) == (role_wanted, active, tuple(sorted(branches))):
        return
    losing = row.role == "owner" and row.active and not bound
    if losing and not (role_wanted == "owner" and active and not branches) and _other_owners(session, row) == 0:
        raise Conflict("LAST_OWNER", Text(
            "La cuenta necesita un propietario activo que vea todas las sucursales",
            "The account needs an active owner who sees all branches",
        ), pointer="/role")
    row.role, row.active = role_wanted, active
    session.execute(delete(PersonBranchRecord).where(PersonBranchRecord.person_id == row.id))
    _bind(session, row, branches)
    end_sessions(session, row.id, now=now)


def renew_password(session: Session, row: PersonRecord, *, now: datetime) -> str:
    """Gives somebody a first password again, to be shown once; the former one and the sessions end."""
    first = secrets.token_urlsafe(12)
    row.password_hash, row.must_change = login.password_hash(first), True
    end_sessions(session, row.id, now=now)
    return first


def choose_password(session: Session, row: PersonRecord, password: str, *, now: datetime) -> None:
    """Somebody's own new password; all sessions end. Raises Refused for one that is too easy or not new."""
    check_password(password, username=row.username, pointer="/password")
    if login.is_password(row.password_hash, password):
        raise _refused("/password", "Elija una contraseña distinta de la actual", "Choose another than the present one")
    row.password_hash, row.must_change = login.password_hash(password), False
    end_sessions(session, row.id, now=now)


def sign_in(
    services: Office, *, environment: str, ruc: str, username: str, password: str, address: str | None
) -> PersonRecord | None:
    """Whoever these make out, or None; failures are counted (`app.accounts.login`).

    Raises TooMany while the user or the address is locked out, Unavailable when too many sign in at this moment.
    """
    name = username.strip().lower()
    subjects = login.subjects_of(f"person\x1f{environment}\x1f{ruc}\x1f{name}", address)
    login.check_lockout(services, subjects)
    with services.database.read() as session:
        account = account_of(session, environment, ruc)
        row = session.scalar(_of_name(account.id, name)) if account is not None and account.active else None
    known = login.is_password(row.password_hash if row is not None and row.active else None, password)
    login.note(services, subjects, succeeded=known)
    return row if known else None


def person_of(session: Session, account_id: int, person_id: int) -> PersonRecord:
    """Somebody of the account. Raises NotFound for anybody else."""
    found = session.get(PersonRecord, person_id)
    if found is None or found.account_id != account_id:
        raise NotFound("PERSON_NOT_FOUND", Text("La persona no existe", "The person does not exist"))
    return found


def find(session: Session, account_id: int, username: str) -> PersonRecord | None:
    """Somebody of the account by user name, however it is written."""
    return session.scalar(_of_name(account_id, username.strip().lower()))


def people_of(account_id: int) -> Select[PersonRecord]:
    """Everybody of an account, those first who may sign in, then by name."""
    chosen = select(PersonRecord).where(PersonRecord.account_id == account_id)
    return chosen.order_by(PersonRecord.active.desc(), PersonRecord.name, PersonRecord.id)


def branches_of(session: Session, person_id: int) -> tuple[int, ...]:
    """The branches somebody is bound to, in the order of their ids; none: all."""
    chosen = select(PersonBranchRecord.branch_id).where(PersonBranchRecord.person_id == person_id)
    return tuple(session.scalars(chosen.order_by(PersonBranchRecord.branch_id)))


def end_sessions(session: Session, person_id: int, *, now: datetime) -> None:
    """Ends whatever sessions somebody has; forms kept for him are forgotten."""
    session.execute(
        update(SessionRecord).where(SessionRecord.person_id == person_id, SessionRecord.ended_at.is_(None))
        .values(ended_at=now, kept_sealed=None, kept_path="")
    )


def check_password(password: str, *, username: str, pointer: str) -> None:
    """Raises Refused for a password that is too short, too long or too easily guessed from the user name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused(
            pointer, f"La contraseña tiene de {SHORTEST} a {LONGEST} caracteres",
            f"A password has {SHORTEST} to {LONGEST} characters",
        )
    if len(set(password)) < 5 or username.split("@")[0] in password.lower():
        raise _refused(
            pointer, "La contraseña es fácil de adivinar: use una frase que solo usted conozca",
            "The password is easily guessed: use a phrase that only you know",
        )


def _bind(session: Session, row: PersonRecord, branches: Iterable[int]) -> None:
    for branch_id in sorted(set(branches)):
        found: BranchRecord = branch_of(session, row.account_id, branch_id)
        session.add(PersonBranchRecord(person_id=row.id, branch_id=found.id))
    session.flush()


def _other_owners(session: Session, row: PersonRecord) -> int:
    bound = select(PersonBranchRecord.person_id)
    return session.scalar(
        select(func.count()).select_from(PersonRecord).where(
            PersonRecord.account_id == row.account_id, PersonRecord.id != row.id, PersonRecord.active,
            PersonRecord.role == "owner", PersonRecord.id.not_in(bound),
        )
    ) or 0


def _of_name(account_id: int, username: str) -> Select[PersonRecord]:
    return select(PersonRecord).where(PersonRecord.account_id == account_id, PersonRecord.username == username)


def _username(text: str) -> str:
    name = text.strip().lower()
    if _USERNAME.fullmatch(name) is None:
        raise _refused(
            "/username", "El usuario tiene de 3 a 100 letras sin tilde, cifras o . _ @ + -, o es un correo",
            "A user name has 3 to 100 plain letters, digits or . _ @ + -, or is an e-mail address",
        )
    return name


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 100:
        raise _refused("/name", "El nombre tiene de 1 a 100 caracteres", "A name has 1 to 100 characters")
    return name


def _role(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    raise _refused("/role", "Elija un rol", "Choose a role")


def _taken() -> Conflict:
    return Conflict("USERNAME_TAKEN", Text(
        "La cuenta ya tiene una persona con ese usuario", "The account has somebody with that user name already"
    ), pointer="/username")


def _refused(pointer: str, es: str, en: str) -> Refused:
    return Refused("INVALID_PERSON", Text(es, en), pointer=pointer)
