"""The lease of a PostgreSQL database: an advisory lock elects its holder, on a connection that carries nothing else."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import psycopg
import sqlalchemy as sa
from psycopg import Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.database import KEEPALIVES, SERVER_KEEPALIVES, Database, UnchangedError
from storage.lease import Lease

LOOK_EVERY = 0.5  # seconds, at the lock and at the line
RETRY_AFTER = 1.0  # seconds, where there is no line
KEY = 0x4C6967687465  # of the lock; each database has its own
CHANNEL = "lightkeeper"
_log = logging.getLogger(__name__)


class AdvisoryLease(Lease):
    """Held by one of many processes, and taken over within a second of the end of its connection.

    The connection belongs to one thread and is never used again after an error: a new one would not have the lock.
    It also hears the others say that there is work, or that they have let go.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database, now)
        self.losses = 0  # since the process began
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def start(self) -> None:
        """See `Lease.start`."""
        self._thread.start()

    def release(self) -> None:
        """See `Lease.release`."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """See `Lease.wake`."""
        if self.is_held:
            self.wake_here()
            return
        with suppress(SQLAlchemyError), self._database.engine.connect() as connection:
            connection.execute(sa.text(f"NOTIFY {CHANNEL}"))
            connection.commit()

    def _keep(self) -> None:
        is_away = False
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    if is_away:
                        _log.info("the lease's line to the database is back")
                    is_away = False
                    self._stand(connection)
            except (psycopg.Error, SQLAlchemyError, UnchangedError) as error:
                if not is_away:
                    _log.warning("the lease's line to the database broke: %s", str(error).strip())
                is_away = True
            finally:
                self._lose()
            if is_away:
                self._stopping.wait(RETRY_AFTER)

    def _connect(self) -> Connection:
        url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = psycopg.conninfo.make_conninfo(
            url, connect_timeout=2, application_name="lightkeeper lease", **KEEPALIVES
        )
        return psycopg.connect(settings, autocommit=True)

    def _stand(self, connection: Connection) -> None:
        """Hold the lease, or be the next who does, until the process stops or the line breaks."""
        connection.execute(SERVER_KEEPALIVES)
        connection.execute(f"LISTEN {CHANNEL}")
        has_lock = False
        while not self._stopping.is_set():
            if not has_lock:
                has_lock = bool(connection.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (True,))
            if has_lock and not self.is_held:
                self._take()
            connection.execute("SELECT 1")  # says whether the line, and with it the lock, is still there
            for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                self.wake_here()
        if self.is_held:
            self._let_go(connection)

    def _take(self) -> None:
        """Take over, once every transaction of the holder before has ended: at the latest when the server ends it."""
        try:
            self._begin_epoch()
        except UnchangedError as error:
            _log.warning("the lock is ours, but not the lease yet: %s", error)
            return
        _log.info("took the lease: epoch %s", self._epoch)
        self.wake_here()

    def _let_go(self, connection: Connection) -> None:
        epoch = self._epoch
        self._end_epoch()
        connection.execute("SELECT pg_advisory_unlock(%s)", [KEY])
        connection.execute(f"NOTIFY {CHANNEL}")  # whoever is next need not wait for its next look
        _log.info("gave the lease back: epoch %s", epoch)

    def _lose(self) -> None:
        epoch, self._epoch = self._epoch, 0
        if epoch:
            self.losses += 1
            _log.warning("lost the lease: epoch %s; %s times since the start", epoch, self.losses)
