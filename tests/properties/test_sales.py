"""Any sale of any kind: to the céntimo what exact fractions say, explained, and without a finding of SUNAT's rules.

The expected amounts come from ``tests.support.rational``, which shares no code with what is tried. The long campaign is
``./chasqui campaign taxes``.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns import taxes
from tests.support.carts import any_cart, cart
from tests.support.rational import work_out
from tests.support.tried import differences, findings, read_back

SEEDS = st.integers(0, 2**48)
QUIET = (HealthCheck.too_slow,)


@settings(max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=QUIET)
@given(SEEDS)
def test_any_sale_is_worked_out_to_the_centimo_and_passes_every_rule(seed: int) -> None:
    asked = cart(Random(seed))
    assert differences(asked) == []
    assert findings(asked) == []


@pytest.mark.parametrize("seed", ["20261121-84613", "20261121-92362"])
def test_a_long_note_that_rounds_again_after_its_discount_moves_centimos(seed: str) -> None:
    asked = cart(Random(seed))
    assert work_out(asked).drifts
    assert differences(asked) == []
    assert findings(asked) == []


@settings(max_examples=200, deadline=None, database=None, derandomize=True, suppress_health_check=QUIET)
@given(SEEDS)
def test_what_takes_away_more_than_there_is_is_refused_and_nothing_else(seed: int) -> None:
    assert differences(any_cart(Random(seed))) == []


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=QUIET)
@given(SEEDS)
def test_any_sale_is_found_again_in_its_xml_and_explained_from_there(seed: int) -> None:
    assert read_back(cart(Random(seed))) == []


def test_the_campaign_in_little_meets_every_kind() -> None:
    found = taxes.measure(seed=1, count=150, workers=1)
    assert found["told"] == []
    assert found["carts"] == 150
    assert found["impossible_ones_refused"] > 0
    for kind in ("invoice", "boleta", "credit_note", "debit_note", "operation 0200", "affectation 17", "isc 01",
                 "bags", "whole 02", "advance taxed", "gross prices", "net prices", "PEN", "USD"):
        assert found["of"].get(kind, 0) > 0, kind
