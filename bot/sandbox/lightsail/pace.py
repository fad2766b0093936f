"""How a Lightsail operation moves on with time: derived from a clock whenever it is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Status(StrEnum):
    """The statuses that Lightsail documents; a pace may use others, since AWS may one day."""

    NOT_STARTED = "NotStarted"
    STARTED = "Started"
    FAILED = "Failed"
    COMPLETED = "Completed"
    SUCCEEDED = "Succeeded"


TERMINAL = frozenset({Status.FAILED, Status.COMPLETED, Status.SUCCEEDED})


class Pace(StrEnum):
    """The paces that have a name."""

    AT_ONCE = "at-once"  # what AWS usually does for a deletion
    STEPS = "steps"


class Step(NamedTuple):
    """A status, the seconds after the status before it, and for a failure what went wrong."""

    status: str
    after: float = 0
    error_code: str | None = None
    error_details: str | None = None


class Seen(NamedTuple):
    """The step that an operation has reached, and since when."""

    step: Step
    since: datetime


Steps = tuple[Step, ...]

NAMED: dict[Pace, Steps] = {
    Pace.AT_ONCE: (Step(Status.SUCCEEDED),),
    Pace.STEPS: (Step(Status.NOT_STARTED), Step(Status.STARTED, 1), Step(Status.SUCCEEDED, 1)),
}


def steps_of(pace: str | Iterable[tuple[str, float] | Step]) -> Steps:
    """The steps of a pace, given by its name or one by one.

    Raises ValueError for an unknown name, for no steps, and where the first step is not there at once.
    """
    if isinstance(pace, str):
        return NAMED[Pace(pace)]
    steps = tuple(Step(*step) for step in pace)
    if not steps or steps[0].after:
        raise ValueError("a pace begins with a status that is there at once, after 0 seconds")
    return steps


def reached(steps: Steps, started: datetime, now: datetime) -> Seen:
    """Where an operation that started then is now."""
    seen = Seen(steps[0], started)
    for step in steps[1:]:
        since = seen.since + timedelta(seconds=step.after)
        if since > now:
            break
        seen = Seen(step, since)
    return seen
