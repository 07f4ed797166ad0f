"""Exchange rates: which one rules on a day, files of them, and who may read and write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.accounts import credentials
from app.accounts.models import AccountRecord
from app.almanac import rates
from app.almanac.rate_files import read_rates
from app.almanac.rates import DayRate
from app.clock import FixedClock
from app.db import Database
from app.http import Office
from app.problems import Malformed, Problem, Refused
from tests.support.web import Caller, account, app_on, office_on, operator

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def dollars(day: date, sell: str = "3.752", buy: str = "3.745", **more: Any) -> DayRate:
    return DayRate(**{"currency": "USD", "day": day, "buy": Decimal(buy), "sell": Decimal(sell), **more})


@pytest.mark.parametrize(
    ("day", "published"),
    [
        (date(2026, 11, 13), date(2026, 11, 13)),
        (date(2026, 11, 14), date(2026, 11, 13)),
        (date(2026, 11, 16), date(2026, 11, 16)),
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2026, 11, 24), None),
        (date(2026, 11, 12), None),
    ],
)
def test_a_day_takes_its_own_rate_or_the_last_published(database: Database, day: date, published: date | None) -> None:
    with database.write() as session:
        rates.keep(session, [dollars(date(2026, 11, 13)), dollars(date(2026, 11, 16), "3.80")], actor="t", now=NOW)
    with database.read() as session:
        found = rates.ruling(session, "USD", day)
        assert (found.day if found else None) == published
        assert rates.ruling(session, "EUR", day) is None


def test_keeping_says_what_it_does_and_does_it_once(database: Database) -> None:
    with database.write() as session:
        assert [each.outcome for each in rates.keep(session, [dollars(TODAY)], actor="t", now=NOW)] == ["added"]
        again = [dollars(TODAY, source="SBS"), dollars(date(2026, 11, 19))]
        assert [each.outcome for each in rates.keep(session, again, actor="t", now=NOW)] == ["unchanged", "added"]
        (changed,) = rates.keep(session, [dollars(TODAY, "3.760")], actor="t", now=NOW)
        assert (changed.outcome, changed.former) == ("changed", Decimal("3.752"))
    with database.read() as session:
        assert [row.sell for row in rates.between(session, "USD", TODAY, TODAY)] == [Decimal("3.760")]


def test_a_file_of_ours_and_of_sunats_daily_text() -> None:
    ours = b"\xef\xbb\xbfDay,currency,buy,sell,source\n2026-11-19,USD,3.745,3.752,SBS\n\n20/11/2026,eur,4.1,4.2,\n"
    assert read_rates(ours, TODAY) == [
        dollars(date(2026, 11, 19), source="SBS"),
        DayRate(currency="EUR", day=TODAY, buy=Decimal("4.1"), sell=Decimal("4.2")),
    ]
    assert read_rates(b"day;currency;buy;sell\n2026-11-20;USD;3.745;3.752\n", TODAY) == [dollars(TODAY)]
    assert read_rates(b"20/11/2026|3.745|3.752|\r\n", TODAY) == [dollars(TODAY, source="SUNAT")]
    assert read_rates(b"day,currency,buy,sell\n2026-11-20,USD,1,2\n2026-11-20,USD,1,2\n", TODAY) == [
        dollars(TODAY, "2", "1")
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-13-20,USD,3.7,3.8", "no es un día"),
        ("11/20/2026,USD,3.7,3.8", "no es un día"),
        ("2026-11-22,USD,3.7,3.8", "publicado hasta hoy"),
        ("2026-11-20,PEN,1,1", "otra moneda"),
        ("2026-11-20,ZZZ,1,1", "otra moneda"),
        ('2026-11-20,USD,"3,7",3.8', "punto decimal"),
        ("2026-11-20,USD,3.7", "punto decimal"),
        ("2026-11-20,USD,NaN,3.8", "punto decimal"),
        ("2026-11-20,USD,3.9,3.8", "al revés"),
        ("2026-11-20,USD,0,3.8", "mayor que 0"),
        ("2026-11-20,USD,-1,3.8", "mayor que 0"),
        ("2026-11-20,USD,3.7,3.80000001", "6 decimales"),
        ("2026-11-20,USD,1e3,1e5", "mayor que 0"),
    ],
)
def test_a_wrong_line_is_named(line: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        read_rates(f"day,currency,buy,sell\n2026-11-19,USD,3.745,3.752\n{line}\n".encode(), TODAY)
    assert caught.value.items[0].message.es.startswith("Línea 3: ")
    assert said in caught.value.items[0].message.es


def test_every_wrong_line_is_told_and_a_day_with_two_values() -> None:
    with pytest.raises(Refused) as caught:
        read_rates(b"day,currency,buy,sell\nx,USD,1,2\n2026-11-20,USD,1,2\n2026-11-20,USD,1,3\ny,USD,1,2\n", TODAY)
    assert [item.message.es.split(":")[0] for item in caught.value.items] == ["Línea 2", "Línea 4", "Línea 5"]
    with pytest.raises(Refused) as caught:
        read_rates(b"day,currency,buy,sell\n" + b"x,USD,1,2\n" * 80, TODAY)
    assert len(caught.value.items) == 51
    assert caught.value.items[-1].message.en == "and 30 more"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe\x00", Malformed), (b"", Refused), (b"day,currency\n", Refused),
        (b"day,currency,buy,sell\n", Refused),
        (b"day,currency,buy,sell\n\"a\r\n", Problem),
    ],
)
def test_what_is_no_file_of_rates(content: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        read_rates(content, TODAY)


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Office:
    return office_on(database, clock)


@pytest.fixture
def app(services: Office) -> Flask:
    return app_on(services)


def writer_of(services: Office, app: Flask, mode: Any = "test") -> Caller:
    return Caller(client=app.test_client(), credential=operator(services, mode=mode))


def put(day: str = "2026-11-20", sell: Any = "3.752", **more: Any) -> dict[str, Any]:
    return {"rates": [{"currency": "USD", "day": day, "buy": "3.745", "sell": sell, **more}]}


def test_operators_write_and_accounts_read(services: Office, app: Flask) -> None:
    till = Caller(client=app.test_client(), credential=account(services)[1])
    writer = writer_of(services, app)
    assert till("PUT", "/V1/exchange_rates", put()).status_code == 403
    dry = writer("PUT", "/V1/exchange_rates?dry_run=1", put()).json
    assert (dry["dry_run"], dry["changes"]) == (True, 1)
    assert till("GET", "/V1/exchange_rates").json == {"rates": []}
    assert writer("PUT", "/V1/exchange_rates", put()).json["rates"] == [{
        "currency": "USD", "day": "2026-11-20", "buy": "3.745", "sell": "3.752", "source": "", "outcome": "added",
        "former_sell": None,
    }]
    again = writer("PUT", "/V1/exchange_rates", put(sell=3.76)).json
    assert (again["changes"], again["rates"][0]["outcome"], again["rates"][0]["former_sell"]) == (1, "changed", "3.752")
    (read,) = till("GET", "/V1/exchange_rates?currency=USD&day=2026-11-22").json["rates"]
    assert (read["day"], read["sell"]) == ("2026-11-20", "3.76")
    assert till("GET", "/V1/exchange_rates?currency=EUR&day=2026-11-22").json == {"rates": []}
    assert till("GET", "/V1/exchange_rates?from=2026-01-01&to=2026-11-19").json == {"rates": []}
    assert till("GET", "/V1/exchange_rates?from=2020-01-01").status_code == 400
    assert till("GET", "/V1/exchange_rates?day=2026-11-20").status_code == 400


def test_wrong_rates_are_refused_together(services: Office, app: Flask) -> None:
    writer = writer_of(services, app)
    body = {"rates": [*put(sell="3.1")["rates"], *put(day="2027-01-01")["rates"], *put()["rates"]]}
    answer = writer("PUT", "/V1/exchange_rates", body)
    assert answer.status_code == 422
    assert [item["pointer"] for item in answer.json["errors"]] == ["/rates/0/buy", "/rates/1/day", "/rates/2"]
    assert writer("GET", "/V1/exchange_rates").json == {"rates": []}


def test_a_test_key_does_not_touch_what_live_accounts_are_judged_by(services: Office, app: Flask) -> None:
    account(services, environment="live", ruc="20987654326")
    refused = writer_of(services, app)("PUT", "/V1/exchange_rates", put())
    assert (refused.status_code, refused.json["code"]) == (403, "LIVE_RATES")
    assert writer_of(services, app, "live")("PUT", "/V1/exchange_rates", put()).status_code == 200


def test_no_account_gets_the_operators_scope(services: Office) -> None:
    account_id = account(services)[0]
    with services.database.write() as session, pytest.raises(Refused):
        credentials.create_key(
            session, services.vault, account=session.get_one(AccountRecord, account_id), now=NOW,
            scopes=["rates:write"],
        )
