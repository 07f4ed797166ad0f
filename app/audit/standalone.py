"""The stand-alone checker as one text: `check_report` with the signature's arithmetic in place of its import."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_IMPORT: Final = "from app.audit.ed25519 import verifies\n"
_AFTER_IMPORTS: Final = "import hmac\n"


def checker() -> str:
    """A Python program in one file, which imports the standard library only."""
    program = (_HERE / "check_report.py").read_text(encoding="utf-8")
    _, found, arithmetic = (_HERE / "ed25519.py").read_text(encoding="utf-8").partition(_AFTER_IMPORTS)
    if not found or program.count(_IMPORT) != 1:
        raise LookupError("The checker is not put together as it is written")
    return program.replace(_IMPORT, arithmetic.strip() + "\n\n")
