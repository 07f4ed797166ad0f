"""From the establishment codes in vouchers to the account's branches, known and proposed.

Source: cbc:AddressTypeCode under the issuer's address, four digits; 0000 is the fiscal domicile, any other an
establishment that SUNAT has registered (3030, 3239).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import branches_of, create_branch
from sunat.documents import Address, Party

_CODE: Final = re.compile(r"[0-9]{4}")
_UBIGEO: Final = re.compile(r"[0-9]{6}")
_MAX_ADDRESS: Final = 250
_MAX_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPlan:
    """A branch to add: SUNAT's code of the establishment, its internal code, and where it is as a voucher says."""

    establishment_code: str
    code: str
    address: Address


class Branches:
    """The branches of an account while an import is planned; those that vouchers name and it lacks are proposed."""

    def __init__(self, session: Session, account_id: int, *, add: bool) -> None:
        rows = session.scalars(branches_of(account_id).order_by(BranchRecord.id)).all()
        self._add = add
        self._ids = {row.code: row.id for row in rows}
        self._codes = {row.id: row.code for row in rows}
        self._head = next(row.code for row in rows if row.is_headquarters)
        self._by_establishment: dict[str, str] = {}
        for row in sorted(rows, key=lambda row: (not row.is_headquarters, row.id)):
            if row.active:
                self._by_establishment.setdefault(row.establishment_code, row.code)
        self._proposed: dict[str, BranchPlan] = {}

    @property
    def proposed(self) -> tuple[BranchPlan, ...]:
        """The branches to add, in order of their codes."""
        return tuple(plan for _, plan in sorted(self._proposed.items()))

    def id_of(self, code: str) -> int | None:
        """The id of the branch with an internal code, None for one that is only proposed."""
        return self._ids.get(code)

    def of_series(self, branch_id: int) -> str:
        """The internal code of the branch a registered series belongs to."""
        return self._codes[branch_id]

    def for_issuer(self, issuer: Party | None) -> str:
        """The internal code of the branch a voucher was issued at; without a code it is the head office."""
        if issuer is None:
            return self._head
        establishment = issuer.establishment_code
        if not _CODE.fullmatch(establishment):
            return self._head
        known = self._by_establishment.get(establishment)
        if known is not None or not self._add:
            return known or self._head
        code = establishment if establishment not in self._ids else f"SUNAT-{establishment}"
        self._by_establishment[establishment] = code
        self._proposed[establishment] = BranchPlan(
            establishment_code=establishment, code=code, address=issuer.address or Address(),
        )
        return code


def add_branch(session: Session, account: AccountRecord, plan: BranchPlan, *, now: datetime) -> BranchRecord:
    """Adds a planned branch, or gives the one that has its code already. Raises nothing for a repetition."""
    found = session.scalar(branches_of(account.id).where(BranchRecord.code == plan.code))
    if found is not None:
        return found
    address = plan.address
    return create_branch(session, account, {
        "name": f"Establecimiento {plan.establishment_code}", "code": plan.code,
        "establishment_code": plan.establishment_code, "address": address.line[:_MAX_ADDRESS],
        "district": address.district[:_MAX_NAME], "city": address.province[:_MAX_NAME],
        "department": address.department[:_MAX_NAME],
        "ubigeo": address.ubigeo if _UBIGEO.fullmatch(address.ubigeo) else "",
    }, now=now)
