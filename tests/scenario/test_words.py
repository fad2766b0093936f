"""Help, mistakes, and buttons that are not what they seem."""

import pytest
from sqlmodel import select

from bot.sandbox import company
from storage.tables import Deletion
from tests.conftest import World, on_both

NAME = company.OLD_RELEASE
pytestmark = pytest.mark.parametrize("delivery", ["http", pytest.param("socket", marks=pytest.mark.soak)])


@pytest.mark.parametrize("text", ["", "help", "HELP"])
def test_help_is_an_answer_to_the_asker_alone(world: World, text: str) -> None:
    world.start()

    world.staff.dan.types(f"/snapshot {text}", world.staff.ops)

    assert "/snapshot delete NAME" in world.hears(world.staff.dan, "safely").reads()


def test_a_wrong_command_gets_the_right_one_back(world: World) -> None:
    world.start()

    world.staff.ann.types("/snapshot delete web-1 old release", world.staff.ops)

    world.hears(world.staff.ann, 'Try: /snapshot delete web-1 --reason "old release"')


def test_an_unknown_button_gets_an_answer(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    payload = world.staff.ann.click_payload(card, "Delete snapshot")
    payload["actions"][0]["action_id"] = "delete_everything"
    world.slack.deliver(payload)

    world.hears(world.staff.ann, "I don't know that button")


def test_a_forged_value_changes_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    payload = world.staff.ann.click_payload(card, "Delete snapshot")
    payload["actions"][0]["value"] = "D-00000"
    world.slack.deliver(payload)
    world.hears(world.staff.ann, "I know no request that this button belongs to.")

    assert world.deletion().state == "pending"


def test_a_click_that_pretends_to_come_from_another_message_changes_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    payload = world.staff.ann.click_payload(card, "Delete snapshot")
    payload["container"]["message_ts"] = "1.000001"
    world.slack.deliver(payload)
    world.hears(world.staff.ann, "I know no request that this button belongs to.")

    assert world.deletion().state == "pending"


def test_a_click_of_somebody_from_another_workspace_is_refused(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    payload = world.staff.ann.click_payload(card, "Delete snapshot")
    payload["user"]["team_id"] = "T0STRANGER"
    world.slack.deliver(payload)
    world.hears(world.staff.ann, "Only people of the company that runs me can decide this, so nothing was changed.")

    assert world.deletion().state == "pending"


def test_a_forged_choice_is_no_choice(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.staff.ann.types(f"/snapshot delete {company.TWICE}", world.staff.ops)
    question = world.hears(world.staff.ann, "exists twice")

    payload = world.staff.ann.click_payload(question, question.buttons()[0])
    payload["actions"][0]["value"] = '{"name": "x"}'
    world.slack.deliver(payload)

    world.hears(world.staff.ann, "I don't know that button")


def test_the_bot_works_only_where_its_settings_say(world: World) -> None:
    world.start(slack_channels=world.staff.general.id)
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    world.hears(world.staff.ann, "Ask in #general.")


def test_a_private_channel_without_the_bot_is_asked_for_an_invitation(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    secret = world.slack.channel("secret", members=[world.staff.ann], private=True, bot=False)

    world.staff.ann.types(f"/snapshot delete {NAME}", secret)
    world.hears(world.staff.ann, "Type /invite @Lightkeeper, then ask again.")

    assert world.slack.messages(secret) == []


def test_a_button_pressed_before_the_card_is_recorded_may_be_pressed_again(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.slow("chat.postMessage", 1)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.hears(world.staff.ann, "Please press again.")
    world.settled()
    world.staff.ann.clicks("Delete snapshot", message=card)

    world.reads(card, "✅ Deleted")


@on_both
def test_a_busy_database_is_an_answer_in_time_and_nothing_is_confirmed(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    with world.database.transaction() as tx:
        tx.exec(select(Deletion).with_for_update()).one()  # in SQLite any first statement locks
        click = world.staff.ann.clicks("Delete snapshot", message=card)
        world.hears(world.staff.ann, "The database is busy, so nothing was changed.")

    assert click.error is None
    assert world.deletion().state == "pending"


def test_an_unforeseen_error_is_told_with_an_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = world.start()
    world.grant(world.staff.ann)

    def explode(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(bot.lightsail, "find", explode)
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "Something went wrong on my side")

    assert "secret detail" not in answer.reads()
