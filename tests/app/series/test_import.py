"""Moving in by a file: all rows or none, a dry run that tells all and changes nothing, by HTTP and by command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.cli import main
from app.http import Office
from app.series.models import DeclaredGapRecord, SeriesRecord
from tests.support.builders import issue
from tests.support.web import Caller, key_for

CSV = """type,code,last_number,branch,name,prefix,padding
01,F001,12345,,,,
01,F002,7,0000,Tienda 2,,
quotation,COT,99,,Cotizaciones,COT-,5
"""


def state(mine: Caller) -> dict[str, tuple[int, int]]:
    rows = mine("GET", "/V1/series?per_page=500").json["series"]
    return {row["code"]: (row["last_number"], row["version"]) for row in rows}


def send(mine: Caller, content: str, *, dry_run: int = 0) -> Any:
    return mine(
        "POST", f"/V1/series/import?dry_run={dry_run}", data=content.encode(), headers={"Content-Type": "text/csv"}
    )


def test_koy_08_a_file_sets_and_creates_and_a_dry_run_tells_it_before(mine: Caller) -> None:
    before = state(mine)
    told = send(mine, CSV, dry_run=1)
    assert told.status_code == 200
    assert state(mine) == before
    done = send(mine, CSV).json
    assert {**told.json, "dry_run": False} == done
    assert (done["changes"], [row["action"] for row in done["rows"]]) == (3, ["set", "create", "create"])
    assert done["rows"][0] == {
        "row": 1, "type": "01", "code": "F001", "action": "set", "last_number_before": 0, "last_number": 12345,
    }
    after = {row["code"]: row for row in mine("GET", "/V1/series").json["series"]}
    assert [after[name]["next_code"] for name in ("F001", "F002", "COT")] == [
        "F001-00012346", "F002-00000008", "COT-00100",
    ]
    assert after["COT"]["default"] is True
    again = send(mine, CSV).json
    assert (again["changes"], {row["action"] for row in again["rows"]}) == (0, {"unchanged"})


def test_json_rows_do_the_same(mine: Caller) -> None:
    rows = [{"type": "01", "code": "F001", "last_number": 5}, {"type": "03", "code": "B009", "last_number": "6"}]
    assert mine("POST", "/V1/series/import", {"rows": rows}).json["changes"] == 2
    for body in ({"rows": []}, {}, [], {"rows": [5]}, {"rows": [{"type": "01"}]}):
        assert mine("POST", "/V1/series/import", body).status_code == 400
    wrong = mine("POST", "/V1/series/import", {"rows": [*rows, {"type": "1", "code": "f", "last_number": -1}]})
    assert {item["pointer"] for item in wrong.json["errors"]} == {"/rows/2/type", "/rows/2/code", "/rows/2/last_number"}


def test_what_is_exported_can_be_imported(mine: Caller) -> None:
    send(mine, CSV)
    text = mine("GET", "/V1/series/export").text
    assert send(mine, text).json["changes"] == 0
    assert send(mine, text.replace(",", ";")).json["changes"] == 0
    assert send(mine, "﻿" + text).json["changes"] == 0


@pytest.mark.parametrize(("row", "code", "pointer"), [
    ("01,B001,5,,,,", "SERIES_FORMAT", "/rows/3/code"), ("01,E001,5,,,,", "SERIES_PORTAL", "/rows/3/code"),
    ("01,F001,5,,,,", "TWICE", "/rows/3/code"), ("01,F003,5,9999,,,", "BRANCH_UNKNOWN", "/rows/3/branch"),
    ("quotation,Q,5,,,,0", "SERIES_DIFFERS", "/rows/3/padding"),
    ("01,0001,5,,,,", "CONTINGENCY_NUMBERS", "/rows/3/start_number"),
    ("quotation,NEW,999,,,,2", "NUMBER_RANGE", "/rows/3/start_number"),
    ("01,F004,5,,,X-,", "SERIES_LOCKED", "/rows/3/prefix"),
])
def test_one_bad_row_and_nothing_is_stored(mine: Caller, row: str, code: str, pointer: str) -> None:
    mine("PUT", "/V1/series/q", {"kind": "quotation", "name": "Q", "code": "Q", "padding": 4})
    before = state(mine)
    answer = send(mine, f"{CSV}{row}\n")
    assert (answer.status_code, answer.json["code"]) == (422, "IMPORT_REFUSED")
    assert [(item["code"], item["pointer"]) for item in answer.json["errors"]] == [(code, pointer)]
    assert state(mine) == before


def test_a_used_series_goes_forward_with_a_reason_only(mine: Caller, services: Office) -> None:
    with services.database.write() as session:
        row = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "F001")).one()
        issue(session, row.id, services.clock.now())
    head = "type,code,last_number,reason\n01,F001,"
    for row_, code in (("0,x", "NUMBER_BACKWARDS"), ("50,", "GAP_REASON")):
        assert send(mine, f"{head}{row_}\n").json["errors"][0]["code"] == code
    assert send(mine, f"{head}50,otro sistema\n").json["rows"][0]["action"] == "declare_gap"
    with services.database.read() as session:
        gap = session.scalars(select(DeclaredGapRecord)).one()
        assert (gap.from_number, gap.to_number, gap.reason, gap.author) == (2, 50, "otro sistema", "key:1")


@pytest.mark.parametrize(("content", "status"), [
    ("", 422), ("a,b\n1,2\n", 422), ("type,code,last_number\n", 422), ("type,code,last_number\n01,F001,x\n", 400),
    ("type,code,last_number\n01,F001\n", 400), ("\x00", 422),
    ("type,code,last_number\n" + "01,F001,1\n" * 5001, 422),
])
def test_what_is_no_such_file_is_refused(mine: Caller, content: str, status: int) -> None:
    assert send(mine, content).status_code == status
    assert mine("POST", "/V1/series/import", data=b"\xff\xfe", headers={"Content-Type": "text/csv"}).status_code == 400


def test_a_branchs_key_brings_in_its_own_series_only(mine: Caller, services: Office) -> None:
    branch = mine("POST", "/V1/company_branches", {"name": "Sucursal", "establishment_code": "0001"}).json
    bound = Caller(client=mine.client, credential=key_for(
        services, branch["account_id"], branch_id=branch["company_branch_id"], scopes=("series:read", "series:write"),
    ))
    head = "type,code,last_number,branch\n"
    for row in ("01,F001,5,", "01,F005,5,", "01,F005,5,0000"):
        assert send(bound, f"{head}{row}\n").status_code == 422
    assert send(bound, f"{head}01,F005,5,0001\n").status_code == 200


def test_the_command_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))
    file = tmp_path / "series.csv"
    file.write_text(CSV, encoding="utf-8")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, list(arguments))

    assert run("account", "create", "--ruc", "20123456786", "--name", "EMISORA").exit_code == 0
    told = run("series", "import", "--account", "1", "--dry-run", str(file))
    assert told.exit_code == 0
    assert "01\tF001\t0 -> 12345\tset" in told.output
    assert "nothing was stored" in told.output
    assert "12345" not in run("series", "list", "--account", "1").output
    assert "3 de 3 series cambiaron" in run("series", "import", "--account", "1", str(file)).output
    assert "quotation\tCOT\t99" in run("series", "list", "--account", "1").output
    exported = tmp_path / "out.csv"
    exported.write_text(run("series", "export", "--account", "1").output, encoding="utf-8")
    assert "0 de 8 series" in run("series", "import", "--account", "1", str(exported)).output
    file.write_text(f"{CSV}01,B777,1,,,,\n", encoding="utf-8")
    refused = run("series", "import", "--account", "1", str(file))
    assert refused.exit_code == 1
    assert "/rows/3/code" in refused.output


