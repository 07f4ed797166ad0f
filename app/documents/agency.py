"""What the registers of agents have to say of a certificate of retention or of perception: remarks, as ever.

SUNAT refuses a retention by somebody who is no agent of retention (2617), and observes the rest: one kept back of an
agent or good taxpayer (4091), a perception by no agent of perception (4285) or collected from an agent of retention
(4089). Source: validation workbook of 2026-02-12, sheets Retención and Percepción.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from app.almanac.standing import Standing
from app.problems import NO_TEXT, Item, Text
from sunat.documents import Withholding

RETENTION_AGENTS: Final = "retention-agents"
PERCEPTION_AGENTS: Final = "perception-agents"
_ISSUER: Final = "/header/issuer_tax_id_code"
_OTHER: Final = "/header/receiver_tax_id_code"


class _Ask(NamedTuple):
    """A question to a register: is this party on it? ``wrong`` is the answer that draws the remark."""

    code: str
    register: str
    of_issuer: bool
    wrong: bool
    text: Text
    hint: Text = NO_TEXT


_OF_RETENTIONS: Final = (
    _Ask("CHQ-RETENTION-AGENT", RETENTION_AGENTS, True, False, Text(
        "El emisor no es agente de retención y SUNAT rechazaría por 2617",
        "The issuer is no agent of retention, and SUNAT would reject by 2617",
    ), Text("Traiga un padrón más nuevo si ya lo es", "Bring a newer register if he is one by now")),
    _Ask("4091", RETENTION_AGENTS, False, True, Text(
        "El proveedor es agente de retención: no se le retiene", "The supplier is an agent of retention: nothing is "
        "kept back of him",
    )),
    _Ask("4091", PERCEPTION_AGENTS, False, True, Text(
        "El proveedor es agente de percepción: no se le retiene", "The supplier is an agent of perception: nothing is "
        "kept back of him",
    )),
)
_OF_PERCEPTIONS: Final = (
    _Ask("4285", PERCEPTION_AGENTS, True, False, Text(
        "El emisor no es agente de percepción", "The issuer is no agent of perception"
    )),
    _Ask("4089", RETENTION_AGENTS, False, True, Text(
        "El cliente es agente de retención: no se le cobra percepción",
        "The customer is an agent of retention: no perception is collected from him",
    )),
)


def agents_of(standing: Standing, content: Withholding, issuer: str, other: str) -> list[Item]:
    """What the registers say against a certificate; ``other`` is the other party's RUC, empty where he has none."""
    items = []
    for ask in _OF_PERCEPTIONS if content.ADDED else _OF_RETENTIONS:
        ruc = issuer if ask.of_issuer else other
        if ruc and standing.listed(ask.register, ruc, content.issue_date) is ask.wrong:
            pointer = _ISSUER if ask.of_issuer else _OTHER
            items.append(remark(ask.code, pointer, standing.editions[ask.register], ask.text, ask.hint))
    return items


def remark(code: str, pointer: str, as_of: date, text: Text, hint: Text = NO_TEXT) -> Item:
    """A remark that names the day of the register it rests on."""
    day = as_of.isoformat()
    return Item(
        code=code, pointer=pointer, hint=hint, severity="observation",
        message=Text(f"{text.es} (padrón del {day})", f"{text.en} (register of {day})"),
    )
