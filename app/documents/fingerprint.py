"""The fingerprint of a request: equal for bodies that ask for the same voucher, however they are written.

Member order, ``18`` or ``"18.00"``, spaces around a text and the padding of a number that a reference or an advance
names (decision 12: F001-87 is F001-00000087) do not count. It tells a repetition under an idempotency key from another
request, and feeds the duplicate guard.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from sunat.errors import FormatError
from sunat.numbering import parse_number


def fingerprint(body: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a body as ``DocumentRequest`` loads it."""
    normal = dict(body)
    if normal.get("references"):
        normal["references"] = [_unpadded(row, "reference_number") for row in normal["references"]]
    _with_advances(normal)
    text = json.dumps(normal, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _with_advances(normal: dict[str, Any]) -> None:
    """Puts unpadded numbers into the advances of a body, whose outer parts are copied on the way."""
    extra = normal["header"].get("additional", {}).get("pe_header", {})
    if extra.get("advances"):
        rows = [_unpadded(row, "number") for row in extra["advances"]]
        additional = {**normal["header"]["additional"], "pe_header": {**extra, "advances": rows}}
        normal["header"] = {**normal["header"], "additional": additional}


def _unpadded(row: Mapping[str, Any], member: str) -> dict[str, Any]:
    try:
        series, integer = parse_number(row.get(member) or "")
    except FormatError:
        return dict(row)
    return {**row, member: f"{series}-{integer}"}


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not part of a request")
