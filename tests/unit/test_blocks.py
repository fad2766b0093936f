"""Words as Slack takes them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack import message_problems
from bot.slack import blocks
from bot.slack.blocks import Button

NOON = datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC)


def test_plain_words_have_no_marks_and_links_show_their_label() -> None:
    said = "*Deleted* `web-1` at <!date^1^{time}|10:30 UTC>, <https://a.b|see it>"

    assert blocks.plain(said) == "Deleted web-1 at 10:30 UTC, see it"


def test_a_person_is_mentioned_by_id() -> None:
    assert blocks.mention("U024BE7LH") == "<@U024BE7LH>"


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-8))])
def test_times_are_told_in_utc(zone: timezone) -> None:
    then = NOON.astimezone(zone)

    assert (blocks.day(then), blocks.utc_time(then)) == ("3 Nov 2026", "09:05 UTC")


def test_a_local_time_falls_back_to_utc() -> None:
    assert blocks.local_time(NOON) == f"<!date^{int(NOON.timestamp())}^{{time}}|09:05 UTC>"
    assert blocks.local_time(NOON, seconds=True) == f"<!date^{int(NOON.timestamp())}^{{time_secs}}|09:05:07 UTC>"


def test_a_local_day_and_time_falls_back_to_utc() -> None:
    assert blocks.local_day_time(NOON).endswith("^{date_short} {time}|3 Nov 2026 09:05 UTC>")


def text_of(block: blocks.Block) -> str:
    inner = block["text"]
    assert isinstance(inner, dict)
    return str(inner["text"])


def test_a_section_has_a_line_for_each_that_says_something() -> None:
    assert text_of(blocks.section("a", "", "b")) == "a\nb"


def test_a_section_is_cut_at_the_limit_of_slack() -> None:
    assert blocks.SECTION_LIMIT - 3 <= len(text_of(blocks.section("x" * 4000))) <= blocks.SECTION_LIMIT


@pytest.mark.parametrize("block", [blocks.section("a"), blocks.context("a")])
def test_slack_is_to_find_no_links_and_people_in_what_somebody_said(block: blocks.Block) -> None:
    assert '"verbatim": true' in json.dumps(block)


@pytest.mark.parametrize("block", [blocks.section(""), blocks.section("  ", ""), blocks.context("")])
def test_nothing_is_not_said_as_nothing(block: blocks.Block) -> None:
    assert not message_problems({"text": "x", "blocks": [block]})


@given(st.text(max_size=9).map(lambda text: text * 1000))
@settings(max_examples=30, deadline=None)
def test_a_message_keeps_the_limits_of_slack_by_itself(text: str) -> None:
    made = blocks.Message(text, [blocks.section(text)] * 60)

    assert not message_problems({"text": made.text, "blocks": list(made.blocks)})


@given(st.text(max_size=9).map(lambda text: text * 100))
@settings(max_examples=30, deadline=None)
def test_a_button_keeps_the_limits_of_slack_by_itself(text: str) -> None:
    row = blocks.buttons([Button(text, "a", "v", "danger", (text, text, text, text))])

    assert not message_problems({"text": "x", "blocks": [row]})


def element(button: Button) -> dict[str, object]:
    row = blocks.buttons([button])["elements"]
    assert isinstance(row, list)
    made: dict[str, object] = row[0]
    return made


def test_a_button_carries_its_action_and_its_value() -> None:
    made = element(Button("Stop", "dont_delete", "D-7F2KQ"))

    assert (made["action_id"], made["value"]) == ("dont_delete", "D-7F2KQ")
    assert made.keys().isdisjoint({"style", "confirm"})


def test_a_label_is_cut_at_the_limit_of_slack() -> None:
    assert element(Button("x" * 80, "a", "v"))["text"] == {
        "type": "plain_text",
        "text": "x" * 74 + "…",
        "emoji": False,
    }


def test_a_dialog_asks_once_more_in_its_own_words() -> None:
    made = element(Button("Delete", "a", "v", "danger", ("Sure?", "x" * 400, "Delete it", "Keep it")))["confirm"]

    assert isinstance(made, dict)
    assert [made[part]["text"] for part in ("title", "confirm", "deny")] == ["Sure?", "Delete it", "Keep it"]
    assert len(made["text"]["text"]) == blocks.CONFIRM_LIMIT


def test_html_entities_of_slack_are_those_of_html() -> None:
    assert unescape(blocks.escape("<a & b>")) == "<a & b>"
