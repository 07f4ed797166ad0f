"""What was mailed of a voucher, and having it mailed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.ledger.models import DocumentRecord
from app.mail.enclosing import SENDABLE
from app.mail.models import MailAttemptRecord, MailRecord
from app.mail.noticing import mail_for
from app.mail.postman import domain_of
from app.mail.schemas import mail_body
from app.mail.smtp import Server
from app.problems import Conflict, Refused, Text, TooMany
from app.wire.mailboxes import mailboxes

MOST: Final = 20
"""Mails that may be asked for of one voucher in a day: we are nobody's open relay."""

_DAY: Final = timedelta(days=1)


def mails_of(row: DocumentRecord) -> Select[MailRecord]:
    """The mails of a voucher, the newest first."""
    return select(MailRecord).where(MailRecord.document_id == row.id).order_by(MailRecord.id.desc())


def logged(session: Session, mails: Select[MailRecord]) -> list[dict[str, Any]]:
    """Mails as they are shown, each with its attempts."""
    found = session.scalars(mails).all()
    attempts: dict[int, list[MailAttemptRecord]] = {one.id: [] for one in found}
    for attempt in session.scalars(
        select(MailAttemptRecord).where(MailAttemptRecord.mail_id.in_(attempts)).order_by(MailAttemptRecord.id)
    ):
        attempts[attempt.mail_id].append(attempt)
    return [mail_body(one, attempts[one.id]) for one in found]


def send_again(
    session: Session, server: Server | None, row: DocumentRecord, to: str | None, *, now: datetime, actor: str,
) -> Sequence[MailRecord]:
    """Mails of a voucher to the addresses given, else to its receiver's, in line from now on.

    Raises Conflict where this installation has no mail server, or SUNAT has not accepted the voucher; Refused for what
    is no address, or none; TooMany.
    """
    if server is None:
        raise Conflict("MAIL_OFF", Text(
            "Esta instalación no tiene servidor de correo", "This installation has no mail server"
        ), hint=Text("Quien la opera lo configura con CHASQUI_SMTP_HOST", "Its operator sets CHASQUI_SMTP_HOST"))
    if row.status not in SENDABLE:
        raise Conflict("NOT_ACCEPTED", Text(
            f"{row.full_number} no está aceptado por SUNAT ({row.status})",
            f"{row.full_number} is not accepted by SUNAT ({row.status})",
        ), hint=Text("Espere su aceptación", "Wait until it is accepted"))
    found = mailboxes(to if to is not None else str(row.request.get("header", {}).get("receiver_email") or ""))
    if found.bad or not found.good:
        wrong = ", ".join(found.bad)[:200]
        raise Refused("MAIL_ADDRESS", Text(
            f"No es una dirección de correo: {wrong}" if wrong else "El comprobante no tiene receiver_email",
            f"Not a mail address: {wrong}" if wrong else "The voucher has no receiver_email",
        ), pointer="/to", hint=Text(
            "Indique en to una dirección, o hasta cinco separadas por comas",
            "Give one address in to, or up to five with commas between",
        ))
    lately = session.scalar(
        select(func.count()).where(MailRecord.document_id == row.id, MailRecord.created_at > now - _DAY)
    ) or 0
    if lately + len(found.good) > MOST:
        raise TooMany(retry_after=3600)
    mails = [mail_for(row, each, domain_of(server), now=now, actor=actor) for each in found.good]
    session.add_all(mails)
    session.flush()
    return mails
