"""What all methods of the Web API have in common: their arguments, their errors and their pages."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.sandbox.slack.wire import Json

T = TypeVar("T")
Method = Callable[[Json], Json]

MOST_ITEMS = 1000  # a page


class RefusedError(Exception):
    """An error as Slack answers it; `more` are the fields beside it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.form: Json = {"ok": False, "error": error, **more}


def word(arguments: Json, name: str) -> str:
    """An argument that is a word; JSON may bring it as a number."""
    return str(arguments.get(name) or "")


def words(arguments: Json, name: str) -> list[str]:
    """An argument that is a list, with commas between its items or as JSON."""
    value = arguments.get(name)
    listed = value if isinstance(value, list) else word(arguments, name).split(",")
    return [str(each).strip() for each in listed if str(each).strip()]


def flag(arguments: Json, name: str) -> bool:
    """An argument that is true or false."""
    return str(arguments.get(name)).lower() in {"1", "true"}


def decoded(value: object, error: str) -> object:
    """JSON that comes in a string, as it does in forms, or as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError as malformed:
        raise RefusedError(error) from malformed


def page(items: Sequence[T], mark: Callable[[T], str], arguments: Json, usual: int) -> tuple[list[T], str]:
    """One page of the items and the cursor of the next, "" on the last; `mark` tells an item from all others.

    `usual` is how many items a page has that asks for no number.
    """
    limit = _limit(arguments, usual)
    rest = _from_cursor(items, mark, word(arguments, "cursor"))
    more = rest[limit:]
    return list(rest[:limit]), _cursor(mark(more[0])) if more else ""


def _limit(arguments: Json, usual: int) -> int:
    try:
        limit = int(word(arguments, "limit") or usual)
    except ValueError as malformed:
        raise RefusedError("invalid_limit") from malformed
    if not 1 <= limit <= MOST_ITEMS:
        raise RefusedError("invalid_limit")
    return limit


def _cursor(mark: str) -> str:
    return base64.b64encode(f"next:{mark}".encode()).decode()


def _from_cursor(items: Sequence[T], mark: Callable[[T], str], cursor: str) -> Sequence[T]:
    if not cursor:
        return items
    try:
        wanted = base64.b64decode(cursor, validate=True).decode().removeprefix("next:")
    except (binascii.Error, UnicodeDecodeError) as malformed:
        raise RefusedError("invalid_cursor") from malformed
    places = [index for index, each in enumerate(items) if mark(each) == wanted]
    if not places:
        raise RefusedError("invalid_cursor")
    return items[places[0] :]
