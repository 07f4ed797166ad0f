"""Where an account's vouchers go, and as whom: rows of the account, never code (decision 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.accounts.models import AccountRecord
from app.accounts.operations import secret_of
from app.http import Office
from sunat.kinds import kind
from sunat.transport import Credentials, Environment, check_address, endpoint

_TEST_USER: Final = "MODDATOS"
_TEST_KEY: Final = "moddatos"
"""What SUNAT's beta, and our sandbox, take from any RUC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address that this account may call, and the SOL user to call it as."""

    address: str
    credentials: Credentials


def route_of(office: Office, account: AccountRecord, type_code: str) -> Route:
    """The way for a voucher of a kind, checked against the account's environment at this very moment.

    Raises FormatError when the account has no usable credentials or an address that it may not call (a test account
    can never reach production), app.accounts.vault's error when its secret does not open.
    """
    environment = Environment(account.environment)
    if account.channel == "ose":
        address = account.ose_url
    else:
        address = endpoint(environment, kind(type_code).service, sandbox_url=office.settings.sandbox_url)
    check_address(environment, address)
    return Route(address=address, credentials=_credentials(office, account, environment))


def _credentials(office: Office, account: AccountRecord, environment: Environment) -> Credentials:
    ruc = account.pse_ruc if account.channel == "pse" and account.pse_ruc else account.ruc
    if not account.sol_user and environment is not Environment.LIVE:
        return Credentials(ruc=ruc, user=_TEST_USER, password=_TEST_KEY)
    password = secret_of(office.vault, account, "sol_password")
    return Credentials(ruc=ruc, user=account.sol_user, password=password or "")
