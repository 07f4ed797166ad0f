"""The waits between tries, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.delivery.backoff import RETRIES, Backoff


def highest(_: float, upper: float) -> float:
    return upper


def lowest(lower: float, _: float) -> float:
    return lower


@pytest.mark.parametrize(
    ("tries", "ceiling"),
    [(1, 2.0), (2, 4.0), (3, 8.0), (7, 128.0), (8, 256.0), (9, 300.0), (10, 300.0), (64, 300.0), (10_000, 300.0)],
)
def test_the_ceiling_doubles_up_to_the_cap(tries: int, ceiling: float) -> None:
    policy = Backoff(first=2, cap=300)
    assert policy.ceiling(tries) == ceiling
    assert policy.delay(tries, highest) == timedelta(seconds=ceiling)
    assert policy.delay(tries, lowest) == timedelta(0)


def test_the_least_is_always_waited() -> None:
    policy = Backoff(first=1, cap=60, least=5)
    assert [policy.delay(tries, lowest).total_seconds() for tries in (1, 2, 9)] == [5, 5, 5]
    assert [policy.delay(tries, highest).total_seconds() for tries in (1, 3, 4, 9)] == [5, 5, 8, 60]


def test_the_draw_uses_the_whole_range() -> None:
    policy = Backoff(first=100, cap=100)
    drawn = [policy.delay(1).total_seconds() for _ in range(400)]
    assert min(drawn) < 20
    assert max(drawn) > 80
    assert all(0 <= one <= 100 for one in drawn)


def test_there_is_no_wait_before_the_first_try() -> None:
    with pytest.raises(ValueError, match="first try"):
        Backoff(first=1, cap=2).ceiling(0)


def test_in_process_waits_a_quarter_of_an_hour_at_least() -> None:
    assert RETRIES.in_process.delay(1, lowest) == timedelta(minutes=15)
    assert RETRIES.in_process.delay(50, highest) == timedelta(hours=1)
