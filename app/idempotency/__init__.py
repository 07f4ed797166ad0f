"""One key, one answer: whoever repeats a request with its Idempotency-Key gets the first answer again (decision 7).

::

    claim ──► (work) ──► seal, in the transaction that creates ──► every repetition is a replay
                 └─────► release, when the request is refused: a corrected body may use the key

A claim is a committed row with a lease. While the lease lives, the same key is answered 409; when it has run out
(the process died), the next request takes it over, and the former owner can no longer seal. Everything that creates
goes through here: vouchers with the transaction of their series (`app.documents`), the rest by `app.accounts.once`.
"""

from __future__ import annotations

from app.idempotency.claims import LEASE_SECONDS, MAX_KEY, Claim, Owner, Replay, claim, release, seal
from app.idempotency.models import IdempotencyRecord

__all__ = [
    "LEASE_SECONDS", "MAX_KEY", "Claim", "IdempotencyRecord", "Owner", "Replay", "claim", "release", "seal",
]
