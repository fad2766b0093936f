"""A switch that makes calls to Slack, or its deliveries, go wrong: once or a few times, all or some of them."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox.slack.wire import Json

# Names under which faults befall what is no method of the Web API.
RESPONSE_URL = "response_url"
UPLOAD = "upload"  # the bytes of a file
DELIVERY = "delivery"  # what Slack sends to the app

_CHANNELS = ("channel", "channel_id", "channels")


class Garbled(StrEnum):
    """An answer that is not what the client expects."""

    PAGE = "page"  # HTML, as a proxy or a server in maintenance says it
    CUT = "cut"  # JSON that ends in the middle


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call.

    `error`, `status` and `retry_after` (seconds) refuse it, `lost` closes the connection without an answer,
    `garbled` answers it with something else (and with `status`, if there is one), and `seconds` keep the answer back.
    What is lost, garbled or late was accepted, unless `accepted` is false. A delivery can be `lost`, or made `twice`.
    `when` says of a call's arguments, or of a delivery's fields, whether it is meant.
    """

    error: str | None = None
    status: int | None = None
    retry_after: int | None = None
    lost: bool = False
    seconds: float = 0.0
    accepted: bool = True
    garbled: Garbled | None = None
    twice: bool = False
    when: Callable[[Json], bool] | None = None

    def is_meant_for(self, arguments: Json) -> bool:
        """Whether a call with these arguments is one that it befalls."""
        return self.when is None or self.when(arguments)


def about(when: Callable[[Json], bool] | str | None) -> Callable[[Json], bool] | None:
    """A condition as it was given: a function of a call's arguments, or the id of the channel that they name."""
    if not isinstance(when, str):
        return when
    channel = when
    return lambda arguments: any(channel in str(arguments.get(name)).split(",") for name in _CHANNELS)


@dataclass
class _Armed:
    fault: Fault
    left: int


class Faults:
    """The faults to come, by method; of those that are meant for a call, the first in is the first out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: defaultdict[str, list[_Armed]] = defaultdict(list)

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let this befall the next calls of the method that it is meant for."""
        with self._lock:
            self._coming[method].append(_Armed(fault, times))

    def take(self, method: str, arguments: Json) -> Fault | None:
        """What befalls this call, if anything."""
        with self._lock:
            for armed in self._coming[method]:
                if armed.left > 0 and armed.fault.is_meant_for(arguments):
                    armed.left -= 1
                    return armed.fault
            return None

    def armed(self) -> dict[str, int]:
        """How many faults have not happened yet, by method; methods without any are left out."""
        with self._lock:
            left = {method: sum(armed.left for armed in coming) for method, coming in self._coming.items()}
            return {method: count for method, count in left.items() if count}

    def clear(self) -> None:
        """Forget all that has not happened yet."""
        with self._lock:
            self._coming.clear()
