"""The book of a month: every voucher of every series and state as a row, and sums by kind, currency and state.

Amounts are of the voucher's currency and as the voucher says them; a credit note's are not negative here, the sums
tell what the valid ones make together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from app.books import reading
from app.books.reading import Scope
from app.ledger.lifecycle import Status
from app.problems import Text
from sunat.errors import FormatError
from sunat.kinds import kind
from sunat.money import from_cents

VALID: Final = (str(Status.ACCEPTED), str(Status.OBSERVED))
"""The states of a voucher that SUNAT holds as good."""

STATES: Final = {
    Status.ISSUED: Text("emitido, sin respuesta", "issued, unanswered"),
    Status.ACCEPTED: Text("aceptado", "accepted"), Status.OBSERVED: Text("observado", "observed"),
    Status.REJECTED: Text("rechazado", "rejected"), Status.VOIDED: Text("anulado", "voided"),
    Status.LAPSED: Text("vencido sin aceptar", "lapsed"),
}

Cell = str | int | Decimal | None


class Field(NamedTuple):
    """A column of the book: its heading, how a row fills it, and whether it is money."""

    heading: str
    of: Callable[[Any], Cell]
    money: bool = False


def _receiver(row: Any) -> str:
    return "" if row.receiver_number.strip("0-") == "" else str(row.receiver_number)


def _target(row: Any) -> str:
    return f"{row.target_sunat_code} {row.target_series}-{row.target_number}" if row.target_series else ""


FIELDS: Final = (
    Field("fecha", lambda row: row.issue_date.isoformat()),
    Field("hora", lambda row: row.issue_time.isoformat("seconds")),
    Field("tipo", lambda row: row.sunat_code),
    Field("serie", lambda row: row.series),
    Field("numero", lambda row: row.number),
    Field("estado", lambda row: STATES[Status(row.status)].es),
    Field("tipo_doc_cliente", lambda row: row.receiver_code if _receiver(row) else ""),
    Field("doc_cliente", _receiver),
    Field("cliente", lambda row: row.receiver_name),
    Field("moneda", lambda row: row.currency),
    Field("valor", lambda row: from_cents(row.net), True),
    Field("impuestos", lambda row: from_cents(row.taxes), True),
    Field("total", lambda row: from_cents(row.total), True),
    Field("modifica_a", _target),
    Field("envio", lambda row: row.delivery or ""),
    Field("codigo_sunat", lambda row: row.last_code or ""),
    Field("respuesta_sunat", lambda row: row.last_text or ""),
    Field("motivo_de_baja", lambda row: row.voided_for or ""),
    Field("sucursal", lambda row: row.branch),
    Field("origen", lambda row: "importado" if row.origin == "imported" else "emitido"),
    Field("id_externo", lambda row: row.external_id or ""),
    Field("id", lambda row: row.id),
)


@dataclass(slots=True)
class Sum:
    """Vouchers of one kind, currency and state together; amounts in céntimos."""

    count: int = 0
    net: int = 0
    taxes: int = 0
    total: int = 0

    def add(self, row: Any) -> None:
        """Counts one more."""
        self.count += 1
        self.net += row.net
        self.taxes += row.taxes
        self.total += row.total


@dataclass(slots=True)
class Sums:
    """All sums of a book, filled while it is read."""

    by: dict[tuple[str, str, str], Sum] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Counts one more row."""
        self.by.setdefault((row.sunat_code, row.currency, row.status), Sum()).add(row)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The sums by kind, currency and state, amounts as text of two decimals."""
        return [
            {
                "kind": code, "name": _name(code), "currency": currency, "status": status, "count": one.count,
                "net": f"{from_cents(one.net):.2f}", "taxes": f"{from_cents(one.taxes):.2f}",
                "total": f"{from_cents(one.total):.2f}",
            }
            for (code, currency, status), one in sorted(self.by.items())
        ]


def rows(session: Session, scope: Scope, sums: Sums) -> Iterator[tuple[Cell, ...]]:
    """The book's rows; ``sums`` is filled as they are taken."""
    for page in reading.vouchers(session, scope):
        for row in page:
            sums.add(row)
            yield tuple(each.of(row) for each in FIELDS)


def _name(code: str) -> str:
    try:
        return kind(code).name
    except FormatError:
        return code
