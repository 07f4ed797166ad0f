"""The doctor on both databases: a healthy installation, then one broken thing after the other, each told as such."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import AccountRecord, BranchRecord, CertificateRecord
from app.accounts.operations import safe_of
from app.accounts.vault import Vault
from app.clock import FixedClock
from app.db import Database, Mark, Marks
from app.delivery import holds
from app.delivery.models import BreakerRecord
from app.delivery.rounds import Rounds
from app.doctor import Examination, State, examine
from app.doctor.asking import addresses_of
from app.doctor.rows import TITLES, span
from app.http import Office
from app.keeping.backing import backup
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord
from app.ledger.pulses import PulseRecord
from app.pretend import Pretend
from app.series.models import SeriesRecord
from app.webhooks.models import DISABLED, WebhookRecord
from sunat.errors import NotSent, UnknownOutcome
from sunat.transport import post
from sunat.transport.connection import Reply
from tests.support.issuing import Shop


@pytest.fixture
def punctual(clock: FixedClock) -> Callable[..., Reply]:
    """The loopback's SUNAT, with the office's time on its clock."""

    def exchange(address: str, body: bytes, headers: dict[str, str], **bounds: Any) -> Reply:
        reply = post(address, body, headers, **bounds)
        return replace(reply, date=format_datetime(clock.now(), usegmt=True))

    return exchange


@pytest.fixture
def well(office: Office, shop: Shop, tmp_path: Path) -> Office:
    """An installation that is in order: somebody delivers and there is a backup."""
    Rounds(office).make()
    backup(office.database, office.vault, tmp_path / "copy.zip", now=office.clock.now())
    return office


def states(found: Examination) -> dict[str, State]:
    """The worst state of each check."""
    order = list(State)
    worst: dict[str, State] = {}
    for row in found.rows:
        worst[row.name] = max(worst.get(row.name, State.OK), row.state, key=order.index)
    return worst


def troubles(found: Examination) -> dict[str, State]:
    return {name: state for name, state in states(found).items() if state is not State.OK}


def change(office: Office, row: type[Any], **values: Any) -> None:
    with office.database.write() as session:
        session.execute(update(row).values(**values))


def test_an_installation_in_order_has_nothing_to_say_about(
    well: Office, shop: Shop, sandbox: Pretend, punctual: Any
) -> None:
    found = examine(well, exchange=punctual)
    assert troubles(found) == {}
    assert found.healthy
    assert set(states(found)) == TITLES.keys()
    assert all(row.advice.es == "" for row in found.rows)
    assert {row.ruc for row in found.rows} == {"", "20123456786"}
    assert sandbox.ledger.receptions()
    assert not any(one.sha256 for one in sandbox.ledger.receptions()), "no file may be sent"


def test_every_broken_thing_is_told_with_what_to_do(
    well: Office, shop: Shop, clock: FixedClock, punctual: Any
) -> None:
    shop.issue(shop.ready())
    change(well, DeliveryRecord, state=str(DeliveryState.SENDING))
    with well.database.write() as session:
        holds.hold(session, shop.account_id, reason="credentials", code="0102", text="Usuario o clave", now=clock.now())
        session.add(BreakerRecord(
            door="sandbox:bill", failures=5, opened_at=clock.now(), open_until=clock.now(), text="No hay red",
        ))
        session.add(WebhookRecord(
            account_id=shop.account_id, event_id="DOCUMENT.STATUSUPDATE", url="https://example.com/", username="",
            secret_sealed=b"x", state=DISABLED, told_to=0, created_at=clock.now(),
        ))
    change(well, SeriesRecord, is_default=False, frozen="SUNAT tiene otro", last_number=99_999_999)
    change(well, BranchRecord, active=False)
    clock.advance(timedelta(days=3))
    found = examine(well, exchange=punctual)
    assert troubles(found) == {
        "worker": State.BAD, "leases": State.BAD, "breakers": State.WARN, "backup": State.WARN, "series": State.BAD,
        "sending": State.BAD, "webhooks": State.WARN, "sol": State.BAD,
    }
    assert all(row.advice.es and row.advice.en for row in found.rows if row.state is not State.OK)
    assert "consult" not in states(found), "a refused user must not be tried again"
    assert "SUNAT tiene otro" in json.dumps(found.body(), ensure_ascii=False)


def test_what_waits_too_long_or_past_its_term_is_told(well: Office, shop: Shop, clock: FixedClock) -> None:
    shop.issue(shop.ready())
    assert states(examine(well, ask=False))["queue"] is State.OK
    clock.advance(timedelta(minutes=10))
    assert states(examine(well, ask=False))["queue"] is State.WARN
    clock.advance(timedelta(days=30))
    late = troubles(examine(well, ask=False))
    assert (late["queue"], late["sending"]) == (State.BAD, State.BAD)


def test_certificates_that_end_are_gone_or_are_somebody_elses(well: Office, shop: Shop, clock: FixedClock) -> None:
    def seen() -> State:
        return states(examine(well, ask=False))["certificate"]

    with well.database.read() as session:
        ends = session.get_one(CertificateRecord, 1).valid_to
    clock.set(ends - timedelta(days=10))
    assert seen() is State.WARN
    clock.set(ends + timedelta(days=1))
    assert seen() is State.BAD
    clock.set(ends - timedelta(days=100))
    assert seen() is State.OK
    change(well, AccountRecord, ruc="20987654326")
    assert seen() is State.BAD  # the secrets of another RUC do not open either
    change(well, AccountRecord, ruc="20123456786")
    change(well, CertificateRecord, active=False)
    assert seen() is State.BAD


def test_another_master_key_opens_nothing(well: Office, shop: Shop) -> None:
    with well.database.write() as session:
        row = session.get_one(AccountRecord, shop.account_id)
        row.sol_user, row.sol_password_sealed = "CHASQUI1", safe_of(well.vault, row).seal("sol_password", b"hunter2222")
    other = replace(well, vault=Vault((b"another master key of 32 bytes or more",)))
    found = examine(other)
    told = troubles(found)
    assert (told["master_key"], told["certificate"], told["secrets"], told["sol"]) == (State.BAD,) * 4
    assert "hunter" not in json.dumps(found.body())
    (tmp := well.settings.data_dir / "master.key").write_text("x")
    tmp.chmod(0o644)
    careless = replace(well, settings=replace(well.settings, master_key=""))
    assert states(examine(careless, ask=False))["master_key"] is State.WARN


@pytest.mark.parametrize("password", ["hunter2222", ""])
def test_credentials_that_sunat_refuses_are_told_without_them(
    well: Office, shop: Shop, sandbox: Pretend, punctual: Any, password: str
) -> None:
    with well.database.write() as session:
        row = session.get_one(AccountRecord, shop.account_id)
        safe = safe_of(well.vault, row)
        row.sol_user, row.gre_client_id, row.consult_client_id = "CHASQUI1", "client", "client"
        if password:
            row.sol_password_sealed = safe.seal("sol_password", password.encode())
            row.gre_client_secret_sealed = safe.seal("gre_client_secret", password.encode())
            row.consult_client_secret_sealed = safe.seal("consult_client_secret", password.encode())
    found = examine(well, exchange=punctual)
    assert states(found)["sol"] is State.BAD
    assert states(found)["gre"] is State.BAD
    assert "hunter" not in json.dumps(found.body())
    assert not any(one.sha256 for one in sandbox.ledger.receptions()), "no file may be sent"


def test_a_sunat_that_is_away_or_silent_or_lives_in_another_time(
    well: Office, shop: Shop, clock: FixedClock, punctual: Any
) -> None:
    def away(address: str, *_: Any, **__: Any) -> Reply:
        raise NotSent("no route") if "HEAD" in __.values() else UnknownOutcome("silence")

    found = examine(well, exchange=away)
    told = states(found)
    assert (told["reachability"], told["clock"], told["sol"]) == (State.BAD, State.WARN, State.WARN)

    def late(*given: Any, **bounds: Any) -> Reply:
        return replace(punctual(*given, **bounds), date=format_datetime(clock.now() + timedelta(hours=5), usegmt=True))

    assert states(examine(well, exchange=late))["clock"] is State.BAD

    def nonsense(*given: Any, **bounds: Any) -> Reply:
        return replace(punctual(*given, **bounds), date="yesterday")

    assert states(examine(well, exchange=nonsense))["clock"] is State.WARN


def test_questions_that_take_too_long_are_given_up(well: Office, shop: Shop) -> None:
    freed = threading.Event()

    def slow(*_: Any, **__: Any) -> Reply:
        freed.wait(30)
        raise UnknownOutcome("late")

    try:
        found = examine(well, exchange=slow, patience=0.2)
    finally:
        freed.set()
    assert {row.name for row in found.rows if "a tiempo" in row.seen.es} == {"reachability", "sol"}
    assert found.healthy


def test_a_database_of_another_day_or_version_is_told(well: Office, shop: Shop, tmp_path: Path) -> None:
    marks = Marks(tmp_path / "high-water")
    with well.database.read() as session:
        key = session.get_one(SeriesRecord, 1).key
    marks.note({key: Mark(number=7, head="a" * 64, at=well.clock.now())})
    older = Database(well.database.url.render_as_string(hide_password=False), marks=Marks(tmp_path / "high-water"))
    try:
        assert states(examine(replace(well, database=older), ask=False))["high_water"] is State.BAD
        with older.schema_change() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        found = examine(replace(well, database=older), ask=False)
        assert troubles(found) == {"database": State.BAD}
        assert "chasqui migrate" in found.rows[0].advice.en
    finally:
        older.dispose()


def test_a_database_that_is_gone_and_a_disk_that_cannot_be_written(well: Office, tmp_path: Path) -> None:
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    nowhere = replace(well.settings, data_dir=tmp_path / "nowhere")
    found = examine(replace(well, database=gone, settings=nowhere))
    assert troubles(found) == {"database": State.BAD, "disk": State.BAD}
    gone.dispose()


def test_a_live_installation_needs_backups_and_its_own_credentials(well: Office, shop: Shop, punctual: Any) -> None:
    change(well, AccountRecord, environment="live")
    change(well, PulseRecord, at=well.clock.now() - timedelta(days=30))
    assert states(examine(well, ask=False))["backup"] is State.BAD
    with well.database.write() as session:
        session.query(PulseRecord).delete()
    told = states(examine(well, ask=False))
    assert (told["backup"], told["worker"]) == (State.BAD, State.WARN)
    with well.database.read() as session:
        account = session.get_one(AccountRecord, shop.account_id)
    assert {address.split("/")[2] for address in addresses_of(well, [account])} == {
        "e-factura.sunat.gob.pe", "api.sunat.gob.pe", "api-seguridad.sunat.gob.pe", "api-cpe.sunat.gob.pe",
    }


def test_one_account_is_examined_alone(well: Office, shop: Shop) -> None:
    assert {row.account_id for row in examine(well, account_id=shop.account_id, ask=False).rows} == {
        None, shop.account_id
    }


def test_lengths_of_time_have_the_largest_unit() -> None:
    assert [span(seconds) for seconds in (5, 150, 7200, 200_000)] == ["5 s", "2 min", "2 h", "2 d"]
