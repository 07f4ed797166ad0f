"""The desk for files about many vouchers: RC, RA and RR are taken now, looked at as a whole, and told by a ticket.

One bad line and all of it is rejected; nothing of a rejected file is registered, and it may be sent again under its
id. Sources: programmer's manual of the SEE 4.1; sheets Resumen diario, Comunicación de baja and Resumen de reversiones
of the workbook of 2026-02-12, with the checks against SUNAT's own lists (2282, 2663, 2987, 2105, 2323, 2375 ...).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

from sunat import xml
from sunat.cdr import FIRST_OBSERVATION, LIMA
from sunat.documents.summary import ADD, VOID
from sunat.errors import FormatError, PackagingError, XmlError
from sunat.kinds import SUMMARIES, SummaryForm, summary_form
from sunat.numbering import SummaryId, VoucherId, parse_file_name, parse_number
from sunat.sandbox.desk import Desk, Remark, Submission, broken_signature, refusal
from sunat.sandbox.dialects import BETA, Dialect
from sunat.sandbox.ledger import Entry, State, SummaryEntry
from sunat.transport.tickets import DONE, FAILED, IN_PROCESS
from sunat.transport.zipping import pack_cdr, unpack

ACCEPTED: Final = {
    "RC": "El Resumen diario {}, ha sido aceptado", "RA": "La Comunicacion de baja {}, ha sido aceptada",
    "RR": "El Resumen de reversion {}, ha sido aceptado",
}
_TEXTS: Final = {
    "2105": "El comprobante de la baja no está registrado",
    "2282": "El comprobante ya se informó antes",
    "2323": "El comprobante ya está en otra comunicación de baja",
    "2375": "La fecha de emisión del comprobante no es la de la comunicación",
    "2398": "El comprobante de la baja está rechazado",
    "2663": "El comprobante no existe: no se puede modificar ni anular",
    "2750": "El comprobante por revertir no existe",
    "2751": "El comprobante ya está revertido",
    "2989": "El comprobante que la nota modifica no está informado",
    "2990": "El comprobante que la nota modifica está anulado o rechazado",
    "2987": "El comprobante ya se informó y está anulado o rechazado",
}
TAKEN: Final = frozenset(form.code for form in SUMMARIES)
"""Every kind of summary that some service takes."""

_SAC: Final = "sac:SummaryDocumentsLine"
_VOIDED: Final = "sac:VoidedDocumentsLine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line as far as the register is concerned."""

    place: int
    voucher: VoucherId
    condition: str
    entry: Entry
    target: VoucherId | None = None


class SummaryDesk:
    """Takes summaries for the ledger of a desk. A ticket says "in process" until ``takes_seconds`` have passed."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime], takes_seconds: float = 0) -> None:
        self._desk = desk
        self._now = now
        self._takes = timedelta(seconds=takes_seconds)
        self._one_at_a_time = threading.Lock()

    def take(
        self, caller_ruc: str, file_name: str, zipped: bytes, *, dialect: Dialect = BETA, at: datetime | None = None,
        takes: Collection[str] = TAKEN,
    ) -> str:
        """The ticket for a file. Raises Fault for what is not even looked at: names, zips, what was sent before."""
        received_at = (at or self._now()).astimezone(LIMA)
        identity = _named(file_name, takes)
        form = summary_form(identity.kind)
        if not self._desk.may_speak_for(caller_ruc, identity.ruc):
            raise refusal("0154")
        try:
            content = unpack(zipped, file_name)
        except PackagingError as error:
            raise refusal(error.code or "0156") from error
        root = _read(content, form)
        broken = broken_signature(content)
        with self._one_at_a_time:
            self._refuse_known(identity, form)
            submission = Submission(
                voucher=identity, file_name=file_name[:-4], content=content, root=root, received_at=received_at
            )
            return self._looked_at(submission, identity, form, broken, dialect)

    def status(self, caller_ruc: str, ticket: str, at: datetime) -> tuple[str, bytes | None]:
        """The state of a ticket and, once it is there, the CDR's zip. Raises Fault 0127 for no ticket of the caller's.
        """
        entry = self._desk.ledger.summary_by_ticket(ticket.strip())
        if entry is None or not self._desk.may_speak_for(caller_ruc, entry.summary.ruc):
            raise refusal("0127", f"ticket: {ticket.strip()[:40]}")
        if at < entry.ready_at:
            return IN_PROCESS, None
        return (DONE if entry.state is State.ACCEPTED else FAILED), entry.cdr

    def _refuse_known(self, identity: SummaryId, form: SummaryForm) -> None:
        known = self._desk.ledger.summary(identity)
        if known is None:
            return
        if self._now() < known.ready_at:
            raise refusal("0402")
        if known.state is State.ACCEPTED:
            raise refusal(form.repeated)

    def _looked_at(
        self, submission: Submission, identity: SummaryId, form: SummaryForm, broken: Remark | None, dialect: Dialect
    ) -> str:
        """Judges a file as a whole and puts it on record, with what it does to the vouchers in it."""
        received_at = submission.received_at
        remarks = [broken] if broken else self._desk.judged(submission)
        severe = next((one for one in remarks if one.severe and int(one.code) < FIRST_OBSERVATION), None)
        told: list[Told] = []
        if severe is None:
            told = list(_lines(submission.root, identity, received_at, hashlib.sha256(submission.content).hexdigest()))
            severe = next(self._against_register(told, identity), None)
        ledger, accepted = self._desk.ledger, severe is None
        ticket = ledger.next_ticket()
        cdr = pack_cdr(submission.file_name, self._desk.write_summary_cdr(
            identity, dialect=dialect, received_at=received_at, sha256=hashlib.sha256(submission.content).hexdigest(),
            code="0" if severe is None else severe.code,
            description=ACCEPTED[form.code].format(identity.text) if severe is None else severe.text,
            observations=[(one.code, one.text) for one in remarks if one is not severe] if accepted else (),
        ))
        ledger.add_summary(
            SummaryEntry(
                summary=identity, state=State.ACCEPTED if accepted else State.REJECTED, ticket=ticket, cdr=cdr,
                sha256=hashlib.sha256(submission.content).hexdigest(), received_at=received_at,
                ready_at=received_at + self._takes,
            ),
            added=[one.entry for one in told if one.condition == ADD] if accepted else (),
            voided=[one.voucher for one in told if one.condition == VOID] if accepted else (),
        )
        return ticket

    def _against_register(self, told: list[Told], identity: SummaryId) -> Iterator[Remark]:
        added: set[VoucherId] = set()
        for one in told:
            known = self._desk.ledger.get(one.voucher)
            code = _CHECKS[identity.kind](one, known) or self._against_target(one, added)
            if one.condition == ADD:
                added.add(one.voucher)
            if code:
                yield Remark(code=code, text=f"{_TEXTS[code]} (línea {one.place}: {one.voucher.text})", severe=True)


    def _against_target(self, one: Told, added: set[VoucherId]) -> str:
        """What a note changes has to be there, or in the lines before."""
        if one.target is None or one.condition == VOID or one.target in added:
            return ""
        known = self._desk.ledger.get(one.target)
        if known is None:
            return "2989"
        return "" if known.state is State.ACCEPTED else "2990"


def _of_boletas(one: Told, known: Entry | None) -> str:
    if known is None:
        return "" if one.condition == ADD else "2663"
    if known.state is not State.ACCEPTED:
        return "2987"
    return "2282" if one.condition == ADD else ""


def _of_voided(one: Told, known: Entry | None) -> str:
    if known is None:
        return "2105"
    if known.issue_date is not None and known.issue_date != one.entry.issue_date:
        return "2375"
    return {State.REJECTED: "2398", State.VOIDED: "2323"}.get(known.state, "")


def _of_reversed(one: Told, known: Entry | None) -> str:
    if known is None:
        return "2750"
    rejected = _REJECTED.get(one.voucher.type_code, "2750")
    return {State.REJECTED: rejected, State.VOIDED: "2751"}.get(known.state, "")


_REJECTED: Final = {"04": "2398"}
"""What a rejected voucher is told by, where it is on record at all."""

_CHECKS: Final = {"RC": _of_boletas, "RA": _of_voided, "RR": _of_reversed}


def _lines(root: xml.Element, identity: SummaryId, received_at: datetime, sha256: str) -> Iterator[Told]:
    """The lines of a file that the rules have found sound."""
    referred = _day(xml.text(root, "cbc:ReferenceDate"))
    elements = xml.find_all(root, _SAC) or xml.find_all(root, _VOIDED)
    for place, line in enumerate(elements, start=1):
        voids = line.tag == f"{{{xml.SAC}}}VoidedDocumentsLine"
        number = (
            f"{_text(line, 'sac:DocumentSerialID')}-{_text(line, 'sac:DocumentNumberID')}" if voids
            else _text(line, "cbc:ID")
        )
        series, digits = parse_number(number)
        voucher = VoucherId(
            ruc=identity.ruc, type_code=_text(line, "cbc:DocumentTypeCode"), series=series, number=digits
        )
        customer = _text(line, "cac:AccountingCustomerParty/cbc:CustomerAssignedAccountID")
        code = _text(line, "cac:AccountingCustomerParty/cbc:AdditionalAccountID")
        yield Told(
            place=place, voucher=voucher, condition=VOID if voids else _text(line, "cac:Status/cbc:ConditionCode"),
            entry=Entry(
                voucher=voucher, state=State.ACCEPTED, sha256=sha256, received_at=received_at, issue_date=referred,
                total=_amount(_text(line, "sac:TotalAmount")), customer=f"{code}-{customer}" if customer else "",
            ), target=_target(line, identity.ruc),
        )


def _target(line: xml.Element, ruc: str) -> VoucherId | None:
    """The boleta that a note changes; a machine's ticket is in no register."""
    document = "cac:BillingReference/cac:InvoiceDocumentReference"
    try:
        series, number = parse_number(_text(line, f"{document}/cbc:ID"))
        return VoucherId(
            ruc=ruc, type_code=_text(line, f"{document}/cbc:DocumentTypeCode"), series=series, number=number
        ) if series.startswith("B") else None
    except FormatError:
        return None


def _named(file_name: str, takes: Collection[str]) -> SummaryId:
    try:
        identity = parse_file_name(file_name)
    except FormatError as error:
        raise refusal("0151") from error
    if not isinstance(identity, SummaryId) or identity.kind not in takes or not file_name.endswith((".zip", ".ZIP")):
        raise refusal("0151")
    return identity


def _read(content: bytes, form: SummaryForm) -> xml.Element:
    try:
        root = xml.parse(xml.canonical(xml.parse(content)))
    except XmlError as error:
        raise refusal("0306") from error
    if root.tag != f"{{{form.namespace}}}{form.root}":
        raise refusal("0306")
    return root


def _text(element: xml.Element, path: str) -> str:
    return (xml.text(element, path) or "").strip()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
