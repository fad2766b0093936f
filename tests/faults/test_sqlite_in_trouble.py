"""SQLite is locked by another process, or its disk is full, in the middle of the work."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from bot.sandbox import company
from bot.sandbox.slack import Delivery, Message
from tests.conftest import World

NAME = company.OLD_RELEASE
LOCKED = 3.0  # seconds
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_OTHER_PROCESS = """
import sqlite3, sys, time
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
other.execute("ROLLBACK")
"""


@contextmanager
def another_process_locks(world: World) -> Iterator[None]:
    """For three seconds; ends when they are over."""
    command = [sys.executable, "-c", _OTHER_PROCESS, str(world.database.file), str(LOCKED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        yield


@contextmanager
def no_room(world: World) -> Iterator[None]:
    """The bot's database can't grow, as on a full disk; what fits where something is already still works."""
    assert world.bot
    engine = world.bot.database.engine

    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite makes it as many as there are

    event.listen(engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(engine, "begin", limit)

        def lift(connection: sa.Connection) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count=1073741823")

        event.listen(engine, "begin", lift)


def ready(world: World) -> Message:
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    world.start()
    world.grant(world.staff.ann)
    return world.ask(world.staff.ann, NAME)


def is_well(world: World, card: Message) -> None:
    """One call, told once and in order."""
    thread = world.told(card, "the snapshot is gone")
    world.reads(card, "✅ Deleted")

    assert world.deletes() == 1
    assert [thread.count(word) for word in ("Confirmed by", "Started", "Succeeded", "Checked")] == [1, 1, 1, 1]
    assert world.audit().count("asked") == world.audit().count("ready") == world.audit().count("deleted") == 1


def test_while_another_process_locks_sqlite_everybody_is_answered_in_time_and_nothing_is_half_done(
    world: World,
) -> None:
    card = ready(world)
    with another_process_locks(world):
        click = world.staff.ann.clicks("Delete snapshot", message=card)
        typed = world.staff.bob.types(f"/snapshot delete {NAME}", world.staff.ops)
        world.hears(world.staff.ann, "busy")  # nobody would say so when the lock is gone
        world.hears(world.staff.bob, "busy")
    state, events = world.deletion().state, world.audit()
    world.staff.ann.clicks("Delete snapshot", message=card)

    assert (click.error, typed.error) == (None, None)
    assert (state, events) == ("pending", ["granted", "asked", "pending"])
    is_well(world, card)


def test_after_another_process_has_locked_sqlite_the_follower_goes_on(world: World) -> None:
    card = ready(world)
    world.aws.slow("DeleteInstanceSnapshot", 0.7)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    with another_process_locks(world):
        pass

    is_well(world, card)


def test_a_command_that_finds_no_room_is_told_so_and_counts_for_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    command = f"/snapshot delete {NAME} --reason {'ö' * 2900}"  # it takes a page of its own
    with no_room(world):
        _fill(world)
        typed = world.staff.ann.types(command, world.staff.ops)
        world.hears(world.staff.ann, "has no room left")
        cards = world.slack.messages(world.staff.ops)
    world.ask(world.staff.ann, NAME, options=f"--reason {'ö' * 2900}")

    assert typed.ok
    assert cards == []
    assert world.audit() == ["granted", "asked", "pending"]


def test_a_deletion_that_finds_no_room_on_its_way_goes_on_when_there_is_some(world: World) -> None:
    card = ready(world)
    clicks: list[Delivery] = []
    with no_room(world):
        _fill(world)
        for _ in range(4):
            clicks.append(world.staff.ann.clicks("Delete snapshot", message=card))
            time.sleep(0.3)
    clicks.append(world.staff.ann.clicks("Delete snapshot", message=card))

    assert all(click.ok for click in clicks)
    assert "has no room left" in world.hears(world.staff.ann, "has no room left").text
    is_well(world, card)


def _fill(world: World) -> None:
    """Use what room there is in the pages of the tables that a click writes to."""
    assert world.bot
    fill = "INSERT INTO receipt (trigger_id, at) VALUES (hex(randomblob(200)), '2026-01-01 00:00:00')"
    with world.bot.database.engine.connect() as connection:
        try:
            while True:
                connection.exec_driver_sql(fill)
                connection.commit()
        except sa.exc.OperationalError:
            connection.rollback()


def test_what_slack_took_just_before_the_lock_is_not_said_again(world: World) -> None:
    card = ready(world)
    world.slack.channel("ops", bot=False)  # it may write there, but could not look for what it has written
    taken = threading.Event()

    def is_a_line(call: Mapping[str, str]) -> bool:
        if "thread_ts" in call:
            taken.set()
        return "thread_ts" in call

    world.slack.slow("chat.postMessage", 1.0, when=is_a_line)
    world.staff.ann.clicks("Delete snapshot", message=card)
    assert taken.wait(10)
    with another_process_locks(world):
        pass
    world.comes_to_tell(card, "the snapshot is gone")

    is_well(world, card)
