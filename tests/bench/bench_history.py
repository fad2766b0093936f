"""How soon look-ups are answered on a history of 100,000 deletions, against one of 1,000; on both databases."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.memory import Memory
from bot.model import Actor
from bot.rules import Rulebook
from storage import migrations, permissions
from storage.database import Database
from storage.history import Mark
from storage.tables import Action, Audit, Deletion, Effect, Permission, State
from tests import postgres

FEW, MANY, TIMES = 1_000, 100_000, 7
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ANN, DAN, EVE = (Actor("T1", f"U{name}", name) for name in ("ANN", "DAN", "EVE"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, postgres.serving() as server:
        urls = {
            "SQLite": (f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db"),
            "PostgreSQL": (server.new(), server.new()),
        }
        for name, (small, large) in urls.items():
            few, many = _times(small, FEW), _times(large, MANY)
            for what, seconds in many.items():
                ratio = seconds / few[what]
                print(f"{name}: {what}: {seconds * 1000:.0f} ms at {MANY:,} (goal 1000), ratio to {FEW:,}: {ratio:.1f}")


def _times(url: str, count: int) -> dict[str, float]:
    database = Database(url)
    try:
        migrations.upgrade(database)
        _fill(database, count)
        memory = Memory(database, Rulebook(), lambda: NOW)
        deep = Mark(NOW - timedelta(minutes=count // 2), "D-0")
        looks: dict[str, Callable[[], object]] = {
            "the first page": lambda: memory.history(ANN, at_most=10),
            "a page in the middle": lambda: memory.history(ANN, after=deep, at_most=10),
            "of one name": lambda: memory.history(ANN, name="web-7", at_most=10),
            "of one person": lambda: memory.history(ANN, person=DAN.id, at_most=10),
            "of 30 days": lambda: memory.history(ANN, since=timedelta(days=30), at_most=10),
            "status": lambda: memory.history(ANN, at_most=10, is_live=True),
            "of who may see one in a hundred": lambda: memory.history(DAN, at_most=10),
            "of who may see none, by tags": lambda: memory.history(EVE, at_most=10),
            "a story": lambda: memory.story(ANN, "D-7"),
        }
        return {what: _median(look) for what, look in looks.items()}
    finally:
        database.close()


def _median(look: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        look()
        return time.perf_counter() - started

    return statistics.median(once() for _ in range(TIMES))


def _fill(database: Database, count: int) -> None:
    rows: list[dict[str, object]] = []
    record: list[dict[str, object]] = []
    for number in range(count):
        at, name = NOW - timedelta(minutes=number), f"{'db' if number % 100 == 0 else 'web'}-{number % 500}"
        snapshot: dict[str, object] = {
            "arn": f"arn:{number}",
            "name": name,
            "region": "us-east-1",
            "created_at": at.isoformat(),
            "state": "available",
            "size_gb": 40,
            "tags": {"env": "staging"},
        }
        rows.append(
            Deletion(
                id=f"D-{number}",
                state=State.DELETED,
                team_id="T1",
                channel_id="C1",
                trigger_id=f"{number}",
                requester_id=ANN.id if number % 7 else DAN.id,
                requester_name="ann",
                asked_at=at,
                expires_at=at,
                arn=f"arn:{number}",
                name=name,
                region="us-east-1",
                snapshot=snapshot,
            ).model_dump()
        )
        record += [
            {"at": at, "team_id": "T1", "actor": "U1", "event": event, "deletion_id": f"D-{number}", "facts": {}}
            for event in ("pending", "ready", "deleting", "operation", "deleted")
        ]
    with database.transaction() as tx:
        for table, made in ((Deletion, rows), (Audit, record)):
            for start in range(0, len(made), 2_000):
                tx.execute(sa.insert(table), made[start : start + 2_000])
        prod: dict[str, str | None] = {"env": "prod"}
        for person, pattern, tags in ((ANN, "*", {}), (DAN, "db-*", {}), (EVE, "*", prod)):
            row = Permission(
                team_id="T1",
                subject=person.id,
                effect=Effect.ALLOW,
                action=Action.VIEW,
                pattern=pattern,
                tags=tags,
                granted_by="x",
                granted_at=NOW,
            )
            permissions.grant(tx, row)


if __name__ == "__main__":
    main()
