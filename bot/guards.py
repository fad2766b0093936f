"""What must not go, or not on one person's word, without I/O."""

from dataclasses import dataclass
from enum import StrEnum

from bot.model import Snapshot, TagList


class Guard(StrEnum):
    """What can stand in the way of a deletion."""

    PROTECTED = "protected"  # a tag says so; no permission overrides it
    NOT_AVAILABLE = "not_available"  # AWS is not done with it


@dataclass(frozen=True, slots=True)
class Objection:
    """A guard that stands in the way, and the fact it goes by."""

    guard: Guard
    fact: str


def objections(snapshot: Snapshot, protected_tags: TagList) -> list[Objection]:
    """Every guard that objects to deleting the snapshot."""
    found = [Objection(Guard.PROTECTED, tag) for tag in _protecting(snapshot, protected_tags)]
    if snapshot.state != "available":
        found.append(Objection(Guard.NOT_AVAILABLE, snapshot.state))
    return found


def _protecting(snapshot: Snapshot, protected_tags: TagList) -> list[str]:
    """The tags that protect. Case does not matter: `No_Delete` was meant to protect, too."""
    wanted = {(key.casefold(), value and value.casefold()) for key, value in protected_tags}
    return [
        f"{key}={value}" if value else key
        for key, value in snapshot.tags.items()
        if wanted & {(key.casefold(), None), (key.casefold(), value.casefold())}
    ]
