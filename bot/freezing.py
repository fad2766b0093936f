"""Has deletions stop for everybody, and go on again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.judge import Verdict, without_permission
from bot.model import Actor
from bot.notifying import Notifying
from bot.rules import Rulebook
from storage import audit, deletions, freezes, receipts
from storage.database import Database
from storage.tables import Action, Freeze, NoticeKind


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing is begun any more; these are with AWS already, and can't be stopped."""

    freeze: Freeze
    with_aws: Sequence[str]


@dataclass(frozen=True, slots=True)
class FrozenBefore:
    """Somebody else did it before."""

    freeze: Freeze


@dataclass(frozen=True, slots=True)
class Unfrozen:
    """Deletions go on."""

    freeze: Freeze


@dataclass(frozen=True, slots=True)
class NotFrozen:
    """There is no freeze to end."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The person may not; `wanted` is the right that is missing."""

    verdict: Verdict
    wanted: Action


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same command came before, and was answered then."""


Answer = Frozen | FrozenBefore | Unfrozen | NotFrozen | NotAllowed | Repeated


@dataclass(frozen=True, slots=True)
class Freezing:
    """How people freeze and unfreeze; each is committed before anybody is told."""

    database: Database
    rulebook: Rulebook
    now: Callable[[], datetime]
    wake: Callable[[], None]
    notifying: Notifying = Notifying()  # noqa: RUF009  (it is frozen)

    def freeze(self, actor: Actor, channel: str, trigger: str, reason: str) -> Answer:
        """Stop everything that AWS has not been asked for yet; for whoever may ask for any deletion, and for admins.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, trigger, now):
                return Repeated()
            policy = (rules := self.rulebook.rules(tx, actor.team, now)).policy
            if not policy.could_ever(actor.id, Action.REQUEST) and not policy.is_admin(actor.id):
                return self._refused(tx, actor, without_permission(rules, actor.id), Action.REQUEST, now)
            wanted = Freeze(team_id=actor.team, by=actor.id, by_name=actor.name, reason=reason, began_at=now)
            freeze = freezes.begin(tx, wanted)
            if freeze is not wanted:
                return FrozenBefore(freeze)
            with_aws = deletions.with_aws(tx, actor.team)
            self._tell(tx, NoticeKind.FROZEN, actor, channel, trigger, now, reason=reason, ids=", ".join(with_aws))
        self.wake()
        return Frozen(freeze, with_aws)

    def unfreeze(self, actor: Actor, channel: str, trigger: str) -> Answer:
        """Have deletions go on; for admins.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, trigger, now):
                return Repeated()
            rules = self.rulebook.rules(tx, actor.team, now)
            if not rules.policy.is_admin(actor.id):
                return self._refused(tx, actor, without_permission(rules, actor.id), Action.ADMIN, now)
            freeze = freezes.end(tx, actor.team, by=actor.id, by_name=actor.name, now=now)
            if freeze is None:
                return NotFrozen()
            self._tell(tx, NoticeKind.UNFROZEN, actor, channel, trigger, now)
        self.wake()
        return Unfrozen(freeze)

    def _refused(self, tx: Session, actor: Actor, verdict: Verdict, wanted: Action, now: datetime) -> NotAllowed:
        event = "freeze_refused" if wanted is Action.REQUEST else "unfreeze_refused"
        audit.record(tx, at=now, team=actor.team, actor=actor.id, event=event, ground=verdict.ground)
        return NotAllowed(verdict, wanted)

    def _tell(
        self, tx: Session, kind: NoticeKind, actor: Actor, channel: str, trigger: str, now: datetime, **facts: str
    ) -> None:
        self.notifying.freeze(tx, kind, channel, key=f"{kind}/{trigger}", at=now, by_name=actor.name, **facts)
