"""The way of an account's vouchers to SUNAT: itself, by an OSE, or by a PSE; and what it was before.

SUNAT and each OSE keep a register of their own. What was sent to one of them and not settled has to be asked about
there, with the user of those days, though the account has gone over to another since: so a change of register keeps
the former one with its credentials. Sunat and PSE are the same register. Source: `domain/sunat_operations.md` 1.2, 1.9.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, FormerChannelRecord
from app.problems import Refused, Text
from sunat.errors import FormatError
from sunat.transport import check_address

SETTLING: Final = timedelta(minutes=15)
"""How long what was never sent waits, after a change, for the first answers about what was open before it."""

_COLUMNS: Final = ("channel", "ose_url", "pse_ruc", "sol_user", "sol_password_sealed")
_PE: Final = "/additional/pe_account"


def register_of(row: AccountRecord | FormerChannelRecord) -> str:
    """The register that vouchers go to: ``sunat``, or an OSE's by its address (empty: the sandbox's own)."""
    return f"ose {row.ose_url}" if row.channel == "ose" else "sunat"


def as_it_was(account: AccountRecord, former: FormerChannelRecord) -> AccountRecord:
    """The account with the channel and the credentials of those days; a copy that belongs to no session."""
    values = {column.key: getattr(account, column.key) for column in inspect(AccountRecord).column_attrs}
    return AccountRecord(**{**values, **{name: getattr(former, name) for name in _COLUMNS}})


def snapshot(account: AccountRecord) -> FormerChannelRecord:
    """The channel as it is, to be kept if it changes."""
    return FormerChannelRecord(
        account_id=account.id, version=account.channel_version, **{name: getattr(account, name) for name in _COLUMNS}
    )


def changed_channel(session: Session, account: AccountRecord, former: FormerChannelRecord, now: datetime) -> bool:
    """Keeps the former channel where the account goes to another register by now; says whether it does."""
    if register_of(account) == register_of(former):
        return False
    former.until = now
    session.add(former)
    account.channel_version += 1
    account.channel_settles_at = now + SETTLING
    return True


def check_channel(account: AccountRecord) -> None:
    """Refuses a channel that lacks what it takes, or an address that this environment may not call. Raises Refused."""
    if account.channel == "pse" and not account.pse_ruc:
        raise Refused("CHQ-CHANNEL", Text(
            "El canal pse necesita el RUC del PSE (pse_tax_id_code)",
            "Channel pse needs the PSE's RUC (pse_tax_id_code)",
        ), pointer=f"{_PE}/pse_tax_id_code")
    if account.channel != "ose":
        return
    if not account.ose_url:
        if account.environment == "sandbox":
            return  # the sandbox is an OSE too
        raise Refused("CHQ-CHANNEL", Text(
            "El canal ose necesita la dirección del servicio del OSE (ose_url)",
            "Channel ose needs the address of the OSE's service (ose_url)",
        ), pointer=f"{_PE}/ose_url")
    try:
        check_address(account.environment, account.ose_url)
    except FormatError as error:
        raise Refused("CHQ-CHANNEL", Text(
            f"Una cuenta de {account.environment} no puede enviar a {account.ose_url}",
            f"An account of {account.environment} may not send to {account.ose_url}",
        ), pointer=f"{_PE}/ose_url") from error
