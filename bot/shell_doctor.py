"""The shell command that looks at everything the bot stands on."""

import json
import logging
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.doctor.chart import Chart, utc_now
from bot.doctor.checkup import examine
from bot.doctor.finding import Area, Finding, State, advised, is_red, summary, worst_first

WIDTH = 96  # columns, behind the margin
_COLOURS = {State.RED: "31", State.YELLOW: "33", State.GREEN: "32", State.NOTE: "2"}
_AREA = max(map(len, Area))
_MARGIN = _AREA + 5  # a sign is two columns wide


def run(*, as_json: bool, now: Callable[[], datetime] = utc_now) -> int:
    """Print what was found; returns 1 if something is red."""
    logging.getLogger("bot").addHandler(logging.NullHandler())  # what goes wrong is in the findings
    found = examine(Chart.of_environment(now))
    is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    sys.stdout.write(in_json(found) if as_json else in_words(found, is_coloured=is_coloured))
    return 1 if is_red(found) else 0


def in_json(findings: Sequence[Finding]) -> str:
    """For programs, the worst first."""
    found = [one.to_json() for one in worst_first(findings)]
    whole = {"ok": not is_red(findings), "summary": summary(findings), "findings": found}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def in_words(findings: Sequence[Finding], *, is_coloured: bool = False) -> str:
    """For people, the worst first, each with what to do."""
    lines = [summary(findings), ""]
    last: State | None = None
    for one, advice in advised(worst_first(findings)):
        if last not in (None, one.state):
            lines.append("")
        last = one.state
        title = _wrapped(f"{one.state.sign} {one.area.value:<{_AREA}}  ", one.title, " " * _MARGIN)
        lines += [_in_colour(line, one.state) if is_coloured else line for line in title]
        if advice:
            lines += [*_wrapped(" " * (_MARGIN - 2) + "→ ", advice, " " * _MARGIN), ""]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip("\n") + "\n"


def _wrapped(first: str, text: str, margin: str) -> list[str]:
    """As lines that begin under each other; what somebody may copy stays whole."""
    said = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [(margin if number else first) + line for number, line in enumerate(said)]


def _in_colour(line: str, state: State) -> str:
    return f"\x1b[{_COLOURS[state]}m{line}\x1b[0m"
