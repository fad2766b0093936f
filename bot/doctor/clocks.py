"""How far this machine's clock is from somebody else's."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.doctor.finding import Area, Finding, State

FINE, BEARABLE = timedelta(seconds=5), timedelta(seconds=60)
_HALF = timedelta(seconds=0.5)  # a Date header leaves out what is less than a second
_SET_IT = "Have the machine keep its time by NTP"


def ahead_of(headers: Mapping[str, str], now: Callable[[], datetime]) -> timedelta | None:
    """How far our clock is ahead of the sender's of an answer that has just come; None where it does not tell."""
    date = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        theirs = parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
    return now() - theirs - _HALF


def finding(whose: str, ahead: timedelta | None) -> list[Finding]:
    """What to make of it; nothing where it is not known."""
    if ahead is None:
        return []
    seconds = round(abs(ahead.total_seconds()))
    if abs(ahead) <= FINE:
        return [Finding(Area.CLOCK, State.GREEN, f"Within {max(1, seconds)} s of {whose}'s")]
    off = f"{seconds} s {'ahead of' if ahead > timedelta() else 'behind'} {whose}'s"
    if abs(ahead) <= BEARABLE:
        return [Finding(Area.CLOCK, State.YELLOW, off, f"{_SET_IT}, before it gets worse.")]
    return [Finding(Area.CLOCK, State.RED, off, f"{_SET_IT}: at 5 minutes AWS and Slack refuse what is signed by it.")]
