"""The options with which the app answers what somebody types into a menu.

Source: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
"""

import json

from bot.sandbox.slack.composition import OPTION, plain
from bot.sandbox.slack.delivery import Answer, Parcel
from bot.sandbox.slack.schema import all_of, array, exactly_one, record
from bot.sandbox.slack.wire import Json, objects

MOST = 100
USUAL_QUERY = 3  # characters after which the app is asked, where `min_query_length` says nothing else
_OPTIONS = array(OPTION, MOST, least=0)
_ANSWER = all_of(
    record({}, {"options": _OPTIONS, "option_groups": array(record({"label": plain(75), "options": _OPTIONS}), MOST)}),
    exactly_one("options", "option_groups"),
)


def settle(_parcel: Parcel, answer: Answer) -> str | None:
    """What went wrong with an answer, if anything."""
    if answer.error is not None:
        return answer.error
    return "invalid_options_response" if list(_ANSWER(_read(answer.body), "")) else None


def offered(body: str) -> list[Json]:
    """The options of a valid answer, or its groups of options."""
    answer = _read(body)
    return objects(answer.get("options", answer.get("option_groups"))) if isinstance(answer, dict) else []


def _read(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
