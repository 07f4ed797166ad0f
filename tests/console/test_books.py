"""Books at the console: long works with their progress and their files, whose they are, and how they may end."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import update

from app.console import works
from app.console.works import DONE, FAILED, FOLDER, RUNNING, Made, Progress, Work
from app.ledger.models import DocumentRecord
from app.problems import NotFound, TooMany
from app.series import operations
from tests.support.builders import OTHER_RUC, issue
from tests.support.people import Desk, House, house

__all__ = ["house"]

PATIENCE = 60.0


@pytest.fixture
def used(house: House) -> House:
    with house.office.database.write() as session:
        for kind, code, count in (("01", "F001", 3), ("03", "B001", 2)):
            found = operations.find(session, house.account_id, kind, code)
            assert found is not None
            for _ in range(count):
                issue(session, found.id, house.clock.now())
        session.execute(update(DocumentRecord).values(status="accepted"))
    return house


def ended(house: House, work_id: str) -> Work:
    end = time.monotonic() + PATIENCE
    while (found := works.find(house.office, house.account_id, work_id)).state == RUNNING:
        assert time.monotonic() < end, "the work does not end"
        time.sleep(0.05)
    return found


def make(house: House, desk: Desk, kind: str, period: str = "2026-11", **fields: object) -> Work:
    answer = desk.post("/console/books", {"make": kind, "period": period, **fields})
    assert answer.status_code == 303, answer.text
    return ended(house, answer.headers["Location"].rpartition("/")[2])


def test_the_registry_of_a_month_is_made_told_and_downloaded(used: House) -> None:
    desk = used.desk("accountant")
    found = make(used, desk, "registry-csv")
    assert (found.state, found.done, found.total) == (DONE, 5, 5)
    page = desk.get(f"/console/works/{found.id}").text
    assert "comprobantes-2026-11.csv" in page
    assert "3,540.00" in page
    with desk.get(f"/console/works/{found.id}/file") as file:
        assert file.headers["Content-Disposition"] == "attachment; filename=comprobantes-2026-11.csv"
        assert len(list(csv.reader(io.StringIO(file.text)))) == 6
    assert make(used, desk, "registry-xlsx").file.endswith(".xlsx")
    assert "Registro en CSV 2026-11" in desk.get("/console/books").text
    assert "data-settled" in desk.get(f"/console/works/{found.id}/progress").text


def test_the_audit_accounts_for_every_number(used: House) -> None:
    desk = used.desk()
    found = make(used, desk, "audit-all", "")
    assert (found.state, found.data["vouchers"], found.data["holes"]) == (DONE, 5, 0)
    assert found.data["findings"], "the rows stand in for vouchers that nobody signed"
    assert "No conforme" in desk.get(f"/console/works/{found.id}").text
    with desk.get(f"/console/works/{found.id}/file") as file:
        report = json.loads(file.data)
    assert report[0]["account"]["ruc"] == used.ruc


def test_what_cannot_be_made_says_why(used: House) -> None:
    desk = used.desk()
    made = make(used, desk, "register")
    assert made.state == FAILED
    page = desk.get(f"/console/works/{made.id}").text
    assert "No se pudo" in page
    assert desk.get(f"/console/works/{made.id}/file").status_code == 404
    wrong = desk.post("/console/books", {"make": "registry-csv", "period": "noviembre"})
    assert (wrong.status_code, 'id="f-period-wrong"' in wrong.text) == (422, True)
    assert 'id="f-list-wrong"' in desk.post("/console/books", {"make": "differences", "period": "2026-11"}).text
    assert desk.post("/console/books", {"make": "nothing", "period": "2026-11"}).status_code == 404


def test_sunats_list_is_compared(used: House) -> None:
    desk = used.desk()
    found = make(used, desk, "differences", list=(io.BytesIO(b"no es una propuesta\n"), "lista.txt"))
    assert found.state == FAILED
    assert found.text.es


def test_works_are_their_accounts_alone_and_roles_see_theirs(used: House) -> None:
    found = make(used, used.desk(), "audit-all", "")
    other = used.account(OTHER_RUC)
    with pytest.raises(NotFound):
        works.find(used.office, other, found.id)
    assert works.of_account(used.office, other) == []
    for role, status in (("viewer", 403), ("issuer", 403), ("accountant", 200)):
        assert used.desk(role).get(f"/console/works/{found.id}").status_code == status
    assert used.desk("accountant", username="second").get("/console/works/../../etc").status_code == 404
    checked = works.begin(used.office, used.account_id, "doctor", "x", lambda *_: Made())
    ended(used, checked)
    assert used.desk("accountant", username="third").get(f"/console/works/{checked}").status_code == 403


def test_who_is_bound_to_a_branch_makes_books_of_it_only(used: House) -> None:
    branch = used.branch("Tienda", "2")
    with used.office.database.write() as session:
        session.execute(update(DocumentRecord).where(DocumentRecord.sunat_code == "03").values(branch_id=branch))
    desk = used.desk("accountant", branches=[branch])
    assert make(used, desk, "registry-csv").total == 2
    refused = desk.post("/console/books", {"make": "register", "period": "2026-11"})
    assert (refused.status_code, "Es de todas las sucursales" in refused.text) == (422, True)
    whole = make(used, used.desk(), "evidence", "2025-01")
    assert whole.state == DONE
    assert desk.get(f"/console/works/{whole.id}").status_code == 403


def test_a_work_whose_process_is_gone_and_one_that_breaks_are_told(used: House) -> None:
    def breaks(progress: Progress, _: object) -> Made:
        progress.expect(3)
        raise OSError(28, "No space left on device")

    broken = ended(used, works.begin(used.office, used.account_id, "audit", "x", breaks))
    assert (broken.state, broken.text.en) == (FAILED, "It could not be finished; try again")
    folder = used.office.settings.data_dir / FOLDER / broken.id
    told = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps({**told, "state": RUNNING, "process": 2**22 + 1}))
    assert "begin again" in works.find(used.office, used.account_id, broken.id).text.en
    (folder / "state.json").write_text("{")
    with pytest.raises(NotFound):
        works.find(used.office, used.account_id, broken.id)


def test_an_account_has_a_few_works_at_a_time_and_old_ones_go(
    used: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = threading.Event()

    def waits(*_: object) -> Made:
        freed.wait(PATIENCE)
        return Made()

    def begin(job: Callable[..., Made]) -> str:
        return works.begin(used.office, used.account_id, "audit", "x", job)

    try:
        begun = [begin(waits) for _ in range(4)]
        with pytest.raises(TooMany):
            begin(waits)
    finally:
        freed.set()
    assert all(ended(used, one).state == DONE for one in begun)
    monkeypatch.setattr(works, "KEPT_SECONDS", -1)
    last = begin(lambda *_: Made())
    assert [one.id for one in works.of_account(used.office, used.account_id)] == [last]
    ended(used, last)


def test_the_whole_examination_is_a_work(used: House) -> None:
    desk = used.desk()
    answer = desk.post("/console/setup/doctor")
    found = ended(used, answer.headers["Location"].rpartition("/")[2])
    page = desk.get(f"/console/works/{found.id}").text
    assert "Hay algo que arreglar" in page
    assert "Usuario SOL" in page
