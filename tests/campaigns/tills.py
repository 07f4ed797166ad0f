"""The clients: HTTP over the loopback, many in one thread, each on a connection of its own.

A till that gets no answer, or is told that the key is in flight or the database busy, repeats the request with the
same key: that is what the key is for. It never gives a sale up by itself; whoever runs it does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from tests.campaigns.sales import Sale

HOST: Final = "127.0.0.1"
_AGAIN: Final = (409, 503)
_ANSWER_SECONDS: Final = 45.0


class Unanswered(Exception):
    """The connection ended before the answer was whole."""


class Till:
    """One client on one connection, made when it is needed. ``taken`` are the seconds of its answers."""

    def __init__(self, port: int, credential: str) -> None:
        self.port = port
        self.taken: list[float] = []
        self._credential = credential
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, body: bytes, key: str, *, path: str = "/V1/documents") -> tuple[int, bytes]:
        """Status and body of an answer to a POST, which bears a key unless it is empty. Raises Unanswered."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {self._credential}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        head += f"Idempotency-Key: {key}\r\n\r\n" if key else "\r\n"
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                status, answer = await self._exchange(head.encode() + body)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Unanswered(str(error)) from error
        self.taken.append(time.perf_counter() - begun)
        return status, answer

    async def sell(self, sale: Sale, stopped: Callable[[], bool], *, pause: float = 0.2) -> bool:
        """Posts a sale until it is answered for good; False when it was stopped first."""
        while not stopped():
            try:
                status, body = await self.post(sale.body, sale.key)
            except Unanswered:
                sale.tries[0] += 1
                await asyncio.sleep(0.02)
                continue
            sale.note(status, body)
            if status not in _AGAIN:
                return True
            await asyncio.sleep(pause)
        return False

    async def sell_together(self, sales: Sequence[Sale]) -> None:
        """Posts sales as one batch, once; what it does not tell is for `settle` to ask."""
        items = [{**json.loads(sale.body), "idempotency_key": sale.key} for sale in sales]
        try:
            status, body = await self.post(json.dumps({"documents": items}).encode(), "", path="/V1/documents/batch")
        except Unanswered:
            status = 0
        if status == 200:
            for sale, item in zip(sales, json.loads(body)["results"], strict=True):
                sale.note_item(item)
            return
        for sale in sales:
            sale.tries[status] += 1
        await asyncio.sleep(0.02)

    def close(self) -> None:
        """Lets go of the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(HOST, self.port)
        self._writer.write(request)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in head[1:])}
        body = await self._reader.readexactly(int(fields[b"content-length"]))
        if fields.get(b"connection", b"").lower() == b"close":
            self.close()
        return int(head[0].split()[1]), body


async def settle(sales: Sequence[Sale], port: int, credential: str, *, seconds: float, hands: int = 8) -> None:
    """Posts sales until each has its answer or the time is up; what is still open then is for the caller to judge."""
    until = time.monotonic() + seconds
    waiting = list(sales)

    async def hand() -> None:
        till = Till(port, credential)
        try:
            while waiting:
                await till.sell(waiting.pop(), lambda: time.monotonic() > until)
        finally:
            till.close()

    await asyncio.gather(*(hand() for _ in range(min(hands, len(waiting)))))


async def all_of(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Waits for tasks that end soon by themselves, and ends those that do not."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for task in set(tasks) - late:
        task.result()
