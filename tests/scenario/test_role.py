"""A role for each click: AWS's own rules decide by person, and its record names who and what."""

import json
from typing import Any

import pytest

from bot.lightsail import Lightsail
from bot.sandbox import company
from bot.sandbox.slack import Message, Person
from tests.conftest import World

NAME = company.OLD_RELEASE
ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}:role/lightkeeper"
RULES: dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "lightsail:DeleteInstanceSnapshot",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:ResourceTag/team": "blue"}},
        }
    ],
}
EVERYTHING: dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
pytestmark = pytest.mark.usefixtures("brisk")


def ready(world: World, policy: dict[str, object] = RULES, **settings: Any) -> None:  # noqa: ANN401  (as it is started)
    world.aws.account(ACCOUNT, role=ARN, external_id="ops", policy=policy)
    world.start(lightkeeper_admins=world.staff.cleo.id, lightsail_role_arn=ARN, lightsail_external_id="ops", **settings)
    world.grant(world.staff.ann)
    for name, team in (("blue-1", "blue"), ("red-1", "red")):
        world.aws.instance(name)
        world.aws.snapshot(name + "-a", of=name, tags={"team": team})
        world.aws.snapshot(name + "-b", of=name, tags={"team": team})


def carries(world: World, person: Person, said: str) -> None:
    world.staff.cleo.types(f"/snapshot attributes <@{person.id}|x> {said}", world.staff.ops)
    world.hears(world.staff.cleo, "✅ Done")


def confirms(world: World, name: str) -> Message:
    card = world.ask(world.staff.ann, name)
    world.staff.ann.clicks("Delete snapshot", message=card)
    return card


def test_a_person_of_team_blue_deletes_a_blue_snapshot_and_aws_knows_who_it_was(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    card = confirms(world, "blue-1-a")
    world.reads(card, "✅ Deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    (session,) = world.aws.sessions()
    assert call.accepted
    assert call.session_name == f"lightkeeper-{world.deletion().id}"
    assert call.source_identity == world.staff.ann.id
    assert session.tags == {"slack_user": world.staff.ann.id, "team": "blue"}
    policy = json.loads(str(session.policy))
    (statement,) = policy["Statement"]
    assert statement["Resource"] == world.deletion().arn
    assert statement["Action"] == "lightsail:DeleteInstanceSnapshot"


def test_a_red_one_is_refused_with_the_reason_and_whom_to_ask(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    card = confirms(world, "red-1-a")
    world.reads(card, "❌ Not deleted")
    thread = world.told(card, "AWS's rules were asked for")

    assert "its tags are team=red" in thread
    assert "team=blue" in thread
    assert "@Cleo can say otherwise what they carry" in thread
    assert "lightsail:DeleteInstanceSnapshot" in thread
    assert world.exists("red-1-a")


def test_a_person_without_attributes_is_refused_by_aws_and_not_by_a_guess(world: World) -> None:
    ready(world)
    card = confirms(world, "blue-1-a")
    world.reads(card, "❌ Not deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    assert call.error == "AccessDeniedException"
    assert world.exists("blue-1-a")


def test_whoever_approved_is_in_the_session_too(world: World) -> None:
    ready(world, approval_tags=(("team", "blue"),))
    carries(world, world.staff.ann, "team=blue")
    world.grant(world.staff.bob, "approve")
    card = world.ask(world.staff.ann, "blue-1-a")
    world.staff.bob.clicks("Approve", message=card)
    world.reads(card, "✅ Deleted")

    (session,) = world.aws.sessions()
    assert session.source_identity == world.staff.ann.id
    assert session.tags["slack_approver"] == world.staff.bob.id


def test_the_attributes_of_a_group_count_for_who_is_in_it(world: World) -> None:
    group = world.slack.group("blues", members=[world.staff.ann])
    ready(world)
    world.wait_for_directory()
    world.staff.cleo.types(f"/snapshot attributes <!subteam^{group.id}|@blues> team=blue", world.staff.ops)
    world.hears(world.staff.cleo, "✅ Done")
    card = confirms(world, "blue-1-a")

    world.reads(card, "✅ Deleted")


def test_a_role_that_aws_does_not_give_ends_it_and_nothing_is_deleted(world: World) -> None:
    ready(world)
    world.aws.account(ACCOUNT, role=ARN, external_id="other", policy=RULES)
    card = confirms(world, "blue-1-a")
    world.reads(card, "AWS did not give the bot its role for this (AccessDenied)")
    thread = world.told(card, "sts:TagSession")

    assert "python app.py doctor" in thread
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_what_came_of_a_recreated_name_is_left_alone_by_the_session(world: World) -> None:
    """The role may delete everything; what the person confirmed is all that the session may."""
    everything: dict[str, object] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    ready(world, everything)
    card = world.ask(world.staff.ann, "blue-1-a")
    assume = Lightsail.as_person

    def and_meanwhile(*arguments: Any) -> Any:  # noqa: ANN401  (as it is called)
        delete = assume(*arguments)
        world.aws.replace("blue-1-a")
        return delete

    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(Lightsail, "as_person", and_meanwhile)
        world.staff.ann.clicks("Delete snapshot", message=card)
        world.reads(card, "❌ Not deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    assert call.error == "AccessDeniedException"
    assert "was replaced" in world.now(card).reads()
    assert world.exists("blue-1-a")


def test_can_shows_both_sides_and_leaves_aws_its_word(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    world.staff.ann.types("/snapshot can me delete red-1-a", world.staff.ops)
    answer = world.hears(world.staff.ann, "Yes:").reads()

    assert "carries team=blue, the snapshot has team=red" in answer
    assert "only AWS can say" in answer


def test_only_admins_say_what_aws_is_told(world: World) -> None:
    ready(world)
    world.staff.ann.types("/snapshot attributes me team=blue", world.staff.ops)
    world.hears(world.staff.ann, "Only admins can do that.")

    assert "attributes_refused" in world.audit()


def test_what_sts_refuses_is_refused_when_it_is_set(world: World) -> None:
    ready(world)
    world.staff.cleo.types(f"/snapshot attributes {world.staff.ann.id} team=bl*e", world.staff.ops)

    world.hears(world.staff.cleo, "AWS takes no such value of an attribute")


def test_attributes_are_listed_changed_and_taken_away(world: World) -> None:
    ready(world, notify_channel=world.staff.general.id)
    cleo, ann = world.staff.cleo, world.staff.ann
    carries(world, ann, 'team=blue env="pre prod"')
    cleo.types("/snapshot attributes", world.staff.ops)
    assert "env=pre prod, team=blue" in world.hears(cleo, "Attributes").reads()
    cleo.types(f"/snapshot attributes {ann.id} --remove env", world.staff.ops)
    world.hears(cleo, "carries team=blue.")
    ann.types("/snapshot attributes", world.staff.ops)

    assert "team=blue" in world.hears(ann, "Attributes about you").reads()
    world.slack.wait_for(lambda: len(world.slack.messages(world.staff.general)) == 2, what="news")
    said = "\n".join(one.reads() for one in world.slack.messages(world.staff.general))
    assert "cleo changed what AWS is told: @Ann carries env=pre prod, team=blue." in said
    assert "carries env no more" in said


def test_groups_that_differ_stop_it_before_aws_is_asked(world: World) -> None:
    groups = [world.slack.group(name, members=[world.staff.ann]) for name in ("blues", "reds")]
    ready(world)
    world.wait_for_directory()
    for group, team in zip(groups, ("blue", "red"), strict=True):
        world.staff.cleo.types(f"/snapshot attributes <!subteam^{group.id}|@x> team={team}", world.staff.ops)
        world.hears(world.staff.cleo, f"team={team}")
    card = confirms(world, "blue-1-a")
    world.reads(card, "AWS can't be told what ann carries.")

    assert world.aws.sessions() == []
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_the_story_from_the_record_names_the_session(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    card = confirms(world, "blue-1-a")
    world.reads(card, "✅ Deleted")
    number = world.deletion().id
    world.staff.ann.types(f"/snapshot show {number}", world.staff.ops)

    assert f"as lightkeeper-{number}, carrying" in world.hears(world.staff.ann, "carrying").reads()
