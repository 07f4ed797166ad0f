"""What a judgement knows besides the voucher's XML: the day, the file's name, the ledger, the exchange rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

OSE_ONLY: Final = "ose_only"
"""The list of issuers who must send through an OSE."""
SUPERVISED: Final = "supervised"
"""The list of issuers in the emission system of supervised companies (SEE-Empresas supervisadas)."""
PERSONAL_INCOME: Final = "personal_income"
"""Taxpayers of personal income alone (first, second and fourth category), who issue no guides."""
NO_THIRD_CATEGORY: Final = "no_third_category"
"""Those who have no income of the third category, as SUNAT counts it: the Nuevo RUS among them."""
HAS_RUC: Final = "has_ruc"
"""Persons with a RUC of their own that is not struck off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What our own ledger knows of a voucher that another one refers to. ``total`` in the voucher's currency.

    ``perception`` is the code (51, 52 or 53 of catalogue 53) of the perception that it carries itself, if it does.
    """

    issue_date: date
    currency: str
    total: Decimal
    on_credit: bool
    perception: str = ""


class Ledger(Protocol):
    """The view of our own ledger that a few rules take; what it does not know is unknown, not absent."""

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> Known | None:
        """The voucher, or None when the ledger does not know it."""


class Purchases(Protocol):
    """What our own ledger knows of an issuer's purchases from people without a RUC."""

    def bought(self, identity_code: str, identity_number: str, since: date, until: date) -> Decimal:
        """Soles settled with a seller on the days from ``since`` to ``until``, both counted; others may know of more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a judgement needs besides the tree.

    ``received`` is the day (Lima) on which SUNAT gets or would get the voucher. ``file_name`` is the name of the XML
    file with its extension, None when there is no file yet; ``zip_name`` that of the zip it came in. ``sender_ruc`` is
    the RUC of whoever sends, where that is known. ``exchange_rate`` is PEN for one unit of the voucher's currency.
    ``establishments`` are the codes of the issuer's establishments, None when nobody has said which there are.
    ``in_force`` is the day whose rules are asked, where it is another than that of reception (a look ahead).
    ``boleta_days`` is how many days after its issue a boleta may still be sent by itself. ``channel`` is who receives
    ("sunat", "ose" or "pse"); ``issuer_lists`` are the lists of SUNAT on which the issuer is known to stand (see
    ``OSE_ONLY``, ``SUPERVISED``, ``PERSONAL_INCOME`` and ``NO_THIRD_CATEGORY``), empty where nobody knows;
    ``other_lists`` are those of the other party (``HAS_RUC``). ``purchases`` is what is known of earlier purchase
    settlements. ``outages`` are the parts of the receiving service that have said they are down ("reception",
    "sign-in").
    """

    received: date
    file_name: str | None = None
    zip_name: str | None = None
    sender_ruc: str | None = None
    raw: bytes | None = None
    ledger: Ledger | None = None
    exchange_rate: Decimal | None = None
    establishments: frozenset[str] | None = None
    in_force: date | None = None
    boleta_days: int = 5
    channel: str = "sunat"
    issuer_lists: frozenset[str] = frozenset()
    other_lists: frozenset[str] = frozenset()
    purchases: Purchases | None = None
    outages: frozenset[str] = frozenset()
