"""SQLite is locked by another process in the middle of the work."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Message
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
