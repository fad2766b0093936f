"""Credentials that AWS does not accept: nothing is deleted, and the admins are told once an outage."""

from pathlib import Path

import pytest

from bot.sandbox import company
from bot.sandbox.slack import Person
from storage.tables import Delivery, NoticeKind
from tests.conftest import World

NAME = company.OLD_RELEASE
pytestmark = pytest.mark.usefixtures("brisk")
STATES = [
    ("expired", "ExpiredTokenException", "The bot's AWS credentials have expired"),
    ("unknown", "UnrecognizedClientException", "AWS does not accept the bot's credentials"),
    ("invalid_signature", "InvalidSignatureException", "AWS does not accept the bot's signature"),
]
every_state = pytest.mark.parametrize(("state", "code", "words"), STATES, ids=[state for state, _, _ in STATES])


def ready(world: World) -> None:
    world.start(lightkeeper_admins=world.staff.cleo.id)
    world.grant(world.staff.ann)


def hears_directly(world: World, person: Person, words: str) -> str:
    def told() -> str | None:
        return next((said for said in world.direct(person) if words in said), None)

    return world.slack.wait_for(told, what=f"direct message to {person.name} with {words!r}")


def asks(world: World) -> str:
    before = len(world.slack.ephemerals(to=world.staff.ann))
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    return world.slack.wait_for(lambda: world.slack.ephemerals(to=world.staff.ann)[before:], what="answer")[0].reads()


def outages_told(world: World) -> int:
    return sum(notice.kind is NoticeKind.CREDENTIALS for notice in world.notices())


@every_state
def test_the_asker_hears_that_only_others_can_mend_it_and_the_admin_hears_what(
    world: World, state: str, code: str, words: str
) -> None:
    ready(world)
    world.aws.credentials(state)

    answer = asks(world)
    told = hears_directly(world, world.staff.cleo, "AWS does not let me in (us-east-1, eu-west-1).")

    assert f"• us-east-1, eu-west-1: {words}" in answer
    assert "Only whoever runs the bot can mend that." in answer
    assert words in told
    assert f"Details: GetInstanceSnapshot: {code} · AWS says: “The" in told


@every_state
def test_what_was_confirmed_is_not_deleted(world: World, state: str, code: str, words: str) -> None:
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.aws.credentials(state)
    world.staff.ann.clicks("Delete snapshot", message=card)

    ended = world.reads(card, "❌ Not deleted").reads()
    hears_directly(world, world.staff.cleo, "AWS does not let me in (us-east-1).")

    assert f"the bot could not get in. {words}" in ended
    assert f"({code})" in ended
    assert "Whoever runs the bot has to mend its AWS credentials." in ended
    assert world.aws.calls("DeleteInstanceSnapshot") == []


@every_state
def test_what_was_called_is_followed_when_aws_lets_the_bot_in_again(
    world: World, state: str, code: str, words: str
) -> None:
    world.aws.pace("manual")
    ready(world)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "AWS: NotStarted")
    world.aws.credentials(state)
    world.comes_to(card, "Not known yet")
    thread = world.told(card, "It is not known whether the snapshot is deleted.")
    world.aws.credentials("fine")
    (operation,) = world.aws.operations()
    world.aws.advance(operation.id)
    world.aws.advance(operation.id)
    world.comes_to(card, "✅ Deleted")

    assert words in thread
    assert code in thread
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1
    assert len(world.direct(world.staff.cleo)) == 1


def test_an_outage_is_told_once_however_often_it_is_met(world: World) -> None:
    ready(world)
    world.aws.credentials("expired")

    for _ in range(3):
        asks(world)
    hears_directly(world, world.staff.cleo, "AWS does not let me in")

    assert outages_told(world) == 1


def test_an_outage_that_comes_back_at_once_is_the_same_one(world: World) -> None:
    ready(world)
    world.aws.credentials("expired")
    asks(world)
    world.aws.credentials("fine")
    world.staff.ann.types("/snapshot delete no-such-thing", world.staff.ops)
    world.hears(world.staff.ann, "There is no snapshot")
    world.aws.credentials("expired")
    asks(world)

    assert outages_told(world) == 1


def test_the_next_outage_is_told_again(world: World) -> None:
    ready(world)
    world.aws.credentials("expired")
    asks(world)
    world.aws.credentials("fine")
    world.staff.ann.types("/snapshot delete no-such-thing", world.staff.ops)
    world.hears(world.staff.ann, "There is no snapshot")
    world.skip(hours=2)
    world.aws.credentials("unknown")
    asks(world)
    hears_directly(world, world.staff.cleo, "AWS does not accept the bot's credentials")

    assert len(world.direct(world.staff.cleo)) == 2


def test_an_outage_is_told_once_over_a_restart(world: World) -> None:
    ready(world)
    world.aws.credentials("expired")
    asks(world)
    hears_directly(world, world.staff.cleo, "AWS does not let me in")
    world.stop()
    world.start()
    asks(world)

    assert outages_told(world) == 1


def test_admins_by_permission_are_told_too_and_nobody_else(world: World) -> None:
    ready(world)
    world.grant(world.staff.bob, "admin")
    world.aws.credentials("expired")
    asks(world)
    hears_directly(world, world.staff.bob, "AWS does not let me in")
    hears_directly(world, world.staff.cleo, "AWS does not let me in")

    assert world.direct(world.staff.ann) == []
    assert world.direct(world.staff.dan) == []


def test_a_bot_without_admins_still_answers(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    world.aws.credentials("expired")

    assert "The bot's AWS credentials have expired" in asks(world)
    assert outages_told(world) == 0


def test_an_admin_whom_slack_does_not_know_holds_up_nobody(world: World) -> None:
    world.start(lightkeeper_admins=f"{world.staff.cleo.id},U0NOBODY00")
    world.grant(world.staff.ann)
    world.aws.credentials("expired")
    asks(world)

    hears_directly(world, world.staff.cleo, "AWS does not let me in")


def test_a_word_to_an_admin_whose_answer_was_lost_is_said_again_at_most_once(world: World) -> None:
    ready(world)
    world.aws.credentials("expired")
    world.slack.drop("chat.postMessage", accepted=True)
    asks(world)
    world.slack.wait_for(world.is_in_doubt, what="doubt")
    world.skip(seconds=11)
    world.slack.wait_for(lambda: len(world.direct(world.staff.cleo)) == 2, what="second word")
    world.slack.wait_for(lambda: world.notices()[0].delivery is Delivery.SENT, what="end of doubt")

    assert outages_told(world) == 1


def test_without_any_credentials_nothing_is_sent(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    ready(world)

    assert "The bot has no AWS credentials that it can use (NoCredentialsError)." in asks(world)
    assert "AWS does not let me in" in hears_directly(world, world.staff.cleo, "NoCredentialsError")
    assert world.aws.calls() == []
