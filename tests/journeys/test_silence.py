"""When nobody answers: a SUNAT that is away, mute or stern, and a server that dies with the answer on its lips."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from app.clock import FixedClock
from app.db import Database
from app.factory import app_of
from app.pretend import running
from tests.support.sandbox import PATH, authority, misbehaving
from tests.support.servers import Silent
from tests.support.world import FRIDAY, Till, World, body_of, world


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def until(happened: Callable[[], bool], seconds: float = 40) -> None:
    """Waits for something that must happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_sunat_that_is_away_never_fails_a_sale(kind: str, tmp_path: Path) -> None:
    """The voucher is issued and waits; when SUNAT comes up it is accepted, with the bytes it was issued with."""
    port = free_port()
    with world(kind, tmp_path, sandbox_url=f"http://127.0.0.1:{port}") as place:
        shop = place.open()
        sold = [shop.till.issued(body_of(shop, name)) for name in ("invoice", "receipt", "invoice")]
        assert [row["header"]["number"] for row in sold] == ["F001-00000001", "B001-00000001", "F001-00000002"]

        def tries(row: dict[str, Any]) -> int:
            place.clock.advance(timedelta(seconds=1))  # a door shut after the first failures opens for one try
            place.office.database.ping()
            state = shop.till("GET", f"/V1/documents/{row['document_id']}?pdf=0").json()
            assert (state["status"], state["electronic_document"]["document_cdr"]) == ("issued", None)
            return int(state["delivery"]["tries"])

        def tried_again() -> bool:
            made = [tries(row) for row in sold]
            return min(made) >= 1 and sum(made) > 6  # behind a shut door only the most urgent one is tried

        until(tried_again)
        waiting = shop.till("GET", f"/V1/documents/{sold[0]['document_id']}").json()
        assert waiting["delivery"]["state"] in ("waiting", "sending")
        assert waiting["delivery"]["deadline"] == "2026-11-23T23:59:59-05:00"
        assert "SUNAT" in waiting["delivery"]["last_text"]
        if waiting["delivery"]["state"] == "waiting":
            assert waiting["header"]["taxbureau_send_status"] > 101
        with running(place.clock, port=port, authority=authority()) as sunat:
            for row in sold:

                def accepted(document_id: int = row["document_id"]) -> bool:
                    place.clock.advance(timedelta(seconds=30))  # a door shut meanwhile is tried again
                    return bool(shop.till("GET", f"/V1/documents/{document_id}?pdf=0").json()["status"] == "accepted")

                until(accepted)
                settled = shop.till.settled(row["document_id"])
                assert settled["status"] == "accepted", settled["delivery"]
                kept = settled["electronic_document"]
                assert kept["document_xml"] == row["electronic_document"]["document_xml"]
                assert kept["document_cdr"]
            assert sunat.ledger.count() == 3


def test_a_sunat_that_hangs_keeps_no_till_waiting(kind: str, tmp_path: Path) -> None:
    """It takes the connection and says nothing: selling goes on, and what became of the voucher is unknown."""
    release = threading.Event()
    with misbehaving(lambda _: release.wait(20) and None) as address, world(
        kind, tmp_path, sandbox_url=address.removesuffix(PATH), sunat_total_seconds=1.0
    ) as place:
        shop = place.open()
        shop.till.issued(body_of(shop))
        begun = time.monotonic()
        for number in range(2, 12):
            assert shop.till.issued(body_of(shop))["header"]["document_number"] == number
        assert time.monotonic() - begun < 5
        first = shop.till("GET", "/V1/documents", params={"document_number": "F001-1"}).json()["documents"][0]

        def state() -> str:
            found = shop.till("GET", f"/V1/documents/{first['document_id']}?pdf=0").json()
            assert found["status"] == "issued"
            return str(found["delivery"]["state"])

        until(lambda: state() == "unknown")
        release.set()


def test_a_rejection_by_cdr_spends_the_number(kind: str, tmp_path: Path) -> None:
    """SUNAT's clock says that the voucher is late: its CDR rejects it, and that is told as it came."""
    later = FixedClock(FRIDAY + timedelta(days=10))
    with running(later, authority=authority()) as sunat, world(kind, tmp_path, sandbox_url=sunat.url) as place:
        shop = place.open()
        answer = shop.till.issued(body_of(shop), wait=20)
        assert answer["status"] == "rejected"
        header = answer["header"]
        assert (header["taxbureau_send_status"], header["taxbureau_validation_status"]) == (1, 5)
        assert header["taxbureau_validation_comments"]
        assert (answer["delivery"]["state"], answer["delivery"]["last_code"]) == ("done", "2108")
        assert answer["electronic_document"]["document_cdr"]
        assert "<cbc:ResponseCode>2108</cbc:ResponseCode>" in shop.till(
            "GET", f"/V1/documents/{answer['document_id']}/cdr"
        ).text
        assert shop.till.issued(body_of(shop))["header"]["document_number"] == 2
        note = body_of(shop, "credit_note_for_invoice")
        note["references"][0] |= {"reference_number": "F001-1", "reference_date": "2026-11-20"}
        refused = shop.till.issue(note)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "CHQ-TARGET-STATE")


def test_a_refusal_by_exception_holds_the_voucher(kind: str, tmp_path: Path) -> None:
    """A boleta that must go in a summary (1079) is held for a person; its number is not spent on a rejection."""
    later = FixedClock(FRIDAY + timedelta(days=10))
    with running(later, authority=authority()) as sunat, world(kind, tmp_path, sandbox_url=sunat.url) as place:
        shop = place.open()
        answer = shop.till.issued(body_of(shop, "receipt"), wait=20)
        assert (answer["status"], answer["delivery"]["state"]) == ("issued", "held")
        assert answer["delivery"]["last_code"] == "1079"
        header = answer["header"]
        assert (header["taxbureau_send_status"], header["taxbureau_validation_status"]) == (200, 2)
        assert sunat.ledger.count() == 0


@contextmanager
def mortal(place: World) -> Iterator[tuple[Till, int]]:
    """The API in a process of its own, which dies by SIGKILL before it sends an answer to ``X-Die: 1``."""
    door = socket.create_server(("127.0.0.1", 0), backlog=64)
    child = os.fork()
    if child == 0:
        _live_and_die(place, door)
    try:
        yield Till(f"http://127.0.0.1:{door.getsockname()[1]}", None), child
    finally:
        door.close()
        with suppress(ChildProcessError):  # somebody has seen it die already
            if os.waitpid(child, os.WNOHANG)[0] == 0:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _live_and_die(place: World, door: socket.socket) -> None:
    database = Database(place.office.database.url.render_as_string(hide_password=False))
    app = app_of(replace(place.office, database=database))

    def mortally(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = app(environ, start_response)  # whatever it wrote is committed by now
        if environ.get("HTTP_X_DIE"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    make_server(
        "127.0.0.1", door.getsockname()[1], mortally, threaded=True, request_handler=Silent, fd=door.fileno()
    ).serve_forever(0.05)
    os._exit(0)


def test_an_answer_lost_with_its_process_is_given_again(kind: str, tmp_path: Path) -> None:
    """Killed between the commit and the answer: the till repeats, and gets the voucher it already has."""
    with world(kind, tmp_path, delivers=False) as place:
        shop = place.open()
        for number in (1, 2, 3):
            body, key = body_of(shop), f"venta-{number}"
            with mortal(place) as (door, child):
                till = Till(door.url, shop.till.credential)
                with pytest.raises(requests.RequestException):
                    till.issue(body, key=key, headers={"X-Die": "1"})
                assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
            with mortal(place) as (door, _):
                till = Till(door.url, shop.till.credential)
                again, twice = till.issue(body, key=key), till.issue(body, key=key)
                assert (again.status_code, again.json()["header"]["document_number"]) == (201, number)
                assert again.content == twice.content
        assert place.held()["documents"] == 3
        assert shop.till("GET", "/V1/document_types/96").json()["last_sequence_number"] == 3
        place.engine.start()
        try:
            for row in shop.till("GET", "/V1/documents").json()["documents"]:
                assert shop.till.settled(int(row["document_id"]))["status"] == "accepted"
        finally:
            assert place.engine.stop(10)
