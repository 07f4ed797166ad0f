"""What the clients know: every sale with its key, its body, and the answers it got. Nothing here asks the server.

Each sale writes its own mark into the text of its line, so that the signed XML itself says which sale it is of: that
there is one voucher for each key can then be seen without believing the table of keys.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from tests.bench.vouchers import request

MARK: Final = "VENTA "


@dataclass(slots=True, kw_only=True, eq=False)
class Sale:
    """One sale. ``answers`` are the bytes of its 201s, each different one once; ``tries`` counts all that came back.

    ``tries`` has HTTP statuses as keys, and 0 for requests whose answer never came. ``told`` are the documents that
    answers to batches said of it, as JSON.
    """

    key: str
    series: str
    body: bytes
    answers: list[bytes] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    tries: Counter[int] = field(default_factory=Counter)

    @property
    def answered(self) -> bool:
        """Whether the client knows its voucher."""
        return bool(self.answers)

    def note(self, status: int, body: bytes) -> None:
        """Remembers an answer."""
        self.tries[status] += 1
        if status == 201 and body not in self.answers:
            self.answers.append(body)

    def note_item(self, item: dict[str, Any]) -> None:
        """Remembers what the answer to a batch says of it."""
        self.tries[item["status"]] += 1
        if item["status"] == 201:
            self.told.append(item["document"])


class Counterhand:
    """Makes sales for a day, each with a key of its own; ``sales`` has all of them by key."""

    def __init__(self, today: date, *, name: str) -> None:
        self._bodies: dict[str, dict[str, Any]] = {}
        self._today = today
        self._name = name
        self.sales: dict[str, Sale] = {}

    def sale(self, series: str) -> Sale:
        """The next sale, on a series."""
        key = f"{self._name}-{len(self.sales) + 1}"
        made = Sale(key=key, series=series, body=self.body(series, key))
        self.sales[key] = made
        return made

    def body(self, series: str, text: str) -> bytes:
        """The body of a sale on a series whose line says ``text`` after the mark."""
        if series not in self._bodies:
            self._bodies[series] = request(1, series=series, issue_date=self._today)
        body = self._bodies[series]
        body["details"][0]["line_description"] = f"{MARK}{text}"
        return json.dumps(body, separators=(",", ":")).encode()

    def open(self) -> list[Sale]:
        """The sales whose clients do not know their voucher."""
        return [sale for sale in self.sales.values() if not sale.answered]

    def tries(self) -> dict[str, int]:
        """How often each status came back, over all sales."""
        total: Counter[int] = Counter()
        for sale in self.sales.values():
            total.update(sale.tries)
        return {str(status): count for status, count in sorted(total.items())}


def unlike(sales: list[Sale]) -> list[str]:
    """What is wrong with the answers themselves: a sale that was told two different things, or refused."""
    found = []
    for sale in sales:
        if len(sale.answers) > 1:
            found.append(f"{sale.key}: {len(sale.answers)} different answers")
        if sale.answers and any(told != json.loads(sale.answers[0]) for told in sale.told):
            found.append(f"{sale.key}: a batch told something else")
        strange = set(sale.tries) - {0, 201, 409, 422, 503}
        if strange:
            found.append(f"{sale.key}: answered {sorted(strange)}")
    return found
