"""The books of a month: what was issued, what of it is the register of sales, and whether SUNAT has the same.

==================  ============================================================================================
``reading``         the month's vouchers in pages, over one consistent picture
``registry``        the book of all vouchers and states: rows and sums
``sheets``          the same as CSV, and as a workbook for a spreadsheet
``files``           a book written whole before it is sent
``sales``           the register of sales (RVIE): entries in soles, the file that replaces SUNAT's proposal
``differences``     our ledger against SUNAT's own list of the month, both ways
==================  ============================================================================================

A month is one of issue dates in Lima. Nothing here changes a voucher.
Sources: RS 112-2021/SUNAT (SIRE), Reglamento de la Ley del IGV art. 10, Código Tributario art. 87 num. 4.
"""

from __future__ import annotations

from app.books.views import register

__all__ = ["register"]
