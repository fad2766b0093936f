"""Words of people and of AWS: they say nothing but themselves."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.words import mrkdwn
from bot.slack import words

FAMILY, FLAG, THUMB, PRIDE = "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "🏳️‍🌈"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
pieces = st.sampled_from(
    [FAMILY, FLAG, THUMB, PRIDE, SCOTLAND, "e\u0301", "n̈", "שלום", "مرحبا", "नमस्ते", "각", "1️⃣", "&", "<", "*", "_", " "]
)
texts = st.lists(pieces | st.text(max_size=3), max_size=12).map("".join)


# What is kept


@pytest.mark.parametrize("text", [FAMILY, FLAG, THUMB, PRIDE, SCOTLAND, "é", "שלום", "می‌خواهم", "नमस्ते", "日本語", "1️⃣"])
def test_what_people_write_in_any_script_is_kept(text: str) -> None:
    assert words.one_line(text) == text


@given(texts)
@settings(max_examples=100, deadline=None)
def test_what_is_kept_once_is_kept_again(text: str) -> None:
    once = words.one_line(text)

    assert words.one_line(once) == once


@given(texts)
@settings(max_examples=100, deadline=None)
def test_nothing_invisible_is_left(text: str) -> None:
    left = {unicodedata.category(letter) for letter in words.one_line(text).replace(SCOTLAND, "")}

    assert not left & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    "trick",
    [
        "\u202e",
        "\u202d",
        "\u2066",
        "\u2069",
        "\u200f",
        "\u061c",
        "\u200b",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u3164",
        "\x00",
        "\x1b",
        "\x7f",
        "\x9f",
        "\ud800",
        "\U000e0041",
        "\U0001d173",
        "\ufffe",
    ],
)
def test_what_only_misleads_is_dropped(trick: str) -> None:
    assert words.one_line(f"we{trick}b") == "web"


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\u2028", "\u2029", "\u00a0", "\v", "  ", "\u3000", " \u200b "])
def test_every_kind_of_space_is_one(space: str) -> None:
    assert words.one_line(f"{space}old{space}release{space}") == "old release"


def test_towers_of_accents_are_taken_down() -> None:
    assert words.one_line("e" + "\u0301" * 500) == "e" + "\u0301" * 8


# What is cut


@given(texts, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_a_cut_keeps_the_beginning_and_shows_that_something_is_missing(text: str, limit: int) -> None:
    kept = words.cut(text, limit)

    assert words.size(kept) <= limit
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@pytest.mark.parametrize("letter", [FAMILY, FLAG, THUMB, PRIDE, SCOTLAND, "e\u0301", "각", "1️⃣", "नि"])
@pytest.mark.parametrize("limit", range(1, 30))
def test_a_cut_halves_nothing_that_looks_like_one_character(letter: str, limit: int) -> None:
    assert re.fullmatch(f"({letter})*…?", words.cut(letter * 20, limit))


def test_an_emoji_counts_as_two_where_it_may() -> None:
    assert words.cut("🔥" * 10, 10) == "🔥" * 4 + "…"


def test_a_long_name_is_cut() -> None:
    assert words.code("a" * 300) == f"`{'a' * 254}…`"


def test_a_flood_is_cut() -> None:
    assert len(words.typed("e\u0301<" * 300_000)) < 2000


@pytest.mark.parametrize(
    "whole",
    ["<!date^1795428900^{time}|10:15 UTC>", "<https://a.b/c|See it>", "&amp;", "&lt;", FAMILY],
)
def test_mrkdwn_is_never_cut_within_a_token(whole: str) -> None:
    assert re.fullmatch("x+…", words.cut_mrkdwn("x" * 96 + whole + "y" * 50, 100))


def test_code_that_is_cut_is_still_code() -> None:
    assert words.cut_mrkdwn("x `" + "y" * 100 + "`", 20) == "x `" + "y" * 14 + "…`"


def test_an_isolate_that_is_cut_is_still_one() -> None:
    assert words.cut_mrkdwn(words.code("ש" * 100), 20) == "`\u2068" + "ש" * 15 + "…\u2069`"


@given(texts, st.integers(3, 40))
@settings(max_examples=60, deadline=None)
def test_a_cut_of_mrkdwn_keeps_the_limit(text: str, limit: int) -> None:
    assert words.size(words.cut_mrkdwn(words.entities(text), limit)) <= limit


# What is harmless


@given(texts)
@settings(max_examples=100, deadline=None)
def test_entities_are_shown_as_what_they_stand_for(text: str) -> None:
    escaped = words.entities(text)

    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", escaped)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize(
    "typed",
    [
        "<!channel>",
        "<!here|x>",
        "<@U061F7AUR>",
        "<#C1>",
        "<https://evil.example|see>",
        "<!date^1^{time}|x>",
        "&lt;!x&gt;",
    ],
)
def test_what_would_ping_or_link_is_shown_as_it_was_typed(typed: str) -> None:
    assert mrkdwn(words.typed(typed), {}) == typed
    assert mrkdwn(words.code(typed), {}) == typed


@given(st.text(st.sampled_from("ab1 *_~`<>&\n"), max_size=30))
@settings(max_examples=150, deadline=None)
def test_no_mark_has_its_meaning(text: str) -> None:
    shown = mrkdwn(f"a {words.typed(text)} b", {})
    as_typed = shown.translate(str.maketrans("∗∼ˋˍ›", "*~`_>"))

    assert as_typed == f"a {words.one_line(text)} b"


def test_an_underscore_within_a_word_is_left_alone() -> None:
    assert words.typed("a_b __c__ _d") == "a_b ˍˍcˍˍ ˍd"


@given(texts | st.text(st.sampled_from("a`*\n <"), max_size=20))
@settings(max_examples=100, deadline=None)
def test_nothing_ends_code(text: str) -> None:
    shown = words.code(text)

    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert len(shown) > 2
    assert len(shown.splitlines()) == 1


def test_words_from_right_to_left_leave_the_sentence_alone() -> None:
    assert words.typed("שלום") == "\u2068שלום\u2069"
    assert words.code("مرحبا") == "`\u2068مرحبا\u2069`"
    assert words.shown("web שלום") == "\u2068web שלום\u2069"


def test_other_words_are_not_marked() -> None:
    assert words.typed("old release é 日本 🔥") == "old release é 日本 🔥"


@given(texts)
@settings(max_examples=60, deadline=None)
def test_isolates_are_closed(text: str) -> None:
    shown = words.typed(text, 10)

    assert shown.count("\u2068") == shown.count("\u2069") <= 1
