"""Freezes, as they stand in the database."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from storage import freezes
from storage.database import Database
from storage.tables import Freeze
from tests.conftest import on_both

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def freeze(tx_of: Database) -> Freeze:
    with tx_of.transaction() as tx:
        return freezes.begin(tx, Freeze(team_id="T1", by="U1", by_name="ann", reason="INC-9", began_at=NOW))


@on_both
def test_there_is_one_freeze_at_a_time(database: Database) -> None:
    first, second = freeze(database), freeze(database)

    assert first.id == second.id


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyhow
def test_a_freeze_waits_for_who_is_about_to_call_aws(database: Database) -> None:
    begun, may_end = threading.Event(), threading.Event()
    order: list[str] = []

    def intend() -> None:
        with database.transaction() as tx:
            freezes.keep_waiting(tx)
            begun.set()
            may_end.wait(10)
            order.append("intent")

    def freeze_then() -> None:
        freeze(database)
        order.append("freeze")

    with ThreadPoolExecutor(2) as pool:
        intending = pool.submit(intend)
        assert begun.wait(10)
        freezing = pool.submit(freeze_then)
        time.sleep(0.1)  # shorter than a transaction waits for a lock
        may_end.set()
        intending.result()
        freezing.result()

    assert order == ["intent", "freeze"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_freeze_has_its_turn_in_a_rush_of_deletions(database: Database) -> None:
    is_over = threading.Event()

    def delete_and_delete() -> None:
        while not is_over.is_set():
            with database.transaction() as tx:
                freezes.keep_waiting(tx)
                time.sleep(0.05)

    with ThreadPoolExecutor(16) as pool:
        rush = [pool.submit(delete_and_delete) for _ in range(16)]
        time.sleep(0.2)
        try:
            standing = [freeze(database) for _ in range(10)]
        finally:
            is_over.set()
        for one in rush:
            one.result()

    assert len(standing) == 10
