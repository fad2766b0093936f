"""Picks the deletions that are due, and carries them forward side by side."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from bot.loop import TICK, Loop
from bot.steps import Steps
from storage import deletions
from storage.database import Database
from storage.deletions import MovedError
from storage.lease import Lease
from storage.tables import Deletion

SIDE_BY_SIDE = 16


class Follower(Loop):
    """The loop over deletions."""

    def __init__(self, database: Database, lease: Lease, steps: Steps, now: Callable[[], datetime]) -> None:
        super().__init__("follower", SIDE_BY_SIDE, lease, now)
        self._database = database
        self._steps = steps

    def start_due(self) -> float:
        """See `Loop.start_due`."""
        now, busy, free = self._now(), self._busy(), self._free()
        with self._database.reading() as tx:
            due = deletions.due(tx, now, at_most=free, without=busy)
            next_due = deletions.next_due(tx, without=busy | {one.id for one in due})
        for deletion in due:
            self._start(deletion.id, deletion.id, partial(self._step, deletion))
        if next_due is None or len(due) == free:  # a step that ends wakes the loop
            return TICK
        return min(TICK, max(0.02, (next_due - now).total_seconds()))

    def _step(self, deletion: Deletion) -> bool:
        with suppress(MovedError):  # somebody clicked meanwhile; the next round reads it anew
            self._steps.step(deletion)
        return True
