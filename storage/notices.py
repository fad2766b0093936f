"""Notices: facts that must be said in a deletion's thread, or to one person."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from storage.tables import Delivery, Notice, NoticeKind

UNSAID = (Delivery.WAITING, Delivery.SENDING)


def add(tx: Session, key: str, deletion: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]) -> None:
    """Add a notice, in the transaction that makes it true."""
    tx.add(Notice(key=key, deletion_id=deletion, kind=kind, at=at, facts=facts))


def add_once(tx: Session, key: str, deletion: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]) -> None:
    """Add a notice unless one with the key was added before."""
    if tx.exec(select(Notice.id).where(Notice.key == key)).first() is None:
        add(tx, key, deletion, kind, at=at, facts=facts)


def add_for(tx: Session, person: str, key: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]) -> None:
    """Add a notice for one person alone."""
    tx.add(Notice(key=key, recipient=person, kind=kind, at=at, facts=facts))


def for_people(tx: Session) -> Sequence[Notice]:
    """What is still to be said to one person, oldest first."""
    return tx.exec(
        select(Notice)
        .where(col(Notice.recipient).is_not(None), col(Notice.delivery).in_(UNSAID))
        .order_by(col(Notice.id))
    ).all()


def unsaid(tx: Session, deletion: str) -> Sequence[Notice]:
    """What is still to be said about a deletion, oldest first."""
    return tx.exec(
        select(Notice).where(Notice.deletion_id == deletion, col(Notice.delivery).in_(UNSAID)).order_by(col(Notice.id))
    ).all()


def deletions_with_unsaid(tx: Session) -> Sequence[str]:
    """The ids of deletions about which something is still to be said, oldest first."""
    rows = tx.exec(select(Notice.deletion_id).where(col(Notice.delivery).in_(UNSAID)).order_by(col(Notice.id))).all()
    return list(dict.fromkeys(number for number in rows if number))
