"""Settings from the environment: every wrong variable named at once, secrets from files, one master key."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.clock import FixedClock, SystemClock, lima
from app.config import BadSettings, Settings, master_keys, read_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("CHASQUI_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


def test_an_empty_environment_is_enough() -> None:
    settings = read_settings()
    assert settings == Settings()
    assert settings.database == f"sqlite:///{Path('var').absolute() / 'chasqui.db'}"


@pytest.mark.parametrize(("values", "named"), [
    ({"HOST": "mail.example.com"}, "SMTP_FROM"),
    ({"HOST": "mail.example.com", "FROM": "a@b.pe\nBcc: c@d.pe"}, "SMTP_FROM"),
    ({"HOST": "mail.example.com", "FROM": "a@example.com", "USER": "x"}, "SMTP_PASSWORD"),
    ({"HOST": "mail.example.com", "FROM": "a@example.com", "USER": "x", "PASSWORD": "y", "SECURITY": "none"},
     "in the clear"),
    ({"SECURITY": "ssl"}, "SMTP_SECURITY"),
    ({"HOST": "mail.example.com", "FROM": "a@example.com", "CA": "/nowhere/ca.pem"}, "SMTP_CA"),
])
def test_a_mail_server_is_described_whole_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"CHASQUI_SMTP_{name}", value)
    with pytest.raises(BadSettings, match=named):
        read_settings()


def test_a_mail_servers_password_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("muy secreta")
    for name, value in {
        "HOST": "mail.example.com", "FROM": "a@example.com", "USER": "x", "PASSWORD_FILE": str(tmp_path / "password"),
    }.items():
        monkeypatch.setenv(f"CHASQUI_SMTP_{name}", value)
    settings = read_settings()
    assert (settings.smtp_password, settings.smtp_security, settings.smtp_port) == ("muy secreta", "starttls", 587)
    assert "muy secreta" not in repr(settings)


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("k" * 40)
    for name, value in {
        "CHASQUI_DATA": str(tmp_path), "DATABASE_URL": "postgresql://u:pw@h/d", "CHASQUI_KEY_FILE": str(secret),
        "CHASQUI_MAX_BODY_BYTES": "1000", "CHASQUI_SUNAT_TOTAL_SECONDS": "2.5", "CHASQUI_DELIVERY": "no",
        "CHASQUI_RATE_PER_KEY": "5/second;100/hour", "CHASQUI_RATE_RECEIVER": "9/hour",
    }.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.database == "postgresql://u:pw@h/d"
    assert (settings.max_body_bytes, settings.sunat_total_seconds, settings.delivery) == (1000, 2.5, False)
    assert settings.rate_receiver == "9/hour"
    assert master_keys(settings) == (b"k" * 40,)
    assert "pw" not in repr(settings)
    assert "kkk" not in repr(settings)


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "CHASQUI_MAX_BODY_BYTES": "many", "CHASQUI_LOG_LEVEL": "LOUD", "CHASQUI_PUBLIC_URL": "ftp://x",
        "CHASQUI_RATE_PER_IP": "often", "CHASQUI_TOKEN_SECONDS": "0",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refusal:
        read_settings()
    assert all(name in str(refusal.value) for name in wrong)


def test_the_master_key_is_made_once_for_everybody(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: master_keys(settings), range(16)))
    assert len(keys) == 1
    path = tmp_path / "new" / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["master.key"]
    assert master_keys(settings) in keys


def test_several_keys_and_short_ones() -> None:
    assert master_keys(Settings(master_key=f"{'n' * 32}, {'o' * 32}")) == (b"n" * 32, b"o" * 32)
    for short in ("short", f"{'n' * 32},short", ","):
        with pytest.raises(BadSettings):
            master_keys(Settings(master_key=short))


def test_lima_is_five_hours_behind_all_year() -> None:
    clock = FixedClock(datetime(2027, 1, 1, 4, 59, 59, tzinfo=UTC))
    assert clock.today() == date(2026, 12, 31)
    clock.advance(timedelta(seconds=1))
    assert clock.today() == date(2027, 1, 1)
    assert lima(datetime(2026, 7, 1, 12, tzinfo=UTC)).utcoffset() == timedelta(hours=-5)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="zone"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert SystemClock().today() == lima(SystemClock().now()).date()
