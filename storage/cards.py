"""Copies of cards: which message shows which version of a deletion."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from storage.tables import LIVE, CardCopy, Deletion, Delivery, Place
from storage.turns import EVERYBODY, Turn, began_by, firsts


class Outdated(NamedTuple):
    """A copy that shows an older version than it should, and whether its deletion has ended."""

    copy: CardCopy
    is_over: bool


def _unposted() -> SelectOfScalar[CardCopy]:
    number, channel = col(CardCopy.id), col(CardCopy.channel_id)
    waiting = sa.select(number).where(
        col(CardCopy.delivery).in_((Delivery.WAITING, Delivery.SENDING)), began_by(col(CardCopy.sending_since))
    )
    found = firsts(waiting, number, channel, line=(channel, col(CardCopy.delivery)), order=(number,))
    return select(CardCopy).join(found, found.c.id == number).order_by(found.c.is_late, number)


def _outdated() -> Select[CardCopy, int]:
    number, channel = col(CardCopy.id), col(CardCopy.channel_id)
    is_live = sa.case((col(Deletion.state).in_(LIVE), 1), else_=0)
    waiting = (
        sa.select(number, is_live.label("is_live"))
        .join(Deletion, col(Deletion.id) == col(CardCopy.deletion_id))
        .where(  # not by `delivery`, as SQLite would use its index and read all cards that ever were
            col(CardCopy.ts).is_not(None),
            col(CardCopy.delivery) != Delivery.DROPPED,
            col(CardCopy.shown_version) < col(CardCopy.wanted_version),
        )
    )
    found = firsts(waiting, number, channel, line=(channel,), order=(is_live, number))
    return (
        select(CardCopy, found.c.is_live)
        .join(found, found.c.id == number)
        .order_by(found.c.is_live, found.c.is_late, number)
    )


_UNPOSTED, _OUTDATED = _unposted(), _outdated()


def unposted(tx: Session, turn: Turn = EVERYBODY) -> Sequence[CardCopy]:
    """The first copies of each channel that are not there yet, as far as we know; oldest first."""
    return tx.exec(_UNPOSTED, params=turn.values()).all()


def outdated(tx: Session, turn: Turn = EVERYBODY) -> list[Outdated]:
    """The first copies of each channel that show an older version than they should: endings first, then oldest."""
    return [Outdated(copy, not is_live) for copy, is_live in tx.exec(_OUTDATED, params=turn.values())]


def of_deletion(tx: Session, deletion: str) -> CardCopy | None:
    """The copy under which the deletion's thread is."""
    return tx.exec(select(CardCopy).where(CardCopy.deletion_id == deletion).order_by(col(CardCopy.id))).first()


def channels(tx: Session, deletion: str) -> set[str]:
    """Where copies of a deletion's card are, or are to be."""
    return set(tx.exec(select(CardCopy.channel_id).where(CardCopy.deletion_id == deletion)))


def in_place(tx: Session, deletion: str, place: Place) -> CardCopy | None:
    """The copy that is there for something, if Slack has it."""
    return tx.exec(
        select(CardCopy).where(CardCopy.deletion_id == deletion, CardCopy.place == place, col(CardCopy.ts).is_not(None))
    ).first()


def at(tx: Session, channel: str, ts: str) -> CardCopy | None:
    """The copy that is this message."""
    return tx.exec(select(CardCopy).where(CardCopy.channel_id == channel, CardCopy.ts == ts)).first()
