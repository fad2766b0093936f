"""The lease of a SQLite database: a lock on a file beside it, for as long as the process lives."""

import fcntl
from collections.abc import Callable
from datetime import datetime
from typing import IO

from storage.database import Database
from storage.lease import ALWAYS, Lease, LeaseHeldError


class FileLease(Lease):
    """One process serves a file. The lock is gone with the process, and so is whatever that process had begun.

    It is never on the database file itself: closing any descriptor of that drops SQLite's own locks.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database, now)
        self._file: IO[bytes] | None = None

    def lock(self) -> None:
        """Keep every other process out: before migrating, and while serving.

        Raises:
            LeaseHeldError: another process has the lock.
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

    def start(self) -> None:
        """See `Lease.start`. `lock` comes first."""
        self._begin_epoch()
        self.alone_since = ALWAYS  # the other one is dead

    def wake(self) -> None:
        """See `Lease.wake`: there is no other process."""
        self.wake_here()

    def release(self) -> None:
        """See `Lease.release`."""
        self._epoch = 0
        if self._file is not None:
            self._file.close()
            self._file = None
