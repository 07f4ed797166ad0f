"""Certificates, the enveloped signature of a voucher, and its verification.

Sources: W3C XML Signature Syntax and Processing 1.1; SUNAT's sheet "Firma" of the validation workbook (2026-02-12);
programmer's manual of the SEE, annex on the digital signature. This is the only room that imports signxml, and that
only to verify: signing itself hashes the canonical voucher once and splices a constant ``ds:Signature`` into it.

================  =============================================================================
``certificates``  reading PFX and PEM, what a certificate says, whether it may sign for a RUC
``signer``        canonical voucher -> signed bytes
``verifying``     signed bytes -> what was signed and by whom
``recomputing``   signed bytes -> the digest they really have
================  =============================================================================
"""

from __future__ import annotations

from sunat.signing.certificates import Certificate, check_certificate, load_pem, load_pfx, self_signed
from sunat.signing.recomputing import Digests, recompute
from sunat.signing.signer import Signed, Signer
from sunat.signing.verifying import Verified, digest_of, verify

__all__ = [
    "Certificate",
    "Digests",
    "Signed",
    "Signer",
    "Verified",
    "check_certificate",
    "digest_of",
    "load_pem",
    "load_pfx",
    "recompute",
    "self_signed",
    "verify",
]
