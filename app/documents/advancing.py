"""The ledger of advances as issuing looks at it: what a voucher is worth as one, and whether those it uses allow it.

An advance that our ledger does not know is unknown, not absent: it passes with a remark (decision 17). One of ours that
is voided, rejected or lapsed is refused, and so is using more of it than is left; once before the number, and once
more inside the transaction that takes it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.documents import citing
from app.ledger import store
from app.ledger.advances import AFFECTATIONS, ANY, Balance, Use, balance_of, converted, slack
from app.ledger.awaiting import would_wait_for_itself
from app.ledger.lifecycle import DEAD, Status
from app.ledger.models import IMPORTED, DocumentRecord
from app.problems import Item, Text, refusal
from sunat.documents import Advance, OriginalSale, Voucher
from sunat.errors import FormatError
from sunat.money import from_cents, to_cents, total
from sunat.numbering import parse_number
from sunat.taxes import EXEMPT, EXPORT, UNAFFECTED

_FIELD: Final = "/header/additional/pe_header/advances"
_CODES: Final = {"02": "01", "03": "03"}
"""Catalogue 12's code of an advance's voucher -> catalogue 01's."""

_TAXED, _EXEMPT, _UNAFFECTED = AFFECTATIONS
_NAMES: Final = {
    _TAXED: Text("gravado", "taxed"), _EXEMPT: Text("exonerado", "exempt"), _UNAFFECTED: Text("inafecto", "unaffected"),
    ANY: Text("en total", "in all"),
}


def totals_of(content: Voucher) -> dict[str, int]:
    """What a voucher is worth as an advance, in céntimos by affectation; nothing for one that is none.

    What is paid is split by the bases of its exempt and unaffected lines; export counts with the unaffected (06), and
    the rest is taxed.
    """
    if not isinstance(content, OriginalSale) or not content.is_advance:
        return {}
    bases = {tax.tribute: tax.base for tax in content.totals.taxes}
    exempt = bases.get(EXEMPT, Decimal(0))
    unaffected = total((bases.get(UNAFFECTED, Decimal(0)), bases.get(EXPORT, Decimal(0))))
    paid = content.totals.payable
    taxed = paid - exempt - unaffected
    parts = {_TAXED: taxed, _EXEMPT: exempt, _UNAFFECTED: unaffected}
    onerous = [name for name, amount in parts.items() if amount > 0]
    if taxed < 0 or len(onerous) == 1:  # one kind alone takes all of it, discounts and bags included
        parts = {max(parts, key=lambda name: parts[name]): paid}
    return {name: to_cents(amount) for name, amount in parts.items() if amount > 0}


def uses_of(content: Voucher, rate: Decimal | None) -> tuple[Use, ...]:
    """The advances of the issuer's own that a voucher uses, as the ledger keeps them.

    ``rate`` is the exchange rate that its request tells, if it does.
    """
    if not isinstance(content, OriginalSale):
        return ()
    found = (_use(content, advance, rate) for advance in content.advances)
    return tuple(use for use in found if use is not None)


def look(
    session: Session, account: AccountRecord, content: Voucher, rate: Decimal | None = None, *,
    corrects: int | None = None,
) -> list[Item]:
    """What the ledger has against the advances that a content uses, errors and remarks.

    ``rate`` is the exchange rate that the request tells. The uses of the voucher that it ``corrects`` are left out:
    they fall with its former edition.
    """
    if not isinstance(content, OriginalSale) or not content.advances:
        return []
    asked: dict[tuple[str, str, int], _Asked] = {}
    items: list[Item] = []
    for index, advance in enumerate(content.advances):
        use = _use(content, advance, rate)
        if use is None:
            if advance.document_type in _CODES:
                items.append(_unknown(index, advance))
            continue
        row = _row(session, account.id, use)
        if row is None:
            items.append(_unknown(index, advance))
            continue
        items += _standing(index, row, content)
        if Status(row.status) not in DEAD:
            wanted = asked.setdefault(use.key, _Asked())
            items += _spent(session, index, row, content, use, wanted, besides=corrects)
    return items


def keys_of(content: Voucher) -> set[tuple[str, str, int]]:
    """The vouchers of the account whose rows must be locked before a content's advances are used."""
    return {use.key for use in uses_of(content, None)}


def refuse_overuse(
    session: Session, account_id: int, content: Voucher, rate: Decimal | None, document_id: int
) -> None:
    """Looks once more, the advances' rows being locked and the voucher's own uses stored. Raises Refused."""
    if not isinstance(content, OriginalSale) or not content.advances:
        return
    items: list[Item] = []
    asked: dict[tuple[str, str, int], _Asked] = {}
    for index, advance in enumerate(content.advances):
        use = _use(content, advance, rate)
        row = _row(session, account_id, use) if use is not None else None
        if use is None or row is None:
            continue
        if row.id == document_id:
            items.append(_itself(index, row))
        elif Status(row.status) in DEAD:
            items += _standing(index, row, content)
        else:
            wanted = asked.setdefault(use.key, _Asked())
            items += _spent(session, index, row, content, use, wanted, besides=document_id)
    wrong = [item for item in items if item.severity == "error"]
    between = None if wrong else would_wait_for_itself(session, document_id)
    if between is not None:
        wrong.append(_in_circle(between))
    if wrong:
        raise refusal(wrong)


@dataclass(slots=True)
class _Asked:
    """What a sale has asked of one advance so far, in céntimos of its currency, and how far rounding may be above."""

    amounts: Counter[str] = field(default_factory=Counter)
    slack: int = 0

    def fits(self, amount: int, left: int) -> bool:
        """Whether an amount asked is there; what was converted may pass what is left by its slack."""
        return amount <= left or 0 < left < amount <= left + self.slack


def _spent(
    session: Session, index: int, row: DocumentRecord, content: OriginalSale, use: Use, wanted: _Asked, *,
    besides: int | None,
) -> list[Item]:
    """A use of an advance of ours, added to what the sale wants of it so far, against what is left."""
    amount, items = use.amount, []
    if row.currency != content.currency:
        between = row.currency, content.currency, content.issue_date
        worth = converted(session, use, *between)
        if worth is None:
            return [_no_rate(index, row, content)]
        items.append(_exchanged(index, row, content, use, worth))
        amount, wanted.slack = worth, wanted.slack + slack(session, use, *between)
    wanted.amounts[use.affectation] += amount
    balance = balance_of(session, row, besides=besides)
    return [*items, *_overused(index, row, balance, wanted, use.affectation)]


def _use(content: OriginalSale, advance: Advance, rate: Decimal | None) -> Use | None:
    """The use as the ledger keeps it; None for another issuer's, for a customs paper, for what is no number."""
    code = _CODES.get(advance.document_type)
    if code is None or advance.issuer_number != content.issuer.identity_number or advance.amounts.total <= 0:
        return None
    try:
        series, number = parse_number(advance.number)
    except FormatError:
        return None
    return Use(
        sunat_code=code, series=series, number=number, affectation=advance.amounts.affectation,
        amount=to_cents(advance.amounts.total), rate=rate,
    )


def _row(session: Session, account_id: int, use: Use) -> DocumentRecord | None:
    return store.document_by_number(
        session, account_id, sunat_code=use.sunat_code, series=use.series, number=use.number
    )


def _unknown(index: int, advance: Advance) -> Item:
    return Item(
        code="CHQ-ADVANCE-UNKNOWN", pointer=f"{_FIELD}/{index}/number", severity="observation",
        message=Text(
            f"El anticipo {advance.number} no está en este sistema: no se sabe su saldo y SUNAT lo comprobará (3218)",
            f"Advance {advance.number} is not in this system: its balance is unknown, and SUNAT will check it (3218)",
        ),
    )


def _itself(index: int, row: DocumentRecord) -> Item:
    """It would wait for its own acceptance before it is sent."""
    return Item(
        code="CHQ-ADVANCE-STATE", pointer=f"{_FIELD}/{index}/number",
        message=Text(
            f"{row.full_number} sería este mismo comprobante", f"{row.full_number} would be this very voucher"
        ),
        hint=Text("Indique el comprobante del anticipo", "Name the voucher of the advance"),
    )


def _in_circle(between: DocumentRecord) -> Item:
    """It would be sent after a voucher that is itself sent after it."""
    name = between.full_number
    return Item(
        code="CHQ-ADVANCE-STATE", pointer=_FIELD,
        message=Text(
            f"{name} usa este comprobante como anticipo: cada uno esperaría a que SUNAT acepte al otro",
            f"{name} uses this voucher as an advance: each would wait until SUNAT accepts the other",
        ),
        hint=Text("Un anticipo se emite antes de la venta que lo usa", "An advance is issued before the sale using it"),
    )


def _no_rate(index: int, row: DocumentRecord, content: OriginalSale) -> Item:
    day = content.issue_date.isoformat()
    return Item(
        code="CHQ-ADVANCE-CURRENCY", pointer=f"{_FIELD}/{index}/number",
        message=Text(
            f"El anticipo {row.full_number} está en {row.currency} y la venta en {content.currency}: sin tipo de "
            f"cambio del {day} no se puede llevar su saldo",
            f"Advance {row.full_number} is in {row.currency} and the sale in {content.currency}: without an exchange "
            f"rate for {day} its balance cannot be kept",
        ),
        hint=Text(
            "Envíe header.exchange_rate_value, o cargue los tipos de cambio (chasqui rates import)",
            "Send header.exchange_rate_value, or load the exchange rates (chasqui rates import)",
        ),
    )


def _exchanged(index: int, row: DocumentRecord, content: OriginalSale, use: Use, worth: int) -> Item:
    given, taken = f"{content.currency} {from_cents(use.amount):.2f}", f"{row.currency} {from_cents(worth):.2f}"
    return Item(
        code="CHQ-ADVANCE-CURRENCY", pointer=f"{_FIELD}/{index}/number", severity="observation",
        message=Text(
            f"El anticipo {row.full_number} está en {row.currency}: {given} de la venta toman de él {taken}",
            f"Advance {row.full_number} is in {row.currency}: {given} of the sale take {taken} of it",
        ),
    )


def _standing(index: int, row: DocumentRecord, content: OriginalSale) -> list[Item]:
    """What is to be said of the advance itself, whatever is left of it."""
    pointer, name = f"{_FIELD}/{index}/number", row.full_number
    dead = citing.DEAD.get(Status(row.status))
    if dead:
        return [Item(
            code="CHQ-ADVANCE-STATE", pointer=pointer,
            message=Text(f"El anticipo {name} {dead.es}", f"Advance {name} {dead.en}"),
            hint=Text("Use un anticipo válido o quítelo", "Use a valid advance or remove it"),
        )]
    said = []
    if row.status == Status.ISSUED and row.origin != IMPORTED:
        said.append(("CHQ-ADVANCE-PENDING", Text(
            f"El anticipo {name} aún no tiene respuesta de SUNAT: este comprobante se envía después (3218)",
            f"Advance {name} has no answer from SUNAT yet: this voucher is sent after it (3218)",
        )))
    if (content.customer.identity_code, content.customer.identity_number) != (row.receiver_code, row.receiver_number):
        said.append(("CHQ-ADVANCE-CUSTOMER", Text(
            f"El anticipo {name} se emitió a otro cliente ({row.receiver_number})",
            f"Advance {name} was issued to another customer ({row.receiver_number})",
        )))
    if row.issue_date > content.issue_date:
        said.append(("CHQ-ADVANCE-DATE", Text(
            f"El anticipo {name} es del {row.issue_date.isoformat()}, posterior a la venta",
            f"Advance {name} is of {row.issue_date.isoformat()}, after the sale",
        )))
    return [Item(code=code, pointer=pointer, message=text, severity="observation") for code, text in said]


def _overused(
    index: int, row: DocumentRecord, balance: Balance, wanted: _Asked, affectation: str
) -> list[Item]:
    """What is asked of an advance so far by this voucher, against what is left of it."""
    items = []
    if not balance.totals and row.origin != IMPORTED:
        items.append(Item(
            code="CHQ-ADVANCE-PLAIN", pointer=f"{_FIELD}/{index}/number", severity="observation",
            message=Text(
                f"{row.full_number} no se emitió como anticipo (is_advance)",
                f"{row.full_number} was not issued as an advance (is_advance)",
            ),
        ))
    if balance.uncounted:
        names = ", ".join(balance.uncounted)
        items.append(Item(
            code="CHQ-ADVANCE-CURRENCY", pointer=f"{_FIELD}/{index}/number", severity="observation",
            message=Text(
                f"{names} usó el anticipo {row.full_number} en otra moneda y no hay tipo de cambio: no se descuenta",
                f"{names} used advance {row.full_number} in another currency and there is no rate: it is not counted",
            ),
        ))
    asked, all_asked = wanted.amounts[affectation], wanted.amounts.total()
    by_kind = balance.left_of(affectation)
    enough = wanted.fits(asked, by_kind)
    if enough and wanted.fits(all_asked, balance.left):
        return items
    name = _NAMES[ANY] if enough or not balance.totals else _NAMES[affectation]
    left, over = (balance.left, all_asked) if enough else (by_kind, asked)
    rest, more = f"{from_cents(max(left, 0)):.2f}", f"{from_cents(over):.2f}"
    users = ", ".join(dict.fromkeys(use.number for use in balance.uses)) or "-"
    return [*items, Item(
        code="CHQ-ADVANCE-BALANCE", pointer=f"{_FIELD}/{index}/total_amount",
        message=Text(
            f"Del anticipo {row.full_number} quedan {rest} {row.currency} ({name.es}) y la venta usa {more}",
            f"{rest} {row.currency} of advance {row.full_number} is left ({name.en}) and the sale uses {more}",
        ),
        hint=Text(
            f"Lo usan: {users}. Use el saldo, u otro anticipo",
            f"Used by: {users}. Use what is left, or another advance",
        ),
    )]
