"""Freezes: times in which nothing is deleted."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit, locks
from storage.tables import Freeze

_INTENTS = "intents"


def current(tx: Session, team: str) -> Freeze | None:
    """The freeze that holds now, if any."""
    return tx.exec(select(Freeze).where(Freeze.team_id == team, col(Freeze.ended_at).is_(None))).first()


def keep_waiting(tx: Session) -> None:
    """Whoever freezes, or unfreezes, waits until this transaction ends; for one that is about to call AWS."""
    locks.side_by_side(tx, _INTENTS)


def begin(tx: Session, freeze: Freeze) -> Freeze:
    """Freeze, unless it is frozen already; returns the freeze that holds.

    Once this is committed nothing is begun any more: it has waited for every intent to call AWS that was under way.
    """
    locks.one_at_a_time(tx, _INTENTS)
    if standing := current(tx, freeze.team_id):
        return standing
    tx.add(freeze)
    audit.record(tx, at=freeze.began_at, team=freeze.team_id, actor=freeze.by, event="frozen", reason=freeze.reason)
    return freeze


def end(tx: Session, team: str, *, by: str, by_name: str, now: datetime) -> Freeze | None:
    """End the freeze; returns it, or None where there is none."""
    locks.one_at_a_time(tx, _INTENTS)
    freeze = current(tx, team)
    if freeze is None:
        return None
    freeze.ended_by, freeze.ended_name, freeze.ended_at = by, by_name, now
    tx.add(freeze)
    audit.record(tx, at=now, team=team, actor=by, event="unfrozen")
    return freeze
