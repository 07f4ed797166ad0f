"""The doctor: looks at an installation and its accounts, changes nothing, and says what is wrong and what to do.

=============  ======================================================================================
``rows``       one check and what was seen: good, a warning, or bad, in Spanish and English
``machine``    the database, its revision, the disk, the master key, backups, the high-water file
``delivering``  who delivers, what waits, what was left behind, addresses left alone
``mailing``    whether the mail server takes what is to be mailed
``issuers``    an account: certificate, secrets, series, what is stopped, webhooks
``asking``     SUNAT: whether it answers, what its clock says, whether it takes the account's credentials
``examining``  all of it, side by side and within bounds of time
=============  ======================================================================================

Nothing is ever sent: credentials are tried with a query about a voucher that cannot exist, or with a token that is
asked for and not used. An issuer whose user SUNAT has refused is not tried, since trying on locks the user. No row
holds a secret, an address with one in it, or a path of the machine.
"""

from __future__ import annotations

from app.doctor.examining import Examination, examine
from app.doctor.rows import Row, State

__all__ = ["Examination", "Row", "State", "examine"]
