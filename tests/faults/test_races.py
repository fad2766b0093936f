"""Two who act at the same moment: exactly one outcome, and both are told what happened. On both databases."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import pytest
from sqlmodel import select

from bot.decide import ApprovedBefore, Click, Deciding, Forbidden, Late, Outcome, Stopped, Taken
from bot.freezing import Freezing, Frozen
from bot.guards import Guarding
from bot.model import Accepted, Actor, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.permitting import NotAdmin, Permitting, Revoked
from bot.rules import Rulebook
from bot.scoped import Scoped
from bot.steps import Steps
from storage import approvals, deletions, permissions
from storage.advisory_lease import AdvisoryLease
from storage.database import Database
from storage.deletions import MovedError
from storage.file_lease import FileLease
from storage.lease import Lease
from storage.permissions import LastAdminError
from storage.tables import Action, Audit, CardCopy, Deletion, Delivery, Effect, Notice, NoticeKind, Permission, State
from tests.conftest import on_both

pytestmark = on_both
TEAM, CHANNEL = "T1", "C1"
ANN, BOB, CLEO, EVE = (Actor(TEAM, f"U{name.upper()}", name) for name in ("ann", "bob", "cleo", "eve"))
START = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
rounds = pytest.mark.parametrize(
    "rounds", [20, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]
)
T = TypeVar("T")


@dataclass
class Aws:
    """What there is, and how often each was deleted: a fake, so that a thousand rounds take seconds."""

    there: dict[str, Snapshot] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def see(self, region: str, name: str) -> Sighting:
        del region
        return Sighting(self.there.get(name), START)

    def around(self, snapshot: Snapshot) -> Surroundings:
        others = [
            one.arn
            for one in list(self.there.values())
            if one.instance_name == snapshot.instance_name and one.arn != snapshot.arn
        ]
        return Surroundings(instance_exists=True, others=len(others), siblings=tuple(others))

    siblings = around

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        del behalf, until
        return partial(self.delete, snapshot.region, snapshot.name)

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        del region, intended
        self.calls.append(name)
        self.there.pop(name, None)
        return Accepted([Operation(f"op-{name}-{len(self.calls)}", "Succeeded", is_terminal=True)], "request-1")

    def operation(self, region: str, number: str) -> Operation:
        raise NotImplementedError

    def operations_on(self, region: str, name: str) -> list[Operation]:
        raise NotImplementedError


class Ring:
    """Deletions, and people who act on them."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self.database, self.aws, self.now = database, Aws(), START
        self.lease = lease
        self.pool = ThreadPoolExecutor(2)
        self.number = self.clicks = 0
        self.goes_by(Guarding())
        for one in (BOB, CLEO):
            self.grant(one, Action.APPROVE)

    def goes_by(self, guarding: Guarding) -> None:
        self.rulebook = Rulebook(frozenset({CLEO.id}), guarding)
        self.deciding = Deciding(self.database, self.lease, self.rulebook, lambda: self.now)
        self.freezing = Freezing(self.database, self.rulebook, lambda: self.now, self.lease.wake)

    def grant(self, person: Actor, action: Action, *, deny: bool = False) -> Permission:
        row = Permission(
            team_id=TEAM,
            subject=person.id,
            effect=Effect.DENY if deny else Effect.ALLOW,
            action=action,
            granted_by="test",
            granted_at=START,
        )
        with self.database.transaction() as tx:
            return permissions.grant(tx, row)

    def revoke(self, row: Permission) -> None:
        with self.database.transaction() as tx:
            stored = tx.get_one(Permission, row.id)
            stored.revoked_by, stored.revoked_at = "test", self.now

    def deletion(self, *, needed: int = 0, state: State = State.PENDING, instance: str = "") -> str:
        self.number += 1
        number, name = f"D-{self.number:05}", f"snap-{self.number:05}"
        of = instance or f"server-{self.number}"
        snapshot = Snapshot(f"arn:{name}", name, "us-east-1", START - timedelta(days=9), "available", instance_name=of)
        self.aws.there[name] = snapshot
        if not instance:
            self.aws.there[f"other-{name}"] = replace(snapshot, arn=f"arn:other-{name}", name=f"other-{name}")
        row = Deletion(
            id=number,
            state=state,
            team_id=TEAM,
            channel_id=CHANNEL,
            trigger_id=number,
            requester_id=ANN.id,
            requester_name=ANN.name,
            asked_at=self.now,
            expires_at=self.now + timedelta(minutes=15),
            due_at=self.now + timedelta(minutes=15),
            arn=snapshot.arn,
            name=name,
            region=snapshot.region,
            snapshot=snapshot.to_json(),
            surroundings=self.aws.around(snapshot).to_json(),
            instance=f"us-east-1/{of}",
            approvals_needed=needed,
        )
        if state is State.READY:
            row.decided_by, row.decided_name, row.decided_at, row.run_at = ANN.id, ANN.name, self.now, self.now
            row.due_at = self.now
        with self.database.transaction() as tx:
            tx.add(row)
            tx.flush()
            tx.add(CardCopy(deletion_id=number, channel_id=CHANNEL, ts=number, delivery=Delivery.SENT))
        return number

    def click(self, person: Actor, number: str) -> Click:
        self.clicks += 1
        return Click(person, number, CHANNEL, number, f"trigger-{self.clicks}")

    def approve(self, person: Actor, number: str) -> Callable[[], Outcome]:
        click = self.click(person, number)
        return lambda: self.deciding.approve(click)

    def stop(self, person: Actor, number: str) -> Callable[[], Outcome]:
        click = self.click(person, number)
        return lambda: self.deciding.stop(click)

    def confirm(self, person: Actor, number: str) -> Callable[[], Outcome]:
        click = self.click(person, number)
        return lambda: self.deciding.confirm(click)

    def freeze(self, person: Actor) -> Callable[[], object]:
        self.clicks += 1
        trigger = f"trigger-{self.clicks}"
        return lambda: self.freezing.freeze(person, CHANNEL, trigger, "")

    def unfreeze(self, person: Actor) -> None:
        self.clicks += 1
        self.freezing.unfreeze(person, CHANNEL, f"trigger-{self.clicks}")

    def step(self, number: str, at: datetime | None = None) -> Callable[[], bool]:
        """What the follower does; False where somebody else had moved it."""
        deletion, now = self.now_of(number), at or self.now
        steps = Steps(self.lease, self.aws, self.rulebook, now=lambda: now, boot_clock=lambda: 0.0)

        def go() -> bool:
            try:
                steps.step(deletion)
            except MovedError:
                return False
            return True

        return go

    def at_once(self, one: Callable[[], T], other: Callable[[], object]) -> tuple[T, object]:
        barrier = threading.Barrier(2)

        def run(act: Callable[[], object]) -> object:
            barrier.wait(5)
            return act()

        first, second = self.pool.submit(run, one), self.pool.submit(run, other)
        return first.result(30), second.result(30)  # type: ignore[return-value]

    def now_of(self, number: str) -> Deletion:
        with self.database.reading() as tx:
            found = deletions.get(tx, number)
        assert found
        return found

    def told(self, number: str) -> list[NoticeKind]:
        with self.database.reading() as tx:
            return [one.kind for one in tx.exec(select(Notice).where(Notice.deletion_id == number))]

    def events(self, number: str) -> list[str]:
        with self.database.reading() as tx:
            return list(tx.exec(select(Audit.event).where(Audit.deletion_id == number)))

    def words(self, number: str) -> list[str]:
        with self.database.reading() as tx:
            return [one.person_id for one in approvals.of(tx, number)]


@pytest.fixture
def ring(database_url: str) -> Iterator[Ring]:
    database = Database(database_url)
    lease: Lease
    if database.is_sqlite:
        lease = FileLease(database, lambda: START)
        lease.lock()
    else:
        lease = AdvisoryLease(database, lambda: START)
    lease.start()
    while not lease.is_held:
        lease.wait(0, 0.05)
    made = Ring(database, lease)
    yield made
    made.pool.shutdown()
    lease.release()
    database.close()


@rounds
def test_two_approve_what_needs_one(ring: Ring, rounds: int) -> None:
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        number = ring.deletion(needed=1)
        outcomes = ring.at_once(ring.approve(BOB, number), ring.approve(CLEO, number))

        assert {type(one) for one in outcomes} == {Late, Taken}
        assert ring.now_of(number).state is State.READY
        assert len(ring.words(number)) == len(ring.now_of(number).approved_by) == 1
        assert ring.events(number).count("ready") == 1


@rounds
def test_two_approve_what_needs_two(ring: Ring, rounds: int) -> None:
    ring.goes_by(Guarding(min_approvals=Scoped(2)))
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        number = ring.deletion(needed=2)
        outcomes = ring.at_once(ring.approve(BOB, number), ring.approve(CLEO, number))

        assert [type(one) for one in outcomes] == [Taken, Taken]
        assert ring.now_of(number).state is State.READY
        assert sorted(ring.words(number)) == [BOB.id, CLEO.id]
        assert sorted(ring.now_of(number).approved_by) == ["bob", "cleo"]
        assert ring.told(number).count(NoticeKind.APPROVED) == 2


@rounds
def test_one_approves_twice_at_once_and_counts_once(ring: Ring, rounds: int) -> None:
    ring.goes_by(Guarding(min_approvals=Scoped(2)))
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        number = ring.deletion(needed=2)
        outcomes = ring.at_once(ring.approve(BOB, number), ring.approve(BOB, number))

        assert {type(one) for one in outcomes} == {ApprovedBefore, Taken}
        assert ring.now_of(number).state is State.PENDING
        assert ring.words(number) == [BOB.id]


@rounds
def test_one_approves_and_another_stops_it(ring: Ring, rounds: int) -> None:
    """An approval that came first is stopped all the same: the call has not been made yet."""
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        number = ring.deletion(needed=1)
        approved, stopped = ring.at_once(ring.approve(BOB, number), ring.stop(CLEO, number))

        assert isinstance(stopped, Stopped)
        assert isinstance(approved, Taken | Late)
        assert ring.now_of(number).state is State.DENIED
        assert ring.told(number).count(NoticeKind.ENDED) == 1
        assert not ring.aws.calls


@rounds
def test_an_approval_comes_as_the_time_is_over(ring: Ring, rounds: int) -> None:
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        number = ring.deletion(needed=1)
        approve = ring.approve(BOB, number)
        expire = ring.step(number, at=ring.now + timedelta(minutes=15))
        approved, expired = ring.at_once(approve, expire)

        state = ring.now_of(number).state
        assert (type(approved), expired, state) in ((Taken, False, State.READY), (Late, True, State.EXPIRED))


@rounds
def test_an_approval_comes_as_the_right_to_it_is_taken(ring: Ring, rounds: int) -> None:
    """Whichever was first: by the time of the call the right is gone, and the word does not count."""
    ring.grant(ANN, Action.REQUEST)
    for _ in range(rounds):
        right = ring.grant(EVE, Action.APPROVE)
        number = ring.deletion(needed=1)
        approved, _ = ring.at_once(ring.approve(EVE, number), partial(ring.revoke, right))
        counted = isinstance(approved, Taken)
        if counted:
            ring.step(number)()

        assert counted or isinstance(approved, Forbidden)
        assert ring.now_of(number).state is (State.REFUSED if counted else State.PENDING)
        assert not ring.aws.calls


@rounds
@pytest.mark.parametrize("by", [ANN, BOB])
def test_somebody_stops_it_as_its_time_comes(ring: Ring, rounds: int, by: Actor) -> None:
    ring.grant(ANN, Action.DELETE)
    for _ in range(rounds):
        number = ring.deletion(state=State.READY)
        before = len(ring.aws.calls)
        stopped, _ = ring.at_once(ring.stop(by, number), ring.step(number))
        calls, state = len(ring.aws.calls) - before, ring.now_of(number).state

        if isinstance(stopped, Late):
            assert (calls, state) == (1, State.DELETED)
        else:
            assert (calls, state) == (0, State.CANCELLED if by is ANN else State.DENIED)
        assert ring.told(number).count(NoticeKind.ENDED) == 1


@rounds
def test_somebody_freezes_as_aws_is_called(ring: Ring, rounds: int) -> None:
    """What is not named as being with AWS is not called any more."""
    ring.grant(ANN, Action.DELETE)
    for _ in range(rounds):
        number = ring.deletion(state=State.READY)
        before = len(ring.aws.calls)
        frozen, _ = ring.at_once(ring.freeze(ANN), ring.step(number))
        calls, state = len(ring.aws.calls) - before, ring.now_of(number).state

        assert isinstance(frozen, Frozen)
        assert (calls, state) in ((1, State.DELETED), (0, State.REFUSED))
        assert calls or number not in frozen.with_aws
        ring.unfreeze(CLEO)


@rounds
def test_two_cards_take_the_last_two_of_an_instance_at_once(ring: Ring, rounds: int) -> None:
    ring.grant(ANN, Action.DELETE)
    for round_ in range(rounds):
        numbers = [ring.deletion(state=State.READY, instance=f"pair-{round_}") for _ in range(2)]
        before = len(ring.aws.calls)
        ring.at_once(*map(ring.step, numbers))
        for number in numbers:  # the rest of what the follower does
            ring.step(number)()

        assert len(ring.aws.calls) - before == 1
        assert {ring.now_of(number).state for number in numbers} == {State.DELETED, State.REFUSED}


@rounds
def test_two_cards_of_the_last_two_are_confirmed_at_once(ring: Ring, rounds: int) -> None:
    ring.grant(ANN, Action.DELETE)
    for round_ in range(rounds):
        numbers = [ring.deletion(instance=f"couple-{round_}") for _ in range(2)]
        outcomes = ring.at_once(*[ring.confirm(ANN, number) for number in numbers])

        assert {type(one) for one in outcomes} == {Taken, Forbidden}


@rounds
def test_two_admins_revoke_each_other(ring: Ring, rounds: int) -> None:
    """Exactly one stays."""
    permitting = Permitting(ring.database, Rulebook(), lambda: ring.now, ring.lease.wake)
    for turn in range(rounds):
        rows = {one: ring.grant(one, Action.ADMIN) for one in (BOB, CLEO)}
        first, second = ring.at_once(
            partial(permitting.revoke, BOB, f"bob {turn}", rows[CLEO].id or 0),
            partial(permitting.revoke, CLEO, f"cleo {turn}", rows[BOB].id or 0),
        )

        assert {type(first), type(second)} == {Revoked, NotAdmin}
        left = rows[BOB] if isinstance(first, Revoked) else rows[CLEO]
        ring.revoke(left)


@rounds
def test_two_take_the_last_two_admins_away(ring: Ring, rounds: int) -> None:
    """By the shell and from Slack: one of them is told that it is the last."""
    permitting = Permitting(ring.database, Rulebook(), lambda: ring.now, ring.lease.wake)
    for turn in range(rounds):
        rows = {one: ring.grant(one, Action.ADMIN) for one in (BOB, CLEO)}

        def in_a_shell(row: Permission = rows[BOB]) -> object:
            try:
                with ring.database.transaction() as tx:
                    return permissions.revoke(tx, TEAM, row.id or 0, by="shell:root", now=ring.now, admins=frozenset())
            except LastAdminError as error:
                return error

        from_slack, shell = ring.at_once(partial(permitting.revoke, BOB, f"{turn}", rows[CLEO].id or 0), in_a_shell)

        assert isinstance(shell, LastAdminError) is isinstance(from_slack, Revoked)
        for row in rows.values():
            ring.revoke(row)
