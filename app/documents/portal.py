"""What no web service of SUNAT's voids: how its portal does it, for whoever asks here (decision 40)."""

from __future__ import annotations

from typing import Final

from app.ledger.models import DocumentRecord
from app.problems import Refused, Text
from sunat.kinds import kind
from sunat.transport import Service

_STEPS: Final = Text(
    "Entre a SUNAT Operaciones en Línea con clave SOL: Empresas > Comprobantes de pago > Guía de Remisión Electrónica "
    "> Baja de GRE; elija la guía y el motivo, antes de iniciar el traslado; guarde la constancia y regístrela aquí "
    "con POST /V1/documents/{id}/external-void",
    "Enter SUNAT Operaciones en Línea with the clave SOL: Empresas > Comprobantes de pago > Guía de Remisión "
    "Electrónica > Baja de GRE; choose the guide and the reason, before the journey starts; keep the receipt, record "
    "it here with POST /V1/documents/{id}/external-void",
)


def refuse_in_portal(row: DocumentRecord) -> None:
    """Raises Refused, with the portal's steps, for a voucher that no web service voids."""
    if kind(row.sunat_code).service is Service.GUIDES:
        raise Refused("VOID_IN_PORTAL", Text(
            "SUNAT no da de baja guías por servicio web; no se registró nada",
            "SUNAT voids no guides by web service; nothing was recorded",
        ), hint=Text(_STEPS.es.replace("{id}", str(row.id)), _STEPS.en.replace("{id}", str(row.id))),
            pointer="/document_status")
