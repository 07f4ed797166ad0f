"""The bench itself: its smallest form runs, and its JSON has the shape that others read. No time is judged."""

from __future__ import annotations

import json

from tests.bench import building, tables
from tests.bench.__main__ import SIZES, measure


def test_building_tells_every_step_beside_its_floor() -> None:
    size = SIZES["smoke"]
    found = building.measure(size.build, size.lines)
    assert set(found["sizes"]) == {"1", "10"}
    for case in found["sizes"].values():
        assert set(case["steps"]) == set(building.STEPS)
        for step in case["steps"].values():
            assert step["low_ms"] <= step["ms"] <= step["high_ms"]
            assert step["ratio"] > 0
        assert case["xml_bytes"] > case["zip_bytes"] > 0
    assert found["aims"]["1"]["most"] == 2.5
    assert found["sizes"]["1"]["steps"][building.FLOOR]["ratio"] == 1


def test_the_whole_result_is_json_and_has_tables() -> None:
    result = json.loads(json.dumps(measure(SIZES["smoke"])))
    assert set(result) >= {"machine", "seconds", "building"}
    assert "signature" in tables.text(result)
