"""Dated rates, and the amounts of a sale by one canonical method in exact decimals.

``tributes`` and ``rates`` are the tables, ``amounts`` the shapes that go in and come out. ``lines`` works out a line
(``changes`` its discounts, ``excises`` its ISC and what comes on top), ``balancing`` moves céntimos where many lines
round the same way, ``whole`` adds the voucher up with its discounts (``moves``), charges and advances, ``folding`` puts
into a note's lines what a note has no place for. ``reckoning`` does all of it in order; ``settling`` takes off what
the buyer of a purchase settlement keeps back. ``explaining`` tells every total step by step, ``comparing`` holds the
caller's amounts against ours and ``causes`` looks for what made them differ; ``pending`` is what is left to collect.
Nothing is ever rounded twice.

SUNAT's validator allows one unit of currency on most sums (rules 3103, 3271, 3278, 3279, 3291, 3294); that tolerance
is never used to hide a céntimo of ours. Amounts are in the voucher's currency.
Sources: TUO of the IGV law (DS 055-99-EF) art. 14 and 17, catalogues 05, 07, 08 and 53.
"""

from __future__ import annotations

from sunat.taxes.amounts import (
    Adjustment,
    AdvanceInput,
    AllowanceCharge,
    Cause,
    Excise,
    LineAmounts,
    LineInput,
    Mismatch,
    PriceMode,
    Tax,
    Totals,
)
from sunat.taxes.balancing import balance
from sunat.taxes.causes import likely_cause
from sunat.taxes.comparing import compare, compare_lines
from sunat.taxes.explaining import Explained, Step, as_data, explain
from sunat.taxes.folding import Folded, fold_adjustments
from sunat.taxes.lines import compute_line
from sunat.taxes.pending import in_currency, in_soles, net_pending
from sunat.taxes.rates import RATES, Rate, bag_tax, general_rate, rates_in_force, rates_so_far, reduced_percents
from sunat.taxes.reckoning import Reckoning, reckon
from sunat.taxes.settling import settle
from sunat.taxes.tributes import (
    AFFECTATIONS,
    BAGS,
    EXEMPT,
    EXPORT,
    FREE,
    IGV,
    INCOME_TAX,
    ISC,
    IVAP,
    LINE_CHARGE,
    LINE_CHARGE_APART,
    LINE_DISCOUNT,
    LINE_DISCOUNT_APART,
    OTHER,
    PAID,
    UNAFFECTED,
    Affectation,
)
from sunat.taxes.whole import TOLERANCE, compute_totals

__all__ = [
    "AFFECTATIONS", "BAGS", "EXEMPT", "EXPORT", "FREE", "IGV", "INCOME_TAX", "ISC", "IVAP", "LINE_CHARGE",
    "LINE_CHARGE_APART", "LINE_DISCOUNT", "LINE_DISCOUNT_APART", "OTHER", "PAID", "RATES", "TOLERANCE", "UNAFFECTED",
    "Adjustment", "AdvanceInput", "Affectation", "AllowanceCharge", "Cause", "Excise", "Explained", "Folded",
    "LineAmounts", "LineInput", "Mismatch", "PriceMode", "Rate", "Reckoning", "Step", "Tax", "Totals", "as_data",
    "bag_tax", "balance", "compare", "compare_lines", "compute_line", "compute_totals", "explain", "fold_adjustments",
    "general_rate", "in_currency", "in_soles", "likely_cause", "net_pending", "rates_in_force", "rates_so_far",
    "reckon", "reduced_percents", "settle",
]
