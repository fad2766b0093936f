"""What must not go, or not on one person's word, without I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.model import Freeze, Snapshot, Surroundings, TagList
from bot.scoped import Scoped

DAY = timedelta(days=1)


class Guard(StrEnum):
    """What can stand in the way of a deletion."""

    FROZEN = "frozen"  # somebody has stopped everything
    PROTECTED = "protected"  # a tag says so; no permission overrides it
    NOT_AVAILABLE = "not_available"  # AWS is not done with it
    TOO_YOUNG = "too_young"
    DAILY_LIMIT = "daily_limit"  # of the person who asks
    LAST = "last"  # of its instance
    APPROVAL_TAG = "approval_tag"

    @property
    def refuses(self) -> bool:
        """Whether nobody's word helps; else a second person's does."""
        return self not in (Guard.LAST, Guard.APPROVAL_TAG)


@dataclass(frozen=True, slots=True)
class Guarding:
    """What the guards go by."""

    protected_tags: TagList = ()
    approval_tags: TagList = ()
    guards_last: bool = True
    guards_state: bool = True
    min_age: Scoped[timedelta] = field(default_factory=lambda: Scoped(timedelta()))
    daily_limit: Scoped[int | None] = field(default_factory=lambda: Scoped(None))
    min_approvals: Scoped[int] = field(default_factory=lambda: Scoped(1))
    grace_period: Scoped[timedelta] = field(default_factory=lambda: Scoped(timedelta()))


@dataclass(frozen=True, slots=True)
class Situation:
    """A snapshot, and all that counts about it at one moment."""

    snapshot: Snapshot
    around: Surroundings
    now: datetime
    going: frozenset[str] = frozenset()  # ARNs of others whose deletion is decided: they count as gone
    asked_today: int = 0  # others that the asker asked for in the last 24 hours, and that came true or may
    freeze: Freeze | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """A guard that stands in the way, and the facts it goes by; `fact` is the one that is always told."""

    guard: Guard
    fact: str
    more: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """As JSON can hold it; `from_json` reads it back."""
        return {"guard": self.guard.value, "fact": self.fact, "more": dict(self.more)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Objection":
        """Read back what `to_json` gave."""
        return cls(Guard(stored["guard"]), stored["fact"], stored["more"])


def objections(situation: Situation, guarding: Guarding) -> list[Objection]:
    """Every guard that objects to deleting the snapshot; those that refuse come first."""
    return [objection for guard in _GUARDS for objection in guard(situation, guarding)]


def is_on(guard: Guard, snapshot: Snapshot, guarding: Guarding) -> bool:
    """Whether a guard watches over the snapshot at all."""
    match guard:
        case Guard.FROZEN:
            return True
        case Guard.PROTECTED:
            return bool(guarding.protected_tags)
        case Guard.NOT_AVAILABLE:
            return guarding.guards_state
        case Guard.TOO_YOUNG:
            return max(guarding.min_age.of(snapshot)) > timedelta()
        case Guard.DAILY_LIMIT:
            return any(limit is not None for limit in guarding.daily_limit.of(snapshot))
        case Guard.LAST:
            return guarding.guards_last
        case Guard.APPROVAL_TAG:
            return bool(guarding.approval_tags)


def approvals_needed(snapshot: Snapshot, guarding: Guarding) -> int:
    """How many others have to agree, where one has to."""
    return max(guarding.min_approvals.of(snapshot))


def grace(snapshot: Snapshot, guarding: Guarding) -> timedelta:
    """How long a decided deletion waits, so that it can still be stopped."""
    return max(guarding.grace_period.of(snapshot))


def tags_among(snapshot: Snapshot, wanted: TagList) -> list[str]:
    """The snapshot's tags that are wanted. Case does not matter: `No_Delete` was meant, too."""
    pairs = {(key.casefold(), value and value.casefold()) for key, value in wanted}
    return [
        f"{key}={value}" if value else key
        for key, value in snapshot.tags.items()
        if pairs & {(key.casefold(), None), (key.casefold(), value.casefold())}
    ]


def _frozen(situation: Situation, _: Guarding) -> Iterator[Objection]:
    if freeze := situation.freeze:
        more = {"by": freeze.by_name, "since": freeze.since.isoformat()}
        yield Objection(Guard.FROZEN, freeze.reason, more)


def _protected(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    for tag in tags_among(situation.snapshot, guarding.protected_tags):
        yield Objection(Guard.PROTECTED, tag)


def _not_available(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    if guarding.guards_state and situation.snapshot.state != "available":
        yield Objection(Guard.NOT_AVAILABLE, situation.snapshot.state)


def _too_young(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    age = max(guarding.min_age.of(situation.snapshot))
    until = situation.snapshot.created_at + age
    if age and situation.now < until:  # without a limit a clock of AWS that is ahead must not matter
        yield Objection(Guard.TOO_YOUNG, until.isoformat())


def _daily_limit(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    limits = [limit for limit in guarding.daily_limit.of(situation.snapshot) if limit is not None]
    if limits and situation.asked_today >= min(limits):
        yield Objection(Guard.DAILY_LIMIT, str(min(limits)))


def _last(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    """Snapshots whose deletion is decided count as gone, so that two cards can't take the last two together."""
    instance, others = situation.snapshot.instance_name, situation.around.siblings
    if guarding.guards_last and instance and others is not None and situation.going.issuperset(others):
        exists = {True: "yes", False: "no", None: ""}[situation.around.instance_exists]
        yield Objection(Guard.LAST, instance, {"exists": exists, "automatic": str(situation.around.automatic or 0)})


def _approval_tag(situation: Situation, guarding: Guarding) -> Iterator[Objection]:
    for tag in tags_among(situation.snapshot, guarding.approval_tags):
        yield Objection(Guard.APPROVAL_TAG, tag)


_GUARDS = (_frozen, _protected, _not_available, _too_young, _daily_limit, _last, _approval_tag)
