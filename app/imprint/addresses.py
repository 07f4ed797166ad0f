"""The addresses on a voucher's paper: what its QR code holds, and the page where whoever received it may look it up.

A QR code holds a text of its own, or for a guide the address that its CDR gives.
Source: RS 123-2022/SUNAT; a guide's CDR carries the address in the description of its document reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from app.ledger import store
from app.ledger.models import DocumentRecord
from sunat.cdr import read_cdr
from sunat.numbering import VoucherId
from sunat.transport.zipping import unpack_cdr

RECEIVER_PAGES: Final[Mapping[str, str]] = MappingProxyType({"live": "/v", "beta": "/v/beta", "sandbox": "/v/sandbox"})
"""Where the page of `app.receiver` is, by environment: what has no value is never found among what has."""


def receiver_page(public_url: str, environment: str) -> str:
    """The page's whole address; "" where callers reach us on this machine only, which no receiver could open."""
    host = urlsplit(public_url).hostname or ""
    try:
        near = ip_address(host).is_loopback
    except ValueError:
        near = host == "localhost"
    return "" if near else f"{public_url.rstrip('/')}{RECEIVER_PAGES[environment]}"


def qr_of(row: DocumentRecord, cdr: bytes | None) -> str:
    """The QR text of a voucher whose CDR (its XML) is this one; "" for a guide that has none yet."""
    if row.qr_text or cdr is None:
        return row.qr_text
    voucher = VoucherId(ruc=row.ruc, type_code=row.sunat_code, series=row.series, number=row.number)
    found = read_cdr(
        cdr, voucher_file_name=voucher.file_name, ruc=voucher.ruc, voucher_text=voucher.text,
        check_signature=False,  # it was verified when it came
    )
    return found.qr_link or ""


def qr_stored(session: Session, row: DocumentRecord) -> str:
    """The same with the CDR that the ledger has."""
    if row.qr_text:
        return row.qr_text
    evidence = store.evidence_of(session, row)
    return qr_of(row, unpack_cdr(evidence.content, row.file_name) if evidence else None)
