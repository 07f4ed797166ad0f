"""The text of the QR code on a printed voucher.

Order by RS 113-2018/SUNAT, annex 6, 6.4: issuer's RUC, kind, series, number, IGV, total, issue date, the customer's
identity type and number, and the digest of the signed XML, separated by ``|``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sunat.documents import Despatch, Party, Voucher
from sunat.money import plain
from sunat.numbering import VoucherId


def qr_text(content: Voucher, voucher: VoucherId, digest: str) -> str:
    """The QR text of a voucher. The number is not padded; amounts have two decimals in the voucher's currency.

    ``digest`` is the base64 DigestValue of the signature that was sent, so it may only be asked for after signing. A
    guide has none of its own: its QR code holds the address that its CDR gives.
    """
    if isinstance(content, Despatch):
        return ""
    sums = content.sums
    return qr_line(voucher, content.customer, igv=sums.igv, payable=sums.payable, issued=content.issue_date,
                   digest=digest)


def qr_line(
    voucher: VoucherId, customer: Party, *, igv: Decimal, payable: Decimal, issued: date, digest: str
) -> str:
    """The QR text from its parts, for a voucher that is known by its XML alone."""
    parts = (
        voucher.ruc, voucher.type_code, voucher.series, str(voucher.number), plain(igv), plain(payable),
        issued.isoformat(), customer.identity_code, customer.identity_number, digest,
    )
    return "|".join(part.replace("|", " ") for part in parts)
