"""The office: tenants, numbers, storage, delivery and the HTTP contract around the law of ``sunat``.

===============  ====================================================================================
``factory``      a Flask application out of the rooms          ``cli`` the command line
``console``      pages for the people of an account
``evidence``     everything about one voucher in a file that proves itself
``doctor``       what is wrong with an installation or an account, and what to do
``keeping``      backups, putting them back, proving a series to SUNAT afterwards
``documents``    requests -> drafts -> vouchers; reading them  ``delivery`` telling SUNAT
``registry``     moving in with another system's files
``receiver``     the page where whoever received a voucher looks it up
``books``        the books of a month, SUNAT's register of sales, and the comparison with its list
``webhooks``     telling other systems what happened           ``mail``  vouchers sent to their receivers
``imprint``      a stored voucher's paper
``ledger``       the shared rows and their lifecycle
``series``       counters, the allocator, the contract's document types
``almanac``      exchange rates by day and SUNAT's registers, as published
``printing``     vouchers on paper, and the logos on them
``accounts``     issuers, branches, credentials, certificates, who asks
``idempotency``  a key's first answer, kept and given again
``wire``         what the contract says differently from SUNAT: ids, loose types, envelopes
``http``         what every answer has in common               ``problems`` the errors and their texts
``queue``        jobs on PostgreSQL, for workers on any number of machines
``db``           SQLite and PostgreSQL, one behaviour          ``migrations`` the tables' history
``config``       the settings                                  ``clock`` UTC instants, Lima dates
``deadline``     connections that end when their time is up
===============  ====================================================================================

Imports go down this list only; import-linter keeps it so.
"""
