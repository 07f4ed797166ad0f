"""Where an account's vouchers go, who is asked about them, and as whom: rows of the account, never code (decision 3).

Every address is looked at again when it is used: a test account can never reach production.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.accounts.models import AccountRecord
from app.accounts.operations import secret_of
from app.http import Office
from sunat.errors import FormatError
from sunat.numbering import VoucherId
from sunat.transport import ConsultClient, Credentials, Environment, GuideClient, Service, check_address, endpoint

_TEST_USER: Final = "MODDATOS"
_TEST_KEY: Final = "moddatos"
"""What SUNAT's beta, and our sandbox, take from any RUC."""

_TEST_CLIENT: Final = "chasqui"
_TEST_SECRET: Final = "moddatos"  # noqa: S105 - what the sandbox takes from anybody who asks for guides

COMPARING: Final = "verificaCPEarchivo"
"""The operation that holds our file against the authority's copy."""

CDR_SERIES: Final = "F"
"""The first letter of the series whose CDRs SUNAT's consult service gives back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address that this account may call, and the SOL user to call it as."""

    address: str
    credentials: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to ask about a voucher: the operation, its address, and the credentials it takes.

    ``client`` and ``token_address`` are the REST consult's. ``gives_cdr`` says whether it can bring a CDR back.
    """

    operation: str
    address: str
    credentials: Credentials | None = None
    client: ConsultClient | None = None
    token_address: str = ""
    gives_cdr: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideWay:
    """The two addresses of the guides' service, and as whom they are called."""

    token: str
    address: str
    client: GuideClient


def route_of(office: Office, account: AccountRecord, service: Service) -> Route:
    """The way to a service that takes files, checked against the account's environment at this very moment.

    Raises FormatError when the account has no usable credentials or an address that it may not call (a test account
    can never reach production), app.accounts.vault's error when its secret does not open.
    """
    environment = Environment(account.environment)
    if account.channel == "ose":
        address = _ose_address(office, account)
    else:
        address = endpoint(environment, service, sandbox_url=office.settings.sandbox_url)
    check_address(environment, address)
    return Route(address=address, credentials=credentials_of(office, account, environment))


def way_to_ask(office: Office, account: AccountRecord, voucher: VoucherId) -> Way | None:
    """The best way to learn what the authority holds under a number; None where there is none. Raises as `route_of`.

    An OSE answers at its own address. SUNAT gives CDRs back for series F; of the others the REST consult knows, or the
    validity service, with the SOL user alone.
    """
    environment = Environment(account.environment)
    if account.channel == "ose":
        ose = _ose_address(office, account)
        check_address(environment, ose)
        return Way(
            operation="getStatusCdr", address=ose, gives_cdr=True,
            credentials=credentials_of(office, account, environment),
        )
    if voucher.series.startswith(CDR_SERIES):
        return _soap_way(office, account, Service.CONSULT, "getStatusCdr", gives_cdr=True)
    return way_to_witness(office, account)


def way_to_witness(office: Office, account: AccountRecord) -> Way | None:
    """How to learn the state of any voucher of the account, whatever its kind, without its CDR; None for nobody to ask.

    The REST consult where the account has a client for it, else the validity service. Raises as `route_of`.
    """
    environment = Environment(account.environment)
    client = _client(office, account)
    address = _offered(office, environment, Service.REST)
    token_address = _offered(office, environment, Service.TOKEN)
    if client is None or address is None or token_address is None:
        return _soap_way(office, account, Service.VALIDITY, "validaCDPcriterios")
    return Way(operation="validarcomprobante", address=address, client=client, token_address=token_address)


def way_of_guides(office: Office, account: AccountRecord) -> GuideWay:
    """Where an account's guides go: always to SUNAT itself, whatever its other vouchers' channel. Raises as `route_of`.
    """
    environment = Environment(account.environment)
    token, address = (
        endpoint(environment, service, sandbox_url=office.settings.sandbox_url)
        for service in (Service.GUIDE_TOKEN, Service.GUIDES)
    )
    check_address(environment, token)
    check_address(environment, address)
    secret = secret_of(office.vault, account, "gre_client_secret") if account.gre_client_id else None
    client_id = account.gre_client_id
    if not client_id and environment is Environment.SANDBOX:
        client_id, secret = _TEST_CLIENT, _TEST_SECRET
    user = credentials_of(office, account, environment)
    return GuideWay(
        token=token, address=address,
        client=GuideClient(client_id=client_id, client_secret=secret or "", user=user),
    )


def way_to_compare(office: Office, account: AccountRecord, voucher: VoucherId) -> Way | None:
    """How to hold our file against the authority's copy; an OSE's CDR carries the file's hash. None for neither."""
    if account.channel == "ose":
        return way_to_ask(office, account, voucher)
    return _soap_way(office, account, Service.VALIDITY, COMPARING)


def _ose_address(office: Office, account: AccountRecord) -> str:
    """The OSE's address; without one, which only a sandbox account may be, that of the sandbox."""
    return account.ose_url or endpoint(account.environment, Service.OSE, sandbox_url=office.settings.sandbox_url)


def _soap_way(
    office: Office, account: AccountRecord, service: Service, operation: str, *, gives_cdr: bool = False
) -> Way | None:
    environment = Environment(account.environment)
    address = _offered(office, environment, service)
    if address is None:
        return None
    return Way(
        operation=operation, address=address, gives_cdr=gives_cdr,
        credentials=credentials_of(office, account, environment),
    )


def _offered(office: Office, environment: Environment, service: Service) -> str | None:
    """The address of a service, or None where the environment has none."""
    try:
        address = endpoint(environment, service, sandbox_url=office.settings.sandbox_url)
    except FormatError:
        return None
    check_address(environment, address)
    return address


def _client(office: Office, account: AccountRecord) -> ConsultClient | None:
    secret = secret_of(office.vault, account, "consult_client_secret") if account.consult_client_id else None
    return ConsultClient(client_id=account.consult_client_id, client_secret=secret) if secret else None


def credentials_of(office: Office, account: AccountRecord, environment: Environment) -> Credentials:
    """The SOL user that sends for an account. Raises as `route_of` does."""
    ruc = account.pse_ruc if account.channel == "pse" and account.pse_ruc else account.ruc
    if not account.sol_user and environment is not Environment.LIVE:
        return Credentials(ruc=ruc, user=_TEST_USER, password=_TEST_KEY)
    password = secret_of(office.vault, account, "sol_password")
    return Credentials(ruc=ruc, user=account.sol_user, password=password or "")
