"""Vouchers: from the contract's body to a numbered, signed, stored voucher, and back to an answer.

``schemas`` read a request, ``drafting`` does everything that needs no number, ``operations`` takes the number,
``views`` answer, ``files`` gives XML, CDR and PDF out, ``queries`` find.
"""

from __future__ import annotations

from app.documents import amending, files, portal_voiding  # noqa: F401 - their addresses are on the blueprint
from app.documents.views import register

__all__ = ["register"]
