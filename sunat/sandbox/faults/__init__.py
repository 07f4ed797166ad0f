"""Misbehaviour on command: everything SUNAT's services have been seen to do wrong, each under a name.

=================  =======================================================================================
``scene``          what a mode is, and what it may do to the call it meets
``wires``          connections: resets, drips, half-closed, before the work and after it
``pages``          HTTP: proxies' pages, empty answers, throttles, clocks
``exceptions``     SOAP faults in every shape, true ones and false ones
``constancias``    CDRs: another's, broken, forged, or right in strange clothes
``tickets``        tickets: lost, wrong, unknown, never ready
``garbling``       how a CDR is taken apart and put together wrong
``registers``      queries that lag or forget, tokens that die
``modes``          the table of all of them
``plan``           which of them meets which call, by rules and a seed
``scenario``       rules out of a file, or out of the control API
=================  =======================================================================================

A mode of which ``works`` is true deals with the voucher before it spoils the answer, so that the ledger knows more
than the caller; one that is ``sound`` gives the right answer in an unusual form, which a client should understand.
"""

from __future__ import annotations

from sunat.sandbox.faults.modes import MODES
from sunat.sandbox.faults.plan import Plan, Rule, Strike
from sunat.sandbox.faults.scene import Mode, Scene

__all__ = ["MODES", "Mode", "Plan", "Rule", "Scene", "Strike"]
