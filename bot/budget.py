"""When AWS is asked how far things are: so often a second and region, and not while the answer is known. No I/O."""

import threading
from bisect import insort
from datetime import datetime, timedelta
from typing import NamedTuple

_QUEUE = timedelta(minutes=1)  # what is booked for later than that is no queue, but a plan
_CROWD = timedelta(seconds=3)  # a queue that takes longer
_LATE = timedelta(seconds=5)
_LONGEST_GUESS = timedelta(seconds=30)


class _Slot(NamedTuple):
    at: datetime
    about: str


class Budget:
    """The slots that are booked, and how long operations take, as far as it was seen. Safe to share between threads.

    It lives in memory alone: what was booked before a restart is overdue or spread after it, see `turn`.
    """

    def __init__(self, per_second: int) -> None:
        self._gap = timedelta(seconds=1) / per_second
        self._lock = threading.Lock()
        self._slots: dict[str, list[_Slot]] = {}  # of each region, in order
        self._takes: dict[str, timedelta] = {}  # of each region, how long an operation

    def book(self, region: str, about: str, wanted: datetime, *, now: datetime) -> datetime:
        """The region's first free slot at or after the wanted time; it replaces the one that `about` had.

        Any two slots of a region are at least `1 / per_second` apart.
        """
        with self._lock:
            others = [slot for slot in self._slots.get(region, ()) if slot.about != about and slot.at > now - self._gap]
            for taken in others:
                if taken.at >= wanted + self._gap:
                    break
                if taken.at > wanted - self._gap:
                    wanted = taken.at + self._gap
            insort(others, _Slot(wanted, about))
            self._slots[region] = others
            return wanted

    def turn(self, region: str, about: str, due_at: datetime, begun: datetime, *, now: datetime) -> datetime | None:
        """None where AWS is to be asked now; else another slot, booked instead of the one that is due.

        Args:
            region: where.
            about: whose turn it is.
            due_at: the slot. One that is long over counts for nothing: after a pause or a restart all are.
            begun: when the operation began. While a crowd waits for slots, one that is younger than what the region
                takes is not asked for: it would only say that it is still running.
            now: the time.
        """
        if now > due_at + _LATE:
            slot = self.book(region, about, now, now=now)
            return slot if slot > now else None
        ends = begun + self._takes.get(region, timedelta())
        return self.book(region, about, ends, now=now) if now < ends and self.is_crowded(region, now) else None

    def is_crowded(self, region: str, now: datetime) -> bool:
        """Whether more wait for a slot than there are slots in three seconds."""
        with self._lock:
            queue = sum(now < slot.at <= now + _QUEUE for slot in self._slots.get(region, ()))
            return queue * self._gap > _CROWD

    def saw_running(self, region: str, age: timedelta) -> None:
        """An operation of that age has not ended, so younger ones have hardly."""
        with self._lock:
            longer = min(age * 3 / 2, _LONGEST_GUESS)
            self._takes[region] = max(longer, self._takes.get(region, timedelta()))

    def saw_ended(self, region: str, age: timedelta) -> None:
        """An operation ended at that age; the next ones will hardly take longer."""
        with self._lock:
            self._takes[region] = min(age, _LONGEST_GUESS)
