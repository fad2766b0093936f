"""The next step of a deletion, one function per state; looks before it repeats."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol

from sqlmodel import Session

from bot.attributes import ATTRIBUTES
from bot.behalf import on_behalf
from bot.budget import Budget
from bot.errors import AmbiguousError, AwsError, NotExecutedError, NotThereError, RejectedError
from bot.judge import Word, judge_together
from bot.limits import (
    CALL_WITHIN,
    CLOCK_SKEW,
    GIVE_UP_LOOKING,
    LOOKS,
    LOOKS_PER_SECOND,
    NEAR_END,
    PATIENCE,
    REFUSED_AFTER,
    REPEAT_AFTER,
    SEEN_WITHIN,
)
from bot.model import DELETE_ACTION, SUCCEEDED, Accepted, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.notifying import Notifying
from bot.rules import Rulebook
from storage import approvals, audit, cards, deletions, freezes, notices
from storage import tables as rows
from storage.deletions import MovedError
from storage.lease import Lease
from storage.tables import Deletion, NoticeKind, Place, State, Why

FAILED = "Failed"
RUNNING = ("NotStarted", "Started", "")  # "": AWS did not say
_EARLIER = {"earlier": "yes"}  # beside an error: an earlier call may have been executed
# The operation was found after AWS's answer to our call was lost: somebody else may have begun it at the same moment.
_ADOPTED = {"adopted": "yes"}


class Snapshots(Protocol):
    """What carrying deletions forward needs of Lightsail."""

    def see(self, region: str, name: str) -> Sighting:
        """Look at a name."""

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        """Delete what has the name."""

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        """Assume the role for one deletion."""

    def operation(self, region: str, number: str) -> Operation:
        """Look at an operation."""

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        """Say which other snapshots there are of the same instance."""

    def operations_on(self, region: str, name: str) -> list[Operation]:
        """List the operations on a name."""


class _Objection(NamedTuple):
    """Why there must be no call now."""

    why: Why
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Steps:
    """How deletions are carried forward, by the one process that holds the lease."""

    lease: Lease
    snapshots: Snapshots
    rulebook: Rulebook
    now: Callable[[], datetime]
    boot_clock: Callable[[], float]
    jitter: Callable[[], float] = random.random
    budget: Budget = field(default_factory=lambda: Budget(LOOKS_PER_SECOND))
    notifying: Notifying = Notifying()  # noqa: RUF009  (it is frozen)
    role: str | None = None  # the ARN of the role that is assumed for each deletion, if any

    def step(self, deletion: Deletion) -> None:
        """Do what is due.

        Raises:
            LeaseLostError: somebody else carries deletions forward now.
            MovedError: somebody else moved this one; nothing was changed.
        """
        match deletion.state:
            case State.ASKING:
                self._await_card(deletion)
            case State.PENDING:
                self._remind(deletion) if self.now() < deletion.expires_at else self._end(
                    deletion, State.EXPIRED, Why.NOBODY
                )
            case State.READY:
                self._call(deletion)
            case State.DELETING | State.UNKNOWN:
                self._look(deletion)
            case State.DELETED | State.FAILED | State.CANCELLED | State.DENIED | State.EXPIRED | State.REFUSED:
                pass

    def _await_card(self, deletion: Deletion) -> None:
        """Until its card is there, nobody can decide, and nobody is called."""
        if self.now() < deletion.expires_at:
            self._look_at(deletion, deletion.expires_at)
        else:
            self._end(deletion, State.REFUSED, Why.SHOWN_NOWHERE)

    def _remind(self, deletion: Deletion) -> None:
        """At half-time those who can approve are called once more, and near the end who asked is told."""
        near_end = deletion.expires_at - min(NEAR_END, (deletion.expires_at - deletion.asked_at) / 4)
        with self.lease.patient_transaction() as tx:
            fresh, now = _unmoved(tx, deletion), self.now()
            if fresh.approvals_needed:
                self._call_again(tx, fresh, now) if now < near_end else self._warn(tx, fresh, now)
            due_at = near_end if fresh.approvals_needed and now < near_end else fresh.expires_at
            deletions.look_again(tx, fresh, due_at)
        self.lease.wake()

    def _call_again(self, tx: Session, deletion: Deletion, now: datetime) -> None:
        """Where the card is on which they can approve it."""
        key, there = f"{deletion.id}/waiting", cards.in_place(tx, deletion.id, Place.APPROVALS)
        if there is None:
            deletions.tell_once(tx, deletion, key, NoticeKind.WAITING, at=now, facts={})
        elif not notices.is_known(tx, key):
            facts = {"deletion": deletion.id, "thread": there.ts or ""}
            notices.add_for(tx, there.channel_id, key, NoticeKind.WAITING, at=now, facts=facts)

    def _warn(self, tx: Session, deletion: Deletion, now: datetime) -> None:
        deletions.tell_once(tx, deletion, f"{deletion.id}/expires_soon", NoticeKind.EXPIRES_SOON, at=now, facts={})

    # The call

    def _call(self, deletion: Deletion) -> None:
        """See that nothing has changed, commit the intent, call once, keep the answer."""
        if deletion.state is State.READY and self.now() > _call_until(deletion):
            why = Why.UNSENT if deletion.facts.get("code") else Why.STALE
            self._end(deletion, State.EXPIRED, why, **deletion.facts)
            return
        try:
            around = self._siblings(deletion)
            behalf = self._behalf(deletion)
            fresh_until = self.boot_clock() + SEEN_WITHIN
            seen, seen_at = self.snapshots.see(deletion.region, deletion.name), self.boot_clock()
            delete = self._way(deletion, seen, behalf, seen_at)
        except AwsError as error:
            self._not_seen(deletion, error)
            return
        was_doubtful, intended = deletion.doubtful, self.boot_clock()
        if not self._intend(deletion, seen, around, behalf, fresh_until):
            return
        try:
            accepted = delete(intended)
        except NotExecutedError as error:
            self._put_back(deletion, error, was_doubtful=was_doubtful)
        except (NotThereError, RejectedError) as error:
            self._settle(deletion, error, behalf, was_doubtful=was_doubtful)
        except AmbiguousError as error:
            self._doubt(deletion, error, was_doubtful=was_doubtful)
        else:
            self._record(deletion, accepted.operations, answer=accepted.request_id)

    def _behalf(self, deletion: Deletion) -> OnBehalf | None:
        """For whom it is carried out, where AWS is told."""
        if self.role is None:
            return None
        with self.lease.patient_transaction() as tx:
            return on_behalf(tx, deletion, self.now())

    def _way(
        self, deletion: Deletion, seen: Sighting, behalf: OnBehalf | None, seen_at: float
    ) -> Callable[[float], Accepted]:
        """How the call is made: by the bot itself, or under a role that was assumed for it.

        AWS is asked to refuse it from 20 s after now on, by its own clock.
        """
        if behalf is None or behalf.problem or not _is_there(deletion, seen) or seen.snapshot is None:
            return partial(self.snapshots.delete, deletion.region, deletion.name)
        aws_now = seen.aws_time + timedelta(seconds=self.boot_clock() - seen_at)
        return self.snapshots.as_person(seen.snapshot, behalf, aws_now + REFUSED_AFTER)

    def _siblings(self, deletion: Deletion) -> Surroundings:
        """What the guard of last snapshots goes by, where it watches: which others there are of the same instance."""
        if not self.rulebook.guarding.guards_last:
            return Surroundings()
        return self.snapshots.siblings(Snapshot.from_json(deletion.snapshot))

    def _not_seen(self, deletion: Deletion, error: AwsError) -> None:
        """AWS does not say what a call would delete: then there is none, for now or for good."""
        if deletion.state is State.DELETING:
            self._look_later(deletion, error)
        elif isinstance(error, RejectedError):
            self._end(deletion, State.REFUSED, Why.AWS, **error.facts())
        else:
            with self.lease.patient_transaction() as tx:
                fresh = _unmoved(tx, deletion)
                due_at = self._slot(fresh, self.now() + self._pause(fresh.looks))
                deletions.look_again(tx, fresh, due_at, shown=True, facts=error.facts())
                self._tell_once_of_delay(tx, fresh, error)

    def _intend(
        self, deletion: Deletion, seen: Sighting, around: Surroundings, behalf: OnBehalf | None, fresh_until: float
    ) -> bool:
        """Commit the intent, unless what was confirmed is not what a call would delete now."""
        with self.lease.patient_transaction() as tx:
            freezes.keep_waiting(tx)
            fresh = _unmoved(tx, deletion)
            now = self.now()
            if now > _call_until(fresh):  # it took so long to look that the yes is too old: the next step ends it
                return False
            if self.boot_clock() > fresh_until:  # who has the name by now is for the next step to see
                return False
            if objection := self._objection(tx, fresh, seen, around, now):
                self._object(tx, fresh, seen, objection, now)
                return False
            if behalf is not None and not self._is_still_for(tx, fresh, behalf, seen, now):
                return False
            deletions.move(
                tx,
                fresh,
                State.DELETING,
                at=now,
                actor="bot",
                attempt=fresh.attempt + 1,
                intended_at=now,
                aws_time=fresh.aws_time if fresh.doubtful else seen.aws_time,
                doubtful=True,  # until AWS proves that the call was not executed
                facts={},
                looks=0,
                due_at=now,
            )
        _follow(deletion, fresh)
        return True

    def _objection(
        self, tx: Session, deletion: Deletion, seen: Sighting, around: Surroundings, now: datetime
    ) -> "_Objection | None":
        if seen.snapshot is None:
            return _Objection(Why.GONE, {})
        if not seen.snapshot.is_same_as(Snapshot.from_json(deletion.snapshot)):
            return _Objection(Why.REPLACED, _replacement(seen))
        rules = self.rulebook.rules(tx, deletion.team_id, now)
        situation = self.rulebook.of(tx, deletion, seen.snapshot, around, now)
        words = [Word(one.person_id, one.has_typed) for one in approvals.of(tx, deletion.id)]
        verdict = judge_together(rules, deletion.requester_id, words, situation)
        return None if verdict.allowed else _Objection(Why.FORBIDDEN, verdict.facts(deletion.requester_id))

    def _is_still_for(self, tx: Session, deletion: Deletion, behalf: OnBehalf, seen: Sighting, now: datetime) -> bool:
        """Whether AWS was told of the person what is true in this moment; else the next step tells it anew."""
        told = on_behalf(tx, deletion, now)
        if told.problem:
            facts = {"ground": ATTRIBUTES, "fact": told.problem, "person": told.person, "guard": ""}
            self._object(tx, deletion, seen, _Objection(Why.FORBIDDEN, facts), now)
            return False
        if told != behalf:
            return False
        facts = {"role": self.role or "", "session": told.session_name, "person": told.person}
        tags = json.dumps(told.tags, ensure_ascii=False)
        audit.of_deletion(tx, deletion, at=now, actor="bot", event="on_behalf", **facts, tags=tags)
        return True

    def _object(self, tx: Session, deletion: Deletion, seen: Sighting, objection: "_Objection", now: datetime) -> None:
        """No call. If an earlier one may have been executed, that one's outcome is still what has to be told."""
        if not deletion.doubtful:
            self._ended(tx, deletion, State.REFUSED, objection.why, now, **objection.facts)
        elif objection.why is Why.FORBIDDEN:
            self._give_up_knowing(tx, deletion, now, facts=objection.facts)
        else:
            self._ended(tx, deletion, State.DELETED, Why.LOST, now, **_replacement(seen))

    def _put_back(self, deletion: Deletion, error: NotExecutedError, *, was_doubtful: bool) -> None:
        """Proved not executed: ready again, until the yes is too old. What was in doubt before stays in doubt."""
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            now = self.now()
            if was_doubtful:
                due_at = self._slot(fresh, now + REPEAT_AFTER)
                deletions.look_again(tx, fresh, due_at, facts={**error.facts(), **_EARLIER})
                self._tell_once_of_silence(tx, fresh, error, **_EARLIER)
                return
            due_at, facts = self._slot(fresh, now + self._pause(fresh.attempt)), error.facts()
            deletions.move(tx, fresh, State.READY, at=now, actor="bot", doubtful=False, facts=facts, due_at=due_at)
            if fresh.attempt > 1 or error.code.endswith("SetupInProgressException"):  # a throttle is over in a second
                self._tell_once_of_delay(tx, fresh, error)

    def _settle(self, deletion: Deletion, error: AwsError, behalf: OnBehalf | None, *, was_doubtful: bool) -> None:
        """AWS said no; after a lost success it says so, too, hence a look first."""
        try:
            seen = self.snapshots.see(deletion.region, deletion.name)
        except AwsError:
            seen = None
        is_gone = not _is_there(deletion, seen) if seen else isinstance(error, NotThereError)
        if not was_doubtful:  # the only call that was ever made was not executed, whatever there is to be seen
            why = (Why.REPLACED if seen and seen.snapshot else Why.GONE) if is_gone else Why.AWS
            other = _replacement(seen) if seen and is_gone else {}
            self._end(deletion, State.FAILED, why, **error.facts(), **self._carried(deletion, behalf), **other)
        elif seen and is_gone:
            self._end(deletion, State.DELETED, Why.LOST, **_replacement(seen))
        else:
            self._doubt(deletion, error, was_doubtful=True)

    def _carried(self, deletion: Deletion, behalf: OnBehalf | None) -> dict[str, str]:
        """What AWS went by, and who can change it."""
        if behalf is None:
            return {}
        with self.lease.patient_transaction() as tx:
            admins = self.rulebook.rules(tx, deletion.team_id, self.now()).policy.admins_by_name()
        tags = json.dumps(behalf.tags, ensure_ascii=False)
        return {"carried": tags, "admins": ",".join(admins), "role": self.role or ""}

    def _doubt(self, deletion: Deletion, error: AwsError, *, was_doubtful: bool) -> None:
        """It may or may not have been executed: the next step looks."""
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            now = self.now()
            audit.of_deletion(tx, fresh, at=now, actor="aws", event="no_answer", **error.facts())
            earlier = _EARLIER if was_doubtful else {}
            self._tell_once_of_silence(tx, fresh, error, **earlier)
            due_at = self._slot(fresh, now + self._pause(0))
            deletions.look_again(tx, fresh, due_at, shown=True, facts={**error.facts(), **earlier})

    # Looking

    def _look(self, deletion: Deletion) -> None:
        now = self.now()
        due_at, begun = deletion.due_at or now, deletion.intended_at or now
        if later := self.budget.turn(deletion.region, deletion.id, due_at, begun, now=now):
            self._look_at(deletion, later)
        elif stored := self._stored(deletion):
            self._follow_up(deletion, stored)
        else:
            self._recover(deletion)

    def _follow_up(self, deletion: Deletion, stored: Sequence[rows.Operation]) -> None:
        """Poll what has not ended; when all has, or it takes too long, see whether the snapshot is gone."""
        running = [one.id for one in stored if not _is_over(one)]
        reports, trouble = self._poll(deletion, running)
        if running and not trouble and deletion.state is State.DELETING:
            self._record(deletion, reports)
            return
        if running:
            stored = self._keep(deletion, reports, trouble)
        self._conclude(deletion, stored, unread=running if trouble else ())

    def _conclude(self, deletion: Deletion, stored: Sequence[rows.Operation], unread: Sequence[str] = ()) -> None:
        """See whether the snapshot is gone, and end it accordingly."""
        try:
            seen = self.snapshots.see(deletion.region, deletion.name)
        except AwsError as error:
            self._look_later(deletion, error)
            return
        if not _is_there(deletion, seen):
            if unread:  # it may have gone after we could not read how far it was
                stored = self._keep(deletion, self._poll(deletion, unread)[0], None)
            adopted = _ADOPTED if _ADOPTED.items() <= deletion.facts.items() else {}
            is_ours = not adopted and any(one.status in SUCCEEDED for one in stored)
            why = Why.CONFIRMED if is_ours else Why.LOST
            self._end(deletion, State.DELETED, why, **_last_words(stored), **adopted, **_replacement(seen))
        elif failure := self._failure(deletion, stored):
            facts = {"code": failure.error_code or "", "message": failure.error_details or "", "operation": failure.id}
            ended_as = {"ended_as": failure.status} if failure.status != FAILED else {}
            self._end(deletion, State.FAILED, Why.AWS, **facts, **ended_as)
        else:
            self._look_later(deletion)

    def _failure(self, deletion: Deletion, stored: Sequence[rows.Operation]) -> rows.Operation | None:
        """The operation that failed, once nothing more will happen: by its word, or for want of a good one in time."""
        if not all(map(_is_over, stored)):
            return None
        if failed := next((one for one in stored if one.status == FAILED), None):
            return failed
        if any(one.status in SUCCEEDED for one in stored) or self._is_patient(deletion):
            return None
        return next((one for one in stored if one.status not in RUNNING), None)

    def _poll(self, deletion: Deletion, operations: Sequence[str]) -> tuple[list[Operation], AwsError | None]:
        """What AWS says of the operations; where it says nothing, that proves nothing."""
        reports: list[Operation] = []
        trouble = None
        for number in operations:
            try:
                reports.append(self.snapshots.operation(deletion.region, number))
            except AwsError as error:
                trouble = error
        for report in reports:
            self._learn(deletion, report)
        return reports, trouble

    def _learn(self, deletion: Deletion, report: Operation) -> None:
        """How long operations take in the region, so that not every one is asked in vain."""
        age = self.now() - (deletion.intended_at or self.now())
        if not _is_over(report):
            self.budget.saw_running(deletion.region, age)
        elif report.created_at and report.status_changed_at:
            self.budget.saw_ended(deletion.region, report.status_changed_at - report.created_at)

    def _recover(self, deletion: Deletion) -> None:
        """AWS's answer to our call was lost: what is there decides, not what we remember."""
        adopted, unread = self._candidates(deletion)
        if adopted:
            self._record(deletion, adopted, is_adopted=True)
            return
        try:
            seen = self.snapshots.see(deletion.region, deletion.name)
        except AwsError as error:
            self._look_later(deletion, error)
            return
        now = self.now()
        repeat_at = max(deletion.intended_at or now, self.lease.alone_since) + REPEAT_AFTER
        if not _is_there(deletion, seen):
            self._end(deletion, State.DELETED, Why.LOST, **deletion.facts, **_replacement(seen))
        elif _is_failure_of_the_first_call(deletion):
            self._end(deletion, State.FAILED, Why.AWS, **deletion.facts)
        elif unread:  # our call may have begun what is not over yet
            self._look_later(deletion, unread)
        elif now > _call_until(deletion):
            why = Why.FORBIDDEN if deletion.facts.get("ground") else Why.UNSENT
            self._end(deletion, State.FAILED, why, **deletion.facts)
        elif deletion.state is State.UNKNOWN:
            self._look_later(deletion)
        elif now < repeat_at:
            self._look_at(deletion, self._slot(deletion, repeat_at))
        else:
            self._call(deletion)

    def _candidates(self, deletion: Deletion) -> tuple[list[Operation], AwsError | None]:
        """Operations that can only be ours: right kind, not older than the intent, of no other deletion.

        With them, what kept AWS from saying which there are.
        """
        try:
            listed = self.snapshots.operations_on(deletion.region, deletion.name)
        except NotThereError:
            return [], None  # whether AWS lists operations of deleted names is not documented
        except AwsError as error:
            return [], error
        since = (deletion.aws_time or self.now()) - CLOCK_SKEW
        recent = [
            one for one in listed if one.operation_type == DELETE_ACTION and one.created_at and one.created_at >= since
        ]
        if not recent:
            return [], None
        with self.lease.patient_transaction() as tx:
            known = deletions.known_operations(tx, [one.id for one in recent])
        return [one for one in recent if one.id not in known], None

    def _stored(self, deletion: Deletion) -> Sequence[rows.Operation]:
        with self.lease.patient_transaction() as tx:
            return deletions.operations(tx, deletion.id)

    def _keep(
        self, deletion: Deletion, operations: Sequence[Operation], trouble: AwsError | None
    ) -> Sequence[rows.Operation]:
        """Store what AWS said, and have told what kept it from saying more; returns all that is stored."""
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            if trouble:
                self._tell_once_of_silence(tx, fresh, trouble)
            return self._store(tx, fresh, operations)

    def _record(
        self,
        deletion: Deletion,
        operations: Sequence[Operation],
        *,
        answer: str | None = None,
        is_adopted: bool = False,
    ) -> None:
        """Store what AWS said, and go on at once if all is over, else when it is time to.

        `answer` is the id of the request, where it is the answer to our call; adopted is what was found without one.

        Until it has ended it stays due, so whoever finds it after a crash goes on as well.
        """
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            if is_adopted:
                fresh.facts = deletion.facts = {**fresh.facts, **_ADOPTED}
            if answer is not None:
                self._call_answered(tx, fresh, answer)
            stored = self._store(tx, fresh, operations)
            is_over = all(map(_is_over, stored))
            if not is_over:
                self._come_back(tx, fresh)
        if is_over:
            self._conclude(deletion, stored)

    def _call_answered(self, tx: Session, deletion: Deletion, request: str) -> None:
        """Put on the record that AWS has taken the call."""
        facts = {"aws_action": DELETE_ACTION, "request_id": request, "attempt": str(deletion.attempt)}
        audit.of_deletion(tx, deletion, at=self.now(), actor="aws", event="call_taken", **facts)

    def _store(self, tx: Session, deletion: Deletion, operations: Sequence[Operation]) -> Sequence[rows.Operation]:
        now = self.now()
        for one in operations:
            deletions.record(tx, deletion, rows.Operation(deletion_id=deletion.id, **asdict(one)), at=now)
        return deletions.operations(tx, deletion.id)

    def _look_later(self, deletion: Deletion, error: AwsError | None = None) -> None:
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            if error and fresh.looks == 0:
                audit.of_deletion(tx, fresh, at=self.now(), actor="aws", event="no_answer", **error.facts())
            if error:
                self._tell_once_of_silence(tx, fresh, error)
            self._come_back(tx, fresh)

    def _come_back(self, tx: Session, deletion: Deletion) -> None:
        """Look again with growing pauses; say so when it takes too long to be called under way."""
        now = self.now()
        if deletion.state is State.UNKNOWN:
            facts = {**deletion.facts, **_last_words(deletions.operations(tx, deletion.id))}
            next_look = _next_look(deletion, now)
            due_at = self._slot(deletion, next_look) if next_look else None
            deletions.look_again(tx, deletion, due_at, shown=True, facts=facts)
        elif self._is_patient(deletion):
            deletions.look_again(tx, deletion, self._slot(deletion, now + self._pause(deletion.looks)))
        else:
            self._give_up_knowing(tx, deletion, now, facts=deletion.facts)

    def _is_patient(self, deletion: Deletion) -> bool:
        now = self.now()
        return now < (deletion.intended_at or now) + PATIENCE

    def _give_up_knowing(self, tx: Session, deletion: Deletion, now: datetime, *, facts: dict[str, str]) -> None:
        """From here on it is only looked at, never called again."""
        due_at = self._slot(deletion, now + LOOKS[0])
        known = {**facts, **_last_words(deletions.operations(tx, deletion.id)), "since": now.isoformat()}
        deletions.move(tx, deletion, State.UNKNOWN, at=now, actor="bot", facts=known, looks=0, due_at=due_at)
        deletions.tell(tx, deletion, NoticeKind.UNKNOWN, at=now, next=due_at.isoformat(), **known)
        self.notifying.outcome(tx, deletion, now)

    # Moving

    def _tell_once_of_delay(self, tx: Session, deletion: Deletion, error: AwsError) -> None:
        key, facts = f"{deletion.id}/delayed", {**error.facts(), "until": _call_until(deletion).isoformat()}
        deletions.tell_once(tx, deletion, key, NoticeKind.DELAYED, at=self.now(), facts=facts)

    def _tell_once_of_silence(self, tx: Session, deletion: Deletion, error: AwsError, **more: str) -> None:
        """A refusal once for each action and code; of a region that is down for hours nothing but the first."""
        is_outage = error.action != DELETE_ACTION and not isinstance(error, RejectedError)
        if is_outage and notices.has(tx, deletion.id, NoticeKind.NO_ANSWER):
            return
        key, facts = f"{deletion.id}/no_answer/{error.action}/{error.code}", {**error.facts(), **more}
        deletions.tell_once(tx, deletion, key, NoticeKind.NO_ANSWER, at=self.now(), facts=facts)

    def _look_at(self, deletion: Deletion, due_at: datetime) -> None:
        """Nothing was looked at now, so this counts for nothing."""
        with self.lease.patient_transaction() as tx:
            fresh = _unmoved(tx, deletion)
            deletions.look_again(tx, fresh, due_at, looks=fresh.looks)

    def _end(self, deletion: Deletion, state: State, why: Why, **facts: str) -> None:
        with self.lease.patient_transaction() as tx:
            self._ended(tx, _unmoved(tx, deletion), state, why, self.now(), **facts)
        self.lease.wake()

    def _ended(self, tx: Session, deletion: Deletion, state: State, why: Why, now: datetime, **facts: str) -> None:
        deletions.end(tx, deletion, state, why, at=now, **facts)
        self.notifying.outcome(tx, deletion, now)

    def _slot(self, deletion: Deletion, wanted: datetime) -> datetime:
        """When AWS can be asked in the region, at the wanted time or as soon as possible after it."""
        return self.budget.book(deletion.region, deletion.id, wanted, now=self.now())

    def _pause(self, tries: int) -> timedelta:
        """Growing from one second to fifteen, a little apart for each."""
        return timedelta(seconds=min(15.0, 1.5 ** min(tries, 10)) * (0.9 + 0.2 * self.jitter()))


def _unmoved(tx: Session, deletion: Deletion) -> Deletion:
    """The deletion as it is now, if it is still as it was read."""
    fresh = deletions.get(tx, deletion.id)
    if fresh is None or (fresh.version, fresh.state) != (deletion.version, deletion.state):
        raise MovedError(f"{deletion.id} was moved by somebody else")
    return fresh


def _follow(deletion: Deletion, fresh: Deletion) -> None:
    """Go on from the state that was just committed."""
    for name in ("state", "version", "attempt", "intended_at", "aws_time", "doubtful", "facts", "looks"):
        setattr(deletion, name, getattr(fresh, name))


def _call_until(deletion: Deletion) -> datetime:
    return (deletion.run_at or deletion.asked_at) + CALL_WITHIN


def _is_there(deletion: Deletion, seen: Sighting) -> bool:
    return seen.snapshot is not None and seen.snapshot.arn == deletion.arn


def _is_over(operation: Operation | rows.Operation) -> bool:
    """Whether AWS says that nothing more will happen; where it does not say, by the status."""
    if operation.is_terminal is None:
        return operation.status in (*SUCCEEDED, FAILED)
    return operation.is_terminal


def _replacement(seen: Sighting) -> dict[str, str]:
    """A new snapshot that has the name now, which is left alone."""
    if seen.snapshot is None:
        return {}
    return {"other_arn": seen.snapshot.arn, "other_created_at": seen.snapshot.created_at.isoformat()}


def _is_failure_of_the_first_call(deletion: Deletion) -> bool:
    """Whether AWS said that it failed, and no earlier call can have begun what it failed over."""
    return deletion.facts.get("code") == "OperationFailureException" and "earlier" not in deletion.facts


def _last_words(stored: Sequence[rows.Operation]) -> dict[str, str]:
    """Which operations there were, and what AWS last said of them."""
    if not stored:
        return {}
    return {"operation": ", ".join(one.id for one in stored), "status": ", ".join(one.status for one in stored)}


def _next_look(deletion: Deletion, now: datetime) -> datetime | None:
    """1, 5, 30 minutes into `unknown`, then hourly for a week, then only when somebody asks."""
    if now - (deletion.intended_at or now) > GIVE_UP_LOOKING:
        return None
    since = datetime.fromisoformat(deletion.facts["since"]) if "since" in deletion.facts else now
    planned = (since + after for after in LOOKS)
    return next((look for look in planned if look > now), now + timedelta(hours=1))
