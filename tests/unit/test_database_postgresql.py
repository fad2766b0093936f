"""Transactions on a real PostgreSQL: what goes wrong there is told apart, within the time that a person has."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import cast

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from storage.connection import Connection, answers_within
from storage.database import (
    ANSWER_WITHIN,
    POOL,
    Database,
    DatabaseAwayError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseLostError,
)
from storage.tables import Audit
from tests import postgres
from tests.faults.proxy import Line
from tests.unit.test_database import events, row, write

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ACK = 3.0  # seconds


@pytest.fixture
def line(database_url: str) -> Iterator[Line]:
    with Line(database_url) as made:
        yield made


@pytest.fixture
def far(line: Line) -> Iterator[Database]:
    """The same database at the end of a line that can break."""
    made = Database(line.url)
    yield made
    made.close()


@contextmanager
def in_time() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < ACK


def insert(tx: Session) -> None:
    tx.add(row())
    tx.flush()


def do(database: Database, *steps: Callable[[Session], object]) -> None:
    """These steps in one transaction."""
    with database.transaction() as tx:
        for step in steps:
            step(tx)


def setting(database: Database, name: str) -> object:
    with database.reading() as tx:
        return tx.connection().execute(sa.text(f"SHOW {name}")).scalar_one()


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", "400ms"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("application_name", "lightkeeper"),
    ],
)
def test_a_connection_is_set_up_on_purpose(database: Database, name: str, value: str) -> None:
    assert setting(database, name) == value


def test_a_setting_survives_a_transaction_that_fails(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        do(database, insert, lambda _: 1 / 0)

    assert setting(database, "lock_timeout") == "400ms"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems call these options otherwise")
def test_a_peer_that_vanishes_is_noticed_by_this_machine(far: Database) -> None:
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
    with far.engine.connect() as connection:
        driver = cast("Connection", connection.connection.driver_connection)
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            alive = line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            told = [line.getsockopt(socket.IPPROTO_TCP, option) for option in options]

    assert (alive, told) == (1, [5, 2, 3, 10_000])


# Busy


def test_a_row_that_somebody_else_holds_is_waited_for_within_the_patience(database: Database, far: Database) -> None:
    write(database)
    lock = select(Audit).with_for_update()
    with database.transaction() as tx, in_time():
        tx.exec(lock).one()

        with pytest.raises(DatabaseBusyError), far.transaction() as other:
            other.exec(lock).one()


def test_whoever_gets_no_connection_is_told_within_the_patience(database: Database) -> None:
    with ExitStack() as taken:
        for _ in range(POOL):
            taken.enter_context(database.reading()).exec(select(Audit)).all()

        with in_time(), pytest.raises(DatabaseBusyError):
            write(database)
    write(database, "after")

    assert events(database) == ["after"]


# Away, and lost


def cut_off(database: Database, tx: Session) -> None:
    """End the connection of a transaction."""
    pid = tx.connection().execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    with database.engine.connect() as connection:
        connection.execute(sa.text(f"SELECT pg_terminate_backend({pid}, 5000)"))


def test_a_database_that_nobody_hears_is_away(database_url: str) -> None:
    with Line(database_url) as line:
        nobody = Database(line.url)
    with in_time(), pytest.raises(DatabaseAwayError):
        write(nobody)
    nobody.close()


def test_a_line_that_is_cut_before_the_commit_is_away(database: Database, far: Database) -> None:
    with pytest.raises(DatabaseAwayError):
        do(far, insert, lambda tx: cut_off(database, tx), insert)
    write(far, "after")

    assert events(database) == ["after"]


def test_a_line_that_is_cut_in_the_commit_is_lost(database: Database, far: Database) -> None:
    with pytest.raises(DatabaseLostError):
        do(far, insert, lambda tx: cut_off(database, tx))
    write(far, "after")

    assert events(database) == ["after"]


def test_idle_connections_that_were_ended_are_replaced(database: Database, far: Database) -> None:
    with ExitStack() as taken:
        for _ in range(5):
            taken.enter_context(far.reading()).exec(select(Audit)).all()
    with database.engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    for number in range(8):
        write(far, str(number))

    assert len(events(database)) == 8


# A database that takes everything and says nothing


def test_a_silent_database_is_away_in_time_for_an_ack(far: Database, line: Line) -> None:
    write(far, "before")
    line.hush()
    with in_time(), pytest.raises(DatabaseAwayError):
        write(far, "meanwhile")
    line.heal()
    write(far, "after")

    assert events(far) == ["before", "after"]


def test_a_database_that_is_silent_to_newcomers_is_away_in_time_for_an_ack(far: Database, line: Line) -> None:
    line.hush()
    with in_time(), pytest.raises(DatabaseAwayError):
        write(far)
    line.heal()


def test_a_database_that_falls_silent_before_the_commit_has_changed_nothing(far: Database, line: Line) -> None:
    with in_time(), pytest.raises(DatabaseAwayError):
        do(far, insert, lambda _: line.hush(), insert)
    line.heal()

    assert events(far) == []


def test_of_a_database_that_falls_silent_in_the_commit_nothing_is_claimed(far: Database, line: Line) -> None:
    with in_time(), pytest.raises(DatabaseLostError):
        do(far, insert, lambda _: line.hush())
    line.heal()
    time.sleep(0.2)

    assert events(far) == ["asked"]  # here it had been heard


def test_many_that_meet_a_silent_database_are_all_told_in_time(far: Database, line: Line) -> None:
    for _ in range(3):
        write(far)
    line.hush()
    errors: list[type[BaseException]] = []

    def one() -> None:
        try:
            write(far)
        except (DatabaseAwayError, DatabaseBusyError) as error:
            errors.append(type(error))

    threads = [threading.Thread(target=one) for _ in range(16)]
    with in_time():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    line.heal()

    assert len(errors) == 16


def test_an_answer_that_came_while_the_process_was_paused_is_taken(database: Database) -> None:
    write(database)
    with database.transaction(within=0.2) as tx:
        tx.add(row())
        time.sleep(0.3)

    assert events(database) == ["asked", "asked"]


def test_whoever_has_no_limit_waits_as_long_as_it_takes(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1 FROM pg_sleep(:long)"), {"long": ANSWER_WITHIN + 0.3}).scalar() == 1


def test_the_limit_ends_with_its_block(database: Database) -> None:
    with answers_within(0.0):
        pass
    write(database)

    assert events(database) == ["asked"]


# Full


def test_a_full_disk_is_told_apart(database: Database) -> None:
    """The server's own error, raised by hand: a disk can't be filled here without being root."""
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    with pytest.raises(DatabaseFullError):
        do(database, insert, lambda tx: tx.connection().execute(sa.text(full)))
    write(database, "after")

    assert events(database) == ["after"]


def test_a_full_disk_in_the_commit_is_told_apart(database: Database, database_url: str) -> None:
    with postgres.disk(database_url) as full, full(), pytest.raises(DatabaseFullError):
        write(database)

    assert events(database) == []
