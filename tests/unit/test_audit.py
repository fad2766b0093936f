"""The record: it grows, nothing changes it, and only what is old enough goes, where a setting says so."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.retention import Retention
from bot.slack import files
from storage import audit
from storage.advisory_lease import AdvisoryLease
from storage.database import Database
from storage.file_lease import FileLease
from storage.tables import Audit
from tests.conftest import on_both

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
pytestmark = on_both


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.transaction() as tx:
        for days in (100, 50, 1):
            at = NOW - timedelta(days=days)
            audit.record(tx, at=at, team="T1", actor="U1", event=f"{days} days ago", reason="=cmd|' /C calc'!A0")
        audit.record(tx, at=NOW, team="T2", actor="U2", event="elsewhere")
    yield made
    made.close()


def events(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row.event for row in tx.exec(select(Audit).order_by(sa.text("id")))]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE event = 'elsewhere'",
        "TRUNCATE audit",
    ],
)
def test_no_row_is_changed_or_removed(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"only ever added to|TRUNCATE"), database.transaction() as tx:
        tx.execute(sa.text(statement))

    assert len(events(database)) == 4


def test_what_is_older_than_is_kept_goes_and_that_is_on_the_record(database: Database) -> None:
    with database.transaction() as tx:
        gone = audit.forget(tx, NOW - timedelta(days=30), NOW)

    assert gone == 2
    assert events(database) == ["1 days ago", "elsewhere", "audit_forgotten"]
    with pytest.raises(DBAPIError, match="only ever added to"), database.transaction() as tx:
        tx.execute(sa.text("DELETE FROM audit"))


def test_where_nothing_is_old_nothing_is_said(database: Database) -> None:
    with database.transaction() as tx:
        assert audit.forget(tx, NOW - timedelta(days=1000), NOW) == 0

    assert "audit_forgotten" not in events(database)


def test_an_export_is_of_a_team_and_of_a_time(database: Database) -> None:
    with database.reading() as tx:
        found = [row.event for row in audit.rows(tx, "T1", NOW - timedelta(days=60))]

    assert found == ["50 days ago", "1 days ago"]


def test_no_cell_is_a_formula(database: Database) -> None:
    with database.reading() as tx:
        row, *_ = audit.rows(tx, None, None)
    row.actor = "=HYPERLINK(1)"
    cells = list(csv.reader(io.StringIO("".join(files.lines([row], "csv")))))[1]

    assert cells[1] == "'=HYPERLINK(1)"
    assert json.loads(cells[4]) == {"reason": "=cmd|' /C calc'!A0"}


def test_lines_of_json_hold_all_of_it(database: Database) -> None:
    with database.reading() as tx:
        told = [json.loads(line) for line in files.lines(audit.rows(tx, None, None), "jsonl")]

    assert [one["event"] for one in told] == events(database)
    assert told[0] == {
        "at": (NOW - timedelta(days=100)).isoformat(),
        "actor": "U1",
        "event": "100 days ago",
        "deletion": "",
        "facts": {"reason": "=cmd|' /C calc'!A0"},
    }


def test_what_is_old_goes_a_few_rows_at_a_time(database: Database) -> None:
    with database.transaction() as tx:
        first = audit.forget(tx, NOW - timedelta(days=30), NOW, at_most=1)
    left = events(database)
    with database.transaction() as tx:
        second = audit.forget(tx, NOW - timedelta(days=30), NOW, at_most=1)

    assert (first, left[:2], second) == (1, ["50 days ago", "1 days ago"], 1)
    assert events(database)[0] == "1 days ago"


def test_the_retention_of_a_setting_is_kept_by_the_process_that_holds_the_lease(database: Database) -> None:
    lease = (FileLease if database.is_sqlite else AdvisoryLease)(database, lambda: NOW)
    if isinstance(lease, FileLease):
        lease.lock()
    lease.start()
    while not lease.is_held:
        lease.wait(0, 0.05)
    retention = Retention(lease, timedelta(days=60), lambda: NOW)
    try:
        retention.start_due()
        retention.start_due()  # not due again before tomorrow
    finally:
        retention._pool.shutdown()
        retention.stop()
        lease.release()

    assert events(database) == ["50 days ago", "1 days ago", "elsewhere", "audit_forgotten"]
