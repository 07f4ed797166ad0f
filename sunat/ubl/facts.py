"""Any voucher of anybody's making, whatever its root, read back into the same facts and worked out again."""

from __future__ import annotations

from sunat import xml
from sunat.documents import PaidVoucher
from sunat.ubl.certificates import Certificate, read_certificate, recompute_certificate
from sunat.ubl.guides import read_guide
from sunat.ubl.reading import VoucherFacts, nature_of, read_voucher
from sunat.ubl.recomputing import Recomputation, recompute

READ = frozenset({"voucher", "certificate", "guide"})
"""The natures of a root whose facts can be read."""


def facts_of(root: xml.Element) -> tuple[VoucherFacts, tuple[PaidVoucher, ...]]:
    """The facts of a voucher, and the vouchers that it lists where it is a certificate. Raises FormatError."""
    sort = nature_of(root).sort
    if sort == "guide":
        return read_guide(root), ()
    if sort == "certificate":
        read = read_certificate(root)
        return read.facts, read.paid
    return read_voucher(root), ()


def recomputed(root: xml.Element, facts: VoucherFacts, paid: tuple[PaidVoucher, ...]) -> Recomputation:
    """What its amounts should be beside what they are; a guide has none."""
    sort = nature_of(root).sort
    if sort == "guide":
        return Recomputation(beyond=(), differences=())
    if sort == "certificate":
        return recompute_certificate(Certificate(facts=facts, paid=paid))
    return recompute(facts)
