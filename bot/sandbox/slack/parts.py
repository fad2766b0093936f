"""What Slack makes of blocks it has accepted: ids where there were none, and parts that people can press."""

from collections.abc import Callable

from bot.sandbox.slack.holdings import interactive
from bot.sandbox.slack.wire import Json, as_object, objects, string

_DEFAULTS: dict[str, Json] = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}


def buttons(blocks: list[Json]) -> list[Json]:
    """Every button, from top to bottom."""
    return [element for _, element in interactive(blocks) if element["type"] == "button"]


def label(button: Json) -> str:
    """What stands on a button."""
    return string(as_object(button.get("text")).get("text"))


def element_in(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """The block and the element of these ids; LookupError if there is none that a person can use."""
    for block, element in interactive(blocks):
        if (block.get("block_id"), element.get("action_id")) == (block_id, action_id):
            return block, element
    raise LookupError(f"There is nothing to use called {action_id!r} in {block_id!r}.")


def completed(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """A copy as Slack stores it: every block and element has its id, every text its defaults."""
    copies = objects(with_defaults(blocks))
    for block in copies:
        block.setdefault("block_id", new_id())
    for _, element in interactive(copies):
        element.setdefault("action_id", new_id())
    return copies


def with_defaults(value: object) -> object:
    """A copy in which every text object has the fields that Slack adds."""
    if isinstance(value, list):
        return [with_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    defaults = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}.get(string(value.get("type")), {})
    return {**defaults, **{name: with_defaults(each) for name, each in value.items()}}
