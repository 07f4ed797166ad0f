"""What a sender's despatch guide says (*guía de remisión remitente*, SUNAT code 09)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from sunat.documents.despatch import Authorization, Despatch
from sunat.documents.party import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """The company that carries the goods; ``registration`` is its number in the register of the ministry (MTC)."""

    identity_code: str = "6"
    identity_number: str = ""
    name: str = ""
    registration: str = ""
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container and its seal."""

    number: str
    seal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where imported or exported goods come in or go out: ``type_code`` 1 a port (catalogue 63), 2 an airport (64)."""

    type_code: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide(Despatch):
    """Goods sent by the issuer. ``reason`` is of catalogue 20, ``mode`` of catalogue 18.

    ``net_weight`` (kilograms) and ``weight_note`` are those of the chosen items of a customs declaration;
    ``packages`` counts packages or pallets. ``supplier`` is whose goods are fetched, ``buyer`` who bought what is
    delivered to somebody else.
    """

    TYPE_CODE: ClassVar[str] = "09"

    reason: str
    mode: str
    reason_note: str = ""
    net_weight: Decimal | None = None
    weight_note: str = ""
    packages: int | None = None
    containers: tuple[Container, ...] = ()
    carrier: Carrier | None = None
    sender_authorization: Authorization | None = None
    supplier: Party | None = None
    buyer: Party | None = None
    port: Port | None = None
