"""A connection to PostgreSQL on which nobody waits without end for a server that takes everything and says nothing."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
_turns = threading.local()


@contextmanager
def answers_within(seconds: float) -> Iterator[None]:
    """Have this thread wait so long, all in all, for answers of the database within the block.

    Nothing else would notice such a server: the kernel sees a peer that takes every packet, and time-outs of a
    statement are the server's own.
    """
    before = _until()
    _turns.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _turns.until = before


def _until() -> float:
    return float(getattr(_turns, "until", float("inf")))


class Connection(psycopg.Connection[Any]):
    """psycopg's, which breaks off when this thread has waited long enough; what it was about to do is not known then.

    A process that was paused finds the answer that came meanwhile: it is looked for before the time is.
    """

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> "Connection":  # noqa: ANN401  (as psycopg's)
        """See psycopg. Takes two seconds at most, with `connect_timeout` at its least, and none when time is up."""
        if time.monotonic() > _until():
            raise psycopg.OperationalError("no time is left to connect")
        return super().connect(*args, **kwargs)

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401  (as psycopg's)
        """See psycopg, which asks now and then whether to go on."""
        return super().wait(self._while_there_is_time(gen), *args, **kwargs)

    def _while_there_is_time(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        try:
            wanted = next(gen)
            while True:
                is_ready = yield wanted
                if not is_ready and time.monotonic() > _until():
                    self.close()
                    raise psycopg.OperationalError("the database did not answer in time")
                wanted = gen.send(is_ready)
        except StopIteration as end:
            result: T = end.value
            return result
