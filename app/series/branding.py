"""How papers of a series look: its own branding, field by field, else its branch's, else its account's.

Source: FRI-20 to FRI-22 of `domain/numbering.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.accounts.models import AccountRecord, BranchRecord

FIELDS: Final = ("logo", "trade_name", "accent_color", "footer", "template", "format")
"""Reference of a picture, the name above it, ``#RRGGBB``, the last line, the layout of sheets, the usual paper."""


def merged(former: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The branding after a change: an empty or null field falls back again."""
    both = {**former, **given}
    return {name: both[name] for name in FIELDS if both.get(name)}


def effective(own: Mapping[str, Any], branch: BranchRecord, account: AccountRecord) -> dict[str, Any]:
    """What a paper shows, each field from the nearest that has it; None where nobody does."""
    has_logo = (account.registration or {}).get("registration_additional_data", {}).get("company_logo")
    registered = {
        "logo": "company_logo" if has_logo else None,
        "trade_name": account.trade_name or account.legal_name,
    }
    layers = (own, branch.branding or {}, account.branding or {}, registered)
    return {name: next((layer[name] for layer in layers if layer.get(name)), None) for name in FIELDS}
