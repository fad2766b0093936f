"""The disk of the database is full: people are told so, nothing is half done, and it goes on when there is room."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from bot.sandbox import company
from tests import postgres
from tests.conftest import World, on_both
from tests.faults.test_locked_sqlite import is_well, ready

NAME = company.OLD_RELEASE
NoRoom = Callable[[World], AbstractContextManager[None]]


@pytest.fixture(autouse=True)  # and so it ends after the bot
def no_room(database_url: str) -> Iterator[NoRoom]:
    """SQLite says so where a statement needs another page, PostgreSQL where what has changed something commits."""
    if database_url.startswith("sqlite"):
        yield _no_page
    else:
        with postgres.disk(database_url) as full:
            yield lambda _: full()


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


@on_both
def test_a_command_that_finds_no_room_is_told_so_and_counts_for_nothing(world: World, no_room: NoRoom) -> None:
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
def test_a_click_that_finds_no_room_is_told_so_and_counts_when_there_is_some(world: World, no_room: NoRoom) -> None:
    card = ready(world)

    def is_taken() -> bool:
        time.sleep(0.3)
        return world.staff.ann.clicks("Delete snapshot", message=card).ok

    with no_room(world):
        clicks = [is_taken() for _ in range(4)]
    clicks.append(is_taken())

    assert all(clicks)
    assert "has no room left" in world.hears(world.staff.ann, "has no room left").text
    is_well(world, card)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_cannot_be_kept_is_not_called(world: World, no_room: NoRoom) -> None:
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
def test_what_aws_has_accepted_is_told_when_it_can_be_kept(world: World, no_room: NoRoom) -> None:
    card = ready(world)
    world.aws.pace([("Started", 0), ("Succeeded", 5)])  # it is still under way when there is room again
    world.aws.slow("DeleteInstanceSnapshot", 1)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    with no_room(world):
        time.sleep(2)

    is_well(world, card)
