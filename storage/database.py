"""The engine and its transactions, on SQLite and PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

PATIENCE = 0.8  # seconds in all; a click must be acknowledged within three
POOL = 24  # connections; at least as many as threads that use them


class DatabaseBusyError(Exception):
    """The database is busy; nothing was changed."""


class Database:
    """Transactions over one engine; safe to share between threads."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._patience = patience
        self._writer = threading.Lock()
        self._turn = threading.local()  # until when this thread waits for its transaction
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()
        self._reading = self.engine.execution_options(lightkeeper_reads=True)

    @property
    def file(self) -> Path:
        """The database file of SQLite."""
        return Path(self.url.database or "")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that may write; commits at the end of the block, or rolls back.

        On SQLite writers queue on a lock of ours before they queue on SQLite's, whose waiting is a sleep
        that starves some of many waiters.

        Raises:
            DatabaseBusyError: no turn within the patience; nothing was changed.
        """
        self._turn.until = time.monotonic() + self._patience
        if self.is_sqlite and not self._writer.acquire(timeout=self._patience):
            raise DatabaseBusyError("the database is busy")
        try:
            with self._session(self.engine) as session:
                yield session
        finally:
            if self.is_sqlite:
                self._writer.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that reads, and waits for no writer."""
        with self._session(self._reading) as session:
            yield session

    @contextmanager
    def _session(self, engine: sa.Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except (OperationalError, sa.exc.TimeoutError) as error:
            if _is_busy(error):
                raise DatabaseBusyError("the database is busy") from error
            raise

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _sqlite(self) -> sa.Engine:
        engine = sa.create_engine(
            self.url,
            pool_size=POOL,
            pool_timeout=self._patience,
            connect_args={"timeout": self._patience, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", self._begin_sqlite)
        return engine

    def _begin_sqlite(self, connection: sa.Connection) -> None:
        """BEGIN IMMEDIATE: a plain BEGIN under WAL fails when it first writes after somebody else did.

        What is left of the patience after our own queue is for other processes.
        """
        if connection.get_execution_options().get("lightkeeper_reads"):
            connection.exec_driver_sql("BEGIN")
            return
        left = getattr(self._turn, "until", 0.0) - time.monotonic()
        wait = left if left > 0 else self._patience
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _postgresql(self) -> sa.Engine:
        wait = int(self._patience * 1000)
        options = f"-c timezone=UTC -c lock_timeout={wait} -c idle_in_transaction_session_timeout=5000"
        return sa.create_engine(
            self.url.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            pool_timeout=self._patience,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"options": options, "connect_timeout": 5},
        )


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  (a DB-API connection has no type)
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _is_busy(error: OperationalError | sa.exc.TimeoutError) -> bool:
    if isinstance(error, sa.exc.TimeoutError):
        return True
    cause = error.orig
    return "database is locked" in str(cause) or getattr(cause, "sqlstate", None) == "55P03"
