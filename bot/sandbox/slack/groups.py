"""User groups, such as @admins: lists of people that are mentioned together."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Group:
    """A user group; `members` are user ids, times are in seconds since 1970, `deleted` 0 unless it was disabled."""

    id: str
    name: str
    handle: str
    members: tuple[str, ...]
    created: int
    updated: int
    deleted: int = 0


class Groups:
    """The user groups of a workspace, by name."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float]) -> None:
        self._workspace = workspace
        self._clock = clock
        self._lock = threading.Lock()
        self._groups: dict[str, Group] = {}

    def group(self, name: str, members: Iterable[str] | None, *, disabled: bool | None) -> Group:
        """The group of this name, made now if it is new, with these members instead of those it had."""
        moment = int(self._clock())
        with self._lock:
            group = self._groups.get(name) or self._new(name, moment)
            if members is not None:
                group = replace(group, members=tuple(dict.fromkeys(members)), updated=moment)
            if disabled is not None:
                group = replace(group, deleted=moment if disabled else 0, updated=moment)
            self._groups[name] = group
        self._workspace.touch()
        return group

    def all(self) -> list[Group]:
        """Every group, disabled ones too, in the order they were made."""
        with self._lock:
            return list(self._groups.values())

    def _new(self, name: str, moment: int) -> Group:
        group = Group(self._workspace.free_id("S", name), name, "-".join(name.lower().split()), (), moment, moment)
        self._workspace.call(group.id, group.handle)
        return group
