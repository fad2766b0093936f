"""Has transactions about one thing go one after the other."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import Session


def one_at_a_time(tx: Session, about: str) -> None:
    """Wait until no other transaction is about the same, and keep others waiting until this one ends.

    What is read after it is what the one before has committed. On SQLite there is one writer anyhow.
    """
    _take(tx, sa.func.pg_advisory_xact_lock, about)


def side_by_side(tx: Session, about: str) -> None:
    """Keep those waiting that want to be alone with it until this one ends, but not others that don't.

    Whoever comes after one that waits to be alone waits as well, so that its turn comes in any rush.
    """
    _take(tx, sa.func.pg_advisory_xact_lock_shared, about)


def _take(tx: Session, lock: Callable[..., sa.ColumnElement[None]], about: str) -> None:
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(sa.select(lock(sa.func.hashtextextended(about, 0))))
