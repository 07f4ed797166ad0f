"""The ledger of advances as issuing looks at it: what a voucher is worth as one, and whether those it uses allow it.

An advance that our ledger does not know is unknown, not absent: it passes with a remark (decision 17). One of ours that
is voided, rejected or lapsed is refused, and so is using more of it than is left; once before the number, and once
more inside the transaction that takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.documents import citing
from app.ledger import store
from app.ledger.advances import AFFECTATIONS, ANY, Balance, Use, balance_of
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


def uses_of(content: Voucher) -> tuple[Use, ...]:
    """The advances of the issuer's own that a voucher uses, as the ledger keeps them."""
    if not isinstance(content, OriginalSale):
        return ()
    found = (_use(content, advance) for advance in content.advances)
    return tuple(use for use in found if use is not None)


def look(
    session: Session, account: AccountRecord, content: Voucher, *, corrects: int | None = None
) -> list[Item]:
    """What the ledger has against the advances that a content uses, errors and remarks.

    The uses of the voucher that it ``corrects`` are left out: they fall with its former edition.
    """
    if not isinstance(content, OriginalSale) or not content.advances:
        return []
    asked: dict[tuple[str, str, int], dict[str, Decimal]] = {}
    items: list[Item] = []
    for index, advance in enumerate(content.advances):
        use = _use(content, advance)
        if use is None:
            if advance.document_type in _CODES:
                items.append(_unknown(index, advance))
            continue
        row = _row(session, account.id, use)
        if row is None:
            items.append(_unknown(index, advance))
            continue
        items += _standing(index, row, content)
        if Status(row.status) in DEAD or row.currency != content.currency:
            continue
        wanted = asked.setdefault(use.key, {})
        wanted[use.affectation] = wanted.get(use.affectation, Decimal(0)) + advance.amounts.total
        items += _overused(index, row, balance_of(session, row, besides=corrects), wanted, use.affectation)
    return items


def keys_of(content: Voucher) -> set[tuple[str, str, int]]:
    """The vouchers of the account whose rows must be locked before a content's advances are used."""
    return {use.key for use in uses_of(content)}


def refuse_overuse(session: Session, account_id: int, content: Voucher, document_id: int) -> None:
    """Looks once more, the advances' rows being locked and the voucher's own uses stored. Raises Refused."""
    if not isinstance(content, OriginalSale) or not content.advances:
        return
    items: list[Item] = []
    asked: dict[tuple[str, str, int], dict[str, Decimal]] = {}
    for index, advance in enumerate(content.advances):
        use = _use(content, advance)
        row = _row(session, account_id, use) if use is not None else None
        if use is None or row is None:
            continue
        if row.id == document_id:
            items.append(_itself(index, row))
        elif Status(row.status) in DEAD:
            items += _standing(index, row, content)
        elif row.currency == content.currency:
            wanted = asked.setdefault(use.key, {})
            wanted[use.affectation] = wanted.get(use.affectation, Decimal(0)) + advance.amounts.total
            items += _overused(index, row, balance_of(session, row, besides=document_id), wanted, use.affectation)
    wrong = [item for item in items if item.severity == "error"]
    if wrong:
        raise refusal(wrong)


def _use(content: OriginalSale, advance: Advance) -> Use | None:
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
        amount=to_cents(advance.amounts.total),
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
    if row.currency != content.currency:
        said.append(("CHQ-ADVANCE-CURRENCY", Text(
            f"El anticipo {name} está en {row.currency} y la venta en {content.currency}: su saldo no se lleva",
            f"Advance {name} is in {row.currency} and the sale in {content.currency}: its balance is not kept",
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
    index: int, row: DocumentRecord, balance: Balance, wanted: Mapping[str, Decimal], affectation: str
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
    asked, all_asked = wanted[affectation], total(wanted.values())
    by_kind, in_all = from_cents(balance.left_of(affectation)), from_cents(balance.left)
    if asked <= by_kind and all_asked <= in_all:
        return items
    name = _NAMES[affectation] if asked > by_kind and balance.totals else _NAMES[ANY]
    left, over = (by_kind, asked) if asked > by_kind else (in_all, all_asked)
    users = ", ".join(dict.fromkeys(use.number for use in balance.uses)) or "-"
    return [*items, Item(
        code="CHQ-ADVANCE-BALANCE", pointer=f"{_FIELD}/{index}/total_amount",
        message=Text(
            f"Del anticipo {row.full_number} quedan {max(left, Decimal(0))} ({name.es}) y la venta usa {over}",
            f"{max(left, Decimal(0))} of advance {row.full_number} is left ({name.en}) and the sale uses {over}",
        ),
        hint=Text(
            f"Lo usan: {users}. Use el saldo, u otro anticipo",
            f"Used by: {users}. Use what is left, or another advance",
        ),
    )]
