"""Faults told in SOAP: every shape an exception has been seen in, true and false ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sunat.sandbox.envelope import HEAD, SERVICE, TAIL, write_answer
from sunat.sandbox.exchange import Outcome
from sunat.sandbox.faults.scene import SENDING, SOAP, Act, Mode, Scene, soap

_BUSY: Final = ("0100", "0109", "0130", "0131", "0132", "0133", "0134", "0135", "0136", "0137", "0138")
_BATCH: Final = ("0200", "0201", "0202", "0203", "0204", "0250", "0251", "0252", "0253", "0254")
_THROWN: Final = ("2335", "3280", "3462", "3267", "2026")


def _one_of(codes: Sequence[str], text: str, *, prefix: str | None = None) -> Act:
    """An exception with one of the codes, in the dialect's shape or under a prefix of its own."""
    def act(scene: Scene) -> Outcome:
        code = codes[scene.draw % len(codes)]
        return scene.fault(code, text, faultcode=None if prefix is None else f"{prefix}{code}")

    return act


def _said(faultcode: str, text: str, detail: str = "") -> Act:
    return lambda scene: scene.fault("", text, detail=detail, faultcode=faultcode)


def _in_process(*, works: bool) -> Act:
    def act(scene: Scene) -> Outcome:
        if works:
            scene.served()
        return scene.fault("0140", "Hay un documento igual en proceso; espere unos quince minutos y consulte")

    return act


def _in_the_text(scene: Scene) -> Outcome:
    code = _BUSY[scene.draw % len(_BUSY)]
    return scene.fault(
        "", f"No se puede atender su pedido - Detalle: xxx.xxx.xxx value='ticket: 20261120{scene.draw % 10**6:06d} "
        f"error: Error en la linea: 12: {code} (nodo: \"cbc:ID\" valor: \"20123456786\")'", faultcode="soap-env:Client",
    )


def _nameless(scene: Scene) -> Outcome:
    return soap(500, f"{HEAD}<soap-env:Fault><faultstring>Error interno</faultstring></soap-env:Fault>{TAIL}".encode())


def _soap_12(scene: Scene) -> Outcome:
    space = "http://www.w3.org/2003/05/soap-envelope"
    return soap(500, (
        f'<s:Envelope xmlns:s="{space}"><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason>'
        '<s:Text xml:lang="es">0130: no se pudo atender</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>'
    ).encode())


def _entities(scene: Scene) -> Outcome:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return soap(200, (
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ja">{levels}]><soap-env:Envelope xmlns:soap-env='
        '"http://schemas.xmlsoap.org/soap/envelope/"><soap-env:Body>&e9;</soap-env:Body></soap-env:Envelope>'
    ).encode())


def _external(scene: Scene) -> Outcome:
    """The right answer, behind a document type that asks for a file of the reader's machine."""
    outcome = scene.served()
    _, _, rest = outcome.body.partition(b"?>")
    prolog = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return replace(outcome, body=prolog + (rest or outcome.body))


def _null(scene: Scene) -> Outcome:
    """An answer whose part is there and empty: what was asked is done, and nobody says how it went."""
    scene.served()
    part = "applicationResponse" if scene.asked.operation in SENDING else "status"
    name = "sendBill" if scene.asked.operation in SENDING else scene.asked.operation.partition(".")[0]
    return soap(200, write_answer(name, f"<{part}/>"))


def _other_operation(scene: Scene) -> Outcome:
    return soap(200, f'{HEAD}<br:pingResponse xmlns:br="{SERVICE}"><pong>1</pong></br:pingResponse>{TAIL}'.encode())


def _latin(scene: Scene) -> Outcome:
    """The right answer in the encoding of older servers."""
    outcome = scene.served()
    text = outcome.body.decode("utf-8").replace('encoding="UTF-8"', 'encoding="ISO-8859-1"', 1)
    return replace(outcome, body=text.encode("iso-8859-1", "xmlcharrefreplace"))


EXCEPTIONS: Final = (
    Mode(
        name="busy", operations=SOAP, works=False, act=_one_of(_BUSY, "El sistema no puede atender su pedido"),
        es="0100, 0109 o 0130 a 0138: SUNAT no puede atender", en="0100, 0109 or 0130 to 0138: SUNAT cannot serve",
    ),
    Mode(
        name="batch-error", operations=SOAP, works=False,
        act=_one_of(_BATCH, "No se pudo procesar su solicitud", prefix="soap-env:Server."),
        es="0200 a 0254 como soap-env:Server.NNNN", en="0200 to 0254 as soap-env:Server.NNNN",
    ),
    Mode(
        name="busy-after-work", operations=SENDING, works=True,
        act=lambda scene: (scene.served(), scene.fault("0138", "El sistema no puede atender su pedido"))[1],
        es="0138 después de haber registrado el comprobante", en="0138 after the voucher was registered",
    ),
    Mode(
        name="short-code", operations=SOAP, works=False,
        act=lambda scene: scene.fault("0200", "El servidor remoto no se encuentra activo (0200)",
                                      faultcode="soap-env:Server.200"),
        es="soap-env:Server.200, con tres cifras", en="soap-env:Server.200, with three digits",
    ),
    Mode(
        name="internal-error", operations=SOAP, works=False, act=_said("env:Server", "Internal Error"),
        es="env:Server «Internal Error», sin código", en="env:Server \"Internal Error\", without a code",
    ),
    Mode(
        name="internal-error-after-work", operations=SOAP, works=True,
        act=lambda scene: (scene.served(), scene.fault("", "Internal Error", faultcode="env:Client"))[1],
        es="env:Client «Internal Error» después de procesar", en="env:Client \"Internal Error\" after the work",
    ),
    Mode(
        name="in-process-registered", operations=SENDING, works=True, act=_in_process(works=True),
        es="0140, y el comprobante queda registrado", en="0140, and the voucher is registered",
    ),
    Mode(
        name="in-process-lost", operations=SENDING, works=False, act=_in_process(works=False),
        es="0140, y el comprobante no se registra nunca", en="0140, and the voucher is never registered",
    ),
    Mode(
        name="no-profile", operations=SOAP, works=False,
        act=_one_of(("0111",), "Rejected by policy"),
        es="0111 durante una caída, con el perfil en regla", en="0111 during an outage, the profile being in order",
    ),
    Mode(
        name="ose-only", operations=SENDING, works=False,
        act=_one_of(("1078",), "El emisor debe enviar por un OSE"),
        es="1078: SUNAT ya no recibe de este emisor, que debe enviar por un OSE",
        en="1078: SUNAT no longer takes this issuer's, who must send by an OSE",
    ),
    Mode(
        name="bad-login", operations=SOAP, works=False,
        act=_one_of(("0102", "0103", "0104", "0105", "0106"), "Usuario o clave incorrectos", prefix="ns0:"),
        es="Credenciales rechazadas como ns0:0103, al modo de un OSE",
        en="Credentials refused as ns0:0103, as an OSE does",
    ),
    Mode(
        name="code-in-text", operations=SOAP, works=False, act=_in_the_text,
        es="El código solo en el texto, entre números de ticket y de línea",
        en="The code in the text alone, among numbers of tickets and lines",
    ),
    Mode(
        name="no-faultcode", operations=SOAP, works=False, act=_nameless,
        es="Fault sin faultcode", en="A fault without a faultcode",
    ),
    Mode(
        name="soap-1.2", operations=SOAP, works=False, act=_soap_12,
        es="Fault de SOAP 1.2 donde se habla 1.1", en="A fault of SOAP 1.2 where 1.1 is spoken",
    ),
    Mode(
        name="action-not-supported", operations=SOAP, works=False,
        act=_said("a:ActionNotSupported", "The message with Action '' cannot be processed at the receiver"),
        es="ActionNotSupported de un intermediario", en="ActionNotSupported by something in between",
    ),
    Mode(
        name="store-not-found", operations=SOAP, works=False,
        act=_said("env:Server", "Could not resolve store:///notfound"),
        es="store:///notfound del enrutador", en="store:///notfound by the router",
    ),
    Mode(
        name="foreign-number", operations=SENDING, works=False,
        act=_one_of(("1033",), "El comprobante fue informado antes con otros datos"),
        es="1033 de un número que SUNAT no registró con este envío",
        en="1033 for a number that this message did not register",
    ),
    Mode(
        name="foreign-voided", operations=SENDING, works=False,
        act=_one_of(("1032",), "El comprobante ya se informó y está anulado o rechazado"),
        es="1032 de un número que SUNAT no ha visto", en="1032 for a number SUNAT has not seen",
    ),
    Mode(
        name="rule-as-exception", operations=SENDING, works=False,
        act=_one_of(_THROWN, "El documento no cumple una regla"),
        es="Una regla 2xxx o 3xxx por excepción: sin CDR, y el número sigue libre",
        en="A rule of 2xxx or 3xxx by exception: no CDR, and the number is still free",
    ),
    Mode(
        name="not-xml", operations=SOAP, works=False, act=lambda scene: soap(200, b"\x00\x01 esto no es XML <"),
        es="200 con algo que no es XML", en="200 with something that is not XML",
    ),
    Mode(
        name="external-entity", operations=SOAP, works=True, act=_external,
        es="La respuesta con un DOCTYPE que pide un archivo", en="The answer with a DOCTYPE that asks for a file",
    ),
    Mode(
        name="entity-bomb", operations=SOAP, works=False, act=_entities,
        es="Entidades que se multiplican", en="Entities that multiply",
    ),
    Mode(
        name="null-answer", operations=SOAP, works=True, act=_null,
        es="La respuesta con su parte vacía, después de procesar", en="The answer with its part empty, after the work",
    ),
    Mode(
        name="other-answer", operations=SOAP, works=False, act=_other_operation,
        es="La respuesta de otra operación", en="The answer of another operation",
    ),
    Mode(
        name="latin-envelope", operations=SOAP, works=True, act=_latin, sound=True,
        es="La respuesta correcta en ISO-8859-1", en="The right answer in ISO-8859-1",
    ),
)
