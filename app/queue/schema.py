"""The library's tables: in a schema of their own, so that ours and theirs never meet.

Connections find them at the end of their search path. The SQL is the pinned release's own, known by its hash: another
release needs a revision of its own that brings the tables from here to there.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from procrastinate.schema import SchemaManager

from app.db import QUEUE_SCHEMA

LIBRARY: Final = "procrastinate_"
"""What the names of its tables begin with."""

RELEASE: Final = "3.10.0"
SHA256: Final = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
"""Of the SQL that makes the tables of that release."""

_NOTIFY: Final = "procrastinate_jobs_notify_queue_job_inserted_v1"


class OtherRelease(Exception):
    """The installed procrastinate makes other tables than the ones this revision is about."""


def create(connection: Any) -> None:
    """Makes the tables on a driver's connection (psycopg) inside its transaction. Raises OtherRelease.

    The notice at every new job is switched off: PostgreSQL lets only one transaction with a notice commit at a time,
    and with it every voucher of every series would wait for every other. Workers look twice a second instead.
    """
    sql = SchemaManager.get_schema()
    if hashlib.sha256(sql.encode()).hexdigest() != SHA256:
        raise OtherRelease(f"The tables of procrastinate are not those of {RELEASE}")
    former = connection.execute("SELECT current_setting('search_path')").fetchone()[0]
    if connection.execute("SELECT to_regnamespace(%s)", (QUEUE_SCHEMA,)).fetchone()[0] is None:
        connection.execute(f"CREATE SCHEMA {QUEUE_SCHEMA}")  # an administrator may have made it for us
    connection.execute("SELECT set_config('search_path', %s, true)", (QUEUE_SCHEMA,))
    connection.execute(sql)
    connection.execute(f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {_NOTIFY}")
    connection.execute("SELECT set_config('search_path', %s, true)", (former,))
