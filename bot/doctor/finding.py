"""What a check found, as a value. No I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

MOST_NAMED = 5  # regions in a line


class State(StrEnum):
    """How it is, in the order in which a person in a hurry reads."""

    RED = "red"  # the bot can't do its work
    YELLOW = "yellow"  # it can, and somebody should look at it
    GREEN = "green"
    NOTE = "note"  # neither well nor ill: something to know

    @property
    def sign(self) -> str:
        """As people see it."""
        return {"red": "❌", "yellow": "⚠️", "green": "✅", "note": "💬"}[self.value]


class Area(StrEnum):
    """What it is about, in the order in which it is told."""

    SETTINGS = "Settings"
    AWS = "AWS"
    ROLE = "Role"
    SLACK = "Slack"
    DATABASE = "Database"
    CLOCK = "Clock"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the checklist; the advice says what to do where it is not green, with commands in backticks."""

    area: Area
    state: State
    title: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """For programs."""
        return {"area": self.area.value, "state": self.state.value, "title": self.title, "advice": self.advice}


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """What is red, what is yellow, what is well, what there is to know; each area by area."""
    states, areas = list(State), list(Area)
    return sorted(findings, key=lambda one: (states.index(one.state), areas.index(one.area)))


def advised(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Each with its advice; what is the same for some in a row is said once, after the last of them."""
    some = list(findings)
    return [
        (one, "" if after is not None and after.advice == one.advice else one.advice)
        for one, after in zip_longest(some, some[1:])
    ]


def named(regions: Sequence[str]) -> str:
    """Some regions, on one line however many they are."""
    return ", ".join(regions) if len(regions) <= MOST_NAMED else f"{len(regions)} regions ({regions[0]}, …)"


def is_red(findings: Iterable[Finding]) -> bool:
    """Whether something keeps the bot from its work."""
    return any(one.state is State.RED for one in findings)


def summary(findings: Sequence[Finding]) -> str:
    """How it is, in one sentence."""
    red, yellow = (sum(one.state is state for one in findings) for state in (State.RED, State.YELLOW))
    if red and yellow:
        return f"{_things(red)} to mend, and {yellow} to look at."
    if red:
        return f"{_things(red)} to mend."
    if yellow:
        return f"It works; {_things(yellow)} to look at."
    return "All is well."


def _things(number: int) -> str:
    return "1 thing" if number == 1 else f"{number} things"
