"""What one tells SUNAT about vouchers it knows: voided ones (RA) and reversed ones (RR), and what they share with RC.

A communication is no voucher: it is known by the day it was made and a number of that day (RC-20261120-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sunat.documents.voucher import Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication(Content):
    """A file about vouchers of one day.

    ``issue_date`` is the day it is made, ``reference_date`` that of the vouchers in it (both Lima's).
    """

    reference_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidedLine:
    """One voucher to void: its kind (catalogue 01), series and number, and why (3 to 100 characters)."""

    type_code: str
    series: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided(Communication):
    """A communication of voided facturas and their notes (*comunicación de baja*, RA)."""

    TYPE_CODE: ClassVar[str] = "RA"

    lines: tuple[VoidedLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Communication):
    """A summary of reversed retentions, perceptions and purchase settlements (*resumen de reversiones*, RR)."""

    TYPE_CODE: ClassVar[str] = "RR"

    lines: tuple[VoidedLine, ...]

