"""Who did or decided what: rows that are added in the transaction of what they record."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from storage.tables import Audit, AuditRetention, Deletion

FORGOTTEN_AT_ONCE = 5000  # rows in one transaction: nobody waits for it long
_AT_ONCE = 500  # ids in one statement


def record(
    tx: Session, *, at: datetime, team: str, actor: str, event: str, deletion: str | None = None, **facts: str
) -> None:
    """Add a row."""
    tx.add(Audit(at=at, team_id=team, actor=actor, event=event, deletion_id=deletion, facts=facts))


def of_deletion(tx: Session, deletion: Deletion, *, at: datetime, actor: str, event: str, **facts: str) -> None:
    """Add a row about a deletion."""
    record(tx, at=at, team=deletion.team_id, actor=actor, event=event, deletion=deletion.id, **facts)


def of(tx: Session, deletion: str) -> Sequence[Audit]:
    """A deletion's rows, oldest first."""
    return tx.exec(select(Audit).where(Audit.deletion_id == deletion).order_by(col(Audit.id))).all()


def of_many(tx: Session, deletions: Sequence[str]) -> list[Audit]:
    """The rows of many deletions."""
    found: list[Audit] = []
    for start in range(0, len(deletions), _AT_ONCE):
        found += tx.exec(select(Audit).where(col(Audit.deletion_id).in_(deletions[start : start + _AT_ONCE])))
    return found


def rows(tx: Session, team: str | None, since: datetime | None) -> Iterator[Audit]:
    """The rows of a team, or of all, oldest first; a few at a time."""
    found = select(Audit).order_by(col(Audit.id))
    if team is not None:
        found = found.where(col(Audit.team_id).in_((team, "")))  # what is about no team is for all
    if since is not None:
        found = found.where(col(Audit.at) >= since)
    return iter(tx.exec(found.execution_options(yield_per=1000)))


def forget(tx: Session, before: datetime, now: datetime, at_most: int = FORGOTTEN_AT_ONCE) -> int:
    """Let go of the oldest rows from before a moment, and put that on the record; returns how many.

    This is the only way in which a row ever goes: the database refuses every other.
    """
    tx.merge(AuditRetention(id=1, keep_from=before))
    tx.flush()
    oldest = select(Audit.id).where(col(Audit.at) < before).order_by(col(Audit.at)).limit(at_most)
    gone = tx.exec(delete(Audit).where(col(Audit.id).in_(oldest))).rowcount
    if gone:
        record(tx, at=now, team="", actor="bot", event="audit_forgotten", before=before.isoformat(), rows=str(gone))
    return gone
