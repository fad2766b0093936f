"""Copies of cards: which message shows which version of a deletion."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables import CardCopy, Delivery


def unposted(tx: Session) -> Sequence[CardCopy]:
    """Copies that are in no channel yet, as far as we know; oldest first."""
    return tx.exec(
        select(CardCopy)
        .where(col(CardCopy.delivery).in_((Delivery.WAITING, Delivery.SENDING)))
        .order_by(col(CardCopy.id))
    ).all()


def outdated(tx: Session) -> Sequence[CardCopy]:
    """Copies that show an older version than they should; oldest first."""
    return tx.exec(
        select(CardCopy)
        .where(CardCopy.delivery == Delivery.SENT, col(CardCopy.shown_version) < col(CardCopy.wanted_version))
        .order_by(col(CardCopy.id))
    ).all()


def of_deletion(tx: Session, deletion: str) -> CardCopy | None:
    """The copy under which the deletion's thread is."""
    return tx.exec(select(CardCopy).where(CardCopy.deletion_id == deletion).order_by(col(CardCopy.id))).first()


def at(tx: Session, channel: str, ts: str) -> CardCopy | None:
    """The copy that is this message."""
    return tx.exec(select(CardCopy).where(CardCopy.channel_id == channel, CardCopy.ts == ts)).first()
