"""PostgreSQL takes everything and says nothing, as behind a broken balancer: people are answered, the work goes on."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.sandbox import company
from storage.tables import State
from tests.conftest import World
from tests.faults.proxy import Line

NAME = company.OLD_RELEASE


@pytest.fixture
def line(migrated_postgresql: Callable[[], str]) -> Iterator[Line]:
    with Line(migrated_postgresql()) as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody waits for it, the bot waits for the database for two seconds, not five."""
    for module in ("storage.database", "storage.lease", "storage.advisory_lease"):
        monkeypatch.setattr(f"{module}.FINISH_WITHIN", 2.0)


@pytest.fixture
def database_url(line: Line) -> str:
    return line.url


def test_clicks_and_commands_are_answered_in_time_and_count_for_nothing(world: World, line: Line) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    line.hush()
    with ThreadPoolExecutor(8) as pool:
        clicks = list(pool.map(lambda _: world.staff.ann.clicks("Delete snapshot", message=card), range(8)))
    world.hears(world.staff.ann, "can't reach its database")
    typed = world.staff.bob.types(f"/snapshot delete {NAME}", world.staff.ops)
    world.hears(world.staff.bob, "can't reach its database")
    line.heal()

    assert [click.error for click in clicks] == [None] * 8
    assert typed.ok
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "the snapshot is gone")
    assert world.deletes() == 1


@pytest.mark.usefixtures("impatient")
def test_a_deletion_under_way_goes_on_when_the_database_speaks_again(world: World, line: Line) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.aws.slow("DeleteInstanceSnapshot", 1)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    line.hush()
    time.sleep(4)  # longer than anybody waits
    line.heal()
    thread = world.comes_to_tell(card, "the snapshot is gone")
    world.comes_to(card, "✅ Deleted")

    assert world.deletes() == 1
    assert [thread.count(word) for word in ("Confirmed by", "Succeeded", "Checked")] == [1, 1, 1]


def test_a_form_is_acknowledged_in_time_and_counts_for_nothing(world: World, line: Line) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, company.TWICE, options="--region eu-west-1")
    world.staff.bob.clicks("Approve", message=card)
    world.slack.wait_for(world.staff.bob.modal, what="form")
    line.hush()
    sent = world.staff.bob.submits({"Type its name to approve": company.TWICE})
    line.heal()

    assert sent.error is None
    world.hears(world.staff.bob, "can't reach its database")
    assert world.deletion().state is State.PENDING
