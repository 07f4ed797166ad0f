"""A stored voucher on paper: its signed XML, the look of its series, and the marks that its state asks for.

What a paper says is read from the XML that was sent, never from the request. Nothing here touches the database after
`printable`, so that no connection is held while a paper is set.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.imprint.addresses import qr_stored, receiver_page
from app.ledger import store
from app.ledger.lifecycle import Status, VoidingState
from app.ledger.models import DocumentRecord, VoidingRecord
from app.printing import Brand, Mark, Printout, to_pdf
from app.printing.operations import picture_for
from app.printing.paper import DEFAULT_ACCENT
from app.printing.pictures import Picture
from app.problems import Conflict, Problem, Text
from app.series import branding
from app.series.models import SeriesRecord
from app.wire.formats import FORMATS, TEMPLATES
from sunat import xml
from sunat.errors import FormatError
from sunat.kinds import kind
from sunat.ubl.printed import printed_form

_VALIDITY: Final = "su validez en www.sunat.gob.pe, opción Consulta de validez del comprobante de pago electrónico"
_LIVE: Final = "live"
_PRETENDED: Final = Mark(text="SIN VALOR TRIBUTARIO", detail="Emitido en un entorno de pruebas")
_MARKS: Final = {
    str(Status.REJECTED): Mark(text="RECHAZADO", detail="SUNAT lo rechazó: no tiene validez"),
    str(Status.LAPSED): Mark(text="SIN VALIDEZ", detail="SUNAT no lo recibió dentro del plazo"),
}
_VOIDED: Final = "DADO DE BAJA"
_MASCULINE: Final = ("Comprobante", "Documento", "Recibo")
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printable:
    """A voucher ready to be set, and the format of those who ask for none."""

    printout: Printout
    size: str


def printable(session: Session, row: DocumentRecord, *, public_url: str) -> Printable | Problem:
    """What goes on a voucher's paper; the Problem where its XML has no printed form.

    ``public_url`` is how others reach us: the paper says where it may be looked up.
    """
    try:
        form = printed_form(xml.parse(store.edition_of(session, row).xml))
    except FormatError as error:
        return Conflict("NOT_PRINTABLE", Text(
            f"El XML no tiene lo que su representación impresa debe decir: {error}",
            f"The XML lacks what its printed representation must say: {error}",
        ))
    qr = qr_stored(session, row)
    if not qr:
        return Conflict("NOT_PRINTABLE", Text(
            "El QR de una guía es la dirección que da su constancia, que todavía no llegó",
            "A guide's QR code is the address that its CDR gives, which has not come yet",
        ))
    account = session.get_one(AccountRecord, row.account_id)
    look = branding.effective(
        session.get_one(SeriesRecord, row.series_id).branding, session.get_one(BranchRecord, row.branch_id), account,
    )
    logo = picture_for(session, account, look["logo"])
    title = kind(row.sunat_code).name
    return Printable(
        size=look["format"] or FORMATS[0],
        printout=Printout(
            form=form, title=title, number=f"{row.series}-{row.number:08d}",
            moment=datetime.combine(row.issue_date, row.issue_time), qr=qr, digest=row.digest,
            statement=_statement(title), consult=_consult(receiver_page(public_url, row.environment)),
            brand=brand_of(look, form.issuer.name, logo), marks=_marks(session, row),
        ),
    )


def printed(paper: Printable | Problem, size: str | None = None) -> bytes:
    """The PDF, in the format asked for or the issuer's own. Raises Problem where it cannot be made."""
    if isinstance(paper, Problem):
        raise paper
    return to_pdf(paper.printout, size or paper.size)


def encoded(paper: Printable | Problem) -> str | None:
    """The PDF in base64 as an answer about the voucher holds it; None where it cannot be made, which is logged."""
    try:
        return b64encode(printed(paper)).decode()
    except Problem as problem:
        _log.warning("printing.left_out", code=problem.code, reason=problem.text.en)
        return None


def _statement(title: str) -> str:
    article = "del" if title.startswith(_MASCULINE) else "de la"
    return f"Representación impresa {article} {title.lower()}"


def _consult(page: str) -> str:
    return f"Consulte este comprobante en {page} y {_VALIDITY}" if page else f"Consulte {_VALIDITY}"


def brand_of(look: dict[str, Any], name: str, logo: Picture | None) -> Brand:
    """The look of a paper out of an effective branding (`app.series.branding`); ``name`` is the issuer's own."""
    return Brand(
        name=look["trade_name"] or name, accent=look["accent_color"] or DEFAULT_ACCENT,
        footer=look["footer"] or "", template=look["template"] or TEMPLATES[0],
        logo=logo,
    )


def _marks(session: Session, row: DocumentRecord) -> tuple[Mark, ...]:
    found = [] if row.environment == _LIVE else [_PRETENDED]
    if row.status in _MARKS:
        found.append(_MARKS[row.status])
    if row.status == str(Status.VOIDED):
        reason = session.scalar(
            select(VoidingRecord.reason)
            .where(VoidingRecord.document_id == row.id, VoidingRecord.state != str(VoidingState.REFUSED))
            .order_by(VoidingRecord.id.desc()).limit(1)
        )
        found.append(Mark(text=_VOIDED, detail=f"Motivo: {reason}" if reason else ""))
    return tuple(reversed(found))
