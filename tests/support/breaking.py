"""Requests broken on purpose, by chance with a seed: each of them must be refused."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

from marshmallow import Schema, fields

from app.documents.schemas.request import DocumentRequest

Break = Callable[[random.Random, Any], None]

_LOOSE: Final = (fields.Dict, fields.Raw)


def _pe(body: Any) -> Any:
    return body["header"].setdefault("additional", {}).setdefault("pe_header", {})


def _line(chance: random.Random, body: Any) -> Any:
    return chance.choice(body["details"])


def _pe_line(chance: random.Random, body: Any) -> Any:
    return _line(chance, body).setdefault("additional", {}).setdefault("pe_detail", {})


def _wrong_type(chance: random.Random, body: Any) -> None:
    """Something that no form of the contract takes, at a member of it that the body has or could have."""
    here, schema = body, DocumentRequest()
    while True:
        name = chance.choice([name for name, field in schema.fields.items() if not isinstance(field, _LOOSE)])
        field = schema.fields[name]
        inner = field.inner if isinstance(field, fields.List) else field
        below: Schema | None = inner.schema if isinstance(inner, fields.Nested) else None
        if below is None or chance.random() < 0.15:
            here[name] = chance.choice([7, "x", True]) if isinstance(field, fields.List | fields.Nested) else (
                chance.choice([{}, [], {"a": 1}, [[1]]])
            )
            return
        if isinstance(field, fields.List):
            rows = here.get(name)
            if not isinstance(rows, list) or not rows:
                rows = here[name] = [{}]
            here = chance.choice(rows)
        else:
            member = here.get(name)
            here[name] = here = member if isinstance(member, dict) else {}
        schema = below


def _set(where: Callable[[random.Random, Any], Any], name: str, *values: Any) -> Break:
    def change(chance: random.Random, body: Any) -> None:
        where(chance, body)[name] = copy.deepcopy(chance.choice(values))
    return change


def _drop(where: Callable[[random.Random, Any], Any], name: str) -> Break:
    return lambda chance, body: where(chance, body).pop(name, None)


def _header(_: random.Random, body: Any) -> Any:
    return body["header"]


def _pe_header(_: random.Random, body: Any) -> Any:
    return _pe(body)


def _tax(chance: random.Random, body: Any) -> Any:
    return chance.choice(_line(chance, body)["taxes"])


def _totals(_: random.Random, body: Any) -> Any:
    return body.setdefault("totals", {})


BREAKS: Final[tuple[Break, ...]] = (
    *(8 * (_wrong_type,)),
    _set(_totals, "total_amount", "0.07", "123456.78"), _set(_totals, "taxes_amount", "0.07", "999999.99"),
    _set(_totals, "net_amount", "0.07", "-1"),
    _set(_line, "quantity", 0, -1, "0.00", "abc"), _drop(_line, "quantity"), _drop(_line, "taxes"),
    _set(_line, "unit_price", -1, "1e400", "1,5"), _set(_line, "unit_measure", "XYZ", "?"),
    _set(_line, "line_description", "a\x07b", "]]>", ["x"]), _drop(_line, "line_description"),
    _set(_line, "modifier_amount", "-99999999"), _set(_line, "taxes", []),
    _set(_tax, "tax_type_id", "999", "000"), _set(_tax, "tax_amount", "0.77", "-3"),
    _set(_pe_line, "igv_affectation", "99", "00"), _set(_pe_line, "isc", {"system": "04", "rate": "1"}, {"rate": "1"}),
    _set(_pe_line, "icbper", {"bags": 987654}, {"bags": -1}, {}), _set(_pe_line, "gtin", {"code": "123"}, {}),
    _set(_pe_line, "other_tax", {"rate": "1", "amount": "1"}, {"rate": -1}),
    _set(_pe_line, "charges_discounts", [{"code": "02", "amount": "1"}], [{"code": "00", "amount": "99999999"}],
         [{"code": "00", "amount": "1", "rate": "1"}], [{}]),
    _set(_header, "issue_date", "2026-11-01", "2026-12-25", "2026-02-30", 20261120), _drop(_header, "issue_date"),
    _set(_header, "currency_id", 99, "PEN"), _set(_header, "document_type_id", "9999", "102"),
    _set(_header, "document_sequence_code", "Z999", "F0011", "f001"),
    _set(_header, "receiver_legal_name", "AB", "a\x1bb"), _set(_header, "receiver_tax_id_type", "PE-XYZ"),
    _set(_header, "issuer_tax_id_code", "20123456785"), _set(_header, "exchange_rate_value", "-1", "0"),
    _set(_header, "document_number", 0, 77), _set(_header, "account_id", 987654321),
    _set(_pe_header, "receiver_identity_code", "Z"), _set(_pe_header, "price_mode", "both"),
    _set(_pe_header, "rounding_amount", "1.01", "-5"), _set(_pe_header, "legends", ["9999"]),
    _set(_pe_header, "charges_discounts", [{"code": "51", "amount": "1"}], [{"code": "02", "amount": "99999999"}],
         [{"code": "03"}]),
    _set(_pe_header, "advances", [{"number": "F001-1"}], [{"number": "F001-1", "total_amount": "99999999"}],
         [{"number": "F001-1", "total_amount": "1", "base_amount": "2"}]),
    _set(_pe_header, "detraction", {"code": "037"}, {"code": "999", "rate": "1", "account": "1"}, {}),
    _set(_pe_header, "perception", {"code": "62"}, {"code": "51", "amount": "0.07"}),
    _set(_pe_header, "retention", {"amount": "0.07"}, {"code": "61"}),
    _set(_pe_header, "income_withholding", {}, {"rate": "5", "amount": "0.07"}),
    _set(_pe_header, "issue_time", "25:00:00", "noon"), _set(_pe_header, "due_date", "2026-13-01"),
)
"""Changes after which no request may be issued, whatever it was."""


def broken(seed: int, bodies: list[Any], count: int) -> Iterator[Any]:
    """``count`` broken copies of good bodies; the same seed breaks the same."""
    chance = random.Random(seed)
    for _ in range(count):
        body = copy.deepcopy(chance.choice(bodies))
        for change in chance.sample(BREAKS, chance.choice((1, 1, 1, 2, 3))):
            try:
                change(chance, body)
            except (AttributeError, IndexError, KeyError, TypeError):
                continue  # an earlier change has already taken away what this one would break
        yield body
