"""The law at the command line, run as people run it: in this process, with its exit status and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from sunat.__main__ import main
from tests.sunat.rules.vouchers import Shape, build
from tests.support.shared import shared_path
from tests.support.signing import fixed_signer


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize("kind", ["01", "03", "07", "08"])
def test_rules_are_printed_a_line_each(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    status, out, _ = run(capsys, "rules", kind)
    lines = out.splitlines()
    assert status == 0
    assert any(line.startswith("2017\terror\tcac:AccountingCustomerParty/") for line in lines)
    assert lines[-1] == f"{len(lines) - 1} rows, {len({line.split(chr(9))[0] for line in lines[:-1]})} codes"


def test_dated_rows_show_their_days(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "03", "--english")
    assert any(line.startswith("3509\terror") and line.endswith("2026-08-26..") for line in out.splitlines())
    assert any(line.startswith("4290\tobservation") and line.endswith("..2026-08-25") for line in out.splitlines())
    assert "Total of the tribute" not in out
    assert "total of the tribute: does not equal" in out


def test_coverage_is_a_figure(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "rules", "01", "--coverage", str(shared_path("sunat", "decidable.csv")))
    assert status == 0
    assert out.startswith("01: 354 of 354 codes (100.0%)")


def test_a_catalogue_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "catalogue", "05")
    assert status == 0
    assert out.splitlines()[0].startswith("1000\tIGV")


@pytest.mark.parametrize("arguments", [("rules", "99"), ("catalogue", "99"), ("validate", "nowhere.xml")])
def test_what_cannot_be_done_is_said_and_counts_as_two(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...],
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


def test_a_clean_voucher_has_no_findings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "20123456786-01-F001-123.xml"
    path.write_bytes(fixed_signer().sign_xml(build(Shape())).xml)
    assert run(capsys, "validate", str(path), "--check-name", "--signed") == (
        0, "Factura electrónica: 0 errors, 0 observations\n", "")


def test_each_kind_is_recognised_by_its_root_and_type_code(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for kind, title in {"03": "Boleta", "07": "Nota de crédito", "08": "Nota de débito"}.items():
        path = tmp_path / f"{kind}.xml"
        path.write_bytes(build(Shape(kind=kind)))
        status, out, _ = run(capsys, "validate", str(path))
        assert status == 0
        assert out.startswith(title)


def test_findings_are_printed_and_reject(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "voucher.xml"
    path.write_bytes(build(Shape()).replace(b"<cbc:UBLVersionID>2.1", b"<cbc:UBLVersionID>2.0"))
    status, out, _ = run(capsys, "validate", str(path), "--check-name", "--received", "2026-11-24")
    assert status == 1
    assert [line.split("\t")[0] for line in out.splitlines()[:-1]] == ["0159", "2074", "2108"]
    assert "fecha de emisión" in out.lower()


def test_what_is_no_voucher_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "order.xml"
    for content in (b"<Order/>", b"not xml", b"", b"<!DOCTYPE x []><Invoice/>"):
        path.write_bytes(content)
        status, out, err = run(capsys, "validate", str(path))
        assert (status, out) == (2, "")
        assert err
