"""Whether an account can send a kind at all, asked before a number is taken: what could never leave is not issued."""

from __future__ import annotations

from app.accounts.models import AccountRecord
from app.problems import Refused, Text
from sunat.kinds import Kind
from sunat.transport import Environment, Service
from sunat.transport.endpoints import offers

_POINTER = "/header/document_type_id"


def refuse_unsendable(account: AccountRecord, kind: Kind) -> None:
    """Raises Refused where the environment has no such service, or the guides' credentials are missing."""
    if kind.service is not Service.GUIDES:
        return
    environment = Environment(account.environment)
    if not offers(environment, kind.service):
        raise Refused("NO_SERVICE", Text(
            f"SUNAT no recibe guías en {environment}", f"SUNAT takes no guides in {environment}"
        ), pointer=_POINTER, hint=Text("Pruebe las guías en sandbox", "Try guides in the sandbox"))
    if environment is Environment.LIVE and not account.gre_client_id:
        raise Refused("GUIDE_CREDENTIALS", Text(
            "La cuenta no tiene las credenciales de guías de SUNAT", "The account has no credentials for SUNAT's guides"
        ), pointer=_POINTER, hint=Text(
            "Créelas en SOL y registre gre_client_id y gre_client_secret en la cuenta",
            "Make them in SOL and register gre_client_id and gre_client_secret with the account",
        ))
