"""The table of legal moves: complete, unambiguous, and in step with the kinds, the rules and the terms."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from sunat.kinds import KINDS, SUMMARIES
from sunat.moves import FORMS, MOVES, Act, Way, form_of, instead_of, move_of, printed
from sunat.rules.voided import TERM

ISSUED = date(2026, 11, 20)
VOIDS = {
    ("01", "F"): ("RA", 7), ("07", "F"): ("RA", 7), ("08", "F"): ("RA", 7), ("03", "B"): ("RC", 7),
    ("07", "B"): ("RC", 7), ("08", "B"): ("RC", 7), ("20", "R"): ("RR", 7), ("40", "P"): ("RR", 7),
    ("04", "L"): ("RR", 7), ("01", "0F"): ("RA", None), ("07", "0F"): ("RA", None), ("08", "0F"): ("RA", None),
    ("03", "0B"): ("RC", None), ("07", "0B"): ("RC", None), ("08", "0B"): ("RC", None), ("20", "0"): ("RR", None),
    ("40", "0"): ("RR", None), ("04", "0"): ("RR", None), ("09", "T"): ("portal", None), ("31", "V"): ("portal", None),
}


def test_each_kind_and_form_has_each_act_once() -> None:
    counted = Counter((move.type_code, move.form, move.act) for move in MOVES)
    assert set(counted) == {(code, form, act) for code, form in VOIDS for act in Act}
    assert set(counted.values()) == {1}
    assert {move.form for move in MOVES} == set(FORMS)
    assert {row.code for row in KINDS} <= {move.type_code for move in MOVES}


@pytest.mark.parametrize(("what", "told"), VOIDS.items(), ids=str)
def test_how_and_until_when_each_is_voided(what: tuple[str, str], told: tuple[str, int | None]) -> None:
    move = move_of(*what, Act.VOID)
    assert move is not None
    assert (str(move.way), move.days) == told
    last = move.last_day(ISSUED)
    assert last == (None if told[1] is None else ISSUED + timedelta(days=told[1]))
    assert move.days in {None, TERM}


def test_every_channel_is_a_summary_of_ours() -> None:
    ways = {str(move.way) for move in MOVES if move.act is Act.VOID} - {Way.PORTAL}
    assert ways == {form.code for form in SUMMARIES}


@pytest.mark.parametrize(("code", "series", "target", "form"), [
    ("01", "F001", "", "F"), ("07", "FC01", "01", "F"), ("07", "BC01", "03", "B"), ("01", "0001", "", "0F"),
    ("03", "1", "", "0B"), ("07", "0001", "03", "0B"), ("08", "0001", "01", "0F"), ("08", "12", "", "0F"),
    ("20", "0001", "", "0"), ("04", "9999", "", "0"), ("01", "E001", "", "E"),
])
def test_the_form_of_a_series(code: str, series: str, target: str, form: str) -> None:
    assert form_of(code, series, target) == form
    assert (move_of(code, form, Act.VOID) is None) == (form == "E")


def test_what_undoes_what_cannot_be_voided_any_more() -> None:
    assert {code: (row.type_code, row.reason) for code in ("01", "03", "07", "08") if (row := instead_of(code))} == {
        "01": ("07", "01"), "03": ("07", "01"), "07": ("08", "03"), "08": ("07", "10"),
    }
    assert [instead_of(code) for code in ("20", "40", "04", "09", "31")] == [None] * 5


def test_the_table_is_told_in_both_languages() -> None:
    lines = printed()
    assert len(lines) == 1 + 2 * len(MOVES)
    assert any("comunicación de baja" in line for line in lines)
    assert any("daily summary" in line for line in lines)
