"""What there is one of in each region, made when it is first needed."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TypeVar

T = TypeVar("T")


class ByRegion(dict[str, T]):
    """Those of `regions` are made at once, the others when a deletion that was begun there is gone on with.

    `making` is the lock under which they are made.
    """

    def __init__(
        self, make: Callable[[str], T], making: AbstractContextManager[bool], regions: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self._make = make
        self._making = making
        for region in regions:
            self[region]

    def __missing__(self, region: str) -> T:
        with self._making:
            if region not in self:
                self[region] = self._make(region)
            return self[region]
