"""Attributes of people and groups are changed, by admins: each change is committed and on the record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.attributes import MOST
from bot.judge import without_permission
from bot.model import Actor
from bot.notifying import Notifying
from bot.permitting import NoSubject, NotAdmin, Repeated, is_nobody
from bot.rules import Rulebook
from storage import attributes, audit, permissions, receipts
from storage.database import Database
from storage.tables import Attribute


@dataclass(frozen=True, slots=True)
class Changed:
    """What the subject has from now on; `put` and `dropped` are what is other than before."""

    subject: str
    now: Mapping[str, str]
    put: Mapping[str, str]
    dropped: Sequence[str]


@dataclass(frozen=True, slots=True)
class TooMany:
    """The subject would have more than AWS is to be told."""

    count: int


@dataclass(frozen=True, slots=True)
class Told:
    """The attributes of the subjects that somebody may see."""

    rows: tuple[Attribute, ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class Attributing:
    """How admins say of people what AWS's rules go by."""

    database: Database
    rulebook: Rulebook
    now: Callable[[], datetime]
    wake: Callable[[], None]
    notifying: Notifying = Notifying()  # noqa: RUF009  (it is frozen)

    def change(
        self, actor: Actor, trigger: str, subject: str, put: Mapping[str, str], drop: Sequence[str]
    ) -> Changed | TooMany | NoSubject | NotAdmin | Repeated:
        """Give a person or group attributes, and take others away.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, trigger, now):
                return Repeated()
            permissions.alone(tx, actor.team)
            rules = self.rulebook.rules(tx, actor.team, now)
            if not rules.policy.is_admin(actor.id):
                audit.record(tx, at=now, team=actor.team, actor=actor.id, event="attributes_refused", subject=subject)
                return NotAdmin(without_permission(rules, actor.id))
            if why := is_nobody(rules, subject):
                return NoSubject(subject, why)
            before = {row.key: row.value for row in attributes.of(tx, actor.team, subject)}
            after = attributes.merged(before, put, drop)
            if len(after) > MOST:
                return TooMany(len(after))
            dropped = sorted(key for key in before if key not in after)
            new = {key: value for key, value in after.items() if before.get(key) != value}
            if new or dropped:
                attributes.change(tx, actor.team, subject, new, dropped, by=actor.id, now=now)
                self.notifying.attributes(tx, subject, new, dropped, at=now, by_name=actor.name)
        self.wake()
        return Changed(subject, after, new, dropped)

    def listed(self, actor: Actor, subject: str | None) -> Told | NotAdmin:
        """Of everybody, or of one subject; who is no admin sees their own and those of their groups."""
        now = self.now()
        with self.database.reading() as tx:
            rules = self.rulebook.rules(tx, actor.team, now)
            rows = attributes.of(tx, actor.team)
        if rules.policy.is_admin(actor.id):
            return Told(tuple(row for row in rows if subject in (None, row.subject)), is_own=False)
        if subject not in (None, actor.id):
            return NotAdmin(without_permission(rules, actor.id))
        mine = {actor.id, "*", *(group for group, who in (rules.policy.groups or {}).items() if actor.id in who)}
        return Told(tuple(row for row in rows if row.subject in mine), is_own=True)
