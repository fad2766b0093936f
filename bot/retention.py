"""Lets go of rows of the audit that are older than a setting says, once a day."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.loop import TICK, Loop
from storage import audit
from storage.lease import Lease

EVERY = timedelta(days=1)
_ABOUT = "retention"
_log = logging.getLogger(__name__)


class Retention(Loop):
    """The loop, in the process that holds the lease; without a setting it lets go of nothing."""

    def __init__(self, lease: Lease, keep: timedelta | None, now: Callable[[], datetime]) -> None:
        super().__init__(_ABOUT, 1, lease, now)
        self._keep = keep
        self._next = now()

    def start_due(self) -> float:
        """See `Loop.start_due`."""
        if self._keep and self._now() >= self._next and _ABOUT not in self._busy():
            self._next = self._now() + EVERY
            keep = self._keep
            self._start(_ABOUT, _ABOUT, lambda: self._forget(keep))
        return TICK

    def _forget(self, keep: timedelta) -> bool:
        now, gone = self._now(), audit.FORGOTTEN_AT_ONCE
        while gone == audit.FORGOTTEN_AT_ONCE and not self._stopping.is_set():
            with self._lease.transaction() as tx:
                gone = audit.forget(tx, now - keep, now)
            if gone:
                _log.info("let go of %s rows of the audit that were older than %s", gone, keep)
        return True
