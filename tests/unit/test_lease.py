"""The right to carry deletions forward: one process, fenced by an epoch."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from storage.database import Database
from storage.file_lease import FileLease
from storage.lease import LeaseHeldError, LeaseLostError
from storage.tables import Audit, LeaseRow

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
OTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from storage.database import Database
from storage.file_lease import FileLease
from storage.lease import LeaseHeldError
try:
    FileLease(Database(sys.argv[1]), lambda: datetime.now(UTC)).lock()
except LeaseHeldError as error:
    sys.exit(f"held: {error}")
"""


def lease_of(database: Database) -> FileLease:
    return FileLease(database, lambda: NOW)


@pytest.fixture
def lease(database: Database) -> Iterator[FileLease]:
    made = lease_of(database)
    made.lock()
    made.start()
    yield made
    made.release()


def write(lease: FileLease, event: str = "asked") -> None:
    with lease.transaction() as tx:
        tx.add(Audit(at=NOW, team_id="T1", actor="U1", event=event))


def events(database: Database) -> list[str]:
    with database.reading() as tx:
        return [one.event for one in tx.exec(select(Audit))]


def other_process(database: Database) -> subprocess.CompletedProcess[str]:
    url = database.url.render_as_string()
    return subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, url], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


# One holder


@pytest.mark.usefixtures("lease")
def test_a_second_process_is_refused_in_words(database: Database) -> None:
    done = other_process(database)

    assert done.returncode == 1
    assert done.stderr.startswith(f"held: another Lightkeeper already serves {database.file}")


def test_after_a_release_another_process_is_let_in(lease: FileLease, database: Database) -> None:
    lease.release()

    assert other_process(database).returncode == 0


@pytest.mark.usefixtures("lease")
def test_a_second_holder_in_the_same_process_is_refused_too(database: Database) -> None:
    with pytest.raises(LeaseHeldError, match="Stop that one first"):
        lease_of(database).lock()


def test_a_lock_file_that_nobody_holds_keeps_nobody_out(database: Database) -> None:
    database.file.with_name("lightkeeper.db.lock").touch()
    again = lease_of(database)

    again.lock()
    again.release()


def test_the_lock_is_on_a_file_beside_the_database(lease: FileLease, database: Database) -> None:
    database.file.open("rb").close()  # this would drop SQLite's own locks
    write(lease)

    assert database.file.with_name("lightkeeper.db.lock").exists()
    assert other_process(database).returncode == 1


@pytest.mark.usefixtures("lease")
def test_the_lock_of_a_holder_survives_a_refused_one(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(LeaseHeldError):
            lease_of(database).lock()


def test_a_release_without_a_lock_does_nothing(database: Database) -> None:
    lease_of(database).release()


# The fence


def test_the_holder_commits(lease: FileLease, database: Database) -> None:
    write(lease)

    assert events(database) == ["asked"]


def test_each_taking_begins_a_new_epoch_with_its_holder_and_time(lease: FileLease, database: Database) -> None:
    lease.start()

    with database.reading() as tx:
        row = tx.get_one(LeaseRow, 1)
    assert (row.epoch, row.taken_at) == (2, NOW)
    assert row.holder.endswith(f":{os.getpid()}")


def test_an_older_epoch_commits_nothing(lease: FileLease, database: Database) -> None:
    lease_of(database).start()

    with pytest.raises(LeaseLostError):
        write(lease)
    assert events(database) == []


def test_without_the_lock_nothing_is_committed(lease: FileLease, database: Database) -> None:
    lease.release()

    with pytest.raises(LeaseLostError):
        write(lease)
    assert events(database) == []


def test_a_lease_that_was_never_taken_commits_nothing(database: Database) -> None:
    lease = lease_of(database)
    lease.lock()

    with pytest.raises(LeaseLostError):
        write(lease)
    lease.release()


def test_a_failure_within_the_transaction_changes_nothing(lease: FileLease, database: Database) -> None:
    with suppress(LookupError), lease.transaction() as tx:
        tx.add(Audit(at=NOW, team_id="T1", actor="U1", event="asked"))
        raise LookupError

    assert events(database) == []


# Waking


def test_a_wait_without_work_ends_by_itself(lease: FileLease) -> None:
    begun = time.monotonic()

    assert lease.wait(0, 0.02) == 0
    assert time.monotonic() - begun >= 0.02


def test_who_waits_is_woken(lease: FileLease) -> None:
    threading.Timer(0.02, lease.wake).start()
    begun = time.monotonic()

    assert lease.wait(0, 20) == 1
    assert time.monotonic() - begun < 10


def test_a_wake_up_before_the_wait_is_not_lost(lease: FileLease) -> None:
    lease.wake()

    assert lease.wait(0, 20) == 1


def test_what_was_seen_wakes_nobody_again(lease: FileLease) -> None:
    lease.wake()

    assert lease.wait(1, 0.01) == 1


def test_everybody_who_waits_is_woken(lease: FileLease) -> None:
    woken: list[int] = []
    waiters = [threading.Thread(target=lambda: woken.append(lease.wait(0, 20))) for _ in range(3)]
    for waiter in waiters:
        waiter.start()
    lease.wake()
    for waiter in waiters:
        waiter.join(10)

    assert woken == [1, 1, 1]
