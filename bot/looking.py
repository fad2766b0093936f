"""What a snapshot is, what guards it, and who may do what to it: looked up, changing nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import ask, guards
from bot.ask import Asking, Request
from bot.attributes import Carried
from bot.behalf import of_person
from bot.errors import AwsError
from bot.guards import Guarding, Objection
from bot.judge import Ground, Rules, Ruling, Verdict, judge, judge_approval, without_permission
from bot.model import Snapshot, Surroundings
from bot.permitting import NotAdmin
from bot.policy import Right
from storage import deletions, history
from storage.tables import Action, CardCopy, Deletion, Permission

_NOBODY = ""


@dataclass(frozen=True, slots=True)
class ByTags:
    """What goes by tags when somebody wants a snapshot deleted: the bot's own rules, and AWS's."""

    guarding: Guarding
    rows: Sequence[Permission]  # that are about the subject, and ask for tags
    carried: Carried | None = None  # what AWS would be told of the subject, where it decides for each


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether somebody may do something to a snapshot, and what decides; `snapshot` is none for what has none."""

    subject: str
    action: Action
    snapshot: Snapshot | None
    verdict: Verdict
    objections: Sequence[Objection] = ()  # of guards, whatever permissions say
    by_tags: ByTags | None = None  # what goes by tags


@dataclass(frozen=True, slots=True)
class Shown:
    """A snapshot with what is around it, and the deletion that is going on, if one is."""

    snapshot: Snapshot
    around: Surroundings
    siblings: Sequence[Snapshot]
    objections: Sequence[Objection]
    guarding: Guarding
    deletion: Deletion | None
    card: CardCopy | None


@dataclass(frozen=True, slots=True)
class Looking:
    """How people look."""

    asking: Asking
    has_role: bool = False  # one that is assumed for each deletion

    def can(self, subject: str, action: Action, request: Request) -> Judged | NotAdmin | ask.Answer:
        """Whether the subject may do it; of others, for admins alone."""
        actor = request.actor
        rules, request = self._begun(request)
        if subject != actor.id and not rules.policy.is_admin(actor.id):
            return NotAdmin(without_permission(rules, actor.id))
        if action is Action.ADMIN:
            is_admin = rules.policy.is_admin(subject)
            return Judged(subject, action, None, _verdict(rules, subject, Right(allowed=is_admin)))
        found = self.asking.look_up(request, rules)
        if not isinstance(found, Snapshot):
            return found
        around = self._around(found)
        with self.asking.database.reading() as tx:
            now = self.asking.now()
            situation = self.asking.rulebook.asked(tx, actor.team, subject, found, around, now)
            carried = of_person(tx, actor.team, subject, now) if self.has_role else None
        match action:
            case Action.VIEW:
                verdict = _verdict(rules, subject, rules.policy.may_view(subject, found))
            case Action.APPROVE:
                verdict = judge_approval(rules, subject, _NOBODY, situation)
            case _:
                verdict = judge(rules, subject, situation)
        about_view = action is Action.VIEW
        objections = [] if about_view else guards.objections(situation, rules.guarding)
        if action not in (Action.DELETE, Action.REQUEST):
            return Judged(subject, action, found, verdict, objections)
        rows = [row for row in rules.policy.rows_about(subject, action) if row.tags]
        return Judged(subject, action, found, verdict, objections, ByTags(rules.guarding, rows, carried))

    def show(self, request: Request) -> Shown | ask.Answer:
        """The snapshot with all that AWS has."""
        rules, request = self._begun(request)
        found = self.asking.look_up(request, rules)
        if not isinstance(found, Snapshot):
            return found
        try:
            around = self.asking.snapshots.around(found)
            listed = self.asking.snapshots.names([found.region]) if found.instance_name else []
        except AwsError as error:
            return ask.RegionsSilent(request, {found.region: error})
        same = (one for one in listed if one.instance_name == found.instance_name and one.arn != found.arn)
        seen = [one for one in same if rules.policy.may_view(request.actor.id, one).allowed]
        siblings = sorted(seen, key=lambda one: one.created_at, reverse=True)
        with self.asking.database.reading() as tx:
            team, now = request.actor.team, self.asking.now()
            situation = self.asking.rulebook.asked(tx, team, request.actor.id, found, around, now)
            live = deletions.live(tx, found.arn)
            card = history.cards(tx, [live.id]).get(live.id) if live else None
        return Shown(found, around, siblings, guards.objections(situation, rules.guarding), rules.guarding, live, card)

    def _begun(self, request: Request) -> tuple[Rules, Request]:
        with self.asking.database.reading() as tx:
            request = ask.by_number(tx, request)
            return self.asking.rulebook.rules(tx, request.actor.team, self.asking.now()), request

    def _around(self, snapshot: Snapshot) -> Surroundings:
        """What is around it, as far as AWS says: a question is answered as well as can be."""
        try:
            return self.asking.snapshots.around(snapshot)
        except AwsError:
            return Surroundings()


def _verdict(rules: Rules, subject: str, right: Right) -> Verdict:
    if right.allowed:
        return Verdict(Ruling.ALLOWED, Ground.PERMITTED, row=right.by)
    return without_permission(rules, subject, right.by)
