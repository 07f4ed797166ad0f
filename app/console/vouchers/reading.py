"""Everything that the page of one voucher shows, read at once: rows, advice, timeline, links, and who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import BranchRecord
from app.accounts.people_models import PersonRecord
from app.console.vouchers.advising import Advice, advice_of
from app.console.vouchers.codes import meaning
from app.console.vouchers.standing import Standing, standing_of
from app.console.vouchers.timeline import Moment, timeline
from app.ledger import store, summaries
from app.ledger.lifecycle import VoidingState
from app.ledger.models import DeliveryRecord, DocumentRecord, VoidingRecord
from app.problems import NO_TEXT, NotFound, Text

MOST_LINES: Final = 100
"""Lines shown; the paper has them all."""

_ACTORS: Final[Mapping[str, Text]] = {
    "key": Text("clave {id}", "key {id}"), "user": Text("usuario {id} de la API", "API user {id}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something said of a voucher that stands all the same: by SUNAT, or by us; ``means`` and ``mend`` may be empty."""

    code: str
    said: str
    ours: Text
    means: Text = NO_TEXT
    mend: Text = NO_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another voucher that this one has to do with."""

    name: Text
    document_id: int | None
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A voucher for its page. ``people`` gives actors their names."""

    document: DocumentRecord
    delivery: DeliveryRecord
    voiding: VoidingRecord | None
    standing: Standing
    advice: Advice
    branch: str
    moments: Sequence[Moment]
    remarks: Sequence[Remark]
    links: Sequence[Link]
    lines: Sequence[Mapping[str, Any]]
    people: Mapping[str, Text]
    has_cdr: bool

    @property
    def settled(self) -> bool:
        """Whether nothing is under way, so that the page need not be kept fresh."""
        return self.delivery.state in ("done", "held") and not self.voiding_under_way

    @property
    def voiding_under_way(self) -> bool:
        """Whether SUNAT is still to answer for its voiding."""
        return self.voiding is not None and self.voiding.state not in (VoidingState.ACCEPTED, VoidingState.REFUSED)


def own(session: Session, account_id: int, document_id: int, branch_id: int | None) -> DocumentRecord:
    """A voucher of the account, and of the branch that is looked at. Raises NotFound for any other."""
    row = store.document_of(session, account_id, document_id)
    if branch_id not in (None, row.branch_id):
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return row


def shown(
    session: Session, account_id: int, document_id: int, *, branch_id: int | None, today: date
) -> Shown:
    """A voucher as its page shows it. Raises NotFound as `own`."""
    row = own(session, account_id, document_id, branch_id)
    delivery = store.delivery_of(session, row)
    voiding = session.scalar(
        select(VoidingRecord).where(VoidingRecord.document_id == row.id).order_by(VoidingRecord.id.desc()).limit(1)
    )
    moments = timeline(session, row)
    lines = [line for line in row.request.get("details") or () if isinstance(line, Mapping)]
    return Shown(
        document=row, delivery=delivery, voiding=voiding, standing=standing_of(row, delivery),
        advice=advice_of(row, delivery, voiding, today=today), moments=moments, remarks=_remarks(row),
        branch=session.get_one(BranchRecord, row.branch_id).name, links=_links(session, row),
        lines=lines[:MOST_LINES], people=_people(session, account_id, moments),
        has_cdr=summaries.cdr_about(session, row) is not None,
    )


def _remarks(row: DocumentRecord) -> list[Remark]:
    """Those of SUNAT first; of ours those that it did not repeat."""
    theirs = {str(item["code"]) for item in row.observations if item.get("source") == "cdr"}
    found = []
    for item in sorted(row.observations, key=lambda item: item.get("source") != "cdr"):
        code, of_sunat = str(item["code"]), item.get("source") == "cdr"
        if of_sunat:
            means, mend = meaning(row.sunat_code, code)
            found.append(Remark(code=code, said=str(item.get("message", "")), ours=NO_TEXT, means=means, mend=mend))
        elif code not in theirs:
            text = str(item.get("message_es") or item.get("message", ""))
            found.append(Remark(code=code, said="", ours=Text(text, str(item.get("message_en") or text))))
    return found


def _links(session: Session, row: DocumentRecord) -> list[Link]:
    found = []
    if row.target_series is not None:
        number = f"{row.target_series}-{row.target_number}" if row.target_number else row.target_series
        found.append(Link(name=Text("Modifica a", "Changes"), document_id=row.target_document_id, number=number))
    for name, other in (
        (Text("Reemplaza a", "Replaces"), row.replaces_id), (Text("Reemplazado por", "Replaced by"), row.replaced_by_id)
    ):
        if other is not None:
            number = session.get_one(DocumentRecord, other).full_number
            found.append(Link(name=name, document_id=other, number=number))
    notes = session.scalars(
        store.documents_of(row.account_id).where(DocumentRecord.target_document_id == row.id)
        .order_by(DocumentRecord.id).limit(50)
    )
    found += [
        Link(name=Text("Modificado por", "Changed by"), document_id=note.id, number=note.full_number) for note in notes
    ]
    return found


def _people(session: Session, account_id: int, moments: Sequence[Moment]) -> dict[str, Text]:
    actors = {moment.actor for moment in moments if ":" in moment.actor}
    split = {actor: actor.partition(":") for actor in actors}
    ids = {int(of) for whose, _, of in split.values() if whose == "person" and of.isdecimal()}
    rows = session.scalars(
        select(PersonRecord).where(PersonRecord.account_id == account_id, PersonRecord.id.in_(ids))
    ) if ids else ()
    names = {f"person:{row.id}": row.name or row.username for row in rows}
    told = {}
    for actor, (whose, _, of) in split.items():
        form = _ACTORS.get(whose)
        name = names.get(actor, "")
        told[actor] = Text(form.es.format(id=of), form.en.format(id=of)) if form else Text(name, name)
    return told
