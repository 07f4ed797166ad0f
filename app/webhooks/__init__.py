"""Webhooks: what happens to vouchers and certificates, told to the systems of whoever asked for it.

===============  ====================================================================================
``views``        subscriptions and their log over HTTP      ``operations``  the same for a program
``fanning``      events -> one notice for each subscription ``payloads``    what a notice says
``certifying``   a certificate's state, told when it changes
``courier``      which notices go now, and one attempt      ``posting``     one request, within limits
``targets``      addresses that nobody's webhook may reach  ``signatures``  who sent it, provably
``clearing``     what was told long ago, removed
===============  ====================================================================================

The events' rows are the outbox: whatever issues or settles a voucher writes one in its own commit and knows nothing of
webhooks. A notice is told at least once, under the same id however often, for three days.
Sources: contract v1, 2.6; the Standard Webhooks specification.
"""
