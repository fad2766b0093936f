"""The right to carry deletions forward: held by one process, fenced by an epoch."""

import fcntl
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import IO, Protocol

from sqlmodel import Session, select

from storage.database import Database
from storage.tables import LeaseRow


class LeaseHeldError(Exception):
    """Another process holds the lease."""


class LeaseLostError(Exception):
    """Another process has taken the lease since; nothing was committed."""


class Lease(Protocol):
    """What the follower, the outbox and the listeners need of a lease, whatever database it lives in."""

    def transaction(self) -> AbstractContextManager[Session]:
        """A transaction that commits only while the lease is held.

        Raises:
            LeaseLostError: it is not; the transaction was rolled back.
        """

    def wake(self) -> None:
        """Tell the holder that there is work. A hint: it looks every second anyway."""

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until somebody woke the holder after `seen`, at most so long; returns what to pass next."""


class FileLease:
    """The lease of a SQLite database: a lock on a file beside it, and a condition within the process.

    The lock is never on the database file itself: closing any descriptor of that drops SQLite's own locks.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._epoch = 0
        self._file: IO[bytes] | None = None
        self._woken = 0
        self._condition = threading.Condition()

    def lock(self) -> None:
        """Take the file lock: before migrating, and for as long as the process serves.

        Raises:
            LeaseHeldError: another process has it.
        """
        file_of_database = self._database.file.resolve()  # a link to it is the same database
        path = file_of_database.with_name(file_of_database.name + ".lock")
        file = path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise LeaseHeldError(
                f"another Lightkeeper already serves {self._database.file} (it holds {path}). "
                "Stop that one first; two on one SQLite file could both call AWS."
            ) from error
        self._file = file

    def take(self) -> None:
        """Begin a new epoch; every older holder can commit nothing from now on."""
        holder = f"{socket.gethostname()}:{os.getpid()}"
        with self._database.transaction() as tx:
            row = tx.get(LeaseRow, 1) or LeaseRow(id=1)
            row.epoch += 1
            row.holder, row.taken_at = holder, self._now()
            tx.add(row)
            self._epoch = row.epoch

    def release(self) -> None:
        """Let the next process have it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """See `Lease.transaction`."""
        with self._database.transaction() as tx:
            mine = select(LeaseRow.id).where(LeaseRow.epoch == self._epoch).with_for_update(read=True)
            if self._file is None or tx.exec(mine).first() is None:
                raise LeaseLostError("the lease was lost")
            yield tx

    def wake(self) -> None:
        """See `Lease.wake`."""
        with self._condition:
            self._woken += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> int:
        """See `Lease.wait`."""
        with self._condition:
            self._condition.wait_for(lambda: self._woken != seen, seconds)
            return self._woken
