"""Freezes: times in which nothing is deleted."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit
from storage.tables import Freeze, LeaseRow


def current(tx: Session, team: str) -> Freeze | None:
    """The freeze that holds now, if any."""
    return tx.exec(select(Freeze).where(Freeze.team_id == team, col(Freeze.ended_at).is_(None))).first()


def begin(tx: Session, freeze: Freeze) -> Freeze:
    """Freeze, unless it is frozen already; returns the freeze that holds.

    Once this is committed nothing is begun any more: the intent to call AWS is committed under the lease, whose row
    this waits for.
    """
    _after_intents(tx)
    if standing := current(tx, freeze.team_id):
        return standing
    tx.add(freeze)
    audit.record(tx, at=freeze.began_at, team=freeze.team_id, actor=freeze.by, event="frozen", reason=freeze.reason)
    return freeze


def end(tx: Session, team: str, *, by: str, by_name: str, now: datetime) -> Freeze | None:
    """End the freeze; returns it, or None where there is none."""
    _after_intents(tx)
    freeze = current(tx, team)
    if freeze is None:
        return None
    freeze.ended_by, freeze.ended_name, freeze.ended_at = by, by_name, now
    tx.add(freeze)
    audit.record(tx, at=now, team=team, actor=by, event="unfrozen")
    return freeze


def _after_intents(tx: Session) -> None:
    tx.exec(select(LeaseRow).with_for_update()).all()
