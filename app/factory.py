"""The office put together: services, rooms, the description of the API and the page that shows it.

`create_app` makes a WSGI application and starts nothing: the delivery engine belongs to whoever serves
(`app.serving`, `app.demo`). Source of the API's form: contract v1 and its extensions.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from importlib.metadata import version
from typing import Any, Final

import flask_swagger_ui
import structlog
from flask import Flask, Response
from sqlalchemy.exc import SQLAlchemyError

from app import (
    accounts,
    almanac,
    audit,
    books,
    checking,
    console,
    documents,
    http,
    migrations,
    receiver,
    registry,
    series,
)
from app.accounts.vault import Vault
from app.clock import Clock, SystemClock
from app.config import BadSettings, Settings, master_keys, read_schemas, read_settings
from app.db import Database, Marks
from app.delivery import views as delivering
from app.delivery.figures import QueueFigures
from app.evidence import views as evidencing
from app.http import JsonApi, Office, health, telemetry
from app.imprint import views as branding
from app.keeping import watermark
from app.mail import views as mailing
from app.mail.figures import MailFigures
from app.printing import views as logos
from app.webhooks import views as webhooks

_log = structlog.get_logger("chasqui")

HIGH_WATER: Final = "high-water"
"""The name of the high-water file in the data folder (`app.db.marks`)."""

ROOMS: Final = (
    accounts.register, series.register, almanac.register, logos.register, branding.register, documents.register,
    audit.register, registry.register, checking.register, delivering.register, books.register, evidencing.register,
    webhooks.register, mailing.register,
)
"""What registers a room's views with the API."""

_DESCRIPTION: Final = """\
Chasqui numera, firma y envía a SUNAT los comprobantes de pago electrónicos, y guarda su constancia (CDR).
Cada petición lleva `Authorization: Bearer` con una clave (`chq_test_...`, `chq_live_...`) o un token de
`POST /V1/auth`.

Chasqui numbers, signs and sends Peru's electronic vouchers to SUNAT and keeps the CDR. Errors say what is wrong in
Spanish or English (`Accept-Language`), with a JSON pointer into the body.
"""

_TAGS: Final = (
    ("auth", "Tokens de acceso / Access tokens"),
    ("documents", "Comprobantes: emitir, consultar, descargar / Vouchers: issue, look up, download"),
    ("document_types", "Tipos de comprobante y sus series / Kinds of voucher and their series"),
    ("series", "Series y contadores, también de papeles internos / Series and counters, internal papers' too"),
    ("series_entries", "Números dados por una serie interna / Numbers that an internal series gave out"),
    ("series_import", "Traer series y últimos números de otro sistema / Series and last numbers of another system"),
    ("exchange_rates", "Tipos de cambio por día / Exchange rates by day"),
    ("deliveries", "Envío a SUNAT: la cola, reintentar, consultar, detener / Telling SUNAT: the queue and its orders"),
    ("evidence", "Expediente de un comprobante / Everything about a voucher in one file"),
    ("audit", "Auditoría: cada número, con prueba / Audit: every number, with proof"),
    ("books", "Libros del mes y registro de ventas (SIRE) / Books of a month, register of sales"),
    ("accounts", "Emisores / Issuers"),
    ("company_branches", "Establecimientos / Branches"),
    ("digital_certificates", "Certificados digitales / Signing certificates"),
    ("imports", "Mudarse desde otro sistema / Moving in from another system"),
    ("validate", "Juzgar cualquier XML con las reglas de SUNAT / Judge anybody's XML by SUNAT's rules"),
    ("logos", "Logos de la representación impresa / Logos on printed vouchers"),
    ("branding", "Cómo se ven los comprobantes impresos / How printed vouchers look"),
    ("mails", "Correos al cliente / Mail to the customer"),
    ("webhook_subscriptions", "Avisos a otros sistemas / Telling other systems"),
    ("api_keys", "Claves de acceso / API keys"),
)

_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def build_office(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> Office:
    """The services of an installation; makes its master key where there is none yet.

    Raises app.config.BadSettings for a master key that is too short, or a folder of XML schemas that lacks them.
    """
    return Office(
        settings=settings, clock=clock or SystemClock(), vault=Vault(master_keys(settings)),
        database=database or open_database(settings),
        schemas=read_schemas(settings),
    )


def open_database(settings: Settings) -> Database:
    """The database of an installation with its high-water file. Raises BadSettings for a URL that names none."""
    try:
        return Database(
            settings.database, pool=settings.database_pool, marks=Marks(settings.data_dir / HIGH_WATER),
        )
    except (ValueError, SQLAlchemyError) as error:
        raise BadSettings(f"DATABASE_URL: {error}") from error


def create_app(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> Flask:
    """The WSGI application of an installation. Raises app.config.BadSettings."""
    return app_of(build_office(settings, clock=clock, database=database))


def app_of(services: Office) -> Flask:
    """The WSGI application over services that are already there."""
    app = Flask("chasqui", static_folder=None)
    app.config.update(_api_options(services.settings))
    http.install(app, services)
    api = JsonApi(app)
    for register in ROOMS:
        register(api)
    receiver.install(app, services.settings)
    console.install(app)
    health.add_check(app, "migrations", lambda: _check_schema(services.database))
    telemetry.add_shared(app, QueueFigures(services))
    telemetry.add_shared(app, MailFigures(services))
    _add_docs(app)
    return app


def from_environment() -> Flask:
    """The application as the environment describes it, for a WSGI server of the operator's choice.

    Series that the database knows less of than the high-water file are stopped first.
    """
    services = build_office(read_settings())
    try:
        if migrations.current(services.database) == migrations.newest():
            watermark.compare(services.database, now=services.clock.now())
    except SQLAlchemyError:  # no reason not to start: until the database answers nothing is numbered, and then the
        _log.warning("highwater_not_compared")  # allocator minds the file by itself
    return app_of(services)


def _api_options(settings: Settings) -> dict[str, Any]:
    return {
        "API_TITLE": "Chasqui",
        "API_VERSION": version("chasqui"),
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {"description": _DESCRIPTION},
            "servers": [{"url": settings.public_url.rstrip("/")}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
            "tags": [{"name": name, "description": description} for name, description in _TAGS],
        },
    }


def _check_schema(database: Database) -> None:
    found, wanted = migrations.current(database), migrations.newest()
    if found != wanted:
        raise RuntimeError(f"The database is at revision {found}, not {wanted}")


def _add_docs(app: Flask) -> None:
    """Swagger UI from its own wheel: nothing is fetched from elsewhere, and its one inline script is named by hash."""
    docs = flask_swagger_ui.get_swaggerui_blueprint(
        "/docs", "/openapi.json",
        config={"app_name": "Chasqui", "validatorUrl": None, "oauth2RedirectUrl": "", "persistAuthorization": True},
    )

    @docs.after_request  # type: ignore[untyped-decorator]
    def allow_itself(answer: Response) -> Response:
        if answer.direct_passthrough:
            answer.headers["Cache-Control"] = "public, max-age=86400"
            return answer
        hashes = " ".join(
            f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"
            for script in _INLINE.findall(answer.get_data())
        )
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "connect-src 'self'; font-src 'self'; frame-ancestors 'none'"
        )
        return answer

    app.register_blueprint(docs)
