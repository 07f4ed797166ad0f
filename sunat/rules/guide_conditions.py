"""When the rows of the sender's guide (09) apply: by reason, by mode of transport, by what it declares.

Source: validation workbook of guides, 2022-10-20, sheet Guía remitente.
"""

from __future__ import annotations

from typing import Final

from sunat.documents.despatch import CARRIERS_OWN, SMALL_VEHICLE, WHOLE_DECLARATION
from sunat.rules.conditions import either, has, is_, is_not, no
from sunat.rules.despatch import says

CUSTOMS: Final = is_("reason", "08", "09")
INLAND: Final = is_not("reason", "08", "09")
PRIVATE: Final = is_("mode", "02")
PUBLIC: Final = is_("mode", "01")
SMALL: Final = says(SMALL_VEHICLE)
BIG: Final = no(SMALL)
HIRED: Final = PUBLIC & BIG
"""A carrier takes the goods."""
TELLS: Final = says(CARRIERS_OWN)
OWN_FLEET: Final = PRIVATE & BIG
CARRIER_TELLS: Final = PUBLIC & BIG & TELLS
CARRIER_KEEPS: Final = PUBLIC & BIG & no(TELLS)
"""The carrier's own guide will tell its vehicles and drivers; the sender's must not."""
DRIVEN: Final = either(OWN_FLEET, CARRIER_TELLS)
UNDRIVEN: Final = either(SMALL, CARRIER_KEEPS)
DETAILED: Final = no(says(WHOLE_DECLARATION))
PORT: Final = has("port/cbc:ID")
