"""Picks the deletions that are due, and carries them forward side by side."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.loop import TICK, Loop
from bot.steps import Steps
from storage import deletions
from storage.database import Database
from storage.deletions import MovedError
from storage.lease import Lease
from storage.tables import Deletion

SIDE_BY_SIDE = 16


class Follower(Loop):
    """The loop over deletions.

    Of several regions none has more than half of the threads: one that does not answer holds up no other.
    """

    def __init__(
        self, database: Database, lease: Lease, steps: Steps, now: Callable[[], datetime], *, regions: int = 1
    ) -> None:
        super().__init__("follower", SIDE_BY_SIDE, lease, now)
        self._database = database
        self._steps = steps
        self._share = SIDE_BY_SIDE if regions == 1 else SIDE_BY_SIDE // 2
        self._regions: dict[str, str] = {}  # of what is in hand

    def start_due(self) -> float:
        """See `Loop.start_due`."""
        now, free = self._now(), self._free()
        if not free:
            return TICK  # a step that ends wakes the loop
        with self._database.reading() as tx:
            due, full = self._due(tx, now, free)
            next_due = deletions.next_due(tx, without=self._busy() | {one.id for one in due}, elsewhere_than=full)
        for deletion in due:
            self._regions[deletion.id] = deletion.region
            self._start(deletion.id, deletion.id, partial(self._step, deletion))
        if next_due is None or len(due) == free:
            return TICK
        return min(TICK, max(0.02, (next_due - now).total_seconds()))

    def _due(self, tx: Session, now: datetime, free: int) -> tuple[list[Deletion], set[str]]:
        """What is to be started, and the regions that have all their threads then."""
        busy, in_hand = self._busy(), Counter(list(self._regions.values()))
        due: list[Deletion] = []
        while wanted := free - len(due):
            without = busy | {one.id for one in due}
            found = deletions.due(tx, now, at_most=wanted, without=without, elsewhere_than=self._full(in_hand))
            for deletion in found:
                if in_hand[deletion.region] < self._share:
                    in_hand[deletion.region] += 1
                    due.append(deletion)
            if len(found) < wanted:
                break
        return due, self._full(in_hand)

    def _full(self, in_hand: Counter[str]) -> set[str]:
        return {region for region, count in in_hand.items() if count >= self._share}

    def _step(self, deletion: Deletion) -> bool:
        try:
            with suppress(MovedError):  # somebody clicked meanwhile; the next round reads it anew
                self._steps.step(deletion)
        finally:
            self._regions.pop(deletion.id, None)
        return True
