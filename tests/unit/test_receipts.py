"""Receipts of commands and clicks, on SQLite and on a real PostgreSQL."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from storage import migrations, receipts
from storage.database import Database, DatabaseBusyError
from storage.tables import Receipt

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """One database, as two processes have it."""
    sqlite = f"sqlite:///{tmp_path / 'keeper.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgresql")()
    one, other = Database(url), Database(url)
    migrations.upgrade(one)
    yield one, other
    one.close()
    other.close()


def take(database: Database, trigger: str, at: datetime = NOW) -> bool:
    with database.transaction() as tx:
        return receipts.take(tx, trigger, at)


def test_a_delivery_is_taken_once(databases: tuple[Database, Database]) -> None:
    one, other = databases

    assert [take(one, "1.2.3"), take(one, "1.2.3"), take(other, "1.2.3")] == [True, False, False]


def test_another_delivery_is_another(databases: tuple[Database, Database]) -> None:
    one, _ = databases

    assert take(one, "1.2.3")
    assert take(one, "1.2.4")


def test_what_was_not_acted_on_was_not_taken(databases: tuple[Database, Database]) -> None:
    one, other = databases
    with suppress(KeyError), one.transaction() as tx:
        receipts.take(tx, "1.2.3", NOW)
        raise KeyError

    assert take(other, "1.2.3")


def test_of_many_at_once_one_takes_it(databases: tuple[Database, Database]) -> None:
    together = threading.Barrier(8)

    def race(number: int) -> bool:
        together.wait()
        try:
            return take(databases[number % 2], "1.2.3")
        except DatabaseBusyError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(8))) == 1


def test_what_can_come_no_more_is_forgotten(databases: tuple[Database, Database]) -> None:
    one, other = databases
    take(one, "old")
    take(other, "new", NOW + timedelta(minutes=59))
    with one.transaction() as tx:
        receipts.forget(tx, NOW + receipts.KEPT + timedelta(seconds=1))

    with one.reading() as tx:
        assert [row.trigger_id for row in tx.exec(select(Receipt))] == ["new"]


def test_nothing_is_forgotten_while_its_signature_counts() -> None:
    assert timedelta(minutes=10) < receipts.KEPT
