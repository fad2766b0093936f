"""Answers that are none of Lightsail's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from bot.sandbox.lightsail.mischief import Garbage

if TYPE_CHECKING:
    from bot.sandbox.lightsail.resources import Wire

JSON = "application/x-amz-json-1.1"
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"
)


class Page(NamedTuple):
    """A content type, and what goes under it."""

    content_type: str
    text: str


def usual_status(kind: Garbage) -> int:
    """A proxy says that it is one by 502; the rest is harder to see through with 200."""
    return 502 if kind is Garbage.HTML else 200


def garbled(kind: Garbage, body: Wire) -> Page:
    """The answer after it has been spoiled."""
    match kind:
        case Garbage.HTML:
            return Page("text/html", BAD_GATEWAY)
        case Garbage.EMPTY:
            return Page(JSON, "")
        case Garbage.TRUNCATED:
            whole = json.dumps(body)
            return Page(JSON, whole[: len(whole) // 2])
        case Garbage.NOT_JSON:
            return Page("text/plain", "upstream is restarting")
        case Garbage.WRONG_SHAPE:
            return Page(JSON, json.dumps(dict.fromkeys(body, "unexpected") or ["unexpected"]))
