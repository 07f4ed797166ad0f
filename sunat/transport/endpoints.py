"""SUNAT's addresses, and the fence around the real ones.

Source: programmer's manual of the SEE and SUNAT's published WSDLs. Beta has no consult, no validity service and no
guides. An
account of the sandbox or of beta can never be given, nor told to use, an address of SUNAT's production: the table
decides which address is offered, ``check_address`` looks again at the moment of sending.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from sunat.errors import FormatError


class Environment(StrEnum):
    """Where an account's vouchers go: our own sandbox, SUNAT's beta, or for real."""

    SANDBOX = "sandbox"
    BETA = "beta"
    LIVE = "live"


class Service(StrEnum):
    """SUNAT's web services: the two that take vouchers, the CDR query, the validity query, the REST ones, the OSE's.

    The addresses of the REST services and of their tokens are bases: `sunat.transport.rest` and `sunat.transport.gre`
    add the client's id, the RUC, or what is sent.
    """

    BILL = "bill"
    OTHER_CPE = "other_cpe"
    CONSULT = "consult"
    VALIDITY = "validity"
    TOKEN = "token"  # noqa: S105 - the name of a service
    REST = "rest"
    OSE = "ose"
    GUIDES = "guides"
    GUIDE_TOKEN = "guide_token"  # noqa: S105 - the name of a service


_HOSTS: Final[Mapping[tuple[Environment, Service], str]] = MappingProxyType({
    (Environment.LIVE, Service.TOKEN): "https://api-seguridad.sunat.gob.pe",
    (Environment.LIVE, Service.REST): "https://api.sunat.gob.pe",
    (Environment.LIVE, Service.GUIDE_TOKEN): "https://api-seguridad.sunat.gob.pe",
    (Environment.LIVE, Service.GUIDES): "https://api-cpe.sunat.gob.pe",
})
_USUAL_HOST: Final = MappingProxyType({
    Environment.LIVE: "https://e-factura.sunat.gob.pe", Environment.BETA: "https://e-beta.sunat.gob.pe",
})

PATHS: Final[Mapping[tuple[Environment, Service], str]] = MappingProxyType({
    (Environment.LIVE, Service.BILL): "/ol-ti-itcpfegem/billService",
    (Environment.LIVE, Service.OTHER_CPE): "/ol-ti-itemision-otroscpe-gem/billService",
    (Environment.LIVE, Service.CONSULT): "/ol-it-wsconscpegem/billConsultService",
    (Environment.LIVE, Service.VALIDITY): "/ol-it-wsconsvalidcpe/billValidService",
    (Environment.LIVE, Service.TOKEN): "/v1/clientesextranet",
    (Environment.LIVE, Service.REST): "/v1/contribuyente/contribuyentes",
    (Environment.LIVE, Service.GUIDE_TOKEN): "/v1/clientessol",
    (Environment.LIVE, Service.GUIDES): "/v1/contribuyente/gem/comprobantes",
    (Environment.BETA, Service.BILL): "/ol-ti-itcpfegem-beta/billService",
    (Environment.BETA, Service.OTHER_CPE): "/ol-ti-itemision-otroscpe-gem-beta/billService",
    (Environment.SANDBOX, Service.BILL): "/ol-ti-itcpfegem-beta/billService",
    (Environment.SANDBOX, Service.OTHER_CPE): "/ol-ti-itemision-otroscpe-gem-beta/billService",
    (Environment.SANDBOX, Service.CONSULT): "/ol-it-wsconscpegem/billConsultService",
    (Environment.SANDBOX, Service.VALIDITY): "/ol-it-wsconsvalidcpe/billValidService",
    (Environment.SANDBOX, Service.TOKEN): "/v1/clientesextranet",
    (Environment.SANDBOX, Service.REST): "/v1/contribuyente/contribuyentes",
    (Environment.SANDBOX, Service.OSE): "/ol-ti-itcpe/billService",
    (Environment.SANDBOX, Service.GUIDE_TOKEN): "/v1/clientessol",
    (Environment.SANDBOX, Service.GUIDES): "/v1/contribuyente/gem/comprobantes",
})
"""Where each service lives; the sandbox keeps beta's paths, and production's for what beta does not have."""

_SUNAT: Final = re.compile(r"(?:[a-z0-9-]+\.)*sunat\.gob\.pe")
_BETA_HOSTS: Final = frozenset({"e-beta.sunat.gob.pe"})
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")


def endpoint(environment: Environment | str, service: Service | str, *, sandbox_url: str | None = None) -> str:
    """The address of a service.

    ``sandbox_url`` is the base address of the running sandbox (``http://127.0.0.1:8181``), for that environment
    only. Raises FormatError when the environment does not have the service, or the base does not fit.
    """
    environment = _environment(environment)
    path = next((path for (where, what), path in PATHS.items() if where == environment and what == service), None)
    if path is None:
        raise FormatError(f"{environment} has no {service} service")
    if environment is not Environment.SANDBOX:
        return (_HOSTS.get((environment, Service(service))) or _USUAL_HOST[environment]) + path
    if not sandbox_url:
        raise FormatError("The sandbox needs its base address")
    address = sandbox_url.rstrip("/") + path
    check_address(environment, address)
    return address


def offers(environment: Environment | str, service: Service) -> bool:
    """Whether an environment has a service at all."""
    return (_environment(environment), service) in PATHS


def check_address(environment: Environment | str, address: str) -> None:
    """Refuses an address that this environment may not call.

    Live: https only. Beta: https, and of SUNAT's hosts only beta's. Sandbox: no host of SUNAT at all. Raises
    FormatError; also for an address with credentials in it, or one whose host is not plain ASCII.
    """
    environment = _environment(environment)
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError as error:
        raise FormatError(f"{address!r} is not an address") from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or parts.username or parts.password:
        raise FormatError(f"{address!r} is not an address that can be called")
    if environment is not Environment.SANDBOX and parts.scheme != "https":
        raise FormatError(f"{environment} is called by https only")
    if not _SUNAT.fullmatch(host):
        return
    if environment is Environment.SANDBOX or (environment is Environment.BETA and host not in _BETA_HOSTS):
        raise FormatError(f"An account of {environment} may not call {host}")
    if environment is Environment.LIVE and host in _BETA_HOSTS:
        raise FormatError("A live account may not call beta: its vouchers would have no value")


def _environment(environment: Environment | str) -> Environment:
    """A stored word made sure: a fence that an unknown word slips through would be none."""
    try:
        return Environment(environment)
    except ValueError as error:
        raise FormatError(f"{environment!r} is not an environment: sandbox, beta or live") from error
