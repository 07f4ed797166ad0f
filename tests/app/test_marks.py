"""The high-water file: on the disk once noted, whole whatever is spoilt, and never below what was seen."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.accounts.models import AccountRecord
from app.clock import FixedClock
from app.db import Database, Mark, Marks, marks
from app.problems import Conflict
from app.series import allocator
from app.series.importing import bring_in
from app.series.models import SeriesRecord
from tests.support.builders import issue, series_id, tenant

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
F001 = "sandbox 20123456786 01 F001"


def mark(number: int, head: str = "a" * 64, at: datetime = AT) -> Mark:
    return Mark(number=number, head=head, at=at)


def test_what_was_noted_is_found_by_the_next_start(tmp_path: Path) -> None:
    file = Marks(tmp_path / "new" / "high-water")
    assert file.found == {}
    assert file.note({F001: mark(1), "live 20123456786 03 B001": mark(7)})
    assert file.note({F001: mark(2, "b" * 64)})
    assert file.found == {}, "what this process notes itself is no news to it"
    found = Marks(tmp_path / "new" / "high-water").found
    assert found == {F001: mark(2, "b" * 64), "live 20123456786 03 B001": mark(7)}
    assert (tmp_path / "new" / "high-water").stat().st_mode & 0o777 == 0o600


def test_the_highest_counts_and_of_equals_the_latest(tmp_path: Path) -> None:
    file = Marks(tmp_path / "high-water")
    later = mark(5, "c" * 64, AT + timedelta(seconds=1))
    for each in (mark(5), mark(3, at=AT + timedelta(hours=1)), later):
        file.note({F001: each})
    assert Marks(tmp_path / "high-water").found[F001] == later


def test_a_line_that_a_crash_left_unfinished_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "high-water"
    Marks(path).note({F001: mark(5)})
    whole = path.read_bytes()
    Marks(path).note({F001: mark(6)})
    both = path.read_bytes()
    for cut in range(len(whole), len(both) - 1):
        path.write_bytes(both[:cut])
        assert Marks(path).found == {F001: mark(5)}
    path.write_bytes(whole + b"\nsandbox 2012345")
    Marks(path).note({F001: mark(7)})
    assert Marks(path).found[F001].number == 7
    path.write_bytes(path.read_bytes().replace(b" 7 ", b" 9 "))
    assert Marks(path).found[F001].number == 5, "a line that was altered says nothing"


def test_many_threads_and_files_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "high-water"
    ours, theirs = Marks(path), Marks(path)

    def work(file: Marks, name: str) -> None:
        for number in range(1, 41):
            assert file.note({name: mark(number)})

    threads = [
        threading.Thread(target=work, args=(file, f"sandbox 20123456786 01 F{index:03}"))
        for index, file in enumerate((ours, theirs) * 4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [one.number for one in Marks(path).found.values()] == [40] * 8


def test_a_long_file_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "high-water"
    file = Marks(path)
    for number in range(1, 30):
        file.note({F001: mark(number)})
    file.tidy()
    assert len(path.read_bytes().split()) > 100
    monkeypatch.setattr(marks, "TIDY_BEYOND", 100)
    file.tidy()
    assert len(path.read_bytes().splitlines()) == 1
    file.note({F001: mark(30)})
    assert Marks(path).found[F001].number == 30
    Marks(tmp_path / "none").tidy()


def test_a_disk_that_refuses_takes_nothing_back(tmp_path: Path) -> None:
    file = Marks(tmp_path / "high-water")
    (tmp_path / "high-water").mkdir()
    assert not file.note({F001: mark(2)})
    (tmp_path / "high-water").rmdir()
    assert file.note({"live 20123456786 03 B001": mark(3)}), "and once it takes lines again they are written"
    assert Marks(tmp_path / "high-water").found == {F001: mark(2), "live 20123456786 03 B001": mark(3)}


def test_issuing_notes_how_far_it_went_and_an_older_row_numbers_nothing(
    database_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    path = tmp_path / "high-water"
    database = Database(database_url, marks=Marks(path))
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    for _ in range(3):
        with database.write() as session:
            issue(session, f001, clock.now())
    with pytest.raises(ZeroDivisionError), database.write() as session:
        issue(session, f001, clock.now())
        with session.begin_nested():
            pass
        raise ZeroDivisionError
    with database.read() as session:
        row = session.get_one(SeriesRecord, f001)
    assert Marks(path).found == {row.key: mark(3, row.chain_head, clock.now())}
    database.dispose()

    Marks(path).note({row.key: mark(4)})
    older = Database(database_url, marks=Marks(path))
    with pytest.raises(Conflict, match="SERIES_FROZEN") as refused, older.write() as session:
        allocator.lock(session, f001)
    assert "hasta el número 4" in refused.value.text.es
    assert "series probe" in refused.value.items[0].hint.es
    older.dispose()


def test_numbers_that_were_only_tried_are_not_noted(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    path = tmp_path / "high-water"
    database = Database(database_url, marks=Marks(path))
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    with database.write() as session:
        issue(session, f001, clock.now())
    with database.read() as session:
        key = session.get_one(SeriesRecord, f001).key
    row = {"type": "01", "code": "F001", "last_number": 900, "reason": "mudanza"}
    for dry_run, seen in ((True, 1), (False, 900)):
        with database.write() as session:
            account = session.get_one(AccountRecord, owner.account_id)
            bring_in(session, account, [row], author="key:1", limit=10, now=clock.now(), dry_run=dry_run)
        assert Marks(path).found[key].number == seen
    database.dispose()
