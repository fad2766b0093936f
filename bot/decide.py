"""A person's word on a card: confirm, approve, or stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot import guards
from bot.guards import Situation
from bot.judge import Rules, Ruling, Verdict, Word, judge, judge_approval, judge_together, without_permission
from bot.model import Actor, Snapshot, Surroundings
from bot.notifying import Notifying
from bot.rules import Rulebook
from storage import approvals, audit, cards, deletions, receipts
from storage.database import Database
from storage.lease import Lease
from storage.tables import Action, Approval, Deletion, NoticeKind, State, Why


@dataclass(frozen=True, slots=True)
class Click:
    """Who pressed a button, on which message, for which deletion."""

    actor: Actor
    deletion: str
    channel: str
    ts: str
    trigger: str  # tells this click from all others


@dataclass(frozen=True, slots=True)
class Taken:
    """The click was the one that counted; its card says so."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Looking:
    """AWS is being asked anew; until it has answered, the deletion has this version."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody or something was first; `now` is when the click came."""

    deletion: Deletion
    now: datetime


@dataclass(frozen=True, slots=True)
class NotYours:
    """Only the asker can confirm."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The gate says no; `wanted` is the right that is missing."""

    deletion: Deletion
    verdict: Verdict
    wanted: Action = Action.DELETE


@dataclass(frozen=True, slots=True)
class ApprovedBefore:
    """Each person's word counts once, and they have given it."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class ToType:
    """Who approves has to type the snapshot's name."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody else than the asker stopped it, and may say why."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who clicked belongs to another workspace than the deletion."""


@dataclass(frozen=True, slots=True)
class NotOurs:
    """There is no such deletion, or the message is not its card."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same click came before, and was answered then."""


Outcome = (
    Taken | Stopped | Looking | Late | NotYours | Forbidden | ApprovedBefore | ToType | Stranger | NotOurs | Repeated
)
_COUNTED = (Taken, Stopped)
_VALUE_ON_RECORD = 100  # characters of what a button carried that is none of ours


@dataclass(frozen=True, slots=True)
class Deciding:
    """How clicks become decisions; each is committed before anybody is told."""

    database: Database
    lease: Lease
    rulebook: Rulebook
    now: Callable[[], datetime]
    notifying: Notifying = Notifying()  # noqa: RUF009  (it is frozen)

    def confirm(self, click: Click) -> Outcome:
        """Take the asker's word that the snapshot may go.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, click.trigger, now):
                return Repeated()
            deletion = deletions.claim(tx, click.deletion, (State.PENDING,), now)
            outcome = self._confirmed(tx, click, deletion, now) if deletion else None
            outcome = self._told(tx, click, outcome, now)
        if isinstance(outcome, Taken):
            self.lease.wake()
        return outcome

    def approve(self, click: Click, *, has_typed: bool = False) -> Outcome:
        """Take somebody's word that what another asked for may go; the last that is needed decides.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, click.trigger, now):
                return Repeated()
            deletion = deletions.claim(tx, click.deletion, (State.PENDING,), now)
            outcome = self._approved(tx, click, deletion, now, has_typed=has_typed) if deletion else None
            outcome = self._told(tx, click, outcome, now)
        if isinstance(outcome, Taken):
            self.lease.wake()
        return outcome

    def explain(self, number: str, actor: Actor, reason: str) -> bool:
        """Take the reason of who has stopped a deletion; returns whether that was this person, who has given none yet.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            deletion = deletions.claim(tx, number, (State.DENIED,), now)
            if deletion is None or deletion.facts.get("by") != actor.id or deletion.facts.get("reason"):
                return False
            deletions.explain(tx, deletion, at=now, actor=actor.id, by_name=actor.name, reason=reason)
            deletions.tell(tx, deletion, NoticeKind.REASON, at=now, by_name=actor.name, reason=reason)
        self.lease.wake()
        return True

    def stop(self, click: Click) -> Outcome:
        """Take anybody's word, who may see the snapshot, that it stays.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, click.trigger, now):
                return Repeated()
            deletion = deletions.claim(tx, click.deletion, (State.PENDING, State.READY), now)
            outcome = self._stopped(tx, click, deletion, now) if deletion else None
            outcome = self._told(tx, click, outcome, now)
        if isinstance(outcome, _COUNTED):
            self.lease.wake()
        return outcome

    def look(self, click: Click) -> Outcome:
        """Have AWS asked now, and not only when it is time to, for anybody who may see the snapshot.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, click.trigger, now):
                return Repeated()
            deletion = deletions.claim(tx, click.deletion, (State.UNKNOWN,), now)
            outcome = self._looked(tx, click, deletion, now) if deletion else None
            outcome = self._told(tx, click, outcome, now)
        if isinstance(outcome, Late) and outcome.deletion.intended_at is None:  # no card of it ever had that button
            return NotOurs()
        if isinstance(outcome, Looking):
            self.lease.wake()
        return outcome

    def _confirmed(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        if deletion.requester_id != click.actor.id:
            return NotYours(deletion)
        rules = self.rulebook.rules(tx, deletion.team_id, now)
        verdict = judge(rules, click.actor.id, self._as_shown(tx, deletion, now))
        if not verdict.allowed:
            return Forbidden(deletion, verdict)
        self._ready(tx, deletion, rules, click.actor, now)
        deletions.tell(tx, deletion, NoticeKind.CONFIRMED, at=now, by=click.actor.id)
        return Taken(deletion)

    def _approved(self, tx: Session, click: Click, deletion: Deletion, now: datetime, *, has_typed: bool) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        rules, situation = self.rulebook.rules(tx, deletion.team_id, now), self._as_shown(tx, deletion, now)
        approval = judge_approval(rules, click.actor.id, deletion.requester_id, situation)
        if not approval.allowed:
            return Forbidden(deletion, approval, Action.APPROVE)
        if deletion.is_typed and not has_typed:
            return ToType(deletion)
        word = Approval(
            deletion_id=deletion.id,
            person_id=click.actor.id,
            person_name=click.actor.name,
            has_typed=has_typed,
            at=now,
        )
        if not approvals.add(tx, word):
            return ApprovedBefore(deletion)
        deletions.approve(tx, deletion, word)
        deletions.tell(
            tx,
            deletion,
            NoticeKind.APPROVED,
            at=now,
            by_name=click.actor.name,
            given=str(len(deletion.approved_by)),
            needed=str(deletion.approvals_needed),
        )
        words = [Word(one.person_id, one.has_typed) for one in approvals.of(tx, deletion.id)]
        verdict = judge_together(rules, deletion.requester_id, words, situation)
        if verdict.allowed:
            self._ready(tx, deletion, rules, click.actor, now)
        elif verdict.ruling is Ruling.REFUSED:  # who asked may not any more
            facts = verdict.facts(deletion.requester_id)
            deletions.end(tx, deletion, State.REFUSED, Why.FORBIDDEN, at=now, **facts)
            self.notifying.outcome(tx, deletion, now)
        return Taken(deletion)

    def _ready(self, tx: Session, deletion: Deletion, rules: Rules, by: Actor, now: datetime) -> None:
        """It is decided; the call waits for the time in which it can still be stopped."""
        run_at = now + guards.grace(Snapshot.from_json(deletion.snapshot), rules.guarding)
        deletions.move(
            tx,
            deletion,
            State.READY,
            at=now,
            actor=by.id,
            decided_by=by.id,
            decided_name=by.name,
            decided_at=now,
            run_at=run_at,
            due_at=run_at,
        )

    def _stopped(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        if refused := self._not_for(tx, click, deletion, now):
            return refused
        is_asker = click.actor.id == deletion.requester_id
        state = State.CANCELLED if is_asker else State.DENIED
        facts = {"by": click.actor.id, "by_name": click.actor.name}
        deletions.end(tx, deletion, state, Why.PERSON, at=now, actor=click.actor.id, **facts)
        self.notifying.outcome(tx, deletion, now)
        return Taken(deletion) if is_asker else Stopped(deletion)

    def _looked(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        if refused := self._not_for(tx, click, deletion, now):
            return refused
        deletions.look_again(tx, deletion, now, shown=True)
        return Looking(deletion)

    def _not_for(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Forbidden | None:
        """Whether the person is neither the asker nor somebody who may see the snapshot."""
        rules = self.rulebook.rules(tx, deletion.team_id, now)
        view = rules.policy.may_view(click.actor.id, Snapshot.from_json(deletion.snapshot))
        if click.actor.id == deletion.requester_id or view.allowed:
            return None
        return Forbidden(deletion, without_permission(rules, click.actor.id, view.by), Action.VIEW)

    def _as_shown(self, tx: Session, deletion: Deletion, now: datetime) -> Situation:
        """The situation, as far as AWS is concerned as it was when it was asked: AWS is looked at before the call."""
        shown, around = Snapshot.from_json(deletion.snapshot), Surroundings.from_json(deletion.surroundings)
        return self.rulebook.of(tx, deletion, shown, around, now)

    def _told(self, tx: Session, click: Click, outcome: Outcome | None, now: datetime) -> Outcome:
        """The outcome, on the record; where nothing could be claimed, who was first."""
        standing = deletions.get(tx, click.deletion)
        if standing is None:
            facts = {"value": click.deletion[:_VALUE_ON_RECORD]}
            audit.record(tx, at=now, team=click.actor.team, actor=click.actor.id, event="click_unknown", **facts)
            return NotOurs()
        if outcome is None:
            is_on_its_way = (
                standing.state is State.ASKING and standing.team_id == click.actor.team
            )  # to us, with its ts
            outcome = (None if is_on_its_way else _not_here(tx, click, standing)) or Late(standing, now)
        if not isinstance(outcome, _COUNTED):
            event = f"click_{type(outcome).__name__.lower()}"
            audit.of_deletion(tx, standing, at=now, actor=click.actor.id, event=event)
        return outcome


def _not_here(tx: Session, click: Click, deletion: Deletion) -> Stranger | NotOurs | None:
    """Why the click can't be about the deletion: a button's value alone proves nothing."""
    card = cards.at(tx, click.channel, click.ts)
    if card is None or card.deletion_id != deletion.id:
        return NotOurs()
    return Stranger() if click.actor.team != deletion.team_id else None
