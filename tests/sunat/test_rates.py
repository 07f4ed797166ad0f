"""The dated rows: what holds on which day, against the law's own dates and the catalogues."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sunat.__main__ import main
from sunat.catalogues import catalogue
from sunat.errors import FormatError
from sunat.taxes import IGV, bag_tax, general_rate, rates_in_force, rates_so_far, reduced_percents
from sunat.taxes.rates import (
    AMOUNTS,
    DETRACTION,
    DETRACTION_LIMIT,
    PERCENTAGES,
    PERCEPTION,
    RATES,
    RETENTION,
    RETENTION_LIMIT,
    UNNAMED_LIMIT,
    amount_on,
    percentage_on,
    told,
)
from sunat.taxes.tributes import IVAP

EVERY_DAY = [date(2019, 1, 1) + timedelta(days=each) for each in range(366 * 12)]


def test_the_whole_igv_is_18_on_every_day_and_one_row_says_so() -> None:
    for day in EVERY_DAY:
        general = [rate for rate in rates_in_force(IGV, day) if not rate.reduced]
        assert [rate.percent for rate in general] == [18]
        assert general_rate(day, IVAP) == 4


@pytest.mark.parametrize(
    ("day", "igv", "municipal"),
    [
        ("2025-12-31", "16", "2"), ("2026-01-01", "15.5", "2.5"), ("2026-12-31", "15.5", "2.5"),
        ("2027-01-01", "15", "3"), ("2028-01-01", "14.5", "3.5"), ("2029-01-01", "14", "4"), ("2035-01-01", "14", "4"),
    ],
)
def test_the_split_by_year(day: str, igv: str, municipal: str) -> None:
    rate = rates_in_force(IGV, date.fromisoformat(day))[0]
    assert rate.municipal is not None
    assert (rate.percent - rate.municipal, rate.municipal) == (Decimal(igv), Decimal(municipal))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-08-31", []), ("2022-09-01", ["10"]), ("2025-12-31", ["10"]), ("2026-01-01", []), ("2026-02-12", []),
        ("2026-02-13", ["10.5"]), ("2026-12-31", ["10.5"]), ("2027-01-01", []), ("2027-12-31", []),
    ],
)
def test_the_reduced_rate_counts_once_sunat_knows_it(day: str, expected: list[str]) -> None:
    rows = rates_in_force(IGV, date.fromisoformat(day))
    assert [rate.percent for rate in rows if rate.reduced] == [Decimal(each) for each in expected]


def test_the_law_goes_by_the_issue_date_and_sunats_validator_by_reception() -> None:
    """SUNAT loaded the 10.5 % of 2026 on 2026-02-13: a voucher of two days before may be sent that day."""
    issued = date(2026, 2, 11)
    for received, there in ((date(2026, 2, 12), False), (date(2026, 2, 13), True)):
        percents = {rate.percent for rate in rates_in_force(IGV, issued, received)}
        assert (Decimal("10.5") in percents) is there
        assert (Decimal("10.5") in {rate.percent for rate in rates_so_far(IGV, issued, received)}) is there
    last_year = {rate.percent for rate in rates_in_force(IGV, date(2025, 12, 31), date(2026, 2, 13))}
    assert last_year == {18, 10}


def test_a_note_may_follow_every_rate_so_far_and_none_to_come() -> None:
    assert {rate.percent for rate in rates_so_far(IGV, date(2027, 3, 1))} == {18, 10, Decimal("10.5")}
    assert {rate.percent for rate in rates_so_far(IGV, date(2021, 3, 1))} == {18}
    assert reduced_percents() == {10, Decimal("10.5"), 15}


def test_the_bag_by_year() -> None:
    with pytest.raises(FormatError):
        bag_tax(date(2019, 7, 31))
    assert [bag_tax(date(year, 8, 1)) for year in range(2019, 2027)] == [
        Decimal(each) for each in ("0.10", "0.20", "0.30", "0.40", "0.50", "0.50", "0.50", "0.50")
    ]
    assert (bag_tax(date(2022, 12, 31)), bag_tax(date(2023, 1, 1))) == (Decimal("0.40"), Decimal("0.50"))


def test_limits_and_percentages() -> None:
    day = date(2026, 11, 20)
    assert amount_on(UNNAMED_LIMIT, day) == amount_on(RETENTION_LIMIT, day) == amount_on(DETRACTION_LIMIT, day) == 700
    assert (amount_on(DETRACTION_LIMIT, day, "027"), amount_on(DETRACTION_LIMIT, day, "037")) == (400, 700)
    assert (percentage_on(RETENTION, "01", day), percentage_on(RETENTION, "02", day)) == (3, None)
    assert percentage_on(RETENTION, "02", date(2014, 2, 28)) == 6
    assert (percentage_on(DETRACTION, "037", day), percentage_on(DETRACTION, "099", day)) == (12, None)


def test_the_codes_are_the_catalogues() -> None:
    assert {row.code for row in PERCENTAGES if row.catalogue == DETRACTION} <= {row.code for row in catalogue("54")}
    for number in (PERCEPTION, RETENTION):
        rows = {row.code: row.percent for row in PERCENTAGES if row.catalogue == number}
        assert rows == {entry.code: Decimal(entry.attributes["rate"]) for entry in catalogue(number)}


def test_no_two_rows_hold_for_one_thing_on_one_day() -> None:
    for day in EVERY_DAY[::7]:
        percents = [(row.catalogue, row.code) for row in PERCENTAGES if row.rules_on(day)]
        amounts = [(row.name, row.code) for row in AMOUNTS if row.rules_on(day)]
        rates = [(row.tribute, row.reduced) for row in RATES if row.rules_on(day)]
        for found in (percents, amounts, rates):
            assert len(found) == len(set(found)), day


def test_they_are_printed_with_their_norms(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rates", "--date", "2026-11-20"]) == 0
    printed = capsys.readouterr().out
    assert "IGV\t1000\t18 % (15.5+2.5)\t2026-01-01\t2026-01-01\t2026-12-31\tLey 32387" in printed
    assert "15 %\t" not in printed.split("detracción")[0]
    assert main(["rates"]) == 0
    everything = capsys.readouterr().out.splitlines()
    assert len(everything) == len(RATES) + len(AMOUNTS) + len(PERCENTAGES) == len(list(told()))
    assert all(row[6] for row in told())
