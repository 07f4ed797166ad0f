"""``/V1/accounts``: issuers, opened by operators, read and changed by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import answers, certificates, credentials, operations
from app.accounts.auth import principal, requires
from app.accounts.interfaces import series_desk
from app.accounts.keys import ACCOUNTS_CREATE, mode_for
from app.accounts.models import AccountRecord
from app.accounts.once import answers_secret, once, writing
from app.accounts.schemas.issuers import AccountAnswer, AccountChange, AccountCreated, AccountRequest
from app.accounts.schemas.shapes import Listing
from app.http import ID, ApiBlueprint, office
from app.problems import Conflict, Forbidden, Text
from app.wire.pages import whole_body

blueprint = ApiBlueprint(
    "accounts", __name__, url_prefix="/V1/accounts", description="Issuers: one RUC in one environment each"
)

_KEPT = (
    "registration_company_size", "registration_company_industry_sector", "registration_type_use",
    "registration_terms_of_use", "registration_additional_data", "account_config",
)
_SECRET_DATA = ("certificate_file", "certificate_password")


@blueprint.route("")
class Accounts(MethodView):
    """All accounts."""

    @requires(ACCOUNTS_CREATE)
    @once
    @blueprint.arguments(AccountRequest)
    @blueprint.response(201, AccountCreated)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Open an account (operators only).

        Registers the head office and the series F001 B001 FC01 FD01 BC01 BD01. The answer shows the account's API
        key, and the API user made from admin_email and admin_password; afterwards only its repetitions under an
        Idempotency-Key do. The environment is that of ``additional.pe_account.environment``: by default sandbox, with
        a live key live.
        """
        asking, services = principal(), office()
        pe = dict(given.get("additional", {}).get("pe_account", {}))
        environment = pe.pop("environment", "live" if asking.mode == "live" else "sandbox")
        if mode_for(environment) != asking.mode:
            raise Forbidden("KEY_MODE", Text(
                f"Con esta clave no se abren cuentas en el entorno {environment}",
                f"This key does not open accounts in environment {environment}",
            ))
        now = services.clock.now()
        with writing() as session:
            account = operations.open_account(
                session, vault=services.vault, desk=series_desk(), environment=environment,
                ruc=given["registration_tax_id_code"], legal_name=given["registration_legal_name_company"], now=now,
                settings={**_columns(given, {}), **pe},
            )
            data = given.get("registration_additional_data", {})
            if data.get("certificate_file"):
                _certify(session, account, data)
            answers_secret(account)
            _, key = credentials.create_key(session, services.vault, account=account, now=now, name="inicial")
            answer: dict[str, Any] = {"account_id": account.id, "api_key": key}
            if given.get("admin_password"):
                user, secret = credentials.create_user(
                    session, services.vault, account, username=given["admin_email"],
                    password=given["admin_password"], now=now,
                )
                answer["api_user"] = {
                    "client_id": user.client_id, "client_secret": secret, "username": user.username
                }
        return answer

    @requires("accounts:read")
    @blueprint.response(200, Listing)
    def get(self) -> Response:
        """List the accounts that this credential reaches: its own, or for an operator all of his key's mode."""
        asking = principal()
        query = select(AccountRecord).order_by(AccountRecord.id)
        if asking.account_id is not None:
            query = query.where(AccountRecord.id == asking.account_id)
        with office().database.read() as session:
            rows = [row for row in session.scalars(query) if mode_for(row.environment) == asking.mode]
            items = [_read(session, row) for row in rows]
        return jsonify(whole_body("accounts", items, address=f"{office().settings.public_url}/V1/accounts"))


@blueprint.route(f"/<{ID}:account_id>")
class Account(MethodView):
    """One account."""

    @requires("accounts:read")
    @blueprint.response(200, AccountAnswer)
    def get(self, account_id: int) -> dict[str, Any]:
        """Read an account; secrets are never shown, only whether they are set."""
        with office().database.read() as session:
            return _read(session, principal().reach(session, account_id))

    @requires("accounts:write")
    @blueprint.arguments(AccountChange)
    @blueprint.response(200, AccountAnswer)
    def patch(self, given: dict[str, Any], account_id: int) -> dict[str, Any]:
        """Change an account's settings and secrets; an empty secret removes it. RUC and environment never change."""
        services = office()
        with services.database.write() as session:
            account = principal().reach(session, account_id)
            pe = dict(given.get("additional", {}).get("pe_account", {}))
            identity = (pe.pop("environment", account.environment), given.get("registration_tax_id_code", account.ruc))
            if identity != (account.environment, account.ruc):
                raise Conflict("ACCOUNT_IDENTITY", Text(
                    "El RUC y el entorno de una cuenta no cambian; abra otra",
                    "An account's RUC and environment never change; open another one",
                ))
            changes = {**_columns(given, account.registration), **pe}
            operations.change_account(session, services.vault, account, changes, now=services.clock.now())
            session.flush()
            return _read(session, account)


def _read(session: Session, account: AccountRecord) -> dict[str, Any]:
    certificate = certificates.active_certificate(session, account.id)
    return answers.account(account, certified=certificate.created_at if certificate else None)


def _columns(given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """What of the contract's body goes into which column; what Peru has no column for is kept as it came."""
    columns = {name: given[name] for name in ("contact_name", "contact_phone", "admin_email") if name in given}
    if "registration_legal_name_company" in given:
        columns["legal_name"] = given["registration_legal_name_company"]
    data = given.get("registration_additional_data")
    registration = {**kept, **{name: given[name] for name in _KEPT if name in given}}
    if data is not None:
        registration["registration_additional_data"] = {
            name: value for name, value in data.items() if name not in _SECRET_DATA
        }
    return {**columns, "registration": registration}


def _certify(session: Session, account: AccountRecord, data: Mapping[str, Any]) -> None:
    """The certificate that came with the account, as v1 allows."""
    services = office()
    certificate = certificates.read(data["certificate_file"], password=data.get("certificate_password", ""))
    certificates.add(session, services.vault, account, certificate, now=services.clock.now())
