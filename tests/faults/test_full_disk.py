"""The disk of the database is full: people are told so, nothing is half done, and it goes on when there is room."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from bot.sandbox import company
from bot.sandbox.slack import Delivery, Message
from tests.conftest import World, on_both

NAME = company.OLD_RELEASE
# The server's own error, raised by triggers while there is a row in `full_disk`: a disk can't be filled here without
# being root.
_DISK = """
CREATE TABLE full_disk (since timestamptz);
CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF EXISTS (SELECT FROM full_disk) THEN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END IF;
RETURN NULL;
END $$;
"""
_WATCHED = """
CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT OR UPDATE ON "{}" DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION is_full();
"""


@pytest.fixture(autouse=True)
def _disk(database_url: str) -> Iterator[None]:
    if database_url.startswith("sqlite"):
        yield
        return
    watched = "".join(_WATCHED.format(table.name) for table in SQLModel.metadata.sorted_tables)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute((_DISK + watched).encode())
        yield
        connection.execute("DROP FUNCTION is_full CASCADE; DROP TABLE full_disk")


@contextmanager
def no_room(world: World) -> Iterator[None]:
    """SQLite says so where a statement needs another page, PostgreSQL where what has changed something commits."""
    with _no_page(world) if world.database.is_sqlite else _no_commit(world):
        yield


@contextmanager
def _no_page(world: World) -> Iterator[None]:
    """The bot's database can't grow; what fits where something is already still works, so that is filled up."""
    assert world.bot
    engine = world.bot.database.engine

    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite makes it as many as there are

    event.listen(engine, "begin", limit)
    try:
        _fill(engine)
        yield
    finally:
        event.remove(engine, "begin", limit)

        def lift(connection: sa.Connection) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count=1073741823")

        event.listen(engine, "begin", lift)


def _fill(engine: sa.Engine) -> None:
    """Use what room there is in the pages of the tables that a click writes to."""
    fill = "INSERT INTO receipt (trigger_id, at) VALUES (hex(randomblob(200)), '2026-01-01 00:00:00')"
    with engine.connect() as connection:
        try:
            while True:
                connection.exec_driver_sql(fill)
                connection.commit()
        except sa.exc.OperationalError:
            connection.rollback()


@contextmanager
def _no_commit(world: World) -> Iterator[None]:
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO full_disk VALUES (now())")
    try:
        yield
    finally:
        with world.database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM full_disk")


def ready(world: World) -> Message:
    world.start()
    world.grant(world.staff.ann)
    return world.ask(world.staff.ann, NAME)


def is_well(world: World, card: Message) -> None:
    """One call, told once and in order."""
    thread = world.comes_to_tell(card, "the snapshot is gone")
    world.comes_to(card, "✅ Deleted")

    assert world.deletes() == 1
    assert [thread.count(word) for word in ("Confirmed by", "Succeeded", "Checked")] == [1, 1, 1]
    assert thread.count("Started") <= 1  # it may be over by the time that it can be kept
    assert world.audit().count("asked") == world.audit().count("ready") == world.audit().count("deleted") == 1


@on_both
def test_a_command_that_finds_no_room_is_told_so_and_counts_for_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    reason = "ö" * 2900  # SQLite gives it a page of its own
    with no_room(world):
        typed = world.staff.ann.types(f"/snapshot delete {NAME} --reason {reason}", world.staff.ops)
        world.hears(world.staff.ann, "has no room left")
        cards = world.slack.messages(world.staff.ops)
    world.ask(world.staff.ann, NAME, options=f"--reason {reason}")

    assert typed.ok
    assert cards == []
    assert world.audit() == ["granted", "asked", "pending"]


@on_both
def test_a_click_that_finds_no_room_is_told_so_and_counts_when_there_is_some(world: World) -> None:
    card = ready(world)
    clicks: list[Delivery] = []
    with no_room(world):
        for _ in range(4):
            clicks.append(world.staff.ann.clicks("Delete snapshot", message=card))
            time.sleep(0.3)
    clicks.append(world.staff.ann.clicks("Delete snapshot", message=card))

    assert all(click.ok for click in clicks)
    assert "has no room left" in world.hears(world.staff.ann, "has no room left").text
    is_well(world, card)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_cannot_be_kept_is_not_called(world: World) -> None:
    """The disk fills before the intent, while AWS tells what the name means. (In SQLite the intent needs no page.)"""
    card = ready(world)
    looked = len(world.aws.calls("GetInstanceSnapshot"))
    world.aws.slow("GetInstanceSnapshot", 1)
    world.staff.ann.clicks("Delete snapshot", message=card)
    with no_room(world):
        world.slack.wait_for(lambda: len(world.aws.calls("GetInstanceSnapshot")) > looked, what="look")
        time.sleep(2)
        called = world.deletes()
    is_well(world, card)

    assert called == 0


@on_both
def test_what_aws_has_accepted_is_told_when_it_can_be_kept(world: World) -> None:
    card = ready(world)
    world.aws.slow("DeleteInstanceSnapshot", 1)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    with no_room(world):
        time.sleep(2)

    is_well(world, card)
