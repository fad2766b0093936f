"""The one gate: permissions and guards to a verdict, without I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import guards, policy
from bot.guards import Objection
from bot.model import Snapshot, TagList
from storage.tables import Action, Permission


class Ruling(StrEnum):
    """What the gate says."""

    ALLOWED = "allowed"
    SECOND_PERSON = "second_person"
    REFUSED = "refused"


class Ground(StrEnum):
    """Why it says so."""

    PERMITTED = "permitted"
    FRESH_BOT = "fresh_bot"  # nobody has permissions yet
    NO_PERMISSION = "no_permission"
    DENIED = "denied"  # a row takes the right away
    ADMIN_ONLY = "admin_only"  # admins hand out permissions; they don't delete
    REQUEST_ONLY = "request_only"  # may ask, but not confirm
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate goes by at one moment."""

    permissions: Sequence[Permission]
    admins: frozenset[str]
    protected_tags: TagList


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling with its ground, and what is needed to put it in words."""

    ruling: Ruling
    ground: Ground
    objection: Objection | None = None
    row: Permission | None = None
    ask: tuple[str, ...] = ()  # admins who could change it

    @property
    def allowed(self) -> bool:
        """Whether one person's word is enough."""
        return self.ruling is Ruling.ALLOWED


def judge(rules: Rules, person: str, snapshot: Snapshot) -> Verdict:
    """Whether the person may delete the snapshot on their own word."""
    if objection := next(iter(guards.objections(snapshot, rules.protected_tags)), None):
        view = policy.may_view(rules.permissions, rules.admins, person, snapshot)
        if not view.allowed:
            return without_permission(rules, person, view.by)
        return Verdict(Ruling.REFUSED, Ground.GUARD, objection=objection)
    delete = policy.right(rules.permissions, person, Action.DELETE, snapshot)
    if delete.allowed:
        return Verdict(Ruling.ALLOWED, Ground.PERMITTED, row=delete.by)
    if policy.right(rules.permissions, person, Action.REQUEST, snapshot).allowed:
        return Verdict(Ruling.SECOND_PERSON, Ground.REQUEST_ONLY, row=delete.by, ask=_helpers(rules))
    return without_permission(rules, person, delete.by)


def without_permission(rules: Rules, person: str, deny: Permission | None = None) -> Verdict:
    """The refusal of somebody who has no right, with the way forward that fits them."""
    if not rules.permissions and not rules.admins:
        return Verdict(Ruling.REFUSED, Ground.FRESH_BOT)
    if deny is not None:
        return Verdict(Ruling.REFUSED, Ground.DENIED, row=deny, ask=_helpers(rules))
    if policy.is_admin(rules.permissions, rules.admins, person):
        return Verdict(Ruling.REFUSED, Ground.ADMIN_ONLY)
    return Verdict(Ruling.REFUSED, Ground.NO_PERMISSION, ask=_helpers(rules))


def _helpers(rules: Rules) -> tuple[str, ...]:
    return tuple(policy.admins_of(rules.permissions, rules.admins))
