"""Long answers, a page at a time."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, TypeVar

from bot.sandbox.lightsail.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def page(rows: Iterable[T], key: Callable[[T], str], token: str, size: int) -> tuple[list[T], str | None]:
    """The page after the token, and the token of the next one, if there is one.

    The token holds the last key and not a count, so that a deletion between two pages skips nothing.
    InvalidInputException for a token that is none.
    """
    after = last_key(token) if token else ""
    rest = sorted((row for row in rows if key(row) > after), key=key)
    shown = rest[:size]
    return shown, next_token(key(shown[-1])) if len(rest) > size else None


def next_token(key: str) -> str:
    """A token that says nothing to whoever reads it."""
    return b64encode(key.encode()).decode()


def last_key(token: str) -> str:
    """What `next_token` was made of."""
    try:
        return b64decode(token, validate=True).decode()
    except ValueError as error:
        raise invalid("The page token is not valid.") from error
