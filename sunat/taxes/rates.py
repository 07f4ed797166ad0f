"""Percentages and amounts by date, each with its norm: what a voucher issued on a day may carry.

`RATES` are what is charged, `AMOUNTS` are soles (the tax on a bag, the limits above which a rule begins),
`PERCENTAGES` what the customer keeps back or pays on top, by the codes of catalogues 22, 23 and 54. A norm may be in
force while SUNAT's validator does not know it yet; ``accepted_from`` says since when it does.

Sources: TUO of the IGV law (DS 055-99-EF) art. 17, Ley 32387 (IGV/IPM split from 2026), Ley 31556 and 32219 (reduced
rate of restaurants and hotels), Ley 28211 (IVAP), Ley 30884 (plastic bags), RS 007-99/SUNAT art. 8 (unnamed
customers), RS 037-2002/SUNAT (retention), Ley 29173 (perception), RS 183-2004/SUNAT (detraction).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from sunat.errors import FormatError
from sunat.money import plain
from sunat.taxes.tributes import BAGS, IGV, IVAP

PERCEPTION: Final = "22"
RETENTION: Final = "23"
DETRACTION: Final = "54"
INCOME: Final = "51"
"""The catalogues whose codes have percentages; those of 51 are the income tax kept back in purchase settlements."""

UNNAMED_LIMIT: Final = "boleta"
RETENTION_LIMIT: Final = "retention"
DETRACTION_LIMIT: Final = "detraction"
"""Limits in soles: up to it nobody need be named, kept back from, or pay into an account."""

UIT: Final = "uit"
"""The tax unit (*unidad impositiva tributaria*) of a year; nobody knows the next one before December."""

CARGO: Final = "027"
"""Catalogue 54: the carriage of goods, whose detraction begins earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something that holds from a day on, by a norm.

    ``law_from`` and ``valid_until`` (None while it is open) are the norm's first and last day, and go by the issue
    date; ``accepted_from`` is when SUNAT's validator knows it (None: it does not yet), whatever the voucher's date.
    """

    law_from: date
    accepted_from: date | None
    valid_until: date | None = None
    source: str

    def begun(self, day: date, received: date | None = None) -> bool:
        """Whether it had begun for a voucher issued that day, and ``received`` by SUNAT then or on another day."""
        return self.law_from <= day and self.accepted_from is not None and self.accepted_from <= (received or day)

    def rules_on(self, day: date, received: date | None = None) -> bool:
        """Whether a voucher issued that day, and ``received`` by SUNAT then or on another day, may carry it."""
        return self.begun(day, received) and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Dated):
    """A percentage of a tribute. Of the IGV ``municipal`` is the part that is IPM; the XML carries them together."""

    tribute: str
    percent: Decimal
    reduced: bool = False
    municipal: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount(Dated):
    """So many soles: of a tribute for each unit, or the limit of that name; ``code`` narrows it to one case."""

    name: str
    soles: Decimal
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage(Dated):
    """What a code of a catalogue keeps back or adds. SUNAT judges those of 22 and 23, observes
    those of 51; those of 54 are a help only."""

    catalogue: str
    code: str
    percent: Decimal


def _igv(total: str, municipal: str, first: date, last: date | None, source: str) -> Rate:
    return Rate(
        tribute=IGV, percent=Decimal(total), municipal=Decimal(municipal), law_from=first, accepted_from=first,
        valid_until=last, source=source,
    )


def _reduced(total: str, municipal: str, first: date, accepted: date | None, last: date, source: str) -> Rate:
    return Rate(
        tribute=IGV, percent=Decimal(total), municipal=Decimal(municipal), reduced=True, law_from=first,
        accepted_from=accepted, valid_until=last, source=source,
    )


_SPLIT: Final = "Ley 32387: the IPM grows by half a point a year, the total stays"

RATES: Final = (
    _igv("18", "2", date(2011, 3, 1), date(2025, 12, 31), "Ley 29666 (16 % IGV + 2 % IPM)"),
    _igv("18", "2.5", date(2026, 1, 1), date(2026, 12, 31), _SPLIT),
    _igv("18", "3", date(2027, 1, 1), date(2027, 12, 31), _SPLIT),
    _igv("18", "3.5", date(2028, 1, 1), date(2028, 12, 31), _SPLIT),
    _igv("18", "4", date(2029, 1, 1), None, _SPLIT),
    _reduced("10", "2", date(2022, 9, 1), date(2022, 9, 1), date(2025, 12, 31),
             "Ley 31556 (restaurants, hotels, MYPE), Ley 32219"),
    _reduced("10.5", "2.5", date(2026, 1, 1), date(2026, 2, 13), date(2026, 12, 31),
             "Ley 32219 and 32387; loaded by SUNAT on 2026-02-13"),
    _reduced("15", "3", date(2027, 1, 1), None, date(2027, 12, 31),
             "Ley 32219 and 32387 (12 % IGV + 3 % IPM); announced, not loaded by SUNAT yet"),
    Rate(tribute=IVAP, percent=Decimal(4), law_from=date(2004, 4, 27), accepted_from=date(2004, 4, 27),
         source="Ley 28211, modified by Ley 28309 (rice)"),
)


def _bag(soles: str, first: date, last: date | None) -> Amount:
    return Amount(
        name=BAGS, soles=Decimal(soles), law_from=first, accepted_from=first, valid_until=last,
        source="Ley 30884, art. 12",
    )


def _limit(name: str, soles: int, first: date, source: str, code: str = "") -> Amount:
    return Amount(name=name, soles=Decimal(soles), law_from=first, accepted_from=first, source=source, code=code)


def _uit(year: int, soles: int) -> Amount:
    return Amount(
        name=UIT, soles=Decimal(soles), law_from=date(year, 1, 1), accepted_from=date(year, 1, 1),
        valid_until=date(year, 12, 31), source="The year's supreme decree of the MEF",
    )


AMOUNTS: Final = (
    _bag("0.10", date(2019, 8, 1), date(2019, 12, 31)),
    _bag("0.20", date(2020, 1, 1), date(2020, 12, 31)),
    _bag("0.30", date(2021, 1, 1), date(2021, 12, 31)),
    _bag("0.40", date(2022, 1, 1), date(2022, 12, 31)),
    _bag("0.50", date(2023, 1, 1), None),
    _limit(UNNAMED_LIMIT, 700, date(2012, 7, 1), "RS 007-99/SUNAT, art. 8 num. 3.10"),
    _limit(RETENTION_LIMIT, 700, date(2002, 6, 1), "RS 037-2002/SUNAT, art. 3"),
    _limit(DETRACTION_LIMIT, 700, date(2004, 9, 15), "RS 183-2004/SUNAT, art. 8 and 13"),
    _limit(DETRACTION_LIMIT, 400, date(2006, 10, 1), "RS 073-2006/SUNAT, art. 2", code=CARGO),
    *(_uit(year, soles) for year, soles in {
        2018: 4150, 2019: 4200, 2020: 4300, 2021: 4400, 2022: 4600, 2023: 4950, 2024: 5150, 2025: 5350, 2026: 5500,
    }.items()),
)


def _share(catalogue: str, code: str, percent: str, first: date, source: str, last: date | None = None) -> Percentage:
    return Percentage(
        catalogue=catalogue, code=code, percent=Decimal(percent), law_from=first, accepted_from=first,
        valid_until=last, source=source,
    )


def _detractions(percent: str, *codes: str) -> tuple[Percentage, ...]:
    return tuple(
        _share(DETRACTION, code, percent, date(2018, 4, 1), "RS 183-2004/SUNAT as of RS 071-2018; not judged by SUNAT")
        for code in codes
    )


PERCENTAGES: Final = (
    _share(PERCEPTION, "01", "2", date(2011, 3, 1), "Ley 29173, art. 10; Ley 29666"),
    _share(PERCEPTION, "02", "1", date(2007, 12, 23), "Ley 29173, art. 19"),
    _share(PERCEPTION, "03", "0.5", date(2007, 12, 23), "Ley 29173, art. 10 (customer is an agent himself)"),
    _share(RETENTION, "01", "3", date(2014, 3, 1), "RS 033-2014/SUNAT"),
    _share(RETENTION, "02", "6", date(2002, 6, 1), "RS 037-2002/SUNAT", date(2014, 2, 28)),
    _share(INCOME, "0501", "1.5", date(2006, 2, 1), "RS 234-2005/SUNAT"),
    _share(INCOME, "0503", "4", date(2006, 2, 1), "RS 234-2005/SUNAT as public tables give it for gold; unconfirmed"),
    *_detractions("12", "012", "020", "022", "037", "044"),
    *_detractions("10", "009", "019", "021", "024", "025", "026", "031", "034", "039", "045"),
    *_detractions("15", "010", "041"),
    *_detractions("4", "004", "005", "008", "027", "030", "040"),
    *_detractions("1.5", "035", "036"),
)


@lru_cache(maxsize=1024)
def rates_in_force(tribute: str, day: date, received: date | None = None) -> tuple[Rate, ...]:
    """The rates a voucher issued that day, and ``received`` by SUNAT then or later, may carry; the general one first.
    """
    rows = (rate for rate in RATES if rate.tribute == tribute and rate.rules_on(day, received))
    return tuple(sorted(rows, key=lambda rate: rate.reduced))


@lru_cache(maxsize=1024)
def rates_so_far(tribute: str, day: date, received: date | None = None) -> tuple[Rate, ...]:
    """The rates in force on a day or before it: a note may follow that of the voucher it changes."""
    return tuple(rate for rate in RATES if rate.tribute == tribute and rate.begun(day, received))


def general_rate(day: date, tribute: str = IGV) -> Decimal:
    """The general percentage of a tribute (the IGV with its IPM) in force that day."""
    for rate in rates_in_force(tribute, day):
        if not rate.reduced:
            return rate.percent
    raise FormatError(f"There is no IGV rate for {day.isoformat()}")


def reduced_percents() -> frozenset[Decimal]:
    """Every percentage of the IGV that was ever the reduced one."""
    return frozenset(rate.percent for rate in RATES if rate.tribute == IGV and rate.reduced)


def bag_tax(day: date) -> Decimal:
    """Soles for each plastic bag that day (Ley 30884). Raises FormatError before 2019-08-01, when there was none."""
    return amount_on(BAGS, day)


def amount_on(name: str, day: date, code: str = "") -> Decimal:
    """The soles of a name that hold on a day, those of its ``code`` first. Raises FormatError where there are none."""
    found = {row.code: row.soles for row in AMOUNTS if row.name == name and row.rules_on(day)}
    if code not in found and "" not in found:
        raise FormatError(f"There is no amount {name} for {day.isoformat()}")
    return found.get(code, found.get("", Decimal(0)))


def percentage_on(catalogue: str, code: str, day: date) -> Decimal | None:
    """The percentage of a code of catalogue 22, 23, 51 or 54 on a day, None where the tables tell none."""
    for row in PERCENTAGES:
        if (row.catalogue, row.code) == (catalogue, code) and row.rules_on(day):
            return row.percent
    return None


def told(day: date | None = None) -> Iterator[tuple[str, ...]]:
    """The rows for people, all or those of a day: what, code, value, law from, accepted from (- is not yet), until,
    norm.
    """
    rows: list[tuple[str, str, str, Dated]] = []
    for rate in RATES:
        municipal = ""
        if rate.municipal is not None:
            municipal = f" ({plain(rate.percent - rate.municipal, 0)}+{rate.municipal:f})"
        name = f"{'IGV' if rate.tribute == IGV else 'IVAP'}{' reducido' if rate.reduced else ''}"
        rows.append((name, rate.tribute, f"{rate.percent:f} %{municipal}", rate))
    names = {BAGS: "ICBPER", UNNAMED_LIMIT: "boleta sin cliente", RETENTION_LIMIT: "retención desde",
             DETRACTION_LIMIT: "detracción desde", UIT: "UIT"}
    rows += [(names[row.name], row.code or (BAGS if row.name == BAGS else ""), f"S/ {row.soles:f}", row)
             for row in AMOUNTS]
    shares = {PERCEPTION: "percepción", RETENTION: "retención", DETRACTION: "detracción",
              INCOME: "retención de renta"}
    rows += [(shares[row.catalogue], row.code, f"{row.percent:f} %", row) for row in PERCENTAGES]
    for name, code, value, dated in rows:
        if day is not None and not dated.rules_on(day):
            continue
        yield (
            name, code, value, dated.law_from.isoformat(),
            dated.accepted_from.isoformat() if dated.accepted_from else "-",
            dated.valid_until.isoformat() if dated.valid_until else "", dated.source,
        )
