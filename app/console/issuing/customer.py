"""What is known of a customer by his document alone: whether it can be right, what SUNAT's register says, who he was.

SUNAT is not asked: its register speaks where it was taken in (``chasqui registers``), and names come from the vouchers
that he was issued before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.almanac.standing import look_up
from app.ledger.models import DocumentRecord
from app.problems import NO_TEXT, Text
from app.wire.identities import identity_code
from sunat.errors import FormatError
from sunat.identity import DNI, RUC, check_identity, compact_ruc, is_ruc

_GOOD: Final = ("ACTIVO", "HABIDO")
_RUC_STATE: Final = "ruc-state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is said of a customer: ``tone`` good, mind or bad; ``name`` and ``address`` as last written, else empty."""

    number: str
    tone: str = ""
    text: Text = NO_TEXT
    name: str = ""
    address: str = ""


def known(
    session: Session, account_id: int, *, identity_type: str, number: str, branches: Collection[int] | None = None
) -> Known:
    """What is known of who has this document (``PE-RUC``, ``PE-DNI`` ...); nothing while there is no number."""
    code = identity_code(identity_type) or ""
    written = compact_ruc(number) if code in (RUC, DNI) else number.strip()
    if not written or not code:
        return Known(number=written)
    try:
        written = check_identity(code, written)
    except FormatError:
        return Known(number=written, tone="bad", text=_wrong(code, written))
    text, tone = _registered(session, written) if code == RUC else (NO_TEXT, "good")
    query = select(DocumentRecord).where(
        DocumentRecord.account_id == account_id, DocumentRecord.receiver_number == written,
        DocumentRecord.receiver_code == code,
    )
    if branches is not None:
        query = query.where(DocumentRecord.branch_id.in_(sorted(branches)))
    last = session.scalar(query.order_by(DocumentRecord.id.desc()).limit(1))
    header = last.request.get("header", {}) if last is not None else {}
    return Known(
        number=written, tone=tone, text=text, name=last.receiver_name if last is not None else "",
        address=str(header.get("receiver_address") or ""),
    )


def _registered(session: Session, ruc: str) -> tuple[Text, str]:
    standing = look_up(session, [ruc])
    day = standing.editions.get(_RUC_STATE)
    if day is None:
        return Text("RUC bien escrito", "The RUC is well formed"), "good"
    state, of = standing.state_of(ruc), f"{day:%d/%m/%Y}"
    if state is None:
        return Text(f"No está en el padrón de SUNAT del {of}", f"It is not in SUNAT's register of {of}"), "mind"
    told = f"{state.state} · {state.condition}"
    return Text(f"{told} (padrón del {of})", f"{told} (register of {of})"), (
        "good" if (state.state, state.condition) == _GOOD else "mind"
    )


def _wrong(code: str, number: str) -> Text:
    if code == DNI:
        return Text("Un DNI tiene 8 dígitos", "A DNI has 8 digits")
    if code != RUC:
        return Text("El número no tiene la forma de ese documento", "The number has not the form of that document")
    if len(number) != 11 or not number.isdecimal():
        return Text("Un RUC tiene 11 dígitos", "A RUC has 11 digits")
    right = next((f"{number[:10]}{digit}" for digit in range(10) if is_ruc(f"{number[:10]}{digit}")), "")
    if not right:
        return Text("Un RUC empieza con 10, 15, 16, 17 o 20", "A RUC begins with 10, 15, 16, 17 or 20")
    return Text("Un dígito del RUC está mal: revíselo", "A digit of the RUC is wrong: check it")
