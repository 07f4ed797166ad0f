"""What the parts of a request have in common on the wire."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, pre_load, validate

NOT_NEGATIVE: Final = validate.Range(min=0)
"""An amount or a percentage whose code says which way it goes."""


class Body(Schema):
    """A part of the request: unknown members are passed over, a null is an absent member."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def without_nulls(self, data: Any, **_: Any) -> Any:
        """Clients write null for what they leave out."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


def told(text: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """The description of a member in the OpenAPI document, with an example where one helps."""
    return {"description": text, **({} if example is None else {"example": example}), **more}
