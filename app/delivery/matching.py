"""Whether a CDR is of the very voucher we sent: beyond name, RUC and reference, which reading it makes sure of.

What SUNAT holds under our number may be another system's voucher. A CDR tells by the customer it names, by the moment
of reception (nothing is received before it exists) and, from an OSE, by the hash of the file. Its signature has to
hold, and to be by a pinned certificate where the installation pins one.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from app.delivery.parcels import Parcel
from sunat.cdr import Cdr, read_cdr
from sunat.errors import CdrError
from sunat.transport import pack, unpack_cdr

SKEW: Final = timedelta(minutes=45)
"""How far the authority's clock may be behind ours before a reception is earlier than its voucher."""

_HASHES: Final = ("sha256", "sha1", "md5")


class Match(StrEnum):
    """What a CDR is to a voucher."""

    OURS = "ours"
    FOREIGN = "foreign"
    UNTRUSTED = "untrusted"


def read_ours(parcel: Parcel, cdr_zip: bytes) -> Cdr:
    """The CDR in an answer's zip. Raises CdrError when it cannot be read with certainty or names another voucher."""
    voucher = parcel.identity
    return read_cdr(
        unpack_cdr(cdr_zip, voucher.file_name), voucher_file_name=voucher.file_name, ruc=voucher.ruc,
        voucher_text=voucher.text,
    )


def match(parcel: Parcel, cdr: Cdr, pins: frozenset[str]) -> Match:
    """Whether the CDR is of the parcel's voucher; ``pins`` are the certificates it may be signed by (none: any)."""
    if cdr.signature == "invalid" or (pins and (cdr.signature != "valid" or cdr.signed_by.lower() not in pins)):
        return Match.UNTRUSTED
    if _another_customer(parcel, cdr.receiver):
        return Match.FOREIGN
    if cdr.received_at is not None and cdr.received_at < parcel.issued_at - SKEW:
        return Match.FOREIGN
    if cdr.document_hash and not proven_by_hash(parcel, cdr):
        return Match.UNTRUSTED  # what an OSE hashes is not written down: a person has to look before a series stops
    return Match.OURS


def proven_by_hash(parcel: Parcel, cdr: Cdr) -> bool:
    """Whether the CDR's hash of the file is that of ours: of the XML, of its zip, or its signature's digest."""
    told = cdr.document_hash.strip()
    if told == parcel.digest:
        return True
    for content in (parcel.xml, pack(parcel.identity.file_name, parcel.xml)):
        for name in _HASHES:
            digest = hashlib.new(name, content, usedforsecurity=False)
            if told.lower() == digest.hexdigest() or told == b64encode(digest.digest()).decode():
                return True
    return False


def readable(parcel: Parcel, cdr_zip: bytes) -> Cdr | None:
    """The CDR kept from an earlier attempt, or None."""
    try:
        return read_ours(parcel, cdr_zip)
    except CdrError:
        return None


@lru_cache(maxsize=32)
def pins_of(setting: str, environment: str) -> frozenset[str]:
    """The pinned certificates of an environment out of ``CHASQUI_CDR_PINS`` (``live:SHA256,live:SHA256``)."""
    pairs = (one.strip().partition(":") for one in setting.split(",") if one.strip())
    return frozenset(print_.strip().lower() for where, _, print_ in pairs if where.strip() == environment)


def _another_customer(parcel: Parcel, receiver: str) -> bool:
    """Whether the CDR names somebody else (``6-20987654326``); most name nobody."""
    _, _, told = receiver.partition("-")
    ours = parcel.criteria.receiver_number.strip()
    told = told.strip().strip("-")
    return bool(told and ours.strip("-") and told.upper() != ours.upper())
