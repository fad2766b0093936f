"""How many statements a deletion costs the database from its click to its last word, with more and more in flight.

Run by hand or by `make bench`, with numbers of deletions as arguments: 1, 50 and 500 by default. Bot, Slack and AWS are
one process. Prints the statements per deletion by who makes them, and how many times as many as for one alone.
"""

import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select

from bot.sandbox import company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import LocalSlack, Message
from storage.tables import CardCopy, Deletion, Delivery, Notice
from tests.conftest import Clock, World

NUMBERS = (1, 50, 500)
CHANNELS = 60
TAKES = 40  # seconds an operation
WITHIN = 600  # seconds a run


def main() -> None:
    numbers = [int(number) for number in sys.argv[1:]] or NUMBERS
    alone = 0.0
    for number in numbers:
        counted, rounds, seconds = measured(number)
        each = sum(counted.values()) / number
        alone = alone or each
        told = ", ".join(f"{who} {count / number:.1f}" for who, count in counted.most_common())
        print(
            f"{number} in flight: {each:.1f} statements a deletion ({each / alone:.2f} × {numbers[0]} alone), "
            f"{seconds:.0f} s: {told}; a round of the outbox {rounds:.1f}"
        )


def measured(number: int) -> tuple[Counter[str], float, float]:
    """The statements by who made them; those of a round of the outbox; the seconds from the first click to the end."""
    with (
        pytest.MonkeyPatch.context() as patches,
        LocalLightsail() as aws,
        tempfile.TemporaryDirectory() as folder,
        LocalSlack(ack_seconds=30, limits=False) as slack,
    ):
        patches.setattr("bot.slack.pace.BURST", 10_000)
        patches.setattr("bot.slack.pace.EDIT_BURST", 10_000)
        for name, value in aws.environment().items():
            patches.setenv(name, value)
        company.snapshots(aws, datetime.now(UTC))
        world = World(slack, aws, Clock(), f"sqlite:///{Path(folder) / 'bench.db'}", "http")
        world.start()
        try:
            cards = asked(world, number)
            aws.pace([("Started", 0), ("Succeeded", TAKES)])
            with counting(world) as counted:
                begun = time.monotonic()
                with ThreadPoolExecutor(8) as pool:
                    list(pool.map(lambda card: world.staff.ann.clicks("Delete snapshot", message=card), cards))
                slack.wait_for(lambda: is_quiet(world), WITHIN, "end of all")
                seconds = time.monotonic() - begun
            rounds = counted.pop("rounds of the outbox", 0)
            looking = counted["outbox looks"]
            return counted, looking / max(rounds, 1), seconds
        finally:
            world.stop()
            world.database.close()


def asked(world: World, number: int) -> list[Message]:
    """The cards of so many deletions, all of them posted."""
    world.grant(world.staff.ann)
    everybody = [world.staff.ann]
    channels = [world.slack.channel(f"team-{index}", members=everybody) for index in range(min(CHANNELS, number))]
    names = [f"web-1-{index:04}" for index in range(number)]
    for name in names:
        world.aws.snapshot(name, of="web-1")

    def ask(index: int) -> None:
        world.staff.ann.types(f"/snapshot delete {names[index]}", channels[index % len(channels)])

    end = time.monotonic() + WITHIN
    while missing := set(range(number)) - standing(world, names):  # a busy database asks to try again
        assert time.monotonic() < end
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(ask, missing))
        time.sleep(1)
    world.settled()
    return [message for channel in channels for message in world.slack.messages(channel)]


def standing(world: World, names: list[str]) -> set[int]:
    with world.database.reading() as tx:
        return {names.index(name) for name in tx.exec(select(Deletion.name))}


def is_quiet(world: World) -> bool:
    time.sleep(0.2)  # it is asked after every change in Slack, and counts for nothing in itself
    open_ = (Delivery.WAITING, Delivery.SENDING)
    with world.database.reading() as tx:
        live = tx.exec(select(func.count()).where(col(Deletion.ended_at).is_(None))).one()
        unsaid = tx.exec(select(func.count()).where(col(Notice.delivery).in_(open_))).one()
        old = tx.exec(select(func.count()).where(CardCopy.shown_version != CardCopy.wanted_version)).one()
    return not (live or unsaid or old)


@contextmanager
def counting(world: World) -> Iterator[Counter[str]]:
    """Counts what the bot asks of its database, by the threads that ask."""
    assert world.bot
    counted, lock, engine = Counter[str](), threading.Lock(), world.bot.database.engine
    (outbox,) = [loop for loop in world.bot.loops if loop.name == "outbox"]
    look = outbox.start_due

    def count(*_: object) -> None:
        name = threading.current_thread().name
        with lock:
            counted[f"{name} looks" if name in {"follower", "outbox"} else name.rstrip("_-0123456789")] += 1

    def round_() -> float:
        counted["rounds of the outbox"] += 1
        return look()

    outbox.start_due = round_  # type: ignore[method-assign]
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", count)
        outbox.start_due = look  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
