"""The books over HTTP and by command: what an accountant asks at the end of a month."""

from __future__ import annotations

import csv
import errno
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO

import pytest
from sqlalchemy.pool import QueuePool

from app.books import files
from app.factory import app_of
from app.problems import Unavailable
from tests.support.world import FRIDAY, Tenancy, World, body_of, kind, world

__all__ = ["kind"]

PERIOD = {"period": f"{FRIDAY:%Y-%m}"}


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("books")) as made:
        yield made


def issued(shop: Tenancy, *names: str) -> list[dict[str, object]]:
    made = [shop.till.issued(body_of(shop, name)) for name in names]
    return [shop.till.settled(int(one["document_id"])) for one in made]


def test_a_month_is_booked_replaced_and_compared(place: World) -> None:
    shop = place.open()
    factura, boleta = issued(shop, "invoice", "receipt")
    assert factura["status"] == boleta["status"] == "accepted"
    sums = shop.till("GET", "/V1/books/registry", params=PERIOD).json()
    assert sums["vouchers"] == 2
    assert {(one["kind"], one["status"], one["count"]) for one in sums["sums"]} == {
        ("01", "accepted", 1), ("03", "accepted", 1)
    }
    book = shop.till("GET", "/V1/books/registry", params={**PERIOD, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(book.content.decode("utf-8-sig"))))
    assert [row["serie"] for row in rows] == ["F001", "B001"]
    assert book.headers["Content-Disposition"] == f'attachment; filename="comprobantes-{PERIOD["period"]}.csv"'
    sheet = shop.till("GET", "/V1/books/registry", params={**PERIOD, "format": "xlsx"})
    assert zipfile.ZipFile(io.BytesIO(sheet.content)).testzip() is None
    register = shop.till("GET", "/V1/books/rvie", params=PERIOD)
    with zipfile.ZipFile(io.BytesIO(register.content)) as box:
        (name,) = box.namelist()
        lines = box.read(name)
    assert name == f"LE{shop.ruc}{FRIDAY:%Y%m}00140400021112.txt"
    told = shop.till("GET", "/V1/books/rvie", params={**PERIOD, "format": "json"}).json()
    assert told["entries"] == len(lines.splitlines()) == 2
    same = shop.till("POST", "/V1/books/differences", data=register.content, params=PERIOD)
    assert same.json()["clean"] is True, same.text
    other = shop.till("POST", "/V1/books/differences", data=lines.splitlines()[0], params=PERIOD).json()
    assert (other["clean"], other["counts"]) == (False, {"not_there": 1})
    assert other["differences"][0]["what_to_do"]["es"].startswith("Aquí figura aceptado")


def test_nobody_sees_anothers_books(place: World) -> None:
    shop, other = place.open(), place.open()
    issued(shop, "invoice")
    assert other.till("GET", "/V1/books/registry", params=PERIOD).json()["vouchers"] == 0
    asked = other.till("GET", "/V1/books/registry", params={**PERIOD, "account_id": shop.account_id})
    assert asked.status_code == 404
    narrow = place.till(shop.account_id, scopes=["series:read"])
    assert narrow("GET", "/V1/books/registry", params=PERIOD).status_code == 403


@pytest.mark.parametrize(("query", "status"), [
    ({}, 400), ({"period": "noviembre"}, 400), ({**PERIOD, "format": "pdf"}, 400),
])
def test_what_is_no_month_or_form_is_refused(place: World, query: dict[str, str], status: int) -> None:
    shop = place.open()
    assert shop.till("GET", "/V1/books/registry", params=query).status_code == status


@pytest.mark.parametrize("content", [b"", b"hola", b"PK\x03\x04", b"\x00" * 10])
def test_what_is_no_list_is_refused(place: World, content: bytes) -> None:
    answer = place.open().till("POST", "/V1/books/differences", data=content, params=PERIOD)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("FILE_MISSING", "LIST_UNREADABLE")


def test_the_zip_says_beside_itself_what_it_left_out(place: World) -> None:
    shop = place.open()
    issued(shop, "invoice")
    assert shop.till("POST", "/V1/deliveries/hold", {"text": "fin de mes"}).status_code == 200
    shop.till.issued(body_of(shop))
    answer = shop.till("GET", "/V1/books/rvie", params=PERIOD)
    told = shop.till("GET", "/V1/books/rvie", params={**PERIOD, "format": "json"}).json()
    assert told["left_out"] == {"issued": 1}
    assert answer.headers["Chasqui-Left-Out"] == "issued=1"
    assert (answer.headers["Chasqui-Entries"], answer.headers["Chasqui-Total"]) == ("1", told["total"])


def test_who_takes_a_book_slowly_holds_no_connection(place: World) -> None:
    shop = place.open()
    issued(shop, "invoice")
    client = app_of(place.office).test_client()
    pool = place.office.database.engine.pool
    assert isinstance(pool, QueuePool)
    for address, more in (("registry", {"format": "csv"}), ("registry", {"format": "xlsx"}), ("rvie", {})):
        answer = client.get(
            f"/V1/books/{address}", query_string={**PERIOD, **more},
            headers={"Authorization": f"Bearer {shop.till.credential}"}, buffered=False,
        )
        taken = iter(answer.response)
        assert next(taken)
        end = 100  # the office's own engine looks into the database now and then
        while pool.checkedout() and (end := end - 1):
            place.engine._bell.wait(0.02)
        assert pool.checkedout() == 0
        answer.close()


def test_few_books_are_made_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.05)
    begun, go_on = [threading.Event() for _ in range(files.AT_ONCE)], threading.Event()

    def slow(of: int) -> Callable[[IO[bytes]], None]:
        def write(target: IO[bytes]) -> None:
            begun[of].set()
            go_on.wait(60)
            target.write(b"x")

        return write

    def full(_: IO[bytes]) -> None:
        raise OSError(errno.ENOSPC, "no room")

    with ThreadPoolExecutor(files.AT_ONCE) as pool:
        making = [pool.submit(files.spooled, slow(of)) for of in range(files.AT_ONCE)]
        assert all(one.wait(60) for one in begun)
        with pytest.raises(Unavailable, match="BOOKS_BUSY"):
            files.spooled(full)
        go_on.set()
        for one in making:
            with one.result()[0] as file:
                assert file.read() == b"x"
    with pytest.raises(Unavailable, match="NO_ROOM"):
        files.spooled(full)
