"""Block Kit's rules: what Slack would refuse in a message.

Limits and fields are those of Slack's reference, https://docs.slack.dev/reference/block-kit. The words of its
complaints are documented nowhere: those here were seen in people's reports, or are made after them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.slack.schema import (
    Check,
    all_of,
    array,
    boolean,
    by_type,
    exactly_one,
    integer,
    mapping,
    one_of,
    pattern,
    record,
    text,
    wrong,
)
from bot.sandbox.slack.wire import Json, as_object, objects, string

MESSAGE_BLOCKS = 50
MESSAGE_TEXT = 40_000  # where Slack would cut the rest off; to refuse it loses nothing in silence
METADATA_BYTES = 16_000  # that there is a size is documented, how large it is is not


def problems(blocks: object, most: int = MESSAGE_BLOCKS) -> list[str]:
    """Everything Slack would refuse in these blocks, each with a pointer; empty if they are fine."""
    return [
        *array(BLOCK, most, least=0)(blocks, "/blocks"),
        *_repeated_block_ids(blocks),
        *_repeated_action_ids(blocks),
        *_second_tables(blocks),
    ]


def message_problems(payload: Mapping[str, object]) -> list[str]:
    """Everything wrong with a message's `text`, `blocks` and `metadata`; other fields are not looked at."""
    return [problem for refusal in _refusals(payload) for problem in refusal.messages]


@dataclass(frozen=True)
class MessageRefusal:
    """Slack's error code, and what it points at."""

    error: str
    messages: tuple[str, ...]


def message_refusal(payload: Mapping[str, object]) -> MessageRefusal | None:
    """The first error with which Slack would refuse this message; None if it is fine."""
    return next(_refusals(payload), None)


def _refusals(payload: Mapping[str, object]) -> Iterator[MessageRefusal]:
    words = payload.get("text") or ""
    if found := problems(payload.get("blocks") or []):
        yield MessageRefusal("invalid_blocks", tuple(found))
    # Slack would take blocks without a text; people who read notifications or listen would then get nothing.
    if found := list(text(MESSAGE_TEXT)(words, "/text")):
        yield MessageRefusal("msg_too_long" if len(str(words)) > MESSAGE_TEXT else "no_text", tuple(found))
    yield from _metadata_refusals(payload.get("metadata"))


def _metadata_refusals(metadata: object) -> Iterator[MessageRefusal]:
    if not metadata:
        return
    if found := list(METADATA(metadata, "/metadata")):
        yield MessageRefusal("invalid_metadata_format", tuple(found))
    elif len(json.dumps(metadata).encode()) > METADATA_BYTES:
        words = f"must be less than {METADATA_BYTES + 1} bytes"
        yield MessageRefusal("metadata_too_large", (wrong(words, "/metadata"),))


def _repeated_block_ids(blocks: object) -> Iterator[str]:
    yield from _repeated("block_id", objects(blocks), "/blocks")


def _repeated_action_ids(blocks: object) -> Iterator[str]:
    """Within one block; the same action_id in two blocks is legal, and usual in lists with a button a row."""
    for place, block in enumerate(objects(blocks)):
        yield from _repeated("action_id", objects(block.get("elements")), f"/blocks/{place}/elements")


def _repeated(field: str, owners: list[Json], pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, owner in enumerate(owners):
        value = string(owner.get(field))
        if value in seen:
            yield wrong(f"`{field}` {value} already exists", f"{pointer}/{index}/{field}")
        seen.update({value} - {""})


def _second_tables(blocks: object) -> Iterator[str]:
    tables = [index for index, block in enumerate(objects(blocks)) if block.get("type") == "table"]
    for index in tables[1:]:
        yield wrong("only one table allowed in a message", f"/blocks/{index}")


def _plain(most: int) -> Check:
    return by_type({"plain_text": record({"text": text(most)}, {"emoji": boolean})})


def _words(most: int) -> Check:
    return by_type(
        {
            "plain_text": record({"text": text(most)}, {"emoji": boolean}),
            "mrkdwn": record({"text": text(most)}, {"verbatim": boolean}),
        },
    )


ID = text(255)
STYLE = one_of("primary", "danger")
CONFIRM = record(
    {"title": _plain(100), "text": _words(300), "confirm": _plain(30), "deny": _plain(30)},
    {"style": STYLE},
)
OPTION = record({"text": _plain(75), "value": text(150)}, {"description": _plain(75)})
OPTIONS = array(OPTION, 100)
METADATA = record({"event_type": text(255), "event_payload": mapping})

BUTTON = record(
    {"text": _plain(75)},
    {
        "action_id": ID,
        "url": text(3000),
        "value": text(2000),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": text(75),
    },
)
SLACK_FILE = all_of(record({}, {"id": pattern("^[F][A-Z0-9]{8,}$"), "url": text(3000)}), exactly_one("id", "url"))
IMAGE_FIELDS = {"image_url": text(3000), "slack_file": SLACK_FILE}
IMAGE = all_of(
    record({"alt_text": text(2000)}, IMAGE_FIELDS),
    exactly_one("image_url", "slack_file"),
)
STATIC_SELECT = all_of(
    record(
        {},
        {
            "action_id": ID,
            "placeholder": _plain(150),
            "options": OPTIONS,
            "option_groups": array(record({"label": _plain(75), "options": OPTIONS}), 100),
            "initial_option": OPTION,
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        },
    ),
    exactly_one("options", "option_groups"),
)
PLAIN_TEXT_INPUT = record(
    {},
    {
        "action_id": ID,
        "placeholder": _plain(150),
        "initial_value": text(3000, least=0),
        "multiline": boolean,
        "min_length": integer,
        "max_length": integer,
        "dispatch_action_config": mapping,
        "focus_on_load": boolean,
    },
)

_STYLED = {"style": mapping}
RICH_PART = by_type(
    {
        "text": record({"text": text(3000)}, _STYLED),
        "link": record({"url": text(3000)}, {"text": text(3000), "unsafe": boolean, **_STYLED}),
        "emoji": record({"name": text(100)}, {"skin_tone": integer, "unicode": text(100), **_STYLED}),
        "user": record({"user_id": text(255)}, _STYLED),
        "usergroup": record({"usergroup_id": text(255)}, _STYLED),
        "channel": record({"channel_id": text(255)}, _STYLED),
        "broadcast": record({"range": one_of("here", "channel", "everyone")}, _STYLED),
        "date": record(
            {"timestamp": integer, "format": text(255)},
            {"url": text(3000), "fallback": text(255), **_STYLED},
        ),
    },
)
_RICH_PARTS = array(RICH_PART, 1000)
_RICH_SECTION = record({"elements": _RICH_PARTS})
RICH_TEXT = record(
    {
        "elements": array(
            by_type(
                {
                    "rich_text_section": _RICH_SECTION,
                    "rich_text_preformatted": record({"elements": _RICH_PARTS}, {"border": integer}),
                    "rich_text_quote": record({"elements": _RICH_PARTS}, {"border": integer}),
                    "rich_text_list": record(
                        {
                            "style": one_of("bullet", "ordered"),
                            "elements": array(by_type({"rich_text_section": _RICH_SECTION}), 1000),
                        },
                        {"indent": integer, "offset": integer, "border": integer},
                    ),
                },
            ),
            1000,
        ),
    },
    {"block_id": ID},
)


def _text_or_fields(value: object, pointer: str) -> Iterator[str]:
    if not {"text", "fields"} & as_object(value).keys():
        yield wrong("must define either `text` or `fields`", f"{pointer}/type")


BLOCK = by_type(
    {
        "actions": record(
            {"elements": array(by_type({"button": BUTTON, "static_select": STATIC_SELECT}), 25)},
            {"block_id": ID},
        ),
        "context": record(
            {
                "elements": array(
                    by_type(
                        {
                            "image": IMAGE,
                            "mrkdwn": record({"text": text(3000)}, {"verbatim": boolean}),
                            "plain_text": record({"text": text(3000)}, {"emoji": boolean}),
                        },
                    ),
                    10,
                ),
            },
            {"block_id": ID},
        ),
        "divider": record({}, {"block_id": ID}),
        "header": record({"text": _plain(150)}, {"block_id": ID}),
        "image": all_of(
            record({"alt_text": text(2000)}, {"title": _plain(2000), "block_id": ID, **IMAGE_FIELDS}),
            exactly_one("image_url", "slack_file"),
        ),
        "input": record(
            {
                "label": _plain(2000),
                "element": by_type({"plain_text_input": PLAIN_TEXT_INPUT, "static_select": STATIC_SELECT}),
            },
            {"hint": _plain(2000), "optional": boolean, "dispatch_action": boolean, "block_id": ID},
        ),
        "rich_text": RICH_TEXT,
        "section": all_of(
            record(
                {},
                {
                    "text": _words(3000),
                    "fields": array(_words(2000), 10),
                    "accessory": by_type({"button": BUTTON, "image": IMAGE, "static_select": STATIC_SELECT}),
                    "expand": boolean,
                    "block_id": ID,
                },
            ),
            _text_or_fields,
        ),
        "table": record(
            {
                "rows": array(
                    array(by_type({"raw_text": record({"text": text(3000)}), "rich_text": RICH_TEXT}), 20),
                    100,
                ),
            },
            {
                "column_settings": array(
                    record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}),
                    20,
                ),
                "block_id": ID,
            },
        ),
    },
)
