"""Has a database be as when its schema was new."""

import sys
from datetime import UTC, datetime

from sqlmodel import Session, SQLModel

from storage import audit
from storage.tables import AuditRetention

_BEFORE_ALL, _AFTER_ALL = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def empty(tx: Session, *without: str) -> None:
    """Let go of every row, but of those tables; the audit goes only because all of it counts as old."""
    audit.forget(tx, _AFTER_ALL, _BEFORE_ALL, at_most=sys.maxsize)
    tx.flush()
    last = str(AuditRetention.__tablename__)
    tables = [table for table in reversed(SQLModel.metadata.sorted_tables) if table.name not in (last, *without)]
    for table in (*tables, SQLModel.metadata.tables[last]):
        tx.execute(table.delete())
