"""The process stands still at a boundary and goes on as if nothing had been."""

from tests.conftest import World
from tests.faults.children import Nursery
from tests.faults.edges import Strike
from tests.faults.promises import broken
from tests.faults.story import Story

TOO_LONG = 6.0  # seconds: what was about to be sent must not be sent any more


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
