"""What the regions of the local Lightsail share: clock, pace, accounts, planned mischief, and the calls so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

from bot.sandbox.lightsail.accounts import Accounts
from bot.sandbox.lightsail.bucket import Bucket
from bot.sandbox.lightsail.mischief import Armed, Plans
from bot.sandbox.lightsail.pace import NAMED, Pace, Steps, steps_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE = 100

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it arrived, and whether it was accepted or with which error it was refused.

    A call that was dropped or garbled before anything was done is neither accepted nor has it an error.
    `mischief` names what was planned for it and has come true. Role, session name, source identity and tags are
    those of the session whose credentials it was signed with.
    """

    action: str
    account: str
    region: str
    params: Mapping[str, object]
    at: datetime
    request_id: str
    accepted: bool
    error: str | None
    role: str | None = None
    session_name: str | None = None
    source_identity: str | None = None
    session_tags: Mapping[str, str] = field(default_factory=dict)
    mischief: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls a second, and so many at once, in each region of each account."""

    per_second: float
    burst: float


def system_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Desk:
    """One for the whole process, as moto's backends are. Whoever uses it holds moto's `backend_lock`."""

    def __init__(self) -> None:
        self.clock: Clock = system_clock
        self._leave = Event()
        self._clear()

    def _clear(self) -> None:
        self.steps = steps_of(Pace.STEPS)
        self.coming: list[Steps] = []
        self.page_size = PAGE_SIZE
        self.calls: list[Call] = []
        self.accounts = Accounts()
        self._behave()

    def _behave(self) -> None:
        self.plans = Plans()
        self._limit: Limit | None = None
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def reset(self) -> None:
        """As at the start, except for the clock; late answers are sent now."""
        self.hurry()
        self._clear()

    def heal(self) -> None:
        """Nothing planned any more; late answers are sent now."""
        self.hurry()
        self.coming = []
        self._behave()

    def next_steps(self) -> Steps:
        """How the operation moves on that begins now."""
        return self.coming.pop(0) if self.coming else self.steps

    def hurry(self) -> None:
        """Send the late answers now."""
        self._leave.set()
        self._leave = Event()

    def pace(self) -> str | None:
        """The name of the pace of now, if it has one."""
        return next((name for name, steps in NAMED.items() if steps == self.steps), None)

    def now(self) -> datetime:
        """The time of the local Lightsail, to the millisecond that its answers show."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def limit(self, limit: Limit | None) -> None:
        """From now on; ValueError for one that lets nothing through."""
        if limit:
            Bucket(limit.per_second, limit.burst)
        self._limit = limit
        self._buckets = {}

    def excess(self, account: str, region: str) -> float:
        """The seconds for which the call is too early; 0 where it is allowed, and counts."""
        if self._limit is None:
            return 0
        fresh = Bucket(self._limit.per_second, self._limit.burst)
        return self._buckets.setdefault((account, region), fresh).take(self.now())

    def armed(self) -> list[Armed]:
        """All that is planned."""
        planned = [plan.armed() for plan in self.plans]
        return [*planned, *([_armed(self._limit)] if self._limit else [])]

    def lateness(self, seconds: float) -> Callable[[], object]:
        """A wait of so many seconds, cut short by `hurry`. To be called without the lock."""
        leave = self._leave
        return lambda: leave.wait(seconds)


def _armed(limit: Limit) -> Armed:
    details = {"per_second": limit.per_second, "burst": limit.burst}
    return Armed(kind="limit", action=None, region=None, account=None, times=None, details=details)


desk = Desk()
