"""What Slack can do to a message, and that each is still said once."""

import pytest

from bot.sandbox import company
from tests.conftest import World

NAME = company.OLD_RELEASE
pytestmark = pytest.mark.parametrize("delivery", ["http", pytest.param("socket", marks=pytest.mark.soak)])


def test_a_card_whose_answer_was_lost_is_found_and_not_posted_twice(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.drop("chat.postMessage", accepted=True)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")
    world.slack.wait_for(world.is_in_doubt, what="doubt")
    world.skip(seconds=11)
    world.settled()
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")

    assert len(world.slack.messages(world.staff.ops)) == 1


def test_a_card_that_is_found_only_after_its_time_asks_no_more(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.drop("chat.postMessage", accepted=True)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")
    world.slack.wait_for(world.is_in_doubt, what="doubt")
    world.skip(minutes=16)
    ended = world.reads(card, "Not deleted")

    assert ended.buttons() == []
    assert len(world.slack.messages(world.staff.ops)) == 1


def test_a_card_that_slack_never_got_is_posted_after_a_look(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.drop("chat.postMessage", accepted=False)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    world.slack.wait_for(world.is_in_doubt, what="attempt")
    world.skip(seconds=11)
    world.settled()

    assert len(world.slack.messages(world.staff.ops)) == 1


def test_lines_whose_answer_was_lost_are_said_once(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.drop("chat.postMessage", accepted=True)

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Confirmed by ann")
    world.slack.wait_for(world.is_in_doubt, what="doubt")
    world.reads(card, "✅ Deleted")
    world.skip(seconds=11)
    thread = world.told(card, "the snapshot is gone")

    assert thread.count("Confirmed by ann") == 1
    assert thread.count("AWS: Succeeded") == 1


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_slack_delays_a_line_and_loses_none(world: World, status: int) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.fail("chat.postMessage", status=status)

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")
    world.slack.wait_for(world.is_in_doubt, what="doubt")
    world.skip(seconds=11)
    thread = world.told(card, "the snapshot is gone")

    assert thread.count("Confirmed by ann") == 1


def test_slack_may_ask_to_wait(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.fail("chat.postMessage", retry_after=1)
    world.slack.fail("chat.update", retry_after=1)

    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "the snapshot is gone")

    world.reads(card, "✅ Deleted")


def test_a_card_that_can_be_posted_nowhere_ends_the_deletion_and_the_asker_hears_of_it(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.slack.fail("chat.postMessage", error="channel_not_found")

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    (direct,) = world.slack.wait_for(lambda: world.slack.messages(world.slack.dm(world.staff.ann)), what="message")

    assert "I could not post this where you asked" in direct.reads()
    assert "the question could not be posted in time, so nobody could confirm." in direct.reads()
    assert world.deletion().state == "refused"


def test_an_outcome_that_its_thread_does_not_take_goes_to_the_asker(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.channel("ops", archived=True)

    world.staff.ann.clicks("Delete snapshot", message=card)
    (direct,) = world.slack.wait_for(lambda: world.slack.messages(world.slack.dm(world.staff.ann)), what="message")

    assert f"✅ Deleted {NAME}" in direct.reads()
    assert world.deletes() == 1


def test_a_card_that_somebody_removed_does_not_stop_the_deletion(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.fail("chat.update", error="message_not_found")

    world.staff.ann.clicks("Delete snapshot", message=card)

    world.told(card, "the snapshot is gone")


def test_an_edit_that_fails_for_now_is_made_again(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.fail("chat.update", status=500)

    world.staff.ann.clicks("Delete snapshot", message=card)

    world.reads(card, "✅ Deleted")


def test_slack_refusing_the_token_keeps_messages_waiting(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.slack.fail("chat.postMessage", error="invalid_auth")

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")

    assert {notice.delivery for notice in world.notices()} <= {"waiting", "sending"}


@pytest.mark.parametrize(("error", "status"), [("internal_error", None), (None, 500), (None, 503)])
def test_one_message_that_slack_always_refuses_does_not_hold_up_the_edits_of_other_cards(
    world: World, error: str | None, status: int | None
) -> None:
    world.start(last_guard=False)
    world.grant(world.staff.ann)
    sick = world.ask(world.staff.ann, NAME)
    well = world.ask(world.staff.ann, company.TWICE, options="--region eu-west-1")
    world.slack.fail("chat.update", error=error, status=status, times=999, when=lambda call: call["ts"] == sick.ts)

    world.staff.ann.clicks("Don't delete", message=sick)
    world.slack.wait_for(lambda: world.slack.faults()["chat.update"] < 999, what="attempt at the sick card")
    world.staff.ann.clicks("Don't delete", message=well)
    world.reads(well, "❌ Not deleted")

    assert world.now(sick).buttons() == ["Delete snapshot", "Don't delete"]
    assert world.slack.faults()["chat.update"] > 900
