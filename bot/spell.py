"""Troubles that last, such as an outage: in the log once when they begin, and once when they are over."""

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable

SAME = 60.0  # seconds after its end; what comes back sooner is the same trouble, and told anew only if it lasts


class Spell:
    """One kind of trouble, however many things meet it. Safe to share between threads.

    Each failure and each success is reported, with what it was about. What alone goes on failing while the rest works
    was told of when it began, and begins nothing anew. Nobody has to wait for an end: the next success is it.
    """

    def __init__(self, what: str, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._sick: dict[str, str] = {}  # what failed last time, and under which id the log tells of it
        self._id = ""
        self._began: float | None = None
        self._ended = -math.inf
        self._is_told = False
        self._failures = 0

    @property
    def is_on(self) -> bool:
        """Whether the last thing that was heard was a failure, of something that worked before."""
        return self._began is not None

    def failed(self, problem: str, about: str = "") -> str:
        """Report a failure; returns the id under which the log tells of this trouble."""
        with self._lock:
            now = self._clock()
            if self._began is None:
                if known := self._sick.get(about):
                    return known
                self._begin(now)
            self._failures += 1
            if not self._is_told and (self._failures == 1 or now - (self._began or now) > SAME):
                self._is_told = True
                self._id = secrets.token_hex(4)
                self._log.warning(
                    "%s: trouble began, error %s: %.500s (it is logged again when it is over)",
                    self._what,
                    self._id,
                    problem,
                )
            self._sick[about] = self._id
            return self._id

    def worked(self, about: str = "") -> None:
        """Report a success, or whatever else proves that the trouble is over."""
        with self._lock:
            self._sick.pop(about, None)
            if self._began is None:
                return
            now = self._clock()
            if self._is_told:
                lasted = now - self._began
                self._log.warning("%s: well again after %.0f s (failures: %s)", self._what, lasted, self._failures)
            self._began, self._ended = None, now

    def _begin(self, now: float) -> None:
        self._began, self._is_told = now, False
        if now - self._ended > SAME:
            self._failures = 0
