"""Faults of the queries: registers that lag, forget or know only half, and tokens that die."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sunat.sandbox.envelope import status_part, write_answer
from sunat.sandbox.exchange import Operation, Outcome, written
from sunat.sandbox.faults.scene import ASKING, Act, Mode, Scene, soap
from sunat.sandbox.ledger import State
from sunat.sandbox.queries import STATE_CODES, TEXTS

_REST: Final = frozenset({Operation.REST})
_TOKEN: Final = frozenset({Operation.TOKEN, Operation.GUIDE_TOKEN})
_PARTS: Final[Mapping[Operation, str]] = {
    Operation.STATUS: "status", Operation.STATUS_CDR: "statusCdr", Operation.CRITERIA: "cdpvalidado",
    Operation.FILE: "archivoverificado",
}
_ALL: Final = frozenset(_PARTS) | _REST


def _status(scene: Scene, code: str, message: str = "") -> Outcome:
    """One status, as each query writes it."""
    if scene.asked.operation in _REST:
        state = {"0001": "1", "0003": "2"}.get(code, "0")
        data = {"estadoCp": state, "estadoRuc": "00", "condDomiRuc": "00", "observaciones": []}
        return written(200, {"success": True, "message": "Operation Success! ", "data": data})
    part = status_part(_PARTS[scene.asked.operation], code, message or TEXTS[code.zfill(4)])
    return soap(200, write_answer(scene.asked.operation, part))


def _absent(scene: Scene) -> Outcome:
    return _status(scene, "0011")


def _lagging(scene: Scene) -> Outcome:
    """Nothing is known of a voucher until some time after it was received."""
    entry = scene.entry()
    if entry is not None and scene.now < entry.received_at + timedelta(seconds=scene.seconds):
        return _status(scene, "0011")
    return scene.served()


def _without_zip(scene: Scene) -> Outcome:
    entry = scene.entry()
    return scene.served() if entry is None else _status(scene, STATE_CODES[entry.state])


def _empty_zip(scene: Scene) -> Outcome:
    if scene.entry() is None:
        return scene.served()
    return soap(200, write_answer("getStatusCdr", status_part("statusCdr", "0004", "La constancia existe", b"")))


def _stale(scene: Scene) -> Outcome:
    """What was voided still counts as accepted."""
    entry = scene.entry()
    return _status(scene, "0001") if entry is not None and entry.state is State.VOIDED else scene.served()


def _bare(scene: Scene) -> Outcome:
    """The state without its zeros: 1 for 0001."""
    entry = scene.entry()
    if entry is None:
        return _status(scene, "11")
    return _status(scene, str(int(STATE_CODES[entry.state])))


def _nameless(scene: Scene) -> Outcome:
    return soap(200, write_answer(scene.asked.operation, status_part(_PARTS[scene.asked.operation], "", "")))


def _other_data(scene: Scene) -> Outcome:
    data = {"estadoCp": "0", "observaciones": ["- El comprobante consultado se informó con otros datos"]}
    return written(200, {"success": True, "message": "Operation Success! ", "data": data})


def _failed(scene: Scene) -> Outcome:
    return written(200, {"success": False, "message": "No se pudo completar la consulta", "errorCode": "999"})


def _no_data(scene: Scene) -> Outcome:
    return written(200, {"success": True, "message": "Operation Success! ", "data": None})


def _dead_tokens(scene: Scene) -> Outcome:
    """Every token dies before its time; the call that finds out gets a 401."""
    scene.house.integrated.forget_tokens()
    return scene.served()


def _json(status: int, content: Mapping[str, object]) -> Act:
    return lambda scene: written(status, content)


def _endless(scene: Scene) -> Outcome:
    """A token that is promised for a second."""
    outcome = scene.served()
    return replace(outcome, body=outcome.body.replace(b'"expires_in": 3600', b'"expires_in": 1'))


REGISTERS: Final = (
    Mode(
        name="not-found", operations=_ALL, works=True, act=_absent,
        es="0011 (o estadoCp 0) de un comprobante que sí está", en="0011 (or estadoCp 0) for a voucher that is there",
    ),
    Mode(
        name="register-lag", operations=_ALL, works=True, act=_lagging, seconds=600,
        es="0011 (o estadoCp 0) hasta diez minutos después de la recepción",
        en="0011 (or estadoCp 0) until ten minutes after reception",
    ),
    Mode(
        name="state-without-zip", operations=frozenset({Operation.STATUS_CDR}), works=True, act=_without_zip,
        es="getStatusCdr dice 0001 o 0002 y no trae la CDR", en="getStatusCdr says 0001 or 0002 and brings no CDR",
    ),
    Mode(
        name="empty-zip", operations=frozenset({Operation.STATUS_CDR}), works=True, act=_empty_zip,
        es="getStatusCdr dice 0004 con un contenido de cero bytes",
        en="getStatusCdr says 0004 with a content of no bytes",
    ),
    Mode(
        name="stale-state", operations=_ALL, works=True, act=_stale,
        es="Lo anulado aparece todavía aceptado", en="What was voided still shows as accepted",
    ),
    Mode(
        name="bare-state", operations=ASKING, works=True, act=_bare,
        es="El estado sin sus ceros: 1 en vez de 0001", en="The state without its zeros: 1 instead of 0001",
    ),
    Mode(
        name="nameless-state", operations=frozenset(_PARTS), works=True, act=_nameless,
        es="Una respuesta de consulta con el código vacío", en="An answer to a query with its code empty",
    ),
    Mode(
        name="rest-other-data", operations=_REST, works=True, act=_other_data,
        es="estadoCp 0 aunque fecha e importe son los buenos", en="estadoCp 0 although date and amount are right",
    ),
    Mode(
        name="rest-failed", operations=_REST, works=True, act=_failed,
        es="success false con 200", en="success false under 200",
    ),
    Mode(
        name="rest-no-data", operations=_REST, works=True, act=_no_data,
        es="success true y data nula", en="success true and data null",
    ),
    Mode(
        name="rest-not-json", operations=_REST | _TOKEN, works=True,
        act=lambda scene: Outcome(status=200, headers=(("Content-Type", "application/json"),), body=b'{"data": {'),
        es="JSON que termina a la mitad", en="JSON that ends half-way",
    ),
    Mode(
        name="rest-unauthorised", operations=_REST, works=True,
        act=_json(401, {"cod": "401", "msg": "Unauthorized", "exc": ""}),
        es="401 con un token bueno", en="401 with a good token",
    ),
    Mode(
        name="tokens-die", operations=_REST, works=True, act=_dead_tokens,
        es="Todos los tokens caducan a mitad de su plazo", en="All tokens expire half-way through their time",
    ),
    Mode(
        name="token-refused", operations=_TOKEN, works=True,
        act=_json(401, {"error": "invalid_client", "error_description": "Cliente no autorizado"}),
        es="invalid_client con credenciales buenas", en="invalid_client with good credentials",
    ),
    Mode(
        name="token-unavailable", operations=_TOKEN, works=True,
        act=_json(503, {"cod": "503", "msg": "Servicio no disponible", "exc": ""}),
        es="503 del servicio de tokens", en="503 of the token service",
    ),
    Mode(
        name="token-missing", operations=_TOKEN, works=True, act=_json(200, {"token_type": "JWT", "expires_in": 3600}),
        es="Respuesta de token sin token", en="An answer with everything but the token",
    ),
    Mode(
        name="token-short", operations=_TOKEN, works=True, act=_endless, sound=True,
        es="Un token que dice durar un segundo", en="A token that says it lasts a second",
    ),
)
