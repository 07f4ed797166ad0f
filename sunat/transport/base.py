"""Who calls, and what came back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sunat.errors import FormatError

_FULL_USER = re.compile(r"[12][0-9]{10}.+")
_UNSENDABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A SOL user: the RUC it belongs to (the issuer's, or its PSE's), its name and its key (clave SOL).

    The key never shows in a repr. Raises FormatError for an empty part or one that XML cannot carry.
    """

    ruc: str
    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.ruc or not self.user or not self.password:
            raise FormatError("SOL credentials are a RUC, a user and a key")
        if any(_UNSENDABLE.search(part) for part in (self.ruc, self.user, self.password)):
            raise FormatError("The SOL credentials contain control characters")

    @property
    def username(self) -> str:
        """RUC and user together, as SUNAT wants it; a user that carries a RUC already is taken as it is."""
        return self.user if _FULL_USER.fullmatch(self.user) else self.ruc + self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What sendBill gave: the CDR's zip as it came, and the evidence of the exchange.

    ``request_sha256`` is of the envelope without its credentials, ``response_sha256`` of the body as received;
    both lower-case hexadecimal.
    """

    cdr_zip: bytes = field(repr=False)
    request_sha256: str
    response_sha256: str
    http_status: int
