"""The contract's country ids, which are no standard, and their ISO 3166 letters. Source: contract v1, 4.9."""

from __future__ import annotations

from typing import Final

COUNTRIES: Final = {
    "65": "VE", "66": "CO", "70": "DO", "74": "PA", "75": "CR", "80": "MX", "82": "EC", "83": "PE", "84": "BR",
    "85": "BO", "86": "PY", "87": "UY", "88": "AR", "89": "US", "90": "CA", "253": "CL",
}
"""Country id -> two letters (catalogue 04)."""
