"""The auditor: clean books are clean, and whatever is done behind the program's back is found where it was done."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from app.accounts.models import AccountRecord
from app.audit import reading
from app.audit.findings import LISTED
from app.audit.reading import Scope
from app.clock import FixedClock
from app.ledger.models import DocumentRecord, EditionRecord, EventRecord
from app.ledger.store import Signed
from app.series import allocator
from app.series.models import GENESIS, ContingencyRangeRecord, SeriesRecord
from sunat.signing import digest_of
from tests.support.books import Books
from tests.support.builders import OTHER_RUC, tenant
from tests.support.signing import fixed_signer, invoice
from tests.support.stored import store_voucher
from tests.support.tampering import tamper

F001 = "document_id IN (SELECT id FROM documents WHERE series = 'F001' AND number = {})"


def test_clean_books(books: Books) -> None:
    result = books.audit()
    assert (result["clean"], result["findings"], result["holes"]) == (True, 0, 0)
    assert (result["vouchers"], result["editions"], result["series_count"]) == (7, 7, 6)
    found = books.series()
    assert (found["first"], found["last"], found["count"], found["counter"]) == (1, 8, 5, 8)
    assert found["states"] == {"issued": 5}
    assert found["classes"] == {
        "used_valid": 5, "used_not_valid": 0, "voided": 0, "declared_gap": 3, "unused_paper": 0,
    }
    (gap,) = found["declared_gaps"]
    assert (gap["from"], gap["to"], gap["reason"], gap["author"]) == (4, 6, "talonario perdido", "key:1")


def test_every_state_has_its_class(books: Books) -> None:
    """OPT-12: what was cancelled or rejected is shown and explained, and is no hole."""
    roads = {1: ("accepted",), 2: ("observed", "voided"), 3: ("rejected",), 7: ("lapsed",)}
    with books.database.write() as session:
        for number, road in roads.items():
            for status in road:
                session.execute(
                    update(DocumentRecord)
                    .where(DocumentRecord.series == "F001", DocumentRecord.number == number).values(status=status)
                )
    found = books.series()
    assert found["states"] == {"accepted": 1, "issued": 1, "lapsed": 1, "rejected": 1, "voided": 1}
    assert (found["classes"]["used_valid"], found["classes"]["used_not_valid"], found["classes"]["voided"]) == (2, 2, 1)
    assert found["findings"] == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"UPDATE editions SET xml_sha256 = '{'0' * 64}' WHERE {F001.format(2)}",
         {("BYTES_ALTERED", 2), ("LINK_ALTERED", 2)}),
        (f"UPDATE editions SET chain_hash = '{'1' * 64}' WHERE {F001.format(2)}",
         {("LINK_ALTERED", 2), ("LINK_BROKEN", 3)}),
        (f"UPDATE editions SET chain_previous = '{'2' * 64}' WHERE {F001.format(2)}",
         {("LINK_ALTERED", 2), ("LINK_BROKEN", 2)}),
        (f"UPDATE editions SET digest = 'x' WHERE {F001.format(2)}", {("DIGEST_ALTERED", 2)}),
        ("UPDATE documents SET digest = 'x' WHERE series = 'F001' AND number = 2", {("DIGEST_ALTERED", 2)}),
        ("UPDATE documents SET edition = 2 WHERE series = 'F001' AND number = 2",
         {("NO_EDITION", 2), ("EDITION_ORDER", 2)}),
        (f"UPDATE editions SET edition = 2 WHERE {F001.format(2)}",
         {("EDITION_ORDER", 2), ("LINK_ALTERED", 2), ("NO_EDITION", 2)}),
        ("UPDATE documents SET number = 9 WHERE series = 'F001' AND number = 2",
         {("HOLE", 2), ("BEYOND_COUNTER", 9), ("LINK_ALTERED", 9), ("XML_IDENTITY", 9)}),
        ("UPDATE documents SET number = 5 WHERE series = 'F001' AND number = 2",
         {("HOLE", 2), ("IN_DECLARED_GAP", 5), ("LINK_ALTERED", 5), ("XML_IDENTITY", 5)}),
        ("UPDATE documents SET ruc = '20987654326' WHERE series = 'F001' AND number = 2", {("IDENTITY", 2)}),
        ("UPDATE documents SET environment = 'beta' WHERE series = 'F001' AND number = 2", {("IDENTITY", 2)}),
        (f"DELETE FROM editions WHERE {F001.format(2)}", {("NO_EDITION", 2), ("LINK_BROKEN", 3)}),
        (f"DELETE FROM editions WHERE {F001.format(8)}", {("NO_EDITION", 8), ("HEAD_ALTERED", 8)}),
        ("DELETE FROM documents WHERE series = 'F001' AND number = 2", {("NO_VOUCHER", None), ("HOLE", 2)}),
        ("UPDATE series SET last_number = 10 WHERE code = 'F001'", {("HOLE", 9)}),
        ("UPDATE series SET last_number = 7 WHERE code = 'F001'", {("BEYOND_COUNTER", 8)}),
        (f"UPDATE series SET chain_head = '{'3' * 64}' WHERE code = 'F001'", {("HEAD_ALTERED", 8)}),
        ("UPDATE series SET start_number = 2 WHERE code = 'F001'", {("BEFORE_START", 1)}),
        ("DELETE FROM declared_gaps", {("HOLE", 4)}),
    ],
)
def test_what_is_changed_is_found_where_it_was(
    books: Books, statement: str, expected: set[tuple[str, int | None]]
) -> None:
    assert books.audit()["clean"]
    tamper(books.database, statement)
    assert books.found() == {("F001", code, number) for code, number in expected}
    assert not books.audit()["clean"]


def test_both_rows_removed_is_a_hole_and_a_broken_chain(books: Books) -> None:
    tamper(
        books.database, f"DELETE FROM editions WHERE {F001.format(2)}",
        "DELETE FROM documents WHERE series = 'F001' AND number = 2",
    )
    assert books.found() == {("F001", "HOLE", 2), ("F001", "LINK_BROKEN", 3)}
    assert books.series()["holes"] == [[2, 2]]
    assert books.audit()["holes"] == 1


def test_the_last_one_removed_shows_at_the_head(books: Books) -> None:
    tamper(
        books.database, f"DELETE FROM editions WHERE {F001.format(8)}",
        "DELETE FROM documents WHERE series = 'F001' AND number = 8",
    )
    assert books.found() == {("F001", "HOLE", 8), ("F001", "HEAD_ALTERED", 8)}


def test_altered_bytes_are_found_even_if_every_hash_was_made_again(books: Books) -> None:
    """Whoever changes text, SHA-256 and the whole chain after it still cannot make the signature's digest."""
    with books.database.read() as session:
        rows = session.execute(
            select(EditionRecord.id, EditionRecord.xml, DocumentRecord.number)
            .join(DocumentRecord, DocumentRecord.id == EditionRecord.document_id)
            .where(EditionRecord.series_id == books.f001).order_by(EditionRecord.id)
        ).all()
    head, changes = GENESIS, []
    for row in rows:
        content = row.xml.replace(b"2026-11-20", b"2026-11-19") if row.number == 2 else row.xml
        former, head = head, allocator.link(
            head, ruc=books.owner.ruc, sunat_code="01", series="F001", number=row.number, edition=1, xml=content
        )
        values = f"xml_sha256 = '{sha256(content)}', chain_previous = '{former}', chain_hash = '{head}'"
        changes += [f"UPDATE editions SET chain_previous = 'x{row.id}' WHERE id = {row.id}",
                    f"UPDATE editions SET {values}, xml = {literal(books, content)} WHERE id = {row.id}"]
    tamper(books.database, *changes, f"UPDATE series SET chain_head = '{head}' WHERE id = {books.f001}")
    assert books.found() == {("F001", "TEXT_ALTERED", 2)}


def test_bytes_of_another_voucher_are_found(books: Books) -> None:
    """Really signed, with all its own hashes, but of another number."""
    other = fixed_signer().sign(invoice(number=77))
    tamper(
        books.database,
        f"UPDATE editions SET xml = {literal(books, other.xml)}, digest = '{other.digest}', "
        f"xml_sha256 = '{sha256(other.xml)}' WHERE {F001.format(8)}",
        f"UPDATE documents SET digest = '{other.digest}' WHERE series = 'F001' AND number = 8",
    )
    assert books.found() == {("F001", "XML_IDENTITY", 8), ("F001", "LINK_ALTERED", 8)}


def test_bytes_that_are_no_signed_xml_are_found(books: Books) -> None:
    tamper(books.database, f"UPDATE editions SET xml = {literal(books, b'<Invoice/>')} WHERE {F001.format(8)}")
    assert books.found() == {("F001", "NOT_SIGNED", 8), ("F001", "BYTES_ALTERED", 8)}


def test_a_row_put_in_is_found(books: Books) -> None:
    """A voucher copied under a free number of the gap, with an edition that pretends to follow."""
    columns = ", ".join(DocumentRecord.__table__.columns.keys()[1:]).replace(" number,", "")
    tamper(
        books.database,
        f"INSERT INTO documents (id, number, {columns}) SELECT 900, 5, {columns} FROM documents "
        "WHERE series = 'F001' AND number = 3",
    )
    assert books.found() == {("F001", "NO_EDITION", 5)}


def test_a_row_moved_to_another_series_is_found_at_both(books: Books) -> None:
    tamper(
        books.database,
        "UPDATE documents SET series_id = (SELECT id FROM series WHERE code = 'B001') "
        "WHERE series = 'F001' AND number = 2",
    )
    assert {("F001", "IDENTITY", 2)} <= books.found()


def test_editions_follow_each_other(books: Books) -> None:
    """A corrected voucher: another signed text of the same number, appended to the chain later."""
    edition = corrected(books, number=2)
    found = books.series()
    assert (found["findings"], found["count"], found["editions"]) == ([], 5, 6)
    tamper(books.database, f"UPDATE editions SET edition = 3 WHERE id = {edition}",
           "UPDATE documents SET edition = 3 WHERE series = 'F001' AND number = 2")
    assert books.found() == {("F001", "EDITION_ORDER", 2), ("F001", "LINK_ALTERED", 2)}


def test_imported_history_below_the_start_is_no_finding(books: Books) -> None:
    tamper(books.database, f"UPDATE series SET start_number = 2 WHERE id = {books.f001}",
           f"UPDATE editions SET reason = 'import' WHERE {F001.format(1)}")
    assert books.found() == set()


def test_imported_numbers_fill_a_declared_gap(books: Books) -> None:
    tamper(books.database, "INSERT INTO declared_gaps (series_id, from_number, to_number, reason, author, at) "
           f"SELECT {books.f001}, 1, 1, 'r', 'a', created_at FROM series WHERE id = {books.f001}")
    assert books.found() == {("F001", "IN_DECLARED_GAP", 1)}
    tamper(books.database, f"UPDATE editions SET reason = 'import' WHERE {F001.format(1)}")
    assert books.found() == set()
    assert books.series()["classes"]["declared_gap"] == 3


def test_a_preprinted_series_has_no_holes_and_tells_its_unused_paper(books: Books) -> None:
    with books.database.write() as session:
        row = SeriesRecord(
            account_id=books.owner.account_id, branch_id=books.owner.branch_id, environment="sandbox",
            ruc=books.owner.ruc, sunat_code="01", kind="01", profile="contingency", code="0001",
            created_at=books.clock.now(), updated_at=books.clock.now(),
        )
        session.add(row)
        session.flush()
        session.add(ContingencyRangeRecord(
            series_id=row.id, from_number=101, to_number=150, author="a", at=books.clock.now()
        ))
    found = books.series("0001")
    assert (found["findings"], found["classes"]["unused_paper"]) == ([], 50)


def test_a_period_lists_its_own_numbers_and_judges_the_whole_chain(books: Books) -> None:
    store_voucher(books.database, books.owner, books.clock.now(), date(2026, 12, 1))
    december: dict[str, Any] = {
        "period": "2026-12", "first_day": date(2026, 12, 1), "last_day": date(2026, 12, 31)
    }
    found = books.series(**december)
    assert (found["first"], found["last"], found["count"], found["findings"]) == (9, 9, 1, [])
    assert found["elsewhere"] == [[1, 3], [7, 8]]
    tamper(books.database, f"UPDATE editions SET chain_hash = '{'1' * 64}' WHERE {F001.format(2)}")
    assert books.found(**december) == {("F001", "LINK_ALTERED", 2), ("F001", "LINK_BROKEN", 3)}


def test_one_series_and_one_branch(books: Books) -> None:
    assert [each["series"] for each in books.audit(series="B001")["series"]] == ["B001"]
    assert books.audit(branch_id=10**6)["series"] == []


def test_another_tenants_books_are_not_opened(books: Books, clock: FixedClock) -> None:
    other = tenant(books.database, clock.now(), ruc=OTHER_RUC)
    store_voucher(books.database, books.owner, clock.now(), clock.today())
    mine = Books(database=books.database, clock=clock, owner=other, f001=0).audit()
    assert (mine["vouchers"], mine["account"]["ruc"]) == (0, OTHER_RUC)


def test_pages_join(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    assert books.audit()["vouchers"] == 7
    assert books.audit()["clean"]


def test_findings_are_counted_beyond_those_told(books: Books) -> None:
    tamper(books.database, "UPDATE series SET last_number = 99999999 WHERE code = 'F001'")
    found = books.series()
    assert found["holes"] == [[9, 99999999]]
    assert len(found["findings"]) <= LISTED


def test_issuing_goes_on_while_the_audit_reads(books: Books) -> None:
    """The audit sees one moment: what is issued meanwhile is no finding."""
    scope = Scope()
    with reading.snapshot(books.database) as session:
        account = session.get_one(AccountRecord, books.owner.account_id)
        cards = {card.code: card for card in reading.cards(session, account, scope)}
        before = cards["F001"].last_number
        store_voucher(books.database, books.owner, books.clock.now(), books.clock.today())
        assert len(list(reading.links(session, cards["F001"], scope))) == 5
        assert before == 8
    assert books.audit()["clean"]


def corrected(books: Books, number: int) -> int:
    """Appends a second edition to a voucher, as a correction does."""
    signed = fixed_signer().sign(invoice(number=number, ruc=books.owner.ruc, note="CORREGIDO"))
    with books.database.write() as session:
        head = allocator.lock(session, books.f001)
        document = session.scalars(
            select(DocumentRecord).where(DocumentRecord.series == "F001", DocumentRecord.number == number)
        ).one()
        chain = allocator.link(
            head.chain_head, ruc=document.ruc, sunat_code="01", series="F001", number=number, edition=2, xml=signed.xml
        )
        kept = Signed(
            xml=signed.xml, digest=digest_of(signed.xml), chain_previous=head.chain_head, chain_hash=chain,
            certificate_id=None,
        )
        row = EditionRecord(
            document_id=document.id, series_id=books.f001, edition=2, xml=kept.xml, xml_sha256=sha256(kept.xml),
            digest=kept.digest, chain_previous=kept.chain_previous, chain_hash=kept.chain_hash, reason="correction",
            created_at=books.clock.now(),
        )
        session.add(row)
        document.edition, document.digest = 2, kept.digest
        session.add(EventRecord(
            account_id=document.account_id, document_id=document.id, kind="document.corrected", at=books.clock.now()
        ))
        allocator.advance(
            session, head, chain_head=chain, issue_date=document.issue_date, now=books.clock.now(), numbers=0
        )
        session.flush()
        return row.id


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def literal(books: Books, content: bytes) -> str:
    """Bytes as SQL writes them."""
    return f"'\\x{content.hex()}'::bytea" if books.database.dialect == "postgresql" else f"x'{content.hex()}'"
