"""A pooler that gives each transaction another connection is found out; a direct connection is not taken for one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from storage import pooler
from storage.database import Database
from tests.faults.proxy import Line, Pooler

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def is_between(url: str) -> bool:
    database = Database(url)
    try:
        return pooler.is_between(database)
    finally:
        database.close()


def test_a_direct_connection_is_none(database_url: str) -> None:
    assert not is_between(database_url)


def test_what_only_passes_things_on_is_none(database_url: str) -> None:
    with Line(database_url) as line:
        assert not is_between(line.url)


def test_a_direct_connection_is_none_while_others_use_the_server(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: is_between(database_url), range(12)))

    assert not any(found)


def test_a_pooler_by_transaction_is_found_out(database_url: str) -> None:
    with Pooler(database_url) as between:
        assert is_between(between.url)


def test_the_pooler_of_these_tests_loses_the_lock_of_a_session(database_url: str) -> None:
    """It is what a real one does: the lock is had by whoever comes next."""
    have = sa.text("SELECT pg_try_advisory_lock(7)")
    with Pooler(database_url) as between:
        one, other = Database(between.url), Database(between.url)
        with one.engine.connect() as first, other.engine.connect() as second:
            had = []
            for connection in (first, second):
                had.append(connection.execute(have).scalar_one())
                connection.commit()
        one.close()
        other.close()

    assert had == [True, True]
