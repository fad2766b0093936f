"""What a Slack client refuses in a form before it sends anything, in the words that stand under the inputs."""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from bot.sandbox.slack.elements import NUMBER, TEXT_INPUT
from bot.sandbox.slack.holdings import HOLDINGS, Kind, state_of
from bot.sandbox.slack.views import View
from bot.sandbox.slack.wire import Json, as_object, string

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def client_errors(view: View, state: Json) -> dict[str, str]:
    """What is wrong with what was entered in a modal, by block_id; nothing if it can be sent.

    `state` is in Slack's form, `{block_id: {action_id: {"type": …, "value" | "selected_option" | …: …}}}`; what it
    does not tell is as it began.
    """
    values = state_of(view.blocks, view.here, state)
    errors: dict[str, str] = {}
    for block in view.blocks:
        if block.get("type") != "input":
            continue
        element = as_object(block.get("element"))
        held = values[block["block_id"]][element["action_id"]][HOLDINGS[element["type"]].field]
        if wrong := _complaint(block, element, held):
            errors[block["block_id"]] = wrong
    return errors


def _complaint(block: Json, element: Json, held: object) -> str | None:
    is_empty = not (held.strip() if isinstance(held, str) else held)
    if is_empty:
        return None if block.get("optional") else _empty(element)
    return next(_CHECKS.get(element["type"], _choice)(element, held), None)


def _empty(element: Json) -> str:
    return "Please fill this in." if HOLDINGS[element["type"]].kind is Kind.TEXT else "Please choose something."


def _choice(element: Json, held: object) -> Iterator[str]:
    most = element.get("max_selected_items")
    if most is not None and isinstance(held, list) and len(held) > most:
        yield f"Please choose {most} at most."


def _text(element: Json, held: object) -> Iterator[str]:
    least, most, length = element.get("min_length", 0), element.get("max_length", TEXT_INPUT), len(string(held))
    if length < least:
        yield f"Please write at least {least} characters. There are {length}."
    if length > most:
        yield f"Please write at most {most} characters. There are {length}."


def _number(element: Json, held: object) -> Iterator[str]:
    if not re.fullmatch(NUMBER, string(held)):
        yield "Please write a number, such as 12."
    elif not element["is_decimal_allowed"] and "." in string(held):
        yield "Please write a whole number."
    else:
        yield from _range(float(string(held)), element.get("min_value"), element.get("max_value"))


def _range(written: float, least: str | None, most: str | None) -> Iterator[str]:
    if least is not None and written < float(least):
        yield f"Please write {least} or more."
    if most is not None and written > float(most):
        yield f"Please write {most} or less."


def _email(_element: Json, held: object) -> Iterator[str]:
    if not _EMAIL.fullmatch(string(held)):
        yield "Please write an e-mail address, such as ann@example.com."


def _url(_element: Json, held: object) -> Iterator[str]:
    if not _is_link(string(held)):
        yield "Please write a whole link, such as https://example.com."


def _is_link(written: str) -> bool:
    try:
        link = urlsplit(written)
    except ValueError:
        return False
    return link.scheme in {"http", "https"} and bool(link.hostname) and not re.search(r"\s", written)


_CHECKS: Mapping[str, Callable[[Json, object], Iterator[str]]] = {
    "plain_text_input": _text,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
}
