"""The three counters of the guides' REST service, at SUNAT's own paths: token, sending, ticket."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sunat.errors import PackagingError
from sunat.sandbox.dialects import LIVE, Dialect
from sunat.sandbox.exchange import Asked, Call, Operation, Outcome, named, written
from sunat.sandbox.guides import GuideDesk, read_message
from sunat.transport.endpoints import PATHS, Environment, Service
from sunat.transport.zipping import unpack

_TOKENS: Final = PATHS[Environment.SANDBOX, Service.GUIDE_TOKEN]
_GUIDES: Final = PATHS[Environment.SANDBOX, Service.GUIDES]
_TOKEN: Final = re.compile(rf"{re.escape(_TOKENS)}/([^/]{{1,100}})/oauth2/token")
_TICKET: Final = re.compile(rf"{re.escape(_GUIDES)}/envios/([^/]{{1,60}})")
_SEND: Final = re.compile(rf"{re.escape(_GUIDES)}/([^/]{{1,60}})")

Work = Callable[[datetime], Outcome]


@dataclass(frozen=True, slots=True)
class GuideTokenCounter:
    """Tokens in the name of a SOL user."""

    desk: GuideDesk
    client_id: str
    dialect: Dialect = LIVE

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """A request of a token names no voucher."""
        asked = Asked(operation=Operation.GUIDE_TOKEN, peer=call.peer)
        return asked, "", lambda _: written(*self.desk.token(self.client_id, call.body))


@dataclass(frozen=True, slots=True)
class GuideCounter:
    """Where guides are sent to."""

    desk: GuideDesk
    name: str
    dialect: Dialect = LIVE

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """The guide by the address it is sent to; the hash is of its XML, of the zip where that holds none."""
        sent = read_message(call.body)
        zipped = sent.zipped if sent else b""
        try:
            content = unpack(zipped, self.name)
        except PackagingError:
            content = zipped
        digest = hashlib.sha256(content).hexdigest() if content else ""
        authorization = call.headers.get("authorization", "")
        return named(Operation.SEND_GUIDE, self.name, call.peer), digest, lambda at: written(
            *self.desk.send(authorization, self.name, call.body, at)
        )


@dataclass(frozen=True, slots=True)
class GuideTicketCounter:
    """Where tickets are asked about."""

    desk: GuideDesk
    ticket: str
    dialect: Dialect = LIVE

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """The guide that the ticket is of, where it is anybody's."""
        taken = self.desk.about(self.ticket)
        name = taken.voucher.file_name if taken and taken.voucher else ""
        authorization = call.headers.get("authorization", "")
        return named(Operation.GUIDE_TICKET, name, call.peer), "", lambda _: written(
            *self.desk.status(authorization, self.ticket)
        )


def guide_counter(desk: GuideDesk, path: str) -> GuideTokenCounter | GuideCounter | GuideTicketCounter | None:
    """The counter of the guides at a path, or None."""
    if found := _TOKEN.fullmatch(path):
        return GuideTokenCounter(desk, found[1])
    if found := _TICKET.fullmatch(path):
        return GuideTicketCounter(desk, found[1])
    if found := _SEND.fullmatch(path):
        return GuideCounter(desk, found[1])
    return None


def method_of(counter: object) -> str:
    """By which HTTP method a counter is called."""
    return "GET" if isinstance(counter, GuideTicketCounter) else "POST"
