"""What Slack would refuse in a modal or a home tab.

Limits and fields are those of https://docs.slack.dev/reference/views/modal-views and …/home-tab-views.
"""

import json
from collections.abc import Iterator, Mapping

from bot.sandbox.slack.blockkit import block_problems
from bot.sandbox.slack.composition import plain
from bot.sandbox.slack.elements import Surface
from bot.sandbox.slack.holdings import interactive
from bot.sandbox.slack.schema import Check, boolean, by_type, record, text, wrong
from bot.sandbox.slack.wire import Json, as_object, objects

VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
VIEW = "/view"


def view_problems(view: object, *surfaces: Surface) -> list[str]:
    """Everything Slack would refuse in this view, each with a pointer; empty if it is fine.

    `surfaces` are the types it may have, both if none is given. Its size is another matter: see `is_too_large`.
    """
    allowed = surfaces or (Surface.MODAL, Surface.HOME)
    fields = as_object(view)
    surface = Surface.HOME if fields.get("type") == Surface.HOME else Surface.MODAL
    blocks = block_problems(fields["blocks"], VIEW_BLOCKS, surface, f"{VIEW}/blocks") if "blocks" in fields else ()
    return [
        *by_type({each: _VIEWS[each] for each in allowed})(view, VIEW),
        *blocks,
        *_missing_submit(fields),
        *_second_focus(fields),
    ]


def is_too_large(view: object) -> bool:
    """Whether it has more than 250 KB as JSON; source: https://docs.slack.dev/reference/methods/views.open."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


def _missing_submit(view: Json) -> Iterator[str]:
    inputs = [each for each in objects(view.get("blocks")) if each.get("type") == "input"]
    if inputs and view.get("type") == Surface.MODAL and not view.get("submit"):
        yield wrong("missing required field: submit", VIEW)


def _second_focus(view: Json) -> Iterator[str]:
    """The cursor can stand in one element alone when a view opens."""
    blocks = objects(view.get("blocks"))
    if len([element for _, element in interactive(blocks) if element.get("focus_on_load")]) > 1:
        yield wrong("only one element can have `focus_on_load`", f"{VIEW}/blocks")


def _anything(_value: object, _pointer: str) -> Iterator[str]:
    """The blocks are looked at for themselves."""
    return iter(())


_COMMON: Mapping[str, Check] = {
    "private_metadata": text(3000, least=0),
    "callback_id": text(255, least=0),
    "external_id": text(255, least=0),
}
_VIEWS: Mapping[Surface, Check] = {
    Surface.MODAL: record(
        {"title": plain(24), "blocks": _anything},
        {
            **_COMMON,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
    ),
    Surface.HOME: record({"blocks": _anything}, _COMMON),
}
