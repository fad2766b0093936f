"""Several regions: one that is down, one with the same name, all of them."""

import re

import pytest

from bot.lightsail import known_regions
from bot.sandbox import company
from tests.conftest import World

NAME, TWICE, HOME, AWAY = company.OLD_RELEASE, company.TWICE, "us-east-1", "eu-west-1"
pytestmark = pytest.mark.usefixtures("brisk")


def pasted(answer: str) -> str:
    """The one command that an answer offers."""
    (command,) = re.findall(r"(/snapshot delete .+)", answer)
    return str(command)


def ready(world: World, regions: object = company.REGIONS) -> None:
    world.start(lightsail_regions=regions, last_guard=False)
    world.grant(world.staff.ann)


def test_a_region_that_is_down_ends_the_ask_with_the_command_for_the_one_that_answered(world: World) -> None:
    ready(world)
    world.aws.down(AWAY)

    world.staff.ann.types(f'/snapshot delete {NAME} --reason "old release"', world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say everywhere whether it has").reads()

    assert f"• {AWAY}: The line to AWS broke off" in answer
    assert pasted(answer) == f'/snapshot delete {NAME} --region {HOME} --reason "old release"'
    assert world.slack.messages(world.staff.ops) == []


def test_the_command_that_is_offered_works_while_the_other_region_is_down(world: World) -> None:
    ready(world)
    world.aws.down(AWAY)
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    command = pasted(world.hears(world.staff.ann, "AWS did not say everywhere").reads())

    card = world.ask(world.staff.ann, command.removeprefix("/snapshot delete "))
    world.staff.ann.clicks("Delete snapshot", message=card)

    world.reads(card, "✅ Deleted")


def test_of_two_snapshots_of_a_name_the_one_that_is_seen_is_not_taken_for_the_only_one(world: World) -> None:
    ready(world)
    world.aws.down(HOME)

    world.staff.ann.types(f"/snapshot delete {TWICE}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say everywhere").reads()

    assert pasted(answer) == f"/snapshot delete {TWICE} --region {AWAY}"
    assert world.slack.messages(world.staff.ops) == []


def test_where_it_is_found_nowhere_and_a_region_is_down_it_may_be_there(world: World) -> None:
    ready(world)
    world.aws.down(HOME)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say everywhere").reads()

    assert f"I found none that you may see in {AWAY}." in answer
    assert f"Try again in a few minutes: /snapshot delete {NAME}" in answer


def test_what_the_asker_may_not_see_is_not_told_of_a_region_that_answered(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.ann, "view", "web-1-*", deny=True)
    world.aws.down(AWAY)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say everywhere").reads()

    assert "--region" not in answer
    assert f"I found none that you may see in {HOME}." in answer


def test_with_every_region_down_nothing_is_said_of_any(world: World) -> None:
    ready(world)
    world.aws.down(HOME)
    world.aws.down(AWAY)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say whether it has").reads()

    assert f"• {HOME}, {AWAY}: " in answer
    assert "none that you may see" not in answer


def test_a_named_region_that_is_down_is_asked_again_by_the_same_command(world: World) -> None:
    ready(world)
    world.aws.down(HOME)

    world.staff.ann.types(f"/snapshot delete {NAME} --region {HOME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say whether it has").reads()

    assert pasted(answer) == f"/snapshot delete {NAME} --region {HOME}"
    assert world.aws.calls() == []


def test_a_region_that_goes_down_after_the_question_keeps_the_confirmed_waiting(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.aws.down(HOME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "Waiting for AWS")
    world.aws.down(HOME, up=True)

    world.comes_to(card, "✅ Deleted")
    assert world.deletes() == 1


def test_a_region_that_stays_down_lets_the_confirmation_run_out(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.aws.down(HOME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "Waiting for AWS")
    world.skip(minutes=16)

    assert "AWS did not carry it out within 15 minutes." in world.reads(card, "⌛ Not deleted").reads()
    assert world.exists(NAME)


def test_what_is_followed_while_the_region_is_down_is_not_known_until_it_is_up_again(world: World) -> None:
    world.aws.pace("manual")
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "AWS: NotStarted")
    world.aws.down(HOME)
    unknown = world.comes_to(card, "Not known yet").reads()
    world.aws.down(HOME, up=True)
    (operation,) = world.aws.operations()
    world.aws.advance(operation.id)
    world.aws.advance(operation.id)
    world.comes_to(card, "✅ Deleted")

    thread = world.told(card, "Checked: the snapshot is gone.")
    assert "gave no final answer (its last word: NotStarted). It may or may not be deleted." in unknown
    assert thread.count("AWS does not say how far the operation is.") == 1
    assert thread.count("AWS does not say") == 1
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_a_name_in_three_regions_gets_a_button_each(world: World) -> None:
    world.aws.snapshot(TWICE, of="blog-1", region="ap-south-1", size_gb=60)
    ready(world, (HOME, AWAY, "ap-south-1"))

    world.staff.ann.types(f"/snapshot delete {TWICE}", world.staff.ops)
    question = world.hears(world.staff.ann, "exists 3 times. Which one?")
    world.staff.ann.clicks(question.buttons()[2], message=question)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")

    assert [button.partition(" · ")[0] for button in question.buttons()] == [HOME, AWAY, "ap-south-1"]
    assert "60 GB" in card.reads()


def test_all_regions_are_looked_at_side_by_side(world: World) -> None:
    world.aws.snapshot("far-away", of="blog-1", region="ap-southeast-2")
    ready(world, "all")

    card = world.ask(world.staff.ann, "far-away")

    assert "ap-southeast-2" in card.reads()
    assert {call.region for call in world.aws.calls("GetInstanceSnapshot")} == set(known_regions())


def test_one_of_all_regions_that_does_not_let_the_bot_in_is_named_alone(world: World) -> None:
    ready(world, "all")
    world.aws.fail("GetInstanceSnapshot", "UnrecognizedClientException", times=None, region="eu-south-2")

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "AWS did not say everywhere").reads()

    assert "• eu-south-2: AWS does not accept the bot's credentials (UnrecognizedClientException)." in answer
    assert pasted(answer) == f"/snapshot delete {NAME} --region {HOME}"


def test_a_region_that_is_named_twice_is_one(world: World) -> None:
    ready(world, (HOME, HOME))

    world.ask(world.staff.ann, NAME)

    assert len(world.aws.calls("GetInstanceSnapshot")) == 1
