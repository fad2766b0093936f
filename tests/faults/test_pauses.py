"""The process stands still at a boundary and goes on as if nothing had been."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import psycopg
import pytest

from storage.tables import LeaseRow
from tests.conftest import World
from tests.faults.children import Nursery
from tests.faults.edges import Strike
from tests.faults.matrix import LEGEND, Matrix, play
from tests.faults.promises import broken
from tests.faults.story import Story, StoryOfTwo, Wish

TOO_LONG = 6.0  # seconds: what was about to be sent must not be sent any more
LONG = 20.0  # seconds: longer than the database waits for a holder of the lease that says nothing
BOUNDARIES = 120  # of a story, at the least
LINES = ("kept", "cut")
PARTING = (  # where whoever goes on too late says or does something again
    "Slack chat_postMessage before",
    "Slack chat_update before",
    "AWS DeleteInstanceSnapshot before",
    "transaction slack.outbox.commit_sent before",
    "transaction steps.intend uncommitted",
)
PARTS = 10  # of the boundaries, so that several machines' worth of standing still goes on side by side
CASES = [("sqlite", "kept"), ("postgresql", "kept"), ("postgresql", "cut")]
cases = pytest.mark.parametrize(
    ("database_url", "line"), CASES, indirect=["database_url"], ids=[" ".join(case) for case in CASES]
)


def test_a_pause_before_the_call_to_aws_makes_no_late_call(world: World, nursery: Nursery) -> None:
    strike = Strike("AWS DeleteInstanceSnapshot before", pause=TOO_LONG)

    story = Story(world, nursery, strikes=[strike]).run()

    assert story.told.struck == [strike.at]
    assert world.deletion().attempt == 2
    assert not broken(story)


def test_a_pause_before_the_card_is_posted_posts_it_once(world: World, nursery: Nursery) -> None:
    strike = Strike("Slack chat_postMessage before", pause=TOO_LONG)

    story = Story(world, nursery, strikes=[strike]).run()

    assert story.told.struck == [strike.at]
    assert not broken(story)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_long_pause_at_any_boundary_is_made_good(world: World, nursery: Nursery) -> None:
    strike = Strike(random.randint(1, BOUNDARIES), pause=LONG)

    story = Story(world, nursery, strikes=[strike], at_pause=_at_pause(world, random.choice(LINES))).run()

    assert story.told.struck
    assert not broken(story), story.told.struck


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pause_in_which_another_takes_over_is_made_good(world: World, nursery: Nursery) -> None:
    _is_taken_over(world, nursery, random.choice(PARTING), random.choice(LINES))


@pytest.mark.soak
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("at", PARTING)
def test_any_pause_in_which_another_takes_over_is_made_good(world: World, nursery: Nursery, at: str, line: str) -> None:
    _is_taken_over(world, nursery, at, line)


def _is_taken_over(world: World, nursery: Nursery, at: str, line: str) -> None:
    story = StoryOfTwo(world, nursery, Strike(at, pause=LONG), _at_pause(world, line)).run()
    with world.database.reading() as tx:
        epoch = tx.get_one(LeaseRow, 1).epoch

    assert story.told.struck == [at]
    assert epoch == 2
    assert not broken(story), (at, line)


@cases
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_long_pause_at_each_boundary_is_made_good(world: World, nursery: Nursery, line: str, part: int) -> None:
    matrix = Matrix(f"DELETE, paused for {LONG} s at each boundary, its line to the database {line}, part {part}")

    play(matrix, world, nursery, Wish.DELETE, _pauses(part + 1), at_pause=_at_pause(world, line))

    sys.stdout.write(f"\n{matrix}\n{LEGEND}")  # for `make soak ARGS=-s`
    assert not matrix.broken, "\n\n".join(matrix.broken)


def _pauses(first: int) -> Iterator[Sequence[Strike]]:
    for n in count(first, PARTS):
        yield [Strike(n, pause=LONG)]


def _at_pause(world: World, line: str) -> Callable[[], None]:
    """What happens while the process stands still: nothing, or its connections are ended by the server."""
    return (lambda: None) if line == "kept" else lambda: _cut(world.url)


def _cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
