"""``validate`` and ``rules`` as people run them: exit status, what is printed, JSON Lines, folders and zips."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from sunat import xml
from sunat.transport.zipping import pack
from tests.sunat.rules.vouchers import Shape, build
from tests.support.shared import shared_path
from tests.support.signing import fixed_signer

Run = Callable[..., Result]

NAME = "20123456786-01-F001-123"
SIGNED = fixed_signer().sign_xml(build(Shape())).xml
BROKEN = SIGNED.replace(b"<cbc:UBLVersionID>2.1", b"<cbc:UBLVersionID>2.0")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CHASQUI_XSD", raising=False)

    def call(*arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert not (tmp_path / "data").exists()
        return result

    return call


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_one_clean_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.xml"
    path.write_bytes(SIGNED)
    done = run("validate", str(path), "--exchange-rate", "3.75")
    assert (done.exit_code, done.stdout, done.stderr) == (
        0, f"{NAME}.xml: Factura electrónica: 0 errores, 0 observaciones\n", "")


def test_findings_say_code_place_and_hint_in_both_languages(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "voucher.xml"
    path.write_bytes(SIGNED)
    late = run("validate", str(path), "--date", "2026-11-24", "--check-name", "--english")
    assert late.exit_code == 1
    head, *rows = late.stdout.splitlines()
    assert head == "voucher.xml: Invoice: 2 errors, 0 observations"
    assert [row.strip().split("\t")[0] for row in rows] == ["0159", "2108"]
    assert "Issue again with a date inside the term" in rows[1]
    assert "fecha de emisión" in run("validate", str(path), "--date", "2026-11-24").stdout.lower()


def test_the_signature_is_looked_at_unless_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "voucher.xml"
    path.write_bytes(build(Shape()))
    assert run("validate", str(path)).exit_code == 1
    assert run("validate", str(path), "--unsigned").exit_code == 0


def test_folders_boxes_and_parcels_give_a_line_of_json_for_each_file(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.xml").write_bytes(SIGNED)
    (folder / "notes.txt").write_bytes(b"not looked at")
    (folder / f"{NAME}.zip").write_bytes(pack(NAME, BROKEN))
    (folder / "box.zip").write_bytes(zipped(a__xml=SIGNED, b__xml=b"<x", c__pdf=b"%PDF", d__zip=zipped(e__xml=BROKEN)))
    (folder / "cdr.xml").write_bytes(b"<ApplicationResponse/>")
    done = run("validate", str(folder), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert {row["file"]: [one["code"] for one in row["findings"]] for row in rows} == {
        "good.xml": [], f"{NAME}.zip": ["2074", "2335"], "box.zip!a.xml": [], "box.zip!b.xml": ["0306"],
        "box.zip!d.zip!e.xml": ["2074", "2335"], "cdr.xml": [],
    }
    by_name = {row["file"]: row for row in rows}
    assert by_name["cdr.xml"]["unjudged"]
    assert (by_name["good.xml"]["kind"], by_name["good.xml"]["unjudged"]) == ("01", None)
    finding = by_name[f"{NAME}.zip"]["findings"][0]
    assert finding.keys() == {
        "code", "severity", "turning", "becomes", "xpath", "line", "value", "message", "hint", "norm"}
    assert (finding["xpath"], finding["value"], finding["severity"]) == ("/Invoice/cbc:UBLVersionID", "2.0", "error")
    assert "6 archivos / files: 3 con errores" in done.stderr


def test_what_cannot_be_judged_is_two_unless_there_are_errors(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "order.xml"
    path.write_bytes(b"<Order/>")
    assert run("validate", str(path)).exit_code == 2
    bad = tmp_path / "bad.xml"
    bad.write_bytes(BROKEN)
    assert run("validate", str(path), str(bad)).exit_code == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run("validate", str(empty)).exit_code == 2
    assert run("validate", str(tmp_path / "absent.xml")).exit_code == 2
    assert run("validate", str(path), "--date", "24/11/2026").exit_code == 2
    assert run("validate", str(path), "--exchange-rate", "x").exit_code == 2


def test_turning_observations_are_flagged_and_may_count(run: Run, tmp_path: Path) -> None:
    root = xml.parse(build(Shape(kind="03")))
    total = xml.find(root, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert total is not None
    total.text = "999.99"
    path = tmp_path / "boleta.xml"
    path.write_bytes(xml.serialise(root))
    lenient = run("validate", str(path), "--unsigned", "--json")
    (finding,) = json.loads(lenient.stdout)["findings"]
    assert (lenient.exit_code, finding["code"], finding["turning"], finding["becomes"]) == (0, "4312", True, "3514")
    assert run("validate", str(path), "--unsigned", "--strict").exit_code == 1


def test_a_folder_of_schemas_adds_their_check(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "order.xml"
    path.write_bytes(SIGNED.replace(
        b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>2.0</cbc:CustomizationID>",
        b"<cbc:CustomizationID>2.0</cbc:CustomizationID><cbc:UBLVersionID>2.1</cbc:UBLVersionID>",
    ))
    assert run("validate", str(path), "--unsigned").exit_code == 0
    monkeypatch.setenv("CHASQUI_XSD", str(shared_path("sunat", "xsd")))
    done = run("validate", str(path), "--unsigned")
    assert done.exit_code == 1
    assert "0306\terror\t/Invoice/cbc:UBLVersionID" in done.stdout
    monkeypatch.setenv("CHASQUI_XSD", str(tmp_path))
    refused = run("validate", str(path))
    assert refused.exit_code == 1
    assert "CHASQUI_XSD: There is no UBL-Invoice-2.1.xsd" in refused.stderr


@pytest.mark.parametrize(("sheet", "decidable", "all_codes"), [
    ("01", 354, 374), ("03", 311, 330), ("04", 196, 210), ("07", 223, 241), ("08", 212, 231), ("20", 68, 73),
    ("40", 71, 86), ("09", 202, 250), ("31", 144, 178), ("general", 13, 17), ("firma", 25, 25),
])
def test_coverage_is_complete_and_says_what_needs_sunats_lists(
    run: Run, sheet: str, decidable: int, all_codes: int
) -> None:
    told = run("rules", "coverage", "--kind", sheet)
    assert told.exit_code == 0
    head, *rest = told.stdout.splitlines()
    day = "2022-10-20" if sheet in {"09", "31"} else "2026-02-12"
    assert head == f"{sheet}: {decidable} / {decidable} / {all_codes} (100.0 %) edición / edition {day}"
    assert rest[0] == "  faltan / missing: -"
    assert len(rest) == 2 + all_codes - decidable
    as_json = json.loads(run("rules", "coverage", "--kind", sheet, "--json").stdout)
    assert (as_json["implemented"], as_json["missing"], as_json["all"]) == (decidable, [], all_codes)
    assert len(as_json["registers"]) == all_codes - decidable


def test_coverage_of_everything(run: Run) -> None:
    told = run("rules", "coverage")
    assert told.exit_code == 0
    assert told.stdout.count("(100.0 %)") == told.stdout.count("edición / edition") == 14


@pytest.mark.parametrize(("sheet", "code"), [("01", "2017"), ("08", "2204"), ("firma", "2090"), ("general", "2335")])
def test_tables_are_listed(run: Run, sheet: str, code: str) -> None:
    told = run("rules", "list", "--kind", sheet)
    assert told.exit_code == 0
    assert any(line.startswith(f"{code}\terror\t") for line in told.stdout.splitlines())
    assert run("rules", "list", "--kind", "99").exit_code == 2


@pytest.mark.parametrize(("kind", "rows"), [("07", 13), ("08", 6)])
def test_what_a_note_may_contain_is_printed(run: Run, kind: str, rows: int) -> None:
    told = run("rules", "reasons", "--kind", kind, "--english")
    assert told.exit_code == 0
    assert len(told.stdout.splitlines()) == rows
    assert run("rules", "reasons", "--kind", "01").exit_code == 2
