"""Words for one person alone."""

import json
from dataclasses import replace
from datetime import timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import ask, decide
from bot.ask import Request
from bot.errors import AmbiguousError, CredentialsError, RejectedError
from bot.guards import Guard, Objection
from bot.judge import Ground, Ruling, Verdict
from bot.model import Actor
from bot.slack import answers, gallery, words
from bot.slack.answers import Picked
from bot.slack.blocks import Message
from bot.slack.grammar import Mistake
from storage.tables import LIVE, Action, State, Why

ANN = Actor("T024BE7LD", "U024BE7LH", "ann")
WEB = gallery._SNAPSHOT
REQUEST = Request(ANN, "C1", "1.2", "web-1-2024-05-01", reason="old release")
ASKED = gallery._ASKED


def said(message: Message | None) -> str:
    assert message is not None
    return message.text


def said_in_blocks(message: Message) -> str:
    (section,) = message.blocks
    text = section["text"]
    assert isinstance(text, dict)
    return str(text["text"])


def buttons(message: Message | None) -> list[dict[str, object]]:
    assert message is not None
    return [
        element
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]


def refusal(ground: Ground, *ask_: str, objection: Objection | None = None) -> str:
    found = [objection] if objection else []
    return said(answers.refused(Verdict(Ruling.REFUSED, ground, found, ask=ask_), ANN.id, "web-1"))


# Buttons


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,253}[A-Za-z0-9]", fullmatch=True)


@given(names, st.sampled_from(["us-east-1", "ap-southeast-2"]), st.text(max_size=100))
@settings(max_examples=60, deadline=None)
def test_what_was_picked_comes_back_from_its_button(name: str, region: str, reason: str) -> None:
    picked = Picked(name, region, reason)

    assert Picked.of(picked.value()) == picked


@given(names, st.sampled_from(["é", "🔥", "👩‍👩‍👧", '"', "\\", "x\n", "x", "e\u0301"]), st.sampled_from([400, 2000]))
@settings(max_examples=25, deadline=None)
def test_a_button_holds_the_longest_name_and_what_fits_of_a_reason(name: str, letter: str, limit: int) -> None:
    value = Picked(name, "ap-southeast-2", (letter * 3000)[:3000]).value(limit)
    picked = Picked.of(value)

    assert limit - 15 <= words.size(value) <= limit
    assert picked.name == name
    assert picked.reason.endswith("…")
    assert (letter * 3000).startswith(picked.reason[:-1])


@pytest.mark.parametrize(
    "value",
    [
        "",
        "{}",
        "[]",
        "null",
        '["a", "b"]',
        '["web-1", "us-east-1", 3]',
        '["web-1", "us-east-1", "c", "d"]',
        '["web 1", "us-east-1", ""]',
        '["web-1", "us-east-1; --region x", ""]',
        '["\'; rm -rf /", "us-east-1", ""]',
        "D-7F2KQ",
        "[" * 2000,
    ],
)
def test_a_button_of_somebody_else_is_none_of_ours(value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Picked.of(value)


# Commands


def test_help_fits_on_a_phone() -> None:
    lines = said_in_blocks(answers.help_text()).split("\n")

    assert len(lines) <= 12
    assert max(map(len, lines)) <= 80


def test_a_channel_that_is_not_listed_is_answered_with_those_that_are() -> None:
    text = said(answers.elsewhere({"C2", "C1"}))

    assert text.endswith("Ask in <#C1> or <#C2>.")


def test_no_more_than_five_channels_are_named() -> None:
    assert said(answers.elsewhere({f"C{number}" for number in range(9)})).count("<#") == 5


def test_the_same_click_again_is_no_news() -> None:
    assert answers.decided(decide.Repeated(), ANN.id) is None


def test_a_command_to_paste_stays_whole() -> None:
    command = 'delete web-1 --reason "' + "&" * 390 + '"'

    assert said_in_blocks(answers.mistake(Mistake("Hm.", command))).endswith(
        f"`/snapshot {escape(command, quote=False)}`"
    )


def test_a_mistake_shows_the_command_to_paste() -> None:
    assert said(answers.mistake(Mistake("Hm.", "delete web-1"))) == "Hm. Try: /snapshot delete web-1"


def test_what_people_typed_pings_nobody_in_the_answer_to_a_mistake() -> None:
    message = answers.mistake(Mistake("There is no option `--<!channel>`.", "delete `x` <!here>"))

    assert "<!" not in message.text + json.dumps(list(message.blocks))


@pytest.mark.parametrize(("regions", "where"), [(["us-east-1"], "us-east-1"), (["a", "b"], "2 regions")])
def test_slow_work_says_where_it_looks(regions: list[str], where: str) -> None:
    assert said(answers.looking(regions)) == f"Looking in {where}…"


@pytest.mark.parametrize(
    "answer",
    [
        ask.Asked(gallery.deletion(State.ASKING)),
        ask.Repeated(),
    ],
)
def test_where_the_card_is_the_answer_nothing_is_said(answer: ask.Answer) -> None:
    assert answers.asked(answer) is None


def test_what_was_asked_before_is_told_with_a_link() -> None:
    standing = ask.AskedBefore(gallery.deletion(State.PENDING))

    assert said(answers.asked(standing, "https://x.y")) == (
        "Nothing was asked: ann asked for web-1-2024-05-01 at 10:15 UTC (D-7F2KQ). See the card. "
        "It waits for ann until 10:30 UTC. Press Don't delete to stop it."
    )
    assert "See the card" not in said(answers.asked(standing))


def test_what_is_not_known_yet_is_told_to_who_asks_again() -> None:
    standing = ask.AskedBefore(gallery.deletion(State.UNKNOWN))

    assert "AWS has not said yet whether it is gone." in said(answers.asked(standing))


def test_near_names_are_buttons() -> None:
    answer = answers.asked(ask.NoSuchSnapshot(REQUEST, ["us-east-1"], [WEB]))

    assert said(answer) == "There is no snapshot web-1-2024-05-01 in us-east-1. Did you mean:"
    assert [Picked.of(str(button["value"])) for button in buttons(answer)] == [
        Picked(WEB.name, WEB.region, "old release")
    ]


def test_without_near_names_there_are_no_buttons() -> None:
    assert not buttons(answers.asked(ask.NoSuchSnapshot(REQUEST, ["us-east-1"], [])))


def test_one_name_in_several_regions_is_chosen_by_region() -> None:
    other = replace(WEB, region="eu-west-1", size_gb=None)
    answer = answers.asked(ask.SeveralSnapshots(REQUEST, [WEB, other]))
    labels = [button["text"]["text"] for button in buttons(answer)]  # type: ignore[index]

    assert said(answer) == "web-1-2024-05-01 exists twice. Which one?"
    assert labels == ["us-east-1 · 40 GB · 1 May 2024", "eu-west-1 · 1 May 2024"]


def test_more_than_two_are_counted() -> None:
    assert "exists 3 times" in said(answers.asked(ask.SeveralSnapshots(REQUEST, [WEB] * 3)))


DOWN = AmbiguousError("GetInstanceSnapshot", "ConnectTimeoutError", error_id="1f2e")
EXPIRED = CredentialsError("GetInstanceSnapshot", "ExpiredTokenException", "It <expired>")


def test_a_silent_region_is_named_with_the_command_for_where_it_was_found() -> None:
    text = said(answers.asked(ask.RegionsSilent(REQUEST, {"eu-west-1": DOWN}, [WEB])))

    assert "AWS did not say everywhere whether it has web-1-2024-05-01." in text
    assert "• eu-west-1: AWS could not be reached (ConnectTimeoutError). Error 1f2e in the bot's log." in text
    assert 'It is in us-east-1: /snapshot delete web-1-2024-05-01 --region us-east-1 --reason "old release"' in text
    assert "Try again" not in text


def test_where_it_was_found_nowhere_the_same_command_may_work_later() -> None:
    text = said(answers.asked(ask.RegionsSilent(REQUEST, {"eu-west-1": DOWN}, [], ["us-east-1", "ap-south-1"])))

    assert "I found none that you may see in us-east-1, ap-south-1." in text
    assert 'Try again in a few minutes: /snapshot delete web-1-2024-05-01 --reason "old release"' in text


def test_where_the_region_was_named_it_is_in_the_command_to_try_again() -> None:
    text = said(answers.asked(ask.RegionsSilent(replace(REQUEST, region="eu-west-1"), {"eu-west-1": DOWN})))

    assert "AWS did not say whether it has" in text
    assert "--region eu-west-1" in text


def test_regions_with_the_same_trouble_are_told_together() -> None:
    silent = {"eu-west-1": DOWN, "us-east-1": EXPIRED, "eu-west-2": DOWN}
    text = said(answers.asked(ask.RegionsSilent(REQUEST, silent)))

    assert "• eu-west-1, eu-west-2: AWS could not be reached" in text
    assert "• us-east-1: The bot's AWS credentials have expired (ExpiredTokenException)." in text


def test_what_only_the_bots_people_can_mend_is_not_to_be_tried_again_before() -> None:
    text = said(answers.asked(ask.RegionsSilent(REQUEST, {"us-east-1": EXPIRED})))

    assert "Only whoever runs the bot can mend that. AWS says: “It &lt;expired&gt;”." in text
    assert "Once that is mended: /snapshot delete" in text


def test_a_role_that_may_not_look_is_told_which_right_it_lacks() -> None:
    denied = RejectedError("GetInstanceSnapshot", "AccessDeniedException")
    text = said(answers.asked(ask.RegionsSilent(REQUEST, {"us-east-1": denied})))

    assert "its AWS role needs lightsail:GetInstanceSnapshot." in text


def test_a_long_reason_does_not_bury_the_command() -> None:
    text = said(answers.asked(ask.RegionsSilent(replace(REQUEST, reason="x" * 3000), {"eu-west-1": DOWN}, [WEB])))

    assert "It is in us-east-1: /snapshot delete web-1-2024-05-01 --region us-east-1" in text
    assert "xxx" not in text


def test_an_unknown_region_is_answered_with_the_known_and_the_command() -> None:
    text = said(answers.asked(ask.NoSuchRegion(replace(REQUEST, region="mars-1"), ["us-east-1", "eu-west-1"])))

    assert text == (
        "I don't look in mars-1. Nothing was asked. My regions: us-east-1, eu-west-1. "
        'To look in all of them: /snapshot delete web-1-2024-05-01 --reason "old release"'
    )


# Look again


def test_a_look_that_shows_nothing_new_says_when_the_next_is() -> None:
    assert said(answers.seen(gallery.deletion(State.UNKNOWN))) == (
        "I looked: AWS still has no final answer about web-1-2024-05-01. Next look 10:21 UTC; you need do nothing."
    )


def test_after_a_week_no_next_look_is_promised() -> None:
    tired = gallery.deletion(State.UNKNOWN)
    tired.due_at = None

    assert said(answers.seen(tired)).endswith(
        "I look no more by myself. The Lightsail console shows whether it is still there."
    )


def test_a_look_that_shows_the_end_tells_it() -> None:
    gone = gallery.deletion(State.DELETED, why=Why.LOST)

    assert said(answers.seen(gone)).startswith("✅ Deleted web-1-2024-05-01: it is gone.")


def test_who_may_not_see_it_is_told_which_right_is_missing() -> None:
    verdict = Verdict(Ruling.REFUSED, Ground.NO_PERMISSION, ask=("U061F7AUR",))
    refused = decide.Forbidden(gallery.deletion(State.UNKNOWN), verdict, Action.VIEW)

    assert said(answers.decided(refused, ANN.id)).startswith("You may not see web-1-2024-05-01")
    assert f"grant {ANN.id} view" in said(answers.decided(refused, ANN.id))


@pytest.mark.parametrize("problem", ask.RoomProblem)
def test_every_problem_of_a_room_has_a_way_forward(problem: ask.RoomProblem) -> None:
    assert "sk" in said(answers.asked(ask.NoRoom(problem))).partition("Nothing was asked.")[2]


# Refusals


def test_a_fresh_bot_says_how_to_begin() -> None:
    text = refusal(Ground.FRESH_BOT)

    assert "LIGHTKEEPER_ADMINS=U024BE7LH" in text
    assert "python app.py grant U024BE7LH admin" in text


def test_who_has_no_permission_is_told_whom_to_ask_and_for_what() -> None:
    text = refusal(Ground.NO_PERMISSION, "U061F7AUR", "U012AB3CD")

    assert "Ask <@U061F7AUR> or <@U012AB3CD> to run this" in text
    assert text.endswith("/snapshot grant U024BE7LH delete web-1")


def test_a_name_can_do_nothing_in_the_shell_that_it_is_pasted_into() -> None:
    text = said(answers.refused(Verdict(Ruling.REFUSED, Ground.NO_PERMISSION), ANN.id, "a'; rm -rf /"))

    assert text.endswith("""delete 'a'"'"'; rm -rf /'""")


def test_no_more_than_three_admins_are_named() -> None:
    assert refusal(Ground.NO_PERMISSION, "U1", "U2", "U3", "U4").count("<@") == 3


def test_without_admins_whoever_runs_the_bot_can_help() -> None:
    assert "Ask whoever runs the bot" in refusal(Ground.NO_PERMISSION)


def test_admins_are_told_that_they_do_not_delete() -> None:
    assert "Admins hand out permissions; they don't delete." in refusal(Ground.ADMIN_ONLY)


def test_a_deny_is_told_by_its_number() -> None:
    (denied,) = (one for one in gallery.verdicts() if one.ground is Ground.DENIED)

    assert "rule 7 forbids it" in said(answers.refused(denied, ANN.id, "web-1"))


def test_who_may_only_ask_is_told_that_a_second_person_is_needed() -> None:
    assert "a second person has to agree" in refusal(Ground.REQUEST_ONLY)


@pytest.mark.parametrize("objection", list(gallery.objections()))
def test_a_guard_is_told_with_its_fact(objection: Objection) -> None:
    told = "26 Nov 2026" if objection.guard is Guard.TOO_YOUNG else objection.fact

    assert told in refusal(Ground.GUARD, objection=objection)


@pytest.mark.parametrize("ground", Ground)
def test_every_refusal_is_a_sentence_that_begins_like_one(ground: Ground) -> None:
    message = answers.refused(Verdict(Ruling.REFUSED, ground), ANN.id, "web-1")
    sentences = json.loads(json.dumps(list(message.blocks)))[0]["text"]["text"].split("\n")

    assert all(sentence[0].isupper() or sentence[0] in "`<" for sentence in sentences)


# Clicks


def late(state: State, seconds: float = 62, why: Why | None = None) -> str:
    return said(
        answers.decided(decide.Late(gallery.deletion(state, why=why), ASKED + timedelta(seconds=seconds)), ANN.id)
    )


def test_a_click_that_counts_is_answered_by_the_card() -> None:
    assert answers.decided(decide.Taken(gallery.deletion(State.READY)), ANN.id) is None


@pytest.mark.parametrize("state", [State.READY, State.DELETING])
def test_a_second_click_is_told_who_was_first_and_when(state: State) -> None:
    assert late(state) == "ann confirmed 2 s ago; AWS is being asked to delete it."


def test_a_click_long_after_is_told_the_time() -> None:
    assert late(State.READY, 3600).startswith("ann confirmed at 10:16 UTC")


def test_a_click_before_the_confirmation_by_another_clock_is_no_negative_time_ago() -> None:
    assert late(State.READY, 0).startswith("ann confirmed 0 s ago")


def test_a_click_on_an_expired_card_is_told_until_when_it_waited() -> None:
    assert late(State.PENDING).startswith("This expired at 10:30 UTC; nothing was deleted.")


@pytest.mark.parametrize("state", [state for state in State if state not in LIVE])
def test_a_click_after_the_end_is_told_the_end(state: State) -> None:
    assert "web-1-2024-05-01" in late(state, why=Why.PERSON)


@pytest.mark.parametrize("state", State)
def test_a_late_click_is_always_answered(state: State) -> None:
    assert late(state, why=Why.PERSON)


def test_who_did_not_ask_is_told_who_can_confirm() -> None:
    assert said(answers.decided(decide.NotYours(gallery.deletion(State.PENDING)), "U2")).startswith(
        "Only ann can confirm"
    )


def test_a_click_that_is_not_allowed_is_told_why() -> None:
    outcome = decide.Forbidden(gallery.deletion(State.PENDING), Verdict(Ruling.REFUSED, Ground.NO_PERMISSION))

    assert "You may not delete web-1-2024-05-01" in said(answers.decided(outcome, ANN.id))


@pytest.mark.parametrize(
    "message",
    [
        answers.busy(),
        answers.unknown_button(),
        answers.decided(decide.NotOurs(), ANN.id),
        answers.decided(decide.Stranger(), ANN.id),
    ],
)
def test_where_nothing_was_done_it_is_said(message: Message) -> None:
    assert "othing was changed" in message.text


def test_who_asks_while_the_bot_is_restarted_is_told_to_ask_again() -> None:
    assert "nothing was asked. Please try again" in said(answers.stopping())


def test_what_broke_is_told_by_the_id_in_the_log() -> None:
    assert "1f2e3d4c" in said(answers.broken("1f2e3d4c"))
