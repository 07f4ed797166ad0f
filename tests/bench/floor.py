"""The floor of storing: one INSERT and its COMMIT, again and again, by so many processes at once.

No code of ours and no SQLAlchemy: the bare drivers, as durable as the office (SQLite WAL and FULL, PostgreSQL
synchronous_commit). A process of its own (``python -m tests.bench.floor``) that forks before it opens anything.
"""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Final

import psycopg

PATIENCE: Final = 30.0


def prepare(url: str) -> None:
    """Makes the table that the rows go to."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(_file(url))
        connection.execute("CREATE TABLE IF NOT EXISTS bench_rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        connection.close()
        return
    with psycopg.connect(url, autocommit=True) as opened:
        opened.execute("CREATE TABLE IF NOT EXISTS bench_rows (id BIGSERIAL PRIMARY KEY, body BYTEA NOT NULL)")


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Carries out an order: url, body (text of one row), processes, seconds. Gives rows and seconds."""
    context = multiprocessing.get_context("fork")
    start = context.Barrier(order["processes"] + 1)
    ends: list[Connection] = []
    workers = []
    for _ in range(order["processes"]):
        mine, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(order, start, theirs), daemon=True)
        worker.start()
        ends.append(mine)
        workers.append(worker)
    start.wait(PATIENCE)
    begun = time.perf_counter()
    rows = [end.recv() if end.poll(order["seconds"] + PATIENCE) else 0 for end in ends]
    seconds = time.perf_counter() - begun
    for worker in workers:
        worker.join(5)
    return {"rows": sum(rows), "seconds": seconds}


def _work(order: dict[str, Any], start: Barrier, end: Connection) -> None:
    insert = _sqlite(order) if order["url"].startswith("sqlite") else _postgresql(order)
    start.wait(PATIENCE)
    until, rows = time.perf_counter() + order["seconds"], 0
    while time.perf_counter() < until:
        insert()
        rows += 1
    end.send(rows)


def _sqlite(order: dict[str, Any]) -> Callable[[], None]:
    connection = sqlite3.connect(_file(order["url"]), timeout=PATIENCE, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    body = order["body"].encode()

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bench_rows (body) VALUES (?)", (body,))
        connection.execute("COMMIT")

    return insert


def _postgresql(order: dict[str, Any]) -> Callable[[], None]:
    connection = psycopg.connect(order["url"], autocommit=True)
    cursor, body = connection.cursor(binary=True), order["body"].encode()

    def insert() -> None:
        cursor.execute("INSERT INTO bench_rows (body) VALUES (%s)", (body,), prepare=True)

    return insert


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
