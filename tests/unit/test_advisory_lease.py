"""The lease on a real PostgreSQL: one holder, who is fenced off when another takes over."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlmodel import select

from storage.advisory_lease import LOOK_EVERY, RETRY_AFTER, AdvisoryLease
from storage.database import Database, DatabaseAwayError, DatabaseLostError
from storage.lease import ALWAYS, LeaseLostError
from storage.tables import Audit, LeaseRow
from tests.faults.proxy import Line

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
T = TypeVar("T")
NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
_HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"  # noqa: E501


def until(look: Callable[[], T], seconds: float = 10.0) -> T:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def cut(database: Database) -> None:
    """End the connection that has the lock."""
    with database.engine.connect() as connection:
        connection.execute(sa.text(f"SELECT pg_terminate_backend(({_HOLDER}))"))


def write(lease: AdvisoryLease, event: str = "asked") -> None:
    with lease.transaction() as tx:
        tx.add(Audit(at=NOW, team_id="T1", actor="U1", event=event))


def events(database: Database) -> list[str]:
    with database.reading() as tx:
        return [one.event for one in tx.exec(select(Audit))]


def row(database: Database) -> LeaseRow:
    with database.reading() as tx:
        return tx.get_one(LeaseRow, 1)


@pytest.fixture
def make(database_url: str) -> Iterator[Callable[..., AdvisoryLease]]:
    """Makes leases as so many processes would, each with a database of its own."""
    made: list[tuple[AdvisoryLease, Database]] = []

    def new(url: str = database_url) -> AdvisoryLease:
        database = Database(url)
        lease = AdvisoryLease(database, lambda: NOW)
        made.append((lease, database))
        lease.start()
        return lease

    yield new
    for lease, database in made:
        lease.release()
        database.close()


@pytest.fixture
def holder(make: Callable[..., AdvisoryLease]) -> AdvisoryLease:
    lease = make()
    until(lambda: lease.is_held)
    return lease


@pytest.fixture
def standby(make: Callable[..., AdvisoryLease], holder: AdvisoryLease, database: Database) -> AdvisoryLease:
    """Another one, which has found out that it has to stand by."""
    lease = make()
    listening = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND query IN ('SELECT clock_timestamp()', 'SELECT pg_try_advisory_lock($1)')"
    )

    def is_standing_by() -> bool:
        with database.engine.connect() as connection:
            return bool(connection.execute(sa.text(listening)).scalar_one() == 2)

    until(is_standing_by)
    assert holder.is_held
    return lease


# One holder


def test_one_of_two_holds_it(holder: AdvisoryLease, standby: AdvisoryLease) -> None:
    time.sleep(2 * LOOK_EVERY)

    assert (holder.is_held, standby.is_held) == (True, False)


def test_who_stands_by_commits_nothing(standby: AdvisoryLease, database: Database) -> None:
    with pytest.raises(LeaseLostError):
        write(standby)
    assert events(database) == []


def test_the_holder_commits(holder: AdvisoryLease, database: Database) -> None:
    write(holder)

    assert events(database) == ["asked"]


def test_two_that_start_at_once_are_never_both_holders(make: Callable[..., AdvisoryLease], database: Database) -> None:
    leases = [make() for _ in range(4)]
    until(lambda: any(lease.is_held for lease in leases))
    time.sleep(LOOK_EVERY)

    assert sum(lease.is_held for lease in leases) == 1
    assert row(database).epoch == 1


# Take-over


def test_a_standby_takes_over_when_the_holder_loses_its_line(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    cut(database)
    until(lambda: standby.is_held)

    until(lambda: not holder.is_held)
    assert row(database).epoch == 2


def test_a_standby_takes_over_at_once_when_the_holder_lets_go(
    holder: AdvisoryLease, standby: AdvisoryLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.advisory_lease.LOOK_EVERY", 30)
    time.sleep(2 * LOOK_EVERY)  # now both wait for news alone
    holder.release()
    until(lambda: standby.is_held, 10)


def test_the_old_epoch_commits_nothing(holder: AdvisoryLease, standby: AdvisoryLease, database: Database) -> None:
    epoch = holder._epoch
    cut(database)
    until(lambda: standby.is_held)
    until(lambda: not holder.is_held)
    holder._epoch = epoch  # as if it had not heard of it yet

    with pytest.raises(LeaseLostError):
        write(holder)
    assert events(database) == []


def test_a_take_over_waits_for_an_intent_that_is_being_committed(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    with holder.transaction() as tx:
        tx.add(Audit(at=NOW, team_id="T1", actor="U1", event="intent"))
        tx.flush()
        cut(database)
        time.sleep(3 * LOOK_EVERY)
        was_taken = standby.is_held
    until(lambda: standby.is_held)

    assert not was_taken
    assert events(database) == ["intent"]


def test_a_transaction_that_was_paused_too_long_is_ended_by_the_server_and_the_take_over_goes_on(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    def pause_in_the_middle() -> None:
        with holder.transaction() as tx:
            tx.add(Audit(at=NOW, team_id="T1", actor="U1", event="intent"))
            tx.flush()
            cut(database)
            until(lambda: standby.is_held, 9)  # `idle_in_transaction_session_timeout` is five seconds

    with pytest.raises(DatabaseAwayError):
        pause_in_the_middle()
    assert events(database) == []


def test_the_one_that_lost_it_stands_by_again(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    cut(database)
    until(lambda: standby.is_held)
    time.sleep(RETRY_AFTER + LOOK_EVERY)
    cut(database)
    until(lambda: holder.is_held)

    assert row(database).epoch == 3


def test_it_is_known_whether_the_holder_before_may_have_something_on_its_way(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    assert holder.alone_since == ALWAYS
    cut(database)
    until(lambda: standby.is_held)

    assert standby.alone_since == NOW


def test_after_a_clean_release_nothing_is_on_its_way(holder: AdvisoryLease, standby: AdvisoryLease) -> None:
    holder.release()
    until(lambda: standby.is_held)

    assert standby.alone_since == ALWAYS


def test_a_line_that_says_nothing_for_long_is_ended_by_the_server(
    make: Callable[..., AdvisoryLease], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stands still would keep the lock for ever."""
    monkeypatch.setattr("storage.advisory_lease.END_IF_SILENT", 1_000)
    holder = make()
    until(lambda: holder.is_held)
    goes_on = threading.Event()
    with database.engine.connect() as connection:
        pid = connection.execute(sa.text(_HOLDER)).scalar_one()
        monkeypatch.setattr(holder._bell, "wait", lambda *_: goes_on.wait(20))

        def is_ended() -> bool:
            alive = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
            connection.commit()
            return not connection.execute(alive, {"pid": pid}).scalar_one()

        until(is_ended)
        goes_on.set()


# Waking


def test_a_standby_wakes_the_holder(
    holder: AdvisoryLease, standby: AdvisoryLease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.advisory_lease.LOOK_EVERY", 30)
    time.sleep(2 * LOOK_EVERY)  # now both wait for news alone
    seen = holder.wait(-1, 0)
    standby.wake()

    assert holder.wait(seen, 10) != seen


def test_the_holder_wakes_itself(holder: AdvisoryLease) -> None:
    seen = holder.wait(-1, 0)
    holder.wake()

    assert holder.wait(seen, 10) != seen


def test_to_wake_the_holder_waits_for_nothing(
    holder: AdvisoryLease, make: Callable[..., AdvisoryLease], database_url: str
) -> None:
    with Line(database_url) as line:
        far = make(line.url)
        time.sleep(2 * LOOK_EVERY)
        line.hush()
        for _ in range(10_000):  # more than fit into any buffer; with a wait for each, it would take hours
            far.wake()

        line.heal()
        far.release()
    assert holder.is_held


def test_who_takes_over_looks_for_work_at_once(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database
) -> None:
    seen = standby.wait(-1, 0)
    cut(database)
    until(lambda: not holder.is_held)

    assert standby.wait(seen, 10) != seen


# What goes wrong


def test_losses_and_take_overs_are_counted_and_logged(
    holder: AdvisoryLease, standby: AdvisoryLease, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage")
    cut(database)
    until(lambda: holder.losses == 1)
    until(lambda: standby.is_held)

    assert "lost the lease: epoch 1; 1 times since the start" in caplog.text
    until(lambda: "took the lease, which nobody had given back: epoch 2; 1 times since the start" in caplog.text)
    assert (holder.takeovers, standby.losses, standby.takeovers) == (0, 0, 1)


def test_a_lease_that_was_given_back_is_not_taken_over(
    holder: AdvisoryLease, standby: AdvisoryLease, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage")
    holder.release()
    until(lambda: "took the lease: epoch 2" in caplog.text)

    assert (holder.losses, standby.takeovers) == (0, 0)


def test_a_database_that_is_away_at_the_start_is_waited_for_and_logged_once(
    make: Callable[..., AdvisoryLease], database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "storage")
    with Line(database_url) as line:
        line.hush()
        lease = make(line.url)
        time.sleep(2 * (2 + RETRY_AFTER))  # two tries
        line.heal()
        until(lambda: lease.is_held)
        lease.release()

    assert caplog.text.count("line to the database broke") == 1
    assert caplog.text.count("line to the database is back") == 1


def test_a_line_that_goes_silent_is_given_up_and_another_takes_over_later(
    make: Callable[..., AdvisoryLease], database_url: str
) -> None:
    with Line(database_url) as line:
        far = make(line.url)
        until(lambda: far.is_held)
        near = make()
        line.hush()
        until(lambda: not far.is_held, 10)
        assert far.losses == 1
        line.heal()  # the server hears only now that the old connection is gone
        until(lambda: near.is_held or far.is_held)
        far.release()


def test_a_take_over_of_which_is_not_known_whether_it_was_committed_is_tried_again(
    make: Callable[..., AdvisoryLease], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, tries = AdvisoryLease._begin_epoch, iter([True])

    def begin_and_lose(lease: AdvisoryLease) -> None:
        begin(lease)
        if next(tries, False):
            lease._epoch = 0
            raise DatabaseLostError

    monkeypatch.setattr(AdvisoryLease, "_begin_epoch", begin_and_lose)
    lease = make()
    until(lambda: lease.is_held)

    assert row(database).epoch == 2


def test_a_release_ends_the_thread_and_the_lock(holder: AdvisoryLease, database: Database) -> None:
    holder.release()

    assert "lease" not in {thread.name for thread in threading.enumerate()}
    with database.engine.connect() as connection:
        assert connection.execute(sa.text(_HOLDER)).all() == []
    assert row(database).holder == ""


def test_a_release_before_the_start_does_nothing(database: Database) -> None:
    lease = AdvisoryLease(database, lambda: NOW)

    lease.release()
    lease.wake()


def test_a_second_release_does_nothing(holder: AdvisoryLease) -> None:
    holder.release()
    holder.release()
