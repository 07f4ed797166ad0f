"""A SUNAT of our own: the pretend authority that demos and tests send to, and other people's clients may too.

It speaks billService as SUNAT's beta does, at beta's paths, and judges by the rules it is given. It is the one room
of the law that serves, so it is fenced off: nothing here is imported by the rooms beside it, and time and storage
come in as arguments.

=============  ==================================================================================
``ledger``     what this authority has on record: one row per voucher, in memory or in a file
``desk``       one voucher through all the checks, to a CDR or an exception
``envelope``   SOAP 1.1 in and out, with any prefix
``wsgi``       the HTTP face
``server``     a threading server for it from the standard library
=============  ==================================================================================
"""

from __future__ import annotations

from sunat.sandbox.desk import Judge, Remark, Submission
from sunat.sandbox.ledger import Entry, Ledger, State
from sunat.sandbox.server import serve
from sunat.sandbox.wsgi import Sandbox

__all__ = ["Entry", "Judge", "Ledger", "Remark", "Sandbox", "State", "Submission", "serve"]
