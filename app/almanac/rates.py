"""Exchange rates by day: soles for one unit of another currency.

The rate that rules is the *sell* rate published for the day on which the tax arises, which of a sale is its issue
date; where nothing was published for that day (Saturdays, Sundays, holidays), the last one published before it
(Reglamento de la Ley del IGV, DS 029-94-EF, art. 5 num. 17: SBS's weighted average, as SUNAT publishes it). A day
without publication is followed by one within `LONGEST_SILENCE`; an older rate is not the last one published, it is
one that nobody has brought up to date, and does not rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.almanac.models import ExchangeRateRecord
from app.problems import Text
from sunat.catalogues import catalogue

LONGEST_SILENCE: Final = timedelta(days=7)
"""How old the last published rate may be; the longest run of holidays is shorter."""

SOLES: Final = "PEN"
_EARLIEST: Final = date(1991, 7, 1)
_HIGHEST: Final = Decimal(10_000)
_MOST_DECIMALS: Final = 6
_LONGEST_SOURCE: Final = 60

Outcome = Literal["added", "changed", "unchanged"]

_RULING: Final = (
    select(ExchangeRateRecord)
    .where(ExchangeRateRecord.currency == bindparam("currency"), ExchangeRateRecord.day <= bindparam("day"))
    .order_by(ExchangeRateRecord.day.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRate:
    """What was published for a day: soles for one unit of the currency (ISO 4217), buying and selling."""

    currency: str
    day: date
    buy: Decimal
    sell: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of a rate; ``former`` is the sell rate it replaced."""

    rate: DayRate
    outcome: Outcome
    former: Decimal | None = None


def ruling(session: Session, currency: str, day: date) -> DayRate | None:
    """The rate that rules on a day: that day's, else the last published before it; None where none is known."""
    found = session.scalar(_RULING, {"currency": currency, "day": day})
    if found is None or day - found.day > LONGEST_SILENCE:
        return None
    return DayRate(currency=found.currency, day=found.day, buy=found.buy, sell=found.sell, source=found.source)


def faults_of(rate: DayRate, today: date) -> list[tuple[str, Text]]:
    """What is wrong with a rate that somebody brings, each with its member; rates of tomorrow are published today."""
    faults = []
    if rate.currency == SOLES or rate.currency not in catalogue("02"):
        faults.append(("currency", Text(
            f"{rate.currency!r} no es el código ISO de otra moneda",
            f"{rate.currency!r} is not the ISO code of another currency",
        )))
    if not _EARLIEST <= rate.day <= today + timedelta(days=1):
        faults.append(("day", Text(
            f"{rate.day.isoformat()} no es un día publicado hasta hoy",
            f"{rate.day.isoformat()} is not a day published by today",
        )))
    for member in ("buy", "sell"):
        value: Decimal = getattr(rate, member)
        if not 0 < value < _HIGHEST or -value.normalize().as_tuple().exponent > _MOST_DECIMALS:  # type: ignore[operator]
            faults.append((member, Text(
                f"{value} no son soles por unidad (mayor que 0, hasta {_MOST_DECIMALS} decimales)",
                f"{value} is not soles for one unit (above 0, up to {_MOST_DECIMALS} decimals)",
            )))
    if not faults and rate.buy > rate.sell:
        faults.append(("buy", Text(
            f"La compra ({rate.buy}) pasa de la venta ({rate.sell}): ¿están al revés?",
            f"Buy ({rate.buy}) is above sell ({rate.sell}): are they the wrong way round?",
        )))
    if len(rate.source) > _LONGEST_SOURCE:
        faults.append(("source", Text(
            f"La fuente pasa de {_LONGEST_SOURCE} caracteres", f"The source is over {_LONGEST_SOURCE} characters"
        )))
    return faults


def keep(session: Session, rates: Sequence[DayRate], *, actor: str, now: datetime) -> list[Kept]:
    """Stores rates that have no `faults_of`, each day once; the same again changes nothing."""
    before = _stored(session, rates)
    kept = []
    for rate in rates:
        former = before.get((rate.currency, rate.day))
        if former is None:
            session.add(ExchangeRateRecord(
                currency=rate.currency, day=rate.day, buy=rate.buy, sell=rate.sell, source=rate.source, actor=actor,
                updated_at=now,
            ))
            kept.append(Kept(rate=rate, outcome="added"))
        elif (former.buy, former.sell) == (rate.buy, rate.sell):
            kept.append(Kept(rate=rate, outcome="unchanged"))
        else:
            kept.append(Kept(rate=rate, outcome="changed", former=former.sell))
            former.buy, former.sell, former.source = rate.buy, rate.sell, rate.source
            former.actor, former.updated_at = actor, now
    session.flush()
    return kept


def between(session: Session, currency: str | None, first: date, last: date) -> list[DayRate]:
    """The rates published from one day to another, inclusive, newest first."""
    wanted = select(ExchangeRateRecord).where(ExchangeRateRecord.day.between(first, last))
    if currency is not None:
        wanted = wanted.where(ExchangeRateRecord.currency == currency)
    rows = session.scalars(wanted.order_by(ExchangeRateRecord.day.desc(), ExchangeRateRecord.currency))
    return [
        DayRate(currency=row.currency, day=row.day, buy=row.buy, sell=row.sell, source=row.source) for row in rows
    ]


def _stored(session: Session, rates: Iterable[DayRate]) -> dict[tuple[str, date], ExchangeRateRecord]:
    days = sorted({rate.day for rate in rates})
    if not days:
        return {}
    rows = session.scalars(
        select(ExchangeRateRecord)
        .where(ExchangeRateRecord.day.between(days[0], days[-1])).with_for_update()
    )
    return {(row.currency, row.day): row for row in rows}
