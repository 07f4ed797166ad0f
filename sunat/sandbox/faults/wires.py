"""Faults of the connection: before, during and after the authority's work."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sunat.sandbox.exchange import Outcome, Wire
from sunat.sandbox.faults.scene import EVERYTHING, SENDING, Act, Mode, Scene

_NOTHING: Final = Outcome(status=0)


def _lost(wire: Wire) -> Act:
    """The call is not served."""
    return lambda scene: replace(_NOTHING, wire=wire)


def _served(wire: Wire) -> Act:
    """The call is served; the wire does this to the answer."""
    return lambda scene: replace(scene.served(), wire=wire)


def _hung(scene: Scene) -> Outcome:
    return replace(_NOTHING, wire=Wire.HANG)


def _changed(change: Callable[[Outcome], Outcome]) -> Act:
    return lambda scene: change(scene.served())


def _late(scene: Scene) -> Outcome:
    scene.house.put_off(scene.now + timedelta(seconds=scene.seconds), scene.work)
    return replace(_NOTHING, wire=Wire.RESET)


def _slow(scene: Scene) -> Outcome:
    return replace(scene.served(), delay=scene.seconds)


def _drip(scene: Scene) -> Outcome:
    return replace(scene.served(), wire=Wire.DRIP, pace=scene.seconds)


def _twice(scene: Scene) -> Outcome:
    """A proxy that repeats the request and hands on the second answer: 1033 for a voucher that has just gone in."""
    scene.served()
    return scene.served()


WIRES: Final = (
    Mode(
        name="no-name", operations=EVERYTHING, works=False, act=_lost(Wire.NO_NAME),
        es="El nombre del servidor no se resuelve (sin sockets; por un socket, conexión reiniciada)",
        en="The host's name is not found (without sockets; on a socket, a reset connection)",
    ),
    Mode(
        name="refused", operations=EVERYTHING, works=False, act=_lost(Wire.REFUSED),
        es="Nadie atiende el puerto (sin sockets; por un socket, conexión reiniciada)",
        en="Nobody listens on the port (without sockets; on a socket, a reset connection)",
    ),
    Mode(
        name="no-tls", operations=EVERYTHING, works=False, act=_lost(Wire.NO_TLS),
        es="Falla el canal seguro (sin sockets; por un socket, conexión reiniciada)",
        en="The secure channel fails (without sockets; on a socket, a reset connection)",
    ),
    Mode(
        name="reset-early", operations=EVERYTHING, works=False, act=_lost(Wire.RESET_EARLY),
        es="La conexión se reinicia antes de leer el pedido entero",
        en="The connection is reset before the request was read to its end",
    ),
    Mode(
        name="reset-before-work", operations=EVERYTHING, works=False, act=_lost(Wire.RESET),
        es="El pedido se lee, no se procesa, y la conexión se reinicia",
        en="The request is read, not served, and the connection is reset",
    ),
    Mode(
        name="close-before-work", operations=EVERYTHING, works=False, act=_lost(Wire.CLOSED),
        es="El pedido se lee, no se procesa, y la conexión se cierra sin un byte",
        en="The request is read, not served, and the connection is closed without a byte",
    ),
    Mode(
        name="hang-before-work", operations=EVERYTHING, works=False, act=_hung,
        es="El pedido se lee y no pasa nada más: ni proceso ni respuesta",
        en="The request is read and nothing more happens: neither work nor answer",
    ),
    Mode(
        name="work-then-reset", operations=EVERYTHING, works=True, act=_served(Wire.RESET),
        es="Se procesa y la conexión se reinicia antes de la respuesta: la respuesta perdida",
        en="Served, and the connection is reset before the answer: the lost answer",
    ),
    Mode(
        name="work-then-close", operations=EVERYTHING, works=True, act=_served(Wire.CLOSED),
        es="Se procesa y la conexión se cierra sin un byte de respuesta",
        en="Served, and the connection is closed without a byte of answer",
    ),
    Mode(
        name="work-then-hang", operations=EVERYTHING, works=True, act=_served(Wire.HANG),
        es="Se procesa y la respuesta no llega nunca: vence el plazo del cliente",
        en="Served, and the answer never comes: the client's time runs out",
    ),
    Mode(
        name="late-work", operations=SENDING, works=True, act=_late, seconds=300,
        es="La conexión se reinicia y el comprobante se registra minutos después: dos «no existe» seguidos engañan",
        en="The connection is reset and the voucher is registered minutes later: two quick \"not found\" mislead",
    ),
    Mode(
        name="sent-twice", operations=SENDING, works=True, act=_twice,
        es="Un intermediario repite el pedido y entrega la segunda respuesta: 1033 de un comprobante propio",
        en="A proxy repeats the request and hands on the second answer: 1033 for a voucher of one's own",
    ),
    Mode(
        name="slow", operations=EVERYTHING, works=True, act=_slow, sound=True, seconds=20,
        es="La respuesta correcta, veinte segundos tarde", en="The right answer, twenty seconds late",
    ),
    Mode(
        name="drip", operations=EVERYTHING, works=True, act=_drip, seconds=1,
        es="La respuesta gotea, un byte por segundo", en="The answer drips, a byte a second",
    ),
    Mode(
        name="cut-in-half", operations=EVERYTHING, works=True, act=_served(Wire.CUT),
        es="La respuesta se corta por la mitad", en="The answer breaks off in the middle",
    ),
    Mode(
        name="half-closed", operations=EVERYTHING, works=True, act=_served(Wire.HALF_CLOSED),
        es="Media respuesta y el lado de envío cerrado, con la conexión abierta",
        en="Half an answer and the sending side closed, the connection still open",
    ),
    Mode(
        name="too-long-length", operations=EVERYTHING, works=True, act=_served(Wire.SHORT),
        es="Content-Length promete más bytes de los que llegan", en="Content-Length promises more bytes than come",
    ),
    Mode(
        name="bad-chunks", operations=EVERYTHING, works=True, act=_served(Wire.CHUNKS),
        es="Respuesta por trozos con tamaños sin sentido", en="A chunked answer whose sizes make no sense",
    ),
    Mode(
        name="unannounced-gzip", operations=EVERYTHING, works=True,
        act=_changed(lambda outcome: replace(outcome, body=gzip.compress(outcome.body, 6, mtime=0))),
        es="Respuesta comprimida sin decirlo en la cabecera", en="A compressed answer that does not say so",
    ),
    Mode(
        name="oversized", operations=EVERYTHING, works=True,
        act=_changed(lambda outcome: replace(outcome, body=outcome.body + b" " * (9 * 1024 * 1024))),
        es="La respuesta correcta seguida de nueve megabytes de espacios",
        en="The right answer followed by nine megabytes of spaces",
    ),
)
