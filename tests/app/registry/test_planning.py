"""What an import would do is told whole and exactly, and telling it changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.registry.planning import Plan
from app.registry.report import text_of
from app.series import operations
from tests.app.registry.conftest import Mover
from tests.support.builders import OTHER_RUC
from tests.support.builders import issue as issue_here
from tests.support.history import cdr, name, odd_style, pair, unsigned, voucher
from tests.support.signing import RUC


def reasons(plan: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in plan.passed:
        found[each.reason] = found.get(each.reason, 0) + 1
    return found


def series_of(report: dict[str, Any], code: str) -> dict[str, Any]:
    return next(row for row in report["series"] if row["code"] == code)


def test_a_mixed_bag(mover: Mover) -> None:
    before = mover.counts()
    files = {
        **pair(11), "12.xml": odd_style(12), **pair(15),
        "13.xml": voucher(13), "R-13.xml": cdr(13, code="2800"),
        "14.xml": voucher(14), "r14.xml": cdr(14, observations=(("4252", "observado"),)),
        "foreign.xml": voucher(1, ruc=OTHER_RUC), "broken.zip": b"PK\x03\x04 no", "readme.txt": b"hola",
        "old.xml": unsigned(1).replace(b"2.1<", b"2.0<", 1), "draft.xml": unsigned(77),
        "copy.xml": pair(11)[f"{name(11)}.xml"], "RA.xml": b'<VoidedDocuments xmlns="urn:sunat"/>',
        f"R-{name(20)}.xml": cdr(20),
    }
    plan = mover.plan(files)
    report = mover.report(files)
    assert mover.counts() == before
    assert report["plan"] == plan.digest
    assert report["vouchers"] == {
        "to_import": 5, "to_complete": 0, "already_there": 0, "passed_over": 8,
        "by_status": {"accepted": 2, "issued": 1, "observed": 1, "rejected": 1},
    }
    assert reasons(plan) == {
        "foreign": 1, "refused": 1, "unknown": 1, "not_yet": 2, "draft": 1, "copy": 1, "lonely_cdr": 1,
    }
    row = series_of(report, "F001")
    assert (row["first"], row["last"], row["brought"]) == (11, 15, 5)
    assert (row["missing_numbers"], row["missing"]) == (4, [[16, 19]])
    assert (row["last_sequence_number"], row["proposed_last_sequence_number"]) == (0, 20)
    assert report["signatures"]["sha1"] == 1
    assert {tuple(each["rucs"]) for each in report["signatures"]["certificates"]} == {(RUC,)}
    assert report["cdrs"] == {"matched": 4, "missing": 1, "by_signature": {"valid": 4}}
    assert len(report["warnings"]) == 1
    said = "\n".join(text_of(report))
    for words in (plan.digest, "F001: 11..15", "0 -> 20", "16-19", "foreign.xml", "SHA-1: 1", "Sin constancia"):
        assert words in said


def test_the_digest_stands_for_files_and_effects(mover: Mover) -> None:
    first = mover.plan(pair(1))
    assert mover.plan(pair(1)).digest == first.digest
    assert mover.plan({**pair(1), "readme.txt": b"x"}).digest == first.digest
    assert mover.plan({**pair(1), **pair(2)}).digest != first.digest
    assert mover.plan(pair(1), defaults=False).digest != first.digest
    with mover.database.write() as session:
        found = operations.find(session, mover.owner.account_id, "01", "F001")
        assert found is not None
        operations.set_last_number(session, found.id, 5, reason="", author="t", now=mover.clock.now())
    assert mover.plan(pair(1)).digest != first.digest


def test_the_same_number_with_other_bytes(mover: Mover) -> None:
    one, other = voucher(1), voucher(1, customer_name="OTRO CLIENTE S.A.")
    plan = mover.plan({"a.xml": one, "b.xml": other})
    assert reasons(plan) == {"conflict": 2}
    assert plan.items == ()
    reindented = one.replace(b"><cac:InvoiceLine>", b">\n  <cac:InvoiceLine>")
    chosen = mover.plan({"a.xml": reindented, "b.xml": one})
    assert [item.entry.shown for item in chosen.items] == ["up.zip!b.xml"]
    assert reasons(chosen) == {"copy": 1}


def test_a_conflict_still_keeps_its_number_from_being_issued(mover: Mover) -> None:
    plan = mover.plan({"1.xml": voucher(1), "a.xml": voucher(9), "b.xml": voucher(9, customer_name="OTRO S.A.")})
    (row,) = plan.series
    assert row.proposed_last_number == 9


def test_a_series_known_by_its_cdrs_alone_is_registered_behind_them(mover: Mover) -> None:
    files = {f"R-{name(n, series='F008')}.xml": cdr(n, series="F008") for n in (4, 6)}
    plan = mover.plan(files)
    (row,) = plan.series
    assert (row.code, row.first, row.last, row.brought, row.proposed_last_number) == ("F008", 4, 6, 0, 6)
    assert (row.missing, row.becomes_default, row.registered) == (((5, 5),), False, False)
    assert any("F008: 4..6, 0 (solo CDR" in line for line in text_of(mover.report(files)))
    assert mover.apply(files).imported == 0
    found = mover.series("F008")
    assert found is not None
    assert found.last_number == 6
    assert mover.plan({f"R-{name(4, series='E001')}.xml": cdr(4, series="E001")}).series == ()


def test_cdrs_that_disagree_prove_nothing(mover: Mover) -> None:
    plan = mover.plan({"1.xml": voucher(1), "a.xml": cdr(1), "b.xml": cdr(1, code="2800")})
    assert [str(item.status) for item in plan.items] == ["issued"]
    assert reasons(plan) == {"conflict": 2}


def test_a_cdr_whose_signature_fails_proves_nothing(mover: Mover) -> None:
    plan = mover.plan({"1.xml": voucher(1), "R.xml": cdr(1).replace(b"tiene", b"tuvo ")})
    (item,) = plan.items
    assert (str(item.status), item.cdr is not None) == ("issued", True)


def test_a_note_and_an_invoice_of_one_number_are_told_apart_by_the_cdrs_name(mover: Mover) -> None:
    files = {
        "a.xml": voucher(1, series="F001"), "b.xml": voucher(1, series="F001", stem="credit_note"),
        f"R-{name(1, code='07')}.xml": cdr(1), "R-who.xml": cdr(1, code="2800"),
    }
    plan = mover.plan(files)
    assert [(item.entry.key[0], str(item.status)) for item in plan.items] == [("01", "issued"), ("07", "accepted")]
    assert reasons(plan) == {"lonely_cdr": 1}


def test_history_never_stands_above_a_series_in_use_here(mover: Mover) -> None:
    with mover.database.write() as session:
        found = operations.find(session, mover.owner.account_id, "01", "F001")
        assert found is not None
        operations.set_last_number(session, found.id, 100, reason="", author="t", now=mover.clock.now())
    with mover.database.write() as session:
        assert issue_here(session, found.id, mover.clock.now()).number == 101
    plan = mover.plan({"99.xml": voucher(99), "101.xml": voucher(101), "102.xml": voucher(102)})
    assert [item.entry.key[2] for item in plan.items] == [99]
    assert reasons(plan) == {"conflict": 1, "above_counter": 1}
    (row,) = plan.series
    assert (row.last_number, row.proposed_last_number, row.moves) == (101, 101, False)


def test_a_retired_series_takes_no_history(mover: Mover) -> None:
    with mover.database.write() as session:
        found = operations.find(session, mover.owner.account_id, "01", "F001")
        assert found is not None
        operations.set_active(session, found, False, now=mover.clock.now())
    assert reasons(mover.plan({"1.xml": voucher(1)})) == {"retired": 1}


def test_branches_and_defaults_are_proposed(mover: Mover) -> None:
    files = {
        "a.xml": voucher(5, series="F002", establishment="0003"),
        "b.xml": voucher(9, series="F003", establishment="0003", issue_date=date(2025, 7, 1)),
        "c.xml": voucher(2, series="F005"), "d.xml": voucher(3, series="F006", establishment=""),
    }
    plan = mover.plan(files)
    assert [(row.establishment_code, row.code) for row in plan.branches] == [("0003", "0003")]
    assert plan.branches[0].address.line == "AV. EJEMPLO 123"
    placed = {row.code: (row.branch, row.becomes_default) for row in plan.series}
    assert placed == {"F002": ("0003", False), "F003": ("0003", True), "F005": ("0000", False),
                      "F006": ("0000", True)}
    assert mover.plan(files, branches=False).branches == ()
    assert not any(row.becomes_default for row in mover.plan(files, defaults=False).series)


def test_an_empty_bag(mover: Mover) -> None:
    plan = mover.plan({})
    assert (plan.items, plan.passed, plan.series, plan.branches) == ((), (), (), ())
    assert any("0" in line for line in text_of(mover.report({})))


@pytest.mark.parametrize("last", [99_000_000])
def test_a_series_near_its_end_is_warned_of(mover: Mover, last: int) -> None:
    report = mover.report({"a.xml": voucher(last)})
    assert "F001" in report["warnings"][0]["es"]
