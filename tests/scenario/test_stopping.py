"""Stopping: Don't delete at every moment before the call, the grace period, freezes; and what everybody is told."""

from typing import Any

import boto3
import pytest

from bot.sandbox import company
from bot.sandbox.slack import Channel, Message
from tests.conftest import World

NAME = company.OLD_RELEASE
OTHER = company.PROTECTED


def ready(world: World, **settings: Any) -> None:  # noqa: ANN401  (as `World.start` takes them)
    world.start(lightkeeper_admins=world.staff.cleo.id, **settings)
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "view")


def by_the_console(name: str, tag: str) -> None:
    console = boto3.client("lightsail", region_name=company.REGIONS[0])
    console.tag_resource(resourceName=name, tags=[{"key": tag, "value": ""}])
    console.close()


# Don't delete


def test_somebody_else_who_stops_it_is_asked_why_and_the_thread_tells(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Don't delete", message=card)
    world.reads(card, "❌ Not deleted web-1-2024-05-01: denied by bob.")
    world.slack.wait_for(world.staff.bob.modal, what="form")
    world.staff.bob.submits({"Why? (optional)": "needed for the audit"})

    world.reads(card, "denied by bob: “needed for the audit”.")
    assert "bob says why: “needed for the audit”" in world.told(card, "says why")
    assert world.deletes() == 0


def test_a_reason_is_optional(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.staff.bob.clicks("Don't delete", message=card)
    world.slack.wait_for(world.staff.bob.modal, what="form")
    world.staff.bob.submits({})

    assert world.staff.bob.modal() is None
    world.reads(card, "denied by bob.")
    assert "says why" not in world.thread(card)


def test_the_asker_is_not_asked_why(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Don't delete", message=card)
    world.reads(card, "cancelled by ann.")

    assert world.staff.ann.modal() is None


def test_in_the_grace_period_whoever_may_see_it_can_stop_it(world: World) -> None:
    ready(world, grace_period="0s,env=staging:10m")
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    waiting = world.reads(card, "will be deleted at")
    assert waiting.buttons() == ["Don't delete"]
    world.staff.bob.clicks("Don't delete", message=waiting)
    world.reads(card, "denied by bob.")
    world.skip(minutes=11)

    assert world.deletes() == 0
    assert world.exists(NAME)


def test_after_the_grace_period_it_is_deleted(world: World) -> None:
    ready(world, grace_period="10m")
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "will be deleted at")
    assert world.aws.calls("DeleteInstanceSnapshot") == []
    world.skip(minutes=10, seconds=1)

    world.reads(card, "✅ Deleted")


@pytest.mark.parametrize("when", ["before the click", "before the call"])
@pytest.mark.parametrize("what", ["revoked", "tagged", "frozen"])
def test_what_changes_meanwhile_is_found_and_the_thread_says_why(world: World, when: str, what: str) -> None:
    world.start(lightkeeper_admins=world.staff.cleo.id, grace_period="10m")
    row = world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    if when == "before the call":
        world.staff.ann.clicks("Delete snapshot", message=card)
        world.reads(card, "will be deleted at")
    match what:
        case "revoked":
            world.revoke(row)
        case "tagged":
            by_the_console(NAME, "no_delete")
        case _:
            world.staff.cleo.types("/snapshot freeze INC-9", world.staff.ops)
            world.slack.wait_for(lambda: "frozen" in world.audit(), what="freeze")
    if when == "before the click":
        world.staff.ann.clicks("Delete snapshot", message=card)
    if when == "before the click" and what != "tagged":  # AWS is not asked before an ack
        said = {"revoked": "You may not delete", "frozen": "Deletions are frozen by cleo"}[what]
        world.hears(world.staff.ann, said)
    else:
        world.skip(minutes=10, seconds=1)
        why = {"revoked": "ann may not delete it now.", "tagged": "its tag no_delete", "frozen": "frozen by cleo"}[what]
        world.reads(card, "❌ Not deleted")
        assert why in world.told(card, why)

    assert world.deletes() == 0
    assert world.exists(NAME)


# Freeze


def test_a_freeze_is_told_to_everybody_in_the_channel_and_stops_new_requests(world: World) -> None:
    ready(world)
    world.staff.ann.types('/snapshot freeze "INC-9, please wait"', world.staff.ops)
    (news,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="news")
    assert "Deletions are frozen by ann: “INC-9, please wait”. Looking still works." in news.reads()
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    world.hears(world.staff.ann, "Deletions are frozen by ann since")
    assert len(world.slack.messages(world.staff.ops)) == 1


def test_what_aws_has_already_is_named(world: World) -> None:
    ready(world)
    world.aws.pace([("Started", 0)])
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Started")
    world.staff.ann.types("/snapshot freeze", world.staff.ops)
    number = world.deletion().id

    def news() -> bool:
        return any(f"1 call is already with AWS and cannot be stopped: {number}." in one.reads() for one in said())

    def said() -> list[Message]:
        return world.slack.messages(world.staff.ops)

    world.slack.wait_for(news, what="news")


def test_only_admins_end_a_freeze(world: World) -> None:
    ready(world)
    world.staff.ann.types("/snapshot freeze", world.staff.ops)
    world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="news")
    world.staff.ann.types("/snapshot unfreeze", world.staff.ops)
    world.hears(world.staff.ann, "Only admins end a freeze. Ask @Cleo to do it.")
    world.staff.cleo.types("/snapshot unfreeze", world.staff.ops)
    world.slack.wait_for(lambda: len(world.slack.messages(world.staff.ops)) == 2, what="news")

    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")


def test_who_may_ask_for_nothing_may_not_freeze(world: World) -> None:
    ready(world)
    world.staff.bob.types("/snapshot freeze", world.staff.ops)

    world.hears(world.staff.bob, "You may not freeze deletions: that takes the right to ask for one.")
    assert "frozen" not in world.audit()


def test_two_who_freeze_are_told_who_was_first(world: World) -> None:
    ready(world)
    world.staff.ann.types("/snapshot freeze INC-9", world.staff.ops)
    world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="news")
    world.staff.cleo.types("/snapshot freeze", world.staff.ops)

    world.hears(world.staff.cleo, "Deletions are frozen by ann since")
    assert world.audit().count("frozen") == 1


def test_there_is_no_freeze_to_end(world: World) -> None:
    ready(world)
    world.staff.cleo.types("/snapshot unfreeze", world.staff.ops)

    world.hears(world.staff.cleo, "Deletions are not frozen")


# The channel that gets every outcome


@pytest.fixture
def audit_channel(world: World) -> Channel:
    return world.slack.channel("audit", members=[world.staff.cleo])


def news_in(world: World, channel: Channel, words: str) -> str:
    def said() -> str | None:
        return next((one.reads() for one in world.slack.messages(channel) if words in one.reads()), None)

    return world.slack.wait_for(said, what=f"news with {words!r}")


def test_every_outcome_is_a_line_in_the_channel_for_it_with_a_link(world: World, audit_channel: Channel) -> None:
    ready(world, notify_channel=audit_channel.id)
    first, second = [one.name for one in world.aws.snapshots() if one.name.startswith("web-1")][:2]
    gone = world.ask(world.staff.ann, first)
    world.staff.ann.clicks("Delete snapshot", message=gone)
    told = news_in(world, audit_channel, "✅ Deleted")
    kept = world.ask(world.staff.ann, second)
    world.staff.bob.clicks("Don't delete", message=kept)
    denied = news_in(world, audit_channel, "denied by bob")

    assert first in told
    assert "Asked by ann" in told
    assert "See the card" in told
    assert second in denied
    assert len(world.slack.messages(audit_channel)) == 2


def test_nothing_is_said_twice_in_one_channel(world: World) -> None:
    ready(world, notify_channel=world.staff.ops.id)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "the snapshot is gone")
    world.staff.ann.types("/snapshot freeze", world.staff.ops)
    world.slack.wait_for(lambda: len(world.slack.messages(world.staff.ops)) == 2, what="news")
    world.settled()

    assert [one.kind for one in world.notices() if one.recipient] == []


def test_a_freeze_is_told_in_the_channel_for_outcomes(world: World, audit_channel: Channel) -> None:
    ready(world, notify_channel=audit_channel.id)
    world.staff.ann.types("/snapshot freeze INC-9", world.staff.ops)
    news_in(world, audit_channel, "Deletions are frozen by ann: “INC-9”")
    world.staff.cleo.types("/snapshot unfreeze", world.staff.ops)

    news_in(world, audit_channel, "cleo ended the freeze")


def test_a_channel_for_outcomes_that_is_gone_holds_up_nothing(world: World) -> None:
    ready(world, notify_channel="C0NOWHERE")
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "the snapshot is gone")

    world.slack.wait_for(lambda: "undelivered" in world.audit(), what="record")


# Guards


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"min_age": "9000d"}, "It is too young: it may go from"),
        ({"daily_limit": "1"}, "Nobody may ask for more than 1 deletions in 24 hours"),
        ({"protected_tags": "env=staging"}, "It is protected by its tag env=staging"),
    ],
)
def test_a_guard_refuses_in_words(world: World, settings: dict[str, object], said: str) -> None:
    ready(world, **settings)
    if "daily_limit" in settings:
        other = next(one.name for one in world.aws.snapshots() if one.name.startswith("web-2"))
        world.ask(world.staff.ann, other)
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    world.hears(world.staff.ann, said)


def test_the_last_two_of_an_instance_are_not_deleted_together(world: World) -> None:
    ready(world)
    names = [one.name for one in world.aws.snapshots() if one.name.startswith("web-2")]
    for name in names[2:]:
        world.aws.remove(name)
    first, second = (world.ask(world.staff.ann, name) for name in names[:2])
    world.staff.ann.clicks("Delete snapshot", message=first)
    world.staff.ann.clicks("Delete snapshot", message=second)
    world.slack.wait_for(lambda: world.deletes() == 1, what="deletion")
    world.reads(first, "✅ Deleted")

    assert len([one for one in world.aws.snapshots() if one.name.startswith("web-2")]) == 1
    assert world.slack.wait_for(
        lambda: "It is the last snapshot of web-2" in (world.now(second).reads() + _heard(world)), what="refusal"
    )


def _heard(world: World) -> str:
    return " ".join(one.reads() for one in world.slack.ephemerals(to=world.staff.ann))


# Dry run


def test_a_dry_run_says_every_word_and_changes_nothing(world: World) -> None:
    ready(world, grace_period="10m")
    world.staff.ann.types(f"/snapshot delete {NAME} --dry-run", world.staff.ops)
    said = world.hears(world.staff.ann, "Dry run, nothing was asked").reads()

    assert "✅ You may delete it yourself (rule 1)." in said
    assert "✅ No tag protects it." in said
    assert "You could confirm it yourself. After that I would wait 10 minutes" in said
    assert world.slack.messages(world.staff.ops) == []
    assert "asked" not in world.audit()


def test_a_dry_run_of_what_is_protected_says_so(world: World) -> None:
    ready(world)
    world.staff.ann.types(f"/snapshot delete {OTHER} --dry-run", world.staff.ops)

    said = world.hears(world.staff.ann, "Dry run, nothing was asked").reads()
    assert "❌ It is protected by its tag no_delete; no permission overrides that." in said
    assert "It would be refused." in said
