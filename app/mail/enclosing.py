"""What goes into a mail, out of the ledger: the voucher's paper, its signed XML, its CDR, and what is said of it.

Nothing is written, and no connection is held while the paper is set. What is not there yet (a CDR still to be
fetched, and with it a guide's QR code; a press that is busy) is waited for, `PATIENCE` at most: then the mail goes
without it and says what it holds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.http import Office
from app.imprint.addresses import receiver_page
from app.imprint.papers import Printable, printable, printed
from app.ledger import store, summaries
from app.ledger.lifecycle import Status
from app.ledger.models import DocumentRecord
from app.mail.letters import PRETENDED, Enclosure, Letter
from app.mail.models import MailRecord
from app.mail.smtp import Server
from app.problems import Problem
from sunat.kinds import kind
from sunat.money import from_cents
from sunat.transport.zipping import unpack_cdr
from sunat.ubl.printed.words import money

PATIENCE: Final = timedelta(hours=1)
"""How long a mail waits for what belongs into it and is not there."""

SENDABLE: Final = (str(Status.ACCEPTED), str(Status.OBSERVED), str(Status.VOIDED))
"""What a voucher must be to be sent: of those SUNAT holds a CDR."""

_BY_ITSELF: Final = SENDABLE[:2]
_LIVE: Final = "live"
_STANDS: Final = {
    "accepted": "Aceptado por SUNAT", "observed": "Aceptado por SUNAT", "voided": "Dado de baja ante SUNAT",
}


class NotYet(Exception):
    """Something that belongs into the mail is not there yet; says what."""


class NoMore(Exception):
    """There is nothing to send any more; says why."""


def letter_for(office: Office, server: Server, mail_id: int) -> Letter:
    """The letter of a mail, as the voucher stands now. Raises NotYet, and NoMore for one that must not go."""
    now = office.clock.now()
    with office.database.read() as session:
        mail = session.get_one(MailRecord, mail_id)
        row = session.get_one(DocumentRecord, mail.document_id)
        account = session.get_one(AccountRecord, row.account_id)
        if row.status not in (_BY_ITSELF if mail.event_id is not None else SENDABLE):
            raise NoMore(f"El comprobante está {row.status} / the voucher is {row.status}")
        waits = now < mail.created_at + PATIENCE
        xml = store.edition_of(session, row).xml
        cdr = _cdr(session, row)
        paper = printable(session, row, public_url=office.settings.public_url)
        session.expunge_all()
    if waits and cdr is None:
        raise NotYet("the CDR has not come yet")
    enclosures = [Enclosure(name=f"{row.file_name}.xml", subtype="xml", content=xml), *([cdr] if cdr else [])]
    content = _set(paper, waits=waits)
    if content is not None:
        enclosures.insert(0, Enclosure(name=f"{row.file_name}.pdf", subtype="pdf", content=content))
    return _letter(office, server, mail, row, account, enclosures)


def _cdr(session: Session, row: DocumentRecord) -> Enclosure | None:
    found = summaries.cdr_about(session, row)
    if found is None:
        return None
    return Enclosure(name=f"R-{found.about}.xml", subtype="xml", content=unpack_cdr(found.content, found.about))


def _set(paper: Printable | Problem, *, waits: bool) -> bytes | None:
    """The PDF; None where it cannot be made and was waited for long enough."""
    try:
        return printed(paper)
    except Problem as problem:
        if waits:
            raise NotYet(problem.text.en) from problem
        return None


def _letter(
    office: Office, server: Server, mail: MailRecord, row: DocumentRecord, account: AccountRecord,
    enclosures: list[Enclosure],
) -> Letter:
    wishes = account.mail or {}
    name, title, number = account.trade_name or account.legal_name, kind(row.sunat_code).name, row.full_number
    total = money(from_cents(row.total), row.currency) if row.total else ""
    subject = wishes.get("subject") or "{tipo} {numero} de {emisor}"
    said = {
        "{tipo}": title, "{numero}": number, "{emisor}": name, "{fecha}": f"{row.issue_date:%d/%m/%Y}",
        "{total}": total,
    }
    for mark, value in said.items():
        subject = subject.replace(mark, value)
    facts = {
        "Emisor": f"{account.legal_name}, RUC {row.ruc}", "Comprobante": f"{title} {number}",
        "Fecha de emisión": said["{fecha}"], "Total": total, "Estado": _STANDS[row.status],
        "Adjuntos": ", ".join(each.name for each in enclosures),
    }
    paragraphs = [f"{account.legal_name} le envía su {title.lower()} {number}."]
    if row.environment != _LIVE:
        subject = PRETENDED + subject
        paragraphs.append("ES UNA PRUEBA: se emitió en un entorno de pruebas y no tiene valor tributario.")
    return Letter(
        sender=server.sender, name=name, recipient=mail.address, reply_to=wishes.get("reply_to") or "",
        subject=subject, message_id=mail.message_id, moment=mail.created_at, paragraphs=paragraphs,
        facts={name: value for name, value in facts.items() if value},
        link=receiver_page(office.settings.public_url, row.environment), footer=wishes.get("footer") or "",
        enclosures=enclosures,
    )
