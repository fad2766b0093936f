"""Work side by side in threads that keep nobody from leaving: what waits for a name server may wait for long."""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def ended(
    work: Mapping[K, Callable[[], V]], name: str, within: float = math.inf
) -> Iterator[tuple[K, Callable[[], V]]]:
    """Begin all of it at once; yields each key with what returns its result, or raises, as they end.

    After `within` seconds, what has not ended is not waited for.
    """
    end = time.monotonic() + within
    ends: queue.SimpleQueue[tuple[K, Callable[[], V]]] = queue.SimpleQueue()
    for key, do in work.items():
        threading.Thread(target=_run, args=(ends, key, do), name=f"doctor-{name}", daemon=True).start()
    for _ in work:
        try:
            yield ends.get(timeout=None if within == math.inf else max(0.0, end - time.monotonic()))
        except queue.Empty:
            return


def results(work: Mapping[K, Callable[[], V]], name: str) -> dict[K, V]:
    """What came of each, once all have ended; what one of them raised is raised."""
    done = {key: result() for key, result in ended(work, name)}
    return {key: done[key] for key in work}


def _run(ends: "queue.SimpleQueue[tuple[K, Callable[[], V]]]", key: K, do: Callable[[], V]) -> None:
    try:
        value = do()
    except Exception as error:  # noqa: BLE001  (it is raised where the result is wanted)
        ends.put((key, _raising(error)))
    else:
        ends.put((key, lambda: value))


def _raising(error: Exception) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise error

    return fail
