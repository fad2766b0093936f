"""The one gate: permissions and guards to a verdict, without I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import guards
from bot.guards import Guard, Guarding, Objection, Situation
from bot.policy import Policy
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
    OWN_REQUEST = "own_request"  # nobody approves their own
    BARRED = "barred"  # deactivated since, a bot, or of another company
    GROUPS_UNKNOWN = "groups_unknown"  # Slack has not said lately who is in which group


@dataclass(frozen=True, slots=True)
class Rules:
    """What the gate goes by at one moment."""

    policy: Policy
    guarding: Guarding


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ruling with its ground, and what is needed to put it in words."""

    ruling: Ruling
    ground: Ground
    objections: Sequence[Objection] = ()  # the guards that stand in the way, the one that decides first
    row: Permission | None = None
    ask: tuple[str, ...] = ()  # admins who could change it
    approvals: int = 0  # how many others have to agree

    @property
    def allowed(self) -> bool:
        """Whether one person's word is enough."""
        return self.ruling is Ruling.ALLOWED

    @property
    def objection(self) -> Objection | None:
        """The guard that decides."""
        return next(iter(self.objections), None)

    def facts(self, person: str) -> dict[str, str]:
        """What is needed to put it in words later."""
        objection = self.objection
        of_guard = {**objection.more, "guard": objection.guard, "fact": objection.fact} if objection else {}
        return {"ground": self.ground, "guard": "", "fact": "", "person": person, **of_guard}

    @property
    def typed(self) -> bool:
        """Whether who approves has to type the name."""
        return self.ruling is Ruling.SECOND_PERSON and any(one.guard is Guard.LAST for one in self.objections)


def judge(rules: Rules, person: str, situation: Situation) -> Verdict:
    """Whether the person may delete the snapshot, and whether on their own word."""
    policy, snapshot = rules.policy, situation.snapshot
    found = guards.objections(situation, rules.guarding)
    if refused := _refused_by_a_guard(rules, person, situation, found):
        return refused
    delete = policy.right(person, Action.DELETE, snapshot)
    if delete.allowed and not found:
        return Verdict(Ruling.ALLOWED, Ground.PERMITTED, row=delete.by)
    if policy.right(person, Action.REQUEST, snapshot).allowed:
        ground = Ground.GUARD if delete.allowed else Ground.REQUEST_ONLY
        needed = guards.approvals_needed(snapshot, rules.guarding)
        return Verdict(Ruling.SECOND_PERSON, ground, found, row=delete.by, ask=_helpers(rules), approvals=needed)
    return without_permission(rules, person, delete.by)


@dataclass(frozen=True, slots=True)
class Word:
    """That somebody has approved, and whether with the snapshot's name typed."""

    person: str
    has_typed: bool = False


def judge_together(rules: Rules, asker: str, words: Sequence[Word], situation: Situation) -> Verdict:
    """Whether the asker may delete the snapshot with the words of others; of these, who may not does not count."""
    verdict = judge(rules, asker, situation)
    if verdict.ruling is not Ruling.SECOND_PERSON:
        return verdict
    counted = [
        word
        for word in words
        if judge_approval(rules, word.person, asker, situation).allowed and (word.has_typed or not verdict.typed)
    ]
    if len({word.person for word in counted}) < verdict.approvals:
        return verdict
    return Verdict(Ruling.ALLOWED, Ground.PERMITTED, verdict.objections, row=verdict.row)


def judge_approval(rules: Rules, person: str, asker: str, situation: Situation) -> Verdict:
    """Whether the person's word counts for what somebody else asked for."""
    found = guards.objections(situation, rules.guarding)
    if refused := _refused_by_a_guard(rules, person, situation, found):
        return refused
    approve = rules.policy.right(person, Action.APPROVE, situation.snapshot)
    if not approve.allowed:
        return without_permission(rules, person, approve.by)
    if person == asker:
        return Verdict(Ruling.REFUSED, Ground.OWN_REQUEST)
    return Verdict(Ruling.ALLOWED, Ground.PERMITTED, found, row=approve.by)


def _refused_by_a_guard(rules: Rules, person: str, situation: Situation, found: Sequence[Objection]) -> Verdict | None:
    """A guard's word is for those who may see what it is about."""
    if not any(one.guard.refuses for one in found):
        return None
    view = rules.policy.may_view(person, situation.snapshot)
    if not view.allowed:
        return without_permission(rules, person, view.by)
    return Verdict(Ruling.REFUSED, Ground.GUARD, found)


def without_permission(rules: Rules, person: str, deny: Permission | None = None) -> Verdict:
    """The refusal of somebody who has no right, with the way forward that fits them."""
    if person in rules.policy.barred:
        return Verdict(Ruling.REFUSED, Ground.BARRED)
    if rules.policy.is_fresh:
        return Verdict(Ruling.REFUSED, Ground.FRESH_BOT)
    if rules.policy.misses_groups:
        return Verdict(Ruling.REFUSED, Ground.GROUPS_UNKNOWN)
    if deny is not None:
        return Verdict(Ruling.REFUSED, Ground.DENIED, row=deny, ask=_helpers(rules))
    if rules.policy.is_admin(person):
        return Verdict(Ruling.REFUSED, Ground.ADMIN_ONLY)
    return Verdict(Ruling.REFUSED, Ground.NO_PERMISSION, ask=_helpers(rules))


def _helpers(rules: Rules) -> tuple[str, ...]:
    return tuple(rules.policy.admins_by_name())
