"""An issued number, its series and its text never change: the database itself refuses, whoever asks (both kinds)."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import AccountRecord, BranchRecord
from app.ledger.models import DocumentRecord
from app.series import entries, operations
from app.series.models import ContingencyRangeRecord, SeriesRecord
from tests.support.books import Books

IDENTITY = {
    "account_id": "account_id + 1", "series_id": "series_id + 1", "environment": "'live'", "ruc": "'20987654326'",
    "sunat_code": "'03'", "series": "'F002'", "number": "number + 1", "created_at": "'2020-01-01 00:00:00'",
}
TEXT = {
    "document_type_id": "97", "issue_date": "'2026-01-01'", "issue_time": "'00:00:00'", "currency": "'USD'",
    "receiver_code": "'1'", "receiver_number": "'1'", "receiver_name": "'X'", "net": "net + 1", "taxes": "taxes + 1",
    "total": "total + 1", "fingerprint": "'f'", "request": "'{}'", "digest": "'d'", "qr_text": "'q'",
    "target_sunat_code": "'01'", "target_series": "'F001'", "target_number": "1", "external_id": "'x'",
}
SERIES = {
    "environment": "'live'", "ruc": "'20987654326'", "sunat_code": "'03'", "code": "'F009'", "account_id": "2",
    "last_number": "7", "start_number": "2", "chain_head": f"'{'0' * 64}'",
}


def refused(books: Books, statement: str, match: str) -> None:
    with pytest.raises(DBAPIError, match=match), books.database.write() as session:
        session.execute(text(statement))
    assert books.audit()["clean"]


@pytest.mark.parametrize("column", IDENTITY)
def test_inv_02_the_number_of_a_voucher(books: Books, column: str) -> None:
    refused(
        books, f"UPDATE documents SET {column} = {IDENTITY[column]} WHERE series = 'F001' AND number = 8",
        "identity is immutable",
    )


@pytest.mark.parametrize("column", TEXT)
def test_fri_15_the_text_of_a_voucher(books: Books, column: str) -> None:
    refused(
        books, f"UPDATE documents SET {column} = {TEXT[column]} WHERE series = 'F001' AND number = 8",
        "what was signed is immutable",
    )


@pytest.mark.parametrize("edition", ["0", "edition - 1", "edition + 2"])
def test_editions_of_a_voucher_go_one_by_one(books: Books, edition: str) -> None:
    refused(books, f"UPDATE documents SET edition = {edition}", "immutable|edition")


def test_the_next_edition_may_say_another_text(books: Books) -> None:
    with books.database.write() as session:
        session.execute(text(
            "UPDATE documents SET edition = 2, digest = 'd', total = 1 WHERE series = 'F001' AND number = 8"
        ))
        assert session.execute(text("SELECT total FROM documents WHERE edition = 2")).scalar() == 1


@pytest.mark.parametrize("change", ["status = 'accepted'", "observations = '[]'", "target_document_id = id"])
def test_what_becomes_of_a_voucher_is_no_text(books: Books, change: str) -> None:
    with books.database.write() as session:
        assert session.execute(text(f"UPDATE documents SET {change} WHERE number = 8")).rowcount == 1


@pytest.mark.parametrize("column", SERIES)
def test_a_used_series(books: Books, column: str) -> None:
    refused(books, f"UPDATE series SET {column} = {SERIES[column]} WHERE code = 'F001'", "series")


@pytest.mark.parametrize("table", ["editions", "declared_gaps", "events"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "DELETE FROM {0} WHERE id = (SELECT max(id) FROM {0})"]
)
def test_evidence(books: Books, table: str, statement: str) -> None:
    refused(books, statement.format(table), "append-only")


@pytest.mark.parametrize("table", ["documents", "deliveries", "series"])
def test_rows_that_are_kept(books: Books, table: str) -> None:
    refused(books, f"DELETE FROM {table}", "cannot be deleted|foreign key|FOREIGN KEY")


@pytest.mark.parametrize("table", ["documents", "editions", "declared_gaps", "series", "idempotency", "deliveries"])
def test_tables_cannot_be_emptied(books: Books, table: str) -> None:
    if books.database.dialect == "sqlite":
        statement = f"DELETE FROM {table}" if table != "idempotency" else "DELETE FROM documents"
        refused(books, statement, "append-only|cannot be deleted|FOREIGN KEY")
        return
    refused(books, f"TRUNCATE {table} CASCADE", "append-only|cannot be")


@pytest.mark.parametrize("table", ["documents", "editions", "declared_gaps", "deliveries", "events"])
def test_a_row_cannot_be_replaced(books: Books, table: str) -> None:
    """SQLite's REPLACE removes the row in the way; PostgreSQL has the same as an upsert."""
    if books.database.dialect == "sqlite":
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    else:
        statement = f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = excluded.id + 0"
        if table in ("documents", "deliveries"):
            column = "number" if table == "documents" else "state"
            value = "99" if table == "documents" else "'awaiting_ticket'"
            statement = statement.replace("SET id = excluded.id + 0", f"SET {column} = {value}")
    refused(books, statement, "append-only|cannot be deleted|immutable|illegal move")


def test_a_number_is_there_once(books: Books) -> None:
    columns = ", ".join(DocumentRecord.__table__.columns.keys()[1:])
    refused(
        books, f"INSERT INTO documents ({columns}) SELECT {columns} FROM documents WHERE number = 8", "(?i)unique",
    )


def test_a_chain_does_not_fork(books: Books) -> None:
    columns = "document_id, series_id, xml, xml_sha256, digest, chain_previous, reason, created_at"
    refused(
        books, f"INSERT INTO editions (edition, chain_hash, {columns}) SELECT 9, '{'9' * 64}', {columns} FROM editions "
        "WHERE id = 1", "(?i)unique",
    )


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "UPDATE {} SET {} = 7", "DELETE FROM {}", "TRUNCATE {}"]
)
@pytest.mark.parametrize(("table", "column"), [("series_entries", "number"), ("contingency_ranges", "to_number")])
def test_entries_and_printed_ranges(books: Books, table: str, column: str, statement: str) -> None:
    an_order_numbered(books)
    if statement.startswith("TRUNCATE") and books.database.dialect == "sqlite":
        statement = "DELETE FROM {}"
    refused(books, statement.format(table, column), "append-only")


def test_the_counter_of_an_internal_series_only_goes_forward(books: Books) -> None:
    an_order_numbered(books)
    for change in ("last_number = 0", "position = 0", "start_number = 5"):
        refused(books, f"UPDATE series SET {change} WHERE code = 'PED'", "series")


def an_order_numbered(books: Books) -> None:
    """A series of the house with one entry, and a printed range."""
    now = books.clock.now()
    with books.database.write() as session:
        account = session.get_one(AccountRecord, books.owner.account_id)
        branch = session.get_one(BranchRecord, books.owner.branch_id)
        row = operations.add(
            session, branch, account, SeriesRecord(sunat_code="", kind="order", profile="internal", code="PED"), now=now
        )
        entries.take(session, row.id, entries.Wish(issue_date=books.clock.today(), actor="a"), now=now)
        session.add(ContingencyRangeRecord(series_id=row.id, from_number=1, to_number=9, author="a", at=now))
