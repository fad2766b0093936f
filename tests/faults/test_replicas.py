"""Two and three bots over one PostgreSQL: any of them takes commands and clicks, one carries deletions forward."""

import sys
import time
from contextlib import suppress
from statistics import median

import pytest
from sqlmodel import col, select

from storage.tables import Audit, LeaseRow, State
from tests.conftest import World
from tests.faults.crowd import Crowd, broken, unfinished
from tests.faults.replicas import Replicas, until

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
        holder.start()
        self._replicas.holder(after=epoch)
        self.taken.append(time.monotonic() - killed)
        with suppress(AssertionError):  # there may be nothing to do
            until(self._is_under_way, "step", 5.0)
            self.steps.append(time.monotonic() - killed)

    def _is_under_way(self) -> bool:
        with self._world.database.reading() as tx:
            taken_at = tx.get_one(LeaseRow, 1).taken_at
            after = select(Audit.id).where(col(Audit.event).in_(FOLLOWED), col(Audit.at) > taken_at)
            return tx.exec(after).first() is not None

    def __str__(self) -> str:
        return (
            f"{len(self.taken)} kills; take-over median {median(self.taken):.2f} s, longest {max(self.taken):.2f} s; "
            f"next step median {median(self.steps):.2f} s, longest {max(self.steps):.2f} s"
        )


def finish(world: World, replicas: Replicas, seconds: float, *, skipping: float) -> None:
    """Wait until nothing is left to do; what waits for time gets it, a little after the last process was killed."""
    end = time.monotonic() + seconds
    while left := unfinished(world):
        if time.monotonic() > end:
            raise AssertionError(f"This is left: {left}\n{replicas.logs()}")
        time.sleep(1.0)
        replicas.skip(skipping)


def say(words: str) -> None:
    """For whoever runs pytest with -s: what was measured."""
    sys.stdout.write(f"\n{words}\n")


@pytest.mark.parametrize("bots", [2, 3])
def test_every_deletion_is_carried_out_and_told_once_however_often_the_holder_is_killed(
    world: World, replicas: Replicas, bots: int
) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.3)])
    replicas.start(bots)
    killings = Killings(world, replicas)
    begun = time.monotonic()
    with Crowd(world, 20, every=2.0) as crowd:
        for _ in range(3):
            time.sleep(1.0)
            killings.kill()
            time.sleep(0.5)  # what the dead one had sent has arrived by now
            replicas.skip(11)
    finish(world, replicas, 30, skipping=11)

    say(f"{bots} replicas: {time.monotonic() - begun:.1f} s; {crowd.trials} things tried again; {killings}")
    problems = broken(world, crowd)
    assert not problems, "\n".join([*problems, replicas.logs()])
    assert median(killings.steps) < 2.0
