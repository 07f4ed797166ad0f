"""Telling the authority: what is due is sent, and what comes back is settled with its evidence.

==============  ========================================================================
``backoff``     how long to wait before trying again
``outcomes``    what each answer means for the delivery: one table
``routes``      where an account's vouchers go, and as whom
``due``         which deliveries are due, in which order; which were left behind
``parcels``     what goes on its way in an attempt, and what came of it
``attempts``    one attempt: take it, send the stored bytes, settle
``settling``    evidence, status and delivery in one transaction, fenced by the attempt
``embedded``    the engine: a thread that makes an attempt at whatever is due
==============  ========================================================================

The delivery row is the truth; the engine holds nothing that is not in it. Sources: `domain/sunat_operations.md` 1.8
(what a code asks for) and 2.3 (what happens to the number).
"""
