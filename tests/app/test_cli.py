"""The command line: what each command does, and one sentence for whatever goes wrong."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openapi_spec_validator import validate

from app import migrations
from app.cli import main
from app.config import Settings
from app.db import Database
from app.demo.samples import SAMPLES, request_of
from sunat import signing, xml
from sunat.signing import self_signed
from tests.support.builders import RUC
from tests.support.signing import FIXTURES, fixed_certificate

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with its data in a folder of this test."""
    for name in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))

    def call(*arguments: str, typed: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def opened(run: Run) -> Run:
    """The same with an account of the test RUC."""
    assert run("account", "create", "--ruc", RUC, "--name", "EMPRESA EMISORA S.A.C.").exit_code == 0
    return run


def request(tmp_path: Path, clock: Any, **header: Any) -> Path:
    body = request_of(SAMPLES[0], 1, clock.today())
    body["header"].update(header)
    path = tmp_path / "request.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_every_command_has_a_help_text(run: Run) -> None:
    listed = run("--help")
    assert listed.exit_code == 0
    for name in ("demo", "serve", "migrate", "sandbox", "account", "key", "certificate", "series", "render", "openapi",
                 "validate", "rules"):
        assert f"\n  {name} " in listed.output
        said = run(name, "--help")
        assert said.exit_code == 0
        assert len(said.output.splitlines()) > 4


def test_an_unknown_command_is_a_mistake_of_the_caller(run: Run) -> None:
    assert run("fly").exit_code == 2


def test_migrate_brings_up_and_then_changes_nothing(run: Run, tmp_path: Path) -> None:
    assert run("migrate").output == f"- -> {migrations.newest()}\n"
    assert run("migrate").output == f"{migrations.newest()} -> {migrations.newest()}\n"
    database = Database(Settings(data_dir=tmp_path / "data").database)
    assert migrations.current(database) == migrations.newest()
    database.dispose()


def test_the_option_beats_the_environment(run: Run, tmp_path: Path) -> None:
    assert run("migrate", "--data", str(tmp_path / "other")).exit_code == 0
    assert (tmp_path / "other" / "chasqui.db").exists()
    assert not (tmp_path / "data").exists()


def test_an_account_with_its_first_series(opened: Run) -> None:
    assert opened("account", "list").output == f"1\tsandbox\t{RUC}\tEMPRESA EMISORA S.A.C.\n"
    listed = opened("series", "list", "--account", RUC).output.splitlines()
    assert [line.split("\t")[:3] for line in listed] == [
        ["01", "F001", "0"], ["03", "B001", "0"], ["07", "BC01", "0"], ["07", "FC01", "0"], ["08", "BD01", "0"],
        ["08", "FD01", "0"],
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ruc", "20123456780", "--name", "X"), ("RUC", "control")),
        (("--ruc", RUC, "--name", "OTRA"), ("ya tiene una cuenta", "already has an account")),
    ],
)
def test_an_account_that_cannot_be(opened: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    refused = opened("account", "create", *arguments)
    assert refused.exit_code == 1
    for word in words:
        assert word in refused.output


def test_people_get_a_first_password_that_is_shown_once(opened: Run) -> None:
    made = opened("person", "add", "--account", RUC, "--user", "Ana@example.com", "--name", "Ana Quispe").output.strip()
    assert len(made) == 16
    assert opened("person", "list", "--account", RUC).output == "ana@example.com\towner\tactivo\tAna Quispe\n"
    again = opened("person", "password", "--account", RUC, "--user", "ana@example.com").output.strip()
    assert again != made
    assert opened("person", "password", "--account", RUC, "--user", "nobody").exit_code == 1
    twice = opened("person", "add", "--account", RUC, "--user", "ana@example.com", "--name", "Ana")
    assert twice.exit_code == 1
    assert "has somebody with that user name" in twice.output
    assert opened("person", "add", "--account", RUC, "--user", "x y", "--name", "Ana").exit_code == 1


def test_keys_are_shown_once_and_can_be_revoked(opened: Run) -> None:
    made = opened("key", "create", "--account", "1", "--scope", "documents:read", "--name", "caja 1").output.strip()
    assert made.startswith("chq_test_")
    listed = opened("key", "list", "--account", "1").output
    assert made not in listed
    assert listed.split("\t")[1:] == [f"{made[:15]}...", "documents:read", "caja 1\n"]
    assert opened("key", "revoke", "--account", "1", listed.split("\t")[0]).exit_code == 0
    assert opened("key", "list", "--account", "1").output == ""
    assert opened("key", "revoke", "--account", "1", "99").exit_code == 1


def test_an_operators_key_has_no_account(opened: Run) -> None:
    assert opened("key", "create", "--operator").output.startswith("chq_test_")
    assert opened("key", "create", "--operator", "--live").output.startswith("chq_live_")


@pytest.mark.parametrize(
    "arguments",
    [(), ("--account", "1", "--operator"), ("--account", "1", "--live"), ("--operator", "--branch", "0000"),
     ("--account", "7"), ("--account", "20999999999"), ("--account", "x"), ("--account", "1", "--branch", "9999"),
     ("--account", "1", "--scope", "everything")],
)
def test_a_key_that_makes_no_sense_is_a_mistake_of_the_caller(opened: Run, arguments: tuple[str, ...]) -> None:
    assert opened("key", "create", *arguments).exit_code == 2


def test_a_key_bound_to_a_branch(opened: Run) -> None:
    assert opened("key", "create", "--account", "1", "--branch", "0000").exit_code == 0


def test_certificates_of_every_form(opened: Run, tmp_path: Path) -> None:
    assert opened("certificate", "self-signed", "--account", "1", "--days", "30").exit_code == 0
    pem = FIXTURES / "sunat" / "test_certificate.pem"
    assert opened("certificate", "import", "--account", RUC, str(pem)).exit_code == 0
    listed = [line.split("\t") for line in opened("certificate", "list", "--account", "1").output.splitlines()]
    assert sorted(line[1] for line in listed) == ["-", "activo/active"]
    pfx = tmp_path / "own.pfx"
    pfx.write_bytes(_pfx(b"secreto"))
    (tmp_path / "password").write_text("secreto\n", encoding="utf-8")
    imported = opened(
        "certificate", "import", "--account", "1", "--no-activate", "--password-file", str(tmp_path / "password"),
        str(pfx),
    )
    assert imported.exit_code == 0, imported.output
    asked = opened("certificate", "import", "--account", "1", str(pfx), typed="secreto\n")
    assert asked.exit_code == 0, asked.output


def test_certificates_that_cannot_sign(opened: Run, tmp_path: Path, clock: Any) -> None:
    pfx = tmp_path / "own.pfx"
    pfx.write_bytes(_pfx(b"secreto"))
    wrong = opened("certificate", "import", "--account", "1", str(pfx), typed="otro\n")
    assert wrong.exit_code == 1
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes(self_signed("20987654326", "OTRA", now=clock.now()).pem_with_key())
    refused = opened("certificate", "import", "--account", "1", str(foreign))
    assert refused.exit_code == 1
    (tmp_path / "junk").write_bytes(b"junk")
    assert opened("certificate", "import", "--account", "1", str(tmp_path / "junk"), typed="x\n").exit_code == 1
    assert opened("certificate", "import", "--account", "1", str(tmp_path / "absent")).exit_code == 2


def test_production_takes_no_self_signed_certificate(opened: Run) -> None:
    opened("account", "create", "--ruc", RUC, "--name", "X", "--environment", "live")
    several = opened("certificate", "self-signed", "--account", RUC)
    assert several.exit_code == 2
    assert "1 (sandbox), 2 (live)" in several.output
    assert opened("certificate", "self-signed", "--account", "2").exit_code == 1


def test_series_are_added_and_set(opened: Run) -> None:
    assert opened("series", "add", "--account", "1", "--type", "01", "F002").exit_code == 0
    assert opened("series", "set-last", "--account", "1", "--type", "01", "F002", "41").exit_code == 0
    assert "01\tF002\t41" in opened("series", "list", "--account", "1").output
    assert opened("series", "add", "--account", "1", "--type", "01", "F002").exit_code == 1
    assert opened("series", "add", "--account", "1", "--type", "01", "B002").exit_code == 1
    assert opened("series", "add", "--account", "1", "--type", "99", "B002").exit_code == 2
    assert opened("series", "set-last", "--account", "1", "--type", "01", "F009", "41").exit_code == 2
    assert opened("series", "set-last", "--account", "1", "--type", "01", "F002", "100000000").exit_code == 2


def test_render_writes_the_xml_without_any_database(run: Run, tmp_path: Path, clock: Any) -> None:
    path = request(tmp_path, clock)
    made = run("render", str(path), "--number", "87", "--on", clock.today().isoformat())
    assert made.exit_code == 0, made.output
    root = xml.parse(made.stdout_bytes.strip())
    assert xml.text(root, "cbc:ID") == "F001-87"
    assert not (tmp_path / "data").exists()


def test_render_signs(run: Run, tmp_path: Path, clock: Any) -> None:
    path = request(tmp_path, clock)
    day = ("--on", clock.today().isoformat())
    own = run("render", "-", "--sign", *day, typed=path.read_bytes())
    assert own.exit_code == 0, own.output
    assert signing.verify(own.stdout_bytes.rstrip(b"\n")).certificate.ruc == RUC
    given = run(
        "render", str(path), "--sign", "--certificate", str(FIXTURES / "sunat" / "test_certificate.pem"), *day
    )
    assert signing.verify(given.stdout_bytes.rstrip(b"\n")).certificate.fingerprint == fixed_certificate().fingerprint


def test_render_says_what_sunat_would_refuse(run: Run, tmp_path: Path, clock: Any) -> None:
    late = run("render", str(request(tmp_path, clock, issue_date="2026-01-05")), "--on", clock.today().isoformat())
    assert late.exit_code == 1
    assert "2108 /header/issue_date" in late.stderr
    assert late.stdout == ""
    for content in (b"{", b"[]", b"{}", b'{"header": {"document_type_id": "96"}, "details": []}', b"\xff"):
        assert run("render", "-", typed=content).exit_code == 1
    assert run("render", str(tmp_path / "absent.json")).exit_code == 2


def test_openapi_is_printed(run: Run, tmp_path: Path) -> None:
    printed = run("openapi")
    assert printed.exit_code == 0
    validate(json.loads(printed.stdout))
    assert not (tmp_path / "data").exists()


def test_bad_settings_are_all_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHASQUI_SUNAT_TOTAL_SECONDS", "soon")
    monkeypatch.setenv("CHASQUI_LOG_LEVEL", "LOUD")
    refused = run("migrate")
    assert refused.exit_code == 1
    assert "CHASQUI_SUNAT_TOTAL_SECONDS" in refused.output
    assert "CHASQUI_LOG_LEVEL" in refused.output


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "postgresql://127.0.0.1:1/none"])
def test_a_database_that_is_none_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    refused = run("account", "list")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert len(refused.output.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = run("account", "list", "--data", str(tmp_path / "file" / "below"))
    assert refused.exit_code == 1
    assert len(refused.output.strip().splitlines()) == 1


def test_a_database_of_another_version_is_left_alone(run: Run, tmp_path: Path) -> None:
    run("migrate")
    database = Database(Settings(data_dir=tmp_path / "data").database)
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'zzzz'")
    database.dispose()
    refused = run("account", "list")
    assert refused.exit_code == 1
    assert "chasqui migrate" in refused.output


def _pfx(password: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    mine = fixed_certificate()
    return pkcs12.serialize_key_and_certificates(
        b"own", mine.private_key, mine.leaf, None, BestAvailableEncryption(password)
    )


def test_books_of_an_empty_month(opened: Run, tmp_path: Path) -> None:
    out = tmp_path / "book.csv"
    assert opened("book", "registry", "--period", "2026-11", "--out", str(out)).exit_code == 0
    assert out.read_text(encoding="utf-8-sig").startswith("fecha,hora,tipo")
    assert opened("book", "registry", "--period", "2026-11", "--out", "book.pdf").exit_code == 2
    made = opened("book", "rvie", "--period", "2026-11", "--out", str(tmp_path))
    assert f"LE{RUC}20261100140400021012.zip: 0" in made.output
    assert not list(tmp_path.glob(".*"))
    line = f"{RUC}|X|202611||20/11/2026||01|F001|87|||||{'|' * 12}118.00|PEN"
    listed = tmp_path / "list.txt"
    listed.write_text(line, encoding="utf-8")
    told = opened("book", "differences", str(listed), "--period", "2026-11")
    assert (told.exit_code, "not_here 1" in told.output) == (1, True), told.output
    assert opened("book", "rvie", "--period", "11/2026").exit_code == 1


def test_an_account_goes_over_to_another_channel(opened: Run, tmp_path: Path) -> None:
    secret = tmp_path / "clave.txt"
    secret.write_text("secreta\n", encoding="utf-8")
    done = opened("account", "set", "--account", RUC, "--channel", "ose", "--ose-url", "https://ose.example.com/billService",
                  "--sol-user", "USUARIO1", "--sol-password-file", str(secret))
    assert (done.exit_code, done.output) == (0, "")
    refused = opened("account", "set", "--account", RUC, "--channel", "pse")
    assert refused.exit_code != 0
    assert "pse_tax_id_code" in refused.output
    assert opened("account", "set", "--account", RUC).exit_code == 2
    with closing(sqlite3.connect(tmp_path / "data" / "chasqui.db")) as connection:
        (row,) = connection.execute(
            "SELECT channel, ose_url, sol_user, sol_password_sealed IS NOT NULL, channel_version FROM accounts"
        )
    assert row == ("ose", "https://ose.example.com/billService", "USUARIO1", 1, 2)
