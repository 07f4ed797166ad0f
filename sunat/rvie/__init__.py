"""SUNAT's electronic register of sales and income (RVIE): what a voucher is in it, and the files about it.

==================  ====================================================================================
``columns``         the columns of the register, and which of them the file that replaces a proposal has
``entry``           a voucher as an entry: bases and tributes in soles, notes by what they change
``replacement``     the file that replaces SUNAT's proposal: its lines and its name
``listed``          SUNAT's own list of a month's vouchers, read line by line
==================  ====================================================================================

Sources: RS 112-2021/SUNAT and RS 040-2022/SUNAT with their annexes (SIRE); TUO of the Código Tributario, art. 87 num. 4
(registers are kept in soles); Reglamento de la Ley del IGV, art. 5 num. 17 and art. 10 (exchange rate, registers).
"""

from __future__ import annotations

from sunat.rvie.columns import COLUMNS, REPLACED, Column
from sunat.rvie.entry import Entry, Modified, Shares, entry_of, shares_of
from sunat.rvie.listed import Listed, read_listed
from sunat.rvie.replacement import KINDS, car, file_name, line_of

__all__ = [
    "COLUMNS", "KINDS", "REPLACED", "Column", "Entry", "Listed", "Modified", "Shares", "car", "entry_of", "file_name",
    "line_of", "read_listed", "shares_of",
]
