"""The table of all modes by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sunat.sandbox.faults.constancias import CONSTANCIAS
from sunat.sandbox.faults.exceptions import EXCEPTIONS
from sunat.sandbox.faults.guides import GUIDE_FAULTS
from sunat.sandbox.faults.pages import PAGES
from sunat.sandbox.faults.registers import REGISTERS
from sunat.sandbox.faults.scene import Mode
from sunat.sandbox.faults.tickets import TICKETS
from sunat.sandbox.faults.wires import WIRES

MODES: Final[Mapping[str, Mode]] = MappingProxyType({
    mode.name: mode
    for family in (WIRES, PAGES, EXCEPTIONS, CONSTANCIAS, TICKETS, REGISTERS, GUIDE_FAULTS) for mode in family
})
"""In the order in which they are told."""
