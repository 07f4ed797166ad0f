"""Every error becomes the contract's JSON body, in Spanish or English; never HTML, never a stack trace.

The forms come from contract/extensions.md (Errors); on ``/documents`` v1's ``result`` is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import structlog
from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.db import Busy
from app.problems import (
    NO_TEXT,
    Item,
    Language,
    Malformed,
    NotFound,
    Problem,
    Refused,
    Text,
    TooLarge,
    TooMany,
    Unavailable,
    Uncertain,
)

_NO_TURN: Final = (Busy, PoolTimeout)
_BROKEN_OFF: Final = (OperationalError, InterfaceError)
DATABASE_ERRORS: Final = (*_NO_TURN, *_BROKEN_OFF)
"""What is raised when the database cannot serve a request."""

_READING: Final = ("GET", "HEAD", "OPTIONS")
_DOCUMENTS: Final = re.compile(r"/V1/documents(/|$)")

_HTTP: Final[Mapping[int, tuple[str, Text]]] = {
    400: ("BAD_REQUEST", Malformed.default_text),
    404: ("NOT_FOUND", NotFound.default_text),
    405: ("METHOD_NOT_ALLOWED", Text("Método no permitido en esta dirección", "Method not allowed here")),
    406: ("NOT_ACCEPTABLE", Text("No hay una respuesta en ese formato", "There is no answer in that format")),
    412: ("PRECONDITION_FAILED", Text("El recurso cambió desde que se leyó", "The resource changed since it was read")),
    413: (TooLarge.default_code, TooLarge.default_text),
    415: ("UNSUPPORTED_MEDIA_TYPE", Text("El cuerpo debe ser JSON", "The body must be JSON")),
    422: ("VALIDATION_ERROR", Refused.default_text),
    428: ("PRECONDITION_REQUIRED", Text("Falta el encabezado If-Match", "The If-Match header is missing")),
    429: ("TOO_MANY_REQUESTS", Text("Demasiadas solicitudes; intente más tarde", "Too many requests; try again later")),
    500: ("INTERNAL_ERROR", Problem.default_text),
}

_HINTS: Final[Mapping[int, Text]] = {
    error.status: error.default_hint for error in (Malformed, NotFound, TooLarge, Refused, TooMany)
} | {405: Text("El encabezado Allow dice qué métodos hay", "The Allow header says which methods there are")}

_NOT_THE_FORM: Final = Text("La solicitud no tiene la forma esperada", "The request is not of the expected form")
_FORM: Final = Text("Vea la forma de este dato en /docs", "See the form of this member at /docs")

_MARSHMALLOW: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), spanish) for pattern, spanish in (
        (r"Missing data for required field\.", "Falta este campo obligatorio."),
        (r"Field may not be null\.", "El campo no puede ser nulo."),
        (r"Unknown field\.", "Campo desconocido."),
        (r"Not a valid string\.", "Debe ser un texto."),
        (r"Not a valid integer\.", "Debe ser un número entero."),
        (r"Not a valid number\.", "Debe ser un número."),
        (r"Not a valid boolean\.", "Debe ser verdadero o falso."),
        (r"Not a valid date\.", "Debe ser una fecha AAAA-MM-DD."),
        (r"Not a valid list\.", "Debe ser una lista."),
        (r"Not a valid mapping type\.|Invalid input type\.|Invalid type\.", "Debe ser un objeto."),
        (r"Not a valid email address\.", "No es un correo electrónico válido."),
        (r"Not a valid URL\.", "No es una dirección URL válida."),
        (r"Must be one of: (.*)\.", r"Debe ser uno de: \1."),
        (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", r"Debe estar entre \1 y \2."),
        (r"Must be greater than or equal to (\S+)\.", r"Debe ser al menos \1."),
        (r"Must be less than or equal to (\S+)\.", r"Debe ser como máximo \1."),
        (r"Shorter than minimum length (\d+)\.", r"Debe tener al menos \1 caracteres."),
        (r"Longer than maximum length (\d+)\.", r"Debe tener como máximo \1 caracteres."),
        (r"Length must be between (\d+) and (\d+)\.", r"Debe tener entre \1 y \2 caracteres."),
        (r"Length must be (\d+)\.", r"Debe tener \1 caracteres."),
        (r"String does not match expected pattern\.", "No tiene la forma esperada."),
    )
)

log: Final = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Registers the handlers; flask-smorest's own, registered later, comes back here."""
    app.register_error_handler(Problem, from_problem)
    app.register_error_handler(HTTPException, from_http)
    for error in DATABASE_ERRORS:
        app.register_error_handler(error, _from_database)
    app.before_request(_refuse_null)
    # Flask would write the trace as it is; from_http writes it through the filter for secrets.
    app.log_exception = _leave_to_us  # type: ignore[method-assign, assignment]


def language() -> Language:
    """The language the caller asked for; Spanish unless he prefers English."""
    for tag in request.accept_languages.values():  # the best liked first
        if tag.lower().split("-")[0] in ("es", "*"):
            return "es"
        if tag.lower().split("-")[0] == "en":
            return "en"
    return "es"


def from_problem(problem: Problem) -> Response:
    """The answer to one of our own refusals."""
    body = problem.body(language(), g.get("request_id", ""))
    if _DOCUMENTS.match(request.path):
        first = body["errors"][0] if body["errors"] else {}
        said = f"{first['code']}: {first['message']}" if str(first.get("code", "")).isdigit() else body["error"]
        body["result"] = {"status": problem.status, "error_message": said}
    answer = jsonify(body)
    answer.status_code = problem.status
    answer.headers.extend(problem.headers)
    answer.headers["Content-Language"] = language()
    return answer


def from_http(error: HTTPException) -> Response:
    """The answer to an error of the framework: unknown address, wrong method, a schema's complaints, a fault."""
    status = error.code or 500
    if status < 400:
        return cast("Response", error.get_response())
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    if status == 500:
        original = getattr(error, "original_exception", None)
        log.error("fault", exc_info=original or error)
    code, text = _HTTP.get(status, (error.name.upper().replace(" ", "_"), Text(error.name, error.name)))
    items = tuple(_items(data.get("messages")))
    if items:
        code, text = "VALIDATION_ERROR", _NOT_THE_FORM
    hint = _HINTS.get(status, NO_TEXT if status >= 500 else Malformed.default_hint)
    problem = _Framework(code, text, items=items, hint=hint)
    problem.status = status  # type: ignore[misc]
    answer = from_problem(problem)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    answer.headers.extend(data.get("headers") or {})
    return answer


class _Framework(Problem):
    """An error that Flask or a library raised."""


def of_database(error: BaseException) -> Problem | None:
    """What a caller is told when the database fails him; None for an error that is not the database's.

    Where the request may have changed something, a connection that broke off leaves it open whether it did.
    """
    if isinstance(error, _BROKEN_OFF) and request.method not in _READING:
        return Uncertain()
    return Unavailable("DATABASE_BUSY") if isinstance(error, DATABASE_ERRORS) else None


def _from_database(error: Exception) -> Response:
    log.warning("database_unavailable", reason=type(error).__name__)
    return from_problem(of_database(error) or Unavailable("DATABASE_BUSY"))


def _leave_to_us(_: object) -> None:
    """Flask logs no fault itself."""


def _refuse_null() -> None:
    if b"%00" in request.query_string or "\x00" in request.path:
        raise Malformed("INVALID_TEXT", Text(
            "La dirección contiene el carácter nulo", "The address has the null character"
        ))


def malformed(messages: Any) -> Malformed:
    """The refusal of a body that a schema does not take, from marshmallow's messages about it."""
    return Malformed("VALIDATION_ERROR", _NOT_THE_FORM, items=tuple(_walk(messages, "")))


def _items(messages: Any) -> Iterator[Item]:
    """Marshmallow's tree of messages as items with JSON pointers; the first level is where the data came from."""
    if isinstance(messages, Mapping):
        for below in messages.values():
            yield from _walk(below, "")


def _walk(messages: Any, pointer: str) -> Iterator[Item]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _walk(below, pointer if name == "_schema" else f"{pointer}/{_escaped(name)}")
    elif isinstance(messages, list | tuple) and not isinstance(messages, Text):
        for message in messages:
            yield from _walk(message, pointer)
    elif isinstance(messages, Item):
        yield messages
    else:
        text = messages if isinstance(messages, Text) else _both(str(messages))
        yield Item(code="INVALID_FIELD", pointer=pointer, message=text, hint=_FORM)


def _both(message: str) -> Text:
    """A message in both languages: "Spanish / English" as our fields write it, else marshmallow's, translated."""
    spanish, found, english = message.partition(" / ")
    if found:
        return Text(spanish, english)
    for pattern, translation in _MARSHMALLOW:
        if match := pattern.fullmatch(message):
            return Text(match.expand(translation), message)
    return Text("Valor no válido.", message)


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
