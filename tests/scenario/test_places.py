"""Where the bot may not speak: decided before anything is asked, and answered with the way forward."""

from collections.abc import Callable

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Channel, Message, Person
from tests.conftest import SOON, World
from tests.scenario.conftest import Stage

NAME = company.OLD_RELEASE
Where = Callable[[World], Channel]


def members(*people: Person) -> frozenset[str]:
    return frozenset(person.id for person in people)


def between_two(world: World) -> Channel:
    people = members(world.staff.ann, world.staff.bob)
    return world.slack.workspace._keep(Channel("D0BETWEEN", "dm", people, is_im=True))


def between_three(world: World) -> Channel:
    people = members(world.staff.ann, world.staff.bob, world.staff.cleo)
    return world.slack.workspace._keep(Channel("C0GROUPDM", "mpdm", people, is_mpim=True, is_private=True))


def group_with_the_bot(world: World) -> Channel:
    made = world.slack.workspace.group_dm([world.staff.ann.id, world.staff.bob.id])
    assert made
    return made


def private(world: World) -> Channel:
    return world.slack.channel("hidden", members=[world.staff.ann], private=True, bot=False)


def private_with_the_bot(world: World) -> Channel:
    return world.slack.channel("secret", members=[world.staff.ann], private=True)


def public_without_the_bot(world: World) -> Channel:
    return world.slack.channel("lounge", members=[world.staff.ann], bot=False)


def archived(world: World) -> Channel:
    world.slack.channel("old", members=[world.staff.ann])
    return world.slack.channel("old", archived=True)


def shared(world: World) -> Channel:
    return world.slack.channel("partners", members=[world.staff.ann, world.slack.stranger("Sam", "Rival")])


def direct(world: World) -> Channel:
    return world.slack.dm(world.staff.ann)


def ops(world: World) -> Channel:
    return world.staff.ops


REFUSED: dict[str, tuple[Where, str, str]] = {
    "a private channel without the bot": (private, "I'm not in this channel", "Type /invite @Lightkeeper"),
    "a direct message of two others": (between_two, "I can't post between the two of you", "Ask in a channel"),
    "a group message without the bot": (between_three, "I'm not in this channel", "ask me in a direct message"),
    "an archived channel": (archived, "This channel is archived", "Ask in another channel"),
    "a channel that strangers read": (shared, "People of another company read this", "of your own company"),
}
UNLISTED: dict[str, tuple[Where, dict[str, str], str, str]] = {
    "a channel": (ops, {"slack_channels": "C0GENERAL0000"}, "I don't work in this channel", "Ask in #general"),
    "a direct message": (direct, {"slack_channels": "C0OPS0000"}, "I don't work in this channel", "Ask in #ops"),
    "a workspace": (ops, {"slack_teams": "T0ELSE"}, "I don't work here", "Whoever runs the bot decides where I do"),
}
ANSWERED: dict[str, Where] = {
    "its own direct message": direct,
    "a public channel that it is not in": public_without_the_bot,
    "a private channel that it is in": private_with_the_bot,
    "a group message that it is in": group_with_the_bot,
}


def seen_by_others(world: World) -> list[str]:
    return [one.reads() for one in world.slack.workspace.messages() if not one.to]


def call_off(world: World, card: Message) -> None:
    """End what a test has begun on a stage, and see everybody told."""
    world.staff.ann.clicks("Don't delete", message=card)
    world.reads(card, "cancelled by ann")
    world.told(card, "cancelled by ann")
    assert world.deletes() == 0


@pytest.mark.parametrize("mode", ["http", "socket"])
@pytest.mark.parametrize("row", REFUSED)
def test_a_command_where_the_bot_may_not_speak_is_answered_with_the_way_forward(
    stage: Stage, row: str, mode: str
) -> None:
    where, problem, way = REFUSED[row]
    world = stage(mode)
    before, asked = seen_by_others(world), world.audit().count("asked")

    world.staff.ann.types(f"/snapshot delete {NAME}", where(world))
    answer = world.hears(world.staff.ann, problem).reads()

    assert way in answer
    assert "Nothing was asked." in answer
    assert seen_by_others(world) == before
    assert (world.deletes(), world.audit().count("asked")) == (0, asked)


@pytest.mark.parametrize("row", UNLISTED)
def test_a_command_where_the_settings_do_not_have_the_bot_work_is_answered_with_where_they_do(
    world: World, row: str
) -> None:
    where, settings, problem, way = UNLISTED[row]
    world.start(**settings)
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {NAME}", where(world))
    answer = world.hears(world.staff.ann, problem).reads()

    assert way in answer
    assert (seen_by_others(world), world.audit()) == ([], ["granted"])


@pytest.mark.parametrize("row", ANSWERED)
def test_where_the_bot_may_speak_it_asks(stage: Stage, row: str) -> None:
    world = stage("http")

    card = world.ask(world.staff.ann, NAME, channel=ANSWERED[row](world))
    call_off(world, card)

    assert world.now(card).buttons() == []


def test_who_has_left_the_company_asks_for_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    command = world.staff.ann.command_form(f"/snapshot delete {NAME}", world.staff.ops)
    world.slack.deactivate(world.staff.ann)

    world.slack.deliver(command)
    world.hears(world.staff.ann, "Your Slack account is deactivated")

    assert (seen_by_others(world), world.deletes()) == ([], 0)


def test_a_question_that_was_asked_where_the_bot_may_work_no_more_is_not_gone_on_with(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.staff.ann.types(f"/snapshot delete {company.TWICE}", world.staff.ops)
    question = world.hears(world.staff.ann, "exists twice")
    world.stop()
    world.start(slack_channels=world.staff.general.id)

    world.staff.ann.clicks(question.buttons()[0], message=question)
    world.hears(world.staff.ann, "I don't work in this channel")

    assert (seen_by_others(world), world.deletes()) == ([], 0)


@pytest.mark.parametrize("error", ["missing_scope", "ratelimited", "internal_error"])
def test_where_slack_does_not_tell_posting_will(stage: Stage, error: str) -> None:
    world = stage("http")
    world.slack.fail("users.info", error=error)
    world.slack.fail("conversations.info", error=error)

    name = world.aws.snapshot(f"untold-{error.partition('_')[0]}", of="web-1").name
    card = world.ask(world.staff.ann, name)
    buttons = card.buttons()
    call_off(world, card)

    assert buttons == ["Delete snapshot", "Don't delete"]


# Clicks


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_a_stranger_in_a_channel_that_came_to_be_shared_decides_nothing(stage: Stage, mode: str) -> None:
    world = stage(mode)
    where = world.slack.channel("mixed", members=[world.staff.ann])
    card = world.ask(world.staff.ann, NAME, channel=where)
    sam = world.slack.stranger("Sam", "Rival")
    world.slack.channel("mixed", members=[sam])

    for button in ("Delete snapshot", "Don't delete"):
        sam.clicks(button, message=card)
        world.hears(sam, "Only people of the company that runs me can decide this, so nothing was changed.")
    buttons = world.now(card).buttons()
    call_off(world, card)

    assert buttons == ["Delete snapshot", "Don't delete"]


def test_a_stranger_with_the_id_of_somebody_who_may_decides_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    click = world.staff.ann.click_payload(card, "Delete snapshot")
    click["user"]["team_id"] = "T0RIVAL"

    world.slack.deliver(click)
    world.hears(world.staff.ann, "Only people of the company that runs me")

    assert world.deletion().state == "pending"


@pytest.mark.parametrize("setting", [{"slack_channels": "C0GENERAL0000"}, {"slack_teams": "T0ELSE"}])
def test_a_click_where_the_bot_may_work_no_more_changes_nothing(world: World, setting: dict[str, str]) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.stop()
    world.start(**setting)

    for button in ("Delete snapshot", "Don't delete"):
        world.staff.ann.clicks(button, message=card)
    world.slack.wait_for(lambda: len(world.slack.ephemerals()) > 1, SOON, "two answers")

    assert all("I don't work" in one.reads() for one in world.slack.ephemerals())
    assert world.deletion().state == "pending"


# A channel that disappears


def archive(world: World, card: Message) -> None:
    channel = world.slack.workspace.find_channel(card.channel)
    assert channel
    world.slack.channel(channel.name, archived=True)


def throw_out(world: World, card: Message) -> None:
    channel = world.slack.workspace.find_channel(card.channel)
    assert channel
    world.slack.channel(channel.name, bot=False)


def remove(world: World, card: Message) -> None:
    """Delete the channel, with all that was said."""
    world.slack.workspace._channels.pop(card.channel)


def remove_card(world: World, card: Message) -> None:
    world.slack.workspace.delete(world.now(card))


def forbid_posting(world: World, card: Message) -> None:
    for method in ("chat.postMessage", "chat.update"):
        world.slack.fail(method, error="restricted_action", times=9, when=card.channel)


GONE = {
    "it is archived": archive,
    "the bot is thrown out": throw_out,
    "it is deleted": remove,
    "its card is deleted": remove_card,
    "nobody may post there any more": forbid_posting,
}


@pytest.mark.parametrize("row", GONE)
def test_where_the_channel_is_gone_before_the_end_the_asker_is_told_the_outcome(world: World, row: str) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME, channel=private_with_the_bot(world))
    click = world.staff.ann.click_payload(card, "Delete snapshot")

    GONE[row](world, card)
    world.slack.deliver(click)
    (told,) = world.slack.wait_for(lambda: world.slack.messages(direct(world)), SOON, "direct message")

    assert "I could not post this where you asked" in told.reads()
    assert f"✅ Deleted {NAME}" in told.reads()
    assert world.deletes() == 1


@pytest.mark.parametrize("row", ["it is archived", "it is deleted"])
def test_where_the_channel_is_gone_before_anybody_confirmed_nothing_is_deleted_and_the_asker_is_told(
    world: World, row: str
) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME, channel=private_with_the_bot(world))

    GONE[row](world, card)
    world.skip(minutes=16)
    (told,) = world.slack.wait_for(lambda: world.slack.messages(direct(world)), SOON, "direct message")

    assert f"⌛ Not deleted {NAME}: nobody confirmed" in told.reads()
    assert world.deletes() == 0


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
def test_where_the_card_can_be_posted_no_more_the_asker_is_told_what_to_do(stage: Stage, error: str) -> None:
    world = stage("http")
    before = len(world.slack.messages(direct(world)))
    world.slack.fail("chat.postMessage", error=error)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    told = world.slack.wait_for(lambda: world.slack.messages(direct(world))[before:], SOON, "direct message")

    assert "Ask again in a channel that I am in, or in a direct message with me." in told[0].reads()
    assert world.deletes() == 0


def test_an_outcome_that_nobody_is_there_to_read_stays_on_the_record(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME, channel=private_with_the_bot(world))
    click = world.staff.ann.click_payload(card, "Delete snapshot")

    remove(world, card)
    world.slack.deactivate(world.staff.ann)
    world.slack.deliver(click)
    world.slack.wait_for(lambda: world.deletion().state == "deleted", SOON, "end")
    world.slack.wait_for(lambda: {one.delivery for one in world.notices()} == {"dropped"}, SOON, "end of deliveries")

    assert world.deletes() == 1
    assert {one.problem for one in world.notices() if one.kind == "ended"} == {"channel_not_found"}
