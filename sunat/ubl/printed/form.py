"""The shapes of a printed form. Every text is ready to be read: Spanish, amounts with their currency's sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = Literal["both", "sheet", "ticket"]
"""What a column is for: sheets (A4, A5), tickets of a till's printer, or both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing said with its label."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One amount of the sums at the foot; ``strong`` is what is to be paid."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: figures stand at the right, ``wide`` takes what room is left (one in each table)."""

    title: str
    figures: bool = False
    wide: bool = False
    where: Where = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: a cell for each column, and what is said in small letters below the wide one."""

    cells: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Something said apart: facts, a table, or both."""

    title: str
    facts: tuple[Fact, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedParty:
    """A party: what it is to the voucher ("Cliente"), its names, identity ("RUC 20123456786") and address.

    ``trade_name`` and ``identity`` are "" where there are none, ``address`` too.
    """

    role: str
    name: str
    trade_name: str
    identity: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedForm:
    """What one voucher's paper says.

    ``issuer`` stands in the head, ``receiver`` below it with the ``facts``. ``figures`` are the sums, ``words`` the
    amount in letters, ``remark`` the issuer's own note.
    """

    issuer: PrintedParty
    receiver: PrintedParty
    facts: tuple[Fact, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    figures: tuple[Figure, ...]
    words: str = ""
    sections: tuple[Section, ...] = ()
    legends: tuple[str, ...] = ()
    remark: str = ""
