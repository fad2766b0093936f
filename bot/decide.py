"""A person's word on a card: confirm, or stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot import policy
from bot.judge import Verdict, judge, without_permission
from bot.model import Actor, Snapshot
from bot.rules import Rulebook
from storage import audit, cards, deletions, receipts
from storage.database import Database
from storage.lease import Lease
from storage.tables import Action, Deletion, NoticeKind, State, Why


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
class Stranger:
    """Who clicked belongs to another workspace than the deletion."""


@dataclass(frozen=True, slots=True)
class NotOurs:
    """There is no such deletion, or the message is not its card."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same click came before, and was answered then."""


Outcome = Taken | Looking | Late | NotYours | Forbidden | Stranger | NotOurs | Repeated


@dataclass(frozen=True, slots=True)
class Deciding:
    """How clicks become decisions; each is committed before anybody is told."""

    database: Database
    lease: Lease
    rulebook: Rulebook
    now: Callable[[], datetime]

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
        if isinstance(outcome, Taken):
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
        verdict = judge(self.rulebook(tx, deletion.team_id, now), click.actor.id, Snapshot.from_json(deletion.snapshot))
        if not verdict.allowed:
            return Forbidden(deletion, verdict)
        deletions.move(
            tx,
            deletion,
            State.READY,
            at=now,
            actor=click.actor.id,
            decided_by=click.actor.id,
            decided_name=click.actor.name,
            decided_at=now,
            run_at=now,
            due_at=now,
        )
        deletions.tell(tx, deletion, NoticeKind.CONFIRMED, at=now, by=click.actor.id)
        return Taken(deletion)

    def _stopped(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        if refused := self._not_for(tx, click, deletion, now):
            return refused
        is_asker = click.actor.id == deletion.requester_id
        state = State.CANCELLED if is_asker else State.DENIED
        facts = {"by": click.actor.id, "by_name": click.actor.name}
        deletions.end(tx, deletion, state, Why.PERSON, at=now, actor=click.actor.id, **facts)
        return Taken(deletion)

    def _looked(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Outcome:
        if not_here := _not_here(tx, click, deletion):
            return not_here
        if refused := self._not_for(tx, click, deletion, now):
            return refused
        deletions.look_again(tx, deletion, now, shown=True)
        return Looking(deletion)

    def _not_for(self, tx: Session, click: Click, deletion: Deletion, now: datetime) -> Forbidden | None:
        """Whether the person is neither the asker nor somebody who may see the snapshot."""
        rules = self.rulebook(tx, deletion.team_id, now)
        shown = Snapshot.from_json(deletion.snapshot)
        view = policy.may_view(rules.permissions, rules.admins, click.actor.id, shown)
        if click.actor.id == deletion.requester_id or view.allowed:
            return None
        return Forbidden(deletion, without_permission(rules, click.actor.id, view.by), Action.VIEW)

    def _told(self, tx: Session, click: Click, outcome: Outcome | None, now: datetime) -> Outcome:
        """The outcome, on the record; where nothing could be claimed, who was first."""
        standing = deletions.get(tx, click.deletion)
        if standing is None:
            return NotOurs()
        if outcome is None:
            is_on_its_way = (
                standing.state is State.ASKING and standing.team_id == click.actor.team
            )  # to us, with its ts
            outcome = (None if is_on_its_way else _not_here(tx, click, standing)) or Late(standing, now)
        if not isinstance(outcome, Taken):
            event = f"click_{type(outcome).__name__.lower()}"
            audit.of_deletion(tx, standing, at=now, actor=click.actor.id, event=event)
        return outcome


def _not_here(tx: Session, click: Click, deletion: Deletion) -> Stranger | NotOurs | None:
    """Why the click can't be about the deletion: a button's value alone proves nothing."""
    card = cards.at(tx, click.channel, click.ts)
    if card is None or card.deletion_id != deletion.id:
        return NotOurs()
    return Stranger() if click.actor.team != deletion.team_id else None
