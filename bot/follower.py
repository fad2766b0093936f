"""Picks the deletions that are due, carries them forward side by side, and waits."""

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from bot.steps import Steps
from storage import deletions
from storage.database import Database
from storage.deletions import MovedError
from storage.lease import Lease, LeaseLostError
from storage.tables import Deletion

SIDE_BY_SIDE = 16
TICK = 1.0  # seconds; a wake-up is only a hint
_log = logging.getLogger(__name__)


class Follower:
    """The loop of the process that holds the lease."""

    def __init__(self, database: Database, lease: Lease, steps: Steps, now: Callable[[], datetime]) -> None:
        self._database = database
        self._lease = lease
        self._steps = steps
        self._now = now
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="step")
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._resting: dict[str, tuple[int, datetime]] = {}  # deletions whose step failed: how often, until when
        self._stopping = threading.Event()

    def run(self) -> None:
        """Carry deletions forward until `stop`."""
        seen = 0
        while not self._stopping.is_set():
            try:
                seconds = self._start_due()
            except Exception:  # the loop outlives whatever a database can throw  # noqa: BLE001
                _log.exception("the follower could not look for work")
                seconds = TICK
            seen = self._lease.wait(seen, seconds)

    def stop(self) -> None:
        """Start nothing more; what is in hand finishes."""
        self._stopping.set()
        self._lease.wake()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start_due(self) -> float:
        """Start what is due; returns how long nothing will be, in seconds, at most a tick."""
        now = self._now()
        with self._lock:
            resting = {number for number, (_, until) in self._resting.items() if until > now}
            busy = self._in_hand | resting
            free = SIDE_BY_SIDE - len(self._in_hand)
        with self._database.reading() as tx:
            due = deletions.due(tx, now, at_most=free, without=busy)
            next_due = deletions.next_due(tx, without=busy | {one.id for one in due})
        for deletion in due:
            self._start(deletion)
        if next_due is None or len(due) == free:  # a step that ends wakes the loop
            return TICK
        return min(TICK, max(0.02, (next_due - now).total_seconds()))

    def _start(self, deletion: Deletion) -> None:
        with self._lock:
            self._in_hand.add(deletion.id)
        self._pool.submit(self._steps.step, deletion).add_done_callback(
            lambda future: self._finished(deletion.id, future)
        )

    def _finished(self, number: str, step: Future[None]) -> None:
        error = None if step.cancelled() else step.exception()
        with self._lock:
            self._in_hand.discard(number)
            tries, _ = self._resting.pop(number, (0, None))
            if error and not isinstance(error, MovedError):
                self._resting[number] = (tries + 1, self._now() + timedelta(seconds=min(60, 2**tries)))
        match error:
            case None | MovedError():
                pass
            case LeaseLostError():
                _log.warning("the lease was lost; %s is carried forward elsewhere", number)
            case _:
                _log.error("error %s in a step of %s", secrets.token_hex(4), number, exc_info=error)
        self._lease.wake()
