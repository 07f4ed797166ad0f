"""The bench itself: its smallest form runs, and its JSON has the shape that others read. No time is judged."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.bench import building, counting, floor, tables
from tests.bench.__main__ import PARTS, SIZES, measure
from tests.bench.steps import STEPS


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
    result = json.loads(json.dumps(measure(SIZES["smoke"], profile=True)))
    assert set(result) == {"machine", "seconds", *PARTS, "profiles"}
    judged = result["judging"]["sizes"]
    assert {lines: set(case["steps"]) for lines, case in judged.items()} == {
        lines: {"parse", "rules", "validate"} for lines in ("1", "5")
    }
    assert result["judging"]["aims"]["5"]["most_ms"] == 1.0
    database = result["issuing"]["databases"]["sqlite"]
    measured = database["clients"]["2"]
    (case,) = measured["cases"].values()
    assert measured["floor_per_second"] > 0
    assert case["per_second"] > 0
    assert set(case["cores"]) == {"server", "machine", "client"}
    assert case["locks"] is None
    assert database["vouchers"] >= 2
    place = result["hot"]["places"]["sqlite"]
    assert set(place["cases"]) == {case.name for case in counting.CASES}
    assert place["cases"][counting.ALONE]["per_commit"] == 1
    assert place["cases"][counting.MANY]["of_many"] == 1
    assert place["floor_per_second"] > 0 < place["signatures_per_second"]
    served = result["hot"]["places"]["HTTP, sqlite"]
    assert set(served["cases"]) == {counting.ONE, counting.ALONE, counting.MANY}
    assert served["floor_per_second"] > 0 < served["signatures_per_second"]
    for case in served["cases"].values():
        assert case["of_floor"] > 0 < case["of_signatures"]
    assert served["cases"][counting.ALONE]["of_alone"] == 1
    assert [aim["least"] for aim in result["hot"]["aims"]] == [0.8, 0.8]
    assert set(result["books"]["steps"]) == {"csv", "book", "workbook"}
    assert result["books"]["rows"] == 100
    pages = result["console"]["databases"]["sqlite"]
    assert {"/console", "/console/today/now", "/console/people"} <= pages.keys()
    assert all(page["empty"]["ratio"] == 1 and page["full"]["ms"] > 0 for page in pages.values())
    (crews,) = result["delivering"]["crews"].values()
    assert crews["vouchers"] == 6
    assert 0 < crews["ratio"] == round(crews["per_second"] / crews["most_per_second"], 3)
    assert set(result["delivering"]["line"]["sqlite"]) == {"5", "20"}
    assert set(result["printing"]["sizes"]["1"]) == {"signature", "form", "plain page", "a4", "80mm"}
    assert result["printing"]["sizes"]["1"]["a4"]["ratio"] > 1
    (profile,) = result["profiles"]
    taken = {step["label"]: step["share"] for step in profile["steps"]}
    renamed = {step.label for step in STEPS if not taken[step.label]}
    assert renamed == set(), "tests.bench.steps names functions that nobody calls any more"
    text = tables.text(result)
    assert "sqlite, 2 clients: floor" in text
    assert "number and store" in text
    assert "sqlite: 1 series of 100 series" in text


def test_the_floor_commits_what_it_counts(tmp_path: Path) -> None:
    path = tmp_path / "floor.db"
    floor.prepare(f"sqlite:///{path}")
    done = floor.run({"url": f"sqlite:///{path}", "body": "x" * 100, "processes": 2, "seconds": 0.1})
    with sqlite3.connect(path) as connection:
        (held,) = connection.execute("SELECT count(*) FROM bench_rows").fetchone()
    connection.close()
    assert held == done["rows"] > 0
