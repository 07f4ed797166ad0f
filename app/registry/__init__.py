"""Moving in: vouchers and CDRs of another system read, judged, reported, and taken into the ledger once confirmed.

::

    archives ──► reading ──► matching ──► planning ──► report        nothing is changed up to here
    (files)      (one file)  (together)   (the ledger)    │
                                                          ▼ confirmed
                                                       applying      in bounded transactions, resumable

An imported voucher keeps its own bytes, number and signature: it is never numbered, signed or sent here.
Rules: decisions 5, 6, 10, 12 and 17; `domain/numbering.md` 2; `domain/sunat_operations.md` 2 and 4.2.
"""

from __future__ import annotations

from app.registry.views import register

__all__ = ["register"]
