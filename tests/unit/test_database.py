"""Transactions: what both databases do, and what SQLite does."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError
from sqlmodel import select

from storage.database import POOL, Database, DatabaseBusyError, DatabaseFullError
from storage.tables import Audit, LeaseRow
from tests.conftest import on_both

NOW = datetime(2026, 11, 23, 10, 15, 1, 123456, tzinfo=UTC)


def row(at: datetime = NOW, event: str = "asked") -> Audit:
    return Audit(at=at, team_id="T1", actor="U1", event=event)


def events(database: Database) -> list[str]:
    with database.reading() as tx:
        return [one.event for one in tx.exec(select(Audit).order_by(sa.text("id")))]


@pytest.fixture
def impatient(database: Database) -> Iterator[Database]:
    made = Database(database.url.render_as_string(), patience=0.1)
    yield made
    made.close()


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """Another process holds the write lock."""
    other = sqlite3.connect(database.file, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


def write(database: Database, event: str = "asked") -> None:
    with database.transaction() as tx:
        tx.add(row(event=event))


# Commit and roll back


@on_both
def test_a_transaction_commits_at_the_end_of_its_block(database: Database) -> None:
    write(database)

    assert events(database) == ["asked"]


@on_both
def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    with suppress(LookupError), database.transaction() as tx:
        tx.add(row())
        tx.flush()
        raise LookupError

    assert events(database) == []


@on_both
def test_after_a_failure_the_next_one_can_write(database: Database) -> None:
    with pytest.raises(LookupError), database.transaction():
        raise LookupError
    write(database)

    assert events(database) == ["asked"]


@on_both
def test_rows_are_plain_values_after_the_transaction(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(made := row())

    assert (made.event, made.id) == ("asked", 1)


# Many at once


def test_writers_side_by_side_all_succeed(database: Database) -> None:
    def count(_: int) -> None:
        with database.transaction() as tx:
            lease = tx.get(LeaseRow, 1) or LeaseRow(id=1)
            lease.epoch += 1
            tx.add(lease)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(count, range(200)))

    with database.reading() as tx:
        assert tx.get_one(LeaseRow, 1).epoch == 200


def test_writers_of_two_engines_side_by_side_all_succeed(database: Database) -> None:
    other = Database(database.url.render_as_string(), patience=5)
    patient = Database(database.url.render_as_string(), patience=5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write((other, patient)[number % 2]), range(40)))
    other.close()
    patient.close()

    assert len(events(database)) == 40


def test_a_transaction_that_has_only_read_so_far_has_the_write_lock(database: Database, impatient: Database) -> None:
    with database.transaction() as tx:
        list(tx.exec(select(Audit)))

        with pytest.raises(DatabaseBusyError):
            write(impatient)


def test_readers_wait_for_no_writer_and_see_what_was_committed(database: Database, impatient: Database) -> None:
    write(database, "before")
    with database.transaction() as tx:
        tx.add(row(event="not yet"))
        tx.flush()

        assert events(impatient) == ["before"]


def test_writers_wait_for_no_reader(database: Database, impatient: Database) -> None:
    with database.reading() as tx:
        list(tx.exec(select(Audit)))
        write(impatient)

    assert events(database) == ["asked"]


# Busy


def test_whoever_gets_no_turn_is_told_within_the_patience(impatient: Database) -> None:
    begun = time.monotonic()
    with somebody_writes(impatient), pytest.raises(DatabaseBusyError, match="busy"):
        write(impatient)

    assert time.monotonic() - begun < 5  # seconds; it would be SQLite's own five, or for ever


def test_a_turn_that_comes_in_time_is_taken(database: Database) -> None:
    with somebody_writes(database):
        writer = threading.Thread(target=write, args=(database,))
        writer.start()
        time.sleep(0.1)
    writer.join()

    assert events(database) == ["asked"]


def test_whoever_waits_behind_another_waits_no_longer_than_the_patience(database: Database) -> None:
    """A click has to be acknowledged in time, whoever else is waiting."""
    patience = 0.5
    hurried = Database(database.url.render_as_string(), patience=patience)

    def wait() -> float:
        begun = time.monotonic()
        with pytest.raises(DatabaseBusyError):
            write(hurried)
        return time.monotonic() - begun

    with somebody_writes(hurried), ThreadPoolExecutor(2) as pool:
        first = pool.submit(wait)
        time.sleep(0.15)
        second = pool.submit(wait)
        waited = max(first.result(), second.result())
    hurried.close()

    assert waited < patience + 3  # seconds


def test_whoever_gets_no_connection_is_told(impatient: Database) -> None:
    with ExitStack() as taken:
        for _ in range(POOL + 10):  # SQLAlchemy lends ten more
            taken.enter_context(impatient.reading()).exec(select(Audit)).all()

        with pytest.raises(DatabaseBusyError):
            events(impatient)


def test_other_errors_of_the_database_are_not_called_busy(database: Database) -> None:
    with pytest.raises(sa.exc.OperationalError, match="no such table"), database.transaction() as tx:
        tx.connection().execute(sa.text("SELECT * FROM no_table"))


def test_another_process_that_holds_sqlite_for_long_keeps_nobody_longer_than_the_patience(database: Database) -> None:
    begun = time.monotonic()
    with somebody_writes(database), ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(write, database) for _ in range(8)]
        errors = [one.exception() for one in tries]
    write(database, "after")

    assert {type(error) for error in errors} == {DatabaseBusyError}
    assert time.monotonic() - begun < 3
    assert events(database) == ["after"]


# Full


def limit(database: Database, pages: int) -> None:
    """Let the file grow no more, as a full disk does; 0 for no limit. For the one connection that there is."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages or 1 << 30}")


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["at the end", "in the middle"])
def test_a_full_disk_is_told_and_nothing_is_half_done(database: Database, size: int) -> None:
    write(database, "before")
    limit(database, 1)  # SQLite makes it as many as there are
    with pytest.raises(DatabaseFullError), database.transaction() as tx:
        tx.add_all(row(event="x" * size) for _ in range(300))
    before = events(database)
    limit(database, 0)
    write(database, "after")

    assert before == ["before"]
    assert events(database) == ["before", "after"]


# Settings of SQLite


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_is_set_up_for_durability(database: Database, pragma: str, value: object) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_row_of_nothing_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"), database.transaction() as tx:
        tx.connection().execute(
            sa.text(
                "INSERT INTO notice (key, deletion_id, kind, facts, at, delivery) VALUES ('k', 'D', 'x', '', 0, '')"
            )
        )


# Times


@on_both
def test_a_naive_datetime_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 23, 10, 15)  # noqa: DTZ001

    with pytest.raises(StatementError, match="a naive datetime"), database.transaction() as tx:
        tx.add(row(naive))


zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours, minutes=30)))


@on_both
@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones))  # noqa: DTZ001
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_aware_datetime_comes_back_as_the_same_moment_in_utc(database: Database, at: datetime) -> None:
    with database.transaction() as tx:
        tx.add(made := row(at))
    with database.reading() as tx:
        stored = tx.get_one(Audit, made.id).at

    assert stored == at
    assert stored.tzinfo is UTC


@on_both
def test_moments_in_different_zones_are_compared_as_moments(database: Database) -> None:
    east = timezone(timedelta(hours=9))
    with database.transaction() as tx:
        tx.add(row((NOW - timedelta(minutes=1)).astimezone(east), "before"))
        tx.add(row((NOW + timedelta(minutes=1)).astimezone(east), "after"))

    with database.reading() as tx:
        assert [one.event for one in tx.exec(select(Audit).where(Audit.at > NOW))] == ["after"]


@on_both
def test_no_time_stays_none(database: Database) -> None:
    with database.transaction() as tx:
        tx.add(LeaseRow(id=1))

    with database.reading() as tx:
        assert tx.get_one(LeaseRow, 1).taken_at is None
