"""What an answer of the authority's means for a voucher: the classification, printed by ``python -m sunat outcomes``.

Three questions, three tables: what an exception or a silence after sending means (`CLASSES`), what a consult's state
says (`STATES`), and what the comparison of a file says (`COMPARISONS`). A code is looked up as it was read from the
fault's structure (`sunat.transport.faults`), never dug out of a text. Only a CDR or a state proves an outcome; what no
row knows proves nothing. Sources: programmer's manual of the SEE 4.1, code list of the workbook of 2026-02-12, manuals
of the consult services; what each asks for follows `domain/sunat_operations.md` 1.5, 1.6, 1.8 and 2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sunat.errors import CdrError, Fault, NotSent, SunatError


class Class(StrEnum):
    """What came instead of a CDR."""

    NOT_SENT = "not_sent"
    UNANSWERED = "unanswered"
    UNREADABLE = "unreadable"
    BUSY = "busy"
    IN_PROCESS = "in_process"
    CREDENTIALS = "credentials"
    CHANNEL = "channel"
    PERMISSION = "permission"
    ALREADY_THERE = "already_there"
    LATE = "late"
    SUMMARY = "summary"
    REFERENCE = "reference"
    STANDING = "standing"
    PACKAGING = "packaging"
    CONTENT = "content"


class Proof(StrEnum):
    """What is known of the voucher at the authority after an answer."""

    ABSENT = "absent"
    """This sending registered nothing."""
    UNKNOWN = "unknown"
    """It may have been registered."""
    PRESENT = "present"
    """A voucher of that number is registered; whose, is not said."""


class Action(StrEnum):
    """What follows by itself."""

    SEND_AGAIN = "send_again"
    ASK_THEN_SEND = "ask_then_send"
    WAIT_THEN_ASK = "wait_then_ask"
    ASK_FOR_CDR = "ask_for_cdr"
    ASK_THEN_CORRECT = "ask_then_correct"
    CORRECT = "correct"
    HOLD_ISSUER = "hold_issuer"
    CHANGE_CHANNEL = "change_channel"
    SLOWLY_THEN_HOLD_ISSUER = "slowly_then_hold_issuer"
    AFTER_TARGET = "after_target"
    PUT_IN_SUMMARY = "put_in_summary"
    LAPSE = "lapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A class of answers: its codes (single ones and inclusive ranges), what it proves, what follows, and in words."""

    name: Class
    codes: tuple[int | tuple[int, int], ...]
    proves: Proof
    action: Action
    es: str
    en: str

    def covers(self, code: int) -> bool:
        """Whether the code is in this class."""
        return any(one == code if isinstance(one, int) else one[0] <= code <= one[1] for one in self.codes)


CLASSES: Final = (
    Row(
        name=Class.ALREADY_THERE, codes=(1033, 1032, 402, 2223, 2324), proves=Proof.PRESENT, action=Action.ASK_FOR_CDR,
        es="SUNAT ya tiene un comprobante con ese número: se pide su constancia para saber si es este",
        en="SUNAT already has a voucher of that number: its CDR is asked for, to know whether it is this one",
    ),
    Row(
        name=Class.IN_PROCESS, codes=(140,), proves=Proof.UNKNOWN, action=Action.WAIT_THEN_ASK,
        es="SUNAT lo está procesando: se espera un cuarto de hora y se pregunta",
        en="SUNAT is at it: a quarter of an hour is waited, then asked",
    ),
    Row(
        name=Class.BUSY, codes=(100, 109, (130, 138), (200, 204), (250, 254), 303, 304, 307), proves=Proof.UNKNOWN,
        action=Action.ASK_THEN_SEND,
        es="SUNAT no está disponible: se pregunta y luego se envía el mismo archivo",
        en="SUNAT is not available: it is asked, then the same file is sent",
    ),
    Row(
        name=Class.CREDENTIALS, codes=((101, 106), 110, 112, 113, 154, 400), proves=Proof.ABSENT,
        action=Action.HOLD_ISSUER,
        es="SUNAT no acepta el usuario SOL, o el emisor no está afiliado: se detiene el envío de este emisor",
        en="SUNAT does not take the SOL user, or the issuer is not registered: this issuer's sending stops",
    ),
    Row(
        name=Class.CHANNEL, codes=(1078,), proves=Proof.ABSENT, action=Action.CHANGE_CHANNEL,
        es="SUNAT pide que este emisor envíe por un OSE: ponga channel=ose y ose_url en la cuenta",
        en="SUNAT wants this issuer to send by an OSE: set the account's channel=ose and its ose_url",
    ),
    Row(
        name=Class.PERMISSION, codes=(111,), proves=Proof.ABSENT, action=Action.SLOWLY_THEN_HOLD_ISSUER,
        es="El usuario SOL no tiene el perfil de envío, o SUNAT tiene un problema: se reintenta despacio",
        en="The SOL user lacks the sending profile, or SUNAT has a problem: it is tried again, slowly",
    ),
    Row(
        name=Class.SUMMARY, codes=(1079,), proves=Proof.ABSENT, action=Action.PUT_IN_SUMMARY,
        es="La boleta pasó el plazo de envío individual: va en un resumen diario, con el mismo número",
        en="The boleta is past the term for sending it by itself: it goes in a daily summary, under its number",
    ),
    Row(
        name=Class.LATE, codes=(2108, 2600, 2957), proves=Proof.UNKNOWN, action=Action.LAPSE,
        es="Llegó fuera de plazo: no vale como comprobante y se reemplaza por otro",
        en="It came too late: it is no valid voucher and another replaces it",
    ),
    Row(
        name=Class.REFERENCE, codes=(403, 404, 2119, 2120, 2121, 2105, 2398), proves=Proof.ABSENT,
        action=Action.AFTER_TARGET,
        es="SUNAT todavía no tiene el comprobante al que se refiere: se espera a ese",
        en="SUNAT does not have the voucher it refers to yet: that one is waited for",
    ),
    Row(
        name=Class.STANDING, codes=(1083, 1086, 2011), proves=Proof.ABSENT, action=Action.CORRECT,
        es="El RUC del emisor o del cliente no está en condiciones en el padrón de SUNAT",
        en="The issuer's or the customer's RUC is not in good standing in SUNAT's register",
    ),
    Row(
        name=Class.PACKAGING, codes=((151, 161), (300, 302), 305, 306, 401, 422, (1000, 1999)), proves=Proof.ABSENT,
        action=Action.CORRECT,
        es="SUNAT no pudo leer el archivo: se corrige y va de nuevo con el mismo número",
        en="SUNAT could not read the file: it is corrected and goes again under the same number",
    ),
    Row(
        name=Class.CONTENT, codes=((2000, 3999),), proves=Proof.UNKNOWN, action=Action.ASK_THEN_CORRECT,
        es="SUNAT rechazó el contenido sin dar constancia: se pregunta; si no lo tiene, el número sigue libre",
        en="SUNAT refused the content without a CDR: it is asked; if it has none, the number is still free",
    ),
    Row(
        name=Class.NOT_SENT, codes=(), proves=Proof.ABSENT, action=Action.SEND_AGAIN,
        es="No se pudo conectar con SUNAT; se volverá a intentar",
        en="SUNAT could not be reached; it will be tried again",
    ),
    Row(
        name=Class.UNREADABLE, codes=(), proves=Proof.UNKNOWN, action=Action.ASK_THEN_SEND,
        es="La respuesta de SUNAT no es una constancia legible de este comprobante",
        en="SUNAT's answer is not a readable CDR of this voucher",
    ),
    Row(
        name=Class.UNANSWERED, codes=(), proves=Proof.UNKNOWN, action=Action.ASK_THEN_SEND,
        es="No llegó una respuesta de SUNAT; se preguntará y se volverá a enviar el mismo archivo",
        en="No answer came from SUNAT; it will be asked and the same file sent again",
    ),
)
"""Answers to a sending, by their code; the first row that covers it counts. The last three have no code."""

_BY_NAME: Final = {row.name: row for row in CLASSES}


class Finding(StrEnum):
    """What a query found out."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    VOIDED = "voided"
    PRESENT = "present"
    ABSENT = "absent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A state's code at a service and what it says."""

    service: str
    code: str
    finding: Finding
    es: str


STATES: Final = (
    *(
        Said(service=service, code=code, finding=finding, es=es)
        for service in ("getStatusCdr", "getStatus", "validaCDPcriterios")
        for code, finding, es in (
            ("0001", Finding.ACCEPTED, "existe y está aceptado"), ("0002", Finding.REJECTED, "existe y está rechazado"),
            ("0003", Finding.VOIDED, "existe y está de baja"), ("0011", Finding.ABSENT, "no existe"),
        )
    ),
    Said(service="getStatusCdr", code="0004", finding=Finding.PRESENT, es="su constancia existe"),
    Said(service="validarcomprobante", code="0", finding=Finding.ABSENT, es="no existe con esa fecha y ese importe"),
    Said(service="validarcomprobante", code="1", finding=Finding.ACCEPTED, es="aceptado"),
    Said(service="validarcomprobante", code="2", finding=Finding.VOIDED, es="anulado"),
)
"""What the states of the query services say; a state that is not here says nothing (a malformed question, a paper)."""


class Comparison(StrEnum):
    """What holding our file against SUNAT's copy found."""

    SAME = "same"
    ABSENT = "absent"
    NOTHING = "nothing"


COMPARISONS: Final = {
    "0001": Comparison.SAME, "0002": Comparison.SAME, "0003": Comparison.SAME, "0011": Comparison.ABSENT,
}
"""``verificaCPEarchivo``: a state of the very file, or 0011: there is none, or it is another file. The published
material does not say which codes there are, so others say nothing."""


def row_of(name: Class) -> Row:
    """The row of a class."""
    return _BY_NAME[name]


def class_of_code(code: str) -> Class:
    """The class of an exception's code; one that is missing or that no row covers proves nothing.

    >>> str(class_of_code("1033")), str(class_of_code("0102")), str(class_of_code(""))
    ('already_there', 'credentials', 'unanswered')
    """
    if not (code.isascii() and code.isdecimal()):
        return Class.UNANSWERED
    return next((row.name for row in CLASSES if row.covers(int(code))), Class.UNANSWERED)


def class_of(error: SunatError) -> Class:
    """The class of a failed sending: by the code of a fault, else by what kind of failure it is."""
    if isinstance(error, NotSent):
        return Class.NOT_SENT
    if isinstance(error, Fault):
        return class_of_code(error.code)
    if isinstance(error, CdrError):
        return Class.UNREADABLE
    return Class.UNANSWERED


def finding_of(service: str, code: str) -> Finding:
    """What a state says at a service, which is named by its operation (``getStatusCdr``, ``validarcomprobante``)."""
    return next((row.finding for row in STATES if (row.service, row.code) == (service, code)), Finding.NOTHING)


def comparison_of(code: str) -> Comparison:
    """What a code of ``verificaCPEarchivo`` says."""
    return COMPARISONS.get(code, Comparison.NOTHING)


def printed() -> tuple[str, ...]:
    """The tables as lines for people."""
    lines = [f"{'CLASE / CLASS':15} {'PRUEBA':8} {'SIGUE / THEN':24} CÓDIGOS / CODES"]
    for row in CLASSES:
        codes = " ".join(f"{one:04d}" if isinstance(one, int) else f"{one[0]:04d}-{one[1]:04d}" for one in row.codes)
        lines.append(f"{row.name:15} {row.proves:8} {row.action:24} {codes or '-'}")
        lines += [f"{'':15} {row.es}", f"{'':15} {row.en}"]
    lines.append("")
    lines += [f"{said.service:19} {said.code:5} {said.finding:9} {said.es}" for said in STATES]
    return tuple(lines)
