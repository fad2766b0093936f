"""One deletion as a person lives through it, with a bot that dies in the middle and is started again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Self

from sqlmodel import Session, col, select, update

from bot.sandbox import company
from bot.sandbox.lightsail import Control
from bot.sandbox.slack import Channel, Message
from bot.slack.outbox import LOOK_AFTER
from storage.database import DatabaseAwayError, DatabaseLostError
from storage.lease import ALWAYS
from storage.tables import LIVE, CardCopy, Deletion, Delivery, LeaseRow, Notice, State
from tests import emptying
from tests.conftest import World
from tests.faults.children import Child, DeadError, Nursery
from tests.faults.edges import Strike

NAME = company.OLD_RELEASE
PACE = [("NotStarted", 0), ("Started", 0.5), ("Succeeded", 1)]  # seconds; each is there to be seen by a poll
ROUNDS = 1000  # of looking whether the bot is done; it takes some dozens
IDLE_ROUNDS = 15  # after which it does not do by itself what is due
TRIES = 4  # of a person, who then gives up
CUT = (DatabaseLostError, DatabaseAwayError)


class Wish(StrEnum):
    """What the person makes of the card."""

    DELETE = "Delete snapshot"
    STOP = "Don't delete"
    NOTHING = ""


@dataclass
class Told:
    """What happened in a story, beside what stands in Slack, at AWS and in the database."""

    lives: list[Sequence[str]] = field(default_factory=list)
    """The boundaries that each process reached."""
    struck: list[str] = field(default_factory=list)
    """The boundaries at which they were killed or paused."""
    asked: int = 0
    clicked: int = 0


class Story:
    """Tells one deletion in a channel of its own, in a world where there is nothing else."""

    def __init__(
        self,
        world: World,
        nursery: Nursery,
        wish: Wish = Wish.DELETE,
        *,
        strikes: Sequence[Strike] = (),
        trouble: Callable[[World], None] = lambda _: None,
        at_pause: Callable[[], None] = lambda: None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`strikes` befall its processes, one each; `trouble` is made first, `at_pause` happens while one stands."""
        self.world = world
        self.wish = wish
        self.told = Told()
        self.channel = _new_channel(world)
        self._nursery = nursery
        self._strikes = iter(strikes)
        self._at_pause = at_pause
        self._settings = settings or {}
        self._bot: Child | None = None
        self._empty()
        trouble(world)

    def run(self) -> Self:
        """From the command to the end, and until nothing is left to do."""
        try:
            self._live(self._ask)
            if self.wish:
                self._live(self._click)
            self._live(lambda: self._settle(until_expiry=not self.wish))
        finally:
            self._bury()
        return self

    def card(self) -> Message | None:
        """The card as it is now, if it is there."""
        return next(iter(self.world.slack.messages(self.channel)), None)

    def reads(self) -> str:
        """All that stands in its channel."""
        return "\n".join(message.reads() for message in self.world.slack.workspace.messages(self.channel.id))

    # The bot

    def _live(self, part: Callable[[], bool]) -> None:
        """Go on with a part of the story, whatever becomes of the bot, until it is told."""
        for _ in range(TRIES):
            try:
                self._be_served()
                if part():
                    return
            except DeadError:
                self._bury()
        raise AssertionError(f"However often it is tried, there is no end.\n{self.reads()}")

    def _be_served(self) -> None:
        if self._bot is None or self._bot.is_dead:
            self._bury()
            self._bot = self._nursery.child(
                self._environment(), ahead=self._ahead, strike=next(self._strikes, None), at_pause=self._at_pause
            )
            self.world.slack.deliver_to(f"http://127.0.0.1:{self._bot.port()}/slack/events")

    def _bury(self) -> None:
        if self._bot is None:
            return
        bot, self._bot = self._bot, None
        if bot.is_dead and not bot.struck_at:
            raise AssertionError(f"The bot has ended by itself:\n{self._nursery.log.read_text(encoding='utf-8')}")
        if bot.struck_at:
            self.told.struck.append(bot.struck_at)
        bot.kill()
        self.told.lives.append(bot.reached)

    def _environment(self) -> Mapping[str, str]:
        return {
            **self.world.slack.environment(),
            **self.world.aws.environment(),
            "DATABASE_URL": self.world.url,
            "LIGHTSAIL_REGIONS": ",".join(company.REGIONS),
            "HOST": "127.0.0.1",
            "PORT": "0",
            **self._settings,
        }

    # The person

    def _ask(self) -> bool:
        """Type the command, unless the card is there; what got lost is typed again."""
        self._settle()
        if not self.card():
            self.told.asked += 1
            self.world.staff.ann.types(f"/snapshot delete {NAME}", self.channel)
            self._settle()
        return self.card() is not None

    def _click(self) -> bool:
        """Click, unless the card has it already; a click that got lost is made again."""
        self._settle()
        card = self.card()
        assert card
        if self.wish not in card.buttons():
            return True
        self.told.clicked += 1
        self.world.staff.ann.clicks(self.wish, message=card)
        self._settle()
        return False  # looks once more

    # Time

    @property
    def _ahead(self) -> float:
        return self.world.clock.ahead.total_seconds()

    def _settle(self, *, until_expiry: bool = False) -> bool:
        """Let time go by until the bot has nothing more to do, or waits for a person."""
        seconds, idle_rounds = 1, 0
        for _ in range(ROUNDS):
            version = self.world.slack.workspace.version
            is_idle = self._is_idle()
            moment = self._next(until_expiry=until_expiry)
            if is_idle and moment is None:
                return True
            if is_idle and moment and moment > self.world.clock():
                self._pass(moment - self.world.clock())
            elif self.world.slack.workspace.changed(version, 0.02) or not is_idle:
                idle_rounds = 0
            elif (idle_rounds := idle_rounds + 1) == IDLE_ROUNDS:
                self._pass(timedelta(seconds=seconds))  # it rests after a failure: how long, it alone knows
                seconds, idle_rounds = seconds * 2, 0
        raise AssertionError(f"The bot does not come to an end.\n{self.reads()}")

    def _pass(self, span: timedelta) -> None:
        self.world.clock.ahead += span
        self._has_time()

    def _is_idle(self) -> bool:
        assert self._bot
        return self._bot.is_idle()

    def _has_time(self) -> None:
        assert self._bot
        self._bot.has_time(self._ahead)

    def _next(self, *, until_expiry: bool) -> datetime | None:
        """When there is something to do; None if there is nothing without a person."""
        while True:
            with suppress(*CUT), self.world.database.reading() as tx:  # whose lines are cut is not said
                moments = [*_of_deletions(tx, until_expiry=until_expiry), *_of_messages(tx, self._alone_since(tx))]
                return min(moments, default=None)

    def _alone_since(self, tx: Session) -> datetime:
        """When the process that died can have begun nothing more: on SQLite it holds the file until its end."""
        lease = tx.get(LeaseRow, 1)
        if self.world.database.is_sqlite or not self.told.lives or lease is None or lease.taken_at is None:
            return ALWAYS
        return lease.taken_at

    # The world

    def _empty(self) -> None:
        """Nothing in the database but a right, everything at AWS, and the same time everywhere."""
        self.world.clock.ahead = timedelta()
        Control(clock=self.world.clock)
        company.snapshots(self.world.aws, self.world.clock())
        self.world.aws.pace(PACE)
        self.world.slack.heal()
        with self.world.database.transaction() as tx:
            emptying.empty(tx, str(LeaseRow.__tablename__))
            tx.exec(update(LeaseRow).values(holder=""))  # it was given back, in good order
        self.world.grant(self.world.staff.ann)


class StoryOfTwo(Story):
    """While the bot stands still another one starts, and takes over from it; then both are there."""

    def __init__(self, world: World, nursery: Nursery, strike: Strike, at_pause: Callable[[], None]) -> None:
        super().__init__(world, nursery, strikes=[strike], at_pause=partial(self._start_another, at_pause))
        self._other: Child | None = None

    def _start_another(self, at_pause: Callable[[], None]) -> None:
        self._other = self._nursery.child(self._environment(), ahead=self._ahead)
        at_pause()

    def _is_idle(self) -> bool:
        return (self._other is not None and self._other.is_idle()) or super()._is_idle()

    def _has_time(self) -> None:
        if self._other:
            self._other.has_time(self._ahead)
        super()._has_time()

    def _bury(self) -> None:
        super()._bury()
        if self._other:
            self._other.kill()


def _new_channel(world: World) -> Channel:
    name = f"story-{len(world.slack.workspace.channels())}"
    return world.slack.channel(name, members=(world.staff.ann, world.staff.bob))


def _of_deletions(tx: Session, *, until_expiry: bool) -> Iterator[datetime]:
    waits_for_people = () if until_expiry else (State.ASKING, State.PENDING)
    for deletion in tx.exec(select(Deletion).where(col(Deletion.state).in_(set(LIVE) - set(waits_for_people)))):
        if deletion.due_at:
            yield deletion.due_at


def _of_messages(tx: Session, alone_since: datetime) -> Iterator[datetime]:
    """A message that may be in Slack is looked for later, and edits wait for those of another process."""
    copies = list(tx.exec(select(CardCopy)))
    for row in (*copies, *tx.exec(select(Notice))):
        if row.delivery is Delivery.SENDING:
            yield max(row.sending_since or ALWAYS, alone_since) + LOOK_AFTER
        elif row.delivery is Delivery.WAITING:
            yield ALWAYS
    if any(copy.delivery is Delivery.SENT and copy.shown_version < copy.wanted_version for copy in copies):
        yield alone_since + LOOK_AFTER
