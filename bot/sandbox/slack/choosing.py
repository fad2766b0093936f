"""What a person can choose or write in an element, and what her client makes of it."""

import re
from collections.abc import Callable, Mapping

from bot.sandbox.slack.elements import TIME, is_day, options_of, same_option
from bot.sandbox.slack.holdings import HOLDINGS, Holding, Kind
from bot.sandbox.slack.wire import Json, as_object, string
from bot.sandbox.slack.words import text_of
from bot.sandbox.slack.workspace import SLACKBOT, Channel, User, Workspace


def chosen_in(element: Json, chosen: object, workspace: Workspace, user: User) -> object:
    """What the element holds after this choice; LookupError if it offers no such thing.

    For options their object, their `value` or what they say; for people and conversations their id; for dates
    "YYYY-MM-DD", for times "HH:mm", for both a number of seconds since 1970; a list where several can be
    chosen. None, or an empty list, takes back what was there.
    """
    holding = HOLDINGS[element["type"]]
    if not holding.several:
        return None if chosen is None else _one(element, holding, chosen, workspace, user)
    several = chosen if isinstance(chosen, list) else [] if chosen is None else [chosen]
    most = element.get("max_selected_items")
    if most is not None and len(several) > most:
        raise LookupError(f"No more than {most} can be chosen here.")
    return [_one(element, holding, each, workspace, user) for each in several]


def _one(element: Json, holding: Holding, chosen: object, workspace: Workspace, user: User) -> object:
    if holding.kind is Kind.OPTION:
        return _option(element, chosen)
    if holding.kind in _MENUS:
        if chosen not in _MENUS[holding.kind](workspace, user, element):
            raise LookupError(f"{chosen!r} cannot be chosen here.")
        return chosen
    if not _FORMS[holding.kind](chosen):
        raise LookupError(f"{chosen!r} is not what a {element['type']} takes.")
    return chosen


def _option(element: Json, chosen: object) -> Json:
    offered = options_of(element)
    given = as_object(chosen)
    for option in offered:
        if same_option(given, option) or chosen in (option.get("value"), text_of(option.get("text"), {})):
            return option
    names = ", ".join(text_of(each.get("text"), {}) for each in offered)
    raise LookupError(f"There is no option {chosen!r}, only: {names}.")


def people(workspace: Workspace, _user: User, _element: Json) -> list[str]:
    """The ids that a menu of people offers."""
    return [each.id for each in workspace.users() if each.id != SLACKBOT]


def public_channels(workspace: Workspace, _user: User, _element: Json) -> list[str]:
    """The ids that a menu of public channels offers."""
    return [each.id for each in workspace.channels() if _sort(each) == "public" and not each.is_archived]


def conversations(workspace: Workspace, user: User, element: Json) -> list[str]:
    """The ids that a menu of conversations offers to this person, after its filter."""
    wanted = as_object(element.get("filter"))
    return [
        each.id
        for each in workspace.channels()
        if each.is_open_to(user.id) and not each.is_archived and _passes(each, wanted)
    ]


def _passes(channel: Channel, wanted: Json) -> bool:
    if wanted.get("exclude_external_shared_channels") and channel.is_ext_shared:
        return False
    if wanted.get("exclude_bot_users") and channel.is_im:
        return False  # each direct conversation here is with the app
    return _sort(channel) in wanted.get("include", [_sort(channel)])


def _sort(channel: Channel) -> str:
    return "im" if channel.is_im else "private" if channel.is_private else "public"


_MENUS: Mapping[Kind, Callable[[Workspace, User, Json], list[str]]] = {
    Kind.USER: people,
    Kind.CONVERSATION: conversations,
    Kind.CHANNEL: public_channels,
}
_FORMS: Mapping[Kind, Callable[[object], bool]] = {
    Kind.SUGGESTION: lambda chosen: {"text", "value"} <= as_object(chosen).keys(),
    Kind.TEXT: lambda chosen: isinstance(chosen, str),
    Kind.DAY: is_day,
    Kind.TIME: lambda chosen: re.fullmatch(TIME, string(chosen)) is not None,
    Kind.MOMENT: lambda chosen: isinstance(chosen, int) and not isinstance(chosen, bool),
}
