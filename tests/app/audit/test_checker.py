"""The stand-alone checker, outside of our package: good reports pass, every alteration of one is found."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from app.accounts.models import AccountRecord
from app.audit import check_report, reports
from app.audit.keys import public_text
from app.audit.reading import Scope, snapshot
from app.audit.standalone import checker
from app.ledger.models import DocumentRecord, EditionRecord
from app.series import operations
from tests.support.books import Books
from tests.support.stored import store_voucher
from tests.support.tampering import tamper

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def elements(books: Books, **scope: Any) -> list[dict[str, Any]]:
    with snapshot(books.database) as session:
        account = session.get_one(AccountRecord, books.owner.account_id)
        found = reports.elements(session, account, Scope(**scope), now=books.clock.now())
        return [json.loads(json.dumps(element)) for element in found]


def write(path: Path, found: list[dict[str, Any]], key: Ed25519PrivateKey = KEY) -> Path:
    path.write_bytes(b"".join(reports.signed(found, key)))
    return path


@pytest.fixture
def report(books: Books, tmp_path: Path) -> Path:
    return write(tmp_path / "report.json", elements(books))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("elsewhere") / "check_report.py"
    path.write_text(checker(), encoding="utf-8")
    return path


def run(program: Path, *arguments: object) -> tuple[int, str]:
    """Runs the printed program isolated: neither our tree nor any installed package is in reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), *map(str, arguments)], capture_output=True, text=True, timeout=60,
        cwd=program.parent, env={"PYTHONIOENCODING": "utf-8"},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def checked(path: Path, key: str = "") -> check_report.Check:
    check = check_report.Check()
    check.read(path, key)
    return check


def test_a_good_report_passes_without_anything_of_ours(report: Path, program: Path) -> None:
    status, said = run(program, report, "--key", public_text(KEY))
    assert status == 0, said
    assert "CONFORME / ALL IS WELL" in said
    assert "4-6: talonario perdido (key:1)" in said
    assert "7 comprobantes" in said
    assert json.loads(report.read_text(encoding="utf-8"))[0]["report"] == reports.FORM


def test_the_printed_program_imports_the_standard_library_only(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    assert "app." not in text.replace("check_report", "")
    assert compile(text, str(program), "exec", dont_inherit=True)


def test_another_installations_signature_is_refused_with_the_key(books: Books, tmp_path: Path, program: Path) -> None:
    forged = write(tmp_path / "forged.json", elements(books), OTHER)
    assert run(program, forged)[0] == 0
    status, said = run(program, forged, "--key", public_text(KEY))
    assert (status, "otra instalación" in said) == (1, True)


def test_every_changed_byte_is_found(report: Path, tmp_path: Path) -> None:
    content, altered = report.read_bytes(), tmp_path / "altered.json"
    for at in range(0, len(content) - 3, 41):
        changed = bytearray(content)
        changed[at] ^= 1
        altered.write_bytes(changed)
        try:
            assert checked(altered).count, content[at - 20:at + 20]
        except (check_report.Unreadable, KeyError, TypeError):
            continue  # refused as unreadable


UNCHECKABLE = {
    "made_at", "issue_date", "legal_name", "id", "digest", "at", "branch_id", "reason", "author", "preprinted",
    "report",
}
"""What only the signature protects."""


def flips(found: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The report with each member of each line altered, one at a time."""
    for at, element in enumerate(found):
        for path, value in _leaves(element):
            if path[-1] in UNCHECKABLE or path[:1] == ("scope",):
                continue  # what only the signature protects, and what cannot be in this report
            copy = json.loads(json.dumps(found))
            target = copy[at]
            for step in path[:-1]:
                target = target[step]
            target[path[-1]] = _other(value)
            yield f"{at}:{'/'.join(map(str, path))}", copy


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, (*path, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(below, (*path, index))
    else:
        yield path, value


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return ("0" if value[:1] != "0" else "1") + value[1:] if value.strip() else "x"
    return 1


def test_even_the_signer_cannot_alter_a_line(books: Books, tmp_path: Path) -> None:
    """Altered and signed again with the right key: the lines contradict each other all the same."""
    found = elements(books)
    tried = 0
    for where, altered in flips(found):
        path = write(tmp_path / "altered.json", altered)
        with suppress(check_report.Unreadable, KeyError, TypeError):
            assert checked(path).count, where
        tried += 1
    assert tried > 100


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda found: found.pop(3), "eslabón"),
        (lambda found: found.insert(3, found[3]), "repetido"),
        (lambda found: found.__setitem__(slice(3, 5), [found[4], found[3]]), "eslabón"),
        (lambda found: [found.pop(at) for at in (2, 2, 2, 2, 2)], "hueco"),
        (lambda found: found.pop(-1), "incompleto"),
        (lambda found: found[7]["summary"].update(declared_gaps=[]), "hueco / hole: 4-6"),
        (lambda found: found[7]["summary"]["declared_gaps"][0].update(reason=" "), "no es válido"),
        (lambda found: found[7]["summary"].update(elsewhere=[[9, 9]]), "números fuera del reporte"),
        (lambda found: found.insert(1, found[1]), "no está completa"),
        (lambda found: found.extend(found[1:8]), "dos veces"),
        (lambda found: found[1]["series"].update(ruc="20987654326"), "no es de la cuenta"),
    ],
)
def test_lines_taken_out_put_in_or_moved(
    books: Books, tmp_path: Path, alter: Callable[[list[dict[str, Any]]], Any], said: str
) -> None:
    found = elements(books)
    alter(found)
    check = checked(write(tmp_path / "altered.json", found))
    assert any(said in problem for problem in check.problems), check.problems


def test_what_the_audit_found_is_told(books: Books, tmp_path: Path, program: Path) -> None:
    tamper(books.database, "UPDATE documents SET digest = 'x' WHERE series = 'F001' AND number = 2")
    status, said = run(program, write(tmp_path / "report.json", elements(books)))
    assert status == 1
    assert "F001-2" in said
    assert "DIGEST_ALTERED" in said


def test_a_report_of_one_month(books: Books, tmp_path: Path, program: Path) -> None:
    store_voucher(books.database, books.owner, books.clock.now(), date(2026, 12, 1))
    scope: dict[str, Any] = {
        "period": "2026-11", "first_day": date(2026, 11, 1), "last_day": date(2026, 11, 30), "series": "F001"
    }
    found = elements(books, **scope)
    status, said = run(program, write(tmp_path / "november.json", found))
    assert (status, "5 comprobantes" in said) == (0, True), said
    found[-2]["summary"]["elsewhere"] = []
    assert any("hueco / hole: 9" in problem for problem in checked(write(tmp_path / "x.json", found)).problems)


def test_files_are_compared_with_their_hashes(books: Books, report: Path, tmp_path: Path, program: Path) -> None:
    folder = tmp_path / "xml" / "2026"
    folder.mkdir(parents=True)
    with books.database.read() as session:
        rows = session.execute(
            select(DocumentRecord, EditionRecord.xml)
            .join(EditionRecord, EditionRecord.document_id == DocumentRecord.id)
        ).all()
        for row, content in rows:
            (folder / f"{row.ruc}-{row.sunat_code}-{row.series}-{row.number:08d}.xml").write_bytes(content)
    status, said = run(program, report, "--xml", folder.parent)
    assert (status, "XML: 7 de/of 7" in said) == (0, True), said
    altered = folder / f"{books.owner.ruc}-01-F001-00000002.xml"
    altered.write_bytes(altered.read_bytes() + b"\n")
    (folder / f"{books.owner.ruc}-01-F001-99.xml").write_bytes(b"x")
    status, said = run(program, report, "--xml", folder.parent)
    assert (status, "XML: 6 de/of 8" not in said) == (1, False), said


def test_an_older_report_anchors_the_newer(books: Books, report: Path, tmp_path: Path, program: Path) -> None:
    """A series rewritten whole, hashes and all, is consistent in itself; the report of before shows it."""
    store_voucher(books.database, books.owner, books.clock.now(), books.clock.today())
    newer = write(tmp_path / "newer.json", elements(books))
    assert run(program, newer, "--former", report)[0] == 0
    status, said = run(program, report, "--former", newer)
    assert (status, "no continúa" in said) == (1, True)
    with books.database.write() as session:
        operations.set_last_number(session, books.f001, 12, reason="otro", author="a", now=books.clock.now())
    later = elements(books)
    assert run(program, write(tmp_path / "later.json", later), "--former", newer)[0] == 0
    starts = [at for at, element in enumerate(later) if "series" in element]
    fewer = write(tmp_path / "fewer.json", later[:starts[1]] + later[starts[2]:])
    status, said = run(program, fewer, "--former", newer)
    assert (status, "03-B001: estaba en el reporte anterior" in said) == (1, True), said
    undeclared = json.loads(json.dumps(later))
    undeclared[starts[1] - 1]["summary"]["declared_gaps"][0]["reason"] = "otra cosa"
    status, said = run(program, write(tmp_path / "gap.json", undeclared), "--former", newer)
    assert (status, "ya no declara el salto" in said) == (1, True), said


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"[\n]", b"[\n1\n]\n", b"[\nnot json\n]\n", b'[\n{"x":1}\n]\n', b'[\n{"report":"other/9"}\n]\n',
     b'[\n{"report":"chasqui-audit/1"}\n]\n'],
)
def test_what_is_no_report_is_unreadable(content: bytes, tmp_path: Path, program: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    status, said = run(program, path)
    assert status in (1, 2), said
    assert "Traceback" not in said


def test_a_report_cut_short_is_unreadable(report: Path, tmp_path: Path, program: Path) -> None:
    content = report.read_bytes()
    for length in (len(content) // 2, len(content) - 4):
        path = tmp_path / "cut.json"
        path.write_bytes(content[:length])
        assert run(program, path)[0] == 2
    path.write_bytes(content + b"{}")
    assert run(program, path)[0] == 2
    assert run(program, tmp_path / "none.json")[0] == 2
