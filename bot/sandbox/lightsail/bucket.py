"""A rate limit as a token bucket: tokens come with time, and each call takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Bucket:
    """Full at first. ValueError for a rate or a size that lets nothing through."""

    def __init__(self, per_second: float, burst: float) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a limit lets something through: a rate above 0, a burst of 1 or more")
        self._per_second = per_second
        self._burst = burst
        self._tokens = burst
        self._filled_at: datetime | None = None

    def take(self, now: datetime) -> float:
        """Take a token; the seconds until there is one where there is none, else 0."""
        passed = (now - self._filled_at).total_seconds() if self._filled_at else 0
        self._filled_at = now
        self._tokens = min(self._burst, self._tokens + max(0.0, passed) * self._per_second)
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0
