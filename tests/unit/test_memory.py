"""The history in SQL and in pages: nothing is left out or comes twice, and each sees what they may."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.memory import Memory, NoSuchDeletion, NotAllowed, Page
from bot.model import Actor
from bot.rules import Rulebook
from storage import history, permissions
from storage.database import Database
from storage.history import Filter, Mark
from storage.tables import Action, Deletion, Effect, Permission, State
from tests.conftest import on_both

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ANN, DAN = Actor("T1", "U1", "ann"), Actor("T1", "U2", "dan")
letters = st.text("ab*?[]!-_%\\.", max_size=6)
pytestmark = on_both


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


@pytest.fixture
def memory(database: Database) -> Memory:
    return Memory(database, Rulebook(), lambda: NOW)


def put(database: Database, *names: str, minutes: int = 1, asker: str = "U1") -> None:
    """Deletions that were asked for, the first one last."""
    with database.transaction() as tx:
        for number, name in enumerate(names):
            at = NOW - timedelta(minutes=number * minutes + 1)
            snapshot: dict[str, object] = {
                "arn": name,
                "name": name,
                "region": "us-east-1",
                "created_at": at.isoformat(),
                "state": "available",
            }
            tx.add(
                Deletion(
                    id=f"D-{number:05}",
                    state=State.CANCELLED,
                    team_id="T1",
                    channel_id="C1",
                    trigger_id=f"{number}",
                    requester_id=asker,
                    requester_name="ann",
                    asked_at=at,
                    expires_at=at,
                    arn=name,
                    name=name,
                    region="us-east-1",
                    snapshot=snapshot,
                )
            )


def allow(database: Database, person: Actor, pattern: str, effect: Effect = Effect.ALLOW) -> None:
    row = Permission(
        team_id="T1",
        subject=person.id,
        effect=effect,
        action=Action.VIEW,
        pattern=pattern,
        granted_by="x",
        granted_at=NOW,
    )
    with database.transaction() as tx:
        permissions.grant(tx, row)


def pages(memory: Memory, person: Actor, at_most: int = 10) -> list[Page]:
    found: list[Page] = []
    after = None
    while True:
        page = memory.history(person, after=after, at_most=at_most)
        assert isinstance(page, Page)
        found.append(page)
        after = page.more
        if after is None:
            return found


@pytest.mark.parametrize("minutes", [0, 1], ids=["all at once", "one after the other"])
def test_pages_hold_everything_once_and_the_newest_first(database: Database, memory: Memory, minutes: int) -> None:
    put(database, *(f"web-{number}" for number in range(205)), minutes=minutes)
    allow(database, ANN, "*")
    rows = [one for page in pages(memory, ANN) for one in page.rows]

    assert len(rows) == len({one.id for one in rows}) == 205
    assert rows == sorted(rows, key=lambda one: (one.asked_at, one.id), reverse=True)


def test_a_page_that_ends_with_the_last_one_promises_at_most_an_empty_one(database: Database, memory: Memory) -> None:
    put(database, *(f"web-{number}" for number in range(10)))
    allow(database, ANN, "*")

    assert [len(page.rows) for page in pages(memory, ANN)] in ([10], [10, 0])


def test_each_sees_what_they_may(database: Database, memory: Memory) -> None:
    put(database, "web-1", "db-1", "web-secret", "web-2", asker="U9")
    allow(database, DAN, "web-*")
    allow(database, DAN, "*-secret", Effect.DENY)

    assert [one.name for page in pages(memory, DAN) for one in page.rows] == ["web-1", "web-2"]


def test_who_may_see_few_of_many_is_asked_to_go_on(database: Database, memory: Memory) -> None:
    put(database, *(["web-0"] * 30), "db-1", asker="U9")
    allow(database, DAN, "*")
    allow(database, DAN, "web-*", Effect.DENY)
    first = memory.history(DAN, at_most=10, look_through=20)
    assert isinstance(first, Page)
    second = memory.history(DAN, after=first.more, at_most=10, look_through=20)
    assert isinstance(second, Page)

    assert (list(first.rows), first.is_unfinished) == ([], True)
    assert [one.name for one in second.rows] == ["db-1"]


def test_who_may_see_nothing_is_told_so(database: Database, memory: Memory) -> None:
    put(database, "web-1")
    allow(database, ANN, "*")

    assert isinstance(memory.history(DAN, at_most=10), NotAllowed)
    assert isinstance(memory.record(DAN), NotAllowed)
    assert isinstance(memory.story(DAN, "D-00000"), NotAllowed)


def test_a_story_is_of_ones_own_workspace(database: Database, memory: Memory) -> None:
    put(database, "web-1")
    allow(database, ANN, "*")

    assert isinstance(memory.story(Actor("T2", ANN.id, "ann"), "D-00000"), NoSuchDeletion)
    assert isinstance(memory.story(ANN, "D-99999"), NoSuchDeletion)


@given(letters, letters)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_leaves_out_nothing_that_a_pattern_matches(database: Database, pattern: str, name: str) -> None:
    like = sa.select(sa.literal(name).like(history._like(pattern), escape="\\"))
    with database.reading() as tx:
        found = bool(tx.execute(like).scalar())

    assert found or not fnmatchcase(name, pattern)


def test_a_piece_goes_on_behind_its_mark(database: Database) -> None:
    put(database, "a", "b", "c", minutes=0)
    with database.reading() as tx:
        first = history.piece(tx, Filter("T1"), None, 2)
        rest = history.piece(tx, Filter("T1"), Mark(first[-1].asked_at, first[-1].id), 2)

    assert [one.id for one in (*first, *rest)] == ["D-00002", "D-00001", "D-00000"]
