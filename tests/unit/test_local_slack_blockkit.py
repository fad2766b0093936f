"""What Slack would refuse in a message."""

from copy import deepcopy

import pytest

from bot.sandbox.slack import message_problems, problems
from bot.sandbox.slack.wire import Json


def words(kind: str, text: str) -> Json:
    return {"type": kind, "text": text}


def plain(text: str) -> Json:
    return words("plain_text", text)


def mrkdwn(text: str) -> Json:
    return words("mrkdwn", text)


def section(text: str = "hello") -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(**fields: object) -> Json:
    return {"type": "button", "text": plain("Delete snapshot"), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def confirm(**fields: object) -> Json:
    texts = {"title": plain("Sure?"), "text": mrkdwn("*No undo*"), "confirm": plain("Yes"), "deny": plain("No")}
    return {**texts, **fields}


def option(value: str = "eu") -> Json:
    return {"text": plain("Europe"), "value": value}


def select(**fields: object) -> Json:
    return {"type": "static_select", "action_id": "region", "options": [option()], **fields}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


IMAGE: Json = {"type": "image", "image_url": "https://a.example/cat.png", "alt_text": "a cat"}

FINE: dict[str, Json] = {
    "section": section(),
    "section of 3,000 characters": section("x" * 3000),
    "fields": {"type": "section", "fields": [plain("a"), mrkdwn("b")]},
    "accessories": {**section(), "accessory": button(url="https://a.example"), "expand": True},
    "image accessory": {**section(), "accessory": IMAGE},
    "header": {"type": "header", "text": {**plain("Snapshots"), "emoji": True}},
    "divider": {"type": "divider", "block_id": "line"},
    "context": {"type": "context", "elements": [plain("D-7F2KQ"), mrkdwn("*until* 10:30"), IMAGE]},
    "actions": actions(
        button(action_id="go", value="D-1", style="danger", confirm=confirm(style="primary")),
        select(placeholder=plain("Which?"), initial_option=option()),
    ),
    "groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain("Near"), "options": [option()]}]},
    ),
    "image": {**IMAGE, "title": plain("A cat")},
    "uploaded image": {"type": "image", "slack_file": {"id": "F0CAT000000"}, "alt_text": "a cat"},
    "input": {
        "type": "input",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "multiline": False, "min_length": 1, "max_length": 200},
        "hint": plain("As it is written"),
        "optional": True,
    },
    "rich text": rich(
        {"type": "text", "text": "by ", "style": {"bold": True}},
        {"type": "user", "user_id": "U0ANN0000"},
        {"type": "link", "url": "https://a.example"},
    ),
    "rich list": {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [cell() | {"type": "text"}]}],
            },
        ],
    },
    "table": {
        "type": "table",
        "rows": [[cell(), rich({"type": "text", "text": "y"})]],
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
}


@pytest.mark.parametrize("block", FINE.values(), ids=FINE.keys())
def test_a_block_within_the_rules_passes(block: Json) -> None:
    assert problems([block]) == []


WRONG: dict[str, tuple[Json, str]] = {
    "empty section": (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "blank section": (section(" \n"), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "long section": (
        section("x" * 3001),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section without anything": (
        {"type": "section"},
        "must define either `text` or `fields` [json-pointer:/blocks/0/type]",
    ),
    "eleven fields": (
        {"type": "section", "fields": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "long field": (
        {"type": "section", "fields": [plain("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "no fields": (
        {"type": "section", "fields": []},
        "no less than 1 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "text as a string": (
        {"type": "section", "text": "hi"},
        "must provide an object [json-pointer:/blocks/0/text]",
    ),
    "mrkdwn header": (
        {"type": "header", "text": mrkdwn("x")},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "long header": (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "unknown block": ({"type": "markdown"}, "unsupported type: markdown [json-pointer:/blocks/0/type]"),
    "type that is no string": ({"type": ["section"]}, "unsupported type: ['section'] [json-pointer:/blocks/0/type]"),
    "block without type": ({"text": plain("x")}, "missing required field: type [json-pointer:/blocks/0]"),
    "unknown element": (
        actions({"type": "slider"}),
        "unsupported type: slider [json-pointer:/blocks/0/elements/0/type]",
    ),
    "button in a context": (
        {"type": "context", "elements": [button()]},
        "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
    ),
    "unknown key": (section() | {"colour": "red"}, "invalid additional property: colour [json-pointer:/blocks/0]"),
    "eleven in a context": (
        {"type": "context", "elements": [plain("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "twenty-six buttons": (
        actions(*[button()] * 26),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "long button": (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "long value": (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "value that is no string": (
        actions(button(value=7)),
        "must provide a string [json-pointer:/blocks/0/elements/0/value]",
    ),
    "long action id": (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "long block id": (
        section() | {"block_id": "x" * 256},
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    "unknown style": (
        actions(button(style="red")),
        "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    "long confirm title": (
        actions(button(confirm=confirm(title=plain("x" * 101)))),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    "long confirm text": (
        actions(button(confirm=confirm(text=plain("x" * 301)))),
        "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ),
    "long yes": (
        actions(button(confirm=confirm(confirm=plain("x" * 31)))),
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]",
    ),
    "long no": (
        actions(button(confirm=confirm(deny=plain("x" * 31)))),
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]",
    ),
    "confirm without a title": (
        actions(button(confirm={name: each for name, each in confirm().items() if name != "title"})),
        "missing required field: title [json-pointer:/blocks/0/elements/0/confirm]",
    ),
    "same action twice": (
        actions(button(action_id="go"), button(action_id="go")),
        "`action_id` go already exists [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    "select with nothing": (
        actions({"type": "static_select"}),
        "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
    ),
    "101 options": (
        actions(select(options=[option()] * 101)),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    "wrong first option": (
        actions(select(initial_option={"text": plain("x")})),
        "missing required field: value [json-pointer:/blocks/0/elements/0/initial_option]",
    ),
    "image from nowhere": (
        {"type": "image", "alt_text": "a cat"},
        "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
    ),
    "actions that are no list": (
        {"type": "actions", "elements": {}},
        "must provide an array [json-pointer:/blocks/0/elements]",
    ),
    "fold that is no truth": (
        section() | {"expand": "yes"},
        "must provide a boolean [json-pointer:/blocks/0/expand]",
    ),
    "length that is no number": (
        {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input", "max_length": True}},
        "must provide a number [json-pointer:/blocks/0/element/max_length]",
    ),
    "style that is no object": (
        rich({"type": "text", "text": "x", "style": "bold"}),
        "must provide an object [json-pointer:/blocks/0/elements/0/elements/0/style]",
    ),
    "101 rows": (
        {"type": "table", "rows": [[cell()]] * 101},
        "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
    ),
    "21 columns": (
        {"type": "table", "rows": [[cell()] * 21]},
        "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ),
}


@pytest.mark.parametrize(("block", "problem"), WRONG.values(), ids=WRONG.keys())
def test_a_block_outside_the_rules_is_pointed_at(block: Json, problem: str) -> None:
    assert problems([block]) == [problem]


def test_blocks_that_are_no_objects_are_pointed_at() -> None:
    assert problems(["hi"]) == ["must provide an object [json-pointer:/blocks/0]"]


def test_a_record_that_is_no_object_is_pointed_at() -> None:
    assert problems([actions(button(confirm="Sure?"))]) == [
        "must provide an object [json-pointer:/blocks/0/elements/0/confirm]",
    ]


def test_blocks_that_are_no_list_are_pointed_at() -> None:
    assert problems({"type": "section"}) == ["must provide an array [json-pointer:/blocks]"]


def test_every_problem_is_told_at_once() -> None:
    assert len(problems([section(""), section("x" * 3001), {"type": "nothing"}])) == 3


def test_a_message_has_fifty_blocks_at_most() -> None:
    assert problems([section()] * 50) == []
    assert problems([section()] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_block_ids_are_unique_in_a_message() -> None:
    block = section() | {"block_id": "facts"}

    assert problems([block, deepcopy(block)]) == [
        "`block_id` facts already exists [json-pointer:/blocks/1/block_id]",
    ]


def test_the_same_action_id_in_two_blocks_is_legal() -> None:
    assert problems([actions(button(action_id="show")), actions(button(action_id="show"))]) == []


def test_a_message_has_one_table() -> None:
    table = FINE["table"]

    assert problems([table, table]) == ["only one table allowed in a message [json-pointer:/blocks/1]"]


def test_a_message_of_text_alone_is_fine() -> None:
    assert message_problems({"channel": "C1", "text": "x" * 40_000}) == []


def test_a_text_over_40_000_characters_is_too_long() -> None:
    assert message_problems({"text": "x" * 40_001}) == [
        "must be less than 40001 characters [json-pointer:/text]",
    ]


def test_blocks_need_a_text_beside_them() -> None:
    assert message_problems({"blocks": [section()]}) == ["must be more than 0 characters [json-pointer:/text]"]


def test_a_message_with_everything_is_fine() -> None:
    metadata = {"event_type": "notice", "event_payload": {"id": "N-1"}}

    assert message_problems({"text": "hello", "blocks": [section()], "metadata": metadata}) == []


def test_metadata_has_a_type_and_a_payload() -> None:
    assert message_problems({"text": "hello", "metadata": {"event_type": "notice"}}) == [
        "missing required field: event_payload [json-pointer:/metadata]",
    ]


def test_metadata_has_a_size() -> None:
    metadata = {"event_type": "notice", "event_payload": {"x": "x" * 16_000}}

    assert message_problems({"text": "hello", "metadata": metadata}) == [
        "must be less than 16001 bytes [json-pointer:/metadata]",
    ]
