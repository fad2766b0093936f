"""What Slack can do to many deletions at once: nothing is lost, nothing is said twice, and no outage fills the log."""

import itertools
import logging
import time
from collections.abc import Callable

import pytest

from bot.sandbox.slack import Channel, Message
from storage.tables import NoticeKind
from tests.faults.crowd import Crowd

Json = dict[str, object]
pytestmark = pytest.mark.usefixtures("brisk", "unsparing")

# Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors, and chat.update's
OF_POSTING = (
    "as_user_not_supported",
    "cannot_reply_to_message",
    "channel_not_found",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "is_archived",
    "messages_tab_disabled",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_permission",
    "no_text",
    "not_in_channel",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "slack_connect_file_link_sharing_blocked",
    "team_not_found",
    "thread_not_found",
    "too_many_attachments",
)
OF_THREADS = (
    "channel_not_found",
    "invalid_blocks",
    "is_archived",
    "message_not_found",
    "msg_too_long",
    "restricted_action_non_threadable_channel",
    "thread_not_found",
)
OF_EDITING = (
    "block_mismatch",
    "cant_update_message",
    "channel_not_found",
    "edit_window_closed",
    "invalid_blocks",
    "is_inactive",
    "message_not_found",
    "msg_too_long",
    "no_permission",
    "team_not_found",
)
OF_THE_TOKEN = (
    "access_denied",
    "accesslimited",
    "account_inactive",
    "ekm_access_denied",
    "invalid_auth",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
)


def of(name: str, channel: Channel | None) -> Callable[[Json], bool]:
    """Messages that name a snapshot, in a channel or to a person."""
    return lambda call: (
        name in str(call.get("text")) and (call["channel"] == channel.id if channel else call["channel"][0] == "U")
    )


def named(errors: tuple[str, ...]) -> dict[str, str]:
    """A snapshot for each error; no name is a part of another one."""
    return {error: f"case-{number:02}-it" for number, error in enumerate(errors)}


def in_thread(one: Message) -> Callable[[Json], bool]:
    return lambda call: call.get("thread_ts") == one.ts


def under_way(crowd: Crowd, *names: str) -> dict[str, Message]:
    """Cards of deletions that AWS has taken, which is told."""
    crowd.world.aws.pace([("Started", 0), ("Succeeded", None)])
    crowd.asks(*names)
    cards = crowd.posted(len(names))
    crowd.confirms(*cards.values())
    crowd.until(lambda: all("AWS: Started" in crowd.world.thread(one) for one in cards.values()), "statuses")
    return cards


# What Slack will never take


def test_a_card_that_slack_never_takes_ends_the_deletion_and_the_asker_hears_of_it(crowd: Crowd) -> None:
    world, names = crowd.world, named(OF_POSTING)
    for error, name in names.items():
        is_meant = of(name, world.staff.ops)
        world.slack.fail("chat.postMessage", error=error, when=is_meant)
    crowd.asks(*names.values())
    crowd.until(crowd.is_quiet, "end of all")
    told = world.direct(world.staff.ann)

    assert {one.name: one.facts.get("problem") for one in crowd.deletions()} == {
        name: error for error, name in names.items()
    }
    assert {one.state for one in crowd.deletions()} == {"refused"}
    assert crowd.undelivered() == sorted(("card", error) for error in OF_POSTING)
    assert [sum(name in words for words in told) for name in names.values()] == [1] * len(names)


def test_a_card_that_can_not_be_edited_any_more_is_on_the_record_and_its_thread_tells_the_rest(crowd: Crowd) -> None:
    world, names = crowd.world, named(OF_EDITING)
    crowd.asks(*names.values())
    cards = crowd.posted(len(names))
    for error, name in names.items():
        world.slack.fail("chat.update", error=error, times=9, when=lambda call, ts=cards[name].ts: call["ts"] == ts)
    crowd.confirms(*cards.values())
    crowd.until(crowd.is_quiet, "end of all")

    assert {(one.delivery, one.problem) for one in crowd.copies()} == {("dropped", error) for error in OF_EDITING}
    assert crowd.undelivered() == sorted(("card", error) for error in OF_EDITING)
    assert all("the snapshot is gone" in world.thread(one) for one in cards.values())
    assert world.direct(world.staff.ann) == []


def test_a_status_that_slack_never_takes_is_on_the_record_and_the_outcome_is_told_all_the_same(crowd: Crowd) -> None:
    world, names = crowd.world, named(OF_THREADS)
    world.aws.pace([("Started", 0), ("Succeeded", None)])
    crowd.asks(*names.values())
    cards = crowd.posted(len(names))
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error=error, times=9, when=in_thread(cards[name]))
    crowd.confirms(*cards.values())
    crowd.until(lambda: len(crowd.undelivered()) == 2 * len(names), "end of the first two lines")
    world.slack.heal()
    crowd.ends()

    assert crowd.undelivered() == sorted((what, error) for error in OF_THREADS for what in ("confirmed", "status"))
    assert {one.problem for one in crowd.notices() if one.delivery == "dropped"} == set(OF_THREADS)
    assert all(world.thread(one).count("the snapshot is gone") == 1 for one in cards.values())
    assert world.direct(world.staff.ann) == []


def test_an_outcome_that_slack_never_takes_goes_to_the_asker_and_is_on_the_record(crowd: Crowd) -> None:
    world, names = crowd.world, named(OF_THREADS)
    cards = under_way(crowd, *names.values())
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error=error, times=9, when=in_thread(cards[name]))
    crowd.ends()
    told = world.direct(world.staff.ann)

    assert set(crowd.undelivered()) == {(what, error) for error in OF_THREADS for what in ("status", "ended")}
    assert [sum(name in words for words in told) for name in names.values()] == [1] * len(names)
    assert all("✅ Deleted" in words for words in told)


def test_an_outcome_that_can_be_told_nowhere_is_on_the_record(crowd: Crowd) -> None:
    world, names = crowd.world, named(OF_THREADS)
    cards = under_way(crowd, *names.values())
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error="is_archived", times=9, when=in_thread(cards[name]))
        world.slack.fail("chat.postMessage", error=error, times=9, when=of(name, None))
    crowd.ends()
    outcomes = [one for one in crowd.notices() if one.kind is NoticeKind.ENDED]

    assert world.direct(world.staff.ann) == []
    assert sorted(one.problem or "" for one in outcomes) == sorted(OF_THREADS)
    assert {one.delivery for one in outcomes} == {"dropped"}
    assert set(crowd.undelivered()) >= {("ended", error) for error in OF_THREADS}
    assert all("✅ Deleted" in one.reads() for one in crowd.cards(world.staff.ops).values())


def test_one_line_that_slack_never_takes_keeps_no_other_from_being_told(crowd: Crowd) -> None:
    world = crowd.world
    cards = under_way(crowd, "web-x")
    is_sick = in_thread(cards["web-x"])
    world.slack.fail(
        "chat.postMessage",
        error="msg_too_long",
        times=99,
        when=lambda call: is_sick(call) and "AWS: `Succeeded`" in str(call["blocks"]),
    )
    world.slack.slow("chat.postMessage", 0.3)
    crowd.ends()

    assert "the snapshot is gone" in world.thread(cards["web-x"])
    assert crowd.undelivered() == [("status", "msg_too_long")]
    assert world.direct(world.staff.ann) == []


# The bot's token


def test_while_slack_does_not_let_the_bot_in_all_waits_and_is_told_when_it_does(
    crowd: Crowd, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.02)
    world = crowd.world
    cards = under_way(crowd, *(f"web-{letter}-x" for letter in "abc"))
    for method in ("chat.postMessage", "chat.update"):
        for error in OF_THE_TOKEN:
            world.slack.fail(method, error=error)
    with caplog.at_level(logging.WARNING, "bot.slack.outbox"):
        crowd.ends()

    assert [one for one in caplog.messages if "trouble began" in one] == [caplog.messages[0]]
    assert "whoever runs it has to mend that" in caplog.messages[0]
    assert "token" in caplog.messages[0]
    assert [one for one in caplog.messages if "well again" in one] == [caplog.messages[1]]
    assert len(caplog.messages) == 2
    assert len(cards) == 3
    assert crowd.broken() == []
    assert crowd.undelivered() == []


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "missing_scope"])
def test_a_token_that_nobody_mends_for_a_day_ends_what_waits_with_a_record(
    crowd: Crowd, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.3)
    world = crowd.world
    under_way(crowd, "web-x")
    for method in ("chat.postMessage", "chat.update", "conversations.replies", "auth.test"):
        world.slack.fail(method, error=error, times=10**6)
    crowd.completes()
    crowd.skips_until(crowd.is_over, "end")
    world.skip(hours=23)
    crowd.pause(0.2)
    during = crowd.undelivered()
    world.skip(hours=2)
    crowd.until(lambda: {one.delivery for one in crowd.notices()} == {"sent", "dropped"}, "end of the lines")

    assert during == []
    assert set(crowd.undelivered()) == {("status", error), ("ended", error)}


def test_what_an_operator_mends_within_a_day_is_told_after_the_restart(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.3)
    world = crowd.world
    under_way(crowd, "web-x")
    for method in ("chat.postMessage", "chat.update"):
        world.slack.fail(method, error="token_revoked", times=10**6)
    crowd.completes()
    crowd.skips_until(crowd.is_over, "end")
    world.skip(hours=23)
    crowd.pause()
    world.stop()
    world.slack.heal()
    world.start()
    crowd.until(crowd.is_quiet, "end of the lines")

    assert crowd.broken() == []


# 429


def test_in_a_storm_of_429_all_is_said_in_order_and_no_call_is_made_in_a_pause(crowd: Crowd) -> None:
    """Each of them asks to wait for a second; each channel and kind of call waits by itself."""
    world, calls, until = crowd.world, list[float](), dict[tuple[str, str], float]()
    turn = itertools.count()

    def storm(method: str) -> Callable[[Json], bool]:
        def meant(call: Json) -> bool:
            now, place = time.monotonic(), (method, str(call["channel"]))
            calls.append(now - until.get(place, 0))
            if next(turn) % 2:
                return False
            until[place] = now + 1
            return True

        return meant

    for method in ("chat.postMessage", "chat.update"):
        world.slack.fail(method, retry_after=1, times=4, when=storm(method))
    crowd.asks("web-x", "web-y")
    crowd.asks("web-z", channel=world.staff.general)
    crowd.until(lambda: len(crowd.cards(world.staff.ops)) + len(crowd.cards(world.staff.general)) == 3, "cards")
    world.settled()
    crowd.confirms(*crowd.cards(world.staff.ops).values(), *crowd.cards(world.staff.general).values())
    crowd.until(crowd.is_quiet, "end of all")

    assert len(calls) > 8
    assert min(calls) >= 0
    assert crowd.broken() == []


def test_a_message_that_slack_always_asks_to_wait_with_is_not_tried_first_again(crowd: Crowd) -> None:
    """Slack's limits are a channel's; but what stands at the head of its line must not hold up the line for ever."""
    world = crowd.world
    crowd.asks("web-x", "web-y")
    cards = crowd.posted(2)
    is_sick = in_thread(cards["web-x"])
    world.slack.fail("chat.postMessage", retry_after=1, times=99, when=is_sick)
    crowd.confirms(cards["web-x"])
    crowd.until(lambda: world.slack.faults()["chat.postMessage"] < 99, "refusal")
    crowd.confirms(cards["web-y"])
    world.told(cards["web-y"], "the snapshot is gone")

    assert world.thread(cards["web-x"]) == ""


def test_looks_wait_as_long_as_slack_asks_them_to(crowd: Crowd) -> None:
    world, looks = crowd.world, list[float]()
    crowd.asks("web-x")
    (one,) = crowd.posted(1).values()
    world.slack.drop("chat.postMessage", accepted=True)
    world.slack.fail("conversations.replies", retry_after=1, when=lambda _: looks.append(time.monotonic()) or True)
    world.slack.fail("conversations.replies", status=503, when=lambda _: looks.append(time.monotonic()) or True)
    crowd.confirms(one)
    crowd.until(world.is_in_doubt, "doubt")
    for _ in range(4):
        world.skip(minutes=2)
        crowd.pause(0.4)
    crowd.until(crowd.is_quiet, "end of all")

    assert looks[1] - looks[0] >= 1
    assert crowd.broken() == []


# Errors, silence, broken lines


@pytest.mark.parametrize("is_posted", [True, False])
@pytest.mark.parametrize("how", ["500", "dropped", "late", "page"])
def test_whatever_breaks_off_is_in_slack_once(
    crowd: Crowd, how: str, monkeypatch: pytest.MonkeyPatch, *, is_posted: bool
) -> None:
    """Every second post and every second edit ends in it, whether Slack has taken it or not."""
    monkeypatch.setattr("bot.slack.client.TIMEOUT", 0.3)
    world = crowd.world
    world.stop()
    world.start()  # with that time-out
    turn = itertools.count()

    def meant(_: Json) -> bool:
        return next(turn) % 2 == 0

    for method in ("chat.postMessage", "chat.update"):
        match how, is_posted:
            case "500", True:
                world.slack.garble(method, 9, status=500, when=meant)
            case "500", False:
                world.slack.fail(method, status=500, times=9, when=meant)
            case "dropped", _:
                world.slack.drop(method, accepted=is_posted, times=9, when=meant)
            case "late", True:
                world.slack.slow(method, 1, 3, when=meant)
            case "late", False:
                world.slack.slow("conversations.replies", 1, 3)
                world.slack.drop(method, accepted=False, times=3, when=meant)
            case _:
                world.slack.garble(method, 9, accepted=is_posted, when=meant)
    names = ("web-x", "web-y")
    crowd.asks(*names)
    crowd.skips_until(lambda: len(crowd.cards(world.staff.ops)) == 2, "cards", seconds=11)
    crowd.skips_until(lambda: {one.state for one in crowd.deletions()} == {"pending"}, "known cards", seconds=11)
    crowd.confirms(*crowd.cards(world.staff.ops).values())
    crowd.skips_until(crowd.is_quiet, "end of all", seconds=11)

    assert crowd.broken() == []
    assert world.deletes() == 2


@pytest.mark.parametrize("readable", [True, False])
def test_after_an_hour_in_which_slack_is_away_every_thread_has_every_line_once(
    crowd: Crowd, caplog: pytest.LogCaptureFixture, *, readable: bool
) -> None:
    world = crowd.world
    if not readable:
        world.slack.channel("ops", bot=False)
    cards = under_way(crowd, *(f"web-{letter}-x" for letter in "abcdefgh"))
    world.aws.pace("at-once")
    crowd.asks("web-y-x", "web-z-x")
    cards = crowd.posted(10)
    caplog.clear()
    calls = itertools.count()
    methods = ("chat.postMessage", "chat.update", "conversations.replies", "conversations.history", "auth.test")
    for method in methods:
        world.slack.fail(method, status=503, times=10**6, when=lambda _: next(calls) >= 0)
    crowd.confirms(cards["web-y-x"])
    world.staff.ann.clicks("Don't delete", message=cards["web-z-x"])
    crowd.completes()
    crowd.skips_until(crowd.is_over, "end of all deletions")
    for _ in range(12):
        world.skip(minutes=5)
        crowd.pause(0.04)
    made = next(calls)
    during = list(caplog.messages)
    world.slack.heal()
    crowd.skips_until(crowd.is_quiet, "end of all lines", seconds=61)

    assert crowd.broken() == []
    assert world.direct(world.staff.ann) == []
    assert crowd.undelivered() == []
    assert [one.partition(",")[0] for one in during] == ["Slack: trouble began"]
    assert [one.partition(" after")[0] for one in caplog.messages[1:]] == ["Slack: well again"]
    assert 10 * 2 * 2 < made < 10 * 2 * 20  # a try for each thread and each card whenever it is due


def test_where_the_bot_can_not_read_a_line_is_repeated_once_and_the_record_says_so(crowd: Crowd) -> None:
    world = crowd.world
    crowd.asks("web-x")
    (one,) = crowd.posted(1).values()
    world.slack.channel("ops", bot=False)
    world.slack.drop("chat.postMessage", accepted=True, times=99, when=in_thread(one))
    crowd.confirms(one)
    crowd.until(world.is_in_doubt, "doubt")
    crowd.skips_until(lambda: crowd.is_quiet() and crowd.is_over(), "end of all", seconds=11)
    thread = world.thread(one)
    problems = {notice.problem for notice in crowd.notices()}

    assert problems == {"sent again without being able to look, twice"}
    assert thread.count("Confirmed by") == 2
    assert thread.count("the snapshot is gone") <= 2
    assert set(crowd.undelivered()) == {
        (one.kind, "sent again without being able to look, twice") for one in crowd.notices()
    }


def test_an_outcome_for_the_asker_alone_outlives_an_outage(crowd: Crowd) -> None:
    world = crowd.world
    cards = under_way(crowd, "web-x")
    world.slack.fail("chat.postMessage", error="is_archived", times=9, when=in_thread(cards["web-x"]))
    for method in ("chat.postMessage", "auth.test"):
        world.slack.fail(method, status=503, times=10**6, when=lambda call: "thread_ts" not in call)
    crowd.completes()
    crowd.skips_until(crowd.is_over, "end")
    for _ in range(20):
        world.skip(minutes=1)
        crowd.pause(0.02)
    world.slack.heal()
    crowd.skips_until(crowd.is_quiet, "end of all", seconds=61)

    assert [words.count("✅ Deleted") for words in world.direct(world.staff.ann)] == [1]


def test_one_sick_thread_rests_longer_and_longer_and_holds_up_no_other(crowd: Crowd) -> None:
    world, tries = crowd.world, itertools.count()
    crowd.asks("web-x", "web-y")
    cards = crowd.posted(2)
    is_sick = in_thread(cards["web-x"])
    world.slack.fail("chat.postMessage", status=500, times=10**6, when=lambda call: is_sick(call) and next(tries) >= 0)
    crowd.confirms(*cards.values())
    world.told(cards["web-y"], "the snapshot is gone")
    for _ in range(120):
        world.skip(seconds=30)
        crowd.pause(0.01)
    made = next(tries)
    world.slack.heal()
    crowd.skips_until(crowd.is_quiet, "end of all", seconds=61)

    assert made <= 60  # in an hour
    assert crowd.broken() == []
