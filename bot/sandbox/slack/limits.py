"""How often a method may be called: buckets that refill by the workspace's clock, with Slack's tiers as their size.

Source: https://docs.slack.dev/apis/web-api/rate-limits and each method's page. Slack promises at least so many calls a
minute and "bursts" beyond, whose size it does not tell. Here a whole minute's calls may come at once, and then as many
as the bucket refills. What is not told at all is marked below.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(frozen=True)
class Limit:
    """So many calls a minute, and so many at once; `by_channel`: in each channel."""

    per_minute: float
    burst: int
    by_channel: bool = False


def _tier(per_minute: int) -> tuple[Limit, ...]:
    return (Limit(per_minute, per_minute),)


_TIER_2, _TIER_3, _TIER_4 = _tier(20), _tier(50), _tier(100)
_SPECIAL = _tier(600)  # "special rate limits apply", and no number

DEFAULTS = {
    "apps.connections.open": _TIER_3,
    "auth.test": _SPECIAL,
    "chat.delete": _TIER_3,
    "chat.getPermalink": _SPECIAL,
    "chat.postEphemeral": _TIER_4,
    # A message a second and channel is told; how short its "short bursts" are and how wide the workspace is are not.
    "chat.postMessage": (Limit(60, 10, by_channel=True), Limit(600, 600)),
    "chat.update": _TIER_3,
    "conversations.history": _TIER_3,
    "conversations.info": _TIER_3,
    "conversations.join": _TIER_3,
    "conversations.list": _TIER_2,
    "conversations.members": _TIER_4,
    "conversations.open": _TIER_3,
    "conversations.replies": _TIER_3,
    "files.completeUploadExternal": _TIER_4,
    "files.getUploadURLExternal": _TIER_4,
    "files.info": _TIER_4,
    "usergroups.list": _TIER_2,
    "usergroups.users.list": _TIER_2,
    "users.info": _TIER_4,
    "users.list": _TIER_2,
    "views.open": _TIER_4,
    "views.publish": _TIER_4,
    "views.push": _TIER_4,
    "views.update": _TIER_4,
}


@dataclass
class _Bucket:
    left: float
    at: float


class Limits:
    """The limits of every method; those that have none may be called as often as one likes."""

    def __init__(self, clock: Callable[[], float], *, on: bool = True) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._limits = dict(DEFAULTS) if on else {}
        self._buckets: dict[tuple[str, Limit, str], _Bucket] = {}

    def limit(self, method: str, per_minute: float, burst: int) -> None:
        """Let the method be called so often; messages, in each channel."""
        with self._lock:
            self._limits[method] = (Limit(per_minute, burst, by_channel=method == "chat.postMessage"),)

    def off(self) -> None:
        """Limit nothing any more."""
        with self._lock:
            self._limits.clear()

    def take(self, method: str, channel: str) -> int:
        """Count a call, and return 0; or return in how many whole seconds there will be room for one."""
        with self._lock:
            buckets = [(limit, self._filled(method, limit, channel)) for limit in self._limits.get(method, ())]
            waits = [(1 - bucket.left) / limit.per_minute * MINUTE for limit, bucket in buckets if bucket.left < 1]
            if waits:
                return math.ceil(max(waits))
            for _, bucket in buckets:
                bucket.left -= 1
            return 0

    def _filled(self, method: str, limit: Limit, channel: str) -> _Bucket:
        """The bucket as full as it is by now."""
        now = self._clock()
        key = (method, limit, channel if limit.by_channel else "")
        bucket = self._buckets.setdefault(key, _Bucket(float(limit.burst), now))
        bucket.left = min(limit.burst, bucket.left + (now - bucket.at) * limit.per_minute / MINUTE)
        bucket.at = now
        return bucket
