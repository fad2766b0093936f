"""The schedule of looks, and what a step does when AWS says nothing at all."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlmodel import Session, select

from bot.errors import AmbiguousError, CredentialsError, NotExecutedError, NotThereError, RejectedError
from bot.limits import GIVE_UP_LOOKING, PATIENCE, SEEN_WITHIN
from bot.model import Accepted, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.rules import Rulebook
from bot.slack import gallery
from bot.steps import Steps
from storage import deletions
from storage.database import Database, DatabaseBusyError
from storage.file_lease import FileLease
from storage.tables import Action, Deletion, Effect, Notice, NoticeKind, Permission, State, Why

T = TypeVar("T")
START = datetime(2026, 11, 23, 10, 16, tzinfo=UTC)
SHOWN = Snapshot.from_json(gallery.deletion(State.READY).snapshot)
NO_ANSWER = AmbiguousError("GetInstanceSnapshot", "ReadTimeoutError")


@dataclass
class Aws:
    """An AWS that answers what a test says: a fake, since these stories take days."""

    now: datetime = START
    seen: Snapshot | Exception | None = SHOWN
    deleted: list[Operation] | Exception = field(default_factory=list)
    polled: Operation | Exception = NO_ANSWER
    listed: list[Operation] | Exception = field(default_factory=list)
    calls: int = 0
    asked: list[str] = field(default_factory=list)  # in which order
    assumed: list[tuple[OnBehalf, datetime]] = field(default_factory=list)
    looks: list[Snapshot | Exception | None] = field(default_factory=list)  # what is seen first, before `seen`
    polls: list[Operation | Exception] = field(default_factory=list)  # the same for `polled`

    def see(self, region: str, name: str) -> Sighting:
        del region, name
        self.asked.append("see")
        return Sighting(_or_raise(self.looks.pop(0) if self.looks else self.seen), self.now)

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        del snapshot
        self.asked.append("siblings")
        return Surroundings(others=1, siblings=("arn:another",))

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        self.assumed.append((behalf, until))
        return partial(self.delete, snapshot.region, snapshot.name)

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        del region, name, intended
        self.calls += 1
        return Accepted(_or_raise(self.deleted), "request-1")

    def operation(self, region: str, number: str) -> Operation:
        del region, number
        return _or_raise(self.polls.pop(0) if self.polls else self.polled)

    def operations_on(self, region: str, name: str) -> list[Operation]:
        del region, name
        return _or_raise(self.listed)


def _or_raise(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer


class Story:
    """One deletion, and steps as time goes by."""

    def __init__(self, database: Database) -> None:
        self.aws = Aws()
        self.database = database
        self.lease = FileLease(database, lambda: self.aws.now)
        self.lease.lock()
        self.lease.start()
        self.steps = Steps(
            self.lease,
            self.aws,
            Rulebook(),
            now=lambda: self.aws.now,
            boot_clock=lambda: 0.0,
            jitter=lambda: 0.5,
        )
        ready = gallery.deletion(State.READY)
        ready.run_at, ready.due_at, ready.intended_at = START, START, None
        self.id = ready.id
        with database.transaction() as tx:
            tx.add(ready)
            tx.add(
                Permission(
                    team_id=ready.team_id,
                    subject=ready.requester_id,
                    effect=Effect.ALLOW,
                    action=Action.DELETE,
                    granted_by="test",
                    granted_at=START,
                )
            )

    def deletion(self) -> Deletion:
        with self.database.reading() as tx:
            found = deletions.get(tx, self.id)
        assert found is not None
        return found

    def step(self) -> Deletion:
        """Wait until the deletion is due, and do what is due."""
        deletion = self.deletion()
        assert deletion.due_at is not None
        self.aws.now = max(self.aws.now, deletion.due_at)
        self.steps.step(deletion)
        return self.deletion()

    def step_until(self, state: State) -> Deletion:
        for _ in range(300):
            if self.deletion().state is state:
                return self.deletion()
            self.step()
        raise AssertionError(f"never {state}; it is {self.deletion().state}")

    def told(self) -> list[NoticeKind]:
        with self.database.reading() as tx:
            return [notice.kind for notice in tx.exec(select(Notice))]


@pytest.fixture
def story(database: Database) -> Iterator[Story]:
    made = Story(database)
    yield made
    made.lease.release()


def test_an_operation_that_never_ends_is_looked_at_for_a_week_and_then_on_demand(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = Operation("op-1", "Started")
    begun = story.step_until(State.UNKNOWN)
    assert begun.intended_at is not None
    looks = [begun.due_at]
    while (due_at := story.step().due_at) is not None:
        looks.append(due_at)

    known = [look - story.aws.now for look in looks if look]
    gaps = [later - earlier for earlier, later in itertools.pairwise(known)]
    assert gaps[:2] == [timedelta(minutes=4), timedelta(minutes=25)]
    assert set(gaps[2:]) == {timedelta(hours=1)}
    assert story.aws.now - begun.intended_at > GIVE_UP_LOOKING
    assert story.aws.calls == 1
    assert story.told().count(NoticeKind.UNKNOWN) == 1


def test_what_is_not_known_is_never_called_again(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.aws.listed = NO_ANSWER
    story.step()
    story.aws.seen = NO_ANSWER

    story.step_until(State.UNKNOWN)
    story.aws.seen, story.aws.listed = SHOWN, []
    ended = story.step_until(State.FAILED)

    assert ended.why is Why.UNSENT
    assert story.aws.calls == 1


def test_a_call_in_doubt_stays_in_doubt_when_the_next_is_not_executed(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", "ThrottlingException")
    while story.aws.calls < 2:
        story.step()
    in_doubt = story.deletion()
    story.aws.seen = None
    ended = story.step()

    assert in_doubt.state is State.DELETING
    assert (ended.state, ended.why) == (State.DELETED, Why.LOST)


def test_a_call_that_was_proved_not_executed_leaves_no_doubt(story: Story) -> None:
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", "ThrottlingException")
    story.step()
    story.aws.seen = None
    ended = story.step()

    assert (ended.state, ended.why) == (State.REFUSED, Why.GONE)


def test_a_refusal_of_the_second_call_does_not_hide_the_first(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    story.aws.deleted = RejectedError("DeleteInstanceSnapshot", "AccessDeniedException")
    while story.aws.calls < 2:
        story.step()
    still_looking = story.deletion()
    story.aws.seen = None
    ended = story.step()

    assert still_looking.state is State.DELETING
    assert (ended.state, ended.why) == (State.DELETED, Why.LOST)


def test_not_found_at_the_second_call_is_the_first_ones_doing_as_far_as_we_know(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    answers = iter([SHOWN, SHOWN, None])
    story.aws.deleted = NotThereError("DeleteInstanceSnapshot", "NotFoundException", aws_time=START)
    story.steps.snapshots.see = lambda *_: Sighting(next(answers), START)  # type: ignore[method-assign]
    story.aws.now += timedelta(seconds=31)
    ended = story.step()

    assert (ended.state, ended.why) == (State.DELETED, Why.LOST)


def test_not_found_at_the_first_call_was_not_our_doing(story: Story) -> None:
    answers = iter([SHOWN, None])
    story.aws.deleted = NotThereError("DeleteInstanceSnapshot", "NotFoundException", aws_time=START)
    story.steps.snapshots.see = lambda *_: Sighting(next(answers), START)  # type: ignore[method-assign]
    ended = story.step()

    assert (ended.state, ended.why) == (State.FAILED, Why.GONE)


def test_an_operation_that_cannot_be_read_does_not_hide_that_the_snapshot_is_gone(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.step()
    story.aws.seen = None
    ended = story.step()

    assert (ended.state, ended.why, ended.facts["operation"]) == (State.DELETED, Why.LOST, "op-1")


def test_the_last_word_of_aws_counts_even_when_it_comes_late(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = Operation("op-1", "Started")
    story.step_until(State.UNKNOWN)
    story.aws.polled, story.aws.seen = Operation("op-1", "Succeeded", is_terminal=True), None
    ended = story.step()

    assert (ended.state, ended.why) == (State.DELETED, Why.CONFIRMED)


def test_success_is_not_believed_while_the_snapshot_is_there(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Succeeded", is_terminal=True)]
    story.step()
    story.step()
    believed = story.deletion().state
    story.aws.seen = None
    ended = story.step()

    assert believed is State.DELETING
    assert (ended.state, ended.why) == (State.DELETED, Why.CONFIRMED)


def test_a_refusal_of_the_only_call_is_final_even_where_nothing_can_be_seen(story: Story) -> None:
    refused = CredentialsError("DeleteInstanceSnapshot", "ExpiredTokenException")
    story.aws.deleted, story.aws.looks = refused, [SHOWN, refused]
    ended = story.step()

    assert (ended.state, ended.why, ended.facts["about"]) == (State.FAILED, Why.AWS, "credentials")


def test_not_found_at_the_only_call_is_final_even_where_nothing_can_be_seen(story: Story) -> None:
    story.aws.deleted = NotThereError("DeleteInstanceSnapshot", "NotFoundException", aws_time=START)
    story.aws.looks = [SHOWN, NO_ANSWER]
    ended = story.step()

    assert (ended.state, ended.why) == (State.FAILED, Why.GONE)


def test_a_refusal_of_the_second_call_stays_in_doubt_where_nothing_can_be_seen(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    refused = CredentialsError("DeleteInstanceSnapshot", "ExpiredTokenException")
    story.aws.deleted, story.aws.looks = refused, [SHOWN, SHOWN, refused]
    story.aws.now += timedelta(seconds=31)
    in_doubt = story.step()

    assert (in_doubt.state, in_doubt.facts["earlier"]) == (State.DELETING, "yes")


def test_what_was_put_off_once_is_not_told_and_twice_is_told_once(story: Story) -> None:
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", "ThrottlingException")
    told = []
    for _ in range(3):
        assert story.step().state is State.READY
        told.append(story.told().count(NoticeKind.DELAYED))

    assert told == [0, 1, 1]


@pytest.mark.parametrize("code", ["AccountSetupInProgressException", "RegionSetupInProgressException"])
def test_a_set_up_takes_long_and_is_told_at_once(story: Story, code: str) -> None:
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", code)
    story.step()

    assert story.told().count(NoticeKind.DELAYED) == 1


def test_nothing_is_said_not_to_be_deleted_while_an_earlier_call_is_in_doubt(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", "ThrottlingException")
    while story.aws.calls < 3:
        story.step()

    assert story.told() == [NoticeKind.NO_ANSWER, NoticeKind.NO_ANSWER]


def test_an_operation_failure_is_final_only_if_no_earlier_call_can_be_what_it_failed_over(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.step()
    story.aws.deleted = AmbiguousError("DeleteInstanceSnapshot", "OperationFailureException", "It is in progress")
    while story.aws.calls < 2:
        story.step()
    in_doubt = story.step()
    story.aws.seen = None
    ended = story.step()

    assert in_doubt.state is State.DELETING
    assert (ended.state, ended.why) == (State.DELETED, Why.LOST)


def test_an_operation_failure_of_the_only_call_is_final(story: Story) -> None:
    story.aws.deleted = AmbiguousError("DeleteInstanceSnapshot", "OperationFailureException", "Not now")
    story.step()
    ended = story.step()

    assert (ended.state, ended.why, ended.facts["message"]) == (State.FAILED, Why.AWS, "Not now")


def test_a_final_status_that_nobody_knows_is_a_failure_once_the_snapshot_has_stayed_long_enough(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Cancelled", is_terminal=True)]
    story.step()
    patient = story.step()
    ended = story.step_until(State.FAILED)

    assert patient.state is State.DELETING
    assert (ended.why, ended.facts["ended_as"]) == (Why.AWS, "Cancelled")
    assert ended.ended_at is not None
    assert ended.intended_at is not None
    assert ended.ended_at - ended.intended_at >= PATIENCE


def test_what_is_still_running_is_no_failure_whatever_isterminal_says(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started", is_terminal=True)]
    story.step()
    unknown = story.step_until(State.UNKNOWN)

    assert (unknown.facts["operation"], unknown.facts["status"]) == ("op-1", "Started")


def test_the_final_word_is_read_once_more_when_the_snapshot_turns_out_to_be_gone(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.step()
    story.aws.polls = [NO_ANSWER, Operation("op-1", "Succeeded", is_terminal=True)]
    story.aws.seen = None
    ended = story.step()

    assert (ended.state, ended.why) == (State.DELETED, Why.CONFIRMED)


def test_a_region_that_tells_nothing_for_hours_is_told_once(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.step()
    story.aws.seen = NO_ANSWER
    story.step_until(State.UNKNOWN)
    for _ in range(5):
        story.step()

    assert story.told().count(NoticeKind.NO_ANSWER) == 1


def test_a_look_that_somebody_asks_for_does_not_put_off_the_planned_ones(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = Operation("op-1", "Started")
    planned = story.step_until(State.UNKNOWN).due_at
    for _ in range(3):
        with story.database.transaction() as tx:
            deletion = deletions.get(tx, story.id)
            assert deletion is not None
            deletions.look_again(tx, deletion, story.aws.now, shown=True)
        after = story.step()

    assert after.due_at == planned


def test_the_last_word_of_aws_is_kept_up_to_date_while_it_is_not_known(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "NotStarted")]
    story.aws.polled = Operation("op-1", "NotStarted")
    before = story.step_until(State.UNKNOWN)
    story.aws.polled = Operation("op-1", "Started")
    after = story.step()

    assert (before.facts["status"], after.facts["status"]) == ("NotStarted", "Started")


def test_an_unknown_one_of_the_version_before_is_looked_at_too(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = Operation("op-1", "Started")
    story.step_until(State.UNKNOWN)
    with story.database.transaction() as tx:
        deletions.get(tx, story.id).facts = {}  # type: ignore[union-attr]

    assert story.step().due_at == story.aws.now + timedelta(minutes=1)


def test_an_answer_without_operations_is_no_answer(story: Story) -> None:
    story.step()
    story.aws.seen = None
    ended = story.step()

    assert (ended.state, ended.why) == (State.DELETED, Why.LOST)


@pytest.mark.parametrize("state", [State.DELETED, State.CANCELLED])
def test_what_has_ended_is_left_alone(story: Story, state: State) -> None:
    with story.database.transaction() as tx:
        deletions.get(tx, story.id).state = state  # type: ignore[union-attr]
    before = story.deletion()
    story.steps.step(before)

    assert story.deletion().version == before.version


# In one go, and one after the other


def test_what_aws_says_is_over_is_ended_in_the_same_step(story: Story) -> None:
    story.aws.deleted, story.aws.looks = [Operation("op-1", "Succeeded", is_terminal=True)], [SHOWN, None]
    ended = story.step()

    assert (ended.state, ended.why) == (State.DELETED, Why.CONFIRMED)


def test_what_is_over_and_not_ended_yet_stays_due(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Succeeded", is_terminal=True)]
    story.aws.looks = [SHOWN, RuntimeError("as good as a kill")]
    with pytest.raises(RuntimeError):
        story.step()
    left = story.deletion()
    story.aws.seen = None
    ended = story.step()

    assert left.due_at is not None
    assert left.due_at <= story.aws.now
    assert (ended.state, ended.why, story.aws.calls) == (State.DELETED, Why.CONFIRMED, 1)


def test_an_answer_outlasts_a_database_that_is_busy_for_seconds(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    turns, real = iter([True, False, False, False, True, True]), story.lease.transaction

    def now_and_then() -> AbstractContextManager[Session]:
        if next(turns):
            return real()
        raise DatabaseBusyError("the database is busy")

    story.aws.deleted, story.aws.looks = [Operation("op-1", "Succeeded", is_terminal=True)], [SHOWN, None]
    monkeypatch.setattr(story.lease, "transaction", now_and_then)
    ended = story.step()

    assert (ended.state, ended.why, story.aws.calls) == (State.DELETED, Why.CONFIRMED, 1)


def _crowd(story: Story, count: int = 100) -> None:
    """Others who wait for their slots in the region."""
    for number in range(count):
        story.steps.budget.book(SHOWN.region, f"D-{number}", story.aws.now, now=story.aws.now)


def test_in_a_crowd_a_young_operation_is_not_asked_for_and_waits_for_its_age(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = AssertionError("asked in vain")
    story.steps.budget.saw_ended(SHOWN.region, timedelta(seconds=20))
    before = story.step()
    story.aws.now += timedelta(seconds=1)
    _crowd(story)
    after = story.step()

    assert after.due_at is not None
    assert after.intended_at is not None
    assert after.due_at >= after.intended_at + timedelta(seconds=20)
    assert after.looks == before.looks


def test_polls_teach_how_long_operations_take(story: Story) -> None:
    begun, ended = START, START + timedelta(seconds=7)
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = Operation("op-1", "Succeeded", is_terminal=True, created_at=begun, status_changed_at=ended)
    story.step()
    story.step()
    _crowd(story)
    now = story.aws.now

    assert story.steps.budget.turn(SHOWN.region, "D-1", now, now - timedelta(seconds=7), now=now) is None
    assert story.steps.budget.turn(SHOWN.region, "D-1", now, now - timedelta(seconds=6), now=now) is not None


def test_a_look_that_is_overdue_after_a_restart_waits_for_its_slot(story: Story) -> None:
    story.aws.deleted = [Operation("op-1", "Started")]
    story.aws.polled = AssertionError("asked out of turn")
    story.step()
    story.aws.now += timedelta(seconds=30)
    _crowd(story, 20)
    after = story.step()

    assert after.due_at == story.aws.now + timedelta(seconds=2)


def test_calls_that_were_put_off_do_not_come_back_all_at_once(story: Story) -> None:
    story.aws.deleted = NotExecutedError("DeleteInstanceSnapshot", "ThrottlingException")
    for number in range(100):
        wanted = START + timedelta(seconds=1.5)
        story.steps.budget.book(SHOWN.region, f"D-{number}", wanted, now=START)
    after = story.step()

    assert after.state is State.READY
    assert after.due_at == START + timedelta(seconds=11.5)


def test_nothing_is_repeated_while_aws_does_not_say_what_was_begun(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.aws.listed = AmbiguousError("GetOperationsForResource", "ServiceException")
    story.step_until(State.UNKNOWN)

    assert story.aws.calls == 1
    assert story.told().count(NoticeKind.NO_ANSWER) == 1  # an outage is told once


def test_nothing_is_said_not_to_be_deleted_while_aws_does_not_say_what_was_begun(story: Story) -> None:
    story.aws.deleted = NO_ANSWER
    story.aws.listed = AmbiguousError("GetOperationsForResource", "ServiceException")
    story.step_until(State.UNKNOWN)
    story.aws.now += timedelta(hours=1)
    in_doubt = story.step()
    story.aws.listed = []
    ended = story.step()

    assert in_doubt.state is State.UNKNOWN
    assert (ended.state, ended.why) == (State.FAILED, Why.UNSENT)


def test_there_is_no_call_once_the_yes_has_grown_old_during_the_look(story: Story) -> None:
    def slowly(region: str, name: str) -> Sighting:
        del region, name
        story.aws.now += timedelta(minutes=16)
        return Sighting(SHOWN, story.aws.now)

    story.steps.snapshots.see = slowly  # type: ignore[method-assign]
    story.step()
    ended = story.step()

    assert (ended.state, ended.why) == (State.EXPIRED, Why.STALE)
    assert story.aws.calls == 0


def test_a_name_that_was_given_to_another_snapshot_during_a_pause_is_left_alone(story: Story) -> None:
    clock, see = [0.0], story.aws.see
    story.steps = replace(story.steps, boot_clock=lambda: clock[0])

    def see_and_stand_still(region: str, name: str) -> Sighting:
        seen = see(region, name)
        clock[0] += SEEN_WITHIN + 1
        story.aws.now += timedelta(minutes=10)
        story.aws.seen = replace(SHOWN, arn=f"{SHOWN.arn}-new", created_at=story.aws.now)
        return seen

    story.aws.see = see_and_stand_still  # type: ignore[method-assign]
    paused = story.step()
    story.aws.see = see  # type: ignore[method-assign]
    ended = story.step()

    assert paused.state is State.READY
    assert (ended.state, ended.why, story.aws.calls) == (State.REFUSED, Why.REPLACED, 0)


def test_who_has_the_name_is_looked_at_last_of_all(story: Story) -> None:
    story.aws.looks = [NO_ANSWER]  # for the first look
    story.step()

    assert story.aws.asked == ["siblings", "see"]


@pytest.mark.parametrize("needed", [0, 1])
def test_a_request_without_its_card_is_not_looked_at_before_its_time_is_over(story: Story, needed: int) -> None:
    with story.database.transaction() as tx:
        asked = tx.get_one(Deletion, story.id)
        asked.state, asked.approvals_needed = State.ASKING, needed
        asked.expires_at, asked.due_at = START + timedelta(hours=8), START  # as the version before had it
    waiting = story.step()
    ended = story.step()

    assert (waiting.state, waiting.due_at) == (State.ASKING, START + timedelta(hours=8))
    assert (ended.state, ended.why) == (State.REFUSED, Why.SHOWN_NOWHERE)


def test_what_is_put_off_comes_back_a_little_apart(story: Story) -> None:
    story.aws.seen = NO_ANSWER
    pauses = []
    for jitter in (0.0, 1.0):
        with story.database.transaction() as tx:
            again = tx.get_one(Deletion, story.id)
            again.due_at, again.looks = story.aws.now, 5
        story.steps = replace(story.steps, jitter=partial(float, jitter))
        pauses.append((due_at - story.aws.now) / timedelta(seconds=1) if (due_at := story.step().due_at) else 0)

    assert pauses == pytest.approx([0.9 * 1.5**5, 1.1 * 1.5**5], abs=0.2)
