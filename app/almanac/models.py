"""The rows of the almanac: rates of a day, stops of a rate, editions of a register and what stands in them.

No row belongs to a tenant. A register comes in editions: one of each kind is ``current``, and the lines of an edition
count only while it is.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, ExactDecimal, ExactJson, UtcDateTime

REGISTERS = ("ruc-state", "retention-agents", "perception-agents", "reduced-rate", "ose-only", "supervised")
"""The registers that can be taken in."""

LOADING, CURRENT, REPLACED, GIVEN_UP = "loading", "current", "replaced", "given_up"
"""What becomes of an edition; only the current one is looked at."""

_IS_CURRENT = text("state = 'current'")
ALWAYS = date(1900, 1, 1)
"""Since when somebody is in a register that names no day."""


class ExchangeRateRecord(Base):
    """Soles for one unit of a currency on the day for which they were published."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    buy: Mapped[Decimal] = mapped_column(ExactDecimal)
    sell: Mapped[Decimal] = mapped_column(ExactDecimal)
    source: Mapped[str] = mapped_column(String(60), default="")
    actor: Mapped[str] = mapped_column(String(60), default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RateStopRecord(Base):
    """From which day on the reduced IGV rate is not issued, by whose word; lifted once ``lifted_at`` is set."""

    __tablename__ = "rate_stops"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    from_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RegisterRecord(Base):
    """An edition of a register.

    ``as_of`` is the day it speaks of, ``sha256`` the file's. ``words`` are the states and conditions its lines refer
    to by their position. ``touched_at`` moves while it is being loaded: one that stands still was given up.
    """

    __tablename__ = "registers"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in REGISTERS)})", name="kind"),
        CheckConstraint("state IN ('loading', 'current', 'replaced', 'given_up')", name="state"),
        Index("uq_registers_current", "kind", unique=True, sqlite_where=_IS_CURRENT, postgresql_where=_IS_CURRENT),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    as_of: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=LOADING)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    lines: Mapped[int] = mapped_column(BigInteger, default=0)
    words: Mapped[list[str]] = mapped_column(ExactJson, default=list)
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RucStateRecord(Base):
    """A RUC's state and condition (positions in the edition's words).

    There are millions of them, hence as narrow as can be, and without a reference that would be checked row by row.
    """

    __tablename__ = "ruc_states"
    __table_args__ = ({"sqlite_with_rowid": False},)

    register_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    ruc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[int] = mapped_column(SmallInteger)
    condition: Mapped[int] = mapped_column(SmallInteger)


class RegisterMemberRecord(Base):
    """Somebody in a register, with the days he is in it; both ends count."""

    __tablename__ = "register_members"
    __table_args__ = ({"sqlite_with_rowid": False},)

    register_id: Mapped[int] = mapped_column(ForeignKey("registers.id"), primary_key=True, autoincrement=False)
    ruc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    valid_from: Mapped[date] = mapped_column(primary_key=True, default=ALWAYS)
    valid_until: Mapped[date | None]
