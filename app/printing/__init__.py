"""Vouchers on paper: A4 and A5 sheets, rolls of 80 and 58 mm, as PDF/A.

==================  =================================================================================
``paper``           what goes on a paper beside the voucher's own words: look, marks, formats
``measures``        how wide columns are, and how small their letters must be to fit
``typesetting``     data -> PDF; the only module that knows typst and segno
``layouts``         the two layouts, in typst's language
``pictures``        logos, decoded before they are trusted
``models``, ``operations``, ``views``   the logos of an account
==================  =================================================================================

What a voucher must say comes from ``sunat.ubl.printed``. Its texts reach the typesetter as data, never as markup; fonts
are those inside typst's own wheel, nothing is fetched, and the same input gives the same bytes.
"""

from __future__ import annotations

from app.printing.paper import Brand, Mark, Printout
from app.printing.typesetting import NotPrinted, stamp, to_pdf

__all__ = ["Brand", "Mark", "NotPrinted", "Printout", "stamp", "to_pdf"]
