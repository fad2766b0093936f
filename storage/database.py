"""The engine and its transactions, on SQLite and PostgreSQL."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.connection import Connection, answers_within

PATIENCE = 0.8  # seconds in all; a click must be acknowledged within three
# Seconds in all that a transaction waits for answers of PostgreSQL: where a person waits, and where nobody does.
ANSWER_WITHIN, FINISH_WITHIN = 1.2, 5.0
# Connections of a process: a thread that answers Slack, follows or delivers never waits for another one's.
POOL = 40
# A peer that vanishes without a word is noticed in about eleven seconds: by the kernel of this machine, and by the
# server's, which would otherwise hold its locks for hours.
# Source: https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE
KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
SERVER_KEEPALIVES = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = 10000"
)


class UnchangedError(Exception):
    """The database could not do it; nothing was changed."""


class DatabaseBusyError(UnchangedError):
    """It had no turn for us within our patience."""


class DatabaseFullError(UnchangedError):
    """It has no room left."""


class DatabaseAwayError(UnchangedError):
    """It can't be reached, or broke off before the end."""


class DatabaseLostError(Exception):
    """It broke off while the transaction was being committed: that may have worked or not."""


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
    def transaction(self, *, within: float = ANSWER_WITHIN) -> Iterator[Session]:
        """A transaction that may write; commits at the end of the block, or rolls back.

        On SQLite writers queue on a lock of ours before they queue on SQLite's, whose waiting is a sleep
        that starves some of many waiters. `within` is how many seconds it waits for answers of PostgreSQL.

        Raises:
            UnchangedError: it could not be had, for the reason that the class says; nothing was changed.
            DatabaseLostError: whether the transaction was committed is not known.
        """
        self._turn.until = time.monotonic() + self._patience
        if self.is_sqlite and not self._writer.acquire(timeout=self._patience):
            raise DatabaseBusyError("the database is busy")
        try:
            with answers_within(within), self._session(self.engine) as session:
                yield session
        finally:
            if self.is_sqlite:
                self._writer.release()

    @contextmanager
    def reading(self, *, within: float = FINISH_WITHIN) -> Iterator[Session]:
        """A transaction that reads, and waits for no writer; for answers of PostgreSQL so many seconds in all."""
        with answers_within(within), self._session(self._reading) as session:
            yield session

    @contextmanager
    def _session(self, engine: sa.Engine) -> Iterator[Session]:
        is_committing = False
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
                session.flush()
                is_committing = True
                session.commit()
        except sa.exc.TimeoutError as error:
            raise DatabaseBusyError("the database is busy") from error
        except DBAPIError as error:
            if trouble := _trouble(_first(error), is_committing=is_committing):
                raise trouble from error
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
        """Half of the patience is for a connection of the pool, and half for a lock."""
        engine = sa.create_engine(
            self.url.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=0,
            pool_use_lifo=True,  # connections that a rush has opened fall idle again
            pool_timeout=self._patience / 2,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 2, "application_name": "lightkeeper", **KEEPALIVES},
        )
        event.listen(engine, "do_connect", _connect_postgresql)
        event.listen(engine, "connect", self._prepare_postgresql)
        return engine

    def _prepare_postgresql(self, connection: Any, _record: object) -> None:  # noqa: ANN401  (see below)
        """Set by statements, since poolers refuse settings in the packet that opens a connection."""
        connection.autocommit = True
        connection.execute(
            f"SET timezone = 'UTC'; SET lock_timeout = {int(self._patience * 500)}; "
            f"SET idle_in_transaction_session_timeout = 5000; {SERVER_KEEPALIVES}"
        )
        connection.autocommit = False


def _connect_postgresql(
    _dialect: object, _record: object, arguments: Sequence[Any], settings: dict[str, Any]
) -> Connection:
    return Connection.connect(*arguments, **settings)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  (a DB-API connection has no type)
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _first(error: DBAPIError) -> DBAPIError:
    """What went wrong first: SQLite on a full disk ends the transaction, and going back to a savepoint then fails too.

    Source: https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
    """
    while isinstance(error.__context__, DBAPIError):
        error = error.__context__
    return error


_BUSY = {"55P03", "40001", "40P01", "53300", "57P03"}  # no lock; in each other's way; too many; starting up
_FULL = "53100"
_PAUSED = "25P03"  # idle in a transaction for too long: it was rolled back, whatever was to come next


def _trouble(error: DBAPIError, *, is_committing: bool) -> UnchangedError | DatabaseLostError | None:
    """What an error proves, if it says more about the database than about the statement.

    Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    words, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    if "database is locked" in words or state in _BUSY:
        return DatabaseBusyError("the database is busy")
    if "database or disk is full" in words or state == _FULL:
        return DatabaseFullError("the database is full")
    is_cut = error.connection_invalidated or (isinstance(error.orig, psycopg.OperationalError) and not state)
    if not is_cut:
        return None
    if is_committing and state != _PAUSED:
        return DatabaseLostError("the line to the database broke during a commit")
    return DatabaseAwayError("the database can't be reached")
