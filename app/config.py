"""The settings of one installation, read from the environment and never changed afterwards.

Every variable starts with ``CHASQUI_`` except ``DATABASE_URL``. A secret may lie in a file: ``CHASQUI_KEY_FILE``
is read where ``CHASQUI_KEY`` is not set. All variables that are wrong are named in one error.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from environs import EnvError, FileAwareEnv
from limits import parse_many
from marshmallow import ValidationError, validate

from sunat.errors import SchemaError
from sunat.schemas import Schemas

MEGABYTE: Final = 1024 * 1024
MASTER_KEY_FILE: Final = "master.key"
"""The master key's file in the data folder."""

STARTTLS: Final = "starttls"
TLS: Final = "tls"
CLEAR: Final = "none"
SECURITIES: Final = (STARTTLS, TLS, CLEAR)
"""How a connection to the mail server is made safe."""

_NEAR: Final = ("localhost", "127.0.0.1", "::1")
_PIN: Final = re.compile(r"(sandbox|beta|live):[0-9A-Fa-f]{64}")


class BadSettings(Exception):
    """The environment does not describe an installation that can run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may be told; every field has a value that works on one machine.

    Times are seconds, sizes bytes, rates flask-limiter's text ("600 per minute"). ``master_key`` may hold several
    keys separated by commas: the first seals, all of them open. Empty means the file ``master.key`` in ``data_dir``.
    ``xsd_dir`` holds the official XML schemas (UBL 2.1), which adds their check (0306) to issuing, validating and the
    sandbox.
    ``cdr_pins`` are SHA-256 fingerprints of the certificates that may sign CDRs, by environment
    (``live:HEX,live:HEX``); without one for an environment any signature that holds is taken there.
    ``notices_days`` is how long what was told to webhooks is kept.
    ``webhook_private`` lets webhooks reach private addresses and this machine itself: for tests, and for receivers in
    one's own network.
    ``smtp_host`` is the mail server that vouchers are sent by; empty, no mail leaves. ``smtp_security`` is ``starttls``
    (never without it), ``tls`` from the first byte, or ``none``; ``smtp_from`` the sender's address, ``smtp_ca`` a file
    with the authorities of a server in one's own network, ``smtp_seconds`` what sending one message may take.
    ``lapse_after_hours`` is how long after its last day a voucher that never reached SUNAT is given up.
    """

    data_dir: Path = Path("var")
    database_url: str = field(default="", repr=False)
    master_key: str = field(default="", repr=False)
    public_url: str = "http://127.0.0.1:8000"
    sandbox_url: str = "http://127.0.0.1:8001"
    log_level: str = "INFO"
    max_body_bytes: int = 2 * MEGABYTE
    max_import_bytes: int = 32 * MEGABYTE
    rate_per_key: str = "1200 per minute"
    rate_per_ip: str = "2400 per minute"
    rate_receiver: str = "30 per minute; 300 per hour"
    rate_limits: bool = True
    trusted_proxies: int = 0
    token_seconds: int = 3600
    refresh_seconds: int = 30 * 24 * 3600
    lockout_failures: int = 10
    lockout_failures_per_ip: int = 50
    lockout_seconds: int = 900
    sunat_connect_seconds: float = 10.0
    sunat_total_seconds: float = 60.0
    delivery_interval_seconds: float = 1.0
    delivery: bool = True
    cdr_pins: str = ""
    lapse_after_hours: int = 24
    summary_minutes: int = 30
    wait_limit_seconds: int = 30
    lease_seconds: int = 60
    database_pool: int = 20
    series_limit: int = 10_000
    xsd_dir: Path | None = None
    webhook_private: bool = False
    notices_days: int = 90
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = STARTTLS
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    smtp_ca: Path | None = None
    smtp_seconds: float = 30.0

    @property
    def database(self) -> str:
        """The database's URL: the one given, else a SQLite file in ``data_dir``."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'chasqui.db'}"


def read_settings() -> Settings:
    """The settings as the environment gives them. Raises BadSettings naming every wrong variable."""
    env = FileAwareEnv(eager=False)
    preset = Settings()
    at_least_zero = validate.Range(min=0)
    positive = validate.Range(min=0, min_inclusive=False)
    levels = validate.OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))
    http_url = validate.URL(schemes={"http", "https"}, require_tld=False)
    url = env.str("DATABASE_URL", "")
    with env.prefixed("CHASQUI_"):
        values: dict[str, Any] = {
            "data_dir": env.path("DATA", preset.data_dir),
            "database_url": url,
            "master_key": env.str("KEY", ""),
            "public_url": env.str("PUBLIC_URL", preset.public_url, validate=http_url),
            "sandbox_url": env.str("SANDBOX_URL", preset.sandbox_url, validate=http_url),
            "log_level": env.str("LOG_LEVEL", preset.log_level, validate=levels),
            "max_body_bytes": env.int("MAX_BODY_BYTES", preset.max_body_bytes, validate=positive),
            "max_import_bytes": env.int("MAX_IMPORT_BYTES", preset.max_import_bytes, validate=positive),
            "rate_per_key": env.str("RATE_PER_KEY", preset.rate_per_key, validate=_rate),
            "rate_per_ip": env.str("RATE_PER_IP", preset.rate_per_ip, validate=_rate),
            "rate_receiver": env.str("RATE_RECEIVER", preset.rate_receiver, validate=_rate),
            "rate_limits": env.bool("RATE_LIMITS", preset.rate_limits),
            "trusted_proxies": env.int("TRUSTED_PROXIES", preset.trusted_proxies, validate=at_least_zero),
            "token_seconds": env.int("TOKEN_SECONDS", preset.token_seconds, validate=positive),
            "refresh_seconds": env.int("REFRESH_SECONDS", preset.refresh_seconds, validate=positive),
            "lockout_failures": env.int("LOCKOUT_FAILURES", preset.lockout_failures, validate=positive),
            "lockout_failures_per_ip": env.int(
                "LOCKOUT_FAILURES_PER_IP", preset.lockout_failures_per_ip, validate=positive
            ),
            "lockout_seconds": env.int("LOCKOUT_SECONDS", preset.lockout_seconds, validate=positive),
            "sunat_connect_seconds": env.float(
                "SUNAT_CONNECT_SECONDS", preset.sunat_connect_seconds, validate=positive
            ),
            "sunat_total_seconds": env.float("SUNAT_TOTAL_SECONDS", preset.sunat_total_seconds, validate=positive),
            "delivery_interval_seconds": env.float(
                "DELIVERY_INTERVAL_SECONDS", preset.delivery_interval_seconds, validate=positive
            ),
            "delivery": env.bool("DELIVERY", preset.delivery),
            "cdr_pins": env.str("CDR_PINS", preset.cdr_pins, validate=_pins),
            "lapse_after_hours": env.int("LAPSE_AFTER_HOURS", preset.lapse_after_hours, validate=positive),
            "summary_minutes": env.int("SUMMARY_MINUTES", preset.summary_minutes, validate=at_least_zero),
            "wait_limit_seconds": env.int("WAIT_LIMIT_SECONDS", preset.wait_limit_seconds, validate=at_least_zero),
            "lease_seconds": env.int("LEASE_SECONDS", preset.lease_seconds, validate=positive),
            "series_limit": env.int("SERIES_LIMIT", preset.series_limit, validate=positive),
            "webhook_private": env.bool("WEBHOOK_PRIVATE", preset.webhook_private),
            "xsd_dir": env.path("XSD", None),
            "notices_days": env.int("NOTICES_DAYS", preset.notices_days, validate=positive),
            "smtp_host": env.str("SMTP_HOST", preset.smtp_host),
            "smtp_port": env.int("SMTP_PORT", preset.smtp_port, validate=validate.Range(min=1, max=65535)),
            "smtp_security": env.str("SMTP_SECURITY", preset.smtp_security, validate=validate.OneOf(SECURITIES)),
            "smtp_user": env.str("SMTP_USER", preset.smtp_user),
            "smtp_password": env.str("SMTP_PASSWORD", preset.smtp_password),
            "smtp_from": env.str("SMTP_FROM", preset.smtp_from),
            "smtp_ca": env.path("SMTP_CA", None),
            "smtp_seconds": env.float("SMTP_SECONDS", preset.smtp_seconds, validate=positive),
            "database_pool": env.int("DATABASE_POOL", preset.database_pool, validate=positive),
        }
    try:
        env.seal()
    except EnvError as error:
        raise BadSettings(str(error)) from error
    settings = Settings(**values)
    _check_mail(settings)
    return settings


def _check_mail(settings: Settings) -> None:
    if not settings.smtp_host:
        return
    try:
        validate.Email()(settings.smtp_from)
    except ValidationError as error:
        raise BadSettings("CHASQUI_SMTP_FROM: not a mail address, and CHASQUI_SMTP_HOST is set") from error
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        raise BadSettings("CHASQUI_SMTP_USER, CHASQUI_SMTP_PASSWORD: one is set without the other")
    if settings.smtp_user and settings.smtp_security == CLEAR and settings.smtp_host not in _NEAR:
        raise BadSettings("CHASQUI_SMTP_SECURITY: none would send the password in the clear")
    if settings.smtp_ca is not None and not settings.smtp_ca.is_file():
        raise BadSettings(f"CHASQUI_SMTP_CA: there is no file {settings.smtp_ca}")


def master_keys(settings: Settings) -> tuple[bytes, ...]:
    """The master keys, newest first, 32 bytes or more each; makes ``data_dir/master.key`` (0600) where none is given.

    Two processes starting at once end with the same key: the file appears complete, under its name, once.
    Raises BadSettings for a key that is too short to be one.
    """
    text = settings.master_key or _key_file(settings.data_dir / MASTER_KEY_FILE)
    keys = tuple(part.strip().encode() for part in text.split(",") if part.strip())
    if not keys or any(len(key) < 32 for key in keys):
        raise BadSettings("CHASQUI_KEY: every master key needs at least 32 characters")
    return keys


def read_schemas(settings: Settings) -> Schemas | None:
    """The XML schemas of the installation, compiled; None where it has none.

    Raises BadSettings for a folder without them.
    """
    if settings.xsd_dir is None:
        return None
    try:
        return Schemas(settings.xsd_dir)
    except SchemaError as error:
        raise BadSettings(f"CHASQUI_XSD: {error}") from error


def _pins(text: str) -> None:
    if text and not all(_PIN.fullmatch(one.strip()) for one in text.split(",")):
        raise ValidationError("Not fingerprints such as live:9f86d0... (64 hexadecimal digits), separated by commas")


def _rate(text: str) -> None:
    try:
        parse_many(text)
    except ValueError as error:
        raise ValidationError('Not a rate such as "600 per minute"') from error


def _key_file(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return _kept_once(path, secrets.token_urlsafe(48))


def keep_master_key(data_dir: Path, text: str) -> None:
    """Puts a master key that came with a backup into the data folder (0600), where there is none yet."""
    _kept_once(data_dir / MASTER_KEY_FILE, text)


def _kept_once(path: Path, text: str) -> str:
    """Writes a key file whole, unless there is one by now; gives the text of the one that counts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first; its key counts
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")
