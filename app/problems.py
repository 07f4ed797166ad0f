"""Everything the office may refuse, and what the caller is told.

::

    Problem
    ├── Malformed      400  unreadable, or not of the form the contract asks for
    ├── Unauthorized   401  no credential, or not a good one
    ├── Forbidden      403  a good credential that may not do this
    ├── NotFound       404  not there, or not this account's
    ├── Conflict       409  it clashes with what is already stored or under way
    ├── TooLarge       413  more bytes than are read
    ├── Refused        422  understood, and against a rule
    ├── TooMany        429  too often; ``retry_after`` says when again
    └── Unavailable    503  not now; nothing was done

The status stands on the class, the stable word (``code``) and the texts on the occasion. Each text exists in
Spanish and in English; the caller's Accept-Language chooses (contract/extensions.md, Errors).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, NamedTuple

Language = Literal["es", "en"]

_MOST_TOLD: Final = 300


class Text(NamedTuple):
    """One message in both languages."""

    es: str
    en: str

    def said(self, language: Language) -> str:
        """The message in one language."""
        return self.en if language == "en" else self.es


NO_TEXT: Final = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing wrong: SUNAT's code or a word of ours, a JSON pointer into the caller's body, what and how to mend it.

    ``severity`` is "error", or "observation" for what is accepted with a remark.
    """

    code: str
    message: Text
    pointer: str = ""
    hint: Text = NO_TEXT
    severity: Literal["error", "observation"] = "error"

    def body(self, language: Language) -> dict[str, str]:
        """The item as the contract writes it."""
        return {
            "code": self.code, "pointer": self.pointer, "message": self.message.said(language),
            "hint": self.hint.said(language), "severity": self.severity,
        }


class Problem(Exception):
    """The request cannot be served as it is.

    ``code`` is the stable word for programs, ``text`` the sentence for people, ``items`` the details (one at least:
    without any, the problem itself with its pointer and hint), ``extra`` more members of the body, such as the id of
    the document that stands in the way; a Text is said in the caller's language.
    """

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "INTERNAL_ERROR"
    default_text: ClassVar[Text] = Text("Error interno del servidor", "Internal server error")
    default_hint: ClassVar[Text] = Text(
        "Repita la solicitud; si vuelve a ocurrir, avise con este request_id",
        "Repeat the request; if it happens again, report it with this request_id",
    )

    def __init__(
        self, code: str = "", text: Text = NO_TEXT, *, items: Iterable[Item] = (), pointer: str = "",
        hint: Text = NO_TEXT, extra: dict[str, Any] | None = None, headers: dict[str, str] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.text = text if text != NO_TEXT else self.default_text
        said = hint if hint != NO_TEXT else self.default_hint
        self.items = tuple(items) or (Item(code=self.code, message=self.text, pointer=pointer, hint=said),)
        self.extra = extra or {}
        self.headers = headers or {}
        super().__init__(f"{self.code}: {self.text.en}")

    def body(self, language: Language, request_id: str) -> dict[str, Any]:
        """The whole error body of the contract."""
        return {
            "error": self.text.said(language), "code": self.code,
            "errors": [item.body(language) for item in self.items], "request_id": request_id,
            **{name: more.said(language) if isinstance(more, Text) else more for name, more in self.extra.items()},
        }


class Malformed(Problem):
    """The request cannot be read."""

    status = 400
    default_code = "MALFORMED"
    default_text = Text("La solicitud no se puede leer", "The request cannot be read")
    default_hint = Text(
        "Compare la solicitud con su descripción en /docs", "Compare the request with its description at /docs"
    )


class Unauthorized(Problem):
    """No valid credential came with the request."""

    status = 401
    default_code = "UNAUTHORIZED"
    default_text = Text("Token inválido o vencido", "Invalid or expired token")
    default_hint = Text(
        "Envíe Authorization: Bearer con una clave de la cuenta o un token vigente",
        "Send Authorization: Bearer with a key of the account or a token in force",
    )

    def __init__(
        self, code: str = "", text: Text = NO_TEXT, *, hint: Text = NO_TEXT, extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code, text, hint=hint, extra=extra, headers={"WWW-Authenticate": 'Bearer realm="chasqui"'})


class Forbidden(Problem):
    """The credential may not do this."""

    status = 403
    default_code = "FORBIDDEN"
    default_text = Text("Esta credencial no permite la operación", "This credential does not allow the operation")
    default_hint = Text("Use una credencial que tenga ese permiso", "Use a credential that may do this")


class NotFound(Problem):
    """There is no such thing for this caller."""

    status = 404
    default_code = "NOT_FOUND"
    default_text = Text("No existe", "Not found")
    default_hint = Text("Revise la dirección y el identificador", "Check the address and the id")


class Conflict(Problem):
    """The request clashes with what is stored or under way."""

    status = 409
    default_code = "CONFLICT"
    default_text = Text("Conflicto con el estado actual", "Conflict with the current state")
    default_hint = Text("Consulte el estado actual antes de repetir", "Look at the current state before you repeat")


class TooLarge(Problem):
    """The body is larger than what is read."""

    status = 413
    default_code = "TOO_LARGE"
    default_text = Text("El cuerpo de la solicitud es demasiado grande", "The request body is too large")
    default_hint = Text("Envíe menos datos por solicitud", "Send less in one request")


class Refused(Problem):
    """The request is understood and against a rule."""

    status = 422
    default_code = "VALIDATION_ERROR"
    default_text = Text("La solicitud no cumple una regla", "The request breaks a rule")
    default_hint = Text("Corrija el dato señalado y vuelva a enviar", "Correct what is pointed at and send it again")


class KeyReused(Refused):
    """The Idempotency-Key already answered another body."""

    default_code = "IDEMPOTENCY_KEY_REUSED"
    default_text = Text(
        "Esta Idempotency-Key ya se usó con otro contenido", "This Idempotency-Key was already used with another body"
    )
    default_hint = Text("Use otra Idempotency-Key para otro contenido", "Use another Idempotency-Key for another body")


def refusal(items: Sequence[Item]) -> Refused:
    """The refusal that tells all of it, as far as anyone would read; its sentence is the first error's."""
    first = next(item for item in items if item.severity == "error")
    left = len(items) - _MOST_TOLD
    return Refused("VALIDATION_ERROR", Text(
        f"Error {first.code}: {first.message.es}", f"Error {first.code}: {first.message.en}"
    ), items=items[:_MOST_TOLD], extra={"errors_not_shown": left} if left > 0 else None)


class TooMany(Problem):
    """The caller asks too often."""

    status = 429
    default_code = "TOO_MANY_REQUESTS"
    default_text = Text("Demasiadas solicitudes; intente más tarde", "Too many requests; try again later")
    default_hint = Text("Espere los segundos que dice Retry-After", "Wait for the seconds that Retry-After says")

    def __init__(self, code: str = "", text: Text = NO_TEXT, *, retry_after: int = 1) -> None:
        super().__init__(code, text, headers={"Retry-After": str(max(1, retry_after))})


class Unavailable(Problem):
    """The service cannot do it now and did nothing."""

    status = 503
    default_code = "UNAVAILABLE"
    default_text = Text("Servicio no disponible; no se registró nada", "Service unavailable; nothing was recorded")
    default_hint = Text("Repita la solicitud en unos segundos", "Repeat the request in a few seconds")

    def __init__(self, code: str = "", text: Text = NO_TEXT, *, retry_after: int = 2) -> None:
        super().__init__(code, text, headers={"Retry-After": str(max(1, retry_after))})


class Uncertain(Problem):
    """The database failed while the request was being carried out: it may or may not have been recorded."""

    status = 503
    default_code = "OUTCOME_UNKNOWN"
    default_text = Text(
        "La base de datos no respondió; no se sabe si la solicitud se registró",
        "The database did not answer; it is not known whether the request was recorded",
    )
    default_hint = Text(
        "Repítala con la misma Idempotency-Key; sin ella, busque el resultado antes de repetirla",
        "Repeat it with the same Idempotency-Key; without one, look for its result before you repeat it",
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})
