"""A loop that starts what is due in a pool, and waits; what fails rests, and holds up nothing else."""

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from storage.lease import Lease, LeaseLostError

TICK = 1.0  # seconds; a wake-up is only a hint
LONGEST_REST = 60  # seconds
_log = logging.getLogger(__name__)


class Loop:
    """Works in the process that holds the lease. Subclasses say what is due, in `start_due`."""

    def __init__(self, name: str, workers: int, lease: Lease, now: Callable[[], datetime]) -> None:
        self.name = name
        self._workers = workers
        self._lease = lease
        self._now = now
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._resting: dict[str, tuple[int, datetime]] = {}  # what failed: how often, until when
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until `stop`."""
        seen = 0
        while not self._stopping.is_set():
            seconds = self._look() if self._lease.is_held else TICK
            seen = self._lease.wait(seen, seconds)

    def _look(self) -> float:
        try:
            return self.start_due()
        except Exception:  # the loop outlives whatever a database can throw  # noqa: BLE001
            _log.exception("%s could not look for work", self.name)
            return TICK

    def stop(self) -> None:
        """Start nothing more; what is in hand finishes."""
        self._stopping.set()
        self._lease.wake_here()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def start_due(self) -> float:
        """Start what is due; returns for how many seconds nothing will be, at most a tick."""
        raise NotImplementedError

    def is_idle(self) -> bool:
        """Whether nothing is in hand."""
        return not self._in_hand

    def _busy(self) -> set[str]:
        """What must not be started now: what is in hand, and what rests."""
        now = self._now()
        latest = now + timedelta(seconds=LONGEST_REST)  # later only if the clock was set back
        with self._lock:
            return self._in_hand | {about for about, (_, until) in self._resting.items() if now < until <= latest}

    def _free(self) -> int:
        return self._workers - len(self._in_hand)

    def _start(self, slot: str, about: str, work: Callable[[], bool]) -> None:
        """Do some work in the pool. One thing is in hand for a slot; `about` rests if it raises or returns False."""
        if self._stopping.is_set():
            return
        with self._lock:
            self._in_hand.add(slot)
        self._pool.submit(work).add_done_callback(partial(self._finished, slot, about))

    def _finished(self, slot: str, about: str, done: "Future[bool]") -> None:
        error = None if done.cancelled() else done.exception()
        with self._lock:
            self._in_hand.discard(slot)
            tries, _ = self._resting.pop(about, (0, None))
            if error or (not done.cancelled() and not done.result()):
                self._resting[about] = (tries + 1, self._now() + timedelta(seconds=min(LONGEST_REST, 2**tries)))
        if isinstance(error, LeaseLostError):
            _log.warning("the lease was lost; %s is carried forward elsewhere", about)
        elif error:
            _log.error("error %s in %s about %s", secrets.token_hex(4), self.name, about, exc_info=error)
        self._lease.wake_here()
