"""``chasqui demo --lost-answer``: SUNAT takes a voucher and its answer never comes; watch it settle by itself.

The pretend SUNAT registers the factura and resets the connection; asked, it does not find it yet, as the real one often
does not; sent the same bytes again, it says 1033. None of that is a verdict. What ends it is the CDR. The next factura
gets the next number, and the audit finds 1..n. Nothing here is played: the steps are the delivery's own attempts, and
only the waits between them are shortened.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import requests

from app.accounts.models import AccountRecord
from app.audit import reading, reports
from app.delivery.backoff import Backoff, Retries
from app.demo.samples import SAMPLES, request_of
from app.demo.serving import Say
from app.demo.staging import Stage, caller, stage
from sunat.numbering import VoucherId
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule

PATIENCE: Final = 60.0
"""Seconds until the demo gives up and says so."""

_PAUSE: Final = Backoff(first=1.2, cap=1.2, least=0.8)
_WATCHABLE: Final = Retries(
    unreached=_PAUSE, unanswered=_PAUSE, in_process=_PAUSE, slow=_PAUSE, soon=_PAUSE, fetch=_PAUSE, spaced=_PAUSE,
    ticket=_PAUSE,
)
"""Waits that a person can watch; the usual ones are seconds to minutes."""

_LOST: Final = Rule(modes=("work-then-reset",), operations=(Operation.SEND_BILL,), times=1)
_LATE: Final = Rule(modes=("not-found",), operations=(Operation.STATUS_CDR,), times=1)

_WHAT: Final = {
    ("sendBill", "unknown"): "Se envía. SUNAT lo registra y la conexión se corta sin respuesta: está en duda, y de eso "
                             "no se deduce nada.",
    ("getStatusCdr", "0011"): "Se pregunta a SUNAT: dice que no lo tiene (todavía).",
    ("sendBill", "1033"): "Se envían los mismos bytes: 1033, «ya fue informado». Eso no es una aceptación.",
    ("getStatusCdr", "0"): "Se pregunta otra vez: aquí está la constancia (CDR) de este comprobante.",
}


def run(*, data: Path | None, port: int, as_json: bool, say: Say, note: Say) -> bool:
    """Plays it and says whether all of it came true: one number, the same bytes, the CDR, a clean audit."""
    begun = time.monotonic()
    tell: Say = (lambda _: None) if as_json else say
    with stage(data, port, note, retries=_WATCHABLE) as here, caller(here) as session:
        for rule in (_LOST, _LATE):
            here.pretend.plan.add(rule)
        lost = _issued(here, session)
        number = lost["header"]["number"]
        tell(f"{number} emitido y firmado; la caja ya puede entregarlo. Ahora SUNAT pierde la respuesta.\n")
        steps = []
        for step in _attempts(here, session, lost["document_id"], begun + PATIENCE):
            steps.append(step)
            tell(f"  {time.monotonic() - begun:4.1f} s  {told(step)}")
        settled = _get(here, session, f"/V1/documents/{lost['document_id']}")
        following = _issued(here, session, wait=10)
        checks = _checks(here, settled, following, steps)
    true = all(checks.values())
    if as_json:
        say(json.dumps({
            "settled": true, "number": number, "next_number": following["header"]["number"], "attempts": steps,
            "checks": checks, "seconds": round(time.monotonic() - begun, 2),
        }, ensure_ascii=False))
    else:
        tell(f"\n{number}: {settled['status']}, CDR {settled['delivery']['last_code']}: "
             f"{settled['delivery']['last_text']}")
        tell(f"El siguiente comprobante: {following['header']['number']}, {following['status']}.\n")
        for name, holds in checks.items():
            tell(f"  {'sí' if holds else 'NO'}  {name}")
    return true


def told(step: Mapping[str, Any]) -> str:
    """An attempt in a sentence."""
    sign = step["code"] or step["result"]
    words = _WHAT.get((step["operation"], sign))
    return words or f"{step['operation']}: {step['result']} {step['code']} {step['text']}".strip()


def _issued(here: Stage, session: requests.Session, *, wait: int = 0) -> dict[str, Any]:
    answer = session.post(
        f"{here.address}/V1/documents", params={"wait": str(wait)}, timeout=PATIENCE,
        json=request_of(SAMPLES[0], here.account_id, here.office.clock.today()),
    )
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def _get(here: Stage, session: requests.Session, path: str) -> dict[str, Any]:
    answer = session.get(f"{here.address}{path}", timeout=PATIENCE)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def _attempts(
    here: Stage, session: requests.Session, document_id: int, until: float
) -> Iterator[dict[str, Any]]:
    """The delivery's attempts as they come, until it is settled or patience ends."""
    seen = 0
    while time.monotonic() < until:
        found = _get(here, session, f"/V1/documents/{document_id}/attempts")
        yield from found["attempts"][seen:]
        seen = len(found["attempts"])
        if _get(here, session, f"/V1/documents/{document_id}")["delivery"]["state"] in {"done", "held"}:
            yield from _get(here, session, f"/V1/documents/{document_id}/attempts")["attempts"][seen:]
            return
        time.sleep(0.1)


def _checks(
    here: Stage, settled: Mapping[str, Any], following: Mapping[str, Any], steps: list[dict[str, Any]]
) -> dict[str, bool]:
    """What has to be true at the end, and whether it is."""
    first, second = (int(body["header"]["number"].split("-")[1]) for body in (settled, following))
    voucher = VoucherId(ruc=settled["header"]["issuer_tax_id_code"], type_code="01", series="F001", number=first)
    sent = [
        one.sha256 for one in here.pretend.ledger.receptions(voucher) if one.operation == Operation.SEND_BILL
    ]
    entry = here.pretend.ledger.get(voucher)
    codes = [step["code"] for step in steps]
    with reading.snapshot(here.office.database) as session:
        account = session.get_one(AccountRecord, here.account_id)
        audit = reports.audit(session, account, reading.Scope(), now=here.office.clock.now())
    return {
        "se perdió la respuesta y SUNAT dijo 1033": "1033" in codes and steps[0]["result"] == "unknown",
        "está aceptado y su constancia guardada": (
            settled["status"] == "accepted" and bool(settled["electronic_document"]["document_cdr"])
        ),
        "se enviaron los mismos bytes, y son los que SUNAT tiene": (
            len(sent) == 2 and len(set(sent)) == 1 and entry is not None and entry.sha256 == sent[0]
        ),
        "no se gastó otro número: el siguiente es el que sigue": (
            second == first + 1 and following["status"] == "accepted"
        ),
        f"la auditoría encuentra F001 1..{second}, sin huecos": bool(audit["clean"]) and audit["holes"] == 0,
    }
