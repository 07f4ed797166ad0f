"""Series, numbers and file names: how SUNAT tells one voucher from another.

A voucher is (RUC, type, series, number); the number is an integer from 1 to 99,999,999 and ``F001-87`` is the same
voucher as ``F001-00000087``. A summary (RC, RA, RR) is (RUC, kind, day of generation, number 1 to 99,999).

``series`` says which series a voucher type has and how many numbers are left in one, ``identifiers`` holds the
identities themselves and reads them from numbers and file names.
"""

from sunat.numbering.identifiers import (
    MAX_SUMMARY_NUMBER,
    SummaryId,
    SummaryKind,
    VoucherId,
    parse_file_name,
    parse_number,
    parse_summary,
)
from sunat.numbering.series import (
    MAX_NUMBER,
    SERIES_FORMATS,
    SeriesFormat,
    is_contingency,
    is_portal,
    near_end,
    remaining,
)

__all__ = [
    "MAX_NUMBER",
    "MAX_SUMMARY_NUMBER",
    "SERIES_FORMATS",
    "SeriesFormat",
    "SummaryId",
    "SummaryKind",
    "VoucherId",
    "is_contingency",
    "is_portal",
    "near_end",
    "parse_file_name",
    "parse_number",
    "parse_summary",
    "remaining",
]
