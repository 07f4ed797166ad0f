"""What the database itself refuses: changing evidence, moving a status the wrong way, losing a number.

A revision that alters a table on SQLite copies it and silently loses its triggers, so every revision ends with
`install` for what it lost, and a test compares the database with `TRIGGERS` (decision 33). A trigger is one refusal:
table, occasion, condition over OLD and NEW (none: always), message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy.engine import Connection

from app.ledger.lifecycle import (
    CORRECTED,
    DELIVERED_AGAIN,
    DELIVERY_TRANSITIONS,
    NUMBER_KEPT,
    SUMMARY_TRANSITIONS,
    TRANSITIONS,
    VOIDING_TRANSITIONS,
)
from app.series.models import GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One refusal of the database; the condition is SQL that both databases understand."""

    table: str
    name: str
    on: Literal["UPDATE", "DELETE", "TRUNCATE"]
    when: str = ""
    message: str

    def statement(self, dialect: str) -> str:
        """The SQL that installs it; empty where the database knows no such occasion (SQLite has no TRUNCATE)."""
        head = f"CREATE TRIGGER {self.table}_{self.name} BEFORE {self.on} ON {self.table}"
        if dialect == "sqlite":
            when = f"WHEN {self.when} " if self.when else ""
            refusal = f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            return "" if self.on == "TRUNCATE" else f"{head} FOR EACH ROW {when}{refusal}"
        each = "STATEMENT" if self.on == "TRUNCATE" else "ROW"
        when = f"WHEN ({self.when}) " if self.when else ""
        return f"{head} FOR EACH {each} {when}EXECUTE FUNCTION chasqui_refuse('{self.message}')"


FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION chasqui_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$"
)
"""What PostgreSQL's triggers call."""


def append_only(table: str) -> tuple[Trigger, ...]:
    """The refusals of a table that is only ever added to."""
    return tuple(
        Trigger(table=table, name=f"no_{on.lower()}", on=on, message=f"{table} is append-only")
        for on in ("UPDATE", "DELETE", "TRUNCATE")
    )


def fixed(table: str, *columns: str) -> Trigger:
    """The refusal to change what identifies a row; the columns are never null."""
    when = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in columns)
    return Trigger(table=table, name="identity", on="UPDATE", when=when, message=f"{table}: identity is immutable")


def unaltered(
    table: str, edition: str, *columns: str, texts: tuple[str, ...] = (), numbers: tuple[str, ...] = ()
) -> Trigger:
    """The refusal to change what was signed, except by the next edition; ``texts`` and ``numbers`` may be null."""
    differing = [f"OLD.{column} <> NEW.{column}" for column in columns]
    differing += [f"COALESCE(OLD.{column}, '') <> COALESCE(NEW.{column}, '')" for column in texts]
    differing += [f"COALESCE(OLD.{column}, 0) <> COALESCE(NEW.{column}, 0)" for column in numbers]
    when = (
        f"NEW.{edition} NOT IN (OLD.{edition}, OLD.{edition} + 1) "
        f"OR NEW.{edition} = OLD.{edition} AND ({' OR '.join(differing)})"
    )
    return Trigger(table=table, name="text", on="UPDATE", when=when, message=f"{table}: what was signed is immutable")


def moves(table: str, column: str, transitions: Mapping[Any, Iterable[Any]], *, edited: str = "") -> Trigger:
    """The refusal of every move that a table of transitions does not have; ``edited`` is one that it lets pass."""
    allowed = " OR ".join(
        f"OLD.{column} = '{old}' AND NEW.{column} IN ({', '.join(repr(str(new)) for new in sorted(to))})"
        for old, to in sorted(transitions.items()) if to
    )
    allowed += f" OR {edited}" if edited else ""
    when = f"OLD.{column} <> NEW.{column} AND NOT ({allowed})"
    return Trigger(table=table, name="moves", on="UPDATE", when=when, message=f"{table}: illegal move of {column}")


def by_edition(column: str, old: str, new: str, *codes: str) -> str:
    """A move that comes with the next edition alone, of some kinds or of all."""
    kinds = f" AND OLD.sunat_code IN ({', '.join(map(repr, codes))})" if codes else ""
    return f"OLD.{column} = '{old}' AND NEW.{column} = '{new}' AND NEW.edition = OLD.edition + 1{kinds}"


def undeletable(table: str) -> tuple[Trigger, ...]:
    """The refusals to remove rows of a table whose rows may change."""
    return tuple(
        Trigger(table=table, name=f"no_{on.lower()}", on=on, message=f"{table} cannot be deleted")
        for on in ("DELETE", "TRUNCATE")
    )


def untruncatable(table: str) -> Trigger:
    """The refusal to empty a table some of whose rows may be deleted one by one."""
    return Trigger(table=table, name="no_truncate", on="TRUNCATE", message=f"{table} cannot be emptied")


TRIGGERS: Final[tuple[Trigger, ...]] = (
    *append_only("editions"),
    *append_only("attempts"),
    *append_only("evidence"),
    *append_only("events"),
    *append_only("declared_gaps"),
    *append_only("contingency_ranges"),
    *append_only("series_entries"),
    *append_only("advances"),
    *append_only("advance_uses"),
    *undeletable("documents"),
    fixed(
        "documents", "account_id", "series_id", "environment", "ruc", "sunat_code", "series", "number", "created_at",
    ),
    unaltered(
        "documents", "edition", "document_type_id", "issue_date", "issue_time", "currency", "receiver_code",
        "receiver_number", "receiver_name", "net", "taxes", "total", "fingerprint", "request", "digest", "qr_text",
        texts=("target_sunat_code", "target_series", "external_id"), numbers=("target_number",),
    ),
    moves("documents", "status", TRANSITIONS, edited=by_edition("status", *CORRECTED, *NUMBER_KEPT)),
    Trigger(
        table="documents", name="origin", on="UPDATE", when="OLD.origin <> NEW.origin",
        message="documents: origin is immutable",
    ),
    *undeletable("deliveries"),
    moves("deliveries", "state", DELIVERY_TRANSITIONS, edited=by_edition("state", *DELIVERED_AGAIN)),
    *append_only("summary_lines"),
    *undeletable("summaries"),
    fixed(
        "summaries", "account_id", "environment", "ruc", "kind", "day", "number", "reference_date", "xml_sha256",
        "digest", "created_at",
    ),
    moves("summaries", "state", SUMMARY_TRANSITIONS),
    *undeletable("voidings"),
    fixed("voidings", "account_id", "document_id", "channel", "reason", "requested_at"),
    moves("voidings", "state", VOIDING_TRANSITIONS),
    fixed("series", "account_id", "environment", "ruc", "sunat_code", "code", "kind", "profile", "public_id"),
    Trigger(
        table="series", name="forward", on="UPDATE",
        when="(NEW.period < OLD.period OR NEW.period = OLD.period AND NEW.last_number < OLD.last_number "
             f"OR NEW.position < OLD.position) AND OLD.chain_head <> '{GENESIS}'",
        message="series: a used counter only goes forward",
    ),
    Trigger(
        table="series", name="start", on="UPDATE",
        when=f"(NEW.start_number <> OLD.start_number OR NEW.chain_head = '{GENESIS}') "
             f"AND OLD.chain_head <> '{GENESIS}'",
        message="series: the start of a used series is immutable",
    ),
    Trigger(
        table="series", name="no_delete", on="DELETE", when=f"OLD.chain_head <> '{GENESIS}'",
        message="series: a used series cannot be deleted",
    ),
    Trigger(
        table="idempotency", name="sealed", on="UPDATE", when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is immutable",
    ),
    Trigger(
        table="idempotency", name="no_delete", on="DELETE", when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is kept",
    ),
    untruncatable("series"),
    untruncatable("idempotency"),
    *(each for each in append_only("deeds") if each.on != "UPDATE"),
    Trigger(
        table="deeds", name="told", on="UPDATE", message="deeds: what was done is immutable",
        when="OLD.status IS NOT NULL OR OLD.account_id <> NEW.account_id OR OLD.person_id <> NEW.person_id "
             "OR OLD.action <> NEW.action OR OLD.subject <> NEW.subject OR OLD.address <> NEW.address "
             "OR OLD.at <> NEW.at",
    ),
)
"""Every trigger of the current schema."""


def install(connection: Connection, triggers: Iterable[Trigger]) -> None:
    """Creates triggers on a connection."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql(FUNCTION.replace("%", "%%"))
    for trigger in triggers:
        if statement := trigger.statement(dialect):
            connection.exec_driver_sql(statement)
