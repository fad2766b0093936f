"""Notices: facts that must be said in a deletion's thread, or to one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.tables import CardCopy, Deletion, Delivery, Notice, NoticeKind
from storage.turns import EVERYBODY, Turn, began_by, firsts

UNSAID = (Delivery.WAITING, Delivery.SENDING)


def add(tx: Session, key: str, deletion: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]) -> None:
    """Add a notice, in the transaction that makes it true."""
    tx.add(Notice(key=key, deletion_id=deletion, kind=kind, at=at, facts=facts))


def is_known(tx: Session, key: str) -> bool:
    """Whether a notice with the key was added."""
    return tx.exec(select(Notice.id).where(Notice.key == key)).first() is not None


def has(tx: Session, deletion: str, kind: NoticeKind) -> bool:
    """Whether there is a notice of the kind about a deletion, said or not."""
    return tx.exec(select(Notice.id).where(Notice.deletion_id == deletion, Notice.kind == kind)).first() is not None


def add_for(tx: Session, person: str, key: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]) -> None:
    """Add a notice for one person alone."""
    tx.add(Notice(key=key, recipient=person, kind=kind, at=at, facts=facts))


def _for_people() -> SelectOfScalar[Notice]:
    number, person = col(Notice.id), col(Notice.recipient)
    waiting = sa.select(number).where(
        person.is_not(None), col(Notice.delivery).in_(UNSAID), began_by(col(Notice.sending_since))
    )
    found = firsts(waiting, number, person, line=(person, col(Notice.delivery)), order=(number,))
    return select(Notice).join(found, found.c.id == number).order_by(found.c.is_late, number)


_FOR_PEOPLE = _for_people()


def for_people(tx: Session, turn: Turn = EVERYBODY) -> Sequence[Notice]:
    """The first of what is still to be said to each person alone, oldest first."""
    return tx.exec(_FOR_PEOPLE, params=turn.values()).all()


def unsaid(tx: Session, deletion: str) -> Sequence[Notice]:
    """What is still to be said about a deletion, oldest first."""
    return tx.exec(
        select(Notice).where(Notice.deletion_id == deletion, col(Notice.delivery).in_(UNSAID)).order_by(col(Notice.id))
    ).all()


class Thread(NamedTuple):
    """A deletion about which something is still to be said."""

    deletion_id: str
    channel: str  # of its card; or the asker, where the card's thread can't take it
    is_doubtful: bool  # something may have been said already


def _threads() -> "sa.Select[tuple[str, str, datetime | None]]":
    number = col(Notice.deletion_id)
    unsaid = (
        sa.select(
            number.label("number"),
            sa.func.min(col(Notice.id)).label("oldest"),
            sa.func.max(col(Notice.sending_since)).label("since"),
            sa.func.max(col(Notice.channel_id)).label("elsewhere"),
        )
        .where(number.is_not(None), col(Notice.delivery).in_(UNSAID))
        .group_by(number)
        .subquery()
    )
    copy = aliased(CardCopy)
    card = sa.select(sa.func.min(copy.id)).where(col(copy.deletion_id) == unsaid.c.number).scalar_subquery()
    is_direct = col(CardCopy.ts).is_(None) | unsaid.c.elsewhere.is_not(None)
    channel = sa.case((is_direct, col(Deletion.requester_id)), else_=col(CardCopy.channel_id))
    waiting = (
        sa.select(unsaid, channel.label("channel"))
        .select_from(unsaid)
        .join(CardCopy, col(CardCopy.id) == card)
        .join(Deletion, col(Deletion.id) == unsaid.c.number)
        .where(col(CardCopy.ts).is_not(None) | (col(CardCopy.delivery) == Delivery.DROPPED), began_by(unsaid.c.since))
    )
    line = (channel, unsaid.c.since.is_(None))
    found = firsts(waiting, unsaid.c.number, channel, line=line, order=(unsaid.c.oldest,))
    return sa.select(found.c.number, found.c.channel, found.c.since).order_by(found.c.is_late, found.c.oldest)


_THREADS = _threads()


def threads(tx: Session, turn: Turn = EVERYBODY) -> list[Thread]:
    """The first deletions of each channel about which something is to be said, oldest first; a card comes before."""
    rows = tx.execute(_THREADS, turn.values())
    return [Thread(number, channel, since is not None) for number, channel, since in rows]
