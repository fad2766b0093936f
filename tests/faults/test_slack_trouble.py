"""What Slack can do to many deletions at once: nothing is lost, nothing is said twice, and no outage fills the log."""

import itertools
import logging
import time
from collections.abc import Callable
from functools import partial

import pytest

from bot.sandbox.slack import Channel, Message
from storage.tables import NoticeKind, State, Why
from tests.faults.many import Many, logged

Json = dict[str, object]
pytestmark = [pytest.mark.usefixtures("brisk", "unsparing")]

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


def _is_about(ts: str, call: Json) -> bool:
    return call["ts"] == ts


def note(moments: list[float]) -> bool:
    """Note when something happened."""
    moments.append(time.monotonic())
    return True


def of(name: str, channel: Channel | None) -> Callable[[Json], bool]:
    """Messages that name a snapshot, in a channel or to a person."""
    return lambda call: (
        name in str(call.get("text")) and (call["channel"] == channel.id if channel else str(call["channel"])[0] == "U")
    )


def named(errors: tuple[str, ...]) -> dict[str, str]:
    """A snapshot for each error; no name is a part of another one."""
    return {error: f"case-{number:02}-it" for number, error in enumerate(errors)}


def in_thread(one: Message) -> Callable[[Json], bool]:
    return lambda call: call.get("thread_ts") == one.ts


def under_way(many: Many, *names: str) -> dict[str, Message]:
    """Cards of deletions that AWS has taken, which is told."""
    many.world.aws.pace([("Started", 0), ("Succeeded", None)])
    many.asks(*names)
    cards = many.posted(len(names))
    many.confirms(*cards.values())
    many.until(lambda: all("AWS: Started" in many.world.thread(one) for one in cards.values()), "statuses")
    return cards


# What Slack will never take


def test_a_card_that_slack_never_takes_ends_the_deletion_and_the_asker_hears_of_it(many: Many) -> None:
    world, names = many.world, named(OF_POSTING)
    for error, name in names.items():
        is_meant = of(name, world.staff.ops)
        world.slack.fail("chat.postMessage", error=error, when=is_meant)
    many.asks(*names.values())
    many.until(many.is_quiet, "end of all")
    told = world.direct(world.staff.ann)

    assert {one.name: one.facts.get("problem") for one in many.deletions()} == {
        name: error for error, name in names.items()
    }
    assert {one.state for one in many.deletions()} == {"refused"}
    assert many.undelivered() == sorted(("card", error) for error in OF_POSTING)
    assert [sum(name in words for words in told) for name in names.values()] == [1] * len(names)


@pytest.mark.soak  # it needs a machine that is not busy
def test_a_card_that_can_not_be_edited_any_more_is_on_the_record_and_its_thread_tells_the_rest(many: Many) -> None:
    world, names = many.world, named(OF_EDITING)
    many.asks(*names.values())
    cards = many.posted(len(names))
    for error, name in names.items():
        world.slack.fail("chat.update", error=error, times=9, when=partial(_is_about, cards[name].ts))
    many.confirms(*cards.values())
    many.until(many.is_quiet, "end of all")

    assert {(one.delivery, one.problem) for one in many.copies()} == {("dropped", error) for error in OF_EDITING}
    assert many.undelivered() == sorted(("card", error) for error in OF_EDITING)
    assert all("the snapshot is gone" in world.thread(one) for one in cards.values())
    assert world.direct(world.staff.ann) == []


def test_a_status_that_slack_never_takes_is_on_the_record_and_the_outcome_is_told_all_the_same(many: Many) -> None:
    world, names = many.world, named(OF_THREADS)
    world.aws.pace([("Started", 0), ("Succeeded", None)])
    many.asks(*names.values())
    cards = many.posted(len(names))
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error=error, times=9, when=in_thread(cards[name]))
    many.confirms(*cards.values())
    many.until(lambda: len(many.undelivered()) == 2 * len(names), "end of the first two lines")
    world.slack.heal()
    many.ends()

    assert many.undelivered() == sorted((what, error) for error in OF_THREADS for what in ("confirmed", "status"))
    assert {one.problem for one in many.notices() if one.delivery == "dropped"} == set(OF_THREADS)
    assert all(world.thread(one).count("the snapshot is gone") == 1 for one in cards.values())
    assert world.direct(world.staff.ann) == []


def test_an_outcome_that_slack_never_takes_goes_to_the_asker_and_is_on_the_record(many: Many) -> None:
    world, names = many.world, named(OF_THREADS)
    cards = under_way(many, *names.values())
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error=error, times=9, when=in_thread(cards[name]))
    many.ends()
    told = world.direct(world.staff.ann)

    assert set(many.undelivered()) == {(what, error) for error in OF_THREADS for what in ("status", "ended")}
    assert [sum(name in words for words in told) for name in names.values()] == [1] * len(names)
    assert all("✅ Deleted" in words for words in told)


def test_an_outcome_that_can_be_told_nowhere_is_on_the_record(many: Many) -> None:
    world, names = many.world, named(OF_THREADS)
    cards = under_way(many, *names.values())
    for error, name in names.items():
        world.slack.fail("chat.postMessage", error="is_archived", times=9, when=in_thread(cards[name]))
        world.slack.fail("chat.postMessage", error=error, times=9, when=of(name, None))
    many.ends()
    outcomes = [one for one in many.notices() if one.kind is NoticeKind.ENDED]

    assert world.direct(world.staff.ann) == []
    assert sorted(one.problem or "" for one in outcomes) == sorted(OF_THREADS)
    assert {one.delivery for one in outcomes} == {"dropped"}
    assert set(many.undelivered()) >= {("ended", error) for error in OF_THREADS}
    assert all("✅ Deleted" in one.reads() for one in many.cards(world.staff.ops).values())


def test_one_line_that_slack_never_takes_keeps_no_other_from_being_told(many: Many) -> None:
    world = many.world
    cards = under_way(many, "web-x")
    is_sick = in_thread(cards["web-x"])
    world.slack.fail(
        "chat.postMessage",
        error="msg_too_long",
        times=99,
        when=lambda call: is_sick(call) and "AWS: `Succeeded`" in str(call["blocks"]),
    )
    world.slack.slow("chat.postMessage", 0.3)
    many.ends()

    assert "the snapshot is gone" in world.thread(cards["web-x"])
    assert many.undelivered() == [("status", "msg_too_long")]
    assert world.direct(world.staff.ann) == []


# The bot's token


def test_while_slack_does_not_let_the_bot_in_all_waits_and_is_told_when_it_does(
    many: Many, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.02)
    world = many.world
    cards = under_way(many, *(f"web-{letter}-x" for letter in "abc"))
    for method in ("chat.postMessage", "chat.update"):
        for error in OF_THE_TOKEN:
            world.slack.fail(method, error=error)
    with caplog.at_level(logging.WARNING, "bot.slack.outbox"):
        many.ends()

    assert [one for one in logged(caplog, "bot.slack.outbox") if "trouble began" in one] == [
        logged(caplog, "bot.slack.outbox")[0]
    ]
    assert "whoever runs it has to mend that" in logged(caplog, "bot.slack.outbox")[0]
    assert "token" in logged(caplog, "bot.slack.outbox")[0]
    assert [one for one in logged(caplog, "bot.slack.outbox") if "well again" in one] == [
        logged(caplog, "bot.slack.outbox")[1]
    ]
    assert len(logged(caplog, "bot.slack.outbox")) == 2
    assert len(cards) == 3
    assert many.broken() == []
    assert many.undelivered() == []


@pytest.mark.parametrize(
    "error",
    ["token_revoked", *[pytest.param(one, marks=pytest.mark.soak) for one in ("account_inactive", "missing_scope")]],
)
def test_a_token_that_nobody_mends_for_a_day_ends_what_waits_with_a_record(
    many: Many, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.3)
    world = many.world
    under_way(many, "web-x")
    for method in ("chat.postMessage", "chat.update", "conversations.replies", "auth.test"):
        world.slack.fail(method, error=error, times=10**6)
    many.completes()
    many.skips_until(many.is_over, "end")
    world.skip(hours=23)
    many.pause(0.2)
    during = many.undelivered()
    world.skip(hours=2)
    many.until(lambda: {one.delivery for one in many.notices()} == {"sent", "dropped"}, "end of the lines")

    assert during == []
    assert set(many.undelivered()) == {("status", error), ("ended", error)}


def test_what_an_operator_mends_within_a_day_is_told_after_the_restart(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.client._LOCKED_OUT_WAIT", 0.3)
    world = many.world
    under_way(many, "web-x")
    for method in ("chat.postMessage", "chat.update"):
        world.slack.fail(method, error="token_revoked", times=10**6)
    many.completes()
    many.skips_until(many.is_over, "end")
    world.skip(hours=23)
    many.pause()
    world.stop()
    world.slack.heal()
    world.start()
    many.until(many.is_quiet, "end of the lines")

    assert many.broken() == []


# 429


def test_in_a_storm_of_429_all_is_said_in_order_and_no_call_is_made_in_a_pause(many: Many) -> None:
    """Each of them asks to wait for a second; each channel and kind of call waits by itself."""
    world, calls, until = many.world, list[float](), dict[tuple[str, str], float]()
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
    many.asks("web-x", "web-y")
    many.asks("web-z", channel=world.staff.general)
    many.until(lambda: len(many.cards(world.staff.ops)) + len(many.cards(world.staff.general)) == 3, "cards")
    world.settled()
    many.confirms(*many.cards(world.staff.ops).values(), *many.cards(world.staff.general).values())
    many.until(many.is_quiet, "end of all")

    assert len(calls) > 8
    assert min(calls) >= 0
    assert many.broken() == []


def test_a_message_that_slack_always_asks_to_wait_with_is_not_tried_first_again(many: Many) -> None:
    """Slack's limits are a channel's; but what stands at the head of its line must not hold up the line for ever."""
    world = many.world
    many.asks("web-x", "web-y")
    cards = many.posted(2)
    is_sick = in_thread(cards["web-x"])
    world.slack.fail("chat.postMessage", retry_after=1, times=99, when=is_sick)
    many.confirms(cards["web-x"])
    many.until(lambda: world.slack.faults()["chat.postMessage"] < 99, "refusal")
    many.confirms(cards["web-y"])
    world.told(cards["web-y"], "the snapshot is gone")

    assert world.thread(cards["web-x"]) == ""


def test_looks_wait_as_long_as_slack_asks_them_to(many: Many) -> None:
    world, looks = many.world, list[float]()
    many.asks("web-x")
    (one,) = many.posted(1).values()
    world.slack.drop("chat.postMessage", accepted=True)
    world.slack.fail("conversations.replies", retry_after=1, when=lambda _: note(looks))
    world.slack.fail("conversations.replies", status=503, when=lambda _: note(looks))
    many.confirms(one)
    many.until(world.is_in_doubt, "doubt")
    for _ in range(4):
        world.skip(minutes=2)
        many.pause(0.4)
    many.until(many.is_quiet, "end of all")

    assert looks[1] - looks[0] >= 1
    assert many.broken() == []


# Errors, silence, broken lines


@pytest.mark.parametrize(
    ("how", "is_posted"),
    [
        ("500", True),
        ("dropped", True),
        ("late", True),
        ("late", False),
        ("page", False),
        # To the bot these are like one of those above: an answer that proves nothing, and the message there or not.
        pytest.param("500", False, marks=pytest.mark.soak),
        pytest.param("dropped", False, marks=pytest.mark.soak),
        pytest.param("page", True, marks=pytest.mark.soak),
    ],
)
def test_whatever_breaks_off_is_in_slack_once(
    many: Many, how: str, *, is_posted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second post and every second edit ends in it, whether Slack has taken it or not."""
    monkeypatch.setattr("bot.slack.client.TIMEOUT", 0.3)
    world = many.world
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
    many.asks(*names)
    many.skips_until(lambda: len(many.cards(world.staff.ops)) == 2, "cards", seconds=11)
    many.skips_until(lambda: {one.state for one in many.deletions()} == {"pending"}, "known cards", seconds=11)
    many.confirms(*many.cards(world.staff.ops).values())
    many.skips_until(many.is_quiet, "end of all", seconds=11)

    assert many.broken() == []
    assert world.deletes() == 2


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.soak  # it needs a machine that is not busy
def test_after_an_hour_in_which_slack_is_away_every_thread_has_every_line_once(
    many: Many, caplog: pytest.LogCaptureFixture, *, readable: bool
) -> None:
    world = many.world
    if not readable:
        world.slack.channel("ops", bot=False)
    cards = under_way(many, *(f"web-{letter}-x" for letter in "abcdefgh"))
    world.aws.pace("at-once")
    many.asks("web-y-x", "web-z-x")
    cards = many.posted(10)
    caplog.clear()
    calls = itertools.count()
    methods = ("chat.postMessage", "chat.update", "conversations.replies", "conversations.history", "auth.test")
    for method in methods:
        world.slack.fail(method, status=503, times=10**6, when=lambda _: next(calls) >= 0)
    many.confirms(cards["web-y-x"])
    world.staff.ann.clicks("Don't delete", message=cards["web-z-x"])
    many.completes()
    many.skips_until(many.is_over, "end of all deletions")
    for _ in range(12):
        world.skip(minutes=5)
        many.pause(0.04)
    made = next(calls)
    during = logged(caplog, "bot.slack.outbox")
    world.slack.heal()
    many.skips_until(many.is_quiet, "end of all lines", seconds=61)

    assert many.broken() == []
    assert world.direct(world.staff.ann) == []
    assert many.undelivered() == []
    assert [one.partition(",")[0] for one in during] == ["Slack: trouble began"]
    assert [one.partition(" after")[0] for one in logged(caplog, "bot.slack.outbox")[1:]] == ["Slack: well again"]
    assert 10 * 2 * 2 < made < 10 * 2 * 20  # a try for each thread and each card whenever it is due


def test_where_the_bot_can_not_read_a_line_is_repeated_once_and_the_record_says_so(many: Many) -> None:
    world = many.world
    many.asks("web-x")
    (one,) = many.posted(1).values()
    world.slack.channel("ops", bot=False)
    world.slack.drop("chat.postMessage", accepted=True, times=99, when=in_thread(one))
    many.confirms(one)
    many.until(world.is_in_doubt, "doubt")
    many.skips_until(lambda: many.is_quiet() and many.is_over(), "end of all", seconds=11)
    thread = world.thread(one)
    problems = {notice.problem for notice in many.notices()}

    assert problems == {"sent again without being able to look, twice"}
    assert thread.count("Confirmed by") == 2
    assert thread.count("the snapshot is gone") <= 2
    assert set(many.undelivered()) == {
        (one.kind, "sent again without being able to look, twice") for one in many.notices()
    }


def test_an_outcome_for_the_asker_alone_outlives_an_outage(many: Many) -> None:
    world = many.world
    cards = under_way(many, "web-x")
    world.slack.fail("chat.postMessage", error="is_archived", times=9, when=in_thread(cards["web-x"]))
    for method in ("chat.postMessage", "auth.test"):
        world.slack.fail(method, status=503, times=10**6, when=lambda call: "thread_ts" not in call)
    many.completes()
    many.skips_until(many.is_over, "end")
    for _ in range(20):
        world.skip(minutes=1)
        many.pause(0.02)
    world.slack.heal()
    many.skips_until(many.is_quiet, "end of all", seconds=61)

    assert [words.count("✅ Deleted") for words in world.direct(world.staff.ann)] == [1]


def test_one_sick_thread_rests_longer_and_longer_and_holds_up_no_other(many: Many) -> None:
    world, tries = many.world, itertools.count()
    many.asks("web-x", "web-y")
    cards = many.posted(2)
    is_sick = in_thread(cards["web-x"])
    world.slack.fail("chat.postMessage", status=500, times=10**6, when=lambda call: is_sick(call) and next(tries) >= 0)
    many.confirms(*cards.values())
    world.told(cards["web-y"], "the snapshot is gone")
    for _ in range(120):
        world.skip(seconds=30)
        many.pause(0.01)
    made = next(tries)
    world.slack.heal()
    many.skips_until(many.is_quiet, "end of all", seconds=61)

    assert made <= 60  # in an hour
    assert many.broken() == []


def test_a_card_that_twice_nobody_could_look_for_ends_the_request_and_the_asker_hears_of_it(many: Many) -> None:
    world = many.world
    world.slack.channel("ops", bot=False)
    world.slack.drop(
        "chat.postMessage", accepted=True, times=2, when=lambda call: call["channel"] == world.staff.ops.id
    )
    many.asks("web-x")
    many.skips_until(lambda: many.is_over() and many.is_quiet(), "end", seconds=11)
    (ended,) = many.deletions()
    heard = world.direct(world.staff.ann)
    for card in world.slack.messages(world.staff.ops):
        world.staff.ann.clicks("Delete snapshot", message=card)
    world.staff.ann.types("/snapshot delete web-x", world.staff.general)
    many.until(lambda: world.slack.messages(world.staff.general), "card elsewhere")

    assert (ended.state, ended.why) == (State.REFUSED, Why.SHOWN_NOWHERE)
    assert ended.ended_at
    assert ended.ended_at < ended.expires_at
    assert ["web-x" in words for words in heard] == [True]
    assert world.deletes() == 0
    assert len(many.deletions()) == 2


@pytest.mark.parametrize("is_accepted", [False, True])
def test_an_outcome_that_twice_nobody_could_look_for_goes_to_the_asker(many: Many, is_accepted: bool) -> None:  # noqa: FBT001
    world = many.world
    many.asks("web-x")
    (one,) = many.posted(1).values()
    world.slack.channel("ops", bot=False)
    world.slack.drop("chat.postMessage", accepted=is_accepted, times=2, when=in_thread(one))
    world.staff.ann.clicks("Don't delete", message=one)
    many.skips_until(lambda: many.is_over() and many.is_quiet(), "end", seconds=11)

    assert ["Not deleted" in words for words in world.direct(world.staff.ann)] == [True]
    assert many.undelivered() == [(NoticeKind.ENDED, "sent again without being able to look, twice")]
