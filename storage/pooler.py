"""Finds out whether a pooler between us and PostgreSQL would take the lease's connection apart."""

import sqlalchemy as sa

from storage.database import Database

ROUNDS = 3  # a pooler that others use, too, may happen to part the two once


def is_between(database: Database) -> bool:
    """Whether two open connections share one server process, each in its turn, as a transaction pooler has them do.

    Its connections hold no session lock and hear no notification: two processes could both hold the lease.
    Source: https://www.pgbouncer.org/features.html
    """
    whose = sa.text("SELECT pg_backend_pid()")
    with database.engine.connect() as one, database.engine.connect() as other:
        seen: dict[sa.Connection, set[int]] = {one: set(), other: set()}
        for connection in (one, other) * ROUNDS:
            seen[connection].add(connection.execute(whose).scalar_one())
            connection.commit()
    return not (len(seen[one]) == len(seen[other]) == 1 and seen[one] != seen[other])
