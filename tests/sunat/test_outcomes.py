"""What each answer of the authority's means: the table against SUNAT's own list, and against noise."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat.__main__ import main
from sunat.errors import CdrError, Fault, NotSent, UnknownOutcome
from sunat.outcomes import (
    CLASSES,
    STATES,
    Class,
    Comparison,
    Finding,
    Proof,
    class_of,
    class_of_code,
    comparison_of,
    finding_of,
    row_of,
)
from sunat.transport.faults import fault_code
from tests.support.shared import shared_path


@pytest.mark.parametrize(("code", "name"), [
    ("0100", Class.BUSY), ("0109", Class.BUSY), ("0130", Class.BUSY), ("0138", Class.BUSY), ("0200", Class.BUSY),
    ("0253", Class.BUSY), ("0307", Class.BUSY), ("0140", Class.IN_PROCESS), ("0101", Class.CREDENTIALS),
    ("0106", Class.CREDENTIALS), ("0113", Class.CREDENTIALS), ("0154", Class.CREDENTIALS),
    ("1078", Class.CHANNEL), ("0111", Class.PERMISSION), ("0151", Class.PACKAGING), ("0161", Class.PACKAGING),
    ("0306", Class.PACKAGING), ("1034", Class.PACKAGING), ("1999", Class.PACKAGING), ("1083", Class.STANDING),
    ("2011", Class.STANDING), ("1033", Class.ALREADY_THERE), ("1032", Class.ALREADY_THERE),
    ("0402", Class.ALREADY_THERE), ("2223", Class.ALREADY_THERE), ("2324", Class.ALREADY_THERE),
    ("1079", Class.SUMMARY), ("2108", Class.LATE), ("2119", Class.REFERENCE), ("2000", Class.CONTENT),
    ("2335", Class.CONTENT), ("3999", Class.CONTENT), ("", Class.UNANSWERED), ("9999", Class.UNANSWERED),
    ("4000", Class.UNANSWERED), ("0000", Class.UNANSWERED), ("soap", Class.UNANSWERED), ("１０３３", Class.UNANSWERED),
])
def test_classes(code: str, name: Class) -> None:
    assert class_of_code(code) is name


def test_failures_without_a_code() -> None:
    assert class_of(NotSent()) is Class.NOT_SENT
    assert class_of(UnknownOutcome()) is Class.UNANSWERED
    assert class_of(CdrError()) is Class.UNREADABLE
    assert class_of(Fault(code="", text="Internal Error")) is Class.UNANSWERED
    assert class_of(Fault(code="1033", text="")) is Class.ALREADY_THERE


def test_every_exception_of_the_published_list_has_a_class() -> None:
    """Codes below 4000 are exceptions or rejections: none of them may fall through to "nobody answered"."""
    with (shared_path() / "sunat" / "return_codes.csv").open(encoding="utf-8") as file:
        codes = {row["code"] for row in csv.DictReader(file, delimiter=";") if row["code"].isdecimal()}
    assert len(codes) > 1900
    fallen = {
        code for code in codes
        if 100 <= int(code) < 4000 and class_of_code(code.zfill(4)) is Class.UNANSWERED
    }
    assert fallen == TICKETS, "codes of SUNAT's that no row covers"


TICKETS = {"0125", "0126", "0127"}
"""Codes about tickets prove nothing of a voucher that was sent by itself."""


def test_each_class_has_one_row_and_says_it_in_both_languages() -> None:
    assert sorted(row.name for row in CLASSES) == sorted(Class)
    for row in CLASSES:
        assert row.es != row.en
        assert row_of(row.name) is row


def test_no_exception_says_accepted() -> None:
    """What comes instead of a CDR never proves more than that some voucher of the number is there."""
    assert {row.name for row in CLASSES if row.proves is Proof.PRESENT} == {Class.ALREADY_THERE}


@given(st.text(max_size=200), st.text(max_size=200))
def test_noise_has_no_code_unless_its_structure_says_so(faultcode: str, text: str) -> None:
    code = fault_code(faultcode, text)
    assert code == "" or (len(code) == 4 and code.isdecimal() and int(code) in {
        int(piece) for piece in _numbers(f"{faultcode} {text}")
    })


@given(st.integers(0, 10**12), st.integers(1, 9999), st.sampled_from([
    "- Detalle: xxx.xxx.xxx value='ticket: {0} error: Error en la linea: 1: {1:04d} (nodo: \"cbc:ID\" valor: \"{0}\")'",
    "ticket: {0} error: INFO : 9 (nodo: x) : {1:04d} (nodo: \"y\" valor: \"7777\")",
]))
def test_the_code_before_the_node_wins_over_every_other_number(ticket: int, code: int, shape: str) -> None:
    assert fault_code("soap-env:Client", shape.format(ticket, code)) == f"{code:04d}"


def _numbers(text: str) -> set[str]:
    found, current = set(), ""
    for character in f"{text} ":
        if character in "0123456789":
            current += character
        elif current:
            found.add(current)
            current = ""
    return found


def test_states() -> None:
    assert finding_of("getStatusCdr", "0001") is Finding.ACCEPTED
    assert finding_of("getStatusCdr", "0004") is Finding.PRESENT
    assert finding_of("getStatus", "0004") is Finding.NOTHING
    assert finding_of("getStatus", "0011") is Finding.ABSENT
    assert finding_of("validarcomprobante", "0") is Finding.ABSENT
    assert finding_of("validarcomprobante", "4") is Finding.NOTHING
    assert finding_of("elsewhere", "0001") is Finding.NOTHING
    assert len({(row.service, row.code) for row in STATES}) == len(STATES)
    assert comparison_of("0001") is Comparison.SAME
    assert comparison_of("0011") is Comparison.ABSENT
    assert comparison_of("9") is Comparison.NOTHING


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outcomes"]) == 0
    said = capsys.readouterr().out
    assert "already_there" in said
    assert "1032" in said
    assert "0130-0138" in said
