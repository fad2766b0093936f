"""A setting that can differ by a snapshot's tags or name, such as `0s,env=prod:10m,web-*:5m`. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Generic, TypeVar

from bot.model import Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case(Generic[T]):
    """A value for snapshots with a tag (`env=prod`; `env=` for any value of the key), or with a name that matches."""

    scope: str
    value: T

    def holds(self, snapshot: Snapshot) -> bool:
        """Whether it is about the snapshot. Tags are compared as guards do: in any letter case."""
        key, equals, wanted = self.scope.partition("=")
        if not equals:
            return fnmatchcase(snapshot.name, self.scope)
        tags = {name.casefold(): value.casefold() for name, value in snapshot.tags.items()}
        return key.casefold() in tags and wanted.casefold() in ("", tags[key.casefold()])


@dataclass(frozen=True, slots=True)
class Scoped(Generic[T]):
    """A default, and the cases that take its place."""

    default: T
    cases: tuple[Case[T], ...] = ()

    def of(self, snapshot: Snapshot) -> list[T]:
        """The values of every case that holds, or else the default: the strictest of them counts."""
        return [case.value for case in self.cases if case.holds(snapshot)] or [self.default]


def scoped(text: str, read: Callable[[str], T], default: T) -> Scoped[T]:
    """Read such a setting; `default` counts where it names none.

    Raises:
        ValueError: a part of it can't be read.
    """
    plain: list[T] = []
    cases: list[Case[T]] = []
    for part in filter(None, map(str.strip, text.split(","))):
        scope, colon, value = part.rpartition(":")
        if colon and scope.strip(" ="):
            cases.append(Case(scope.strip(), read(value.strip())))
        elif colon or plain:
            raise ValueError(f"can't be read at “{part}”; it should look like 0s,env=prod:10m,web-*:5m")
        else:
            plain.append(read(part))
    return Scoped(plain[0] if plain else default, tuple(cases))
