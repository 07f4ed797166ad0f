"""Issue, back up, issue more, lose it all, put the backup back, probe, go on: no number is ever given twice."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app import migrations
from app.accounts import channels
from app.accounts.models import AccountRecord
from app.accounts.vault import Vault
from app.db import Base, Database, Mark, Marks
from app.delivery.embedded import Engine
from app.factory import app_of
from app.http import Office
from app.keeping import backing, probing, proving, restoring, watermark
from app.ledger.lifecycle import Phase
from app.ledger.models import DeliveryRecord, EventRecord, EvidenceRecord
from app.problems import Conflict, Problem, Refused
from app.series import allocator, stopping
from app.series.models import FOREIGN, RESTORED, DeclaredGapRecord, SeriesRecord
from sunat.numbering import VoucherId
from sunat.rvie.proposal import read_proposal
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule
from sunat.sandbox.ledger import Entry, State
from sunat.transport import post
from sunat.transport.connection import Reply
from tests.support.databases import KINDS, blank
from tests.support.servers import listening
from tests.support.world import AT_ONCE, Tenancy, Till, World, body_of, world


@contextmanager
def reopened(place: World, database: Database) -> Iterator[tuple[str, Office]]:
    """The office on another database, serving and delivering to the same SUNAT."""
    office = replace(place.office, database=database)
    engine = Engine(office, retries=AT_ONCE)
    with listening(app_of(office)) as url:
        engine.start()
        try:
            yield url, office
        finally:
            engine.stop(10)


def row_of(office: Office, code: str) -> SeriesRecord:
    with office.database.read() as session:
        return session.scalars(select(SeriesRecord).where(SeriesRecord.code == code)).one()


def account_of(office: Office, shop: Tenancy) -> AccountRecord:
    with office.database.read() as session:
        return session.get_one(AccountRecord, shop.account_id)


def sold(shop: Tenancy, name: str = "invoice", till: Till | None = None) -> str:
    answer = (till or shop.till).issued(body_of(shop, name), wait=20)
    assert answer["status"] == "accepted", answer["delivery"]
    return str(answer["header"]["number"])


@pytest.mark.parametrize("onto", KINDS)
def test_no_number_is_given_twice_after_a_loss(kind: str, onto: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with world(kind, tmp_path) as place, blank(onto, tmp_path) as url:
        shop = place.open(password="a good long one" if onto == kind else None)
        before = [sold(shop), sold(shop), sold(shop, "receipt")]
        manifest = backing.backup(place.office.database, place.office.vault, copy, now=place.clock.now())
        assert manifest.rows("documents") == 3
        lost = [sold(shop), sold(shop), sold(shop), sold(shop, "receipt"), sold(shop, "receipt")]
        place.engine.stop(10)

        database = Database(url)
        restored = restoring.restore(database, place.office.vault, copy, now=place.clock.now())
        assert restored.series == 6
        assert migrations.differences(database) == []
        same_rows(place.office.database, database)
        with reopened(place, database) as (address, office):
            till = Till(address, shop.till.credential)
            refused = till.issue(body_of(shop))
            assert (refused.status_code, refused.json()["code"]) == (409, "SERIES_FROZEN")
            assert "chasqui series probe" in refused.json()["errors"][0]["hint"]
            stopped = till("GET", "/V1/deliveries").json()["frozen_series"]
            assert {each["cause"] for each in stopped} == {"restored"}
            assert len(stopped) == 6
            shown = till("GET", "/V1/series").json()["series"]
            assert all("Restaurada de la copia" in each["frozen"] for each in shown)

            account, now = account_of(office, shop), place.clock.now()
            f001, b001 = row_of(office, "F001"), row_of(office, "B001")
            found = probing.by_consult(office, account, f001, pause=0)
            proven = proving.prove(office, f001.id, found, author="Ana", now=now)
            assert (proven.before, proven.last, proven.next_number) == (2, 5, 6)
            with pytest.raises(Refused, match="PROBE_NO_CONSULT"):
                probing.by_consult(office, account, b001, pause=0)
            listed = read_proposal([proposal_line(shop.ruc, "03", "B001", number) for number in (1, 2, 3)])
            today = place.clock.today()
            told = probing.by_proposal(listed, account, b001, since=today, today=today)
            assert told is not None
            assert proving.prove(office, b001.id, told, author="Ana", now=now).next_number == 4

            after = [sold(shop, till=till), sold(shop, "receipt", till)]
            everything = [*before, *lost, *after]
            assert len(set(everything)) == len(everything)
            assert {f"{entry.voucher.series}-{entry.voucher.number:08}" for entry in place.sandbox.ledger} == set(
                everything
            )
            explained(office, f001.id)
        database.dispose()


def explained(office: Office, series_id: int) -> None:
    """What was lost is a declared gap with its author, an event and SUNAT's own answers."""
    with office.database.read() as session:
        gap = session.scalars(select(DeclaredGapRecord).where(DeclaredGapRecord.series_id == series_id)).one()
        assert (gap.from_number, gap.to_number, gap.author) == (3, 5, "Ana")
        assert "SUNAT tiene hasta el 5" in gap.reason
        event = session.scalars(select(EventRecord).where(EventRecord.kind == "series.proven")).first()
        assert event is not None
        assert (event.data["before"], event.data["last_number"]) == (2, 5)
        kept = session.scalars(select(EvidenceRecord).where(EvidenceRecord.id.in_(event.data["evidence"]))).all()
        assert len(kept) == 2
        assert b"statusCode" in kept[0].content
        row = session.get_one(SeriesRecord, series_id)
        assert (row.frozen, row.frozen_by, row.last_number) == ("", "", 6)


def same_rows(old: Database, new: Database) -> None:
    """Of the tables that did not move on since the backup every row came back as it was."""
    with old.read() as one, new.read() as other:
        for name in ("accounts", "branches", "certificates", "api_keys", "api_users"):
            table = Base.metadata.tables[name]
            query = select(table).order_by(*table.primary_key.columns)
            assert one.execute(query).all() == other.execute(query).all()


def proposal_line(ruc: str, kind: str, series: str, number: int, period: str = "202611") -> str:
    car = f"{ruc}{kind}{series}{number:010}"
    rest = "|".join(["", "1", "12345678", "PEREZ, ANA", *["0.00"] * 15])
    return f"{ruc}|EMPRESA EMISORA S.A.C.|{period}|{car}|20/11/2026||{kind}|{series}|{number}|{rest}\n"


def test_a_voucher_sent_after_the_backup_is_known_again_without_a_second_one(kind: str, tmp_path: Path) -> None:
    """In the backup it waits; SUNAT took it since. The restored office sends it, hears 1033, and compares the file."""
    copy = tmp_path / "copy.zip"
    with world(kind, tmp_path, delivers=False) as place, blank(kind, tmp_path) as url:
        shop = place.open()
        made = shop.till.issued(body_of(shop))
        backing.backup(place.office.database, place.office.vault, copy, now=place.clock.now())
        place.engine.start()
        assert shop.till.settled(made["document_id"])["status"] == "accepted"
        place.engine.stop(10)
        database = Database(url)
        restoring.restore(database, place.office.vault, copy, now=place.clock.now())
        with reopened(place, database) as (address, _):
            till, asked = Till(address, shop.till.credential), 0
            again = till.settled(made["document_id"], seconds=0.5)
            while again["status"] == "issued" and asked < 60:
                place.clock.advance(timedelta(seconds=30))
                again, asked = till.settled(made["document_id"], seconds=0.5), asked + 1
        assert again["status"] == "accepted"
        assert place.sandbox.ledger.count() == 1
        database.dispose()


def test_what_was_in_doubt_begins_again(kind: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with world(kind, tmp_path, delivers=False) as place, blank(kind, tmp_path) as url:
        shop = place.open()
        shop.till.issued(body_of(shop))
        with place.office.database.write() as session:
            session.execute(update(DeliveryRecord).values(state="sending"))
        with place.office.database.write() as session:
            session.execute(update(DeliveryRecord).values(state="unknown", phase=str(Phase.DOUBT)))
        backing.backup(place.office.database, place.office.vault, copy, now=place.clock.now())
        database = Database(url)
        restoring.restore(database, place.office.vault, copy, now=place.clock.now())
        with database.read() as session:
            row = session.scalars(select(DeliveryRecord)).one()
        assert (row.state, row.phase) == ("waiting", "fresh")
        database.dispose()


def test_a_number_that_was_somebody_elses_stops_the_series_again_after_the_probe(kind: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with world(kind, tmp_path, delivers=False) as place, blank(kind, tmp_path) as url:
        shop, now = place.open(), place.clock.now()
        shop.till.issued(body_of(shop))
        first = row_of(place.office, "F001")
        with place.office.database.write() as session:
            session.execute(update(DeliveryRecord).values(state="held", phase=str(Phase.FOREIGN)))
            stopping.freeze(session, first.id, "F001-1: SUNAT tiene otro comprobante", now=now)
        backing.backup(place.office.database, place.office.vault, copy, now=now)
        database = Database(url)
        restoring.restore(database, place.office.vault, copy, now=now)
        office = replace(place.office, database=database)
        word = proving.stated(office, row_of(office, "F001"), 1, text="revisado", author="Ana", now=now)
        proven = proving.prove(office, row_of(office, "F001").id, word, author="Ana", now=now)
        assert proven.stopped == "F001-1: SUNAT tiene otro comprobante"
        row = row_of(office, "F001")
        assert (row.frozen, row.frozen_by, row.last_number) == (proven.stopped, FOREIGN, 1)
        database.dispose()


def test_an_older_database_is_known_at_start(kind: str, tmp_path: Path) -> None:
    """Nobody said restore: the file was put back by hand, and the high-water file says so."""
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        path = tmp_path / "high-water"
        database = Database(place.office.database.url.render_as_string(hide_password=False), marks=Marks(path))
        with reopened(place, database) as (address, _):
            till = Till(address, shop.till.credential)
            numbers = [till.issued(body_of(shop))["header"]["number"] for _ in range(3)]
        database.dispose()
        assert numbers[-1].endswith("3")
        row = row_of(place.office, "F001")
        assert Marks(path).found == {row.key: Mark(number=3, head=row.chain_head, at=place.clock.now())}
        Marks(path).note({row.key: Mark(number=9, head="f" * 64, at=place.clock.now())})
        Marks(path).note({f"sandbox {shop.ruc} 01 F777": Mark(number=4, head="e" * 64, at=place.clock.now())})

        database = Database(place.office.database.url.render_as_string(hide_password=False), marks=Marks(path))
        older = watermark.compare(database, now=place.clock.now())
        seen = [(one.key.split()[-1], one.mark, one.last_number) for one in older]
        assert seen == [("F001", 9, 3), ("F777", 4, None)]
        assert "ya se emitió hasta el número 9" in watermark.told(older[0])
        assert "no tiene esta serie" in watermark.told(older[1])
        office = replace(place.office, database=database)
        stopped = row_of(office, "F001")
        assert (stopped.frozen_by, "hasta el número 9" in stopped.frozen) == (RESTORED, True)
        with pytest.raises(Refused, match="STATEMENT_TOO_LOW"):
            low = proving.stated(office, stopped, 5, text="talonario", author="Ana", now=place.clock.now())
            proving.prove(office, stopped.id, low, author="Ana", now=place.clock.now())
        found = probing.by_consult(office, account_of(office, shop), stopped, pause=0)
        proven = proving.prove(office, stopped.id, found, author="Ana", now=place.clock.now())
        assert (proven.found, proven.mark, proven.next_number) == (3, 9, 10), "signed here, though SUNAT never saw them"
        database.dispose()

        again = Database(place.office.database.url.render_as_string(hide_password=False), marks=Marks(path))
        assert [one.last_number for one in watermark.compare(again, now=place.clock.now())] == [None]
        with again.write() as session:
            assert allocator.lock(session, stopped.id).next_number == 10
        again.dispose()


def test_another_history_of_the_same_length_is_known_too(kind: str, tmp_path: Path) -> None:
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        shop.till.issued(body_of(shop))
        row = row_of(place.office, "F001")
        path = tmp_path / "high-water"
        Marks(path).note({row.key: Mark(number=1, head="d" * 64, at=place.clock.now())})
        url = place.office.database.url.render_as_string(hide_password=False)
        database = Database(url, marks=Marks(path))
        (older,) = watermark.compare(database, now=place.clock.now())
        assert "La base de datos es otra" in older.text
        with pytest.raises(Conflict, match="SERIES_FROZEN"), database.write() as session:
            allocator.lock(session, row.id)
        office = replace(place.office, database=database)
        word = proving.stated(office, row, 1, text="revisado", author="Ana", now=place.clock.now())
        assert proving.prove(office, row.id, word, author="Ana", now=place.clock.now()).next_number == 2
        database.dispose()
        settled = Database(url, marks=Marks(path))
        assert watermark.compare(settled, now=place.clock.now()) == ()
        settled.dispose()


def test_the_last_number_is_found_across_thousands_and_gaps(tmp_path: Path) -> None:
    with world("sqlite", tmp_path, delivers=False) as place:
        shop = place.open()
        row, account = row_of(place.office, "F001"), account_of(place.office, shop)

        def on_record(*numbers: int) -> None:
            for number in numbers:
                place.sandbox.ledger.add(Entry(
                    voucher=VoucherId(ruc=shop.ruc, type_code="01", series="F001", number=number),
                    state=State.ACCEPTED, sha256="0" * 64, received_at=place.clock.now(), cdr=b"",
                ))

        on_record(*(number for number in range(1, 2001) if number % 97 and number not in (1500, 1501)))
        found = probing.by_consult(place.office, account, row, pause=0)
        assert found.last == 2000
        assert found.asked < 100
        on_record(2019)
        assert probing.by_consult(place.office, account, row, pause=0).last == 2019
        waits: list[float] = []
        probing.by_consult(place.office, account, row, pause=0.25, sleep=waits.append)
        assert set(waits) == {0.25}
        place.sandbox.plan.add(Rule(modes=("http-500",), operations=(Operation.STATUS_CDR,)))
        with pytest.raises(Conflict, match="PROBE_NO_ANSWER"):
            probing.by_consult(place.office, account, row, pause=0)


def test_every_register_that_the_account_has_sent_to_is_asked(tmp_path: Path) -> None:
    with world("sqlite", tmp_path, delivers=False) as place:
        shop = place.open()
        with place.office.database.write() as session:
            account = session.get_one(AccountRecord, shop.account_id)
            former = channels.snapshot(account)
            account.channel = "ose"
            assert channels.changed_channel(session, account, former, place.clock.now())
        for number in (1, 2, 3):
            place.sandbox.ledger.add(Entry(
                voucher=VoucherId(ruc=shop.ruc, type_code="01", series="F001", number=number),
                state=State.ACCEPTED, sha256="0" * 64, received_at=place.clock.now(), cdr=b"",
            ))
        asked: Counter[str] = Counter()

        def knows_less_at_the_ose(address: str, body: bytes, headers: dict[str, str], **bounds: Any) -> Reply:
            asked[address.rpartition("/")[2]] += 1
            if address.endswith("/billService"):
                body = body.replace(b"F001", b"F999")
            return post(address, body, headers, **bounds)

        row, account = row_of(place.office, "F001"), account_of(place.office, shop)
        found = probing.by_consult(place.office, account, row, pause=0, exchange=knows_less_at_the_ose)
        assert (found.last, found.asked) == (3, asked.total())
        assert asked["billService"] == asked["billConsultService"] > 20


def test_a_restore_is_whole_or_nothing(kind: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    with world(kind, tmp_path, delivers=False) as place, blank(kind, tmp_path) as url:
        office, now = place.office, place.clock.now()
        shop = place.open(sol_user="USUARIO1", sol_password="canary-secret")
        shop.till.issued(body_of(shop))
        backing.backup(office.database, office.vault, copy, now=now)
        assert copy.stat().st_mode & 0o777 == 0o600
        with pytest.raises(FileExistsError):
            backing.backup(office.database, office.vault, copy, now=now)
        assert sorted(path.name for path in tmp_path.glob("*copy.zip*")) == ["copy.zip"]
        with zipfile.ZipFile(copy) as box:
            inside = b"".join(box.read(name) for name in box.namelist())
        for secret in ("canary-secret", office.settings.master_key, shop.till.credential or ""):
            assert secret.encode() not in inside
        assert restoring.check(copy, office.vault).rows("documents") == 1

        database = Database(url)
        with pytest.raises(Refused, match="BACKUP_SEAL"):
            restoring.restore(database, Vault([b"f" * 32]), copy, now=now)
        for spoil, code in SPOILT:
            spoilt = tmp_path / "spoilt.zip"
            rewritten(copy, spoilt, spoil)
            with pytest.raises(Problem, match=code):
                restoring.check(spoilt, office.vault)
            with pytest.raises(Problem, match=code):
                restoring.restore(database, office.vault, spoilt, now=now)
            assert migrations.current(database) is None, spoil
        with pytest.raises(Conflict, match="RESTORE_NOT_EMPTY"):
            restoring.restore(office.database, office.vault, copy, now=now)
        restoring.restore(database, office.vault, copy, now=now)
        database.dispose()


def _no_table(members: dict[str, bytes]) -> None:
    del members["tables/documents.jsonl"]


def _short(members: dict[str, bytes]) -> None:
    members["tables/series.jsonl"] = members["tables/series.jsonl"].split(b"\n", 1)[1]


def _longer(members: dict[str, bytes]) -> None:
    members["tables/branches.jsonl"] *= 2


def _altered(members: dict[str, bytes]) -> None:
    members["tables/documents.jsonl"] = members["tables/documents.jsonl"].replace(b"118", b"119")


def _resealed(members: dict[str, bytes]) -> None:
    said = json.loads(members["manifest.json"])
    said["tables"][0]["rows"] += 1
    members["manifest.json"] = json.dumps(said).encode()


def _no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


SPOILT: Any = (
    (_no_table, "BACKUP_DAMAGED"), (_short, "BACKUP_DAMAGED"), (_longer, "BACKUP_DAMAGED"),
    (_altered, "BACKUP_DAMAGED"), (_resealed, "BACKUP_SEAL"), (_no_manifest, "BACKUP_DAMAGED"),
)


def rewritten(source: Path, target: Path, spoil: Any) -> None:
    with zipfile.ZipFile(source) as box:
        members = {name: box.read(name) for name in box.namelist()}
    spoil(members)
    with zipfile.ZipFile(target, "w") as box:
        for name, content in members.items():
            box.writestr(name, content)
