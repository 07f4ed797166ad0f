"""Faults of the guides' REST service: tickets that never end, end without a CDR, or are nobody's."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sunat.numbering import VoucherId
from sunat.sandbox.exchange import Operation, Outcome, written
from sunat.sandbox.faults.scene import GUIDES, Mode, Scene
from sunat.sandbox.ledger import State

_SEND: Final = frozenset({Operation.SEND_GUIDE})
_TICKET: Final = frozenset({Operation.GUIDE_TICKET})
_CALLS: Final = _SEND | _TICKET
_PENDING: Final = {"codRespuesta": "98"}


def _answer(outcome: Outcome) -> dict[str, Any]:
    """The JSON of a right answer, empty for an answer that is none."""
    found = json.loads(outcome.body) if outcome.status == 200 else {}
    return found if isinstance(found, dict) else {}


def _slow(scene: Scene) -> Outcome:
    """Still at it until some time after the guide was received."""
    entry = scene.entry()
    if entry is None or scene.now < entry.received_at + timedelta(seconds=scene.seconds):
        return written(200, _PENDING)
    return scene.served()


def _without(*names: str) -> Any:
    def act(scene: Scene) -> Outcome:
        served = scene.served()
        answer = _answer(served)
        return written(200, {name: value for name, value in answer.items() if name not in names}) if answer else served

    return act


def _nobodys(scene: Scene) -> Outcome:
    """The guide is dealt with, and its sender gets a ticket that is not its ticket."""
    served = scene.served()
    answer = _answer(served)
    return written(200, answer | {"numTicket": str(uuid.uuid4())}) if answer else served


def _anothers(scene: Scene) -> Outcome:
    """The CDR of the next number."""
    served, entry = scene.served(), scene.entry()
    answer = _answer(served)
    if entry is None or "arcCdr" not in answer:
        return served
    voucher = VoucherId(
        ruc=entry.voucher.ruc, type_code=entry.voucher.type_code, series=entry.voucher.series,
        number=entry.voucher.number % 99_999_999 + 1,
    )
    cdr = scene.house.desk.certify(
        replace(entry, voucher=voucher), dialect=scene.dialect, file_name=voucher.file_name
    )
    return written(200, answer | {"arcCdr": b64encode(cdr).decode("ascii")})


def _garbled(scene: Scene) -> Outcome:
    served = scene.served()
    answer = _answer(served)
    return written(200, answer | {"arcCdr": "UEsDBBQ?"}) if "arcCdr" in answer else served


def _dead_tokens(scene: Scene) -> Outcome:
    scene.house.guides.forget_tokens()
    return scene.served()


def _known(scene: Scene) -> Outcome:
    """The register speaks at once instead of by the ticket: it has an accepted guide of that number."""
    entry = scene.entry()
    if entry is None or entry.state is not State.ACCEPTED:
        return scene.served()
    said = {"cod": "1033", "msg": "El comprobante fue registrado previamente con otros datos"}
    return written(422, {"cod": "422", "msg": "Unprocessable Entity", "exc": "", "errors": [said]})


def _refused(_: Scene) -> Outcome:
    error = {"cod": "422", "msg": "Unprocessable Entity", "exc": "", "errors": [{"cod": "422", "msg": "Trama errada"}]}
    return written(422, error)


GUIDE_FAULTS: Final = (
    Mode(
        name="guide-pending", operations=_TICKET, works=True, act=lambda scene: written(200, _PENDING), sound=True,
        es="El ticket queda en 98 para siempre", en="The ticket stays at 98 for ever",
    ),
    Mode(
        name="guide-slow", operations=_TICKET, works=True, act=_slow, sound=True, seconds=60.0,
        es="El ticket está en 98 un rato después de recibida la guía", en="The ticket is at 98 for a while",
    ),
    Mode(
        name="guide-ticket-unknown", operations=_TICKET, works=True,
        act=lambda scene: written(404, {"cod": "404", "msg": "No existe el ticket", "exc": ""}),
        es="404 para un ticket bueno", en="404 for a good ticket",
    ),
    Mode(
        name="guide-99-bare", operations=_TICKET, works=True,
        act=lambda scene: written(200, {"codRespuesta": "99", "indCdrGenerado": "0"}),
        es="99 sin error y sin constancia", en="99 without an error and without a CDR",
    ),
    Mode(
        name="guide-no-cdr", operations=_TICKET, works=True, act=_without("arcCdr"),
        es="El ticket terminó y la constancia no viene", en="The ticket is done and the CDR does not come",
    ),
    Mode(
        name="guide-no-state", operations=_TICKET, works=True, act=_without("codRespuesta"),
        es="Una respuesta de ticket sin codRespuesta", en="An answer to a ticket without codRespuesta",
    ),
    Mode(
        name="guide-cdr-garbled", operations=_TICKET, works=True, act=_garbled,
        es="Una constancia que no es base 64", en="A CDR that is no base 64",
    ),
    Mode(
        name="guide-cdr-anothers", operations=_TICKET, works=True, act=_anothers,
        es="La constancia de otra guía", en="Another guide's CDR",
    ),
    Mode(
        name="guide-no-ticket", operations=_SEND, works=True, act=_without("numTicket"),
        es="La guía se recibe y la respuesta no trae el ticket", en="The guide is taken and the answer has no ticket",
    ),
    Mode(
        name="guide-wrong-ticket", operations=_SEND, works=True, act=_nobodys,
        es="La guía se recibe con un ticket ajeno", en="The guide is taken under a ticket that is not its own",
    ),
    Mode(
        name="guide-unreadable", operations=_SEND, works=False, act=_refused,
        es="422 sin código de SUNAT para un envío bueno", en="422 without a code of SUNAT's for a good message",
    ),
    Mode(
        name="guide-known", operations=_SEND, works=True, act=_known, sound=True,
        es="1033 al enviar otra vez una guía ya aceptada, sin esperar al ticket",
        en="1033 on sending an accepted guide again, without waiting for the ticket",
    ),
    Mode(
        name="guide-unauthorised", operations=_CALLS, works=False,
        act=lambda scene: written(401, {"cod": "401", "msg": "Unauthorized", "exc": ""}),
        es="401 con un token de guías bueno", en="401 with a good token of the guides",
    ),
    Mode(
        name="guide-tokens-die", operations=_CALLS, works=True, act=_dead_tokens,
        es="Todos los tokens de guías caducan de golpe", en="All tokens of the guides expire at once",
    ),
    Mode(
        name="guide-not-json", operations=GUIDES, works=True,
        act=lambda scene: replace(scene.served(), body=b'{"numTicket": '),
        es="JSON de guías que termina a la mitad", en="JSON of the guides that ends half-way",
    ),
)
"""The modes of the guides' service."""
