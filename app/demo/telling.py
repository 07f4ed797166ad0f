"""What the demo says at the end: each voucher with its CDR, and how to go on by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from app.demo.samples import SAMPLES, request_of


def told(
    results: list[dict[str, Any]], where: dict[str, Any], seconds: float, folder: Path, today: date, *, serving: bool
) -> str:
    """The results for people, and with ``serving`` the addresses, the key and a request to copy."""
    lines = []
    for result in results:
        if result["status"] == "refused":
            lines.append(f"{result['kind']:8} HTTP {result['http_status']}: {result['error'].get('error', '')}")
            continue
        totals = result["totals"]
        lines += [
            f"{result['kind']:8} {result['number']}   {result['status']} ({result['seconds']} s)",
            f"         neto {totals['net_amount']}  IGV {totals['taxes_amount']}  total S/ {totals['total_amount']}",
            f"         digest {result['digest']}",
            f"         CDR {result['cdr']['code']}: {result['cdr']['text']}",
        ]
    lines += ["", f"Listo en {seconds} s / ready in {seconds} s"]
    if serving:
        sample = json.dumps(request_of(SAMPLES[0], where["account_id"], today))
        lines += [
            f"  API         {where['api']}", f"  Swagger UI  {where['docs']}", f"  SUNAT       {where['sandbox_wsdl']}",
            f"  Consola     {where['console']}",
            f"     RUC {where['console_ruc']}  usuario/user {where['console_user']}  clave {where['console_password']}",
            f"  Datos/data  {folder}", f"  Clave/key   {where['key']}", "",
            "Para emitir otra factura / to issue another invoice:", "",
            f"curl -s '{where['api']}/documents?wait=10' -H 'Authorization: Bearer {where['key']}' \\",
            f"  -H 'Content-Type: application/json' -d '{sample}'", "", "Ctrl-C termina / ends.",
        ]
    return "\n".join(lines)
