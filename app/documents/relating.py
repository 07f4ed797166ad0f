"""What the office itself knows against a voucher: its own ledger, the account's settings, the day.

A referenced voucher that our ledger does not hold is unknown, not absent: it passes with a remark. One of ours that
is voided, rejected or of another customer or currency is refused (decision 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.documents import advancing, buying, citing
from app.ledger import store
from app.ledger.advances import balance_of, notes_of
from app.ledger.lifecycle import Status
from app.ledger.models import DocumentRecord
from app.problems import Item, Text, refusal
from sunat.documents import Boleta, Note, Target, Voucher
from sunat.documents.note_reasons import unlike_its_extent
from sunat.money import from_cents
from sunat.rules.context import Known

_NUMBER: Final = "/references/0/reference_number"
_CREDIT: Final = "07"
_HOME_SALE: Final = "0101"
_NRUS_SALE: Final = "0113"
"""Catalogue 51: a sale inside the country, and the same by an issuer of the Nuevo RUS."""


class LedgerView:
    """Our ledger as the rules look at it: vouchers of this account alone; ``besides`` is one that is being corrected.
    """

    def __init__(self, session: Session, account: AccountRecord, *, besides: int | None = None) -> None:
        self._session = session
        self._account = account
        self._besides = besides

    def bought(self, identity_code: str, identity_number: str, since: date, until: date) -> Decimal:
        """Soles settled with a seller on those days."""
        return buying.bought(
            self._session, self._account.id, (identity_code, identity_number), since, until, besides=self._besides
        )

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> Known | None:
        """The voucher, or None when it is not ours."""
        if ruc != self._account.ruc:
            return None
        found = store.document_by_number(
            self._session, self._account.id, sunat_code=type_code, series=series, number=number
        )
        if found is None:
            return None
        header = found.request.get("header") or {}
        told = ((header.get("additional") or {}).get("pe_header") or {}).get("perception") or {}
        return Known(
            issue_date=found.issue_date, currency=found.currency, total=from_cents(found.total),
            on_credit=_on_credit(header), perception=str(told.get("code") or ""),
        )


def target_by_id(session: Session, account: AccountRecord, document_id: int) -> Target | None:
    """The voucher of this account with that id, as a note's target."""
    found = session.scalar(store.documents_of(account.id).where(DocumentRecord.id == document_id))
    if found is None:
        return None
    return Target(
        type_code=found.sunat_code, series=found.series, number=found.number, issue_date=found.issue_date
    )


def target_record(session: Session, account: AccountRecord, content: Voucher) -> DocumentRecord | None:
    """The row that a note changes, where it is one of ours."""
    if not isinstance(content, Note) or content.target is None:
        return None
    target = content.target
    return store.document_by_number(
        session, account.id, sunat_code=target.type_code, series=target.series, number=target.number
    )


def lock_referred(session: Session, account_id: int, contents: Iterable[Voucher]) -> None:
    """Locks every voucher of the account that contents change, list or use up, in one order for every transaction."""
    wanted = set()
    for content in contents:
        wanted |= advancing.keys_of(content) | citing.keys_of(content)
        if isinstance(content, Note) and content.target is not None:
            wanted.add((content.target.type_code, content.target.series, content.target.number))
    for sunat_code, series, number in sorted(wanted):
        store.document_by_number(session, account_id, sunat_code=sunat_code, series=series, number=number, lock=True)


def refuse_against(session: Session, note: Note, target: DocumentRecord, *, corrects: int | None = None) -> None:
    """Raises Refused when the voucher that a note changes forbids it, or has not enough left to credit."""
    items = _against(note, target)
    if note.TYPE_CODE == _CREDIT:
        items += _over_credited(session, note, target, corrects=corrects)
    if any(item.severity == "error" for item in items):
        raise refusal(items)


def _on_credit(header: Mapping[str, Any]) -> bool:
    """Whether a stored request was a sale on credit: its explicit terms count before its due days."""
    explicit = ((header.get("additional") or {}).get("pe_header") or {}).get("payment") or {}
    if explicit.get("kind"):
        return bool(explicit["kind"] == "credit")
    conditions = str(header.get("payment_conditions") or "0")
    return any(part.strip() not in {"", "0"} for part in conditions.split(","))


def relate(
    session: Session, account: AccountRecord, content: Voucher, target: DocumentRecord | None, today: date, *,
    rate: Decimal | None = None, exchange_rate: Decimal | None = None, corrects: int | None = None,
) -> list[Item]:
    """What the account's settings and its ledger have against a content; ``corrects`` is the voucher it is to mend.

    ``rate`` is the exchange rate that the request tells; ``exchange_rate`` the one that counts here, soles for one unit
    of the content's currency, None for soles or where nobody knows it.
    """
    items = [
        *_settings(account, content, today), *advancing.look(session, account, content, rate, corrects=corrects),
        *citing.look(session, account, content),
        *buying.look(session, account.id, content, exchange_rate, corrects=corrects),
    ]
    if isinstance(content, Note) and content.target is not None:
        items += _unknown(content.target) if target is None else _against(content, target)
        if target is not None and content.TYPE_CODE == _CREDIT:
            over = _over_credited(session, content, target, corrects=corrects)
            items += over or _used_advance(session, content, target)
        if target is not None:
            items += _unlike_its_reason(content, target)
    return items


def _settings(account: AccountRecord, content: Voucher, today: date) -> list[Item]:
    items = []
    if account.tax_regime == "nrus" and content.TYPE_CODE == "01":
        items.append(
            Item(
                code="CHQ-NRUS", pointer="/header/document_type_id",
                message=Text(
                    "Un emisor del Nuevo RUS no emite facturas (DL 937, art. 16)",
                    "An issuer of the Nuevo RUS issues no facturas (DL 937, art. 16)",
                ),
                hint=Text("Emita una boleta de venta", "Issue a boleta"),
            )
        )
    if isinstance(content, Boleta) and (account.tax_regime == "nrus") != (content.operation_type == _NRUS_SALE):
        items += _regime(account, content)
    if account.boleta_today_only and content.TYPE_CODE == "03" and content.issue_date != today:
        items.append(
            Item(
                code="CHQ-BOLETA-TODAY", pointer="/header/issue_date",
                message=Text(
                    f"Esta cuenta emite boletas solo con la fecha de hoy, {today.isoformat()}",
                    f"This account issues boletas dated today only, {today.isoformat()}",
                ),
                hint=Text("Use la fecha de hoy en Lima", "Use today's date in Lima"),
            )
        )
    return items


def _regime(account: AccountRecord, content: Boleta) -> list[Item]:
    """Remarks where the operation is of another regime than the account's."""
    if content.operation_type not in {_HOME_SALE, _NRUS_SALE}:
        return []
    mine = account.tax_regime == "nrus"
    return [
        Item(
            code="CHQ-NRUS-OPERATION", pointer="/header/additional/pe_header/operation_type", severity="observation",
            message=Text(
                f"La venta interna del Nuevo RUS es la operación {_NRUS_SALE}, que no traslada IGV (DL 937)",
                f"A home sale of the Nuevo RUS is operation {_NRUS_SALE}, which passes no IGV on (DL 937)",
            ) if mine else Text(
                f"La operación {_NRUS_SALE} es del Nuevo RUS, y la cuenta tiene otro régimen ({account.tax_regime})",
                f"Operation {_NRUS_SALE} is of the Nuevo RUS; the account has another regime ({account.tax_regime})",
            ),
            hint=Text(
                f"Use operation_type {_NRUS_SALE if mine else _HOME_SALE}, o corrija pe_account.tax_regime",
                f"Use operation_type {_NRUS_SALE if mine else _HOME_SALE}, or correct pe_account.tax_regime",
            ),
        )
    ]


def _unknown(target: Target) -> list[Item]:
    return [
        Item(
            code="CHQ-TARGET-UNKNOWN", pointer=_NUMBER, severity="observation",
            message=Text(
                f"{target.text} no está en este sistema: SUNAT lo comprobará al recibir la nota",
                f"{target.text} is not in this system: SUNAT will check it when it gets the note",
            ),
        )
    ]


def _against(note: Note, target: DocumentRecord) -> list[Item]:
    items = []
    dead = citing.DEAD.get(Status(target.status))
    if dead:
        items.append(
            Item(
                code="CHQ-TARGET-STATE", pointer=_NUMBER,
                message=Text(f"{target.full_number} {dead.es}", f"{target.full_number} {dead.en}"),
                hint=Text("Una nota modifica un comprobante válido", "A note changes a valid voucher"),
            )
        )
    if note.currency != target.currency:
        items.append(
            Item(
                code="CHQ-TARGET-CURRENCY", pointer="/header/currency_id",
                message=Text(
                    f"{target.full_number} está en {target.currency} y la nota en {note.currency}",
                    f"{target.full_number} is in {target.currency} and the note in {note.currency}",
                ),
                hint=Text("La nota va en la moneda del comprobante", "The note is in the voucher's currency"),
            )
        )
    given = (note.customer.identity_code, note.customer.identity_number)
    if given != (target.receiver_code, target.receiver_number):
        items.append(
            Item(
                code="CHQ-TARGET-CUSTOMER", pointer="/header/receiver_tax_id_code",
                severity="observation" if note.reason_code == "02" else "error",
                message=Text(
                    f"{target.full_number} se emitió a otro cliente ({target.receiver_number})",
                    f"{target.full_number} was issued to another customer ({target.receiver_number})",
                ),
                hint=Text("La nota va al mismo cliente", "The note goes to the same customer"),
            )
        )
    told = note.target.issue_date if note.target is not None else None
    if told is not None and told != target.issue_date:
        items.append(
            Item(
                code="CHQ-TARGET-DATE", pointer="/references/0/reference_date",
                message=Text(
                    f"{target.full_number} es del {target.issue_date.isoformat()}, no del {told.isoformat()}",
                    f"{target.full_number} is of {target.issue_date.isoformat()}, not of {told.isoformat()}",
                ),
                hint=Text("Corrija la fecha u omítala", "Correct the date or leave it out"),
            )
        )
    if note.issue_date < target.issue_date:
        items.append(
            Item(
                code="CHQ-TARGET-DATE", pointer="/header/issue_date",
                message=Text(
                    f"La nota es anterior a {target.full_number}, del {target.issue_date.isoformat()}",
                    f"The note is earlier than {target.full_number}, of {target.issue_date.isoformat()}",
                ),
            )
        )
    return items


def _unlike_its_reason(note: Note, target: DocumentRecord) -> list[Item]:
    """Remarks that a reason for the whole of a voucher takes back a part of it, or the other way round."""
    reason = unlike_its_extent(note, from_cents(target.total))
    if reason is None:
        return []
    es, en = _EXTENT[reason.extent]
    return [
        Item(
            code="CHQ-NOTE-EXTENT", pointer="/references/0/reference_code", severity="observation",
            message=Text(
                f"El motivo {reason.code} es para {es} de {target.full_number}, de {from_cents(target.total)}",
                f"Reason {reason.code} is for {en} of {target.full_number}, which is {from_cents(target.total)}",
            ),
        )
    ]


_EXTENT: Final = {"whole": ("el total", "the whole"), "part": ("una parte", "a part")}


def _over_credited(
    session: Session, note: Note, target: DocumentRecord, *, corrects: int | None = None
) -> list[Item]:
    """Credit notes together may not take back more than the voucher's total and its debit notes (decision 16)."""
    left = from_cents(notes_of(session, target, besides=corrects).balance)
    if note.totals.payable <= left:
        return []
    return [
        Item(
            code="CHQ-OVER-CREDITED", pointer="/totals/total_amount",
            message=Text(
                f"De {target.full_number} quedan {left} por acreditar y la nota es de {note.totals.payable} "
                "(Reglamento de Comprobantes de Pago, art. 10)",
                f"{left} of {target.full_number} is left to credit and the note is for {note.totals.payable} "
                "(Reglamento de Comprobantes de Pago, art. 10)",
            ),
            hint=Text("Revise las notas anteriores", "Look at the earlier notes"),
        )
    ]


def _used_advance(session: Session, note: Note, target: DocumentRecord) -> list[Item]:
    """A remark when a credit note takes back what other vouchers have used of an advance."""
    balance = balance_of(session, target)
    left = from_cents(balance.left)
    if not balance.uses or note.totals.payable <= left:
        return []
    users = ", ".join(dict.fromkeys(use.number for use in balance.uses))
    return [
        Item(
            code="CHQ-ADVANCE-USED", pointer=_NUMBER, severity="observation",
            message=Text(
                f"De {target.full_number} ya se usó un anticipo en {users}: quedan {left} sin usar",
                f"{target.full_number} was used as an advance in {users}: {left} of it is left",
            ),
        )
    ]
