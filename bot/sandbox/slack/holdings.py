"""What stands in the elements that hold something: how they begin, and how Slack tells it to an app."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bot.sandbox.slack.wire import Json, as_object, objects, string


class Kind(Enum):
    """What can be chosen or written."""

    OPTION = auto()
    SUGGESTION = auto()  # an option that the app offers when it is asked
    USER = auto()
    CONVERSATION = auto()
    CHANNEL = auto()
    TEXT = auto()
    DAY = auto()
    TIME = auto()
    MOMENT = auto()


@dataclass(frozen=True)
class Holding:
    """What an element holds.

    `field` is its name in payloads, `initial` the field of the element that says how it begins; it is a list if
    `several`.
    """

    kind: Kind
    field: str
    initial: str
    several: bool = False


_ONE = ("selected_option", "initial_option")
_SOME = ("selected_options", "initial_options", True)
HOLDINGS = {
    "static_select": Holding(Kind.OPTION, *_ONE),
    "radio_buttons": Holding(Kind.OPTION, *_ONE),
    "overflow": Holding(Kind.OPTION, *_ONE),
    "external_select": Holding(Kind.SUGGESTION, *_ONE),
    "users_select": Holding(Kind.USER, "selected_user", "initial_user"),
    "conversations_select": Holding(Kind.CONVERSATION, "selected_conversation", "initial_conversation"),
    "channels_select": Holding(Kind.CHANNEL, "selected_channel", "initial_channel"),
    "multi_static_select": Holding(Kind.OPTION, *_SOME),
    "checkboxes": Holding(Kind.OPTION, *_SOME),
    "multi_external_select": Holding(Kind.SUGGESTION, *_SOME),
    "multi_users_select": Holding(Kind.USER, "selected_users", "initial_users", several=True),
    "multi_conversations_select": Holding(
        Kind.CONVERSATION, "selected_conversations", "initial_conversations", several=True
    ),
    "multi_channels_select": Holding(Kind.CHANNEL, "selected_channels", "initial_channels", several=True),
    "datepicker": Holding(Kind.DAY, "selected_date", "initial_date"),
    "timepicker": Holding(Kind.TIME, "selected_time", "initial_time"),
    "datetimepicker": Holding(Kind.MOMENT, "selected_date_time", "initial_date_time"),
    "plain_text_input": Holding(Kind.TEXT, "value", "initial_value"),
    "number_input": Holding(Kind.TEXT, "value", "initial_value"),
    "email_text_input": Holding(Kind.TEXT, "value", "initial_value"),
    "url_text_input": Holding(Kind.TEXT, "value", "initial_value"),
}
INTERACTIVE = ("button", *HOLDINGS)
FORGETFUL = ("overflow",)  # it is back to nothing as soon as something was chosen


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that a person can use, with the block it stands in, from top to bottom."""
    for block in blocks:
        inside = [*objects(block.get("elements")), *objects([block.get("accessory"), block.get("element")])]
        for element in inside:
            if element.get("type") in INTERACTIVE:
                yield block, element


def state_of(blocks: list[Json], here: str | None = None, entered: Json | None = None) -> Json:
    """What stands in all elements that hold something, as `{block_id: {action_id: {"type": …, field: …}}}`.

    As nobody has touched them, what they began with, but for what was `entered`, which has the same form. `here`
    is the conversation that is in front of the person, if any.
    """
    values: Json = {}
    for block, element in interactive(blocks):
        holding = HOLDINGS.get(element["type"])
        if holding is None or element["type"] in FORGETFUL:
            continue
        given = as_object(as_object((entered or {}).get(block["block_id"])).get(element["action_id"]))
        held = given[holding.field] if holding.field in given else _beginning(element, holding, here)
        values.setdefault(block["block_id"], {})[element["action_id"]] = told(element, holding, held)
    return values


def told(element: Json, holding: Holding, held: object) -> Json:
    """What an element holds as Slack tells it: nothing is null, or an empty list."""
    zone = {"timezone": element["timezone"]} if "timezone" in element else {}
    return {"type": element["type"], holding.field: held or ([] if holding.several else None), **zone}


def with_held(values: Json, block: Json, element: Json, held: object) -> Json:
    """The same state with this in one element, if it is of those that hold something."""
    holding = HOLDINGS.get(element["type"])
    if holding is None or element["type"] in FORGETFUL:
        return values
    others = values[block["block_id"]]
    return {**values, block["block_id"]: {**others, element["action_id"]: told(element, holding, held)}}


def _beginning(element: Json, holding: Holding, here: str | None) -> object:
    initial = element.get(holding.initial)
    if here is None or not element.get("default_to_current_conversation"):
        return initial
    return [here] if holding.several else string(initial) or here
