"""The bundle of a voucher: a zip with the request, every edition's signed XML, certificates, attempts and answers.

::

    manifest.json                      what is in it, by SHA-256; who, how it stands; signed with Ed25519
    voucher.json  request.json         the ledger's row, and what was asked for
    rules.json                         by which editions of SUNAT's rules this version judges the kind
    20123456786-01-F001-1.xml          the signed XML that counts; earlier ones under editions/
    20123456786-01-F001-1.pdf          its printed representation; else the manifest says why
    certificates/                      the certificates that signed
    attempts.json  events.json         every try at telling SUNAT, by hashes; everything that happened
    mails.json                         to whom it was mailed, and what the mail server said
    evidence/                          what came back, byte for byte: CDRs, states, faults
    summaries/RC-20261120-1/           the same of the summaries that carried or voided it

The signature is over the manifest's canonical JSON under the installation's key (`chasqui audit --public-key`).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.models import CertificateRecord
from app.audit.keys import public_text
from app.clock import lima
from app.delivery.overview import ledger_of, standing
from app.ledger.models import (
    DeliveryRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    EvidenceRecord,
    SummaryLineRecord,
    SummaryRecord,
)
from app.mail.operations import logged, mails_of
from app.problems import Text
from sunat.money import from_cents
from sunat.rules.coverage import edition as rules_edition

FORMAT: Final = "chasqui-evidence/1"
MANIFEST: Final = "manifest.json"
_CDRS: Final = frozenset({"cdr", "cdr_foreign", "cdr_former", "cdr_unproven", "cdr_unread"})
"""Kinds of evidence that are zips."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a bundle: its name in it, what it is, its bytes."""

    name: str
    role: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the ledger knows of a voucher, ready to be packed: its identity, its status, the files."""

    file_name: str
    about: dict[str, Any]
    moment: datetime
    parts: tuple[Part, ...]


def gather(session: Session, row: DocumentRecord) -> Gathered:
    """Everything of a voucher but its paper. Reads only."""
    delivery = session.scalar(select(DeliveryRecord).where(DeliveryRecord.document_id == row.id))
    editions = session.scalars(
        select(EditionRecord).options(undefer(EditionRecord.xml))
        .where(EditionRecord.document_id == row.id).order_by(EditionRecord.edition)
    ).all()
    parts = [
        Part(name="voucher.json", role="voucher", content=_json(_voucher(row, delivery, editions))),
        Part(name="request.json", role="request", content=_json(row.request)),
        Part(name="rules.json", role="rules", content=_json(_rules(row.sunat_code))),
        *_editions(row, editions), *_certificates(session, editions),
        Part(name="attempts.json", role="attempts", content=_json(ledger_of(session, delivery) if delivery else [])),
        Part(name="events.json", role="events", content=_json(_events(session, row))),
        Part(name="mails.json", role="mails", content=_json(logged(session, mails_of(row)))),
        *_answers(session, EvidenceRecord.document_id == row.id, ""),
        *_summaries(session, row),
    ]
    return Gathered(
        file_name=row.file_name, parts=tuple(parts), moment=datetime.combine(row.issue_date, row.issue_time),
        about={
            "ruc": row.ruc, "type": row.sunat_code, "series": row.series, "number": row.number,
            "environment": row.environment, "edition": row.edition, "status": row.status, "origin": row.origin,
            "issue_date": row.issue_date.isoformat(),
        },
    )


def pack(gathered: Gathered, key: Ed25519PrivateKey, *, now: datetime, paper: bytes | Text) -> bytes:
    """The bundle's zip, its manifest signed with ``key``; ``paper`` is the voucher's PDF, or why there is none.

    The manifest's ``omitted`` names what is not in it.
    """
    parts, omitted = list(gathered.parts), []
    if isinstance(paper, bytes):
        parts.append(Part(name=f"{gathered.file_name}.pdf", role="paper", content=paper))
    else:
        omitted.append({"role": "paper", "es": paper.es, "en": paper.en})
    manifest = sealed({
        "format": FORMAT, "made_at": lima(now).isoformat(timespec="seconds"), "program": version("chasqui"),
        "voucher": gathered.about,
        "files": [
            {
                "name": part.name, "role": part.role, "bytes": len(part.content),
                "sha256": hashlib.sha256(part.content).hexdigest(),
            }
            for part in parts
        ],
        "omitted": omitted,
    }, key)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        for part in (Part(name=MANIFEST, role="manifest", content=_json(manifest)), *parts):
            entry = zipfile.ZipInfo(part.name, date_time=gathered.moment.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            box.writestr(entry, part.content)
    return packed.getvalue()


def sealed(manifest: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """A manifest with the signature over its canonical JSON."""
    return {**manifest, "signature": {
        "algorithm": "Ed25519", "public_key": public_text(key),
        "value": b64encode(key.sign(canonical(manifest))).decode("ascii"),
    }}


def canonical(manifest: dict[str, Any]) -> bytes:
    """What is signed: the manifest without its signature, keys in order, no blanks, UTF-8."""
    said = {name: value for name, value in manifest.items() if name != "signature"}
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _voucher(
    row: DocumentRecord, delivery: DeliveryRecord | None, editions: Sequence[EditionRecord]
) -> dict[str, Any]:
    return {
        "ruc": row.ruc, "type": row.sunat_code, "series": row.series, "number": row.number, "status": row.status,
        "origin": row.origin, "environment": row.environment, "issue_date": row.issue_date.isoformat(),
        "issue_time": row.issue_time.isoformat(), "currency": row.currency,
        "net": f"{from_cents(row.net):f}", "taxes": f"{from_cents(row.taxes):f}", "total": f"{from_cents(row.total):f}",
        "receiver": {"code": row.receiver_code, "number": row.receiver_number, "name": row.receiver_name},
        "digest": row.digest, "qr_text": row.qr_text, "observations": row.observations, "actor": row.actor,
        "external_id": row.external_id, "created_at": _moment(row.created_at),
        "delivery": standing(delivery, row)["delivery"] if delivery is not None else None,
        "editions": [
            {
                "edition": each.edition, "sha256": each.xml_sha256, "digest": each.digest, "reason": each.reason,
                "chain_previous": each.chain_previous, "chain_hash": each.chain_hash, "evidence_id": each.evidence_id,
                "created_at": _moment(each.created_at),
            }
            for each in editions
        ],
    }


def _rules(sunat_code: str) -> dict[str, Any]:
    """By what this version judges the kind; the findings of the day itself are in the voucher's observations."""
    return {
        "program": version("chasqui"), "type": sunat_code, "workbook": rules_edition(sunat_code),
        "general": rules_edition("general"), "signature": rules_edition("firma"),
    }


def _editions(row: DocumentRecord, editions: Sequence[EditionRecord]) -> list[Part]:
    return [
        Part(
            name=f"{row.file_name}.xml" if each.edition == row.edition
            else f"editions/{each.edition}/{row.file_name}.xml",
            role="xml" if each.edition == row.edition else "former_xml", content=each.xml,
        )
        for each in editions
    ]


def _certificates(session: Session, editions: Sequence[EditionRecord]) -> list[Part]:
    ids = {each.certificate_id for each in editions if each.certificate_id is not None}
    query = select(CertificateRecord).where(CertificateRecord.id.in_(ids)).order_by(CertificateRecord.id)
    return [
        Part(name=f"certificates/{row.fingerprint}.pem", role="certificate", content=row.certificate_pem.encode())
        for row in session.scalars(query)
    ]


def _events(session: Session, row: DocumentRecord) -> list[dict[str, Any]]:
    rows = session.scalars(select(EventRecord).where(EventRecord.document_id == row.id).order_by(EventRecord.id))
    return [
        {"id": each.id, "kind": each.kind, "actor": each.actor, "data": each.data, "at": _moment(each.at)}
        for each in rows
    ]


def _answers(session: Session, about: Any, folder: str) -> list[Part]:
    """What the authority sent, each with a note of when and what it says."""
    rows = session.scalars(
        select(EvidenceRecord).options(undefer(EvidenceRecord.content)).where(about).order_by(EvidenceRecord.id)
    ).all()
    index = [
        {
            "id": row.id, "kind": row.kind, "sha256": row.sha256, "code": row.code, "text": row.text,
            "received_at": _moment(row.received_at), "file": _answer_name(row),
        }
        for row in rows
    ]
    return [
        Part(name=f"{folder}evidence.json", role="answers", content=_json(index)),
        *(
            Part(name=f"{folder}{_answer_name(row)}", role=row.kind, content=row.content)
            for row in rows
        ),
    ]


def _answer_name(row: EvidenceRecord) -> str:
    return f"evidence/{row.id}-{row.kind}.{'zip' if row.kind in _CDRS else 'txt'}"


def _summaries(session: Session, row: DocumentRecord) -> list[Part]:
    """The summaries that told of it, with what came back for them."""
    found = session.scalars(
        select(SummaryRecord).options(undefer(SummaryRecord.xml))
        .where(SummaryRecord.id.in_(
            select(SummaryLineRecord.summary_id).where(SummaryLineRecord.document_id == row.id)
        ))
        .order_by(SummaryRecord.id)
    )
    parts = []
    for summary in found:
        folder = f"summaries/{summary.full_number}/"
        delivery = session.scalars(select(DeliveryRecord).where(DeliveryRecord.summary_id == summary.id)).one()
        parts += [
            Part(name=f"{folder}{summary.ruc}-{summary.full_number}.xml", role="summary_xml", content=summary.xml),
            Part(name=f"{folder}summary.json", role="summary", content=_json(standing(delivery, summary))),
            Part(name=f"{folder}attempts.json", role="attempts", content=_json(ledger_of(session, delivery))),
            *_answers(session, EvidenceRecord.summary_id == summary.id, folder),
        ]
    return parts


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _moment(instant: datetime) -> str:
    return lima(instant).isoformat()
