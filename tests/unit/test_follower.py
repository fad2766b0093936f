"""The loop: what fails rests, and holds up nobody."""

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.follower import Follower
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
def follower(database: Database, steps: FakeSteps) -> Follower:
    now = datetime.now(UTC)
    with database.transaction() as tx:
        for number in ("D-AAAAA", "D-BBBBB"):
            row = gallery.deletion(State.READY)
            row.id = row.arn = row.trigger_id = number
            row.due_at = now - timedelta(seconds=1)
            tx.add(row)
    lease = FileLease(database, lambda: datetime.now(UTC))
    lease.lock()
    lease.start()
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
