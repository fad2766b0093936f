"""Checks on JSON that say what is wrong in Slack's words, with a pointer to where."""

import re
from collections.abc import Callable, Iterator, Mapping

Check = Callable[[object, str], Iterator[str]]


def wrong(words: str, pointer: str) -> str:
    """One complaint as Slack writes it: `must be … [json-pointer:/blocks/0/text]`."""
    return f"{words} [json-pointer:{pointer}]"


def text(most: int, least: int = 1) -> Check:
    """A string of `least` to `most` characters; one of blanks alone counts as empty."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must provide a string", pointer)
        elif len(value.strip()) < least:
            yield wrong(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            yield wrong(f"must be less than {most + 1} characters", pointer)

    return check


def pattern(expected: str) -> Check:
    """A string that is as this regular expression says."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must provide a string", pointer)
        elif not re.search(expected, value):
            yield wrong(f"input must match regex pattern: {expected}", pointer)

    return check


def boolean(value: object, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield wrong("must provide a boolean", pointer)


def integer(value: object, pointer: str) -> Iterator[str]:
    """A whole number, not below zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        yield wrong("must provide a number", pointer)


def mapping(value: object, pointer: str) -> Iterator[str]:
    """Any JSON object."""
    if not isinstance(value, dict):
        yield wrong("must provide an object", pointer)


def one_of(*allowed: str) -> Check:
    """One of a few strings."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield wrong(f"must be one of: {', '.join(allowed)}", pointer)

    return check


def array(item: Check, most: int, least: int = 1) -> Check:
    """An array of `least` to `most` items, each of which passes `item`."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield wrong("must provide an array", pointer)
            return
        if len(value) < least:
            yield wrong(f"no less than {least} items allowed", pointer)
        if len(value) > most:
            yield wrong(f"no more than {most} items allowed", pointer)
        for index, each in enumerate(value):
            yield from item(each, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    fields = {**required, **(optional or {})}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                yield wrong(f"missing required field: {name}", pointer)
        for name, each in value.items():
            if name in fields:
                yield from fields[name](each, f"{pointer}/{name}")
            else:
                yield wrong(f"invalid additional property: {name}", pointer)

    return check


def exactly_one(first: str, second: str) -> Check:
    """An object with one of two fields, not both."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and (first in value) == (second in value):
            yield wrong(f"must define either `{first}` or `{second}`", pointer)

    return check


def all_of(*checks: Check) -> Check:
    """Every one of several checks."""

    def check(value: object, pointer: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, pointer)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses its check; a type that is not listed is refused."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must provide an object", pointer)
        elif "type" not in value:
            yield wrong("missing required field: type", pointer)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield wrong(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            rest = {name: each for name, each in value.items() if name != "type"}
            yield from kinds[value["type"]](rest, pointer)

    return check
