"""What the doctor says of one thing: its name, how it is, what was seen, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from app.problems import NO_TEXT, Text


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


TITLES: Final[Mapping[str, Text]] = MappingProxyType({
    "database": Text("Base de datos", "Database"),
    "disk": Text("Disco", "Disk"),
    "master_key": Text("Clave maestra", "Master key"),
    "backup": Text("Copias de seguridad", "Backups"),
    "high_water": Text("Marca de agua de las series", "High-water file"),
    "worker": Text("Envío en marcha", "Delivery running"),
    "queue": Text("Cola de envío", "Queue"),
    "leases": Text("Envíos abandonados", "Deliveries left behind"),
    "breakers": Text("Direcciones en pausa", "Addresses left alone"),
    "mail": Text("Correo", "Mail"),
    "reachability": Text("Alcance de SUNAT", "Reaching SUNAT"),
    "clock": Text("Reloj", "Clock"),
    "certificate": Text("Certificado digital", "Certificate"),
    "secrets": Text("Secretos guardados", "Stored secrets"),
    "series": Text("Series", "Series"),
    "sending": Text("Envío de la cuenta", "The account's sending"),
    "webhooks": Text("Avisos (webhooks)", "Webhooks"),
    "sol": Text("Usuario SOL", "SOL user"),
    "consult": Text("Credenciales de consulta", "Consult credentials"),
    "gre": Text("Credenciales de guías", "Guides' credentials"),
})
"""The checks by name, as people read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check: ``name`` is a key of `TITLES`; ``account_id`` and ``ruc`` say whose, None and "" the installation's.

    ``advice`` is empty where nothing is to be done.
    """

    name: str
    state: State
    seen: Text
    advice: Text = NO_TEXT
    account_id: int | None = None
    ruc: str = ""

    @property
    def title(self) -> Text:
        """The check's name for people."""
        return TITLES[self.name]

    def body(self) -> dict[str, Any]:
        """The row as JSON, both languages."""
        return {
            "name": self.name, "account_id": self.account_id, "tax_id_code": self.ruc or None,
            "state": str(self.state), "title": self.title._asdict(), "seen": self.seen._asdict(),
            "advice": self.advice._asdict(),
        }


def ok(name: str, seen: Text) -> Row:
    """A row of something that is as it should be."""
    return Row(name=name, state=State.OK, seen=seen)


def warn(name: str, seen: Text, advice: Text) -> Row:
    """A row of something that will be trouble."""
    return Row(name=name, state=State.WARN, seen=seen, advice=advice)


def bad(name: str, seen: Text, advice: Text) -> Row:
    """A row of something that is wrong now."""
    return Row(name=name, state=State.BAD, seen=seen, advice=advice)


def span(seconds: float) -> str:
    """A length of time in the largest fitting unit, the same in both languages: ``40 s``, ``12 min``, ``3 h``."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
