"""A switch that makes a method of the Web API fail, once or a few times."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    `error`, `status` and `retry_after` (seconds) refuse it, `lost` closes the connection without an answer,
    and `seconds` keep the answer back. What is lost or late was accepted, unless `accepted` is false.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    lost: bool = False
    seconds: float = 0.0
    accepted: bool = True


class Faults:
    """The faults to come, by method, first in, first out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let this befall the next calls of the method."""
        with self._lock:
            self._coming[method].extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        """What befalls this call, if anything."""
        with self._lock:
            return self._coming[method].popleft() if self._coming[method] else None

    def clear(self) -> None:
        """Forget all that has not happened yet."""
        with self._lock:
            self._coming.clear()
