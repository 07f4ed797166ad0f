"""Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body, version ``v1``."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"


def new_secret() -> str:
    """A fresh signing secret of 32 bytes, in the specification's spelling."""
    return _PREFIX + b64encode(secrets.token_bytes(32)).decode()


def signed(message_id: str, at: datetime, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers of a message, one signature for each secret; ``at`` is the attempt's own time."""
    stamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), stamp.encode(), body))
    marks = (hmac.new(b64decode(key.removeprefix(_PREFIX)), content, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": message_id, "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{b64encode(mark).decode()}" for mark in marks),
    }
