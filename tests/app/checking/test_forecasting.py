"""What the rules of a coming day would refuse of what was issued: counted once, by the rules that changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.checking import forecasting
from app.checking.forecasting import Asked, forecast
from app.cli import main
from app.clock import FixedClock
from app.db import Database
from tests.support.builders import OTHER_RUC, tenant
from tests.support.stored import store_voucher
from tests.support.tampering import tamper

TODAY = date(2026, 11, 20)
COMING = date(2027, 1, 1)
OCTOBER = Asked(day=COMING, first=date(2026, 10, 1), last=date(2026, 10, 31))


@pytest.fixture
def office(database: Database, clock: FixedClock) -> Database:
    """Three facturas and a boleta of October, one of them with product codes, a factura of November, another shop's."""
    mine = tenant(database, clock.now())
    other = tenant(database, clock.now(), ruc=OTHER_RUC)
    for day, changes in ((5, {}), (6, {"sunat_code": "10101501"}), (7, {})):
        store_voucher(database, mine, clock.now(), date(2026, 10, day), **changes)
    store_voucher(database, mine, clock.now(), date(2026, 10, 8), series="B001", stem="boleta")
    store_voucher(database, mine, clock.now(), TODAY)
    store_voucher(database, other, clock.now(), date(2026, 10, 9))
    return database


def test_a_coming_rule_is_counted_with_examples(office: Database) -> None:
    told = forecast(office, replace(OCTOBER, account_id=1)).body(OCTOBER, "es")
    assert (told["judged"], told["would_fail"]) == (4, 3)
    assert told["kinds"] == [
        {"kind": "01", "judged": 3, "would_fail": 2, "percent": "66.7"},
        {"kind": "03", "judged": 1, "would_fail": 1, "percent": "100.0"},
    ]
    factura, boleta = told["codes"]
    assert (factura["code"], factura["vouchers"], factura["examples"]) == ("3496", 2, ["F001-1", "F001-3"])
    assert (boleta["code"], boleta["examples"]) == ("3496", ["B001-1"])
    assert factura["message"]
    assert factura["hint"]


def test_nothing_changes_on_the_day_of_issue_itself_and_terms_that_ran_out_do_not_count(office: Database) -> None:
    assert sum(forecast(office, replace(OCTOBER, day=TODAY)).failing.values()) == 0
    assert sum(forecast(office, replace(OCTOBER, day=date(2026, 12, 31))).failing.values()) == 0


def test_every_account_is_looked_at_unless_one_is_named(office: Database) -> None:
    assert sum(forecast(office, OCTOBER).judged.values()) == 5
    assert sum(forecast(office, replace(OCTOBER, account_id=2)).judged.values()) == 1
    assert sum(forecast(office, replace(OCTOBER, last=TODAY)).judged.values()) == 6


def test_pages_miss_nothing(office: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "PAGE", 2)
    steps: list[int] = []
    made = forecast(office, replace(OCTOBER, last=TODAY), steps.append)
    assert (sum(made.judged.values()), sum(steps)) == (6, 6)


def test_what_was_refused_anyway_is_left_out(office: Database) -> None:
    tamper(office, "UPDATE documents SET status = 'rejected' WHERE series = 'F001' AND number = 1 AND account_id = 1")
    assert sum(forecast(office, replace(OCTOBER, account_id=1)).judged.values()) == 3


def test_the_command_tells_it(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, office: Database, database_url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["rules", "forecast", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout

    status, said = run("--date", "2027-01-01", "--period", "2026-10", "--account", "20123456786")
    assert status == 0
    assert said.splitlines()[0].startswith("3 de / of 4 (2026-10-01 .. 2026-10-31)")
    assert "01 3496: 2 (66.7 %) F001-1, F001-3" in said
    status, said = run("--date", "2027-01-01", "--period", "2026-10", "--json", "--english")
    assert (status, json.loads(said)["would_fail"]) == (0, 4)
    assert run("--date", "2027-01-01", "--period", "october")[0] == 2
    assert run("--date", "soon")[0] == 2

