"""The issuer's own vouchers that a certificate of perception lists, as our ledger knows them.

One that it does not know is unknown, not absent: it passes with a remark (decision 17). One of ours that is voided,
rejected or lapsed, or that says otherwise than the certificate, is refused. What a certificate of retention lists are
its supplier's vouchers, of which there is no ledger here.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.documents.schemas.certificate_body import PERCEPTION
from app.ledger import store
from app.ledger.lifecycle import Status
from app.ledger.models import DocumentRecord
from app.problems import NO_TEXT, Item, Text, refusal
from sunat.documents import PaidVoucher, Voucher, Withholding
from sunat.errors import FormatError
from sunat.kinds import KINDS
from sunat.money import from_cents
from sunat.numbering import parse_number

DEAD: Final = {
    Status.REJECTED: Text("fue rechazado por SUNAT", "was rejected by SUNAT"),
    Status.VOIDED: Text("fue dado de baja", "was voided"),
    Status.LAPSED: Text("no llegó a SUNAT a tiempo", "never reached SUNAT in time"),
}
"""Why a voucher of ours that does not stand cannot be referred to, nor used as an advance."""

_NOBODY: Final = frozenset({"-", "00000000"})
_OURS: Final = frozenset(row.code for row in KINDS)


def look(session: Session, account: AccountRecord, content: Voucher) -> list[Item]:
    """What the ledger has against the vouchers that a content lists as its issuer's own."""
    if not isinstance(content, Withholding) or not content.ADDED:
        return []
    items: list[Item] = []
    for index, cited in enumerate(content.vouchers):
        if cited.type_code not in _OURS:
            continue  # a ticket of a cash register is nobody's row
        row = _row(session, account, cited)
        items += [_unknown(index, cited)] if row is None else _against(index, content, cited, row)
    return items


def keys_of(content: Voucher) -> set[tuple[str, str, int]]:
    """The vouchers of the account that a content lists: kind, series and number of the rows to be locked."""
    if not isinstance(content, Withholding) or not content.ADDED:
        return set()
    return {
        (cited.type_code, *found) for cited in content.vouchers
        if cited.type_code in _OURS and (found := _numbered(cited)) is not None
    }


def refuse_against(session: Session, account: AccountRecord, content: Voucher) -> None:
    """Looks once more, the rows being locked: what it lists may have been voided since. Raises Refused."""
    items = look(session, account, content)
    if any(item.severity == "error" for item in items):
        raise refusal(items)


def _numbered(cited: PaidVoucher) -> tuple[str, int] | None:
    try:
        return parse_number(cited.number)
    except FormatError:
        return None


def _row(session: Session, account: AccountRecord, cited: PaidVoucher) -> DocumentRecord | None:
    found = _numbered(cited)
    if found is None:
        return None
    return store.document_by_number(
        session, account.id, sunat_code=cited.type_code, series=found[0], number=found[1]
    )


def _unknown(index: int, cited: PaidVoucher) -> Item:
    return Item(
        code="CHQ-TARGET-UNKNOWN", pointer=PERCEPTION.pointer("number", index), severity="observation",
        message=Text(
            f"{cited.number} no está en este sistema: SUNAT lo comprobará al recibir el certificado",
            f"{cited.number} is not in this system: SUNAT will check it when it gets the certificate",
        ),
    )


def _against(index: int, content: Withholding, cited: PaidVoucher, row: DocumentRecord) -> list[Item]:
    customer = (content.customer.identity_code, content.customer.identity_number)
    theirs, whole, dead = (row.receiver_code, row.receiver_number), from_cents(row.total), DEAD.get(Status(row.status))
    told = (
        ("CHQ-TARGET-STATE", "number", dead is None, dead or NO_TEXT),
        ("CHQ-TARGET-CUSTOMER", "number", row.receiver_number in _NOBODY or theirs == customer, Text(
            f"se emitió a otro cliente ({row.receiver_number})",
            f"was issued to another customer ({row.receiver_number})",
        )),
        ("CHQ-TARGET-CURRENCY", "currency", row.currency == cited.currency, Text(
            f"está en {row.currency}, no en {cited.currency}", f"is in {row.currency}, not in {cited.currency}"
        )),
        ("CHQ-TARGET-DATE", "issue_date", row.issue_date == cited.issue_date, Text(
            f"es del {row.issue_date.isoformat()}, no del {cited.issue_date.isoformat()}",
            f"is of {row.issue_date.isoformat()}, not of {cited.issue_date.isoformat()}",
        )),
        ("CHQ-TARGET-TOTAL", "total", whole == cited.total, Text(
            f"es de {whole}, no de {cited.total}", f"is for {whole}, not for {cited.total}"
        )),
    )
    hint = Text("Revise a qué comprobante corresponde el cobro", "Check which voucher the collection belongs to")
    return [
        Item(
            code=code, pointer=PERCEPTION.pointer(field, index), hint=hint,
            message=Text(f"{row.full_number} {said.es}", f"{row.full_number} {said.en}"),
        )
        for code, field, right, said in told if not right
    ]
