"""Spans of time, as people and settings write them."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: object) -> timedelta:
    """`90s`, `15m`, `8h` or `2d` as a time span.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(text, timedelta):
        return text
    found = re.fullmatch(r"(\d{1,6})([smhd])", str(text).strip().lower())
    if not found:
        raise ValueError("should be a number with s, m, h or d, such as 15m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
