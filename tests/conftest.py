"""A bot with everything around it, real: SQLite, the local Slack over HTTP or WebSockets, the local Lightsail."""

import functools
import gc
import os
import shutil
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from wsgiref.types import WSGIApplication

import pytest
import waitress
from botocore.client import ClientCreator
from botocore.compat import accepts_kwargs
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader
from pydantic import SecretStr
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool
from sqlalchemy.util import LRUCache
from sqlmodel import col, select

import app
from bot.sandbox import company
from bot.sandbox.lightsail import Control, LocalLightsail
from bot.sandbox.slack import Channel, Group, LocalSlack, Message, Person
from bot.sandbox.slack.delivery import ACK_SECONDS
from bot.serve import Service
from bot.settings import Settings
from bot.slack import lines, story
from bot.slack.outbox import Outbox
from bot.slack.voice import MRKDWN
from storage import migrations, permissions
from storage.database import Database
from storage.tables import (
    LIVE,
    Action,
    Audit,
    CardCopy,
    Deletion,
    Delivery,
    Directory,
    Effect,
    Notice,
    Permission,
    Place,
)
from tests import postgres

T = TypeVar("T")
SOON = 15.0  # seconds to wait for what takes far less; the machines are shared and noisy


class Clock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def skip(self, **span: float) -> None:
        self.ahead += timedelta(**span)


class World:
    """The bot and its surroundings, in the words of tests."""

    def __init__(self, slack: LocalSlack, aws: LocalLightsail, clock: Clock, url: str, delivery: str) -> None:
        self.delivery = delivery
        self.slack = slack
        self.aws = aws
        self.clock = clock
        self.database = Database(url)
        self.url = url
        self.staff = company.people(slack)
        self.settings: dict[str, object] = {}
        self.bot: Service | None = None

    # The bot

    def start(self, *, mode: str | None = None, **settings: object) -> Service:
        mode = mode or self.delivery
        self.settings = {**self.settings, **settings}
        given = Settings.model_validate(
            {
                "slack_bot_token": SecretStr(self.slack.bot_token),
                "slack_app_token": SecretStr(self.slack.app_token) if mode == "socket" else None,
                "slack_signing_secret": SecretStr(self.slack.signing_secret),
                "slack_api_url": self.slack.api_url,
                "database_url": self.url,
                "lightsail_regions": company.REGIONS,
                "host": "127.0.0.1",
                "port": 0,
                **self.settings,
            }
        )
        self.bot = app.build(given, now=self.clock)
        self.bot.start()
        self.slack.deliver_to(None if mode == "socket" else f"http://127.0.0.1:{self.bot.port}/slack/events")
        if mode == "socket":
            self.slack.wait_connected()
        return self.bot

    def stop(self) -> None:
        if self.bot:
            self.bot.stop()
            self.bot = None

    def wake(self) -> None:
        assert self.bot
        self.bot.lease.wake()

    def skip(self, **span: float) -> None:
        self.clock.skip(**span)
        self.wake()

    def passes(self, look: Callable[[], T | None], what: str) -> T:
        """Let time go by, from one thing that the bot has to do to the next, until `look` returns something true."""
        end = time.monotonic() + SOON
        while time.monotonic() < end:
            version = self.slack.workspace.version
            due_at = self.deletion().due_at  # before the look, so that nothing is passed over that it should see
            if found := look():
                return found
            if due_at and (ahead := due_at - self.clock()) > timedelta():
                self.clock.ahead += ahead
                self.wake()
            self.slack.workspace.changed(version, 0.05)
        said = self.slack.transcript()
        raise AssertionError(f"However much time goes by, there is no {what}. What was said:\n{said}")

    # People and permissions

    def grant(
        self, person: Person | Group, action: str = "delete", pattern: str = "*", *, deny: bool = False
    ) -> Permission:
        row = Permission(
            team_id=self.slack.team_id,
            subject=person.id,
            effect=Effect.DENY if deny else Effect.ALLOW,
            action=Action(action),
            pattern=pattern,
            granted_by="test",
            granted_at=self.clock(),
        )
        with self.database.transaction() as tx:
            return permissions.grant(tx, row)

    def revoke(self, row: Permission) -> None:
        with self.database.transaction() as tx:
            stored = tx.get_one(Permission, row.id)
            stored.revoked_by, stored.revoked_at = "test", self.clock()

    def wait_until_over(self) -> None:
        """Wait until nothing of a test before goes on."""

        def is_over() -> bool:
            with self.database.reading() as tx:
                return tx.exec(select(Deletion.id).where(col(Deletion.state).in_(LIVE))).first() is None

        self.slack.wait_for(is_over, SOON, "end of what was begun before")

    def wait_for_directory(self) -> None:
        """Wait until the bot knows who is in which group now."""
        self.wake()

        def is_told() -> bool:
            with self.database.reading() as tx:
                row = tx.get(Directory, self.slack.team_id)
            return row is not None and self.clock() - row.told_at < timedelta(seconds=20)

        self.slack.wait_for(is_told, SOON, "word of Slack on people and groups")

    def ask(self, person: Person, name: str, *, options: str = "", channel: Channel | None = None) -> Message:
        """Type the command, and return the card that appears."""
        where = channel or self.staff.ops
        before = {card.ts for card in self.slack.messages(where)}
        assert person.types(f"/snapshot delete {name} {options}", where).error is None

        def card() -> Message | None:
            return next((one for one in self.slack.messages(where) if one.ts not in before), None)

        found = self.slack.wait_for(card, SOON, f"card for {name}")
        self.settled()
        return self.now(found)

    def settled(self) -> None:
        """Wait until the bot knows what it has posted."""
        self.slack.wait_for(lambda: not self._unsent(), SOON, "end of deliveries")

    def _unsent(self) -> bool:
        with self.database.reading() as tx:
            return any(copy.delivery in (Delivery.WAITING, Delivery.SENDING) for copy in tx.exec(select(CardCopy)))

    def is_in_doubt(self) -> bool:
        """Whether the bot has tried to send something and does not know whether it is in Slack."""
        assert self.bot
        if not all(loop.is_idle() for loop in self.bot.loops if isinstance(loop, Outbox)):
            return False
        with self.database.reading() as tx:
            rows = [*tx.exec(select(CardCopy)), *tx.exec(select(Notice))]
        return any(row.delivery is Delivery.SENDING for row in rows)

    # What is to be seen

    def comes_to(self, card: Message, words: str) -> Message:
        """Let time go by until the card says something."""

        def card_that_says() -> Message | None:
            return found if words in (found := self.now(card)).reads() else None

        return self.passes(card_that_says, f"card with {words!r}")

    def comes_to_tell(self, card: Message, words: str) -> str:
        """Let time go by until the thread says something."""
        return self.passes(lambda: said if words in (said := self.thread(card)) else None, f"thread with {words!r}")

    def direct(self, person: Person) -> list[str]:
        """What the bot has written to the person's own conversation with it."""
        return [message.reads() for message in self.slack.messages(self.slack.dm(person))]

    def now(self, message: Message) -> Message:
        return self.slack.message(message.channel, message.ts)

    def thread(self, card: Message) -> str:
        replies = [one for one in self.slack.workspace.messages(card.channel) if one.thread_ts == card.ts]
        return "\n".join(reply.reads() for reply in replies)

    def reads(self, card: Message, words: str) -> Message:
        """Wait until the card says something."""
        return self.slack.wait_for(
            lambda: found if words in (found := self.now(card)).reads() else None, SOON, f"card with {words!r}"
        )

    def told(self, card: Message, words: str) -> str:
        """Wait until the thread says something."""
        return self.slack.wait_for(
            lambda: said if words in (said := self.thread(card)) else None, SOON, f"thread with {words!r}"
        )

    def hears(self, person: Person, words: str) -> Message:
        """Wait until the person alone is told something."""

        def heard() -> Message | None:
            return next((one for one in reversed(self.slack.ephemerals(to=person)) if words in one.reads()), None)

        return self.slack.wait_for(heard, SOON, f"word to {person.name} with {words!r}")

    def deletes(self) -> int:
        """How many deletions AWS has accepted."""
        return sum(call.accepted for call in self.aws.calls("DeleteInstanceSnapshot"))

    def exists(self, name: str) -> bool:
        return any(snapshot.name == name for snapshot in self.aws.snapshots())

    def deletion(self) -> Deletion:
        """The one deletion there is."""
        with self.database.reading() as tx:
            return tx.exec(select(Deletion)).one()

    def retold(self) -> None:
        """See that the record alone tells of each deletion what its thread does."""
        with self.database.reading() as tx:
            rows = tx.exec(select(Audit).order_by(col(Audit.id))).all()
            cards = {
                copy.deletion_id: copy for copy in tx.exec(select(CardCopy).where(CardCopy.place == Place.REQUEST))
            }
        for number, copy in cards.items():
            mine = [row for row in rows if row.deletion_id == number]
            deletion, told = story.retold(mine)
            if deletion is None or copy.ts is None:  # put into the database by a test
                continue
            # An outcome is worded when it is said: with the reason of who stopped it, or before that was given.
            before = [story.retold(mine[:n])[0] for n, row in enumerate(mine) if row.event == "explained"]
            known = [deletion, *(one for one in before if one)]
            record = iter({lines.line(one, notice, MRKDWN) for one in known} for notice in told)
            thread = [line for line in self._lines(copy) if not any(line in said for said in record)]
            assert thread == [], f"the record does not tell, or not in this order: {thread}"

    def _lines(self, copy: CardCopy) -> list[str]:
        """What a thread was told, a line of mrkdwn each, where each was told once."""
        replies = [one for one in self.slack.workspace.messages(copy.channel_id) if one.thread_ts == copy.ts]
        sections = (block for one in replies if one.user == self.slack.bot_user_id for block in one.blocks)
        return list(dict.fromkeys(str(block["text"]["text"]) for block in sections if block["type"] == "section"))

    def audit(self) -> list[str]:
        with self.database.reading() as tx:
            return [row.event for row in tx.exec(select(Audit)).all()]

    def notices(self) -> list[Notice]:
        with self.database.reading() as tx:
            return list(tx.exec(select(Notice)).all())


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Each bot reads botocore's megabytes of JSON and the machine's certificates, and most tests start one.

    A client's class has 170 methods, and there is one for each region.
    """
    trusting = ssl.create_default_context

    @functools.cache
    def usual() -> ssl.SSLContext:
        return trusting()

    def context(*args: Any, **kwargs: Any) -> ssl.SSLContext:  # noqa: ANN401  (as ssl types them)
        return trusting(*args, **kwargs) if args or kwargs else usual()

    def make_once(method: str) -> Callable[..., Any]:
        make, made = getattr(ClientCreator, method), dict[str, Any]()

        def what_is_made(creator: ClientCreator, service: str, *args: Any) -> Any:  # noqa: ANN401  (botocore has no types)
            if service not in made:
                made[service] = make(creator, service, *args)
            return made[service]

        return what_is_made

    # One that remembers for all: each event is sought among a hundred old names.
    renamed = partial(vars(EventAliaser)["_alias_event_name"], EventAliaser(HierarchicalEmitter()))
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("botocore.session.create_loader", functools.cache(create_loader))
        patches.setattr("botocore.hooks.accepts_kwargs", functools.cache(accepts_kwargs))  # it reads signatures
        patches.setattr(EventAliaser, "_alias_event_name", lambda _, name: renamed(name))
        for method in ("_load_service_model", "_create_client_class"):
            patches.setattr(ClientCreator, method, make_once(method))
        patches.setattr(ssl, "create_default_context", context)
        yield


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """SQLAlchemy compiles each statement once for an engine: once for all of a kind, since every test has its own."""
    compiled: dict[type[Dialect], LRUCache[Any, Any]] = defaultdict(partial(LRUCache, 2000))
    with pytest.MonkeyPatch.context() as patches:
        begin = Engine.__init__

        def begin_with_all(engine: Engine, pool: Pool, dialect: Dialect, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
            begin(engine, pool, dialect, *args, **kwargs)
            engine._compiled_cache = compiled[type(dialect)]

        patches.setattr(Engine, "__init__", begin_with_all)
        # A dialect is a part of the cache's key: those of one class are set up alike here.
        patches.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)), raising=False)
        patches.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other), raising=False)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing in it, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "lightkeeper.db"
    database = Database(f"sqlite:///{path}")
    migrations.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[..., str]]:
    """Makes new databases on a server of our own: empty, or a copy of the one that is named."""
    with postgres.serving() as server:
        yield server.new


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: Callable[..., str]) -> Callable[[], str]:
    """Makes new databases with the schema and nothing in them."""
    database = Database(postgresql())
    migrations.upgrade(database)
    database.close()
    name = str(database.url.database)
    return lambda: postgresql(name)


@pytest.fixture(scope="session")
def emptied_postgresql(migrated_postgresql: Callable[[], str]) -> Callable[[], AbstractContextManager[str]]:
    """Lends databases with the schema and nothing in them: to empty one again costs far less than to make one."""
    free: list[str] = []

    @contextmanager
    def lent() -> Iterator[str]:
        url = free.pop() if free else migrated_postgresql()
        yield url
        postgres.empty(url)
        free.append(url)

    return lent


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the schema and nothing in it: `on_both`, or where a test does not say, as `DATABASE` says."""
    kind = getattr(request, "param", os.environ.get("DATABASE", "sqlite"))
    if kind == "postgresql":
        with request.getfixturevalue("emptied_postgresql")() as url:
            yield url
        return
    path = tmp_path / "lightkeeper.db"
    shutil.copy(request.getfixturevalue("migrated"), path)
    yield f"sqlite:///{path}"


on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def lightsail() -> Iterator[LocalLightsail]:
    with LocalLightsail() as aws:
        yield aws


@pytest.fixture
def aws(lightsail: LocalLightsail, monkeypatch: pytest.MonkeyPatch) -> LocalLightsail:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in lightsail.environment().items():
        monkeypatch.setenv(name, value)
    Control()  # the system's clock again, whatever a test before this one has set
    lightsail.reset()
    lightsail.pace("at-once")
    company.snapshots(lightsail, datetime.now(UTC))
    return lightsail


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tables: botocore repeats looks without a pause, and the bot writes to Slack as fast as it can."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    monkeypatch.setattr("bot.slack.pace.BURST", 1000)
    monkeypatch.setattr("bot.slack.pace.EDIT_BURST", 1000)


@pytest.fixture
def ack_seconds() -> float:
    """How long the local Slack waits for an ack: as long as Slack, unless a file of tests says otherwise."""
    return ACK_SECONDS


@pytest.fixture
def delivery() -> str:
    """How Slack reaches the bot, where a test does not say: `DELIVERY=socket make test` is for the other way."""
    return os.environ.get("DELIVERY", "http")


@pytest.fixture
def world(aws: LocalLightsail, database_url: str, ack_seconds: float, delivery: str) -> Iterator[World]:
    with LocalSlack(ack_seconds=ack_seconds) as slack:
        made = World(slack, aws, Clock(), database_url, delivery)
        try:
            yield made
            made.retold()
        finally:
            made.stop()
            made.database.close()


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=16)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/slack/events"
    finally:
        with suppress(OSError):  # the server's own thread can be done before it was woken
            server.trigger.pull_trigger(server.close)
        thread.join()
        server.task_dispatcher.shutdown()


@pytest.fixture
def served() -> Iterator[Callable[[WSGIApplication], str]]:
    """Serves a program over HTTP, and returns where it hears Slack."""
    with ExitStack() as stack:
        yield lambda application: stack.enter_context(serving(application))


# What costs seconds to begin with, and is there once in each process that needs it: one worker's tests begin with each.
_COSTLY = ({"nursery"}, {"image", "postgresql"}, {"chromium"})


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the garbage collector what stays to the end, modules and tests: it took a fifth of a run's CPU time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have tests that need the same costly thing one after the other, and first: most of them wait, or take long.

    Each worker is first given one of as many equal parts of the list, and takes from others' ends when it is done.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    needed = [(_needs(item), item) for item in items]
    size = len(items) // workers
    others = iter([item for need, item in needed if need is None])
    items[:] = []
    for number in range(workers):
        first = [item for need, item in needed if need is not None and need % workers == number]
        items += [*first, *islice(others, max(0, size - len(first)))]
    items += others


def _needs(item: pytest.Item) -> int | None:
    """Which of the costly things a test needs, if any."""
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    names = {*getattr(item, "fixturenames", ()), *(one for one in given if isinstance(one, str))}
    return next((number for number, costly in enumerate(_COSTLY) if names & costly), None)
