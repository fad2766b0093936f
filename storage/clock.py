"""One time for all replicas, their database's: what one writes is then neither early nor late to another."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

WORTH_TELLING = timedelta(seconds=5)
_log = logging.getLogger(__name__)


class SharedClock:
    """The time of this machine, put right by what the database says of its own, now and then."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._behind = timedelta()
        self._is_told = False

    def __call__(self) -> datetime:
        """The time."""
        return self._now() + self._behind

    def put_right(self, ask: Callable[[], datetime]) -> None:
        """Ask the database; its answer was true half-way between question and answer."""
        asked = self._now()
        told = ask()
        self._behind = told - (asked + (self._now() - asked) / 2)
        is_worth_telling = abs(self._behind) > WORTH_TELLING
        if is_worth_telling and not self._is_told:
            seconds = self._behind.total_seconds()
            _log.warning("this machine's clock is off by %.0f s: the database's counts", seconds)
        self._is_told = is_worth_telling
