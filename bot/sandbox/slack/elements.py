"""The elements that people press, choose from and write in: what Slack would refuse in each, and where each may stand.

Limits and fields are those of https://docs.slack.dev/reference/block-kit/block-elements.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

from bot.sandbox.slack.composition import (
    CONFIRM,
    ID,
    IMAGE_FIELDS,
    LINKED_OPTION,
    MARKED_OPTION,
    OPTION,
    OPTION_GROUPS,
    OPTIONS,
    STYLE,
    plain,
)
from bot.sandbox.slack.schema import (
    Check,
    all_of,
    array,
    between,
    boolean,
    exactly_one,
    matching,
    one_of,
    record,
    text,
    wrong,
)
from bot.sandbox.slack.wire import Json, as_object, objects, string

TEXT_INPUT = 3000
NUMBER = r"-?\d+(\.\d+)?"


class Surface(StrEnum):
    """Where blocks can stand."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


def options_of(element: Json) -> list[Json]:
    """All that can be chosen in an element with options of its own, those in groups too."""
    groups = objects(element.get("option_groups"))
    return [*objects(element.get("options")), *(each for group in groups for each in objects(group.get("options")))]


def same_option(one: Json, other: Json) -> bool:
    """Whether two options are the same to Slack: by what they say and by what they mean."""
    return all(
        [
            one.get("value") == other.get("value"),
            as_object(one.get("text")).get("text") == as_object(other.get("text")).get("text"),
        ],
    )


def _begins_with_an_option(value: object, pointer: str) -> Iterator[str]:
    """What is chosen at first is one of the options."""
    element = as_object(value)
    offered = options_of(element)
    chosen = {f"initial_options/{index}": each for index, each in enumerate(objects(element.get("initial_options")))}
    chosen["initial_option"] = as_object(element.get("initial_option"))
    for place, option in chosen.items():
        is_whole = {"text", "value"} <= option.keys()
        if is_whole and not any(same_option(option, each) for each in offered):
            yield wrong("must match one of the options", f"{pointer}/{place}")


def _in_order(least: str, most: str) -> Check:
    """A lower bound is not above the upper one, if both are given."""

    def check(value: object, pointer: str) -> Iterator[str]:
        low, high = (_number(as_object(value).get(name)) for name in (least, most))
        if low is not None and high is not None and low > high:
            yield wrong(f"must not be greater than `{most}`", f"{pointer}/{least}")

    return check


def _number(value: object) -> float | None:
    return float(str(value)) if re.fullmatch(NUMBER, str(value)) else None


def _day(value: object, pointer: str) -> Iterator[str]:
    if not is_day(value):
        yield wrong("must be a date in the form YYYY-MM-DD", pointer)


def is_day(value: object) -> bool:
    """Whether this is a day that there is, as YYYY-MM-DD."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", string(value)):
        return False
    try:
        date.fromisoformat(string(value))
    except ValueError:
        return False
    return True


TIME = r"([01]\d|2[0-3]):[0-5]\d"
_NUMERIC = matching(NUMBER, "a number in a string")

# Fields that many have in common.
_NAMED = {"action_id": ID}
_ASKING = {**_NAMED, "confirm": CONFIRM}
_FOCUSED = {**_ASKING, "focus_on_load": boolean}
_MENU = {**_FOCUSED, "placeholder": plain(150)}
_SEVERAL = {**_MENU, "max_selected_items": between(1, 1_000_000)}
_OFFERS = {"options": OPTIONS, "option_groups": OPTION_GROUPS}
_TYPED = {
    **_NAMED,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "dispatch_action_config": record(
        {},
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)},
    ),
}
_CONVERSATIONS = {
    "default_to_current_conversation": boolean,
    "filter": record(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
}
_IDS = array(ID, 100)
_QUERY = {"min_query_length": between(0, 1000)}

BUTTON = record(
    {"text": plain(75)},
    {**_ASKING, "url": text(3000), "value": text(2000), "style": STYLE, "accessibility_label": text(75)},
)
IMAGE = all_of(record({"alt_text": text(2000)}, IMAGE_FIELDS), exactly_one("image_url", "slack_file"))

_SELECTS: dict[str, Check] = {
    "static_select": all_of(
        record({}, {**_MENU, **_OFFERS, "initial_option": OPTION}),
        exactly_one("options", "option_groups"),
        _begins_with_an_option,
    ),
    "external_select": record({}, {**_MENU, **_QUERY, "initial_option": OPTION}),
    "users_select": record({}, {**_MENU, "initial_user": ID}),
    "conversations_select": record(
        {},
        {**_MENU, **_CONVERSATIONS, "initial_conversation": ID, "response_url_enabled": boolean},
    ),
    "channels_select": record({}, {**_MENU, "initial_channel": ID, "response_url_enabled": boolean}),
    "multi_static_select": all_of(
        record({}, {**_SEVERAL, **_OFFERS, "initial_options": array(OPTION, 100)}),
        exactly_one("options", "option_groups"),
        _begins_with_an_option,
    ),
    "multi_external_select": record({}, {**_SEVERAL, **_QUERY, "initial_options": array(OPTION, 100)}),
    "multi_users_select": record({}, {**_SEVERAL, "initial_users": _IDS}),
    "multi_conversations_select": record({}, {**_SEVERAL, **_CONVERSATIONS, "initial_conversations": _IDS}),
    "multi_channels_select": record({}, {**_SEVERAL, "initial_channels": _IDS}),
}
_PICKED: dict[str, Check] = {
    "checkboxes": all_of(
        record(
            {"options": array(MARKED_OPTION, 10)},
            {**_FOCUSED, "initial_options": array(MARKED_OPTION, 10)},
        ),
        _begins_with_an_option,
    ),
    "radio_buttons": all_of(
        record({"options": array(MARKED_OPTION, 10)}, {**_FOCUSED, "initial_option": MARKED_OPTION}),
        _begins_with_an_option,
    ),
    "datepicker": record({}, {**_MENU, "initial_date": _day}),
    "timepicker": record(
        {},
        {**_MENU, "initial_time": matching(TIME, "a time in the form HH:mm"), "timezone": text(255)},
    ),
}
_DATETIME: dict[str, Check] = {
    "datetimepicker": record({}, {**_FOCUSED, "initial_date_time": between(1_000_000_000, 9_999_999_999)}),
}
_PRESSED: dict[str, Check] = {
    "button": BUTTON,
    "overflow": record({"options": array(LINKED_OPTION, 5)}, _ASKING),
}
_WRITTEN: dict[str, Check] = {
    "plain_text_input": all_of(
        record(
            {},
            {
                **_TYPED,
                "initial_value": text(TEXT_INPUT, least=0),
                "multiline": boolean,
                "min_length": between(0, TEXT_INPUT),
                "max_length": between(1, TEXT_INPUT),
            },
        ),
        _in_order("min_length", "max_length"),
    ),
}
_WRITTEN_IN_MODALS: dict[str, Check] = {
    "number_input": all_of(
        record(
            {"is_decimal_allowed": boolean},
            {**_TYPED, "initial_value": _NUMERIC, "min_value": _NUMERIC, "max_value": _NUMERIC},
        ),
        _in_order("min_value", "max_value"),
    ),
    "email_text_input": record({}, {**_TYPED, "initial_value": text(TEXT_INPUT, least=0)}),
    "url_text_input": record({}, {**_TYPED, "initial_value": text(TEXT_INPUT, least=0)}),
}

ACCESSORIES: Mapping[str, Check] = {**_PRESSED, **_SELECTS, **_PICKED, "image": IMAGE}


def in_actions(surface: Surface) -> Mapping[str, Check]:
    """What may stand in an `actions` block."""
    return {**_PRESSED, **_SELECTS, **_PICKED, **_date_and_time(surface)}


def in_input(surface: Surface) -> Mapping[str, Check]:
    """What may stand in an `input` block."""
    fields = {**_SELECTS, **_PICKED, **_WRITTEN, **_date_and_time(surface)}
    return fields | _WRITTEN_IN_MODALS if surface is Surface.MODAL else fields


def _date_and_time(surface: Surface) -> Mapping[str, Check]:
    return {} if surface is Surface.HOME else _DATETIME
