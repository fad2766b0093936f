"""Look again: whoever may see a deletion that is not known can have AWS asked at once."""

from collections.abc import Callable

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Message
from bot.slack import listeners
from tests.conftest import World

NAME = company.OLD_RELEASE
LOOK = "Look again"
pytestmark = pytest.mark.usefixtures("brisk")


@pytest.fixture
def unknown(world: World) -> Message:
    """A card of which it is not known how it ends; Bob may view."""
    world.aws.pace("manual")
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "view")
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "AWS: NotStarted")
    world.comes_to(card, "Not known yet")
    world.told(card, "It is not known")
    world.slack.wait_for(lambda: (world.deletion().due_at or world.clock()) > world.clock(), what="rest")
    return world.now(card)


def ends(world: World) -> None:
    (operation,) = world.aws.operations()
    world.aws.advance(operation.id)
    world.aws.advance(operation.id)


def polls(world: World) -> int:
    return len(world.aws.calls("GetOperation"))


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_the_asker_and_whoever_may_view_have_aws_asked_and_hear_what_came_of_it(
    world: World, unknown: Message, who: str
) -> None:
    person, before = getattr(world.staff, who), polls(world)
    click = person.clicks(LOOK, message=unknown)
    answer = world.hears(person, "I looked: AWS still has no final answer").reads()

    assert click.error is None
    assert "Next look " in answer
    assert polls(world) == before + 1
    assert world.now(unknown).buttons() == [LOOK]
    assert "click_looking" in world.audit()


def test_a_look_that_finds_the_end_tells_it_to_the_person_on_the_card_and_in_the_thread(
    world: World, unknown: Message
) -> None:
    ends(world)
    world.staff.bob.clicks(LOOK, message=unknown)
    world.hears(world.staff.bob, f"✅ Deleted {NAME}")

    world.reads(unknown, "✅ Deleted")
    world.told(unknown, "Checked: the snapshot is gone.")


def test_the_looks_go_on_as_planned_after_one_that_was_asked_for(world: World, unknown: Message) -> None:
    planned = world.deletion().due_at
    world.staff.ann.clicks(LOOK, message=unknown)
    world.hears(world.staff.ann, "I looked")

    assert world.deletion().due_at == planned


def test_somebody_who_may_not_view_is_refused_and_nothing_is_asked(world: World, unknown: Message) -> None:
    before, version = polls(world), world.deletion().version
    world.staff.dan.clicks(LOOK, message=unknown)
    world.hears(world.staff.dan, f"You may not see {NAME}")

    assert (polls(world), world.deletion().version) == (before, version)


def test_after_a_week_it_is_looked_at_only_when_somebody_asks(world: World, unknown: Message) -> None:
    world.skip(days=8)
    card = world.reads(unknown, "I have looked for a week and look no more by myself.")
    before = polls(world)
    world.skip(days=30)
    world.staff.ann.clicks(LOOK, message=card)
    world.hears(world.staff.ann, "I look no more by myself.")

    assert polls(world) == before + 1
    ends(world)
    world.staff.ann.clicks(LOOK, message=card)
    world.hears(world.staff.ann, "✅ Deleted")


def test_a_button_of_before_the_end_is_answered_with_the_end(world: World, unknown: Message) -> None:
    ends(world)
    world.comes_to(unknown, "✅ Deleted")
    world.staff.bob.clicks(LOOK, message=unknown)

    world.hears(world.staff.bob, f"✅ Deleted {NAME}")


def test_an_answer_of_aws_that_takes_long_is_left_to_the_card(
    world: World, unknown: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "LOOK_WITHIN", 0.2)
    world.aws.slow("GetOperation", 20)
    world.staff.ann.clicks(LOOK, message=unknown)
    world.hears(world.staff.ann, "AWS takes its time. You need not wait")
    world.aws.heal()


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (lambda payload: payload["actions"][0].update(value="D-00000"), "I know no request"),
        (lambda payload: payload["actions"][0].update(value=""), "I know no request"),
        (lambda payload: payload["container"].update(message_ts="1.000001"), "I know no request"),
        (lambda payload: payload["user"].update(team_id="T0STRANGER"), "Only people of the company"),
    ],
    ids=["another deletion", "no deletion", "another message", "another workspace"],
)
def test_a_forged_click_changes_nothing(
    world: World, unknown: Message, forge: Callable[[dict[str, object]], None], words: str
) -> None:
    before, version = polls(world), world.deletion().version
    payload = world.staff.ann.click_payload(unknown, LOOK)
    forge(payload)
    world.slack.deliver(payload)
    world.hears(world.staff.ann, words)

    assert (polls(world), world.deletion().version) == (before, version)


def test_a_look_never_calls_again(world: World, unknown: Message) -> None:
    for _ in range(3):
        world.staff.ann.clicks(LOOK, message=world.now(unknown))
    world.hears(world.staff.ann, "I looked")

    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_before_it_is_not_known_there_is_nothing_to_look_again(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    payload = world.staff.ann.click_payload(card, "Delete snapshot")
    payload["actions"][0]["action_id"] = "look_again"
    world.slack.deliver(payload)
    world.hears(world.staff.ann, "I know no request that this button belongs to.")

    assert world.deletion().state == "pending"
