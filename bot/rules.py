"""What the gate goes by, as it is in SQL at this moment."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bot.judge import Rules
from bot.model import TagList
from storage import permissions

Rulebook = Callable[[Session, str, datetime], Rules]


def rulebook(admins: frozenset[str], protected_tags: TagList) -> Rulebook:
    """Reads the rules of a team inside the caller's transaction."""

    def read(tx: Session, team: str, now: datetime) -> Rules:
        return Rules(permissions.current(tx, team, now), admins, protected_tags)

    return read
