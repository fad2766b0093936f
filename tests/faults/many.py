"""Many deletions at once, in the words of tests, and what must be true of each when all is over."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from bot.sandbox.slack import Channel, Message
from bot.slack import lines
from bot.slack.card import card
from bot.slack.voice import MRKDWN
from storage.tables import Audit, CardCopy, Deletion, Delivery, Notice
from tests.conftest import SOON, World


def logged(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    """What one part of the bot has logged, whatever else was."""
    return [one.getMessage() for one in caplog.records if one.name.startswith(name)]


class Many:
    """A world with as many deletions as a test wants, each of a snapshot of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._busy = 0  # times that somebody was told so
        world.slack.unlimited()
        world.grant(world.staff.ann)

    def asks(self, *names: str, channel: Channel | None = None) -> None:
        for name in names:
            self.world.aws.snapshot(name, of="web-1")
        where = channel or self.world.staff.ops
        for number, name in enumerate(names, start=1):
            assert self.world.staff.ann.types(f"/snapshot delete {name}", where).error is None
            if number % 4 == 0 or number == len(names):  # at once; a slow disk has its limits
                wanted = set(names[:number])
                self.until(partial(self._has, wanted, where), "deletions")

    def cards(self, channel: Channel) -> dict[str, Message]:
        said = self.world.slack.messages(channel)
        named = {deletion.name: deletion.id for deletion in self.deletions()}
        return {name: one for name, number in named.items() for one in said if number in one.text}

    def confirms(self, *cards: Message) -> None:
        for one in cards:
            self.world.staff.ann.clicks("Delete snapshot", message=one)

    def deletions(self) -> list[Deletion]:
        return self._rows(Deletion)

    def notices(self) -> list[Notice]:
        return self._rows(Notice)

    def copies(self) -> list[CardCopy]:
        return self._rows(CardCopy)

    def undelivered(self) -> list[tuple[str, str]]:
        """What of it the record says that it could not be delivered, and why."""
        facts = [row.facts for row in self._rows(Audit) if row.event == "undelivered"]
        return sorted((fact["what"], fact["problem"]) for fact in facts)

    def posted(self, count: int) -> dict[str, Message]:
        """The cards in their channel, once there are so many and the bot knows of them."""
        self.until(lambda: len(self.cards(self.world.staff.ops)) == count, "cards")
        self.world.settled()
        return self.cards(self.world.staff.ops)

    def completes(self) -> None:
        """Let AWS come to an end of all that it has begun."""
        for one in self.world.aws.operations():
            if one.can_advance:
                self.world.aws.advance(one.id)

    def ends(self) -> None:
        """The same, until all is told."""
        self.completes()
        self.skips_until(self.is_quiet, "end of all")

    def until(self, look: Callable[[], object], what: str) -> None:
        self.world.slack.wait_for(lambda: bool(look()), SOON, what)

    def is_over(self) -> bool:
        return all(one.ended_at for one in self.deletions())

    def _has(self, wanted: set[str], where: Channel) -> bool:
        """Whether all were asked for; who was told that the database is busy tries again."""
        missing = wanted - {one.name for one in self.deletions()}
        told = sum(
            "The database is busy" in one.reads() for one in self.world.slack.ephemerals(to=self.world.staff.ann)
        )
        if told > self._busy:
            self._busy = told
            for name in missing:
                self.world.staff.ann.types(f"/snapshot delete {name}", where)
        return not missing

    def is_quiet(self) -> bool:
        """Whether nothing is left to say or to show."""
        open_ = (Delivery.WAITING, Delivery.SENDING)
        return (
            self.is_over()
            and not any(one in open_ for one in [*map(_delivery, self.notices()), *map(_delivery, self.copies())])
            and all(one.shown_version == one.wanted_version for one in self.copies() if one.delivery is Delivery.SENT)
        )

    def skips_until(self, look: Callable[[], object], what: str, *, seconds: float = 3, rounds: int = 200) -> None:
        """Let time go by in steps, and give the bot a moment after each."""
        for _ in range(rounds):
            if look():
                return
            self.world.skip(seconds=seconds)
            self.pause()
        raise AssertionError(f"no {what}; {self.world.slack.transcript()}")

    def pause(self, seconds: float = 0.05) -> None:
        """Until the bot has nothing in hand, for a moment."""
        bot = self.world.bot
        assert bot
        quiet_since = time.monotonic()
        while time.monotonic() < quiet_since + seconds:
            if not all(loop.is_idle() for loop in bot.loops):
                quiet_since = time.monotonic()
            time.sleep(0.005)

    def broken(self) -> list[str]:
        """What is not as it should be when all is over: each line once and in order, each card true."""
        found = []
        for deletion in self.deletions():
            (copy,) = [one for one in self.copies() if one.deletion_id == deletion.id]
            told = [one for one in self.notices() if one.deletion_id == deletion.id]
            wanted = [lines.line(deletion, one, MRKDWN) for one in told]
            replies = [one for one in self.world.slack.workspace.messages(copy.channel_id) if one.thread_ts == copy.ts]
            said = [block["text"]["text"] for reply in replies for block in reply.blocks]
            roots = [one for one in self.world.slack.workspace.messages() if deletion.id in one.text]
            roots = [one for one in roots if not one.thread_ts and not one.to]
            if said != wanted:
                found.append(f"{deletion.id}: said {said}, not {wanted}")
            if [one.text for one in roots] != [card(deletion).text]:
                found.append(f"{deletion.id}: the cards say {[one.text for one in roots]}")
        return found

    def _rows(self, kind: type) -> list:  # type: ignore[type-arg]
        with self.world.database.reading() as tx:
            rows: list[Any] = list(tx.exec(select(kind)))
        return sorted(rows, key=lambda row: (getattr(row, "asked_at", 0), row.id))


def _delivery(row: Notice | CardCopy) -> Delivery:
    return row.delivery
