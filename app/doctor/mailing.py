"""Mail to receivers: whether there is a server for those who want it, and whether it takes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.doctor.rows import Row, bad, ok, span, warn
from app.http import Office
from app.mail.door import Door
from app.mail.models import WAITING, MailRecord
from app.mail.noticing import wants_since
from app.mail.smtp import server_of
from app.problems import Text

_NAME: Final = "mail"


def rows(
    office: Office, session: Session, now: datetime, accounts: Sequence[AccountRecord] | None = None
) -> Iterator[Row]:
    """The row of mail, of all accounts or of these."""
    mine = true() if accounts is None else AccountRecord.id.in_([one.id for one in accounts])
    theirs = true() if accounts is None else MailRecord.account_id.in_([one.id for one in accounts])
    server = server_of(office.settings)
    wanting = sum(
        wants_since(wishes) is not None
        for wishes in session.scalars(select(AccountRecord.mail).where(AccountRecord.mail.is_not(None), mine))
    )
    if server is None:
        if wanting:
            yield warn(_NAME, Text(
                f"{wanting} cuentas quieren correo y no hay servidor",
                f"{wanting} accounts want mail, and there is no server",
            ), Text("Configure CHASQUI_SMTP_HOST", "Set CHASQUI_SMTP_HOST"))
        else:
            yield ok(_NAME, Text("Nadie lo usa", "Nobody uses it"))
        return
    shut = Door(office, server, lot=lambda least, _: least).shut(session)
    waiting = session.scalar(select(func.count()).where(MailRecord.state == WAITING, theirs)) or 0
    if shut is not None:
        since = span((now - shut.since).total_seconds())
        yield bad(_NAME, Text(
            f"El servidor no toma nada desde hace {since}; esperan {waiting} ({shut.stage}: {shut.text})",
            f"The server has taken nothing for {since}; {waiting} wait ({shut.stage}: {shut.text})",
        ), Text(
            "Corrija CHASQUI_SMTP_* y pruebe: chasqui mail test DIRECCION",
            "Mend CHASQUI_SMTP_* and try: chasqui mail test ADDRESS",
        ))
        return
    yield ok(_NAME, Text(f"{waiting} en espera", f"{waiting} waiting"))
