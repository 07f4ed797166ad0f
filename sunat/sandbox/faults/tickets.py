"""Faults of tickets: lost, wrong, unknown, never ready, or ready with nothing in hand."""

from __future__ import annotations

from typing import Final

from sunat.kinds import summary_form
from sunat.sandbox.envelope import base64_part, status_part, write_answer
from sunat.sandbox.exchange import Operation, Outcome
from sunat.sandbox.faults.scene import Act, Mode, Scene, soap
from sunat.sandbox.ledger import State

_POLLED: Final = frozenset({Operation.TICKET})
_TAKEN: Final = frozenset({Operation.SEND_SUMMARY})


def _state(code: str, text: str = "") -> Act:
    """A state without a file; ``text`` stands where the file should be."""
    content = f"<content>{text}</content>" if text else ""

    def act(scene: Scene) -> Outcome:
        part = f"<status>{content}<statusCode>{code}</statusCode></status>"
        return soap(200, write_answer("getStatus", part))

    return act


def _padded(scene: Scene) -> Outcome:
    """The right state with four digits."""
    outcome = scene.served()
    for code in (b"0", b"98", b"99"):
        if (said := b"<statusCode>%b</statusCode>" % code) in outcome.body:
            return soap(outcome.status, outcome.body.replace(said, b"<statusCode>%b</statusCode>" % code.zfill(4)))
    return outcome


def _unknown(scene: Scene) -> Outcome:
    return scene.fault("0127", "No hay un ticket con ese número")


def _another(scene: Scene) -> Outcome:
    """The CDR of another file, properly signed, for whoever asks with a ticket of his own."""
    mine = scene.house.ledger.summary_by_ticket(scene.asked.series)
    others = [one for one in scene.house.ledger.summaries() if mine is None or one.summary != mine.summary]
    if not others:
        return scene.served()
    other = others[scene.draw % len(others)]
    code = "0" if other.state is State.ACCEPTED else "99"
    return soap(200, write_answer("getStatus", status_part("status", code, "", other.cdr)))


def _wrong_ticket(scene: Scene) -> Outcome:
    """The file is taken, and the ticket is one that nobody gave."""
    scene.served()
    return soap(200, write_answer("sendSummary", f"<ticket>{9 * 10**14 + scene.draw % 10**14}</ticket>"))


def _refused(code: str, text: str, *, works: bool) -> Act:
    def act(scene: Scene) -> Outcome:
        if works:
            scene.served()
        return scene.fault(code or summary_form(scene.asked.type_code).repeated, text)

    return act


def _cut(scene: Scene) -> Outcome:
    """A CDR whose zip ends half-way."""
    outcome = scene.served()
    entry = scene.house.ledger.summary_by_ticket(scene.asked.series)
    if entry is None or b"<content>" not in outcome.body:
        return outcome
    cut = entry.cdr[: len(entry.cdr) // 2]
    part = base64_part("content", cut)
    return soap(200, write_answer("getStatus", f"<status>{part}<statusCode>0</statusCode></status>"))


TICKETS: Final = (
    Mode(
        name="ticket-padded", operations=_POLLED, works=True, act=_padded, sound=True,
        es="El estado con cuatro dígitos: 0098", en="The state with four digits: 0098",
    ),
    Mode(
        name="ticket-in-process", operations=_POLLED, works=True, act=_state("98"),
        es="98 aunque ya terminó", en="98 though it has ended",
    ),
    Mode(
        name="ticket-in-process-padded", operations=_POLLED, works=True, act=_state("0098"),
        es="0098 aunque ya terminó", en="0098 though it has ended",
    ),
    Mode(
        name="ticket-done-empty", operations=_POLLED, works=True, act=_state("0"),
        es="0 sin constancia", en="0 without a CDR",
    ),
    Mode(
        name="ticket-failed-empty", operations=_POLLED, works=True, act=_state("99"),
        es="99 sin constancia", en="99 without a CDR",
    ),
    Mode(
        name="ticket-unknown", operations=_POLLED, works=True, act=_unknown,
        es="0127 por un ticket bueno", en="0127 for a good ticket",
    ),
    Mode(
        name="ticket-unknown-text", operations=_POLLED, works=True,
        act=_state("0127", "El ticket no existe"),
        es="0127 como estado, con un texto donde iría la constancia",
        en="0127 as a state, with a text where the CDR should be",
    ),
    Mode(
        name="ticket-other-cdr", operations=_POLLED, works=True, act=_another,
        es="La constancia de otro resumen", en="The CDR of another summary",
    ),
    Mode(
        name="ticket-cdr-cut", operations=_POLLED, works=True, act=_cut,
        es="La constancia con el ZIP a la mitad", en="The CDR with half of its zip",
    ),
    Mode(
        name="ticket-wrong", operations=_TAKEN, works=True, act=_wrong_ticket,
        es="Recibe el resumen y devuelve un ticket que no es suyo",
        en="Takes the summary and gives a ticket that is not its own",
    ),
    Mode(
        name="summary-in-process", operations=_TAKEN, works=True,
        act=_refused("0402", "El archivo ya se envió y está en proceso", works=True),
        es="Recibe el resumen y contesta 0402", en="Takes the summary and answers 0402",
    ),
    Mode(
        name="summary-repeated", operations=_TAKEN, works=True,
        act=_refused("", "El archivo ya se presentó antes", works=True),
        es="Recibe el resumen y contesta 2223 o 2324", en="Takes the summary and answers 2223 or 2324",
    ),
    Mode(
        name="summary-id-taken", operations=_TAKEN, works=False,
        act=_refused("", "El archivo ya se presentó antes", works=False),
        es="2223 o 2324: otro sistema usó ese identificador", en="2223 or 2324: another system used that id",
    ),
)
