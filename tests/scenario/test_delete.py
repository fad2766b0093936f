"""The main job, as the README tells it: a signed request in, what Slack shows out."""

import re
from datetime import UTC, datetime

import pytest

from bot.sandbox import company
from bot.sandbox.slack import message_problems
from tests.conftest import World

NAME = company.OLD_RELEASE
pytestmark = pytest.mark.parametrize("delivery", ["http", "socket"])


def test_a_confirmed_deletion_is_told_status_by_status_in_its_thread(world: World) -> None:
    world.aws.pace([("NotStarted", 0), ("Started", 0.3), ("Succeeded", 2)])
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME, options='--reason "old release"')
    world.staff.ann.clicks("Delete snapshot", message=card)
    thread = world.told(card, "the snapshot is gone")

    order = ["Confirmed by ann", "AWS: NotStarted", "AWS: Started", "AWS: Succeeded", "Checked: the snapshot is gone."]
    positions = [thread.find(words) for words in order]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert world.reads(card, "✅ Deleted").reads().startswith(f"✅ Deleted {NAME} · 40 GB · us-east-1")
    assert world.deletes() == 1
    assert not world.exists(NAME)
    assert world.slack.ephemerals() == []


def test_the_card_says_what_would_go_and_what_would_remain(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME, options="--reason “old & <x>”")

    lines = card.reads().splitlines()
    assert lines[0] == f"Delete snapshot {NAME}?  This cannot be undone."
    assert lines[1] == "40 GB, up to $2.00 a month · us-east-1 · account 1234…9012"
    assert lines[2].startswith("Taken 1 May 2024 from web-1 (still exists). 3 others remain, the newest of ")
    assert lines[3] == "ann: “old & <x>” · env=staging"
    assert lines[4] == "[ Delete snapshot ]  [ Don't delete ]"
    assert re.fullmatch(r"D-\w{5} · only ann can confirm · until .*", lines[5])
    assert "<x>" not in str(card.blocks) + card.text
    assert message_problems({"text": card.text, "blocks": card.blocks}) == []


def test_a_deletion_that_aws_finishes_at_once_needs_no_poll(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Up to $2.00 a month saved.")

    assert world.aws.calls("GetOperation") == []
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_somebody_without_permission_is_told_whom_to_ask_and_aws_is_not_even_looked_at(world: World) -> None:
    world.start(lightkeeper_admins=world.staff.cleo.id)
    world.grant(world.staff.ann)

    world.staff.dan.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.dan, "You may not delete")

    assert "Ask @Cleo to run this" in answer.reads()
    assert f"/snapshot grant {world.staff.dan.id} delete {NAME}" in answer.reads()
    assert world.slack.messages(world.staff.ops) == []
    assert world.aws.calls() == []


def test_nobody_has_permissions_on_a_fresh_bot_and_it_says_how_to_begin(world: World) -> None:
    world.start()

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.ann, "nobody has permissions on this bot").reads()

    assert f"LIGHTKEEPER_ADMINS={world.staff.ann.id}" in answer
    assert f"python app.py grant {world.staff.ann.id} admin" in answer


def test_an_admin_is_told_that_admins_do_not_delete(world: World) -> None:
    world.start(lightkeeper_admins=world.staff.cleo.id)

    world.staff.cleo.types(f"/snapshot delete {NAME}", world.staff.ops)

    assert "they don't delete" in world.hears(world.staff.cleo, "Admins hand out permissions").reads()


def test_where_a_second_person_is_needed_and_there_is_none_that_is_said_at_once(world: World) -> None:
    world.start()
    world.grant(world.staff.ann, "request")

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    world.hears(world.staff.ann, "needs a second person's approval, and nobody else may give it.")

    assert world.slack.messages(world.staff.ops) == []


def test_a_denied_name_stays_denied_whatever_else_is_allowed(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.ann, "view", "web-*", deny=True)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    assert "rule 2 forbids it" in world.hears(world.staff.ann, "You may not delete").reads()


def test_a_protected_snapshot_is_refused_whoever_asks(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {company.PROTECTED}", world.staff.ops)
    world.hears(world.staff.ann, "It is protected by its tag no_delete; no permission overrides that.")

    assert world.slack.messages(world.staff.ops) == []


def test_an_unfinished_snapshot_is_refused(world: World) -> None:
    world.aws.snapshot("web-1-now", of="web-1", state="pending")
    world.start()
    world.grant(world.staff.ann)

    world.staff.ann.types("/snapshot delete web-1-now", world.staff.ops)

    world.hears(world.staff.ann, "AWS says its state is pending")


def test_a_mistyped_name_gets_the_nearest_ones_as_buttons(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    world.staff.ann.types('/snapshot delete web-1-2024-5-1 --reason "x"', world.staff.ops)
    answer = world.hears(world.staff.ann, "Did you mean")
    label = f"{NAME} · 40 GB · 1 May 2024"
    world.staff.ann.clicks(label, message=answer)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")

    assert answer.reads().startswith("There is no snapshot web-1-2024-5-1 in us-east-1 or eu-west-1. Did you mean:")
    assert answer.buttons()[0] == label
    assert card.reads().startswith(f"Delete snapshot {NAME}?")
    assert "ann: “x”" in card.reads()


def test_names_that_the_asker_may_not_see_are_not_offered(world: World) -> None:
    world.start()
    world.grant(world.staff.ann, "delete", "web-?-2024-5-*")

    world.staff.ann.types("/snapshot delete web-1-2024-5-1", world.staff.ops)
    answer = world.hears(world.staff.ann, "There is no snapshot")

    assert answer.buttons() == []


def test_a_name_in_two_regions_is_asked_about_with_a_button_each(world: World) -> None:
    world.start(last_guard=False)
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {company.TWICE}", world.staff.ops)
    answer = world.hears(world.staff.ann, "exists twice. Which one?")
    world.staff.ann.clicks("eu-west-1 · 40 GB · 3 Jun 2025", message=answer)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")

    assert answer.buttons() == ["us-east-1 · 20 GB · 3 Jun 2025", "eu-west-1 · 40 GB · 3 Jun 2025"]
    assert "40 GB, up to $2.00 a month · eu-west-1" in card.reads()


def test_the_region_can_be_said_at_once(world: World) -> None:
    world.start(last_guard=False)
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, company.TWICE, options="--region eu-west-1")

    assert "· eu-west-1 ·" in card.reads()


def test_a_region_that_is_not_looked_at_is_said_to_be_so(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {NAME} --region ap-south-1", world.staff.ops)

    world.hears(world.staff.ann, "I don't look in ap-south-1.")


def test_a_silent_region_ends_the_ask_unless_another_is_named(world: World) -> None:
    world.aws.fail("GetInstanceSnapshot", code="ServiceException", status=500, region="eu-west-1", times=3)
    world.start()
    world.grant(world.staff.ann)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    world.hears(world.staff.ann, "AWS did not say everywhere whether it has")
    card = world.ask(world.staff.ann, NAME, options="--region us-east-1")

    assert NAME in card.reads()


def test_a_slow_look_up_says_that_it_is_looking(world: World) -> None:
    world.aws.slow("GetInstanceSnapshot", 2.5, region="eu-west-1")
    world.start()
    world.grant(world.staff.ann)

    world.ask(world.staff.ann, NAME)

    world.hears(world.staff.ann, "Looking in 2 regions…")


def test_only_the_asker_can_confirm(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob)

    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Delete snapshot", message=card)
    world.hears(world.staff.bob, "Only ann can confirm this one")

    assert world.now(card).buttons() == ["Delete snapshot", "Don't delete"]
    assert "click_notyours" in world.audit()
    assert world.deletes() == 0


def test_the_second_click_is_told_of_the_first(world: World) -> None:
    world.aws.pace([("NotStarted", 0), ("Succeeded", 60)])
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.hears(world.staff.ann, "ann confirmed")
    world.told(card, "AWS: NotStarted")

    assert world.deletes() == 1


def test_a_card_that_nobody_confirmed_expires(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.skip(minutes=16)
    ended = world.reads(card, "nobody confirmed by")
    world.staff.ann.clicks("Delete snapshot", message=card)
    answer = world.hears(world.staff.ann, "nobody confirmed by")

    assert ended.reads().startswith(f"⌛ Not deleted {NAME}: nobody confirmed by")
    assert "/snapshot delete D-" in answer.reads()
    assert ended.buttons() == []
    assert world.deletes() == 0


def test_a_click_after_the_time_but_before_the_follower_looked_counts_for_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.clock.skip(minutes=15, seconds=1)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(lambda: world.slack.ephemerals(to=world.staff.ann), what="answer")
    world.reads(card, "Not deleted")

    assert world.deletes() == 0


def test_an_expired_deletion_can_be_asked_again_by_its_id(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.skip(minutes=16)
    world.reads(card, "Not deleted")
    again = world.ask(world.staff.ann, world.deletion().id.lower())

    assert NAME in again.reads()


def test_the_asker_can_say_dont_delete(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME, options="--reason oops")
    world.staff.ann.clicks("Don't delete", message=card)
    ended = world.reads(card, "Not deleted")

    assert ended.reads().startswith(f"❌ Not deleted {NAME}: cancelled by ann.")
    assert world.deletion().state == "cancelled"
    assert world.deletes() == 0


def test_anybody_who_may_see_it_can_say_dont_delete_and_the_asker_is_called(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "view")

    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Don't delete", message=card)
    thread = world.told(card, "denied by bob")
    world.reads(card, "denied by bob")

    assert "@Ann" in thread
    assert world.deletion().state == "denied"


def test_somebody_who_may_not_even_see_it_cannot_stop_it(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.staff.dan.clicks("Don't delete", message=card)
    world.hears(world.staff.dan, "You may not")

    assert world.now(card).buttons() == ["Delete snapshot", "Don't delete"]


def test_a_snapshot_made_again_under_the_same_name_is_left_alone(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    new = world.aws.replace(NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    ended = world.reads(card, "Not deleted")
    world.told(card, "replaced")

    assert "replaced. The one of 1 May 2024 was confirmed; the one with that name now was taken" in ended.reads()
    assert new.arn in {snapshot.arn for snapshot in world.aws.snapshots()}
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_a_snapshot_that_went_meanwhile_was_not_deleted_by_us(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.aws.remove(NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)

    assert (
        world.reads(card, "Not deleted by us").reads().startswith(f"❌ Not deleted by us {NAME}: it was already gone")
    )
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_a_snapshot_that_was_protected_meanwhile_stays(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    card = world.ask(world.staff.ann, NAME)
    world.aws.remove(NAME)
    world.aws.snapshot(NAME, of="web-1", created_at=datetime(2024, 5, 1, 3, tzinfo=UTC), tags={"protected": "true"})
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "Not deleted")

    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_a_permission_that_was_revoked_before_the_click_counts_no_more(world: World) -> None:
    world.start()
    row = world.grant(world.staff.ann)
    world.grant(world.staff.bob)

    card = world.ask(world.staff.ann, NAME)
    world.revoke(row)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.hears(world.staff.ann, "nobody has given you permission")

    assert world.now(card).buttons() == ["Delete snapshot", "Don't delete"]
    assert world.deletes() == 0


def test_a_second_card_for_one_snapshot_is_a_link_to_the_first(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob)

    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.types(f"/snapshot delete {NAME}", world.staff.ops)
    answer = world.hears(world.staff.bob, "Nothing was asked: ann asked for web-1-2024-05-01 at")

    assert f"({world.deletion().id}). See the card." in answer.reads()
    assert f"p{card.ts.replace('.', '')}" in str(answer.blocks)
    assert len(world.slack.messages(world.staff.ops)) == 1


def test_a_command_that_comes_twice_makes_one_card_and_no_noise(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)

    form = world.staff.ann.command_form(f"/snapshot delete {NAME}", world.staff.ops)
    world.slack.deliver(form)
    world.slack.deliver(form)
    world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")
    world.settled()

    assert len(world.slack.messages(world.staff.ops)) == 1
    assert world.slack.ephemerals() == []
