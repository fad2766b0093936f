"""How fast Slack may be written to: buckets that refill, and pauses that it asks for. No I/O."""

import threading
from collections.abc import Callable
from enum import StrEnum

# About a message a second and channel, short bursts allowed; about 50 edits a minute, and as many looks.
# Source: https://docs.slack.dev/apis/web-api/rate-limits
PER_SECOND, BURST = 1.0, 5
EDITS_PER_SECOND, EDIT_BURST = 40 / 60, 10
LOOKS_PER_SECOND, LOOK_BURST = 40 / 60, 10


class Bucket:
    """So many at once, so many a second."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._clock = clock
        self._left = self._burst
        self._at = clock()

    def take(self) -> float:
        """Take one, and return 0.0; or else return in how many seconds there will be one."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self._per_second


class Kind(StrEnum):
    """What Slack counts by itself."""

    MESSAGE = "message"
    EDIT = "edit"
    LOOK = "look"


class Pace:
    """The pace of one workspace: a bucket a channel for messages, one for all edits and one for all looks.

    Pauses are for a channel and a kind of call.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._channels: dict[str, Bucket] = {}
        self._shared = {
            Kind.EDIT: Bucket(EDITS_PER_SECOND, EDIT_BURST, clock),
            Kind.LOOK: Bucket(LOOKS_PER_SECOND, LOOK_BURST, clock),
        }
        self._paused: dict[tuple[str, Kind], float] = {}

    def take(self, channel: str, kind: Kind) -> float:
        """Take a turn, and return 0.0; or else return in how many seconds to ask again."""
        with self._lock:
            paused = self._paused.get((channel, kind), 0.0) - self._clock()
            return paused if paused > 0 else self._bucket(channel, kind).take()

    def pause(self, channel: str, seconds: float, kind: Kind) -> None:
        """Slack asked to wait: this channel does, for this kind of call, and nothing else. Never shortens a pause."""
        with self._lock:
            until = self._clock() + seconds
            self._paused[channel, kind] = max(until, self._paused.get((channel, kind), 0.0))

    def paused(self, kind: Kind) -> dict[str, float]:
        """The channels that wait, and for how many seconds yet."""
        with self._lock:
            now = self._clock()
            self._paused = {key: until for key, until in self._paused.items() if until > now}
            return {channel: until - now for (channel, of), until in self._paused.items() if of is kind}

    def _bucket(self, channel: str, kind: Kind) -> Bucket:
        return self._shared.get(kind) or self._channels.setdefault(channel, Bucket(PER_SECOND, BURST, self._clock))
