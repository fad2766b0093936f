"""What the regions of the local Lightsail share: its clock, its pace, planned faults and calls so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event
from typing import TYPE_CHECKING

from bot.sandbox.lightsail.pace import Pace, steps_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE_SIZE = 100

Clock = Callable[[], datetime]


class FaultKind(StrEnum):
    """What can be made to go wrong with a call."""

    FAIL = "fail"  # refused before anything is done
    LOSE = "lose"  # done, and the answer never arrives
    SLOW = "slow"  # done, and the answer arrives late


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that the next calls of an action run into, so many times."""

    kind: FaultKind
    action: str
    region: str | None
    times: int
    code: str = ""
    message: str = ""
    status: int = 400
    seconds: float = 0

    def hits(self, kind: FaultKind, action: str, region: str) -> bool:
        """Whether that call runs into this fault."""
        return (self.kind, self.action) == (kind, action) and self.region in {None, region}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it arrived, and whether it was accepted or with which error it was refused."""

    action: str
    account: str
    region: str
    params: Mapping[str, object]
    at: datetime
    request_id: str
    accepted: bool
    error: str | None


def system_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Desk:
    """One for the whole process, as moto's backends are. Whoever uses it holds moto's `backend_lock`."""

    def __init__(self) -> None:
        self.clock: Clock = system_clock
        self._clear()

        self._leave = Event()

    def _clear(self) -> None:
        self.steps = steps_of(Pace.STEPS)
        self.page_size = PAGE_SIZE
        self.calls: list[Call] = []
        self._faults: list[Fault] = []

    def reset(self) -> None:
        """As at the start, except for the clock; late answers are sent now."""
        self.hurry()
        self._clear()

    def hurry(self) -> None:
        """Send the late answers now."""
        self._leave.set()
        self._leave = Event()

    def now(self) -> datetime:
        """The time of the local Lightsail, to the millisecond that its answers show."""
        now = self.clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def plan(self, fault: Fault) -> None:
        """Let the next calls run into this."""
        self._faults.append(fault)

    def take(self, kind: FaultKind, action: str, region: str) -> Fault | None:
        """The first fault planned for this call, which counts as one of its times."""
        for at, fault in enumerate(self._faults):
            if fault.hits(kind, action, region):
                self._faults[at : at + 1] = [replace(fault, times=fault.times - 1)] * (fault.times > 1)
                return fault
        return None

    def lateness(self, seconds: float) -> Callable[[], object]:
        """A wait of so many seconds, cut short by `hurry`. To be called without the lock."""
        leave = self._leave
        return lambda: leave.wait(seconds)


desk = Desk()
