"""Has transactions about one thing go one after the other."""

import sqlalchemy as sa
from sqlmodel import Session


def one_at_a_time(tx: Session, about: str) -> None:
    """Wait until no other transaction is about the same, and keep others waiting until this one ends.

    What is read after it is what the one before has committed. On SQLite there is one writer anyhow.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(about, 0))))
