"""People who ask for deletions and confirm them, whatever becomes of the bots, and what must be true in the end."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from sqlmodel import col, select

from bot.sandbox.slack import Channel, Delivery, Message, Person
from bot.slack import lines
from bot.slack.card import card
from bot.slack.voice import MRKDWN
from storage import tables
from storage.tables import Audit, CardCopy, Deletion, Notice, NoticeKind, State
from tests.conftest import World
from tests.faults.replicas import Replicas

CHANNELS = 60
PEOPLE = 8
LOOK_EVERY = 0.1  # seconds
IMPATIENT_AFTER = 4.0  # seconds without anything to be seen, after which a person tries again
GIVE_UP_AFTER = 90.0  # seconds
TAKEN_AT = datetime(2025, 3, 1, tzinfo=UTC)
_DELETE = "Delete snapshot"
_STATUSES = ("NotStarted", "Started", "Succeeded")  # AWS's, in their order


@dataclass(frozen=True)
class Wish:
    """A snapshot that somebody wants gone, and where she says so."""

    name: str
    person: Person
    channel: Channel


class Crowd:
    """Eight people in sixty channels. Use it in a `with`: at its end everybody has done what she wanted."""

    def __init__(self, world: World, count: int, *, every: float) -> None:
        self._world = world
        self._every = every  # seconds between two wishes of one person
        self._pool = ThreadPoolExecutor(PEOPLE)
        people = [world.slack.person(f"Person {number}") for number in range(PEOPLE)]
        rooms = [world.slack.channel(f"room-{number}", members=people) for number in range(CHANNELS)]
        for person in people:
            world.grant(person)
        for number in range(count):
            world.aws.snapshot(f"bulk-{number:03}", of="web-1", created_at=TAKEN_AT)
        self.wishes = [
            Wish(f"bulk-{number:03}", people[number % PEOPLE], rooms[number % CHANNELS]) for number in range(count)
        ]
        self.trials = 0  # how often something had to be tried again
        self._done: list[Future[None]] = []

    def __enter__(self) -> Self:
        for number in range(PEOPLE):
            self._done.append(self._pool.submit(self._act, self.wishes[number::PEOPLE]))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        if error is None:
            for done in self._done:
                done.result()

    def is_done(self) -> bool:
        """Whether everybody has done what she wanted."""
        return all(done.done() for done in self._done)

    def _act(self, wishes: Sequence[Wish]) -> None:
        time.sleep(random.random() * self._every)
        for wish in wishes:
            begun = time.monotonic()
            self._ask_and_confirm(wish)
            time.sleep(max(0.0, begun + self._every - time.monotonic()))

    def _ask_and_confirm(self, wish: Wish) -> None:
        self._until(
            lambda: wish.person.types(f"/snapshot delete {wish.name}", wish.channel),
            lambda: self._card(wish) is not None,
        )
        shown = self._card(wish)
        assert shown
        self._until(lambda: wish.person.clicks(_DELETE, message=shown), lambda: self._is_confirmed(wish))

    def _until(self, try_it: Callable[[], Delivery], is_seen: Callable[[], bool]) -> None:
        """Try until there is something to be seen: at once where nobody answers, else after some patience."""
        end = time.monotonic() + GIVE_UP_AFTER
        while time.monotonic() < end:
            answered = try_it().ok
            patient_until = time.monotonic() + (IMPATIENT_AFTER if answered else 0.3)
            while time.monotonic() < patient_until:
                if is_seen():
                    return
                time.sleep(LOOK_EVERY)
            self.trials += 1
        raise AssertionError(f"Nothing comes of it:\n{self._world.slack.transcript()}")

    def _card(self, wish: Wish) -> Message | None:
        return next((one for one in self._world.slack.messages(wish.channel) if wish.name in one.text), None)

    def _is_confirmed(self, wish: Wish) -> bool:
        """Whether her click is to be seen, on the card or under it."""
        shown = self._card(wish)
        return shown is not None and (
            _DELETE not in shown.buttons() or bool(self._world.slack.thread(wish.channel, shown.ts))
        )


def unfinished(world: World) -> list[str]:
    """What is still to be done or said, each in some words."""
    with world.database.reading() as tx:
        live = tx.exec(select(Deletion.id, Deletion.state).where(col(Deletion.state).in_(tables.LIVE))).all()
        unsaid = tx.exec(select(Notice.id, Notice.kind).where(col(Notice.delivery).in_(["waiting", "sending"]))).all()
        copies = tx.exec(
            select(CardCopy.id).where(
                (col(CardCopy.delivery) != tables.Delivery.SENT)
                | (col(CardCopy.shown_version) < col(CardCopy.wanted_version))
            )
        ).all()
    return [*map(str, live), *map(str, unsaid), *[f"card {one}" for one in copies]]


def finish(world: World, replicas: Replicas, seconds: float, *, skipping: float) -> None:
    """Wait until nothing is left to do; what waits for time gets it, a little after the last process was killed."""
    end = time.monotonic() + seconds
    while left := unfinished(world):
        if time.monotonic() > end:
            raise AssertionError(f"This is left: {left}\n{replicas.logs()}")
        time.sleep(1.0)
        replicas.skip(skipping)


def broken(world: World, crowd: Crowd) -> list[str]:
    """The promises that were not kept, each in a sentence; none, if all is well."""
    return [*_of_aws(world, crowd), *(one for wish in crowd.wishes for one in _of_wish(world, wish))]


def _of_aws(world: World, crowd: Crowd) -> Iterator[str]:
    accepted = [
        call.params["instanceSnapshotName"] for call in world.aws.calls("DeleteInstanceSnapshot") if call.accepted
    ]
    for wish in crowd.wishes:
        if (count := accepted.count(wish.name)) != 1:
            yield f"AWS accepted {count} calls for {wish.name}."
        if world.exists(wish.name):
            yield f"{wish.name} is still there."
    if len(accepted) != len(crowd.wishes):
        yield f"AWS accepted {len(accepted)} calls for {len(crowd.wishes)} snapshots."


def _of_wish(world: World, wish: Wish) -> Iterator[str]:
    with world.database.reading() as tx:
        deletions = tx.exec(select(Deletion).where(Deletion.name == wish.name)).all()
        numbers = [one.id for one in deletions]
        told = tx.exec(select(Notice).where(col(Notice.deletion_id).in_(numbers)).order_by(col(Notice.id))).all()
        audit = list(tx.exec(select(Audit.event).where(col(Audit.deletion_id).in_(numbers))))
    if [one.state for one in deletions] != [State.DELETED]:
        yield f"{wish.name}: {[one.state for one in deletions]} in the database."
        return
    deletion = deletions[0]
    if audit.count("asked") != 1 or audit.count(State.READY) != 1 or audit.count(State.DELETED) != 1:
        yield f"{wish.name}: {audit} on the record."
    yield from _of_card(world, wish, deletion)
    yield from _of_thread(world, wish, deletion, told)


def _of_card(world: World, wish: Wish, deletion: Deletion) -> Iterator[str]:
    shown = [one for one in world.slack.messages(wish.channel) if wish.name in one.text]
    if [one.text for one in shown] != [card(deletion).text]:
        yield f"{wish.name}: the cards say {[one.text for one in shown]}."


def _of_thread(world: World, wish: Wish, deletion: Deletion, told: Sequence[Notice]) -> Iterator[str]:
    shown = next(one for one in world.slack.messages(wish.channel) if wish.name in one.text)
    said = [block["text"]["text"] for reply in world.slack.thread(wish.channel, shown.ts) for block in reply.blocks]
    wanted = [lines.line(deletion, notice, MRKDWN) for notice in told]
    if said != wanted:
        yield f"{wish.name}: the thread says {said}, and not {wanted}."
    kinds = [notice.kind for notice in told]
    if kinds.count(NoticeKind.ENDED) != 1 or kinds[-1] is not NoticeKind.ENDED:
        yield f"{wish.name}: {kinds} are told."
    statuses = [notice.facts["status"] for notice in told if notice.kind is NoticeKind.STATUS]
    if statuses != [one for one in _STATUSES if one in statuses]:
        yield f"{wish.name}: the statuses are {statuses}."
