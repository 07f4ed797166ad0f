"""The law at the command line, run as people run it: in this process, with its exit status and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from sunat.__main__ import main
from sunat.transport.zipping import pack
from tests.sunat.rules.vouchers import Shape, build
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


def test_dated_rows_show_their_days_and_turning_ones_what_they_become(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "rules", "03", "--english")
    lines = out.splitlines()
    assert any(line.startswith("3496\terror") and line.endswith("2027-01-01..") for line in lines)
    assert any(line.startswith("3496\tobservation") and line.endswith("..2026-12-31") for line in lines)
    assert any(line.startswith("4290\tobservation") and line.endswith("-> 3509") for line in lines)
    assert "Total of the tribute" not in out
    assert "total of the tribute: does not equal" in out


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


def test_one_file_is_judged_with_its_signature(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "20123456786-01-F001-123.xml"
    signed = fixed_signer().sign_xml(build(Shape())).xml
    path.write_bytes(signed)
    assert run(capsys, "validate", str(path)) == (0, "0 findings\n", "")
    parcel = path.with_suffix(".zip")
    parcel.write_bytes(pack(path.stem, signed.replace(b"TIENDA DE PRUEBA", b"OTRA TIENDA")))
    status, out, _ = run(capsys, "validate", str(parcel))
    assert (status, [line.split("\t")[0] for line in out.splitlines()]) == (1, ["2335", "1 findings"])


def test_what_is_no_voucher_cannot_be_judged(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "order.xml"
    path.write_bytes(b"<Order/>")
    status, out, err = run(capsys, "validate", str(path))
    assert (status, out) == (2, "")
    assert "Order" in err
