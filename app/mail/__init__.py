"""Mail: vouchers sent to whoever received them, with paper, XML and CDR, once SUNAT holds them.

===============  =====================================================================================
``views``        ``/V1/documents/{id}/mails``: what was sent, and sending again
``operations``   the same for a program                       ``noticing``  accepted vouchers -> mails
``postman``      which mails go now, and what came of one     ``enclosing`` what goes into one, from the ledger
``letters``      the message itself                           ``smtp``      one message handed over, within limits
``door``         the whole installation stopped, by its server ``figures``  what operators watch
===============  =====================================================================================

The events' rows are the outbox: whatever settles a voucher writes one in its own commit and knows nothing of mail. A
mail is handed over at least once, always under the same Message-ID, and tried for a day. Nothing of it delays issuing
or delivery. Off unless the installation has a mail server (``CHASQUI_SMTP_HOST``) and the account wants it.
Sources: contract v1, 2.1 (``receiver_email``); RFC 5321, 5322, 2046, 3207, 4954.
"""
