"""How a Lightsail operation moves on with time: derived from a clock whenever it is read."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from math import inf, isfinite
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
    FAST = "fast"
    STEPS = "steps"
    REAL = "real"
    MANUAL = "manual"
    NEVER = "never"


class Step(NamedTuple):
    """A status, the seconds after the status before it, and for a failure what went wrong."""

    status: str
    after: float = 0
    error_code: str | None = None
    error_details: str | None = None


class Seen(NamedTuple):
    """The step that an operation has reached, since when, and where it stands in the pace."""

    step: Step
    since: datetime
    at: int


Steps = tuple[Step, ...]

HELD = inf  # such a step comes only by hand

NAMED: dict[Pace, Steps] = {
    Pace.AT_ONCE: (Step(Status.SUCCEEDED),),
    Pace.FAST: (Step(Status.NOT_STARTED), Step(Status.STARTED, 0.5), Step(Status.SUCCEEDED, 0.5)),
    Pace.STEPS: (Step(Status.NOT_STARTED), Step(Status.STARTED, 1), Step(Status.SUCCEEDED, 1)),
    Pace.REAL: (Step(Status.NOT_STARTED), Step(Status.STARTED, 1), Step(Status.SUCCEEDED, 11)),
    Pace.MANUAL: (Step(Status.NOT_STARTED), Step(Status.STARTED, HELD), Step(Status.SUCCEEDED, HELD)),
    Pace.NEVER: (Step(Status.STARTED),),
}


def steps_of(pace: str | Iterable[tuple[str, float | None] | Step]) -> Steps:
    """The steps of a pace, given by its name or one by one; after None seconds is by hand only.

    Raises ValueError for an unknown name, for no steps, for a step before the one before it, and where the
    first step is not there at once.
    """
    if isinstance(pace, str):
        return NAMED[Pace(pace)]
    steps = tuple(_step(*told) for told in pace)
    if not steps or steps[0].after:
        raise ValueError("a pace begins with a status that is there at once, after 0 seconds")
    if any(step.after < 0 for step in steps):
        raise ValueError("a pace has no step that comes before the one before it")
    return steps


def reached(steps: Steps, started: datetime, now: datetime) -> Seen:
    """Where an operation that started then is now."""
    seen = Seen(steps[0], started, 0)
    for at, step in enumerate(steps[1:], start=1):
        since = due(seen.since, step)
        if since is None or since > now:
            break
        seen = Seen(step, since, at)
    return seen


def due(since: datetime, step: Step) -> datetime | None:
    """When the step comes by itself, if it does."""
    return since + timedelta(seconds=step.after) if isfinite(step.after) else None


def advanced(steps: Steps, started: datetime, now: datetime) -> Steps:
    """The steps with the next one reached now. ValueError where there is no next one."""
    seen = reached(steps, started, now)
    rest = steps[seen.at + 1 :]
    if not rest:
        raise ValueError(f"nothing comes after {seen.step.status}")
    return (*steps[: seen.at + 1], rest[0]._replace(after=_gap(seen, now)), *rest[1:])


def failed(steps: Steps, started: datetime, now: datetime, code: str, details: str) -> Steps:
    """The steps with a failure now, and nothing after it. ValueError where it has ended already."""
    seen = reached(steps, started, now)
    if seen.step.status in TERMINAL:
        raise ValueError(f"it has ended already: {seen.step.status}")
    return (*steps[: seen.at + 1], Step(Status.FAILED, _gap(seen, now), code, details))


def _step(status: str, after: float | None = 0, code: str | None = None, details: str | None = None) -> Step:
    return Step(status, HELD if after is None else after, code, details)


def _gap(seen: Seen, now: datetime) -> float:
    return max(0.0, (now - seen.since).total_seconds())
