"""The campaigns in little, on both databases; in full size behind the marker ``long``. No speed is judged."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sunat.sandbox.faults import MODES, Rule
from tests.campaigns import concurrency, couriers, crash, delivery, idempotency
from tests.campaigns.__main__ import main
from tests.campaigns.hooks import POINTS
from tests.campaigns.striking import POINTS as OF_AN_ATTEMPT
from tests.support.databases import KINDS

SEED = 20261120
KILLING_SEED = 15997
"""One whose first rounds are quick."""


@pytest.mark.parametrize("kind", KINDS)
def test_killed_and_dropped_a_few_times(kind: str) -> None:
    found = crash.measure([kind], seed=KILLING_SEED, seconds=60, rounds=3, first=6)
    told = found["databases"][kind]
    assert told["violations"] == []
    assert told["rounds"] == 3
    assert told["kills"] >= 2
    assert told["missed"] == 0
    if kind == "postgresql":
        assert told["drops"] >= 1
    assert told["signatures_verified"] >= told["sales"] > 0
    assert found["bound_95"] == round(3 / told["kills"], 5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_crowd(kind: str) -> None:
    found = concurrency.measure([kind], seed=SEED, seconds=3, clients=24, pairs=1)
    for told in found["databases"][kind].values():
        assert told["violations"] == []
        assert set(told["tries"]) == {"201"}
        assert told["sales"] >= 24 * 4
        assert told["others_beside_a_hot_series"]["rate"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_keys_sent_again_and_again(kind: str) -> None:
    found = idempotency.measure([kind], seed=SEED, seconds=60, keys=15)
    told = found["databases"][kind]
    assert told["violations"] == []
    assert told["keys"] == 15
    assert told["copies_together"] >= 30
    assert told["altered_422"] >= 15
    assert told["tries"]["201"] + told["tries"].get("409", 0) == told["copies_together"] + told["copies_after_restart"]


def test_a_seed_says_what_happens_in_every_round() -> None:
    rounds = [crash.planned(1, "postgresql", serial) for serial in range(90)]
    assert rounds == [crash.planned(1, "postgresql", serial) for serial in range(90)]
    assert rounds != [crash.planned(2, "postgresql", serial) for serial in range(90)]
    killed_at = {this.point for this in rounds if this.act == "kill"}
    assert killed_at == {"", *POINTS}
    assert {this.act for this in rounds} == {"kill", "drop", "lose"}
    assert {this.scope for this in rounds} == {"worker", "tree"}
    assert {crash.planned(1, "sqlite", serial).act for serial in range(90)} == {"kill"}


@pytest.mark.long
@pytest.mark.parametrize("arguments", [
    ["crash", "--minutes", "10"], ["concurrency", "--minutes", "10"], ["idempotency", "--minutes", "20"],
    ["hostile", "--minutes", "20"], ["kills", "--minutes", "30"], ["workers", "--minutes", "10"],
], ids=lambda arguments: str(arguments[0]))
def test_a_whole_campaign(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--seed", str(SEED)]) == 0, capsys.readouterr().out


def test_a_strange_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["peace"])
    assert left.value.code == 2
    said: Any = capsys.readouterr().err
    assert "crash" in said


@pytest.mark.parametrize("kind", KINDS)
def test_every_voucher_ends_where_the_record_stands(kind: str) -> None:
    told = delivery.play(
        kind, [Rule(probability=delivery.FAULTY, times_each=6)], 15, seed=SEED, until=time.monotonic() + 240
    )
    assert told["violations"] == []
    assert told["states"] == {"accepted/done": told["vouchers"]}
    assert told["faults"] >= 5


def test_an_outage_is_caught_up_with_in_the_order_of_the_last_days() -> None:
    told = delivery.outage("sqlite", 1, 40, seed=SEED, until=time.monotonic() + 600)
    assert told["violations"] == []
    assert told["on_record"] == told["vouchers"] == 44
    assert told["recovered_p99_minutes"] < 20


def test_the_parts_of_the_delivery_campaign_may_be_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    some = ("work-then-reset", "stale-state", "guide-known")
    monkeypatch.setattr(delivery, "MODES", {name: MODES[name] for name in some})
    lines: list[str] = []
    told = delivery.measure(
        ["sqlite"], seed=SEED, seconds=300, parts=["modes"], each=5, tell=lines.append
    )
    assert told["violations"] == []
    (done,) = told["databases"].values()
    assert (list(done), done["modes"]["modes"], done["modes"]["faults"] >= 10, len(lines)) == (["modes"], 3, True, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_couriers_are_killed_and_everything_arrives_once(kind: str) -> None:
    found = couriers.kills([kind], seed=SEED, seconds=90, count=3, first=6)
    told = found["databases"][kind]
    assert found["violations"] == [], told["said"]
    assert told["kills"] == 3
    assert told["states"] == {"accepted/done": told["vouchers"]}
    assert told["on_record"] == told["vouchers"] >= 9


def test_three_workers_deliver_though_one_is_killed() -> None:
    told = couriers.workers(["postgresql"], seed=SEED, count=36, seconds=120)
    assert told["violations"] == [], told["said"]
    assert told["states"] == {"accepted/done": told["vouchers"]}
    assert told["on_record"] == told["vouchers"]


def test_each_point_of_an_attempt_has_its_kills() -> None:
    strikes = [couriers.planned(1, "postgresql", serial) for serial in range(60)]
    assert {strike.point for strike in strikes} == {"", *OF_AN_ATTEMPT}
    assert strikes == [couriers.planned(1, "postgresql", serial) for serial in range(60)]
