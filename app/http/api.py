"""flask-smorest with our bodies, our errors and the header it forgets.

Three of its defaults are replaced: it drops ``Allow`` on 405, its error body is not the contract's, and it shows the
markup of docstrings as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from flask import Flask, Response, json
from flask_smorest import Api, Blueprint
from marshmallow import INCLUDE, Schema, fields
from werkzeug.exceptions import HTTPException

from app.http import answers
from app.http.bodies import BodyParser

IDEMPOTENCY_KEY: Final = "Idempotency-Key"

_KEY_PARAMETER: Final = {
    "in": "header", "name": IDEMPOTENCY_KEY, "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"},
    "description": (
        "A text of your own for this request. Repeating the request with it repeats the first answer; another request "
        "under it is 422, one that comes while the first is at work is 409. A refusal leaves it free."
    ),
}


def takes_key(view: Callable[..., Any]) -> Callable[..., Any]:
    """Notes in the API's description that a view minds the Idempotency-Key."""
    view._apidoc = {**getattr(view, "_apidoc", {}), "idempotency": True}  # type: ignore[attr-defined]
    return view


class OpenSchema(Schema):
    """What an answer has at least: later versions add members, and clients pass over those they do not know."""

    class Meta:
        unknown = INCLUDE


class ErrorItem(Schema):
    """One thing wrong."""

    code = fields.String(required=True, metadata={"description": "SUNAT's code, or a word of ours"})
    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the request's body"})
    message = fields.String(required=True)
    hint = fields.String(required=True)
    severity = fields.String(required=True, metadata={"enum": ["error", "observation"]})


class ErrorResult(Schema):
    """v1's second channel for errors."""

    status = fields.Integer(required=True)
    error_message = fields.String(required=True)


class ErrorBody(OpenSchema):
    """The body of every error; ``/documents`` adds v1's ``result``, ``/auth`` OAuth2's ``error_description``.

    A conflict names what stands in the way: ``document_id``, ``number``, ``status``.
    """

    error = fields.String(required=True, metadata={"description": "A sentence, in the language asked for"})
    code = fields.String(required=True, metadata={"description": "A stable word"})
    errors = fields.List(fields.Nested(ErrorItem), required=True)
    request_id = fields.String(required=True)
    result = fields.Nested(ErrorResult)
    error_description = fields.String()


class JsonApi(Api):  # type: ignore[misc]
    """The API: every error, wherever it comes from, in the contract's form."""

    ERROR_SCHEMA = ErrorBody

    @property
    def app(self) -> Flask:
        """The application this API belongs to."""
        return cast("Flask", self._app)

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Turns any HTTP error into the contract's body, with its own headers kept."""
        return answers.from_http(error)

    def _openapi_json(self) -> Response:
        """Serves the description, its texts as its readers show them."""
        return Response(json.dumps(_shown(self.spec.to_dict()), indent=2), mimetype="application/json")


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A room's views: a blueprint that reads bodies strictly."""

    ARGUMENTS_PARSER = BodyParser()
    DEFAULT_LOCATION_CONTENT_TYPE_MAPPING = {
        **Blueprint.DEFAULT_LOCATION_CONTENT_TYPE_MAPPING, "json_or_form": "application/json",
    }

    def __init__(self, name: str, import_name: str, **kwargs: Any) -> None:
        super().__init__(name, import_name, **kwargs)
        self._prepare_doc_cbks.append(_describe_key)

    def arguments(self, schema: type[Schema] | Schema, **kwargs: Any) -> Any:
        """flask-smorest's, with the schema made once: of a class it would make one, with all below, every request."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **kwargs)


def _shown(described: Any) -> Any:
    """A description with Markdown in its descriptions and plain text in its summaries, where docstrings mark up."""
    if isinstance(described, list):
        return [_shown(each) for each in described]
    if not isinstance(described, dict):
        return described
    texts = {
        name: described[name].replace("``", quote)
        for name, quote in (("summary", ""), ("description", "`")) if isinstance(described.get(name), str)
    }
    return {name: texts[name] if name in texts else _shown(each) for name, each in described.items()}


def _describe_key(doc: dict[str, Any], doc_info: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds the header to the description of an operation that minds it."""
    if doc_info.get("idempotency"):
        doc.setdefault("parameters", []).append(_KEY_PARAMETER)
    return doc
