"""Outages: when AWS does not accept the bot's credentials, where, and since when."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from storage.tables import Outage

SAME = timedelta(hours=1)  # after its end; what comes back sooner is the same outage


def open_regions(tx: Session) -> set[str]:
    """The regions in which one has begun and not ended."""
    return set(tx.exec(select(Outage.region).where(col(Outage.ended_at).is_(None))))


def begin(tx: Session, region: str, *, at: datetime, facts: dict[str, str]) -> Outage | None:
    """Begin one; None where one is under way, or was a moment ago and now goes on: that has been told."""
    last = _last(tx, region)
    if last and (last.ended_at is None or at < last.ended_at + SAME):
        last.ended_at = None
        return None
    outage = Outage(region=region, began_at=at, facts=facts)
    try:
        with tx.begin_nested():
            tx.add(outage)
            tx.flush()
    except IntegrityError:  # somebody else was first
        return None
    return outage


def _last(tx: Session, region: str) -> Outage | None:
    return tx.exec(select(Outage).where(Outage.region == region).order_by(col(Outage.id).desc())).first()


def end(tx: Session, regions: Collection[str], *, at: datetime) -> None:
    """End those that are under way in the regions."""
    tx.exec(
        update(Outage)
        .where(col(Outage.region).in_(regions), col(Outage.ended_at).is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )
