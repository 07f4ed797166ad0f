"""``chasqui demo``: the whole path in one process, on real input, in a few seconds.

A fresh folder, a SQLite file, an issuer with a self-signed certificate, the pretend SUNAT on its own port, the API
with Swagger UI and the delivery engine; then a factura and a boleta go through HTTP to their CDRs. Everything the
demo shows is done by the same code that serves for real; only the authority is pretended.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode
from datetime import date
from pathlib import Path
from typing import Any, Final

from app.demo.samples import RUC, SAMPLES, Sample, request_of
from app.demo.serving import Say, until_interrupted
from app.demo.staging import OWNER, Stage, caller, stage
from app.demo.telling import told

PATIENCE: Final = 30.0
"""Seconds a voucher may take to its CDR."""


def run(*, data: Path | None, port: int, once: bool, as_json: bool, say: Say, note: Say) -> bool:
    """Runs the demo; says whether both vouchers were accepted.

    ``say`` gets what the demo is about, ``note`` remarks on the way. Unless ``once``, it serves until it is
    interrupted.
    """
    begun = time.monotonic()
    with stage(data, port, note) as here:
        today = here.office.clock.today()
        results = [_issue(here, sample, today) for sample in SAMPLES]
        accepted = all(result["status"] == "accepted" for result in results)
        seconds = round(time.monotonic() - begun, 2)
        where = {
            "api": f"{here.address}/V1", "docs": f"{here.address}/docs", "openapi": f"{here.address}/openapi.json",
            "sandbox_wsdl": f"{here.pretend.url}/ol-ti-itcpfegem-beta/billService?wsdl",
            "account_id": here.account_id, "key": here.key, "console": f"{here.address}/console",
            "console_ruc": RUC, "console_user": OWNER, "console_password": here.password,
        }
        if as_json:
            say(json.dumps(
                {"accepted": accepted, "seconds": seconds, "documents": results, **where}, ensure_ascii=False
            ))
        else:
            say(told(results, where, seconds, here.folder, today, serving=not once))
        if not once:
            until_interrupted()
    return accepted


def _issue(here: Stage, sample: Sample, today: date) -> dict[str, Any]:
    """One voucher through HTTP, to its CDR or to the end of patience."""
    begun = time.monotonic()
    with caller(here) as session:
        answer = session.post(
            f"{here.address}/V1/documents", params={"wait": "10"}, timeout=PATIENCE,
            json=request_of(sample, here.account_id, today),
        )
        body = answer.json()
        while answer.ok and body["delivery"]["state"] not in {"done", "held"}:
            if time.monotonic() > begun + PATIENCE:
                break
            answer = session.get(
                f"{here.address}/V1/documents/{body['document_id']}", params={"wait": "5"}, timeout=PATIENCE
            )
            body = answer.json()
    if not answer.ok:
        return {"kind": sample.name, "status": "refused", "http_status": answer.status_code, "error": body}
    files = body["electronic_document"]
    return {
        "kind": sample.name, "document_id": body["document_id"], "number": body["header"]["number"],
        "status": body["status"], "totals": body["totals"], "currency": "PEN", "digest": files["digest_value"],
        "cdr": {
            "code": body["delivery"]["last_code"], "text": body["delivery"]["last_text"],
            "bytes": len(b64decode(files["document_cdr"] or "")),
        },
        "seconds": round(time.monotonic() - begun, 2),
    }
