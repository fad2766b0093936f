"""Two and three bots over one PostgreSQL: any of them takes commands and clicks, one carries deletions forward."""

import random
import signal
import time
from contextlib import suppress
from math import inf
from statistics import median

import pytest
from sqlmodel import col, select

from bot.sandbox import company
from storage.tables import Audit, LeaseRow, State
from tests.conftest import World
from tests.faults.crowd import Crowd, broken, finish
from tests.faults.replicas import Replicas, say, until

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
pytestmark = on_postgresql

FOLLOWED = (State.DELETING, State.DELETED, "operation", "no_answer")  # what only the follower puts on the record


class Killings:
    """The holder of the lease, killed again and again and started anew, and how long others took to go on."""

    def __init__(self, world: World, replicas: Replicas) -> None:
        self._world = world
        self._replicas = replicas
        self.taken: list[float] = []
        """Seconds from each kill to the next epoch."""
        self.steps: list[float] = []
        """Seconds from each kill to the next step of any deletion that was committed in that epoch."""

    def kill(self) -> None:
        epoch = self._replicas.lease().epoch
        holder = self._replicas.holder()
        holder.kill()
        killed = time.monotonic()
        another = self._replicas.holder(after=epoch)
        self.taken.append(time.monotonic() - killed)
        assert another is not holder
        with suppress(AssertionError):  # there may be nothing to do
            until(self._is_under_way, "step", 5.0)
            self.steps.append(time.monotonic() - killed)
        holder.start()

    def _is_under_way(self) -> bool:
        with self._world.database.reading() as tx:
            taken_at = tx.get_one(LeaseRow, 1).taken_at
            after = select(Audit.id).where(col(Audit.event).in_(FOLLOWED), col(Audit.at) > taken_at)
            return tx.exec(after).first() is not None

    def __str__(self) -> str:
        return (
            f"{len(self.taken)} kills; take-over median {median(self.taken):.2f} s, longest {max(self.taken):.2f} s; "
            f"next step median {median(self.steps or [inf]):.2f} s, longest {max(self.steps or [inf]):.2f} s, "
            f"none within 5 s {len(self.taken) - len(self.steps)} times"
        )


def see_that_all_is_well(world: World, replicas: Replicas, crowd: Crowd, killings: Killings) -> None:
    say(f"{len(replicas.all)} replicas, {len(crowd.wishes)} deletions: {crowd.trials} things tried again; {killings}")
    problems = broken(world, crowd)

    assert not problems, "\n".join([*problems, replicas.logs()])


@pytest.mark.parametrize("bots", [2, pytest.param(3, marks=pytest.mark.soak)])
def test_every_deletion_is_carried_out_and_told_once_however_often_the_holder_is_killed(
    world: World, replicas: Replicas, bots: int
) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.3)])
    replicas.start(bots)
    killings = Killings(world, replicas)
    with Crowd(world, 40, every=1.0) as crowd:
        for _ in range(3):
            time.sleep(1.0)
            killings.kill()
            time.sleep(0.5)  # what the dead one had sent has arrived by now
            replicas.skip(11)
    finish(world, replicas, 30, skipping=11)

    see_that_all_is_well(world, replicas, crowd, killings)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("bots", [2, 3])
def test_300_deletions_are_carried_out_and_told_once_while_the_holder_is_killed_every_few_seconds(
    world: World, replicas: Replicas, bots: int
) -> None:
    world.aws.pace([("NotStarted", 0), ("Started", 0.5), ("Succeeded", 2)])
    replicas.start(bots)
    killings, moments = Killings(world, replicas), random.Random(bots)
    with Crowd(world, 300, every=3.0) as crowd:
        while not crowd.is_done():
            time.sleep(moments.uniform(1, 14))  # what may be in Slack is looked for ten seconds after a kill
            killings.kill()
    finish(world, replicas, 120, skipping=0)

    assert len({wish.channel.id for wish in crowd.wishes}) == 60
    see_that_all_is_well(world, replicas, crowd, killings)


def test_a_graceful_stop_hands_over_at_once(world: World, replicas: Replicas) -> None:
    """After a kill the next one waits ten seconds before it edits a card, since an older edit may be on its way."""
    world.aws.pace([("Started", 0), ("Succeeded", 2)])
    world.grant(world.staff.ann)
    replicas.start(2)
    epoch, holder = replicas.lease().epoch, replicas.holder()
    card = world.ask(world.staff.ann, company.OLD_RELEASE)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Started")
    begun = time.monotonic()
    holder.send(signal.SIGTERM)
    replicas.holder(after=epoch)
    taken_over = time.monotonic() - begun
    world.reads(card, "✅ Deleted")

    say(f"handed over {taken_over:.2f} s after SIGTERM; the card is right after {time.monotonic() - begun:.2f} s")
    holder.wait_gone()
    assert "gave the lease back" in holder.log()
    assert time.monotonic() - begun < 9


def test_a_replica_that_stands_by_takes_commands_and_clicks_and_wakes_the_holder(
    world: World, replicas: Replicas
) -> None:
    world.grant(world.staff.ann)
    replicas.start(2, TICK="30")
    holder = replicas.holder()
    replicas.balance(*[one for one in replicas.all if one is not holder])
    card = world.ask(world.staff.ann, company.OLD_RELEASE)
    begun = time.monotonic()
    world.staff.ann.clicks("Delete snapshot", message=card)
    until(lambda: world.deletion().attempt, "call")
    woken = time.monotonic() - begun
    world.reads(card, "✅ Deleted")

    say(f"the holder was at it {woken:.2f} s after the click")
    assert replicas.holder() is holder
    assert time.monotonic() - begun < 15


def test_a_holder_that_stands_still_is_followed_by_another_and_does_nothing_when_it_goes_on(
    world: World, replicas: Replicas
) -> None:
    """Its kernel still answers for it: the server ends its line after ten seconds without a word."""
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    replicas.start(2)
    epoch, holder = replicas.lease().epoch, replicas.holder()
    replicas.balance(*[one for one in replicas.all if one is not holder])
    with Crowd(world, 8, every=0.5) as crowd:
        time.sleep(1.0)
        holder.send(signal.SIGSTOP)
        begun = time.monotonic()
        replicas.holder(after=epoch)
        taken_over = time.monotonic() - begun
        holder.send(signal.SIGCONT)
        replicas.balance()
        replicas.skip(11)
    finish(world, replicas, 30, skipping=11)

    say(f"a holder that stood still was followed after {taken_over:.1f} s")
    assert not (problems := broken(world, crowd)), "\n".join([*problems, replicas.logs()])
    assert "lost the lease" in holder.log()
    assert taken_over < 15


@pytest.mark.soak  # it needs a machine that is not busy
def test_replicas_whose_clocks_are_ten_minutes_apart_do_nothing_twice(world: World, replicas: Replicas) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.3)])
    replicas.start(1, AHEAD="600")
    replicas.start(1)
    killings = Killings(world, replicas)
    with Crowd(world, 12, every=1.5) as crowd:
        for _ in range(2):  # the one that is ahead, then the other
            time.sleep(1.5)
            killings.kill()
            time.sleep(0.5)
            replicas.skip(11)
    finish(world, replicas, 60, skipping=60)

    assert not (problems := broken(world, crowd)), "\n".join([*problems, replicas.logs()])
