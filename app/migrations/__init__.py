"""Bringing a database to the schema of this version, and proving that it is there (Alembic, run by the program).

`upgrade` runs all missing revisions in one transaction under the writer's lock, so that two processes starting at
once do it once. Every room's rows are imported here: this is the one place that sees the whole schema.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.accounts import models as accounts
from app.accounts import people_models as people
from app.almanac import models as almanac
from app.db import Base, Database
from app.delivery import models as delivery
from app.idempotency import models as idempotency
from app.ledger import advances, pulses
from app.ledger import models as ledger
from app.mail import models as mail
from app.printing import models as printing
from app.queue.schema import LIBRARY
from app.registry import models as registry
from app.series import models as series
from app.webhooks import models as webhooks

METADATA = Base.metadata
ROOMS = (
    accounts, people, idempotency, series, almanac, printing, ledger, advances, pulses, delivery, registry, webhooks,
    mail,
)
"""The modules whose rows make up the schema."""

_LOCK = 0x43_48_41_53_51_55_49
"""The key of PostgreSQL's advisory lock for schema changes."""


def upgrade(database: Database) -> str:
    """Brings the database to the newest revision and returns its name. Raises app.db.Busy when it is in use."""
    with database.schema_change() as connection:
        bring(connection, "head")
    return newest()


def bring(connection: Connection, revision: str) -> None:
    """Brings the schema to a revision inside the connection's transaction; one start at a time does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    command.upgrade(_config(connection), revision)


def knows(revision: str) -> bool:
    """Whether this version has a revision of that name."""
    return any(known.revision == revision for known in ScriptDirectory.from_config(_config()).walk_revisions())


def newest() -> str:
    """The name of the newest revision this version knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise LookupError("There are no revisions")
    return head


def current(database: Database) -> str | None:
    """The revision the database is at; None for one that was never brought up."""
    with database.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def differences(database: Database) -> list[Any]:
    """What Alembic finds different between the database and the rows as declared; nothing when all is well."""
    with database.read() as session:
        options = {"compare_type": True, "compare_server_default": True, "include_name": ours}
        return list(compare_metadata(MigrationContext.configure(session.connection(), opts=options), METADATA))


def ours(name: str | None, kind: str, _: Any) -> bool:
    """Whether a name in the database is any business of our revisions. The tables of the queue are its library's: they
    are in a schema of their own, but in sight of every connection."""
    return kind != "table" or not (name or "").startswith(LIBRARY)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
