"""Any sequence of commands, clicks, kills and faults: one call for one confirmed deletion, and honest words."""

import logging
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from slack_sdk import WebClient
from sqlalchemy import event
from sqlmodel import col, select

from bot.ask import Asking, Request
from bot.decide import Click, Deciding, Outcome, Taken
from bot.follower import Follower
from bot.guards import Guarding
from bot.lightsail.client import SEND_WITHIN
from bot.limits import CALL_WITHIN
from bot.model import Actor
from bot.outages import Watched
from bot.rules import Rulebook
from bot.slack.card import card
from bot.slack.finding import CARD, NOTICES
from bot.slack.outbox import Outbox
from bot.slack.rooms import Rooms
from bot.steps import Steps
from storage import permissions
from storage.database import Database
from storage.file_lease import FileLease
from storage.lease import ALWAYS, LeaseLostError
from storage.tables import (
    LIVE,
    Action,
    Audit,
    CardCopy,
    Deletion,
    Delivery,
    Effect,
    Notice,
    NoticeKind,
    Operation,
    Permission,
    State,
    Why,
)
from tests import emptying
from tests.faults.pretend import (
    COURSES,
    Aws,
    AwsFault,
    Clock,
    EdgedDatabase,
    Edges,
    KilledError,
    Said,
    Slack,
    SlackFault,
)

P = ParamSpec("P")
T = TypeVar("T")
TEAM = "T1"
ANN, BOB, CLEO, EVE = (Actor(TEAM, f"U{name}", name.lower()) for name in ("ANN", "BOB", "CLEO", "EVE"))
PEOPLE = (ANN, BOB, CLEO, EVE)  # Ann and Bob may delete, Cleo may look, Eve may nothing
ADMIN = "UDAN"
NAMES = ("web-1", "web-2")
CHANNELS = ("COPS", "CDEV")
TTL = timedelta(minutes=15)
WEEK = timedelta(days=8)  # and a bit: by then nobody looks any more

MOVES = {
    State.ASKING: {State.PENDING, State.REFUSED},
    State.PENDING: {State.READY, State.CANCELLED, State.DENIED, State.EXPIRED},
    State.READY: {State.DELETING, State.CANCELLED, State.DENIED, State.REFUSED, State.EXPIRED},
    State.DELETING: {State.DELETING, State.DELETED, State.FAILED, State.UNKNOWN, State.READY},
    State.UNKNOWN: {State.DELETED, State.FAILED},
}
NOT_DELETED = (State.FAILED, State.CANCELLED, State.DENIED, State.EXPIRED, State.REFUSED)

soon = st.sampled_from([0.1, 1.0, 5.0, 12.0])
spans = st.sampled_from([1, 31, 130, 16 * 60, 2 * 3600, 26 * 3600, 8 * 24 * 3600]).map(lambda s: timedelta(seconds=s))
pauses = st.sampled_from([0, 6, 40, 16 * 60, 3 * 24 * 3600]).map(lambda s: timedelta(seconds=s))
AT_AWS = ("after a look", "before a delete", "after a delete", "after a poll", "after a list")
AT_SLACK = ("before a call to Slack", "after a call to Slack")
edges_from_now = st.integers(0, 14)
some_edge = edges_from_now | st.sampled_from((*AT_AWS, *AT_SLACK))
people = st.sampled_from(PEOPLE)
names = st.sampled_from(NAMES)
courses = st.sampled_from(sorted(COURSES))
delete_faults = st.sampled_from(AwsFault)
read_faults = st.sampled_from(
    [AwsFault.THROTTLED, AwsFault.DENIED, AwsFault.CREDENTIALS, AwsFault.OWN_ERROR, AwsFault.LOST]
)
READS = ("GetInstanceSnapshot", "GetOperation", "GetOperationsForResource")
METHODS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "auth.test")


@dataclass(frozen=True)
class Wish:
    """A deletion that somebody asks for and confirms, and what happens at its call."""

    name: str
    person: Actor
    course: str
    fault: AwsFault | None
    kill: int | str | None
    down: timedelta
    rounds: int
    seconds: float
    twist: str
    is_early: bool  # the twist: before the bot has heard of the click


LOCKED_OUT = "token_revoked"  # what Slack says then
TWISTS = ("", "stop", "strip", "protect", "remove", "replace", "archive", "delete the card", "click again", "ask again")
wishes = st.builds(
    Wish,
    names,
    st.sampled_from([ANN, BOB]),
    courses,
    st.none() | delete_faults,
    st.none() | some_edge,
    pauses,
    st.integers(0, 6),
    soon,
    st.sampled_from(TWISTS),
    st.booleans(),
)
troubled_reads = st.none() | st.tuples(st.sampled_from(READS), read_faults, st.integers(1, 20))


class Inline(Executor):
    """Works in the thread that submits: what is killed there is killed at once."""

    def __init__(self, surprises: list[str]) -> None:
        self._surprises = surprises

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # as a thread of a pool does  # noqa: BLE001
            if not isinstance(error, LeaseLostError):
                self._surprises.append(f"{type(error).__name__}: {error}")
            done.set_exception(error)
        return done


@dataclass
class Tally:
    """What all sequences of a run have come to."""

    sequences: int = 0
    reached: Counter[str] = field(default_factory=Counter)  # sequences in which it happened
    killed_at: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)


_UNSENT = """
    SELECT EXISTS (SELECT 1 FROM notice WHERE delivery IN ('waiting', 'sending')) OR EXISTS (
        SELECT 1 FROM card_copy
        WHERE delivery IN ('waiting', 'sending') OR delivery = 'sent' AND shown_version < wanted_version
    )
"""


@dataclass
class Stage:
    """What outlives a sequence: the file, with its connections, and the tally."""

    database: EdgedDatabase
    tally: Tally

    def is_quiet(self) -> bool:
        """Whether Slack is as the rows want it. By hand, since it is asked often."""
        with self.database.reading() as tx:
            return not tx.connection().exec_driver_sql(_UNSENT).scalar()

    def clear(self) -> None:
        with self.database.transaction() as tx:
            emptying.empty(tx)


@dataclass(frozen=True)
class Word:
    """A click on Delete that may count."""

    by: str
    at: datetime
    counts: bool  # the asker's, who may, in time, on a card that is there


class Bot:
    """The product's parts as `app.build` wires them, but for threads."""

    def __init__(self, stage: Stage, clock: Clock, aws: Aws, slack: Slack, new_id: Callable[[], str]) -> None:
        self.stage = stage
        self.surprises: list[str] = []
        self.lease = FileLease(stage.database, clock)
        self.lease.lock()
        try:
            self._wire(clock, aws, cast("WebClient", slack), new_id)
        except BaseException:
            self.lease.release()
            raise

    def _wire(self, clock: Clock, aws: Aws, client: WebClient, new_id: Callable[[], str]) -> None:
        database, lease = self.stage.database, self.lease
        lease.start()
        rules = Rulebook(frozenset({ADMIN}), Guarding(protected_tags=(("no_delete", None),)))
        watched = Watched(aws, database, frozenset({ADMIN}), clock, lease.wake)
        self.asking = Asking(database, watched, Rooms(client), lease, rules, TTL, clock, new_id)
        self.deciding = Deciding(database, lease, rules, clock)
        steps = Steps(lease, watched, rules, clock, clock.seconds, lambda: 0.5)
        self.loops = (Follower(database, lease, steps, clock), Outbox(database, lease, client, clock, clock.seconds))
        for loop in self.loops:
            loop._pool = Inline(self.surprises)  # type: ignore[assignment]

    def work(self) -> None:
        """What each loop does when it wakes; the outbox finds nothing where all is quiet, and takes long for it."""
        follower, outbox = self.loops
        follower.start_due()
        if not self.stage.is_quiet():
            outbox.start_due()


class Machine(RuleBasedStateMachine):
    """One sequence.

    The product's own `Asking`, `Deciding`, `Follower` with `Steps`, and `Outbox` run in the test's one thread, over a
    real SQLite file. Time, AWS and Slack are in memory: over HTTP a hundred sequences would take many minutes, and
    nothing there can be killed in the middle of a call. `KilledError` at an edge is what `kill -9` is to a process:
    whatever is not committed is rolled back, and everything in memory is thrown away.

    Three things cannot be promised, and are not played. AWS deletes by name: what is replaced between the last look and
    the call is lost. An operation that is to come more than 30 s after its call cannot be told from none. A message of
    the bot that people delete before the bot knows that it is there is said anew.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.edges = stage.database.edges
        self.edges.disarm()
        self.edges.killed_at.clear()
        stage.clear()
        self.clock = Clock()
        self.aws = Aws(self.clock, self.edges, self.see_accepted)
        self.slack = Slack(self.clock, self.edges, self.see_said)
        self.wrong: list[str] = []
        self.words: dict[str, list[Word]] = defaultdict(list)
        self.granted = {ANN.id: True, BOB.id: True}
        self.rights: dict[str, list[tuple[datetime, bool]]] = defaultdict(lambda: [(ALWAYS, True)])
        self.rows: dict[str, Permission] = {}
        self.ends: dict[str, tuple[object, ...]] = {}
        self.called: dict[str, str] = {}  # deletions, each with the operation of the call that AWS took
        self.count = 0
        self.down = timedelta()
        self.is_broken = False
        for name in NAMES:
            self.aws.take(name)
        with stage.database.transaction() as tx:
            for person, action in ((ANN, "delete"), (BOB, "delete"), (CLEO, "view")):
                self.rows[person.id] = permissions.grant(tx, self.row(person, action))
        self.bot = self.new_bot()
        self.clock.skip(timedelta(seconds=1))

    def row(self, person: Actor, action: str) -> Permission:
        return Permission(
            team_id=TEAM,
            subject=person.id,
            effect=Effect.ALLOW,
            action=Action(action),
            granted_by="test",
            granted_at=self.clock(),
        )

    # The bot's life

    def new_bot(self) -> Bot:
        return Bot(self.stage, self.clock, self.aws, self.slack, self.number)

    def number(self) -> str:
        self.count += 1
        return f"D-{self.count:05}"

    @contextmanager
    def killable(self) -> Iterator[None]:
        try:
            yield
        except KilledError:
            self.restart()

    def restart(self) -> None:
        self.bot.lease.release()
        self.clock.skip(self.down)
        while True:
            try:
                self.bot = self.new_bot()
            except KilledError:
                continue
            break

    def works(self, rounds: int, seconds: float) -> None:
        for _ in range(rounds):
            with self.killable():
                self.bot.work()
            self.wrong += self.bot.surprises
            self.bot.surprises.clear()
            self.clock.skip(timedelta(seconds=seconds))

    # People

    def asks(self, person: Actor, name: str, channel: str, trigger: str | None = None) -> None:
        request = Request(person, channel, trigger or f"trigger {self.number()}", name)
        with self.killable():
            self.bot.asking.ask(request)

    def cards(self) -> list[tuple[str, Said]]:
        """The cards that people can see, each with its deletion."""
        there = [said for said in self.slack.said if not said.is_deleted]
        return [(number, said) for said in there for number in said.carries(CARD, "deletion")]

    def clicks(
        self, press: Callable[[Click], Outcome], person: Actor, on: tuple[str, Said], trigger: str | None = None
    ) -> Outcome | None:
        number, said = on
        click = Click(person, number, said.channel, said.ts, trigger or f"trigger {self.number()}")
        with self.killable():
            return press(click)
        return None  # type: ignore[unreachable]  # `killable` swallows a kill

    def confirms(self, person: Actor, on: tuple[str, Said], trigger: str | None = None) -> None:
        deletion = self.deletion(on[0])
        is_the_askers = deletion is not None and person.id == deletion.requester_id
        in_time = deletion is not None and self.clock() < deletion.expires_at
        counts = is_the_askers and in_time and self.granted.get(person.id, False) and self.is_untagged(deletion)
        self.words[on[0]].append(Word(person.id, self.clock(), counts))
        outcome = self.clicks(self.bot.deciding.confirm, person, on, trigger)
        if isinstance(outcome, Taken) and not counts:
            self.wrong.append(f"{person.name}'s word was taken for {on[0]}")

    def is_untagged(self, deletion: Deletion | None) -> bool:
        """A tag that came after the card was made is for the intent to find."""
        return deletion is not None and not cast("dict[str, object]", deletion.snapshot["tags"])

    def person(self, number: str) -> Actor:
        return next(one for one in PEOPLE if one.id == number)

    def pick(self, which: int) -> tuple[str, Said]:
        """One of the cards, a late one more likely."""
        found = self.cards()
        return found[-1 - which % len(found)]

    # Rules

    @initialize(skew=st.sampled_from([0, 0, 600, -600]), remembers=st.booleans(), wish=wishes, read=troubled_reads)
    def begins(self, skew: int, remembers: bool, wish: "Wish", read: tuple[str, AwsFault, int] | None) -> None:  # noqa: FBT001
        self.aws.skew, self.aws.remembers = timedelta(seconds=skew), remembers
        self.is_wished(wish, read)

    @rule(person=people, name=names, channel=st.sampled_from(CHANNELS), twice=st.booleans())
    def somebody_asks(self, person: Actor, name: str, channel: str, twice: bool) -> None:  # noqa: FBT001
        trigger = f"trigger {self.number()}"
        for _ in range(1 + twice):
            self.asks(person, name, channel, trigger)

    @rule(wish=wishes, read=troubled_reads)
    def somebody_wants_it(self, wish: "Wish", read: tuple[str, AwsFault, int] | None) -> None:
        self.is_wished(wish, read)

    def is_wished(self, wish: "Wish", read: tuple[str, AwsFault, int] | None) -> None:
        """Ask, confirm, and the call with whatever goes wrong there: what most people do."""
        self.edges.disarm()
        self.aws.take(wish.name)
        self.asks(wish.person, wish.name, CHANNELS[1])
        self.works(2, 1)
        mine = [one for one in self.cards() if self.is_live_of(one[0], wish.person, wish.name)]
        if not mine:
            return
        self.aws.course = COURSES[wish.course]
        if wish.fault:
            self.aws.trouble("DeleteInstanceSnapshot", wish.fault, 1)
        self.confirms(wish.person, mine[-1])
        if wish.kill is not None:
            self.down = wish.down
            self.edges.arm(wish.kill)
        if wish.is_early:
            self.twists(wish, mine[-1])
        self.works(1, wish.seconds)
        if read:
            self.aws.trouble(*read)
        if not wish.is_early:
            self.twists(wish, mine[-1])
        self.works(wish.rounds, wish.seconds)

    def twists(self, wish: "Wish", on: tuple[str, Said]) -> None:
        match wish.twist:
            case "stop":
                self.clicks(self.bot.deciding.stop, PEOPLE[wish.rounds % 4], on)
            case "strip":
                self.rights_change(wish.person)
            case "archive":
                self.slack.archived.add(CHANNELS[1])
            case "delete the card":
                self.deletes(on[1])
            case "click again":
                self.confirms(wish.person, on)
            case "ask again":
                self.asks(wish.person, on[0], CHANNELS[0])
            case what:
                self.console(wish.name, what)

    def is_live_of(self, number: str, person: Actor, name: str) -> bool:
        deletion = self.deletion(number)
        return bool(
            deletion and deletion.state in LIVE and deletion.requester_id == person.id and deletion.name == name
        )

    @precondition(lambda self: self.cards())
    @rule(which=st.integers(0, 3), person=st.none() | people, again=st.sampled_from(["", "the same", "another"]))
    def somebody_confirms(self, which: int, person: Actor | None, again: str) -> None:
        """The asker, unless somebody else is named."""
        on, trigger = self.pick(which), f"trigger {self.number()}"
        deletion = self.deletion(on[0])
        assert deletion
        who = person or self.person(deletion.requester_id)
        self.confirms(who, on, trigger)
        if again:
            self.confirms(who, on, trigger if again == "the same" else None)

    @precondition(lambda self: self.cards())
    @rule(which=st.integers(0, 3), person=people, what=st.sampled_from(["stop", "look"]))
    def somebody_stops_it_or_looks_again(self, which: int, person: Actor, what: str) -> None:
        deciding = self.bot.deciding
        self.clicks(deciding.stop if what == "stop" else deciding.look, person, self.pick(which))

    @rule(rounds=st.integers(1, 6), seconds=soon, healed=st.booleans())
    def the_bot_works(self, rounds: int, seconds: float, healed: bool) -> None:  # noqa: FBT001
        if healed:
            self.heal()
        self.works(rounds, seconds)

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.clock.skip(span)
        self.works(1, 1)

    @rule(passes=st.none() | some_edge, down=pauses, rounds=st.integers(1, 4), seconds=soon)
    def the_bot_is_killed(self, passes: int | str | None, down: timedelta, rounds: int, seconds: float) -> None:
        """At work, or while it waits."""
        self.down = down
        if passes is None:
            self.restart()
        else:
            self.edges.arm(passes)
        self.works(rounds, seconds)

    @rule(
        passes=edges_from_now,
        what=st.sampled_from(["pause", "long pause", "stop", "console", "archive"]),
        name=names,
        person=people,
        rounds=st.integers(1, 4),
    )
    def something_happens_meanwhile(self, passes: int, what: str, name: str, person: Actor, rounds: int) -> None:
        """While the bot is between two edges."""
        happens: dict[str, Callable[[], None]] = {
            "pause": lambda: self.clock.skip(timedelta(seconds=20)),
            "long pause": lambda: self.clock.skip(timedelta(minutes=16)),
            "stop": lambda: self.stops_the_last(person),
            "console": lambda: self.aws.remove(name),
            "archive": lambda: self.slack.archived.add(CHANNELS[1]),
        }
        self.edges.arm(passes, happens[what])
        self.works(rounds, 1)

    def stops_the_last(self, person: Actor) -> None:
        if self.cards():
            self.clicks(self.bot.deciding.stop, person, self.pick(0))

    @rule(
        trouble=st.tuples(st.just("DeleteInstanceSnapshot"), delete_faults, st.integers(1, 3))
        | st.tuples(st.sampled_from(READS), read_faults, st.integers(1, 20)),
        course=courses,
        is_down=st.booleans(),
    )
    def aws_does_not_do_as_it_should(self, trouble: tuple[str, AwsFault, int], course: str, is_down: bool) -> None:  # noqa: FBT001
        self.aws.course = COURSES[course]
        self.aws.trouble(*trouble)
        if is_down:
            self.aws.is_down = True
            self.works(1, 40)
            self.aws.is_down = False

    @rule(name=names, what=st.sampled_from(["remove", "replace", "take", "protect", "free"]))
    def somebody_uses_the_console(self, name: str, what: str) -> None:
        self.console(name, what)

    def console(self, name: str, what: str) -> None:
        match what:
            case "remove":
                self.aws.remove(name)
            case "replace":
                self.aws.remove(name)
                self.aws.take(name)
            case "take":
                self.aws.take(name)
            case "protect":
                self.aws.tag(name, no_delete="")
            case _:
                self.aws.tag(name)

    @rule(person=st.sampled_from([ANN, BOB]))
    def somebody_gains_or_loses_a_right(self, person: Actor) -> None:
        self.rights_change(person)

    def rights_change(self, person: Actor) -> None:
        self.granted[person.id] = not self.granted[person.id]
        self.rights[person.id].append((self.clock(), self.granted[person.id]))
        with Database.transaction(self.stage.database) as tx:  # not the bot's, so no edge of it
            if self.granted[person.id]:
                self.rows[person.id] = permissions.grant(tx, self.row(person, "delete"))
            else:
                number = self.rows[person.id].id
                assert number
                permissions.revoke(tx, TEAM, number, by="test", now=self.clock(), admins=frozenset({ADMIN}))

    @rule(method=st.sampled_from(METHODS), fault=st.sampled_from(SlackFault), times=st.integers(1, 4))
    def slack_does_not_do_as_it_should(self, method: str, fault: SlackFault, times: int) -> None:
        self.slack.trouble(method, fault, times)

    @rule(channel=st.sampled_from(CHANNELS))
    def a_channel_is_archived_or_comes_back(self, channel: str) -> None:
        self.slack.archived ^= {channel}

    @precondition(lambda self: self.slack.said)
    @rule(which=st.integers(0, 6))
    def somebody_deletes_a_message(self, which: int) -> None:
        self.deletes(self.slack.said[-1 - which % len(self.slack.said)])

    def deletes(self, said: Said) -> None:
        """As somebody does in Slack; what the bot does not know to be there yet it would rightly say again."""
        if self.is_known(said):
            said.is_deleted = True

    def is_known(self, said: Said) -> bool:
        """Whether the bot knows that this message is there."""
        with self.stage.database.reading() as tx:
            kinds = (tx.exec(select(CardCopy.ts)).all(), tx.exec(select(Notice.ts)).all())
        return any(said.ts in known for known in kinds)

    def heal(self) -> None:
        self.aws.heal()
        self.slack.heal()
        self.edges.disarm()

    # What must hold at once

    def deletion(self, number: str) -> Deletion | None:
        with self.stage.database.reading() as tx:
            return tx.get(Deletion, number)

    def see_accepted(self, arn: str, operation: str, at: datetime) -> None:
        """AWS carries out a call: was that the one to make?"""
        with self.stage.database.reading() as tx:
            live = [one for one in tx.exec(select(Deletion).where(Deletion.state == State.DELETING)) if one.arn == arn]
        if len(live) != 1:
            self.wrong.append(f"{arn} is deleted, but {len(live)} deletions are about to")
            return
        (deletion,) = live
        if self.called.setdefault(deletion.id, operation) != operation:
            self.wrong.append(f"a second call was accepted for {deletion.id}")
        words = [one for one in self.words[deletion.id] if one.counts and one.at == deletion.decided_at]
        if not words or deletion.decided_by != words[0].by:
            self.wrong.append(f"{deletion.id} was called without a word that counts")
        elif at - words[0].at > CALL_WITHIN + timedelta(seconds=SEND_WITHIN):
            self.wrong.append(f"{deletion.id} was called {at - words[0].at} after the word")
        if not deletion.intended_at or not self.had_right(deletion.requester_id, deletion.intended_at):
            self.wrong.append(f"{deletion.id} was called though {deletion.requester_id} may not any more")

    def had_right(self, person: str, moment: datetime) -> bool:
        """Whether somebody had the right when the call was made: AWS may carry it out some seconds later."""
        before = [has for at, has in self.rights[person] if at < moment][-1:]
        return any(before + [has for at, has in self.rights[person] if at == moment])

    def see_said(self, channel: str, text: str) -> None:
        """What the bot says is so."""
        del channel
        number = next((part for part in text.replace(",", " ").split() if part.startswith("D-")), None)
        deletion = self.deletion(number) if number else None
        if deletion and "✅ Deleted" in text and self.aws.exists(deletion.arn):
            self.wrong.append(f"{deletion.id} is said to be deleted, and is not: {text}")
        if deletion and "Not deleted" in text and self.is_gone_by_us(deletion):
            self.wrong.append(f"{deletion.id} is said not to be deleted, and is: {text}")

    @invariant()
    def all_is_in_order(self) -> None:
        with self.stage.database.reading() as tx:
            stored = tx.exec(select(Deletion)).all()
            moves = tx.exec(select(Audit).where(Audit.deletion_id != None).order_by(Audit.id)).all()  # type: ignore[arg-type]  # noqa: E711
        moved = defaultdict(list)
        for row in moves:
            moved[row.deletion_id].append(row)
        for deletion in stored:
            self.is_honest(deletion)
            self.is_on_record(deletion, moved[deletion.id])
        live = Counter(one.arn for one in stored if one.state in LIVE)
        self.wrong += [f"{arn} has {count} live deletions" for arn, count in live.items() if count > 1]
        self.is_said_once()
        self.holds()

    def holds(self) -> None:
        self.is_broken = self.is_broken or bool(self.wrong)
        assert not self.wrong, "; ".join(self.wrong)

    def is_honest(self, deletion: Deletion) -> None:
        if deletion.state not in LIVE:
            end = (deletion.state, deletion.why, deletion.facts, deletion.ended_at)
            if self.ends.setdefault(deletion.id, end) != end:
                self.wrong.append(f"{deletion.id} left its end {self.ends[deletion.id]} for {end}")
        if deletion.state is State.DELETED and self.aws.exists(deletion.arn):
            self.wrong.append(f"{deletion.id} is deleted, but {deletion.arn} is there")
        if deletion.state in NOT_DELETED and self.is_gone_by_us(deletion):
            self.wrong.append(f"{deletion.id} is {deletion.state} ({deletion.why}), but we deleted it")
        if deletion.why is Why.CONFIRMED and deletion.arn not in self.aws.removed_by:
            self.wrong.append(f"{deletion.id} is confirmed, but nobody deleted it")

    def is_gone_by_us(self, deletion: Deletion) -> bool:
        """Whether the call that was made for this very deletion has removed the snapshot."""
        gone = not self.aws.exists(deletion.arn)
        return gone and self.aws.removed_by[deletion.arn] == self.called.get(deletion.id)

    def is_on_record(self, deletion: Deletion, rows: Sequence[Audit]) -> None:
        state = State.ASKING
        for row in rows:
            if row.event not in set(State):
                continue
            if row.facts["before"] != state or State(row.event) not in MOVES[state]:
                self.wrong.append(f"{deletion.id} went from {row.facts['before']} to {row.event}, and was {state}")
            state = State(row.event)
        if state is not deletion.state:
            self.wrong.append(f"{deletion.id} is {deletion.state}, but on record it is {state}")

    def is_said_once(self) -> None:
        cards: Counter[str] = Counter()
        lines: Counter[str] = Counter()
        for said in self.slack.said:
            if said.is_deleted:
                continue
            cards.update(said.carries(CARD, "copy"))
            if not said.channel.startswith("D"):  # where the bot cannot look, it says things again
                lines.update(said.carries(NOTICES, "notices"))
        self.wrong += [f"card {number} is there {count} times" for number, count in cards.items() if count > 1]
        self.wrong += [f"notice {number} is said {count} times" for number, count in lines.items() if count > 1]

    # What must hold in the end

    def teardown(self) -> None:
        if self.is_broken:
            self.bot.lease.release()
            return
        try:
            self.heal()
            self.drain()
            self.all_is_in_order()
            self.is_all_told()
            self.holds()
            self.count_it()
        finally:
            self.bot.lease.release()

    def drain(self) -> None:
        """Nothing goes wrong any more, and time passes: until all is said, to every next look, and then for a week."""
        for span in (15, 15, 60, 150, 900, 900, 3600, 4 * 24 * 3600, 8 * 24 * 3600, 3600):
            self.works(1, 2)
            self.deliver()
            if not self.live():
                return
            self.clock.skip(timedelta(seconds=span))
        self.look_on_demand()
        self.works(2, 2)
        self.deliver()

    def live(self) -> Sequence[str]:
        with self.stage.database.reading() as tx:
            return tx.exec(select(Deletion.id).where(col(Deletion.state).in_(LIVE))).all()

    def look_on_demand(self) -> None:
        """After a week somebody has to press Look again."""
        with self.stage.database.reading() as tx:
            unknown = tx.exec(select(Deletion, CardCopy).join(CardCopy).where(Deletion.state == State.UNKNOWN)).all()
        for deletion, copy in unknown:
            click = Click(
                self.person(deletion.requester_id), deletion.id, copy.channel_id, copy.ts or "", f"last {deletion.id}"
            )
            self.bot.deciding.look(click)

    def deliver(self) -> None:
        for _ in range(12):
            if self.stage.is_quiet():
                return
            self.works(1, 15)

    def is_all_told(self) -> None:
        with self.stage.database.reading() as tx:
            stored = tx.exec(select(Deletion)).all()
            copies = {copy.deletion_id: copy for copy in tx.exec(select(CardCopy))}
            notices = tx.exec(select(Notice).order_by(Notice.id)).all()  # type: ignore[arg-type]
            operations = tx.exec(select(Operation)).all()
        if not self.stage.is_quiet():
            self.wrong.append("something is still to be said")
        for deletion in stored:
            self.has_ended(deletion)
            self.has_its_card(deletion, copies[deletion.id])
            mine = [one for one in notices if one.deletion_id == deletion.id]
            self.was_told(deletion, mine)
        for operation in operations:
            said = sum(one.kind is NoticeKind.STATUS and one.facts["operation"] == operation.id for one in notices)
            if said != operation.said:
                self.wrong.append(f"{operation.id} has {operation.said} statuses and {said} notices")

    def has_ended(self, deletion: Deletion) -> None:
        if deletion.state not in LIVE:
            return
        is_there = self.aws.exists(deletion.arn) or deletion.arn in self.aws.removed_by  # after nobody looked any more
        if deletion.state is not State.UNKNOWN or deletion.due_at or not is_there:
            self.wrong.append(f"{deletion.id} is still {deletion.state}, due {deletion.due_at}")

    def has_its_card(self, deletion: Deletion, copy: CardCopy) -> None:
        posted = [one for one in self.slack.said if str(copy.id) in one.carries(CARD, "copy")]
        if copy.delivery is Delivery.DROPPED:
            if not copy.problem:
                self.wrong.append(f"why {deletion.id} has no card is not on record")
            return
        shown = [one for one in posted if not one.is_deleted]
        if len(posted) != 1 or (shown and shown[0].text != card(deletion).text):
            self.wrong.append(f"the card of {deletion.id} ({deletion.state}) is {[one.text for one in posted]}")

    def was_told(self, deletion: Deletion, notices: Sequence[Notice]) -> None:
        mine = [one for one in self.slack.said if deletion.id in one.carries(NOTICES, "deletion")]
        order = [int(number) for one in mine for number in one.carries(NOTICES, "notices")]
        places = [number for number in order if not any(number == one.id and one.problem for one in notices)]
        if places != sorted(places):
            self.wrong.append(f"{deletion.id} was told in the order {order}")
        for notice in notices:
            if notice.delivery is Delivery.DROPPED and not notice.problem:
                self.wrong.append(
                    f"why notice {notice.id} ({notice.kind}) of {deletion.id} was dropped is not on record"
                )
            if notice.delivery is Delivery.SENT and notice.id not in order:
                self.wrong.append(f"notice {notice.id} ({notice.kind}) of {deletion.id} is sent, but was never said")
            blindly = notice.problem and "twice" in notice.problem
            in_vain = notice.problem == LOCKED_OUT  # for a day, and nobody mended the token: it is on record
            if notice.kind is NoticeKind.ENDED and notice.delivery is Delivery.DROPPED and not (blindly or in_vain):
                self.wrong.append(f"the outcome of {deletion.id} was told to nobody: {notice.problem}")
        if deletion.state not in LIVE and not any(one.kind is NoticeKind.ENDED for one in notices):
            self.wrong.append(f"{deletion.id} has ended, and nobody is to hear of it")

    def count_it(self) -> None:
        tally = self.stage.tally
        tally.sequences += 1
        with self.stage.database.reading() as tx:
            stored = tx.exec(select(Deletion)).all()
        reached = {f"{action} was called" for action in (*self.aws.calls, *self.slack.calls)} | {
            f"{why}" for why in self.edges.killed_at
        }
        reached |= {f"{one.state}: {one.why}" for one in stored}
        reached |= {"a deletion was accepted"} if self.called else set()
        reached |= {"a kill"} if self.edges.killed_at else set()
        tally.reached.update(reached)
        tally.killed_at.update(self.edges.killed_at)
        tally.ended.update(f"{one.state}: {one.why}" for one in stored)


@pytest.fixture
def stage(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Stage]:
    caplog.set_level(logging.CRITICAL, "bot")  # the log of thousands of sequences is of no use
    monkeypatch.setattr("bot.slack.outbox._LENGTH", 900)  # so that what waits for a thread takes several messages
    path = tmp_path / "lightkeeper.db"
    shutil.copy(migrated, path)
    database = EdgedDatabase(f"sqlite:///{path}", Edges())

    def leave_it_to_the_system(connection: object, _record: object) -> None:
        """A kill loses nothing that the system has: only a power cut would, and none is played."""
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

    event.listen(database.engine, "connect", leave_it_to_the_system)
    yield Stage(database, Tally())
    database.close()


def run(stage: Stage, sequences: int, steps: int, *, random: bool) -> Tally:
    run_state_machine_as_test(
        partial(Machine, stage),  # type: ignore[arg-type]  # "or a function", says its docstring
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not random,
            print_blob=random,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
    return stage.tally


@pytest.mark.timeout(300)
def test_no_sequence_of_a_hundred_breaks_the_promise(stage: Stage) -> None:
    tally = run(stage, 100, 20, random=False)

    assert tally.reached["a deletion was accepted"] >= tally.sequences / 3
    assert tally.reached["a kill"] >= tally.sequences / 3
    assert {"before a delete", "after a delete"} <= set(tally.killed_at)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_sequence_of_two_thousand_breaks_the_promise(stage: Stage) -> None:
    tally = run(stage, 2000, 40, random=True)
    faults = {f"DeleteInstanceSnapshot: {fault} was called" for fault in AwsFault if fault is not AwsFault.UNREACHED}
    faults |= {f"Slack: {fault} was called" for fault in SlackFault}

    sys.stdout.write(f"\n{tally}\n")  # for `make soak ARGS=-s`
    assert tally.reached["a deletion was accepted"] >= tally.sequences / 3
    assert tally.reached["a kill"] >= tally.sequences / 3
    assert {*AT_AWS, *AT_SLACK, "before a commit", "after a commit"} <= set(tally.killed_at)
    assert faults <= set(tally.reached)
