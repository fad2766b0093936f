"""Receipts: which commands and clicks were acted on, so that none is acted on twice."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete

from storage.tables import Receipt

# A signed request may be sent again as long as its time counts as now: five minutes, and five more where the clocks
# differ by as many. Whoever acknowledges nothing in Socket Mode gets it again within that time, too.
KEPT = timedelta(hours=1)


def take(tx: Session, trigger: str, now: datetime) -> bool:
    """Take a delivery for oneself, in the transaction that acts on it; False if that was done before.

    Slack gives every command and click a trigger of its own, and sends it again when it sends the same again.
    Where two processes take one at a time, the second waits for what becomes of the first.
    """
    dialect = sqlite if tx.get_bind().dialect.name == "sqlite" else postgresql
    taken = dialect.insert(Receipt).values(trigger_id=trigger, at=now).on_conflict_do_nothing()
    return tx.exec(taken.returning(col(Receipt.trigger_id))).first() is not None


def forget(tx: Session, now: datetime) -> None:
    """Forget what can't come again any more."""
    tx.exec(delete(Receipt).where(col(Receipt.at) < now - KEPT))
