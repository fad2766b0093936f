"""What was asked for, newest first, in pieces."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from storage.tables import LIVE, CardCopy, Deletion, Place


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deletions are wanted; `patterns` are globs of names of which one has to match, as far as SQL can tell."""

    team: str
    name: str | None = None
    person: str | None = None  # who asked, or decided
    since: datetime | None = None
    patterns: Collection[str] | None = None
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """The last deletion of a piece: the next one begins behind it."""

    asked_at: datetime
    number: str


def piece(tx: Session, wanted: Filter, after: Mark | None, at_most: int) -> Sequence[Deletion]:
    """The next deletions, from newest to oldest."""
    found = select(Deletion).where(Deletion.team_id == wanted.team)
    if wanted.name is not None:
        found = found.where(Deletion.name == wanted.name)
    if wanted.person is not None:
        found = found.where((col(Deletion.requester_id) == wanted.person) | (col(Deletion.decided_by) == wanted.person))
    if wanted.since is not None:
        found = found.where(col(Deletion.asked_at) >= wanted.since)
    if wanted.is_live:
        found = found.where(col(Deletion.state).in_(LIVE))
    if wanted.patterns is not None:
        found = found.where(
            sa.or_(sa.false(), *(col(Deletion.name).like(_like(one), escape="\\") for one in wanted.patterns))
        )
    if after is not None:
        is_older = col(Deletion.asked_at) < after.asked_at
        is_next = (col(Deletion.asked_at) == after.asked_at) & (col(Deletion.id) < after.number)
        found = found.where(col(Deletion.asked_at) <= after.asked_at).where(is_older | is_next)
    return tx.exec(found.order_by(col(Deletion.asked_at).desc(), col(Deletion.id).desc()).limit(at_most)).all()


def cards(tx: Session, numbers: Collection[str]) -> dict[str, CardCopy]:
    """Of each deletion, the card with its thread, where Slack has it."""
    found = select(CardCopy).where(col(CardCopy.deletion_id).in_(numbers), CardCopy.place == Place.REQUEST)
    return {copy.deletion_id: copy for copy in tx.exec(found.where(col(CardCopy.ts).is_not(None)))}


def _like(pattern: str) -> str:
    """A glob for LIKE, which knows no sets of letters: it matches at least what the glob does."""
    like, inside = "", False
    for letter in pattern:
        if inside:
            inside = letter != "]"
        elif letter == "[" and "]" in pattern:
            like, inside = like + "%", True
        else:
            like += {"*": "%", "?": "_", "%": "\\%", "_": "\\_", "\\": "\\\\"}.get(letter, letter)
    return like
