"""What AWS can do to many deletions at once: one accepted call each, an honest word, no log full of one outage."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import boto3
import pytest
from botocore.config import Config

from bot.lightsail import client
from bot.model import Accepted
from bot.sandbox import company
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.slack import Message
from storage.tables import NoticeKind, State
from tests.conftest import Clock, World
from tests.faults.many import Many, logged

NAME, HOME = company.OLD_RELEASE, company.REGIONS[0]
DELETE, SEE, POLL, LIST = "DeleteInstanceSnapshot", "GetInstanceSnapshot", "GetOperation", "GetOperationsForResource"
Trouble = Callable[[World], None]
pytestmark = pytest.mark.usefixtures("brisk")


def accepted(world: World) -> dict[str, int]:
    """How many calls to delete AWS has accepted, by name."""
    taken = [str(call.params["instanceSnapshotName"]) for call in world.aws.calls(DELETE) if call.accepted]
    return {name: taken.count(name) for name in taken}


def is_due_later(world: World, than: datetime) -> bool:
    """Whether the next look was put off."""
    return (world.deletion().due_at or than) > than


def by_the_console(region: str, name: str) -> None:
    console = boto3.client("lightsail", region_name=region)
    console.delete_instance_snapshot(instanceSnapshotName=name)
    console.close()


def confirmed(many: Many, *names: str) -> dict[str, Message]:
    many.asks(*names)
    cards = many.posted(len(names))
    many.confirms(*cards.values())
    return cards


# Errors of all kinds


@pytest.mark.parametrize(
    "strike",
    [
        pytest.param(lambda world: world.aws.fail(DELETE, "ThrottlingException", times=6), id="throttled"),
        pytest.param(lambda world: world.aws.limit(20, burst=2), id="throttled whatever is asked"),
        pytest.param(lambda world: world.aws.fail(DELETE, "ServiceException", status=500, times=3), id="500"),
        pytest.param(lambda world: world.aws.garble(DELETE, status=500, times=3), id="500 executed"),
        pytest.param(lambda world: world.aws.garble(DELETE, before=True, times=3), id="502 of a proxy"),
        pytest.param(lambda world: world.aws.lose(DELETE, times=3), id="dropped, executed"),
        pytest.param(lambda world: world.aws.lose(DELETE, before=True, times=3), id="dropped, not executed"),
        pytest.param(lambda world: world.aws.slow(DELETE, 2, times=3), id="time-out, executed"),
    ],
)
def test_every_deletion_is_accepted_once_and_told_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch, unsparing: None, strike: Trouble
) -> None:
    del unsparing
    monkeypatch.setattr(client, "_DELETES", client._DELETES.merge(Config(read_timeout=0.4)))
    names = ("web-a-x", "web-b-x", "web-c-x")
    world.start()
    many = Many(world)
    many.asks(*names)
    cards = many.posted(len(names))
    strike(world)
    many.confirms(*cards.values())
    many.skips_until(many.is_quiet, "end of all", seconds=5)

    assert accepted(world) == dict.fromkeys(names, 1)
    assert {one.state for one in many.deletions()} == {State.DELETED}
    assert many.broken() == []


# Not known


@pytest.mark.soak  # it needs a machine that is not busy
def test_what_is_known_only_after_three_days_is_told_once_and_costs_an_hour_a_look(many: Many) -> None:
    world = many.world
    world.aws.pace("never")
    card = confirmed(many, "web-a-x")["web-a-x"]
    world.told(card, "AWS: Started")
    world.passes(lambda: world.deletion().state is State.UNKNOWN, "end of what is planned")  # its card comes later
    looked = [world.deletion().due_at]
    since = world.clock()
    before = len(world.aws.calls())
    while world.clock() < since + timedelta(days=3):
        due_at = looked[-1]
        assert due_at
        world.clock.ahead += due_at - world.clock() + timedelta(seconds=1)
        world.wake()
        many.until(partial(is_due_later, world, due_at), "look")
        looked.append(world.deletion().due_at)
    calls = len(world.aws.calls()) - before
    world.aws.remove("web-a-x")
    world.comes_to(card, "✅ Deleted")
    many.until(many.is_quiet, "end of all")
    minutes = [round((one - looked[0]).total_seconds() / 60) + 1 for one in looked if one and looked[0]]

    assert minutes[:5] == pytest.approx([1, 5, 30, 90, 150], abs=1)
    assert calls <= 2 * 76  # a poll and a look each
    assert world.thread(card).count("It is not known whether") == 1
    assert accepted(world) == {"web-a-x": 1}
    assert many.broken() == []


# A region that is away


@pytest.mark.soak  # it needs a machine that is not busy
def test_a_region_that_is_down_for_an_hour_is_logged_and_told_once(
    many: Many, caplog: pytest.LogCaptureFixture
) -> None:
    world = many.world
    world.aws.pace([("Started", 0), ("Succeeded", None)])
    names = [f"web-{number:02}-x" for number in range(20)]
    cards = confirmed(many, *names)
    many.until(lambda: all("AWS: Started" in world.thread(one) for one in cards.values()), "statuses")
    caplog.clear()
    world.aws.down(HOME)
    many.completes()
    for minutes in (1, 1, 1, 1, 5, 30, 21):
        world.skip(minutes=minutes)
        many.pause(0.1)
    world.aws.down(HOME, up=True)
    many.skips_until(many.is_quiet, "end of all", seconds=600)
    kinds = [[one.kind for one in many.notices() if one.deletion_id == each.id] for each in many.deletions()]

    assert [one.partition(",")[0] for one in logged(caplog, "bot.lightsail")][:1] == [f"AWS in {HOME}: trouble began"]
    assert [one.partition(" after")[0] for one in logged(caplog, "bot.lightsail")][1:] == [f"AWS in {HOME}: well again"]
    assert [each.count(NoticeKind.NO_ANSWER) for each in kinds] == [1] * 20
    assert [each.count(NoticeKind.UNKNOWN) for each in kinds] == [1] * 20
    assert accepted(world) == dict.fromkeys(names, 1)
    assert many.broken() == []


def test_a_sick_region_holds_up_no_other(many: Many) -> None:
    world = many.world
    away = company.REGIONS[1]
    world.aws.snapshot("far-away-x", of="blog-1", region=away)
    many.asks(*(f"web-{letter}-x" for letter in "abcdef"))
    cards = many.posted(6)
    assert world.staff.ann.types("/snapshot delete far-away-x", world.staff.general).error is None
    many.until(lambda: many.cards(world.staff.general), "card")
    world.settled()
    world.aws.down(HOME)
    many.confirms(*cards.values())
    (well,) = many.cards(world.staff.general).values()
    many.confirms(well)
    world.reads(well, "✅ Deleted")

    assert accepted(world) == {"far-away-x": 1}


# Somebody else


@pytest.mark.parametrize("before", [True, False])
def test_a_snapshot_that_is_recreated_between_the_lost_answer_and_the_recovery_survives(
    many: Many, *, before: bool
) -> None:
    world = many.world
    many.asks("web-a-x")
    cards = many.posted(1)
    world.aws.lose(DELETE, before=before)
    world.aws.fail(LIST, "ServiceException", status=500, times=None)
    many.confirms(cards["web-a-x"])
    many.until(lambda: world.aws.calls(LIST), "look")
    if before:
        new = world.aws.replace("web-a-x")
    else:
        many.until(lambda: not world.exists("web-a-x"), "deletion")
        new = world.aws.snapshot("web-a-x", of="web-1")
    many.skips_until(many.is_quiet, "end of all", seconds=10)
    (deletion,) = many.deletions()

    assert new.arn in {one.arn for one in world.aws.snapshots()}
    assert deletion.state is State.DELETED
    assert "so we cannot say whether it was our call" in world.now(cards["web-a-x"]).reads()
    assert len(world.aws.calls(DELETE)) == 1


@pytest.mark.parametrize(
    ("is_lost", "words"),
    [
        (False, "❌ Not deleted by us web-a-x: it was already gone when we looked."),
        (True, "so we cannot say whether it was our call or somebody else's"),
    ],
)
def test_a_deletion_by_the_console_at_the_same_moment_is_not_claimed_as_ours(
    many: Many, monkeypatch: pytest.MonkeyPatch, words: str, *, is_lost: bool
) -> None:
    world = many.world
    many.asks("web-a-x")
    (card,) = many.posted(1).values()
    assert world.bot
    lightsail = world.bot.lightsail
    call = lightsail.delete

    def after_the_console(region: str, name: str, intended: float) -> Accepted:
        by_the_console(region, name)
        if is_lost:
            world.aws.lose(DELETE, before=True)
        return call(region, name, intended)

    monkeypatch.setattr(lightsail, "delete", after_the_console)
    many.confirms(card)
    many.skips_until(many.is_quiet, "end of all", seconds=5)

    assert words in world.now(card).reads()
    assert words in world.thread(card)
    assert "saved" not in world.thread(card)
    assert sum(one.accepted for one in world.aws.calls(DELETE)) == 1


# Clocks


@pytest.mark.parametrize("minutes", [-10, 10])
@pytest.mark.parametrize("lost", ["before", "after", "not"])
def test_an_operation_of_before_our_call_is_no_answer_to_it_whatever_the_clocks_say(
    many: Many, minutes: int, lost: str
) -> None:
    """The name belonged to another snapshot before, which somebody has deleted four seconds ago by AWS's clock."""
    world, clock = many.world, Clock()
    desk.clock = clock
    clock.skip(minutes=minutes)
    world.aws.snapshot("web-a-x", of="web-1")
    by_the_console(HOME, "web-a-x")
    (theirs,) = [one.id for one in world.aws.operations()]
    clock.skip(seconds=4)
    many.asks("web-a-x")
    (card,) = many.posted(1).values()
    if lost != "not":
        world.aws.lose(DELETE, before=lost == "before")
    many.confirms(card)
    many.skips_until(many.is_quiet, "end of all", seconds=5)

    assert "✅ Deleted" in world.now(card).reads()
    told = str([one.facts for one in many.notices()])
    ours = [one.id for one in world.aws.operations() if one.id != theirs]
    assert theirs not in told
    assert [one in told for one in ours] == [True]
    assert not world.exists("web-a-x")
    assert accepted(world) == {"web-a-x": 2}
    assert many.broken() == []
