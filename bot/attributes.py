"""What admins say of people for AWS's rules: attributes, which a role's session carries as tags. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import regex

from storage.tables import EVERYBODY, Attribute

MOST = 10  # that one person carries; AWS takes 50 tags, and packs them into little room
RESERVED = ("slack_user", "slack_approver")  # the bot's own tags
ATTRIBUTES = "attributes"  # the ground on which nothing is deleted while AWS can't be told them
_LONGEST_KEY, _LONGEST_VALUE = 128, 256  # characters
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
_TEXT = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+")
_TAKES = "letters, digits, spaces and _ . : / = + - @"


def problem_of(key: str, value: str) -> str:
    """Why AWS would not take it as a session's tag, in words; empty where it does."""
    if not key or len(key) > _LONGEST_KEY:
        return f"An attribute's name has 1 to {_LONGEST_KEY} characters."
    if not _TEXT.fullmatch(key):
        return f"AWS takes no such name of an attribute: it has {_TAKES}."
    if key.lower().startswith("aws:"):
        return "Names that begin with `aws:` are AWS's own."
    if key.lower() in RESERVED:
        return f"`{key.lower()}` is what the bot itself says of the person; choose another name."
    if not value or len(value) > _LONGEST_VALUE:
        return f"An attribute's value has 1 to {_LONGEST_VALUE} characters."
    if not _TEXT.fullmatch(value):
        return f"AWS takes no such value of an attribute: it has {_TAKES}."
    return ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What somebody carries; with a problem, what that is, in words."""

    tags: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def carried(rows: Iterable[Attribute], person: str, groups: Mapping[str, frozenset[str]] | None) -> Carried:
    """A person's own attributes, then those of their groups, then everybody's; AWS tells no cases of names apart.

    Nothing is guessed: where two groups say different things, or nobody knows who is in which, that is a problem.
    """
    listed = list(rows)
    if groups is None and any(row.subject.startswith("S") for row in listed):
        return Carried(problem="Slack has not told lately who is in which user group.")
    mine = [subject for subject, members in (groups or {}).items() if person in members]
    tags: dict[str, tuple[str, str]] = {}
    for subjects in ([person], sorted(mine), [EVERYBODY]):
        nearer = set(tags)
        for row in listed:
            name = row.key.lower()
            if row.subject not in subjects or name in nearer:
                continue
            if name in tags and tags[name][1] != row.value:
                return Carried(
                    problem=f"Two of their user groups say different things of {row.key}: "
                    f"{tags[name][1]} and {row.value}."
                )
            tags[name] = (row.key, row.value)
    if len(tags) > MOST:
        return Carried(problem=f"They carry {len(tags)} attributes with those of their groups; {MOST} is the most.")
    return Carried(dict(tags.values()))


def shown(tags: Mapping[str, str]) -> str:
    """Tags on one line, as they are typed; a key alone where there is no value."""
    return ", ".join(f"{key}={value}" if value else key for key, value in sorted(tags.items()))


def fitting(given: Sequence[tuple[str, str]]) -> tuple[dict[str, str], str]:
    """Attributes as somebody gave them, and what is wrong with them."""
    found: dict[str, str] = {}
    for key, value in given:
        if problem := problem_of(key, value):
            return {}, problem
        if key.lower() in {each.lower() for each in found}:
            return {}, f"`{key}` is there twice; AWS tells no upper and lower case of names apart."
        found[key] = value
    return found, ""
