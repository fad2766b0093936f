"""Whose turn it is: the first few of each line, so that no line is read to its end, and none waits for another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

FIRST = 8  # of each line


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is passed over in a round, by the numbers of the rows and the channels they are for."""

    resting: Collection[int | str] = ()
    late: Collection[int | str] = ()  # it did not work the last time: they come after the others of their line
    channels: Collection[str] = ()  # something is in hand there
    began_by: datetime | None = None  # of those that are in hand since then or earlier; None: all of them


EVERYBODY = Turn()


def firsts(
    waiting: "sa.Select[Any]",
    number: "sa.SQLColumnExpression[Any]",
    channel: "sa.SQLColumnExpression[Any]",
    turn: Turn,
    *,
    line: "Sequence[sa.SQLColumnExpression[Any]]",
    order: "Sequence[sa.SQLColumnExpression[Any]]",
) -> sa.Subquery:
    """Those of the rows that have their turn, with a column `is_late` beside their own.

    Args:
        waiting: the rows.
        number: what they are called in `turn`.
        channel: what each is for.
        turn: who is passed over.
        line: what makes rows wait for each other.
        order: in which they do, where none is late.
    """
    is_late = sa.case((number.in_(turn.late), 1), else_=0)
    place = sa.func.row_number().over(partition_by=line, order_by=[is_late, *order])
    lines = (
        waiting.add_columns(is_late.label("is_late"), place.label("place"))
        .where(number.not_in(turn.resting), channel.not_in(turn.channels))
        .subquery()
    )
    return sa.select(lines).where(lines.c.place <= FIRST).subquery()


def began_by(moment: "sa.SQLColumnExpression[Any]", turn: Turn) -> "sa.ColumnElement[bool]":
    """What is not in hand, or has been for so long that somebody has to look what came of it."""
    return sa.true() if turn.began_by is None else sa.or_(moment.is_(None), moment <= turn.began_by)
