"""How a database is, looked at without changing anything: no migration, no file, no mode."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import select

from storage import migrations, pooler
from storage.connection import answers_within
from storage.database import FINISH_WITHIN, Database
from storage.migrations import Schema
from storage.tables import LeaseRow

PATIENCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Health:
    """What was seen. Who holds the lease is not known where the schema is another."""

    dialect: str
    version: str
    schema: Schema
    is_pooled: bool = False
    holder: str = ""
    held_since: datetime | None = None


class NoFileError(Exception):
    """There is no SQLite file yet."""


def examine(url: str) -> Health:
    """Look at the database.

    Raises:
        NoFileError: it would be made at the first start.
        sqlalchemy.exc.DBAPIError: it can't be used.
    """
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        with _only_reading(Path(made.database or "")) as engine:
            return _seen(engine, "SQLite", sqlite3.sqlite_version, is_pooled=False)
    database = Database(url, patience=PATIENCE)
    try:
        with answers_within(FINISH_WITHIN):
            with database.engine.connect() as connection:
                version = str(connection.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]
            return _seen(database.engine, "PostgreSQL", version, is_pooled=pooler.is_between(database))
    finally:
        database.close()


@contextmanager
def _only_reading(file: Path) -> Iterator[sa.Engine]:
    """An engine that makes no file: where there is no log of writes, SQLite needs none of its own.

    Source: https://www.sqlite.org/wal.html#read_only_databases
    """
    if not file.exists():
        raise NoFileError
    is_in_use = file.with_name(f"{file.name}-wal").exists()
    address = f"file:{quote(str(file.resolve()))}?mode=ro" + ("" if is_in_use else "&immutable=1")
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=PATIENCE, check_same_thread=False),
        poolclass=sa.NullPool,
    )
    try:
        yield engine
    finally:
        engine.dispose()


def _seen(engine: sa.Engine, dialect: str, version: str, *, is_pooled: bool) -> Health:
    with engine.connect() as connection:
        schema = migrations.standing(connection)
        if schema is not Schema.CURRENT:
            return Health(dialect, version, schema, is_pooled)
        row = connection.execute(select(LeaseRow.holder, LeaseRow.taken_at)).first()
    holder, since = row or ("", None)
    return Health(dialect, version, schema, is_pooled, holder, since)
