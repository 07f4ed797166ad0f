"""What the files of an import turn out to be: vouchers, CDRs, and what is passed over with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from app.ledger.lifecycle import Status
from app.problems import Text
from app.registry.archives import Place
from sunat.cdr import Cdr, Outcome
from sunat.ubl.reading import VoucherFacts
from sunat.ubl.recomputing import Difference

SignatureState = Literal["valid", "invalid", "absent"]
Reason = Literal[
    "refused", "unknown", "not_yet", "foreign", "received", "copy", "conflict", "draft", "above_counter", "retired",
    "lonely_cdr",
]
"""Why a file is not imported: unsafe or broken; no voucher at all; a kind, version or series that comes later; of
another issuer; bought and not sold; the same bytes again; the same number with other bytes; neither signed nor
answered; beyond a counter that is in use here; on a series that was retired; a CDR without its voucher."""

OUTCOMES: Final = {
    Outcome.ACCEPTED: Status.ACCEPTED, Outcome.OBSERVED: Status.OBSERVED, Outcome.REJECTED: Status.REJECTED,
}

Key = tuple[str, str, int]
"""What tells one voucher of an issuer from another: SUNAT code, series, number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the signature of a voucher says.

    ``digest`` is the base64 DigestValue as written ("" for none); ``sha1`` whether the old algorithm was used;
    ``holder``, ``rucs`` and ``fingerprint`` (SHA-256, hex) are the certificate's, empty where nothing verified.
    """

    state: SignatureState
    digest: str = ""
    sha1: bool = False
    holder: str = ""
    rucs: tuple[str, ...] = ()
    fingerprint: str = ""
    in_force: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherEntry:
    """A voucher of the account's RUC. ``facts`` are without their lines, which are read again when it is stored."""

    place: Place
    shown: str
    sha256: str
    facts: VoucherFacts
    seal: Seal
    differences: tuple[Difference, ...]
    beyond: tuple[str, ...]

    @property
    def key(self) -> Key:
        """Its identity among the account's vouchers."""
        voucher = self.facts.voucher
        return voucher.type_code, voucher.series, voucher.number


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrEntry:
    """A CDR for the account's RUC. ``type_code`` is what its file name says, "" where that says nothing.

    ``cdr`` is without its bytes, which are read again when it is stored.
    """

    place: Place
    shown: str
    sha256: str
    type_code: str
    series: str
    number: int
    cdr: Cdr

    def proves(self, environment: str) -> bool:
        """Whether it settles its voucher: a signature that fails never does, a missing one only where SUNAT's test
        service leaves it out."""
        return self.cdr.signature == "valid" or (self.cdr.signature == "absent" and environment != "live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A file that is not imported, and why. ``key`` names its voucher where that is known, ``detail`` its kind."""

    shown: str
    reason: Reason
    text: Text
    key: Key | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A voucher to store (``import``), one already stored whose CDR is new (``complete``), or one that is there
    (``present``). ``status`` is what it is or becomes; ``document_id`` the stored row's."""

    entry: VoucherEntry
    cdr: CdrEntry | None
    status: Status
    action: Literal["import", "complete", "present"]
    document_id: int | None = None


Entry = VoucherEntry | CdrEntry | Passed
