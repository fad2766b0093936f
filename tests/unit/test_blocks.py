"""Words as Slack takes them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack import blocks
from bot.slack.blocks import Button

NOON = datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC)
texts = st.text(max_size=60)


@given(texts)
@settings(max_examples=60, deadline=None)
def test_what_is_escaped_is_shown_as_it_was_typed(text: str) -> None:
    escaped = blocks.escape(text)

    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(texts, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_a_cut_keeps_the_beginning_and_shows_that_something_is_missing(text: str, limit: int) -> None:
    kept = blocks.cut(text, limit)

    assert len(kept) <= limit
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(texts)
@settings(max_examples=60, deadline=None)
def test_nothing_in_a_name_ends_its_code(text: str) -> None:
    shown = blocks.code(text)

    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert len(shown.splitlines()) == 1


def test_a_long_name_is_cut() -> None:
    assert blocks.code("a" * 300) == f"`{'a' * 254}…`"


@given(st.text(st.sampled_from("ab *_~`<>&\n"), max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_mark_in_a_reason_has_its_meaning(text: str) -> None:
    quoted = blocks.quote(text)

    assert not re.search(r"[*_~`](?!\u2060)", quoted)


def test_a_reason_is_quoted_on_one_line() -> None:
    assert blocks.quote("old\n release & <b>") == "“old release &amp; &lt;b&gt;”"


def test_a_long_reason_is_cut() -> None:
    assert blocks.quote("x" * 3000) == f"“{'x' * 499}…”"


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
    assert len(text_of(blocks.section("x" * 4000))) == blocks.SECTION_LIMIT


@pytest.mark.parametrize("whole", ["<!date^1795428900^{time}|10:15 UTC>", "<https://a.b/c|See it>", "&amp;", "&lt;"])
def test_a_section_is_never_cut_within_a_token(whole: str) -> None:
    text = text_of(blocks.section("x" * (blocks.SECTION_LIMIT - 4) + whole + "y" * 50))

    assert re.fullmatch(r"x+…", text)


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
