"""The bugs: what is replaced by what, and the tests that must notice. Every text occurs exactly once in its file."""

from __future__ import annotations

from tests.planted.bug import Bug, Change
from tests.planted.delivering import DELIVERY

SERIES = "tests/app/test_series.py"
LEDGER = "tests/app/test_ledger.py"
AUDIT = "tests/app/audit/test_audit.py"
ISSUING = "tests/journeys/test_idempotency.py"

BUGS = (
    Bug(
        name="the counter moves outside the transaction",
        changes=(
            Change(
                file="app/documents/counters.py",
                old="                with self._database.write() as session:\n"
                    "                    _take_turns(session, group)\n"
                    "                    return _stored(session, group, vouchers, head, last)\n"
                    "            except",
                new="                with self._database.write() as session:\n"
                    "                    _take_turns(session, group)\n"
                    "                    allocator.advance(\n"
                    "                        session, head, chain_head=last.chain_head, now=group[0].now,\n"
                    "                        issue_date=vouchers[0].document.issue_date,\n"
                    "                        numbers=last.last_number - head.last_number,\n"
                    "                    )\n"
                    "                with self._database.write() as session:\n"
                    "                    return _stored(session, group, vouchers, last, last)\n"
                    "            except",
            ),
        ),
        tests=(f"{ISSUING}::test_the_duplicate_guard_holds_from_many_hands",
               f"{ISSUING}::test_an_external_id_from_many_hands_is_used_once",
               "tests/app/documents/test_counters.py"),
    ),
    Bug(
        name="the idempotency key is not stored",
        changes=(Change(
            file="app/ledger/store.py", old="if fresh.held is not None and fresh.answer is not None:",
            new="if fresh.held is not None and fresh.answer is None:",
        ),),
        tests=(f"{ISSUING}::test_a_repetition_gets_the_first_answer_byte_for_byte",),
    ),
    Bug(
        name="the day turns in UTC, not in Lima",
        changes=(Change(
            file="app/clock.py", old="return _utc(instant).astimezone(LIMA)", new="return _utc(instant)",
        ),),
        tests=("tests/app/series/test_resource.py::test_a_series_turns_the_year_by_itself",),
    ),
    Bug(
        name="the chain's head is not compared",
        changes=(Change(
            file="app/series/allocator.py", old='    SeriesRecord.chain_head == bindparam("head_seen"), ',
            new='    (SeriesRecord.chain_head == bindparam("head_seen")) | SeriesRecord.active, ',
        ),),
        tests=(f"{SERIES}::test_advance_writes_only_over_what_it_read",),
    ),
    Bug(
        name="the series is not locked",
        changes=(Change(
            file="app/series/allocator.py", old="_LOCKED_HEAD: Final = _HEAD.with_for_update()",
            new="_LOCKED_HEAD: Final = _HEAD",
        ),),
        tests=(f"{SERIES}::test_opt_09_threads_and_processes_take_different_numbers",),
    ),
    Bug(
        name="the number is taken before judging",
        changes=(Change(
            file="app/documents/orders.py",
            old="    corrects = order.corrects\n",
            new="    with Session(session.get_bind().engine.execution_options(chasqui_write=True)) as early:\n"
                "        early.get_one(SeriesRecord, series.id).last_number += 1\n"
                "        early.commit()\n"
                "    corrects = order.corrects\n",
        ),),
        tests=(f"{ISSUING}::test_refusals_among_sales_leave_no_hole",),
    ),
    Bug(
        name="a gap is not declared",
        changes=(Change(
            file="app/series/allocator.py", old="    session.add(\n        DeclaredGapRecord(",
            new="    session.expunge_all() or (\n        DeclaredGapRecord(",
        ),),
        tests=(f"{SERIES}::test_opt_07_the_start_is_free_before_the_first_use_and_only_then",),
    ),
    Bug(
        name="external_id is not unique",
        changes=(Change(
            file="app/migrations/versions/0001_first_tables.py",
            old='sa.UniqueConstraint("account_id", "external_id", name="uq_documents_account_id_external_id"),',
            new="",
        ),),
        tests=(f"{LEDGER}::test_external_id_is_unique_within_the_account",),
    ),
    Bug(
        name="the answer is sealed apart from the voucher",
        changes=(Change(
            file="app/idempotency/claims.py",
            old="    if changed(session, done) != 1:\n        raise _in_flight()\n", new="    changed(session, done)\n",
        ),),
        tests=(f"{LEDGER}::test_an_expired_lease_is_taken_over_and_the_former_owner_issues_nothing",),
    ),
    Bug(
        name="a repetition is issued and signed again",
        changes=(Change(
            file="app/idempotency/claims.py", old="    if found.sealed_at is not None:\n        return Replay(",
            new="    if found.sealed_at is not None and live:\n        return Replay(",
        ),),
        tests=(f"{LEDGER}::test_a_key_is_claimed_sealed_and_replayed",),
    ),
    Bug(
        name="the key's branch is not minded",
        changes=(Change(
            file="app/series/operations.py",
            old="if bound_branch_id is not None and found.branch_id != bound_branch_id:",
            new="if bound_branch_id is not None and found.branch_id == -bound_branch_id:",
        ),),
        tests=(f"{SERIES}::test_choosing_the_series_to_issue_on",),
    ),
    Bug(
        name="the tenant's filter is missing",
        changes=(Change(
            file="app/ledger/store.py",
            old="return select(DocumentRecord).where(DocumentRecord.account_id == account_id)",
            new="return select(DocumentRecord).where(DocumentRecord.account_id >= 0)",
        ),),
        tests=(f"{LEDGER}::test_queries_see_one_tenant_only",),
    ),
    Bug(
        name="a number below the counter is issued",
        changes=(Change(
            file="app/documents/orders.py", old="    if forced <= last_number:", new="    if forced < 0:",
        ),),
        tests=(
            "tests/journeys/test_bad_input.py::test_a_number_below_the_counter_is_history_and_never_issued",
        ),
    ),
    Bug(
        name="a signed text may be changed in the database",
        changes=(
            Change(
                file="app/migrations/versions/0003_audit.py",
                old='        "documents", "edition", "document_type_id",', new='        "documents", "edition",',
            ),
        ),
        tests=("tests/app/audit/test_immutable.py::test_fri_15_the_text_of_a_voucher",),
    ),
    Bug(
        name="the auditor does not follow the chain",
        changes=(Change(
            file="app/audit/judging.py", old="if not _same(link.previous, self._head):",
            new="if not _same(link.previous, link.previous):",
        ),),
        tests=(f"{AUDIT}::test_both_rows_removed_is_a_hole_and_a_broken_chain",),
    ),
    *DELIVERY,
)
