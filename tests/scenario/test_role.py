"""A role for each click: AWS's own rules decide by person, and its record names who and what."""

import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.lightsail import Lightsail
from bot.sandbox import company
from bot.sandbox.lightsail.desk import desk, system_clock
from bot.sandbox.lightsail.errors import COMMON, MODELLED
from bot.sandbox.slack import Message, Person
from bot.scoped import Scoped
from storage import attributes
from tests.conftest import World

NAME = company.OLD_RELEASE
ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}:role/lightkeeper"
DOCS = Path(__file__).parents[2] / "docs" / "aws"
RULES = json.loads((DOCS / "deleting.json").read_text())
BOT = "arn:aws:iam::123456789012:role/lightkeeper-bot"  # in the documentation; here it is anybody of the account
TRUST = json.loads((DOCS / "trust.json").read_text().replace(BOT, "arn:aws:iam::123456789012:root"))
EXTERNAL_ID = "CHANGE-ME"
EVERYTHING: dict[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
pytestmark = pytest.mark.usefixtures("brisk")


def ready(world: World, policy: dict[str, object] = RULES, **settings: Any) -> None:  # noqa: ANN401  (as it is started)
    world.aws.account(ACCOUNT, role=ARN, policy=policy, trust=TRUST)
    world.start(
        lightkeeper_admins=world.staff.cleo.id, lightsail_role_arn=ARN, lightsail_external_id=EXTERNAL_ID, **settings
    )
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
    assert call.session_tags == session.tags
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
    thread = world.told(card, "Such rules can go by tags")

    assert "its tags are team=red" in thread
    assert "team=blue" in thread
    assert "AWS's own rules do not let ann delete it (AccessDeniedException)." in thread
    assert "@Ann carried team=blue." in thread
    assert "@Cleo can change what they carry" in thread
    assert "AWS says: “User: " in thread
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

    assert "Tags of the snapshot: team=red" in answer
    assert "The bot: never with no_delete or protected=true" in answer
    assert "@Ann carries team=blue. What its own rules make of it, only AWS can say." in answer


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


# What AWS itself refuses


def test_a_protected_snapshot_is_refused_by_aws_even_where_the_bot_does_not_look(world: World) -> None:
    ready(world, protected_tags=())
    world.aws.snapshot("blue-1-c", of="blue-1", tags={"team": "blue", "no_delete": ""})
    carries(world, world.staff.ann, "team=blue")
    card = confirms(world, "blue-1-c")
    world.reads(card, "❌ Not deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    assert call.error == "AccessDeniedException"
    assert world.exists("blue-1-c")


def test_a_call_that_comes_late_is_refused_by_the_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(world, EVERYTHING)
    card = world.ask(world.staff.ann, "blue-1-a")
    assume = Lightsail.as_person

    def and_then_dozes(*arguments: Any) -> Any:  # noqa: ANN401  (as it is called)
        delete = assume(*arguments)
        monkeypatch.setattr(desk, "clock", lambda: system_clock() + timedelta(seconds=21))
        return delete

    monkeypatch.setattr(Lightsail, "as_person", and_then_dozes)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "❌ Not deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    assert call.error == "AccessDeniedException"
    assert world.exists("blue-1-a")


@pytest.mark.parametrize("minutes", [-10, 10])
def test_the_session_ends_by_the_clock_of_aws(world: World, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    monkeypatch.setattr(desk, "clock", lambda: system_clock() + timedelta(minutes=minutes))
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    card = confirms(world, "blue-1-a")
    world.reads(card, "✅ Deleted")

    (call,) = world.aws.calls("DeleteInstanceSnapshot")
    (session,) = world.aws.sessions()
    (statement,) = json.loads(str(session.policy))["Statement"]
    end = datetime.fromisoformat(statement["Condition"]["DateLessThan"]["aws:CurrentTime"])
    assert abs(end - desk.clock()) < timedelta(minutes=1)
    assert call.accepted


# Whatever AWS answers


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        ("us-east-1", [*MODELLED][::2]),
        ("eu-west-1", [*MODELLED][1::2]),
        *(
            pytest.param(region, [*MODELLED, *COMMON, "BrandNewException"], marks=pytest.mark.soak)
            for region in company.REGIONS
        ),
    ],
)
def test_whatever_aws_answers_under_the_role_it_is_told_as_it_is(world: World, region: str, codes: list[str]) -> None:
    ready(world, EVERYTHING, last_guard=False, daily_limit=Scoped(None))
    world.aws.instance("many", region=region)
    for number, code in enumerate(codes):
        name = f"many-{number}"
        world.aws.snapshot(name, of="many", region=region)
        card = world.ask(world.staff.ann, name)
        world.aws.fail("DeleteInstanceSnapshot", code, region=region)
        world.staff.ann.clicks("Delete snapshot", message=card)
        said = world.slack.wait_for(partial(ended, world, card), what=f"end after {code}")

        is_there = any(each.name == name for each in world.aws.snapshots(region=region))
        accepted = [one for one in world.aws.calls("DeleteInstanceSnapshot") if one.accepted]
        mine = [one for one in accepted if one.params["instanceSnapshotName"] == name]
        assert is_there is said.startswith("❌"), f"{code}: {said}"
        assert len(mine) == (0 if is_there else 1), code
        assert all(one.source_identity == world.staff.ann.id for one in mine)


def ended(world: World, card: Message) -> str | None:
    said = world.now(card).reads()
    if said.startswith(("❌", "✅")):
        return said
    world.skip(seconds=5)
    return None


# Trouble with STS


@pytest.mark.parametrize("code", ["Throttling", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure"])
def test_sts_that_is_busy_is_asked_again_and_then_it_is_deleted(world: World, code: str) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    world.aws.fail("AssumeRole", code, status=503 if code.startswith(("Service", "Internal")) else 400)
    card = confirms(world, "blue-1-a")
    world.comes_to(card, "✅ Deleted")

    assert world.deletes() == 1


def test_sts_that_is_down_deletes_nothing_says_so_and_goes_on_when_it_is_back(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    world.aws.lose("AssumeRole", before=True, times=None)
    card = confirms(world, "blue-1-a")
    world.told(card, "Nothing is deleted yet.")
    assert world.aws.calls("DeleteInstanceSnapshot") == []
    world.aws.heal()

    world.comes_to(card, "✅ Deleted")
    assert world.deletes() == 1


def test_sts_that_stays_down_ends_it_in_words(world: World) -> None:
    ready(world)
    world.aws.lose("AssumeRole", before=True, times=None)
    card = confirms(world, "blue-1-a")
    world.told(card, "Nothing is deleted yet.")
    world.skip(minutes=16)
    world.reads(card, "⌛ Not deleted")

    assert "Still wanted?" in world.told(card, "Still wanted?")
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_sts_that_is_slow_is_not_waited_for_longer_than_it_is_worth(world: World) -> None:
    ready(world)
    carries(world, world.staff.ann, "team=blue")
    world.aws.slow("AssumeRole", 30)
    card = confirms(world, "blue-1-a")

    world.comes_to(card, "✅ Deleted")
    assert world.deletes() == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "AWS did not give the bot its role for this (AccessDenied)"),
        ("PackedPolicyTooLarge", "fewer or shorter attributes"),
        ("MalformedPolicyDocument", "could not read the policy"),
        ("RegionDisabledException", "STS is not switched on"),
        ("BrandNewException", "AWS did not give the bot its role for this (BrandNewException)"),
    ],
)
def test_sts_that_refuses_ends_it_in_words(world: World, code: str, words: str) -> None:
    ready(world)
    world.aws.fail("AssumeRole", code, status=403)
    card = confirms(world, "blue-1-a")

    assert words in world.reads(card, "❌ Not deleted").reads()
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_more_than_aws_packs_is_said_in_words(world: World) -> None:
    ready(world)
    world.aws.account(ACCOUNT, role=ARN, policy=RULES)  # the documented trust is in four attributes only
    much = {f"a{number}": "x" * 250 for number in range(9)}
    with world.database.transaction() as tx:
        attributes.change(
            tx, world.slack.team_id, world.staff.ann.id, much, [], by=world.staff.cleo.id, now=world.clock()
        )
    card = confirms(world, "blue-1-a")

    assert "fewer or shorter attributes" in world.reads(card, "❌ Not deleted").reads()
    assert "An admin can take some away" in world.told(card, "An admin")


def test_credentials_that_expire_between_the_look_and_the_role_delete_nothing(world: World) -> None:
    ready(world)
    card = world.ask(world.staff.ann, "blue-1-a")
    world.aws.fail("AssumeRole", "ExpiredToken", status=403)
    world.staff.ann.clicks("Delete snapshot", message=card)

    assert "have expired" in world.reads(card, "❌ Not deleted").reads()
    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_credentials_that_expire_between_the_role_and_the_call_delete_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(world)
    card = world.ask(world.staff.ann, "blue-1-a")
    assume = Lightsail.as_person

    def and_ends(*arguments: Any) -> Any:  # noqa: ANN401  (as it is called)
        delete = assume(*arguments)
        world.aws.expire()
        return delete

    monkeypatch.setattr(Lightsail, "as_person", and_ends)
    world.staff.ann.clicks("Delete snapshot", message=card)

    assert "have expired" in world.reads(card, "❌ Not deleted").reads()
    assert world.exists("blue-1-a")
