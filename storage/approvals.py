"""People's words for somebody else's deletion."""

from collections.abc import Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from storage.tables import Approval


def add(tx: Session, approval: Approval) -> bool:
    """Add somebody's word; False if they have given it before."""
    dialect = sqlite if tx.get_bind().dialect.name == "sqlite" else postgresql
    values = approval.model_dump(exclude={"id"})
    added = dialect.insert(Approval).values(**values).on_conflict_do_nothing()
    return tx.exec(added.returning(col(Approval.id))).first() is not None


def of(tx: Session, deletion: str) -> Sequence[Approval]:
    """The words that were given for a deletion, in their order."""
    return tx.exec(select(Approval).where(Approval.deletion_id == deletion).order_by(col(Approval.id))).all()
