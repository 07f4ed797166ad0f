"""SUNAT: whether its addresses answer, what time it is there, and whether it takes an account's credentials.

Credentials are tried by a question about a voucher that cannot exist, or by a token that is asked for and not used;
nothing is ever sent. Sources: SUNAT's consult service (`getStatusCdr`) and REST services; RFC 9110 (Date).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from app.accounts.models import AccountRecord
from app.accounts.vault import VaultError
from app.delivery.models import IssuerHoldRecord
from app.delivery.routes import way_of_guides, way_to_ask, way_to_witness
from app.delivery.sending import UNOPENED
from app.doctor.rows import Row, bad, ok, span, warn
from app.http import Office
from app.problems import Text
from sunat.errors import Fault, FormatError, TransportError
from sunat.numbering import MAX_NUMBER, VoucherId
from sunat.outcomes import Class, class_of
from sunat.transport import (
    Bounds,
    ConsultService,
    Environment,
    Exchange,
    GuideService,
    RestConsult,
    Service,
    check_address,
    endpoint,
)
from sunat.transport.tokens import Tokens

BOUNDS: Final = Bounds(connect_timeout=5.0, total_timeout=10.0)
"""What one question may take."""

_SKEW: Final = 60.0
_WRONG: Final = 300.0
"""Seconds that our clock may differ from SUNAT's."""

_NOWHERE: Final = "F000"
_REFUSING: Final = frozenset({Class.CREDENTIALS, Class.PERMISSION, Class.CHANNEL})
_UNSURE: Final = frozenset({Class.NOT_SENT, Class.UNANSWERED, Class.UNREADABLE, Class.BUSY})
_USER: Final = Text(
    "Revise el usuario SOL secundario, su clave y sus perfiles en SOL, y guárdelos de nuevo",
    "Check the secondary SOL user, its password and its profiles in SOL, then store them again",
)
_LATER: Final = Text("Pruebe más tarde", "Try later")
_CLIENT: Final = Text(
    "Cree las credenciales de API en SOL y guárdelas de nuevo", "Make the API credentials in SOL and store them again"
)


def addresses_of(office: Office, accounts: Collection[AccountRecord]) -> tuple[str, ...]:
    """Every address that these accounts' vouchers and questions may go to, each once."""
    found: dict[str, None] = {}
    for account in accounts:
        environment = Environment(account.environment)
        for service in Service:
            address = account.ose_url if service is Service.OSE else ""
            try:
                if service is not Service.OSE:
                    address = endpoint(environment, service, sandbox_url=office.settings.sandbox_url)
                check_address(environment, address)
            except FormatError:
                continue
            found[address] = None
    return tuple(found)


def knock(address: str, exchange: Exchange, now: Callable[[], datetime]) -> tuple[Row, float | None]:
    """Whether an address answers at all, whatever it says, and by how many seconds its clock is ahead of ours.

    ``now`` tells our time, and is asked when the answer is there.
    """
    host = address.split("//", 1)[-1]
    try:
        reply = exchange(
            address, b"", {}, connect_timeout=BOUNDS.connect_timeout, total_timeout=BOUNDS.total_timeout,
            max_bytes=BOUNDS.max_bytes, method="HEAD",
        )
    except TransportError as error:
        return bad("reachability", Text(f"{host}: no responde ({error})", f"{host}: no answer ({error})"), Text(
            "Revise internet, DNS y el cortafuegos de esta máquina; si todo está bien, SUNAT está caída: lo pendiente "
            "espera",
            "Check this machine's internet, DNS and firewall; if all is well SUNAT is down, and what is due waits",
        )), None
    return ok("reachability", Text(f"{host} responde", f"{host} answers")), _ahead(reply.date, now())


def clock(skews: Collection[float]) -> Row:
    """What the difference between SUNAT's clock and ours means; ``skews`` are seconds, one for each address."""
    if not skews:
        return warn("clock", Text("Nadie dijo la hora", "Nobody told the time"), Text(
            "Revise que la máquina tenga NTP", "Make sure that the machine has NTP"
        ))
    worst = sorted(skews, key=abs)[len(skews) // 2]
    seen = Text(
        f"Difiere {span(abs(worst))} del de SUNAT", f"{span(abs(worst))} from SUNAT's"
    )
    advice = Text(
        "Sincronice el reloj (NTP): una fecha de emisión futura se rechaza, y los plazos se cuentan mal",
        "Set the clock (NTP): a future issue date is refused, and terms are counted wrong",
    )
    if abs(worst) > _WRONG:
        return bad("clock", seen, advice)
    return warn("clock", seen, advice) if abs(worst) > _SKEW else ok("clock", seen)


def credentials(
    office: Office, account: AccountRecord, held: IssuerHoldRecord | None, exchange: Exchange, now: datetime
) -> Iterator[Row]:
    """Whether SUNAT takes what is stored for an account; an issuer that is held is not tried."""
    if held is not None and held.reason in {"credentials", "permission"}:
        yield bad("sol", Text(
            f"SUNAT lo rechazó ({held.code} {held.text[:100]}); no se probó de nuevo para no bloquearlo",
            f"SUNAT refused it ({held.code} {held.text[:100]}); not tried again, so as not to lock it",
        ), _USER)
        return
    yield _tried("sol", _USER, lambda: _sol(office, account, exchange))
    yield _tried("consult", _CLIENT, lambda: _consult(office, account, exchange, now))
    yield _tried("gre", _CLIENT, lambda: _guides(office, account, exchange, now))


def _sol(office: Office, account: AccountRecord, exchange: Exchange) -> Row:
    nowhere = VoucherId(ruc=account.ruc, type_code="01", series=_NOWHERE, number=MAX_NUMBER)
    way = way_to_ask(office, account, nowhere)
    if way is None or way.credentials is None:
        return ok("sol", Text("Beta no tiene consulta: no se probó", "Beta has no query: it was not tried"))
    state = ConsultService(way.address, bounds=BOUNDS, exchange=exchange).status_cdr(nowhere, way.credentials)
    return ok("sol", Text(
        f"SUNAT lo acepta (consulta inocua: {state.code})", f"SUNAT takes it (a harmless query: {state.code})"
    ))


def _consult(office: Office, account: AccountRecord, exchange: Exchange, now: datetime) -> Row:
    if not account.consult_client_id:
        seen = Text(
            "Sin credenciales: por boletas se pregunta al servicio de validez, que dice menos",
            "None stored: the validity service is asked about boletas, and it says less",
        )
        return warn("consult", seen, _CLIENT) if account.environment == "live" else ok("consult", seen)
    way = way_to_witness(office, account)
    if way is None or way.client is None:
        return ok("consult", Text("Beta no las usa", "Beta does not use them"))
    consult = RestConsult(way.token_address, way.address, bounds=BOUNDS, exchange=exchange, tokens=Tokens())
    consult.sign_in(way.client, now=now)
    return ok("consult", Text("SUNAT las acepta (solo se pidió un token)", "SUNAT takes them (only a token was asked)"))


def _guides(office: Office, account: AccountRecord, exchange: Exchange, now: datetime) -> Row:
    if not account.gre_client_id:
        return ok("gre", Text("Sin credenciales: no emite guías", "None stored: it issues no guides"))
    if account.environment == Environment.BETA:
        return ok("gre", Text("Beta no tiene guías", "Beta has no guides"))
    way = way_of_guides(office, account)
    service = GuideService(way.token, way.address, bounds=BOUNDS, exchange=exchange, tokens=Tokens())
    service.sign_in(way.client, now=now)
    return ok("gre", Text("SUNAT las acepta (solo se pidió un token)", "SUNAT takes them (only a token was asked)"))


def _tried(name: str, advice: Text, ask: Callable[[], Row]) -> Row:
    """The row of an attempt, or of what kept it from succeeding."""
    try:
        return ask()
    except FormatError:
        return bad(name, Text("Incompletas: faltan usuario o clave", "Incomplete: user or password is missing"), advice)
    except VaultError:
        return bad(name, Text(UNOPENED, "The stored password does not open in this installation"), advice)
    except Fault as error:
        said = f"{error.code} {error.text}".strip()[:200]
        found = class_of(error)
        if name != "sol" or found in _REFUSING:
            return bad(name, Text(f"SUNAT no acepta: {said}", f"SUNAT does not take it: {said}"), advice)
        if found in _UNSURE:
            return warn(name, Text(f"SUNAT no pudo responder: {said}", f"SUNAT could not answer: {said}"), _LATER)
        return ok(name, Text(f"SUNAT lo acepta (respondió {said})", f"SUNAT takes it (it said {said})"))
    except TransportError as error:
        return warn(name, Text(f"No hubo respuesta ({error})", f"There was no answer ({error})"), _LATER)


def _ahead(date: str, now: datetime) -> float | None:
    """By how many seconds the instant in a Date header is ahead of ours; None for one that says none."""
    try:
        told = parsedate_to_datetime(date)
    except ValueError:
        return None
    return ((told if told.tzinfo else told.replace(tzinfo=UTC)) - now).total_seconds()
