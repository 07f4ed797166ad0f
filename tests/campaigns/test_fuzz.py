"""The fuzz campaign in little; in full size behind the marker ``long``."""

from __future__ import annotations

import pytest

from tests.campaigns import fuzz

SEED = 20261120


def test_mutated_files_are_judged_and_nothing_else_happens() -> None:
    found = fuzz.measure(seed=SEED, count=300)
    assert found["violations"] == []
    assert found["cases"] == 300
    assert {"refused", "passed"} <= set(found["outcomes"])
    assert found["codes_met"] > 60


def test_a_case_is_repeated_by_its_serial() -> None:
    assert [fuzz.case_of(1, serial) for serial in range(20)] == [fuzz.case_of(1, serial) for serial in range(20)]
    assert fuzz.case_of(1, 0) != fuzz.case_of(2, 0)


@pytest.mark.long
def test_a_hundred_thousand() -> None:
    found = fuzz.measure(seed=SEED, count=fuzz.VOUCHERS, seconds=3600)
    assert found["violations"] == []
    assert found["cases"] == fuzz.VOUCHERS
