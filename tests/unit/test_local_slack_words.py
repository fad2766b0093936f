"""Messages as people read them."""

import pytest

from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.words import message_text, mrkdwn

NAMES = {"U0ANN0000": "Ann", "C0OPS0000": "ops"}
MOMENT = 1732363201  # 23 November 2024, 12:00:01 UTC, a Saturday


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*Delete snapshot `web-1`?*  No undo.", "Delete snapshot web-1?  No undo."),
        ("_soft_ and ~gone~ and *_both_*", "soft and gone and both"),
        ("web_1_a and 2*3*4 and a~b~c", "web_1_a and 2*3*4 and a~b~c"),
        ("`*not bold* &lt;b&gt;`", "*not bold* <b>"),
        ("```\n*code*\n```", "*code*"),
        ("<https://a.example|the thread>", "the thread"),
        ("<https://a.example/?a=1&amp;b=2>", "https://a.example/?a=1&b=2"),
        ("<@U0ANN0000> asks <@U0BOB0000|bob> and <@U0EVE0000>", "@Ann asks @bob and @U0EVE0000"),
        ("<#C0OPS0000> and <#C0DEV0000|dev>", "#ops and #dev"),
        ("<!here> <!subteam^S1|@admins>", "@here @admins"),
        ("&lt;!channel&gt; &amp;amp;", "<!channel> &amp;"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_marks_are_shown_and_not_written(written: str, read: str) -> None:
    assert mrkdwn(written, NAMES) == read


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("{date_num} {time_secs}", "2024-11-23 12:00:01 PM"),
        ("{date_short} {time}", "Nov 23, 2024 12:00 PM"),
        ("{date_long}", "Saturday, November 23rd, 2024"),
        ("on {date_short_pretty}", "on Nov 23, 2024"),
        ("{date_pretty}^https://a.example", "November 23rd, 2024"),
        ("{no_such_thing}", "then"),
    ],
)
def test_a_date_is_shown_in_its_format(form: str, read: str) -> None:
    assert mrkdwn(f"<!date^{MOMENT}^{form}|then>", NAMES) == read


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        (0, "January 1st, 1970"),
        (86400, "January 2nd, 1970"),
        (2 * 86400, "January 3rd, 1970"),
        (3 * 86400, "January 4th, 1970"),
        (11 * 86400, "January 12th, 1970"),
    ],
)
def test_days_are_ordinal(moment: int, read: str) -> None:
    assert mrkdwn(f"<!date^{moment}^{{date}}|then>", NAMES) == read


@pytest.mark.parametrize("token", ["!date^soon^{date}|then", "!date|then", "!date^9999999999999999^{date}|then"])
def test_a_date_that_is_none_is_shown_by_its_fallback(token: str) -> None:
    assert mrkdwn(f"<{token}>", NAMES) == "then"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def bold(text: str) -> Json:
    return {"type": "mrkdwn", "text": f"*{text}*"}


def button(label: str) -> Json:
    return {"type": "button", "text": plain(label)}


BLOCKS: dict[str, tuple[Json, str]] = {
    "section": (
        {"type": "section", "text": bold("a"), "fields": [bold("b"), plain("*c* &amp;")], "accessory": button("d")},
        "a\nb\n*c* &amp;\n[ d ]",
    ),
    "actions": (
        {
            "type": "actions",
            "elements": [button("Delete"), button("Keep"), {"type": "static_select", "placeholder": plain("Which")}],
        },
        "[ Delete ]  [ Keep ]  [ Which ▾ ]",
    ),
    "context": (
        {
            "type": "context",
            "elements": [bold("D-1"), {"type": "image", "alt_text": "cat"}, plain("· until 10:30")],
        },
        "D-1 [image: cat] · until 10:30",
    ),
    "header": ({"type": "header", "text": plain("Snapshots")}, "Snapshots"),
    "divider": ({"type": "divider"}, "───"),
    "image": ({"type": "image", "alt_text": "a cat"}, "[image: a cat]"),
    "input": (
        {
            "type": "input",
            "label": plain("Name"),
            "element": {"type": "plain_text_input", "placeholder": plain("web-1")},
            "hint": plain("in full"),
        },
        "Name\n[ web-1… ]\nin full",
    ),
    "input without a hint": (
        {"type": "input", "label": plain("Name"), "element": {"type": "plain_text_input"}},
        "Name\n[ … ]",
    ),
    "rich text": (
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "U0ANN0000"},
                        {"type": "text", "text": " in "},
                        {"type": "channel", "channel_id": "C0OPS0000"},
                        {"type": "text", "text": ": "},
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "emoji", "name": "warning"},
                        {"type": "link", "url": "https://a.example"},
                        {"type": "date", "timestamp": MOMENT, "format": "{date_num}", "fallback": "x"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                    ],
                },
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a\nb"}]},
            ],
        },
        "@Ann in #ops: @S1@here:warning:https://a.example2024-11-23\n• one\n• two\n> a\n> b",
    ),
    "table": (
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": "web-1"}, {"type": "raw_text", "text": "40 GB"}],
                [
                    {
                        "type": "rich_text",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "text", "text": "web-2"}]},
                        ],
                    },
                ],
            ],
        },
        "web-1 | 40 GB\nweb-2",
    ),
    "table without rows": ({"type": "table"}, ""),
    "empty actions": ({"type": "actions", "elements": []}, ""),
    "unknown": ({"type": "carousel"}, ""),
}


@pytest.mark.parametrize(("block", "read"), BLOCKS.values(), ids=BLOCKS.keys())
def test_a_block_is_read_line_by_line(block: Json, read: str) -> None:
    assert message_text("fallback", [block], NAMES) == read


def test_without_blocks_the_text_is_read() -> None:
    assert message_text("*hello*", [], NAMES) == "hello"
