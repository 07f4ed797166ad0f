"""A SUNAT of our own: the pretend authority that demos and tests send to, and other people's clients may too.

It speaks billService, the CDR query, the validity query and the integrated query by REST at SUNAT's own paths (so
that a client changes only the host), judges by the rules it is given, and misbehaves on command. It is the one room
of the law that serves, so it is fenced off: nothing here is imported by the rooms beside it, and time and storage
come in as arguments.

================  ===================================================================================
``exchange``      a call, what it asks, what becomes of it: free of sockets
``front``         `Sandbox`: one call in, one outcome out
``counters``      which service lies at which path, what a call there asks and gets
``desk``          one voucher through all the checks, to a CDR or an exception
``summaries``     many vouchers in one file (RC, RA, RR), and their tickets
``queries``       what may be asked about vouchers on record
``integrated``    the query by REST, and its tokens
``guides``        the guides' REST service: tokens, zips in, tickets out; ``guide_counters`` its paths
``dialects``      SUNAT's beta, SUNAT's production, an OSE
``envelope``      SOAP 1.1 in and out, with any prefix
``wsdl``          the contracts, for whoever asks ``?wsdl``
``ledger``        what this authority has on record, and the journal of calls; in memory or in a file
``faults``        everything that can go wrong, under names, and the plan of what will
``control``       the control API under ``/_sandbox``
``line``          a caller's line without sockets, for campaigns in virtual time
``server``        a threading server for it from the standard library
================  ===================================================================================

=====================================================  =====================================================
``/ol-ti-itcpfegem-beta/billService``                  billService, answers of beta
``/ol-ti-itcpfegem/billService``                       billService, answers of production
``/ol-ti-itemision-otroscpe-gem-beta/billService``     the same for certificates (20, 40), answers of beta
``/ol-ti-itemision-otroscpe-gem/billService``          the same, answers of production
``/ol-ti-itcpe/billService``                           the same and getStatusCdr, answers of an OSE
``/ol-it-wsconscpegem/billConsultService``             getStatus, getStatusCdr
``/ol-it-wsconsvalidcpe/billValidService``             validaCDPcriterios, verificaCPEarchivo
``/v1/clientesextranet/{id}/oauth2/token/``            token of the integrated query
``/v1/contribuyente/contribuyentes/{ruc}/validarcomprobante``  integrated query
``/v1/clientessol/{id}/oauth2/token/``                 token of the guides
``/v1/contribuyente/gem/comprobantes/{name}``          sending a guide; ``/envios/{ticket}`` (GET) asks about it
=====================================================  =====================================================

Without sockets, on a clock of the caller's::

    plan = Plan([Rule(modes=("work-then-reset",), times_each=1)], seed=7)
    sandbox = Sandbox(Ledger(), now=clock.now, judge=by_the_rules, authority=certificate, plan=plan)
    line = Line(sandbox, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    line.post(address, body, headers, connect_timeout=10, total_timeout=60, max_bytes=8 << 20)

``Line.post`` is `sunat.transport.connection.post` in signature, results and errors. ``sandbox.answer(Call(...))``
gives the raw `Outcome` (status, headers, body, and what the wire does). ``plan.clear()`` ends all faults;
``sandbox.catch_up()`` does what is still under way; ``ledger.receptions()`` is every call with its bytes' hash.
"""

from __future__ import annotations

from sunat.sandbox.desk import Judge, Remark, Submission
from sunat.sandbox.exchange import Asked, Call, Operation, Outcome, Wire
from sunat.sandbox.faults import MODES, Mode, Plan, Rule
from sunat.sandbox.front import Sandbox
from sunat.sandbox.ledger import Entry, Ledger, Reception, State
from sunat.sandbox.line import Line
from sunat.sandbox.server import serve

__all__ = [
    "MODES",
    "Asked",
    "Call",
    "Entry",
    "Judge",
    "Ledger",
    "Line",
    "Mode",
    "Operation",
    "Outcome",
    "Plan",
    "Reception",
    "Remark",
    "Rule",
    "Sandbox",
    "State",
    "Submission",
    "Wire",
    "serve",
]
