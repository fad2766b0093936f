"""What Slack makes of blocks it has accepted: ids where there were none, and parts that people can press."""

from collections.abc import Callable, Iterator

from bot.sandbox.slack.wire import Json, as_object, objects, string

INTERACTIVE = ("button", "static_select", "plain_text_input")
_DEFAULTS: dict[str, Json] = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that a person can use, with the block it stands in, from top to bottom."""
    for block in blocks:
        inside = [*objects(block.get("elements")), *objects([block.get("accessory"), block.get("element")])]
        for element in inside:
            if element.get("type") in INTERACTIVE:
                yield block, element


def buttons(blocks: list[Json]) -> list[Json]:
    """Every button, from top to bottom."""
    return [element for _, element in interactive(blocks) if element["type"] == "button"]


def label(button: Json) -> str:
    """What stands on a button."""
    return string(as_object(button.get("text")).get("text"))


def completed(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """A copy as Slack stores it: every block and element has its id, every text its defaults."""
    copies = objects(_with_defaults(blocks))
    for block in copies:
        block.setdefault("block_id", new_id())
    for _, element in interactive(copies):
        element.setdefault("action_id", new_id())
    return copies


def _with_defaults(value: object) -> object:
    if isinstance(value, list):
        return [_with_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}.get(string(value.get("type")), {})
    return {**defaults, **{name: _with_defaults(each) for name, each in value.items()}}
