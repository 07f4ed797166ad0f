"""``chasqui serve`` and ``chasqui sandbox`` as programs of their own, on both databases."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from app.clock import SystemClock
from app.demo.samples import SAMPLES, request_of

PROJECT = Path(__file__).parents[2]
CHASQUI = [sys.executable, "-c", "from app.cli import main; main()"]

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHASQUI_")}
    return {
        **kept, "CHASQUI_DATA": str(tmp_path / "data"), "CHASQUI_KEY": "0123456789abcdef" * 3,
        "DATABASE_URL": database_url,
    }


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Starts a command and waits for the address it says; all of them end with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **more: str) -> tuple[subprocess.Popen[str], str]:
        said = tmp_path / f"{arguments[0]}{len(started)}.log"
        with said.open("w") as log:
            process = subprocess.Popen(
                [*CHASQUI, *arguments], cwd=PROJECT, env={**environment, **more}, stdout=log, stderr=log, text=True
            )
        started.append(process)
        end = time.monotonic() + 120
        while (found := re.search(r"http://127\.0\.0\.1:\d+", said.read_text())) is None:
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < end, said.read_text()
            time.sleep(0.05)
        return process, found[0]

    yield begin
    for process in started:
        process.kill()
        process.wait(10)


def command(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*CHASQUI, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def until(answer: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def beside(server: subprocess.Popen[str]) -> list[psutil.Process]:
    """The delivery workers of a server."""
    found = []
    for child in psutil.Process(server.pid).children():
        with suppress(psutil.NoSuchProcess):
            if "--with-parent" in child.cmdline():
                found.append(child)
    return found


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def test_the_whole_path_over_three_programs(start: Start, environment: dict[str, str]) -> None:
    _, sunat = start("sandbox", "--port", "0")
    account = command(environment, "account", "create", "--ruc", "20123456786", "--name", "EMPRESA EMISORA S.A.C.")
    command(environment, "certificate", "self-signed", "--account", account)
    key = command(environment, "key", "create", "--account", account)
    server, url = start("serve", "--port", "0", "--threads", "4", CHASQUI_SANDBOX_URL=sunat)
    until(lambda: answers(f"{url}/readyz"))
    with requests.Session() as till:
        till.headers["Authorization"] = f"Bearer {key}"
        for sample in SAMPLES:
            answer = till.post(
                f"{url}/V1/documents?wait=20", json=request_of(sample, int(account), SystemClock().today()), timeout=40
            )
            assert answer.status_code == 201, answer.text
            assert answer.json()["status"] == "accepted"
        figures = till.get(f"{url}/metrics", timeout=10).text
    assert 'chasqui_deliveries{state="done"} 2.0' in figures
    assert 'route="/V1/documents",status="201"' in figures
    workers = beside(server)
    assert len(workers) == (0 if environment["DATABASE_URL"].startswith("sqlite") else 1)
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    assert not any(alive(one) for one in workers)


def test_a_server_keeps_its_worker_going_and_takes_it_along(start: Start, environment: dict[str, str]) -> None:
    if environment["DATABASE_URL"].startswith("sqlite"):
        refused = subprocess.run(
            [*CHASQUI, "worker"], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert refused.returncode == 1
        assert "DATABASE_URL" in refused.stderr
        return
    server, url = start("serve", "--port", "0", "--workers", "1", "--threads", "2")
    until(lambda: answers(f"{url}/readyz"))
    until(lambda: len(beside(server)) == 1)
    first = beside(server)[0]
    first.kill()
    until(lambda: any(one.pid != first.pid for one in beside(server)))
    again = beside(server)[0]
    server.kill()
    server.wait(10)
    until(lambda: not alive(again))


def test_a_server_may_leave_delivery_to_others(start: Start, environment: dict[str, str]) -> None:
    server, url = start("serve", "--port", "0", "--workers", "1", "--threads", "2", "--no-worker")
    until(lambda: answers(f"{url}/readyz"))
    time.sleep(1.5)
    assert beside(server) == []


def test_an_unreachable_sunat_does_not_fail_the_till_and_a_killed_server_loses_nothing(
    start: Start, environment: dict[str, str]
) -> None:
    account = command(environment, "account", "create", "--ruc", "20123456786", "--name", "EMPRESA EMISORA S.A.C.")
    command(environment, "certificate", "self-signed", "--account", account)
    headers = {"Authorization": f"Bearer {command(environment, 'key', 'create', '--account', account)}"}
    body = request_of(SAMPLES[0], int(account), SystemClock().today())
    nowhere = {"CHASQUI_SANDBOX_URL": "http://127.0.0.1:9"}
    server, url = start("serve", "--port", "0", "--workers", "1", "--threads", "4", **nowhere)
    until(lambda: answers(f"{url}/readyz"))
    answer = requests.post(f"{url}/V1/documents", json=body, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["status"]) == (201, "issued")
    where = f"/V1/documents/{answer.json()['document_id']}"
    until(lambda: requests.get(url + where, headers=headers, timeout=5).json()["delivery"]["tries"] >= 1)
    server.kill()
    server.wait(10)
    _, sunat = start("sandbox", "--port", "0")
    _, again = start("serve", "--port", "0", "--workers", "1", "--threads", "4", CHASQUI_SANDBOX_URL=sunat)
    until(lambda: answers(f"{again}/readyz"))
    until(lambda: requests.get(again + where, headers=headers, timeout=5).json()["status"] == "accepted")
