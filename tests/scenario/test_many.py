"""Many people at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Message
from tests.conftest import World

NAME = company.OLD_RELEASE


@pytest.fixture
def ack_seconds() -> float:
    """Crowd, Slack, AWS and bot share one interpreter here; `make bench` measures acks with each in its own."""
    return 20.0


def answers(world: World) -> list[Message]:
    """What was said to one person alone, but for the word that a look takes long, which comes on a busy machine."""
    return [said for said in world.slack.ephemerals() if not said.text.startswith("Looking in")]


def test_of_200_clicks_by_20_people_one_counts_and_all_are_answered(world: World) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    world.start()
    crowd = [world.staff.ann, world.staff.bob, *(world.slack.person(f"Person{number}") for number in range(18))]
    world.slack.channel("ops", members=crowd)
    world.grant(world.staff.ann)
    world.grant(world.staff.bob)
    card = world.ask(world.staff.ann, NAME)

    with ThreadPoolExecutor(200) as pool:
        clicks = list(pool.map(lambda number: crowd[number % 20].clicks("Delete snapshot", message=card), range(200)))
    world.told(card, "the snapshot is gone")
    world.slack.wait_for(lambda: len(answers(world)) >= 199, 30, "199 answers")

    assert [click.error for click in clicks] == [None] * 200
    assert {click.status for click in clicks} == {200}
    assert len(answers(world)) == 199
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1
    assert world.thread(card).count("Confirmed by") == 1
