"""Block Kit's rules: what Slack would refuse in a message, and in the blocks of any surface.

Limits and fields are those of Slack's reference, https://docs.slack.dev/reference/block-kit. The words of its
complaints are documented nowhere: those here were seen in people's reports, or are made after them.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.slack.composition import ID, IMAGE_FIELDS, plain, words
from bot.sandbox.slack.elements import ACCESSORIES, IMAGE, Surface, in_actions, in_input
from bot.sandbox.slack.richtext import RICH_TEXT
from bot.sandbox.slack.schema import (
    Check,
    all_of,
    array,
    boolean,
    by_type,
    exactly_one,
    mapping,
    one_of,
    record,
    text,
    wrong,
)
from bot.sandbox.slack.wire import Json, as_object, objects, string

MESSAGE_BLOCKS = 50
MESSAGE_TEXT = 40_000  # where Slack would cut the rest off; to refuse it loses nothing in silence
METADATA_BYTES = 16_000  # that there is a size is documented, how large it is is not


def problems(blocks: object, most: int = MESSAGE_BLOCKS) -> list[str]:
    """Everything Slack would refuse in a message's blocks, each with a pointer; empty if they are fine."""
    return list(block_problems(blocks, most, Surface.MESSAGE, "/blocks"))


def block_problems(blocks: object, most: int, surface: Surface, pointer: str) -> Iterator[str]:
    """Everything Slack would refuse in the blocks of a surface, which stand at this pointer."""
    yield from array(_BLOCKS[surface], most, least=0)(blocks, pointer)
    yield from _repeated("block_id", objects(blocks), pointer)
    yield from _repeated_action_ids(blocks, pointer)
    yield from _second_tables(blocks, pointer)


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
    said = payload.get("text") or ""
    if found := problems(payload.get("blocks") or []):
        yield MessageRefusal("invalid_blocks", tuple(found))
    # Slack would take blocks without a text; people who read notifications or listen would then get nothing.
    if found := list(text(MESSAGE_TEXT)(said, "/text")):
        yield MessageRefusal("msg_too_long" if len(str(said)) > MESSAGE_TEXT else "no_text", tuple(found))
    yield from _metadata_refusals(payload.get("metadata"))


def _metadata_refusals(metadata: object) -> Iterator[MessageRefusal]:
    if not metadata:
        return
    if found := list(METADATA(metadata, "/metadata")):
        yield MessageRefusal("invalid_metadata_format", tuple(found))
    elif len(json.dumps(metadata).encode()) > METADATA_BYTES:
        complaint = f"must be less than {METADATA_BYTES + 1} bytes"
        yield MessageRefusal("metadata_too_large", (wrong(complaint, "/metadata"),))


def _repeated_action_ids(blocks: object, pointer: str) -> Iterator[str]:
    """Within one block; the same action_id in two blocks is legal, and usual in lists with a button a row."""
    for place, block in enumerate(objects(blocks)):
        yield from _repeated("action_id", objects(block.get("elements")), f"{pointer}/{place}/elements")


def _repeated(field: str, owners: list[Json], pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, owner in enumerate(owners):
        value = string(owner.get(field))
        if value in seen:
            yield wrong(f"`{field}` {value} already exists", f"{pointer}/{index}/{field}")
        seen.update({value} - {""})


def _second_tables(blocks: object, pointer: str) -> Iterator[str]:
    tables = [index for index, block in enumerate(objects(blocks)) if block.get("type") == "table"]
    for index in tables[1:]:
        yield wrong("only one table allowed in a message", f"{pointer}/{index}")


METADATA = record({"event_type": text(255), "event_payload": mapping})


def _text_or_fields(value: object, pointer: str) -> Iterator[str]:
    if not {"text", "fields"} & as_object(value).keys():
        yield wrong("must define either `text` or `fields`", f"{pointer}/type")


_CONTEXT_ELEMENT = by_type(
    {
        "image": IMAGE,
        "mrkdwn": record({"text": text(3000)}, {"verbatim": boolean}),
        "plain_text": record({"text": text(3000)}, {"emoji": boolean}),
    },
)
_EVERYWHERE: Mapping[str, Check] = {
    "context": record({"elements": array(_CONTEXT_ELEMENT, 10)}, {"block_id": ID}),
    "divider": record({}, {"block_id": ID}),
    "header": record({"text": plain(150)}, {"block_id": ID}),
    "image": all_of(
        record({"alt_text": text(2000)}, {"title": plain(2000), "block_id": ID, **IMAGE_FIELDS}),
        exactly_one("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "section": all_of(
        record(
            {},
            {
                "text": words(3000),
                "fields": array(words(2000), 10),
                "accessory": by_type(ACCESSORIES),
                "expand": boolean,
                "block_id": ID,
            },
        ),
        _text_or_fields,
    ),
}
_TABLE = record(
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
)


def _block(surface: Surface) -> Check:
    """A block as far as this surface has it: tables stand in messages alone."""
    blocks = {
        **_EVERYWHERE,
        "actions": record({"elements": array(by_type(in_actions(surface)), 25)}, {"block_id": ID}),
        "input": record(
            {"label": plain(2000), "element": by_type(in_input(surface))},
            {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean, "block_id": ID},
        ),
    }
    return by_type(blocks | ({"table": _TABLE} if surface is Surface.MESSAGE else {}))


_BLOCKS = {surface: _block(surface) for surface in Surface}
