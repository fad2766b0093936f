"""Whose turn it is: the first few of each line, so that no line is read to its end, and none waits for another."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

FIRST = 8  # of each line
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is passed over in a round, by the numbers of the rows and the channels they are for."""

    resting: Collection[int | str] = ()
    late: Collection[int | str] = ()  # it did not work the last time: they come after the others of their line
    channels: Collection[str] = ()  # something is in hand there
    began_by: datetime = _END_OF_TIME  # of what is in hand, only what is since then or earlier

    def values(self) -> dict[str, object]:
        """What a statement of `firsts` is to be executed with: it is built once, and used in every round."""
        return asdict(self)


EVERYBODY = Turn()


def firsts(
    waiting: "sa.Select[Any]",
    number: "sa.SQLColumnExpression[Any]",
    channel: "sa.SQLColumnExpression[Any]",
    *,
    line: "Sequence[sa.SQLColumnExpression[Any]]",
    order: "Sequence[sa.SQLColumnExpression[Any]]",
) -> sa.Subquery:
    """Those of the rows that have their turn, with a column `is_late` beside their own.

    Args:
        waiting: the rows.
        number: what they are called in a `Turn`.
        channel: what each is for.
        line: what makes rows wait for each other.
        order: in which they do, where none is late.
    """
    is_late = sa.case((number.in_(sa.bindparam("late", expanding=True)), 1), else_=0)
    place = sa.func.row_number().over(partition_by=line, order_by=[is_late, *order])
    lines = (
        waiting.add_columns(is_late.label("is_late"), place.label("place"))
        .where(
            number.not_in(sa.bindparam("resting", expanding=True)),
            channel.not_in(sa.bindparam("channels", expanding=True)),
        )
        .subquery()
    )
    return sa.select(lines).where(lines.c.place <= FIRST).subquery()


def began_by(moment: "sa.SQLColumnExpression[Any]") -> "sa.ColumnElement[bool]":
    """What is not in hand, or has been for so long that somebody has to look what came of it."""
    return sa.or_(moment.is_(None), moment <= sa.bindparam("began_by"))
