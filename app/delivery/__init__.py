"""Telling the authority: what is due is sent, and what comes back is settled with its evidence.

==============  ========================================================================
``protocol``    what is known of a voucher at the authority: phases, signs, moves (a diagram)
``outcomes``    what each class of answers means for the delivery: tables
``backoff``     how long to wait before trying again
``breakers``    addresses that are left alone for a while
``holds``       issuers whose sending is stopped
``routes``      where vouchers go, who is asked about them, and as whom
``due``         which deliveries are due, in which order; which were left behind
``dispatch``    which of them go now: what every engine shares
``parcels``     what goes on its way in an attempt, and what came of it
``attempts``    one attempt: take it, send or ask, settle
``guides``      despatch guides, by their REST service
``sending``     the stored bytes to the authority      ``asking``  what the authority holds
``matching``    whether a CDR is of the very voucher we sent
``settling``    evidence, attempt and consequences in one transaction, fenced by the attempt
``consequences``  phase, state, next try, holds         ``verdicts``  the legal status, and its event
``loading``     what an attempt needs, read as it is taken   ``subjects``  a voucher or a summary, to settle
``polling``     how far a ticket is                     ``summarising``  summaries to the authority
``gathering``   boletas and wishes to void, put into summaries
``deadlines``   alarms, and the end of what never reached SUNAT
``handling``    what a person may do: retry, reconcile, hold, release        ``overview``  the queue as it stands
``views``       their addresses
``rounds``      what engines do besides: frees what was left behind, alarms
``embedded``    the engine on SQLite: a thread of the serving process     ``worker`` the one on PostgreSQL
==============  ========================================================================

The delivery row is the truth; the engines hold nothing that is not in it. Sources: `domain/sunat_operations.md` 1.8
(what a code asks for), 1.9 (the lost answer) and 2.3 (what happens to the number).
"""
