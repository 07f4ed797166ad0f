"""``chasqui demo``: the whole path in one process, on real input, in a few seconds.

A fresh folder, a SQLite file, an issuer with a self-signed certificate, the pretend SUNAT on its own port, the API
with Swagger UI and the delivery engine; then a factura and a boleta go through HTTP to their CDRs. Everything the
demo shows is done by the same code that serves for real; only the authority is pretended.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import requests

from app import migrations
from app.accounts import certificates, credentials
from app.accounts.operations import account_of, open_account
from app.clock import SystemClock
from app.config import Settings
from app.delivery.embedded import Engine
from app.demo.samples import NAME, RUC, SAMPLES, Sample, request_of
from app.demo.serving import HOST, Say, interruptible, listener, sandbox, serving, until_interrupted
from app.demo.telling import told
from app.factory import app_of, build_office
from app.http import Office
from app.series.operations import Desk
from sunat.signing import self_signed

PATIENCE: Final = 30.0
"""Seconds a voucher may take to its CDR."""


def run(*, data: Path | None, port: int, once: bool, as_json: bool, say: Say, note: Say) -> bool:
    """Runs the demo; says whether both vouchers were accepted.

    ``say`` gets what the demo is about, ``note`` remarks on the way. Unless ``once``, it serves until it is
    interrupted. A folder that is not given is temporary and goes away at the end.
    """
    begun, clock = time.monotonic(), SystemClock()
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        folder = data or Path(stack.enter_context(TemporaryDirectory(prefix="chasqui-demo-")))
        door = stack.enter_context(listener(port, note))
        address = f"http://{HOST}:{door.getsockname()[1]}"
        pretend = stack.enter_context(sandbox(folder, port + 1 if port else 0, clock, note))
        office = build_office(Settings(
            data_dir=folder, public_url=address, sandbox_url=pretend.url, log_level="ERROR",
            delivery_interval_seconds=0.2,
        ))
        stack.callback(office.database.dispose)
        migrations.upgrade(office.database)
        account_id, key = _issuer(office)
        stack.enter_context(serving(app_of(office), door))
        engine = Engine(office)
        engine.start()
        stack.callback(engine.stop, 10)
        results = [_issue(address, key, sample, account_id, office.clock.today()) for sample in SAMPLES]
        accepted = all(result["status"] == "accepted" for result in results)
        seconds = round(time.monotonic() - begun, 2)
        where = {
            "api": f"{address}/V1", "docs": f"{address}/docs", "openapi": f"{address}/openapi.json",
            "sandbox_wsdl": f"{pretend.url}/ol-ti-itcpfegem-beta/billService?wsdl", "account_id": account_id,
            "key": key,
        }
        if as_json:
            say(json.dumps(
                {"accepted": accepted, "seconds": seconds, "documents": results, **where}, ensure_ascii=False
            ))
        else:
            say(told(results, where, seconds, folder, clock.today(), serving=not once))
        if not once:
            until_interrupted()
    return accepted


def _issue(address: str, key: str, sample: Sample, account_id: int, today: date) -> dict[str, Any]:
    """One voucher through HTTP, to its CDR or to the end of patience."""
    begun = time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {key}"
        answer = session.post(
            f"{address}/V1/documents", params={"wait": "10"}, json=request_of(sample, account_id, today),
            timeout=PATIENCE,
        )
        body = answer.json()
        while answer.ok and body["delivery"]["state"] not in {"done", "held"}:
            if time.monotonic() > begun + PATIENCE:
                break
            answer = session.get(
                f"{address}/V1/documents/{body['document_id']}", params={"wait": "5"}, timeout=PATIENCE
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


def _issuer(office: Office) -> tuple[int, str]:
    """The demo's account with a certificate that can sign, and a fresh key for it."""
    now = office.clock.now()
    with office.database.write() as session:
        account = account_of(session, "sandbox", RUC)
        if account is None:
            account = open_account(
                session, vault=office.vault, desk=Desk(), environment="sandbox", ruc=RUC, legal_name=NAME, now=now,
                head_office={
                    "address": "AV. EJEMPLO 123", "district": "LIMA", "city": "LIMA", "department": "LIMA",
                    "ubigeo": "150101",
                },
            )
        if certificates.active_certificate(session, account.id) is None:
            certificates.add(session, office.vault, account, self_signed(RUC, NAME, now=now), now=now, name="demo")
        return account.id, credentials.create_key(session, office.vault, account=account, now=now, name="demo")[1]
