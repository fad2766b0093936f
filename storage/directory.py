"""People and user groups, as Slack last told of them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from storage.tables import BarredPerson, Directory, Group

TOO_OLD = timedelta(seconds=60)


def is_current(tx: Session, team: str, now: datetime) -> bool:
    """Whether Slack has told of the team lately enough to go by it."""
    told = tx.get(Directory, team)
    return told is not None and abs(now - told.told_at) <= TOO_OLD  # later than now: the clock was set back


def groups(tx: Session, team: str, now: datetime) -> dict[str, frozenset[str]] | None:
    """Who is in which user group of the team; None where that is too old to go by."""
    return members(tx, team) if is_current(tx, team, now) else None


def members(tx: Session, team: str) -> dict[str, frozenset[str]]:
    """Who is in which user group of the team, as Slack last told, however long ago."""
    return {group.id: frozenset(group.members) for group in tx.exec(select(Group).where(Group.team_id == team))}


def barred(tx: Session, team: str) -> frozenset[str]:
    """Who is deactivated, a bot, or of another company, as Slack last told."""
    return frozenset(tx.exec(select(BarredPerson.id).where(BarredPerson.team_id == team)))


def handles(tx: Session, team: str) -> dict[str, str]:
    """What user groups are called, without the @."""
    return dict(tx.exec(select(Group.id, Group.handle).where(Group.team_id == team)).all())


def store(tx: Session, team: str, groups: Collection[Group], barred: Collection[BarredPerson], now: datetime) -> None:
    """Take the place of what Slack told before."""
    tx.exec(delete(Group).where(col(Group.team_id) == team))
    tx.exec(delete(BarredPerson).where(col(BarredPerson.team_id) == team))
    tx.add_all([*groups, *barred])
    tx.merge(Directory(team_id=team, told_at=now))
