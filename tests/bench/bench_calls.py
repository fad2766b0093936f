"""How often AWS and the database are asked for a deletion after the click, with 1, 50 and 500 in flight at once.

Run by hand or by `make bench`; other numbers of deletions can be named: `make bench ARGS="1 2000"`. All deletions are
in one region, where they share one budget. The bot, its people, Slack and AWS are one process here, hence the seconds
are longer than they need be; the calls are what AWS's own record says. Slack's pace is out of the way.
"""

import math
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import col, func, select

from bot.lightsail import Lightsail
from bot.sandbox import company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import LocalSlack, Message
from bot.slack import pace
from storage import deletions
from storage.tables import CardCopy, Deletion, Delivery, Notice, NoticeKind, State
from tests.conftest import Clock, World

COUNTS = (1, 50, 500)
CHANNELS, CLICKING = 60, 8
REGION = company.REGIONS[0]
WITHIN = 600  # seconds
PACES: dict[str, list[tuple[str, float | None]]] = {
    "at once": [("Succeeded", 0)],
    "after 5 s": [("NotStarted", 0), ("Started", 1), ("Succeeded", 4)],
    "after 30 s": [("NotStarted", 0), ("Started", 1), ("Succeeded", 29)],
}


@dataclass
class Traffic:
    """What the follower asks of the database: its steps, and beside them its loop, which looks what is due."""

    looking: int = 0  # statements of the loop
    begun: int = 0
    statements: int = 0
    written: int = 0  # commits of transactions that may write, on SQLite one after the other
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self, engine: sa.Engine) -> Iterator[None]:
        """Count while in the block."""
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", self._commit)
        try:
            yield
        finally:
            event.remove(engine, "begin", self._begin)
            event.remove(engine, "before_cursor_execute", self._execute)
            event.remove(engine, "commit", self._commit)

    def _begin(self, _: sa.Connection) -> None:
        self._add(begun=1)

    def _execute(self, _: sa.Connection, __: object, statement: str, *___: object) -> None:
        if statement.startswith(("BEGIN", "PRAGMA")):
            return
        if threading.current_thread().name == "follower":
            self.looking += 1
        self._add(statements=1)

    def _commit(self, connection: sa.Connection) -> None:
        if not connection.get_execution_options().get("lightkeeper_reads"):
            self._add(written=1)

    def _add(self, **more: int) -> None:
        if not threading.current_thread().name.startswith("follower_"):
            return
        with self._lock:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)


@dataclass(frozen=True)
class Result:
    """Of one run: calls of AWS after the clicks by action, the follower's traffic, seconds until all was told."""

    count: int
    calls: Counter[str]
    traffic: Traffic
    seconds: float
    busiest: int  # looks at operations in one second

    def each(self, number: int) -> float:
        return number / self.count

    def report(self, name: str, base: "Result") -> str:
        polls, all_calls = self.calls["GetOperation"], self.calls.total()
        ratio = self.each(all_calls) / base.each(base.calls.total())
        traffic = self.traffic
        return (
            f"{name}, {self.count} in flight: {self.each(all_calls):.2f} calls each (ratio to one {ratio:.2f}), "
            f"{self.each(polls):.2f} of them polls, at most {self.busiest} a second; all told in {self.seconds:.0f} s. "
            f"SQL of the steps each: {self.each(traffic.statements):.1f} statements, {self.each(traffic.begun):.1f} "
            f"transactions, {self.each(traffic.written):.1f} of them to write; {self.each(traffic.looking):.1f} "
            f"statements to see what is due. {dict(self.calls)}"
        )


def main() -> None:
    counts = [int(count) for count in sys.argv[1:]] or list(COUNTS)
    with pytest.MonkeyPatch.context() as patches, LocalLightsail() as aws:
        for name, value in aws.environment().items():
            patches.setenv(name, value)
        for name in ("BURST", "EDIT_BURST"):
            patches.setattr(pace, name, 1_000_000)
        for name, steps in PACES.items():
            base = run(aws, steps, 1)
            for count in counts:
                result = base if count == 1 else run(aws, steps, count)
                print(result.report(name, base), flush=True)


def run(aws: LocalLightsail, steps: list[tuple[str, float | None]], count: int) -> Result:
    """Have so many cards, click on all of them, and wait until every outcome is told."""
    aws.reset()
    aws.pace(steps)
    with tempfile.TemporaryDirectory() as folder, LocalSlack(limits=False, ack_seconds=WITHIN) as slack:
        world = World(slack, aws, Clock(), f"sqlite:///{Path(folder) / 'bench.db'}", "http")
        bot = world.start()
        try:
            cards = dict(_cards(world, count))
            before, traffic = len(aws.calls()), Traffic()
            with traffic.counted(bot.database.engine), ThreadPoolExecutor(CLICKING) as pool:
                started = time.monotonic()
                while waiting := _waiting(world, cards):  # some are told that the database is busy
                    list(pool.map(lambda card: world.staff.ann.clicks("Delete snapshot", message=card), waiting))
                slack.wait_for(lambda: _told(world) == count, WITHIN, f"{count} outcomes")
                seconds = time.monotonic() - started
        finally:
            world.stop()
            world.database.close()
        calls = aws.calls()[before:]
        polls = Counter(math.floor(call.at.timestamp()) for call in calls if call.action == "GetOperation")
        return Result(count, Counter(call.action for call in calls), traffic, seconds, max(polls.values(), default=0))


def _cards(world: World, count: int) -> Iterator[tuple[str, Message]]:
    """Cards that wait for a click, by deletion, without the looks at AWS that come before one."""
    channels = [world.slack.channel(f"ops-{number}", members=[world.staff.ann]) for number in range(CHANNELS)]
    world.grant(world.staff.ann)
    for number in range(count + 1):  # one stays: the last of an instance needs a second person
        world.aws.snapshot(f"release-{number}", of="web-1", region=REGION)
    reader = Lightsail([REGION])
    with world.database.transaction() as tx:
        for number, snapshot in enumerate(reader.names([REGION])[:count]):
            now, channel = datetime.now(UTC), channels[number % CHANNELS]
            asked = Deletion(
                id=f"D-{number:05}",
                team_id=world.slack.team_id,
                channel_id=channel.id,
                trigger_id=f"trigger-{number}",
                requester_id=world.staff.ann.id,
                requester_name="ann",
                asked_at=now,
                expires_at=now + timedelta(hours=1),
                due_at=now + timedelta(hours=1),
                arn=snapshot.arn,
                name=snapshot.name,
                region=REGION,
                snapshot=snapshot.to_json(),
            )
            deletions.add(tx, asked)
    reader.close()
    world.wake()
    world.slack.wait_for(lambda: _pending(world) == count, WITHIN, f"{count} cards")
    with world.database.reading() as tx:
        posted = tx.exec(select(CardCopy)).all()
    yield from ((copy.deletion_id, world.slack.message(copy.channel_id, copy.ts or "")) for copy in posted)


def _waiting(world: World, cards: dict[str, Message]) -> list[Message]:
    with world.database.reading() as tx:
        return [cards[number] for number in tx.exec(select(Deletion.id).where(Deletion.state == State.PENDING))]


def _pending(world: World) -> int:
    with world.database.reading() as tx:
        return tx.exec(select(func.count()).where(col(Deletion.state) == State.PENDING)).one()


def _told(world: World) -> int:
    told = (col(Notice.kind) == NoticeKind.ENDED, col(Notice.delivery) == Delivery.SENT)
    with world.database.reading() as tx:
        return tx.exec(select(func.count()).where(*told)).one()


if __name__ == "__main__":
    main()
