"""The right to carry deletions forward: held by one process, fenced by an epoch."""

import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

from sqlmodel import Session, col, select, update

from storage.database import FINISH_WITHIN, Database, DatabaseBusyError
from storage.tables import LeaseRow

ALWAYS = datetime.min.replace(tzinfo=UTC)
_TURNS = 10  # at the database, each as long as its patience


class LeaseHeldError(Exception):
    """Another process holds the lease."""


class LeaseLostError(Exception):
    """Another process has taken the lease since; nothing was committed."""


class Lease(ABC):
    """What the follower, the outbox and the listeners need of a lease, whatever database it lives in.

    Every taking begins a new epoch, and what a holder writes commits only in its own: one that was paused, or cut off,
    and does not know yet that another has taken over, can change nothing.
    """

    alone_since = ALWAYS
    """Since when no other holder can have begun anything, by the clock of this process."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._epoch = 0  # 0: not held
        self._woken = 0
        self._condition = threading.Condition()

    @property
    def is_held(self) -> bool:
        """Whether this process holds it, as far as it knows; `transaction` makes sure."""
        return bool(self._epoch)

    @abstractmethod
    def start(self) -> None:
        """Begin to hold it, now or when its holder lets go."""

    @abstractmethod
    def release(self) -> None:
        """Let the next process have it."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that commits only while the lease is held.

        Raises:
            LeaseLostError: it is not; the transaction was rolled back.
            UnchangedError: see `Database.transaction`, as for the others.
        """
        epoch = self._epoch
        with self._database.transaction(within=FINISH_WITHIN) as tx:
            mine = select(LeaseRow.id).where(LeaseRow.epoch == epoch).with_for_update(read=True)
            if not epoch or tx.exec(mine).first() is None:
                raise LeaseLostError("the lease was lost")
            yield tx

    @contextmanager
    def patient_transaction(self) -> Iterator[Session]:
        """The same for what another system has answered, which it does only once: it waits longer than a click may."""
        with ExitStack() as stack:
            yield self._begun(stack)

    def _begun(self, stack: ExitStack) -> Session:
        for _ in range(_TURNS - 1):
            with suppress(DatabaseBusyError):
                return stack.enter_context(self.transaction())
        return stack.enter_context(self.transaction())

    @abstractmethod
    def wake(self) -> None:
        """Tell the holder, whichever process it is, that there is work. A hint: it looks every second anyway."""

    def wait(self, seen: int, seconds: float) -> int:
        """Wait until somebody woke this process after `seen`, at most so long; returns what to pass next."""
        with self._condition:
            self._condition.wait_for(lambda: self._woken != seen, seconds)
            return self._woken

    def wake_here(self) -> None:
        """Have this process look for work."""
        with self._condition:
            self._woken += 1
            self._condition.notify_all()

    def _begin_epoch(self) -> None:
        """From now on no older holder commits; one that has not let go may still have something on its way."""
        with self._database.transaction() as tx:
            row = tx.get(LeaseRow, 1, with_for_update=True) or LeaseRow(id=1)
            row.epoch += 1
            was_free = not row.holder
            row.holder, row.taken_at = f"{socket.gethostname()}:{os.getpid()}", self._now()
            tx.add(row)
        self.alone_since = ALWAYS if was_free else self._now()
        self._epoch = row.epoch

    def _end_epoch(self) -> None:
        """Let go, with nothing on its way."""
        epoch, self._epoch = self._epoch, 0
        with self._database.transaction() as tx:
            tx.exec(update(LeaseRow).where(col(LeaseRow.epoch) == epoch).values(holder=""))
