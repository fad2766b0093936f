"""The loop: what fails rests, and holds up nobody."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from bot.follower import SIDE_BY_SIDE, Follower
from bot.slack import gallery
from storage.database import Database
from storage.file_lease import FileLease
from storage.lease import LeaseLostError
from storage.tables import Deletion, State


class FakeSteps:
    """Steps that do what a test says, and count: a fake, since real ones never fail so."""

    def __init__(self) -> None:
        self.sick: dict[str, Exception] = {}
        self.done: list[str] = []
        self.stepped = threading.Event()

    def step(self, deletion: Deletion) -> None:
        self.done.append(deletion.id)
        if len(self.done) >= 3:
            self.stepped.set()
        if error := self.sick.get(deletion.id):
            raise error


@pytest.fixture
def steps() -> FakeSteps:
    return FakeSteps()


@pytest.fixture
def lease(database: Database) -> Iterator[FileLease]:
    made = FileLease(database, lambda: datetime.now(UTC))
    made.lock()
    made.start()
    yield made
    made.release()


@pytest.fixture
def follower(database: Database, lease: FileLease, steps: FakeSteps) -> Follower:
    now = datetime.now(UTC)
    with database.transaction() as tx:
        for number in ("D-AAAAA", "D-BBBBB"):
            row = gallery.deletion(State.READY)
            row.id = row.arn = row.trigger_id = number
            row.due_at = now - timedelta(seconds=1)
            tx.add(row)
    return Follower(database, lease, steps, lambda: datetime.now(UTC))  # type: ignore[arg-type]


def _run(follower: Follower, steps: FakeSteps) -> None:
    thread = threading.Thread(target=follower.run)
    thread.start()
    assert steps.stepped.wait(10)
    follower.stop()
    thread.join()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), LeaseLostError("lost")])
def test_a_sick_deletion_rests_while_the_others_go_on(
    follower: Follower, steps: FakeSteps, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    steps.sick["D-AAAAA"] = error
    _run(follower, steps)

    assert steps.done.count("D-AAAAA") == 1
    assert steps.done.count("D-BBBBB") >= 2
    assert "D-AAAAA" in caplog.text


def test_a_database_that_fails_does_not_end_the_loop(
    follower: Follower, steps: FakeSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = follower.start_due, iter([True])

    def fail_once() -> float:
        if next(failures, False):
            follower._lease.wake_here()
            raise OSError("disk on fire")
        return real()

    monkeypatch.setattr(follower, "start_due", fail_once)
    _run(follower, steps)

    assert steps.done


class Regions:
    """Steps that hang in a region that does not answer: a fake, since a real one hangs for 20 seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sick = ""
        self.healed = threading.Event()
        self.hanging = 0
        self.done: set[str] = set()
        self._changed = threading.Condition()

    def step(self, deletion: Deletion) -> None:
        with self._changed:
            self.hanging += deletion.region == self.sick
            self._changed.notify_all()
        if deletion.region == self.sick:
            assert self.healed.wait(20)
        with self._database.transaction() as tx:
            tx.get_one(Deletion, deletion.id).due_at = None
        with self._changed:
            self.done.add(deletion.id)
            self._changed.notify_all()

    def wait_for(self, look: Callable[[], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(look, 10)


@pytest.fixture
def regions(database: Database) -> Regions:
    return Regions(database)


@pytest.fixture
def crowd(database: Database, lease: FileLease, regions: Regions) -> Iterator[Callable[..., Follower]]:
    """Runs a follower for so many regions; what is due in us-east-1 has waited longer than the rest."""
    with ExitStack() as stops:

        def run(count: int) -> Follower:
            now = datetime.now(UTC)
            with database.transaction() as tx:
                for number in range(100):
                    row = gallery.deletion(State.READY)
                    row.id = row.arn = row.trigger_id = f"D-{number:05}"
                    row.region = "us-east-1" if number < 60 else "eu-west-1"
                    row.due_at = now - timedelta(seconds=100 - number)
                    tx.add(row)
            follower = Follower(database, lease, regions, lambda: datetime.now(UTC), regions=count)  # type: ignore[arg-type]
            thread = threading.Thread(target=follower.run)
            thread.start()
            stops.callback(thread.join)
            stops.callback(follower.stop)
            stops.callback(regions.healed.set)
            return follower

        yield run


def _in_europe(regions: Regions) -> set[str]:
    return {number for number in regions.done if number >= "D-00060"}


def test_a_region_that_hangs_holds_up_no_other(regions: Regions, crowd: Callable[..., Follower]) -> None:
    regions.sick = "us-east-1"
    crowd(2)

    assert regions.wait_for(lambda: len(_in_europe(regions)) == 40)
    assert regions.hanging == SIDE_BY_SIDE // 2


def test_a_region_that_has_all_its_threads_is_not_looked_at_all_the_time(
    regions: Regions, crowd: Callable[..., Follower]
) -> None:
    regions.sick = "us-east-1"
    follower = crowd(2)
    regions.wait_for(lambda: regions.hanging == SIDE_BY_SIDE // 2 and len(_in_europe(regions)) == 40)

    assert follower.start_due() > 0.5


def test_the_only_region_has_all_threads(regions: Regions, crowd: Callable[..., Follower]) -> None:
    regions.sick = "us-east-1"
    crowd(1)

    assert regions.wait_for(lambda: regions.hanging == SIDE_BY_SIDE)


def test_a_region_that_answers_again_is_carried_forward(regions: Regions, crowd: Callable[..., Follower]) -> None:
    regions.sick = "us-east-1"
    crowd(2)
    regions.wait_for(lambda: regions.hanging == SIDE_BY_SIDE // 2)
    regions.healed.set()

    assert regions.wait_for(lambda: len(regions.done) == 100)


def test_a_clock_that_is_set_back_does_not_prolong_a_rest(database: Database, lease: FileLease) -> None:
    ahead = [timedelta(hours=1)]
    follower = Follower(database, lease, FakeSteps(), lambda: datetime.now(UTC) + ahead[0])  # type: ignore[arg-type]
    follower._resting["D-AAAAA"] = (1, follower._now() + timedelta(seconds=30))
    resting = follower._busy()
    ahead[0] = timedelta()
    follower.stop()

    assert (resting, follower._busy()) == ({"D-AAAAA"}, set())
