"""What a voucher's answer says of mail: to whom it went, and beforehand which address it cannot go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.ledger.models import DocumentRecord
from app.mail.operations import mails_of
from app.problems import Item, Text
from app.wire.mailboxes import mailboxes

POINTER: Final = "/header/receiver_email"
_SHOWN: Final = 5


def mailed(session: Session, row: DocumentRecord) -> dict[str, Any]:
    """``mails`` of a voucher: its last ones, the newest first."""
    return {"mails": [
        {"to": mail.address, "state": mail.state, "sent_at": mail.sent_at.isoformat() if mail.sent_at else None}
        for mail in session.scalars(mails_of(row).limit(_SHOWN))
    ]}


def mail_remarks(account: AccountRecord, header: Mapping[str, Any]) -> list[Item]:
    """A remark where the account mails its vouchers and the address is none: for an address no sale is refused."""
    wrong = mailboxes(header.get("receiver_email") or "").bad if (account.mail or {}).get("enabled") else ()
    if not wrong:
        return []
    told = ", ".join(wrong)[:200]
    return [Item(
        code="CHQ-MAIL-ADDRESS", pointer=POINTER, severity="observation",
        message=Text(f"No se enviará por correo a: {told}", f"It will not be mailed to: {told}"),
        hint=Text(
            "Envíelo a otra dirección con POST /V1/documents/{id}/mails",
            "Send it to another address by POST /V1/documents/{id}/mails",
        ),
    )]
