"""What the registers in use say of a RUC. A register that was never taken in says nothing at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.almanac.models import CURRENT, RegisterMemberRecord, RegisterRecord, RucStateRecord
from app.almanac.register_files import RUC_STATE

_CURRENT: Final = select(
    RegisterRecord.kind, RegisterRecord.id, RegisterRecord.as_of, RegisterRecord.words
).where(RegisterRecord.state == CURRENT)
_STATES: Final = select(RucStateRecord.ruc, RucStateRecord.state, RucStateRecord.condition).where(
    RucStateRecord.register_id == bindparam("register"), RucStateRecord.ruc.in_(bindparam("rucs", expanding=True))
)
_MEMBERS: Final = select(
    RegisterMemberRecord.register_id, RegisterMemberRecord.ruc, RegisterMemberRecord.valid_from,
    RegisterMemberRecord.valid_until,
).where(
    RegisterMemberRecord.register_id.in_(bindparam("registers", expanding=True)),
    RegisterMemberRecord.ruc.in_(bindparam("rucs", expanding=True)),
)
"""Asked for every voucher, hence made once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RucState:
    """A RUC's state (ACTIVO ...) and the condition of its domicile (HABIDO ...), in SUNAT's words."""

    state: str
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was found about a few RUCs. ``editions`` are the days that the registers in use speak of, by kind."""

    editions: Mapping[str, date] = field(default_factory=dict)
    states: Mapping[str, RucState] = field(default_factory=dict)
    memberships: frozenset[tuple[str, str, date, date | None]] = frozenset()

    def state_of(self, ruc: str) -> RucState | None:
        """The state of a RUC, None where the register does not have it (or is not there: ask ``editions`` first)."""
        return self.states.get(ruc)

    def listed(self, kind: str, ruc: str, day: date) -> bool | None:
        """Whether a register has a RUC on a day; None where that register is not in use."""
        if kind not in self.editions:
            return None
        return any(
            (held, number) == (kind, ruc) and first <= day and (last is None or day <= last)
            for held, number, first, last in self.memberships
        )


NOTHING: Final = Standing()
"""What is known without any register."""


def look_up(session: Session, rucs: Iterable[str]) -> Standing:
    """What the registers in use say of these RUCs; one question where there are none."""
    editions = session.execute(_CURRENT).all()
    if not editions:
        return NOTHING
    numbers = [int(ruc) for ruc in rucs if len(ruc) == 11 and ruc.isascii() and ruc.isdigit()]
    states: dict[str, RucState] = {}
    kinds: dict[int, str] = {}
    for kind, register_id, _, words in editions:
        if kind != RUC_STATE:
            kinds[register_id] = kind
            continue
        for ruc, state, condition in session.execute(_STATES, {"register": register_id, "rucs": numbers}):
            states[str(ruc)] = RucState(state=words[state], condition=words[condition])
    members = session.execute(_MEMBERS, {"registers": list(kinds), "rucs": numbers}) if kinds else ()
    return Standing(
        editions={kind: as_of for kind, _, as_of, _ in editions}, states=states,
        memberships=frozenset((kinds[register_id], str(ruc), first, last) for register_id, ruc, first, last in members),
    )
