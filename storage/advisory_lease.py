"""The lease of a PostgreSQL database: an advisory lock elects its holder, on a connection that carries nothing else."""

import logging
import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import cast

from psycopg import conninfo

from storage.clock import SharedClock
from storage.connection import Connection, answers_within
from storage.database import FINISH_WITHIN, KEEPALIVES, SERVER_KEEPALIVES, Database, UnchangedError
from storage.lease import ALWAYS, Lease

LOOK_EVERY = 0.5  # seconds, at the lock and at the line
RETRY_AFTER = 1.0  # seconds, where there is no line
# Whose process stands still, or whose thread does not get its turn, says nothing on its line for so long; its kernel
# still answers for it, so nothing else would ever free the lock. PostgreSQL before 14 knows no such limit.
# Source: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-SESSION-TIMEOUT
END_IF_SILENT = 10_000  # milliseconds
_END_IF_SILENT = "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'idle_session_timeout'"
KEY = 0x4C6967687465  # of the lock; each database has its own
CHANNEL = "lightkeeper"
_log = logging.getLogger(__name__)


class _Bell:
    """Wakes a thread that waits for a connection to say something. Ringing it waits for nothing."""

    def __init__(self) -> None:
        self._rope, self._clapper = socket.socketpair()
        self._rope.settimeout(0)
        self._clapper.settimeout(0)

    def ring(self) -> None:
        """Have it ring, once for however many."""
        with suppress(BlockingIOError, OSError):  # it rings already; or it has been closed
            self._rope.send(b"!")

    def wait(self, connection: Connection, seconds: float) -> bool:
        """Wait until the connection says something or somebody rings; returns whether somebody did."""
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._clapper, selectors.EVENT_READ)
            selector.select(seconds)
        with suppress(BlockingIOError):
            return bool(self._clapper.recv(4096))
        return False

    def close(self) -> None:
        """Take it down."""
        self._rope.close()
        self._clapper.close()


class AdvisoryLease(Lease):
    """Held by one of many processes, and taken over within a second of the end of its connection.

    The connection belongs to one thread and is never used again after an error: a new one would not have the lock.
    It also carries the word, to and from the others, that there is work, or that somebody has let go.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database, now)
        self.losses = self.takeovers = 0  # since the process began
        self._stopping = threading.Event()
        self._bell = _Bell()
        self._has_news = False  # that came while the thread was busy with something else
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def start(self) -> None:
        """See `Lease.start`."""
        self._thread.start()

    def release(self) -> None:
        """See `Lease.release`."""
        self._stopping.set()
        self._bell.ring()
        if self._thread.is_alive():
            self._thread.join()
        self._bell.close()

    def wake(self) -> None:
        """See `Lease.wake`. Whoever calls it waits for nothing: the lease's own thread tells the others."""
        if self.is_held:
            self.wake_here()
        else:
            self._bell.ring()

    def _keep(self) -> None:
        is_away = False
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    if is_away:
                        _log.info("the lease's line to the database is back")
                    is_away = False
                    self._stand(connection)
            except Exception as error:  # the thread outlives whatever a database can throw  # noqa: BLE001
                if not is_away:
                    _log.warning("the lease's line to the database broke: %s", str(error).strip())
                is_away = True
            finally:
                self._lose()
            if is_away:
                self._stopping.wait(RETRY_AFTER)

    def _connect(self) -> Connection:
        url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = conninfo.make_conninfo(url, connect_timeout=2, application_name="lightkeeper lease", **KEEPALIVES)
        return Connection.connect(settings, autocommit=True)

    def _stand(self, connection: Connection) -> None:
        """Hold the lease, or be the next who does, until the process stops or the line breaks."""
        connection.add_notify_handler(lambda _: self._hear())
        with answers_within(FINISH_WITHIN):
            connection.execute(SERVER_KEEPALIVES)
            connection.execute(_END_IF_SILENT, [str(END_IF_SILENT)])
            connection.execute(f"LISTEN {CHANNEL}")
        has_lock = False
        while not self._stopping.is_set():
            with answers_within(FINISH_WITHIN):
                has_lock = self._look(connection, has_lock=has_lock)
            if self._bell.wait(connection, 0.0 if self._has_news else LOOK_EVERY):
                with answers_within(FINISH_WITHIN):
                    connection.execute(f"NOTIFY {CHANNEL}")
        if self.is_held:
            with answers_within(FINISH_WITHIN):
                self._let_go(connection)

    def _look(self, connection: Connection, *, has_lock: bool) -> bool:
        """Hear the news, see whether the line, and with it the lock, is there, and take the lease if it can be had."""
        self._has_news = False
        self._ask_the_time(connection)
        if not has_lock:
            has_lock = connection.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (True,)
        if has_lock and not self.is_held:
            self._take()
        return has_lock

    def _ask_the_time(self, connection: Connection) -> None:
        def ask() -> datetime:
            told = connection.execute("SELECT clock_timestamp()").fetchone()
            return cast("datetime", told[0] if told else None)

        if isinstance(self._now, SharedClock):
            self._now.put_right(ask)
        else:
            ask()

    def _hear(self) -> None:
        self._has_news = True
        self.wake_here()

    def _take(self) -> None:
        """Take over, once every transaction of the holder before has ended: at the latest when the server ends it."""
        try:
            self._begin_epoch()
        except UnchangedError as error:
            _log.warning("the lock is ours, but not the lease yet: %s", error)
            return
        if self.alone_since == ALWAYS:
            _log.info("took the lease: epoch %s", self._epoch)
        else:
            self.takeovers += 1
            _log.warning(
                "took the lease, which nobody had given back: epoch %s; %s times since the start",
                self._epoch,
                self.takeovers,
            )
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
