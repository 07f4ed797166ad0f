"""Letting a stopped series go on: its counter set behind what is known to be used, with the proof kept.

What is known is the most of three: the database's own last number, this machine's high-water mark (vouchers that were
signed and perhaps printed, but never arrived), and what the authority holds or an operator states. Each stays in the
ledger: a declared gap, an event, the evidence; a statement is signed with the installation's key.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.keys import public_text, signing_key
from app.http import Office
from app.keeping.probing import Found
from app.ledger.lifecycle import Phase
from app.ledger.models import DeliveryRecord, DocumentRecord, EventRecord, EvidenceRecord
from app.problems import Refused, Text
from app.series import stopping
from app.series.models import SeriesRecord
from sunat.numbering import MAX_NUMBER

_METHODS: Final = {
    "getStatusCdr": "SUNAT tiene hasta el {last} (consulta)", "SIRE": "SUNAT tiene hasta el {last} (propuesta de SIRE)",
    "statement": "declaración de {author}: hasta el {last}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A series that goes on: what the database said, what was found, how far it was set, and where it continues.

    ``stopped`` says why it does not go on after all: one of its numbers is somebody else's at the authority.
    """

    series: str
    before: int
    found: int
    mark: int
    last: int
    method: str
    asked: int
    stopped: str = ""

    @property
    def next_number(self) -> int:
        """The number the next voucher gets."""
        return self.last + 1


def stated(office: Office, row: SeriesRecord, last: int, *, text: str, author: str, now: datetime) -> Found:
    """An operator's word for how far a series was used, signed with the installation's key (Ed25519).

    Raises Refused for a statement without words or author.
    """
    if not text.strip() or not author.strip():
        raise Refused("STATEMENT_EMPTY", Text(
            "La declaración dice en qué se basa y quién la hace: --statement y --by",
            "A statement says what it rests on and who makes it: --statement and --by",
        ))
    said = json.dumps({
        "environment": row.environment, "ruc": row.ruc, "type": row.sunat_code, "series": row.code, "last_number": last,
        "statement": text.strip(), "by": author.strip(), "at": now.astimezone(UTC).isoformat(),
    }, sort_keys=True, ensure_ascii=False)
    key = signing_key(office.vault)
    signed = {
        "said": said, "signature": b64encode(key.sign(said.encode())).decode("ascii"), "public_key": public_text(key),
    }
    return Found(last=last, method="statement", evidence=(("statement", json.dumps(signed).encode()),))


def prove(
    office: Office, series_id: int, found: Found, *, skip: int = 0, author: str, now: datetime
) -> Proven:
    """Sets a series behind what was found (and ``skip`` numbers more) and lets it issue again.

    One that a foreign number had stopped before the backup was made is stopped for that again: nobody has let it go
    that we know of. Raises Conflict for a series that is not stopped by an older database, or that would go backwards.
    """
    with office.database.write() as session:
        row = session.get_one(SeriesRecord, series_id, with_for_update=True, populate_existing=True)
        before, marked = row.last_number, _mark_of(office, row)
        if found.method == "statement" and found.last < marked:
            raise Refused("STATEMENT_TOO_LOW", Text(
                f"Esta máquina vio firmar {row.code}-{marked}: el último número no puede ser menor",
                f"This machine saw {row.code}-{marked} being signed: the last number cannot be lower",
            ))
        last = max(before, marked, found.last)
        last = min(last + skip, MAX_NUMBER)
        ids = [_kept(session, row, kind, content, found, now) for kind, content in found.evidence]
        words = _METHODS[found.method].format(last=found.last, author=author)
        stopping.prove(
            session, series_id, last, author=author, now=now,
            reason=f"Números usados que la base de datos restaurada no tiene: {words}",
        )
        session.add(EventRecord(
            account_id=row.account_id, document_id=None, kind="series.proven", actor=author, at=now, data={
                "series": row.code, "type": row.sunat_code, "before": before, "found": found.last, "mark": marked,
                "skip": skip, "last_number": last, "method": found.method, "evidence": ids,
            },
        ))
        _stop_again(session, row, now)
        return Proven(
            series=row.code, before=before, found=found.last, mark=marked, last=last, method=found.method,
            asked=found.asked, stopped=row.frozen,
        )


def _stop_again(session: Session, row: SeriesRecord, now: datetime) -> None:
    """Stops a series whose vouchers include one whose number the authority holds for somebody else."""
    foreign = session.scalars(
        select(DocumentRecord).join(DeliveryRecord, DeliveryRecord.document_id == DocumentRecord.id)
        .where(DocumentRecord.series_id == row.id, DeliveryRecord.phase == str(Phase.FOREIGN))
        .order_by(DocumentRecord.id.desc()).limit(1)
    ).first()
    if foreign is not None:
        stopping.freeze(session, row.id, stopping.foreign_number(foreign.full_number), now=now)


def _mark_of(office: Office, row: SeriesRecord) -> int:
    mark = office.database.marks.found.get(row.key) if office.database.marks is not None else None
    return mark.number if mark is not None else 0


def _kept(
    session: Session, row: SeriesRecord, kind: str, content: bytes, found: Found, now: datetime
) -> int:
    evidence = EvidenceRecord(
        account_id=row.account_id, document_id=None, kind=kind, content=content,
        sha256=hashlib.sha256(content).hexdigest(), code=found.method[:20],
        text=f"{row.sunat_code} {row.code}: {found.last}", received_at=now,
    )
    session.add(evidence)
    session.flush()
    return evidence.id
