"""A second person has to agree: who is asked, where, what each of them sees, and whose word counts."""

import json
from datetime import timedelta

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Channel, Message, message_problems
from tests.conftest import World

NAME, PROD = company.OLD_RELEASE, "prod-1-2024"
LAST = company.TWICE


@pytest.fixture
def four_eyes(world: World) -> World:
    """Ann may ask, Bob and Cleo may approve, Dan may nothing."""
    world.start(lightkeeper_admins=world.staff.cleo.id)
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    world.grant(world.staff.cleo, "approve")
    return world


@pytest.fixture
def leads(world: World) -> Channel:
    """Where those are who approve, and Ann is not."""
    return world.slack.channel("leads", members=[world.staff.bob, world.staff.cleo])


def copy_in(world: World, channel: Channel) -> Message:
    (card,) = world.slack.wait_for(lambda: world.slack.messages(channel), what="copy of the card")
    world.settled()
    return world.now(card)


# Who is asked, and where


def test_the_card_says_why_and_who_can_approve_and_calls_them(four_eyes: World) -> None:
    world = four_eyes
    card = world.ask(world.staff.ann, NAME)

    said = card.reads()
    assert "It needs a second person's approval. ann may ask for it, and not delete it alone." in said
    assert "asked by ann · @Bob or @Cleo can approve · until" in said
    assert card.buttons() == ["Approve", "Don't delete"]
    assert message_problems({"text": card.text, "blocks": card.blocks}) == []


def test_an_approval_has_it_deleted_and_both_are_named(four_eyes: World) -> None:
    world = four_eyes
    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Approve", message=card)
    thread = world.told(card, "the snapshot is gone")

    assert "Approved by bob" in thread
    assert "Asked by ann, approved by bob" in world.reads(card, "✅ Deleted").reads()
    assert world.deletes() == 1
    assert world.slack.ephemerals() == []


def test_nobody_approves_what_they_asked_for_themselves(four_eyes: World) -> None:
    world = four_eyes
    world.grant(world.staff.ann, "approve")
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Approve", message=card)

    world.hears(world.staff.ann, "somebody else has to approve it")
    assert world.now(card).buttons() == ["Approve", "Don't delete"]
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_an_outsider_is_told_that_they_may_not_approve(four_eyes: World) -> None:
    world = four_eyes
    card = world.ask(world.staff.ann, NAME)
    world.staff.dan.clicks("Approve", message=card)

    world.hears(world.staff.dan, "You may not approve the deletion of web-1-2024-05-01")
    assert world.deletion().state == "pending"


def test_where_there_is_a_channel_for_approvals_the_button_is_there_and_nowhere_else(
    world: World, leads: Channel
) -> None:
    world.start(approvals_channel=leads.id)
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, NAME, options='--reason "old release"')
    copy = copy_in(world, leads)

    assert card.buttons() == ["Don't delete"]
    assert "waits for approval in #leads" in card.reads()
    assert copy.buttons() == ["Approve", "Don't delete"]
    assert "“old release”" in copy.reads()
    world.staff.bob.clicks("Approve", message=copy)
    world.reads(card, "✅ Deleted")
    world.reads(copy, "✅ Deleted")
    assert "the snapshot is gone" in world.told(card, "the snapshot is gone")
    assert world.thread(copy) == ""


def test_a_channel_for_approvals_that_takes_no_card_leaves_the_button_on_the_request(world: World) -> None:
    hidden = world.slack.channel("hidden", members=[world.staff.bob], private=True, bot=False)
    world.start(approvals_channel=hidden.id)
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, NAME)

    world.reads(card, "@Bob can approve")
    world.staff.bob.clicks("Approve", message=world.now(card))
    world.reads(card, "✅ Deleted")


def test_two_have_to_agree_where_the_setting_says_so(world: World) -> None:
    world.start(approval_tags="env=staging", min_approvals="1,env=staging:2")
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "approve")
    world.grant(world.staff.cleo, "approve")
    card = world.ask(world.staff.ann, NAME)
    assert "It needs the approval of 2 others. Its tag env=staging asks for a second person." in card.reads()
    world.staff.bob.clicks("Approve", message=card)
    halfway = world.reads(card, "1 of 2 approvals (bob), waiting for another")
    world.staff.bob.clicks("Approve", message=halfway)
    world.hears(world.staff.bob, "You have approved this already (1 of 2).")
    assert world.aws.calls("DeleteInstanceSnapshot") == []
    world.staff.cleo.clicks("Approve", message=halfway)

    assert "Asked by ann, approved by bob, cleo" in world.reads(card, "✅ Deleted").reads()
    assert "Approved by bob (1 of 2)" in world.thread(card)
    assert "Approved by cleo (2 of 2)" in world.thread(card)


def test_where_too_few_could_approve_nothing_is_asked(world: World) -> None:
    world.start(min_approvals="3")
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    world.hears(world.staff.ann, "needs the approval of 3 others, and only one other may give it.")
    assert world.slack.messages(world.staff.ops) == []


# The name is typed


def test_the_last_snapshot_of_an_instance_goes_only_if_another_types_its_name(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, LAST, options="--region eu-west-1")
    assert "It is the last snapshot of blog-eu-west-1" in card.reads()
    world.staff.bob.clicks("Approve", message=card)
    world.slack.wait_for(world.staff.bob.modal, what="form")
    wrong = world.staff.bob.submits({"Type its name to approve": LAST[:-1] + "4"})
    assert f"Letter {len(LAST)} is “4” and should be “3”" in json.loads(wrong.body)["errors"]["name"]
    assert world.deletion().state == "pending"
    world.staff.bob.submits({"Type its name to approve": LAST})

    assert "approved by bob" in world.reads(card, "✅ Deleted").reads()
    assert world.staff.bob.modal() is None


def test_who_may_not_approve_is_not_asked_to_type(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, LAST, options="--region eu-west-1")
    world.staff.dan.clicks("Approve", message=card)

    world.hears(world.staff.dan, "You may not approve")
    assert world.staff.dan.modal() is None


def test_a_form_that_comes_too_late_is_answered(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, LAST, options="--region eu-west-1")
    world.staff.bob.clicks("Approve", message=card)
    world.slack.wait_for(world.staff.bob.modal, what="form")
    world.staff.ann.clicks("Don't delete", message=card)
    world.reads(card, "cancelled by ann")
    world.staff.bob.submits({"Type its name to approve": LAST})

    world.hears(world.staff.bob, "cancelled by ann")
    assert world.aws.calls("DeleteInstanceSnapshot") == []


# Groups


def test_a_user_group_approves_and_is_called(world: World) -> None:
    group = world.slack.group("Ops leads", members=[world.staff.bob, world.staff.cleo])
    world.grant(group, "approve")
    world.start()
    world.grant(world.staff.ann, "request")
    world.wait_for_directory()
    card = world.ask(world.staff.ann, NAME)

    assert f"<!subteam^{group.id}>" in str(card.blocks)
    world.staff.cleo.clicks("Approve", message=card)
    world.reads(card, "✅ Deleted")


def test_who_left_a_group_approves_no_more(world: World) -> None:
    group = world.slack.group("Ops leads", members=[world.staff.bob, world.staff.cleo])
    world.grant(group, "approve")
    world.start()
    world.grant(world.staff.ann, "request")
    world.wait_for_directory()
    card = world.ask(world.staff.ann, NAME)
    world.slack.group("Ops leads", members=[world.staff.bob])
    world.skip(seconds=31)
    world.wait_for_directory()
    world.staff.cleo.clicks("Approve", message=card)

    world.hears(world.staff.cleo, "You may not approve")
    assert world.deletion().state == "pending"


def test_when_slack_has_not_told_of_groups_for_a_minute_nobody_approves_by_one(world: World) -> None:
    group = world.slack.group("Ops leads", members=[world.staff.bob])
    world.grant(group, "approve")
    world.start()
    world.grant(world.staff.ann, "request")
    world.wait_for_directory()
    card = world.ask(world.staff.ann, NAME)
    world.slack.fail("usergroups.list", error="internal_error", times=99)
    world.skip(minutes=2)
    world.staff.bob.clicks("Approve", message=card)

    world.hears(world.staff.bob, "Slack has not told me lately who is in which user group")
    assert world.deletion().state == "pending"


def test_a_large_group_is_named_and_not_called(world: World) -> None:
    many = [world.slack.person(f"Lead {number}") for number in range(6)]
    group = world.slack.group("Ops leads", members=many)
    world.grant(group, "approve")
    world.start()
    world.grant(world.staff.ann, "request")
    world.wait_for_directory()
    card = world.ask(world.staff.ann, NAME)

    assert "subteam" not in str(card.blocks)
    assert "@ops-leads can approve" in card.reads()


# Time


def test_at_half_time_they_are_called_again_and_near_the_end_the_asker_is(four_eyes: World) -> None:
    world = four_eyes
    card = world.ask(world.staff.ann, NAME)
    world.skip(hours=4, seconds=1)
    assert "@Bob @Cleo: this still waits for approval" in world.told(card, "still waits")
    world.skip(hours=3, minutes=46)
    assert "@Ann, this still lacks an approval" in world.told(card, "lacks an approval")
    world.skip(minutes=15)

    world.reads(card, "⌛ Not deleted web-1-2024-05-01: nobody approved by")
    assert world.thread(card).count("still waits") == 1


def test_they_are_called_where_the_button_is(world: World, leads: Channel) -> None:
    world.start(approvals_channel=leads.id)
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, NAME)
    copy = copy_in(world, leads)
    world.skip(hours=4, seconds=1)

    assert "@Bob: this still waits for approval" in world.told(copy, "still waits")
    assert "still waits" not in world.thread(card)


def test_an_approval_lasts_only_as_long_as_who_gave_it_may(four_eyes: World) -> None:
    world = four_eyes
    world.stop()
    world.start(grace_period="10m")
    row = world.grant(world.staff.dan, "approve")
    card = world.ask(world.staff.ann, NAME)
    world.staff.dan.clicks("Approve", message=card)
    world.reads(card, "will be deleted at")
    world.revoke(row)
    world.skip(minutes=10, seconds=1)

    world.reads(card, "it is not allowed any more. A second person has to agree, and who did may not any more.")
    assert world.deletes() == 0


def test_a_deactivated_approver_counts_no_more(four_eyes: World) -> None:
    world = four_eyes
    world.stop()
    world.start(grace_period="10m")
    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Approve", message=card)
    world.reads(card, "will be deleted at")
    world.slack.deactivate(world.staff.bob)
    world.skip(seconds=31)
    world.wait_for_directory()
    world.skip(minutes=10)

    world.reads(card, "❌ Not deleted")
    assert world.deletes() == 0


# Copies


def test_copies_of_a_card_agree_whatever_happens(world: World, leads: Channel) -> None:
    world.start(approvals_channel=leads.id, min_approvals="2")
    world.grant(world.staff.ann, "request")
    world.grant(world.staff.bob, "approve")
    world.grant(world.staff.cleo, "approve")
    names = [one.name for one in world.aws.snapshots() if one.name.startswith("web-1")][:3]
    cards = {name: world.ask(world.staff.ann, name) for name in names}
    world.slack.wait_for(lambda: len(world.slack.messages(leads)) == len(names), what="copies")
    world.settled()
    copies = {name: next(one for one in world.slack.messages(leads) if name in one.text) for name in names}
    world.staff.bob.clicks("Approve", message=world.now(copies[names[0]]))
    world.staff.bob.clicks("Don't delete", message=world.now(copies[names[1]]))
    world.reads(copies[names[0]], "1 of 2")
    world.staff.cleo.clicks("Approve", message=world.now(copies[names[0]]))
    world.reads(cards[names[0]], "✅ Deleted")
    world.clock.skip(hours=9)
    world.wake()
    world.reads(cards[names[2]], "nobody approved")

    def agree() -> bool:
        return all(world.now(cards[name]).text == world.now(copies[name]).text for name in names)

    world.slack.wait_for(agree, what="agreement of all copies")
    assert all(world.now(one).buttons() == [] for one in (*cards.values(), *copies.values()))
    assert timedelta(hours=9) <= world.clock.ahead
