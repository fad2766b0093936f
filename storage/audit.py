"""Who did or decided what: rows that are added in the transaction of what they record."""

from datetime import datetime

from sqlmodel import Session

from storage.tables import Audit, Deletion


def record(
    tx: Session, *, at: datetime, team: str, actor: str, event: str, deletion: str | None = None, **facts: str
) -> None:
    """Add a row."""
    tx.add(Audit(at=at, team_id=team, actor=actor, event=event, deletion_id=deletion, facts=facts))


def of_deletion(tx: Session, deletion: Deletion, *, at: datetime, actor: str, event: str, **facts: str) -> None:
    """Add a row about a deletion."""
    record(tx, at=at, team=deletion.team_id, actor=actor, event=event, deletion=deletion.id, **facts)
