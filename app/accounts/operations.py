"""Opening and changing accounts and their branches.

Opening an account gives it a data key, a head office and its first series (decision 5). The RUC's check digit is
proved here: a wrong one would surface only when SUNAT refuses the first voucher. Secrets are written, never read out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import channels
from app.accounts.interfaces import SeriesDesk
from app.accounts.models import ENVIRONMENTS, AccountRecord, BranchRecord
from app.http import Safe, Vault
from app.problems import Conflict, NotFound, Refused, Text
from sunat.errors import FormatError
from sunat.identity import validate_ruc

HEAD_OFFICE_CODE: Final = "0000"

SECRETS: Final[Mapping[str, str]] = {
    "sol_password": "sol_password_sealed",
    "gre_client_secret": "gre_client_secret_sealed",
    "consult_client_secret": "consult_client_secret_sealed",
}
"""The secrets of an account, by their names in the contract, and the columns that hold them sealed."""

SETTINGS: Final = frozenset({
    "legal_name", "trade_name", "contact_name", "contact_phone", "admin_email", "registration", "active",
    "tax_regime", "channel", "ose_url", "pse_ruc", "sol_user", "gre_client_id", "consult_client_id", "boleta_channel",
    "signature_algorithm", "detraction_account", "summary_start_number", "reduced_igv", "anonymous_customer",
    "boleta_today_only", "duplicate_guard_minutes", "allow_number_gaps", "strict_observations", "branding",
    "mail",
})
"""The columns of an account that may be changed; environment and RUC never do."""

_CHANNEL: Final = frozenset({"channel", "ose_url", "pse_ruc"})

BRANCH_FIELDS: Final = frozenset({
    "name", "code", "establishment_code", "branch_type", "ubigeo", "address", "district", "city", "department",
    "phone", "active", "parent_id", "branding",
})
"""The columns of a branch that may be changed."""


def open_account(
    session: Session, *, vault: Vault, desk: SeriesDesk, environment: str, ruc: str, legal_name: str, now: datetime,
    settings: Mapping[str, Any] | None = None, head_office: Mapping[str, Any] | None = None,
) -> AccountRecord:
    """Opens an account with its head office and its first series.

    ``settings`` are columns of `SETTINGS` and secrets of `SECRETS`, ``head_office`` columns of `BRANCH_FIELDS`.
    Raises Refused for a RUC that is none, Conflict when the RUC has an account in that environment.
    """
    if environment not in ENVIRONMENTS:
        raise Refused("ENVIRONMENT", Text(
            f"Entorno desconocido: {environment}", f"Unknown environment: {environment}"
        ), pointer="/additional/pe_account/environment")
    account = AccountRecord(
        environment=environment, ruc=checked_ruc(ruc, pointer="/registration_tax_id_code"), legal_name=legal_name,
        data_key_sealed=vault.new_data_key(), created_at=now, updated_at=now,
    )
    change_account(session, vault, account, settings or {}, now=now)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise Conflict("ACCOUNT_EXISTS", Text(
            f"El RUC {account.ruc} ya tiene una cuenta en el entorno {environment}",
            f"RUC {account.ruc} already has an account in environment {environment}",
        ), pointer="/registration_tax_id_code") from error
    office = BranchRecord(
        account_id=account.id, name="Domicilio fiscal", code=HEAD_OFFICE_CODE, is_headquarters=True, created_at=now
    )
    _set(office, head_office or {}, BRANCH_FIELDS)
    session.add(office)
    session.flush()
    desk.open(session, account, office, now=now)
    return account


def change_account(
    session: Session, vault: Vault, account: AccountRecord, changes: Mapping[str, Any], *, now: datetime
) -> None:
    """Changes settings and secrets of an account; an empty secret removes it.

    Going over to another register keeps the former channel. Raises Refused for a wrong PSE RUC or an impossible
    channel.
    """
    stored = inspect(account).persistent
    if stored:
        session.flush()
        session.refresh(account, with_for_update=True)
    former = channels.snapshot(account) if stored else None
    plain = {name: value for name, value in changes.items() if name not in SECRETS}
    if plain.get("pse_ruc"):
        plain["pse_ruc"] = checked_ruc(plain["pse_ruc"], pointer="/additional/pe_account/pse_tax_id_code")
    if "mail" in plain:
        plain["mail"] = _mail_wishes(account.mail or {}, plain["mail"], now)
    _set(account, plain, SETTINGS)
    safe = safe_of(vault, account)
    for name, column in SECRETS.items():
        if name in changes:
            secret = changes[name]
            setattr(account, column, safe.seal(name, secret.encode()) if secret else None)
    if plain.keys() & _CHANNEL:
        channels.check_channel(account)
    if former is not None:
        channels.changed_channel(session, account, former, now)
    account.updated_at = now


def safe_of(vault: Vault, account: AccountRecord) -> Safe:
    """The safe of an account. Raises VaultError under another master key."""
    return vault.safe(account.data_key_sealed, f"{account.environment}/{account.ruc}")


def secret_of(vault: Vault, account: AccountRecord, name: str) -> str | None:
    """A secret of an account by its name in `SECRETS`, or None when it has none. Raises VaultError."""
    sealed: bytes | None = getattr(account, SECRETS[name])
    return None if sealed is None else safe_of(vault, account).open(name, sealed).decode()


def account_of(session: Session, environment: str, ruc: str) -> AccountRecord | None:
    """The account of a RUC in an environment, or None."""
    return session.scalar(
        select(AccountRecord).where(AccountRecord.environment == environment, AccountRecord.ruc == ruc)
    )


def branches_of(account_id: int) -> Select[BranchRecord]:
    """The branches of one tenant: every query for branches starts here."""
    return select(BranchRecord).where(BranchRecord.account_id == account_id)


def branch_of(session: Session, account_id: int, branch_id: int) -> BranchRecord:
    """One branch of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(branches_of(account_id).where(BranchRecord.id == branch_id))
    if found is None:
        raise NotFound("BRANCH_NOT_FOUND", Text("El establecimiento no existe", "The branch does not exist"))
    return found


def head_office(session: Session, account_id: int) -> BranchRecord:
    """The head office of a tenant. Raises NotFound."""
    found = session.scalar(branches_of(account_id).where(BranchRecord.is_headquarters))
    if found is None:
        raise NotFound("BRANCH_NOT_FOUND", Text("La cuenta no tiene domicilio fiscal", "There is no head office"))
    return found


def create_branch(
    session: Session, account: AccountRecord, fields: Mapping[str, Any], *, now: datetime
) -> BranchRecord:
    """Adds a branch. Raises Conflict when its internal code is taken, NotFound for a foreign parent."""
    branch = BranchRecord(account_id=account.id, created_at=now)
    change_branch(session, branch, fields)
    return branch


def change_branch(session: Session, branch: BranchRecord, fields: Mapping[str, Any]) -> None:
    """Changes a branch. Raises Conflict when its internal code is taken, NotFound for a foreign parent."""
    if fields.get("parent_id") is not None:
        branch_of(session, branch.account_id, fields["parent_id"])
    try:
        with session.begin_nested():
            _set(branch, fields, BRANCH_FIELDS)
            session.add(branch)
    except IntegrityError as error:
        raise Conflict("BRANCH_EXISTS", Text(
            "Ya existe un establecimiento con ese código interno", "A branch with that internal code exists"
        ), pointer="/company_branch_internal_code") from error


def remove_branch(session: Session, branch: BranchRecord) -> None:
    """Removes a branch that nothing refers to. Raises Conflict for the head office and for one that is in use."""
    if branch.is_headquarters:
        raise Conflict("HEAD_OFFICE", Text("El domicilio fiscal no se elimina", "The head office cannot be removed"))
    try:
        with session.begin_nested():
            session.delete(branch)
    except IntegrityError as error:
        raise Conflict("BRANCH_IN_USE", Text(
            "El establecimiento tiene series, credenciales o comprobantes", "The branch has series, keys or documents"
        )) from error


def checked_ruc(ruc: str, *, pointer: str) -> str:
    """A RUC with its check digit proved. Raises Refused with a code of our own (decision 16)."""
    try:
        return validate_ruc(ruc)
    except FormatError as error:
        raise Refused("CHQ-RUC", Text(
            f"El RUC {ruc[:20]} no es válido", f"RUC {ruc[:20]} is not valid"
        ), pointer=pointer, hint=Text(
            "Revise los 11 dígitos; el último es de control", "Check the 11 digits; the last one is a check digit"
        )) from error


def _mail_wishes(former: Mapping[str, Any], given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What an account wants of mail, with what is not given as it was; ``since`` is when it was switched on last."""
    wishes = {**former, **given}
    if wishes.get("enabled") and not former.get("enabled"):
        wishes["since"] = now.isoformat()
    return wishes


def _set(row: AccountRecord | BranchRecord, values: Mapping[str, Any], allowed: frozenset[str]) -> None:
    foreign = values.keys() - allowed
    if foreign:
        raise ValueError(f"Not to be set: {', '.join(sorted(foreign))}")
    for name, value in values.items():
        setattr(row, name, value)
