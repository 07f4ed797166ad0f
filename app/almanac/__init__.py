"""The almanac: what others publish and a voucher is judged by, exchange rates by day and SUNAT's registers.

==================  ==========================================================================================
``rates``           exchange rates by day: keeping them, and the one that rules on a day
``rate_files``      rates from a file, ours or SUNAT's
``stops``           the kill switch of the reduced IGV rate
``standing``        what the registers in use say of a RUC
``register_files``  a register read line by line, ours or SUNAT's, packed or not
``loading``         a register taken in while vouchers go on being issued
==================  ==========================================================================================

It belongs to the installation, not to a tenant: these are public facts. Nothing here refuses a voucher; the rooms
above decide what a fact means. Sources: decision 18; SUNAT's published rates and registers (padrón reducido del RUC,
agentes de retención and de percepción).
"""

from __future__ import annotations

from app.almanac.views import register

__all__ = ["register"]
