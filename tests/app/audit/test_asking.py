"""`chasqui audit` and ``/V1/audit``: the same findings at the command line and over HTTP, and reports that verify."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from app.accounts.vault import Vault
from app.audit import check_report
from app.audit.keys import public_keys, public_text, signing_key
from app.cli import main
from app.factory import app_of
from app.http import Office
from tests.support.books import Books
from tests.support.builders import OTHER_RUC, RUC, tenant
from tests.support.tampering import tamper
from tests.support.web import Caller, key_for, office_on

Run = Callable[..., Result]


@pytest.fixture
def run(books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line over the books."""
    monkeypatch.setenv("DATABASE_URL", books.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CHASQUI_KEY", "0123456789abcdef0123456789abcdef")

    def call(*arguments: str) -> Result:
        result = CliRunner().invoke(main, ["audit", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


@pytest.fixture
def services(books: Books) -> Office:
    return office_on(books.database, books.clock)


@pytest.fixture
def app(services: Office) -> Flask:
    return app_of(services)


def check(path: Path, key: str) -> check_report.Check:
    done = check_report.Check()
    done.read(path, key)
    return done


def test_clean_books_end_with_0(run: Run) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert "01 F001: 1..8, 5 (issued 5), contador/counter 8" in result.output
    assert "salto declarado/declared gap 4-6: talonario perdido (key:1)" in result.output
    assert "7 comprobantes/vouchers, 0 huecos/holes, 0 hallazgos/findings: CONFORME/CLEAN" in result.output


def test_findings_end_with_1(run: Run, books: Books) -> None:
    tamper(books.database, "UPDATE series SET last_number = 10 WHERE code = 'F001'")
    result = run("--account", RUC)
    assert result.exit_code == 1
    assert "HOLE F001-9..10: hueco" in result.output
    assert "1 hallazgos/findings: NO CONFORME/NOT CLEAN" in result.output


def test_json_and_scope(run: Run) -> None:
    told = json.loads(run("--json", "--series", "F001", "--period", "2026-11").output)
    assert (told["clean"], told["vouchers"], told["scope"]["period"]) == (True, 5, "2026-11")
    assert json.loads(run("--json", "--period", "2026-10").output)["vouchers"] == 0
    assert run("--period", "2026-13").exit_code == 1


def test_the_signed_report_verifies_with_the_installations_key(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert run("--out", str(path)).exit_code == 0
    key = run("--public-key").output.strip()
    done = check(path, key)
    assert (done.count, done.vouchers, done.public_key) == (0, 7, key)


def test_the_checker_is_printed(run: Run) -> None:
    program = run("--checker").output
    assert program.startswith("#!/usr/bin/env python3\n")
    assert compile(program, "check_report.py", "exec", dont_inherit=True)


def test_one_account_is_meant_unless_there_are_several(run: Run, books: Books) -> None:
    tenant(books.database, books.clock.now(), ruc=OTHER_RUC)
    assert run().exit_code == 2
    assert run("--account", OTHER_RUC).exit_code == 0
    assert run("--account", "20100070970").exit_code == 2


def test_the_key_follows_the_master_key_and_old_ones_stay_known() -> None:
    first, second = b"1" * 32, b"2" * 32
    before, after = Vault((first,)), Vault((second, first))
    assert public_keys(before) == (public_text(signing_key(before)),)
    assert public_keys(after) == (public_text(signing_key(after)), *public_keys(before))
    assert len(set(public_keys(after))) == 2


def test_over_http(app: Flask, services: Office, books: Books, tmp_path: Path) -> None:
    ask = Caller(client=app.test_client(), credential=key_for(services, books.owner.account_id))
    told = ask("GET", "/V1/audit").get_json()
    assert (told["clean"], told["holes"], told["vouchers"]) == (True, 0, 7)
    assert {each["series"] for each in told["series"]} >= {"F001", "B001"}
    assert [each["series"] for each in ask("GET", "/V1/audit?series=F001").get_json()["series"]] == ["F001"]
    keys = ask("GET", "/V1/audit/keys").get_json()["public_keys"]
    answer = ask("GET", "/V1/audit/report")
    path = tmp_path / "report.json"
    path.write_bytes(answer.data)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    done = check(path, keys[0])
    assert (done.count, done.vouchers) == (0, 7)
    assert ask("GET", "/V1/audit/checker").data.startswith(b"#!/usr/bin/env python3\n")
    assert ask("GET", "/V1/audit?period=2026-00").status_code == 400


def test_over_http_findings_are_an_answer(app: Flask, services: Office, books: Books) -> None:
    tamper(books.database, "UPDATE series SET last_number = 10 WHERE code = 'F001'")
    ask = Caller(client=app.test_client(), credential=key_for(services, books.owner.account_id))
    answer = ask("GET", "/V1/audit?series=F001")
    assert answer.status_code == 200
    (finding,) = answer.get_json()["series"][0]["findings"]
    assert (finding["code"], finding["number"], finding["to_number"]) == ("HOLE", 9, 10)


@pytest.mark.parametrize("path", ["", "/report", "/keys", "/checker"])
def test_over_http_it_needs_the_scope(app: Flask, services: Office, books: Books, path: str) -> None:
    nobody = Caller(client=app.test_client(), credential=None)
    other = Caller(client=app.test_client(), credential=key_for(
        services, books.owner.account_id, scopes=("documents:read",)
    ))
    assert nobody("GET", f"/V1/audit{path}").status_code == 401
    assert other("GET", f"/V1/audit{path}").status_code == 403


def test_over_http_tenants_and_branches_stay_apart(app: Flask, services: Office, books: Books) -> None:
    stranger = tenant(books.database, books.clock.now(), ruc=OTHER_RUC)
    ask = Caller(client=app.test_client(), credential=key_for(services, stranger.account_id))
    for path in ("/V1/audit", "/V1/audit/report"):
        assert ask("GET", f"{path}?account_id={books.owner.account_id}").status_code == 404
    assert ask("GET", "/V1/audit").get_json()["vouchers"] == 0
    assert RUC not in ask("GET", "/V1/audit/report").get_data(as_text=True)
    bound = Caller(client=app.test_client(), credential=key_for(
        services, books.owner.account_id, branch_id=books.owner.branch_id
    ))
    assert bound("GET", "/V1/audit").get_json()["vouchers"] == 7
