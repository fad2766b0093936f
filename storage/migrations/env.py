"""Runs migrations on the connection that `upgrade` passes."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import AutoString, SQLModel

import storage.tables  # the tables register themselves


def _ours(name: str | None, type_: str, _parents: object) -> bool:
    """Leave tables that others keep in the same database alone."""
    return type_ != "table" or name in SQLModel.metadata.tables


def _plain(type_: str, item: object, _context: object) -> str | Literal[False]:  # pragma: no cover
    """Write types as the database knows them: a migration must not change when our code does.

    Called only while a migration is written.
    """
    match item:
        case sa.Enum() if type_ == "type":
            return f"sa.String(length={item.length})"
        case storage.tables.UtcDateTime() if type_ == "type":
            return "sa.DateTime(timezone=True)"
        case AutoString() if type_ == "type":
            return "sa.String()"
        case _:
            return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    include_name=_ours,
    render_item=_plain,
)
with context.begin_transaction():
    context.run_migrations()
