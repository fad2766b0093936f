"""What surrounds the bot, in memory: a clock, edges at which it can be killed, an AWS and a Slack with faults."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from sqlmodel import Session

from bot.errors import (
    NO_OPERATION,
    TOO_LATE,
    UNREADABLE,
    AmbiguousError,
    AwsError,
    CredentialsError,
    NotExecutedError,
    NotThereError,
    RejectedError,
)
from bot.lightsail.client import SEND_WITHIN
from bot.model import DELETE_ACTION, Accepted, Found, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from storage.database import ANSWER_WITHIN, Database

REGION = "us-east-1"
START = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


class Clock:
    """The only time there is; it goes by when a test says so."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return (self.now - START).total_seconds()

    def skip(self, span: timedelta) -> None:
        self.now += span


# Edges


class KilledError(BaseException):
    """The process is gone, here and now: nothing of the product may catch it."""


class Edges:
    """The boundaries that the bot passes: of transactions, of calls to AWS, of calls to Slack."""

    def __init__(self) -> None:
        self.is_armed = False
        self._left = 0
        self._at = ""
        self._what: Callable[[], None] = _nothing
        self._is_kill = False
        self.killed_at: Counter[str] = Counter()

    def arm(self, at: int | str, what: Callable[[], None] | None = None) -> None:
        """After so many more edges, or at the next of that name, kill the process, or have something happen there."""
        self.is_armed, self._left, self._at = True, *((at, "") if isinstance(at, int) else (0, at))
        self._is_kill, self._what = what is None, what or _nothing

    def disarm(self) -> None:
        self.is_armed = False

    def passing(self, where: str, *, inside: bool = False) -> None:
        """Inside a transaction a kill can come, and nothing else: the database has one writer."""
        if not self.is_armed or self._at not in ("", where):
            return
        self._left -= 1
        if self._left >= 0 or (inside and not self._is_kill):
            return
        self.disarm()
        if self._is_kill:
            self.killed_at[where] += 1
            raise KilledError
        self._what()


def _nothing() -> None:
    pass


class EdgedDatabase(Database):
    """A database whose commits are edges."""

    def __init__(self, url: str, edges: Edges) -> None:
        super().__init__(url)
        self.edges = edges

    @contextmanager
    def transaction(self, *, within: float = ANSWER_WITHIN) -> Iterator[Session]:
        with super().transaction(within=within) as tx:
            yield tx
            self.edges.passing("before a commit", inside=True)
        self.edges.passing("after a commit")


# AWS


class AwsFault(StrEnum):
    """What can be wrong with a call; one that is EXECUTED does its work all the same."""

    THROTTLED = "throttled"
    SETTING_UP = "setting up"
    DENIED = "denied"
    CREDENTIALS = "credentials"
    UNREACHED = "unreached"
    OWN_ERROR = "own error"
    OWN_ERROR_EXECUTED = "own error, executed"
    LOST = "lost"
    LOST_EXECUTED = "lost, executed"
    TIMEOUT = "time-out"
    TIMEOUT_EXECUTED = "time-out, executed"
    TIMEOUT_EXECUTED_LATE = "time-out, executed some seconds later"
    UNREADABLE_EXECUTED = "unreadable, executed"
    NO_OPERATION = "no operation"
    NO_OPERATION_EXECUTED = "no operation, executed"
    OPERATION_FAILURE = "operation failure"


_NOT_TAKEN: dict[AwsFault, tuple[type[AwsError], str]] = {
    AwsFault.THROTTLED: (NotExecutedError, "ThrottlingException"),
    AwsFault.SETTING_UP: (NotExecutedError, "RegionSetupInProgressException"),
    AwsFault.DENIED: (RejectedError, "AccessDeniedException"),
    AwsFault.CREDENTIALS: (CredentialsError, "ExpiredTokenException"),
    AwsFault.UNREACHED: (NotExecutedError, "EndpointConnectionError"),
    AwsFault.OPERATION_FAILURE: (AmbiguousError, "OperationFailureException"),
}
_NO_ANSWER = {
    AwsFault.OWN_ERROR: "ServiceException",
    AwsFault.OWN_ERROR_EXECUTED: "ServiceException",
    AwsFault.LOST: "ConnectionClosedError",
    AwsFault.LOST_EXECUTED: "ConnectionClosedError",
    AwsFault.TIMEOUT: "ReadTimeoutError",
    AwsFault.TIMEOUT_EXECUTED: "ReadTimeoutError",
    AwsFault.TIMEOUT_EXECUTED_LATE: "ReadTimeoutError",
    AwsFault.UNREADABLE_EXECUTED: UNREADABLE,
    AwsFault.NO_OPERATION: NO_OPERATION,
    AwsFault.NO_OPERATION_EXECUTED: NO_OPERATION,
}
_READ_TIME_OUT = timedelta(seconds=20)
_LATE = timedelta(seconds=3)  # later still; all in all before anybody repeats a call


class Status(NamedTuple):
    """From when on an operation has a status, in seconds since it began."""

    after: float
    status: str
    is_terminal: bool | None
    error: str | None = None


@dataclass(frozen=True)
class Course:
    """How an operation goes on, and after how many seconds the snapshot is gone, if ever."""

    statuses: tuple[Status, ...]
    gone_after: float | None


def _going(status: str, after: float = 0) -> Status:
    return Status(after, status, is_terminal=False)


def _last(status: str, after: float = 0, error: str | None = None) -> Status:
    return Status(after, status, is_terminal=True, error=error)


def _untold(status: str, after: float = 0) -> Status:
    return Status(after, status, is_terminal=None)


_DAYS = 3 * 24 * 3600.0
_STARTED = _going("Started")
COURSES = {
    "at once": Course((_last("Succeeded"),), 0),
    "completed": Course((_STARTED, _last("Completed", 2)), 2),
    "in steps": Course((_going("NotStarted"), _going("Started", 1), _last("Succeeded", 3)), 3),
    "slow": Course((_STARTED, _last("Succeeded", 400)), 400),
    "three days": Course((_STARTED, _last("Succeeded", _DAYS)), _DAYS),
    "stuck": Course((_STARTED,), None),
    "stuck, though gone": Course((_STARTED,), 60),
    "failed": Course((_STARTED, _last("Failed", 3, error="It was " + "so " * 300)), None),
    "failed at once": Course((_last("Failed", error="No"),), None),
    "strange": Course((_untold("Pondering"), _untold("Wavering", 30), _last("Succeeded", 200)), 200),
    "strange end": Course((_last("Cancelled"),), None),
    "silent": Course((_untold(""),), 5),
    "said too early": Course((_last("Succeeded"),), 40),
}


@dataclass
class _Running:
    """An operation that was begun."""

    number: str
    name: str
    arn: str
    began: datetime  # AWS's clock
    course: Course

    def at(self, now: datetime) -> Operation:
        age = (now - self.began).total_seconds()
        status = [one for one in self.course.statuses if one.after <= age][-1]
        return Operation(
            id=self.number,
            status=status.status,
            resource_name=self.name,
            created_at=self.began,
            is_terminal=status.is_terminal,
            operation_type=DELETE_ACTION,
            error_code="Trouble" if status.error else None,
            error_details=status.error,
        )

    def has_removed(self, now: datetime) -> bool:
        gone_after = self.course.gone_after
        return gone_after is not None and (now - self.began).total_seconds() >= gone_after


@dataclass
class Aws:
    """An account with some snapshots in one region.

    It is as hard on the bot as AWS's documentation allows: it takes a second call while the first one is under way,
    lists operations of what is gone only where `remembers`, and its clock is off by `skew`.
    """

    clock: Clock
    edges: Edges
    on_accepted: Callable[[str, str, datetime], None]  # with the ARN, the operation, and when by the bot's clock
    skew: timedelta = timedelta()
    remembers: bool = True
    course: Course = COURSES["at once"]
    is_down: bool = False
    regions: tuple[str, ...] = (REGION,)
    removed_by: dict[str, str] = field(default_factory=dict)  # of ARNs that are gone, the operation
    calls: Counter[str] = field(default_factory=Counter)
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)
    _operations: list[_Running] = field(default_factory=list)
    _later: list[tuple[datetime, Snapshot]] = field(default_factory=list)
    _faults: dict[str, deque[AwsFault]] = field(default_factory=lambda: defaultdict(deque))
    _made: int = 0

    # What others do

    def take(self, name: str) -> None:
        """Take a new snapshot, where nothing has the name."""
        self._settle()
        self._made += 1
        arn = f"arn:aws:lightsail:{REGION}:123456789012:InstanceSnapshot/{self._made}"
        self._snapshots.setdefault(name, Snapshot(arn, name, REGION, self.now(), "available", 40))

    def remove(self, name: str) -> None:
        """Somebody deletes a snapshot in the console."""
        self._settle()
        if snapshot := self._snapshots.pop(name, None):
            self.removed_by[snapshot.arn] = self._begin(snapshot, COURSES["at once"], self.clock()).number

    def tag(self, name: str, **tags: str) -> None:
        """Somebody gives a snapshot these tags, and no others."""
        self._settle()
        if old := self._snapshots.get(name):
            facts = {**old.to_json(), "tags": tags}
            self._snapshots[name] = Snapshot.from_json(facts)

    def trouble(self, action: str, fault: AwsFault, times: int) -> None:
        """The next calls of an action go wrong."""
        self._faults[action] += [fault] * times

    def heal(self) -> None:
        self.is_down = False
        self._faults.clear()

    # What is so

    def now(self) -> datetime:
        """AWS's clock."""
        return self.clock() + self.skew

    def exists(self, arn: str) -> bool:
        self._settle()
        return any(one.arn == arn for one in self._snapshots.values())

    # What the bot asks

    def find(self, name: str, regions: Sequence[str]) -> Found:
        silent: dict[str, AwsError] = {}
        hits: list[Snapshot] = []
        for region in regions:
            try:
                seen = self.see(region, name).snapshot
            except AwsError as error:
                silent[region] = error
            else:
                hits += [seen] if seen else []
        return Found(hits, silent)

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        del regions
        self._settle()
        return list(self._snapshots.values())

    def around(self, snapshot: Snapshot) -> Surroundings:
        del snapshot
        return Surroundings()

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        del snapshot
        return Surroundings()

    def see(self, region: str, name: str) -> Sighting:
        self._asked("GetInstanceSnapshot", region)
        seen = Sighting(self._snapshots.get(name), self._date())
        self.edges.passing("after a look")
        return seen

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        del behalf, until
        return partial(self.delete, snapshot.region, snapshot.name)

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        del region
        self.calls[DELETE_ACTION] += 1
        self.edges.passing("before a delete")
        if self.clock.seconds() - intended > SEND_WITHIN:
            raise NotExecutedError(DELETE_ACTION, TOO_LATE)
        fault = self._fault(DELETE_ACTION)
        if fault in _NOT_TAKEN:
            kind, code = _NOT_TAKEN[fault]
            raise kind(DELETE_ACTION, code)
        self._settle()
        if name not in self._snapshots:
            raise NotThereError(DELETE_ACTION, "NotFoundException", aws_time=self._date())
        snapshot, begun = self._snapshots[name], None
        if fault is AwsFault.TIMEOUT_EXECUTED_LATE:
            self._later.append((self.clock() + _READ_TIME_OUT + _LATE, snapshot))
        elif fault is None or fault.endswith(", executed"):
            begun = self._execute(snapshot, self.clock())
        self.edges.passing("after a delete")
        if fault and fault.startswith("time-out"):
            self.clock.skip(_READ_TIME_OUT)
        if fault:
            raise AmbiguousError(DELETE_ACTION, _NO_ANSWER[fault])
        return Accepted([begun.at(self.now())] if begun else [], "request-1")

    def operation(self, region: str, number: str) -> Operation:
        self._asked("GetOperation", region)
        found = next((one for one in self._operations if one.number == number), None)
        if found is None:
            raise NotThereError("GetOperation", "NotFoundException", aws_time=self._date())
        self.edges.passing("after a poll")
        return found.at(self.now())

    def operations_on(self, region: str, name: str) -> list[Operation]:
        self._asked("GetOperationsForResource", region)
        is_there = name in self._snapshots
        listed = [one.at(self.now()) for one in self._operations if one.name == name]
        self.edges.passing("after a list")
        return listed if is_there or self.remembers else []

    # Inside

    def _execute(self, snapshot: Snapshot, at: datetime) -> _Running:
        begun = self._begin(snapshot, self.course, at)
        self.on_accepted(snapshot.arn, begun.number, at)
        self._let_go(begun)
        return begun

    def _begin(self, snapshot: Snapshot, course: Course, at: datetime) -> _Running:
        number = f"op-{len(self._operations) + 1:08}"
        begun = _Running(number, snapshot.name, snapshot.arn, at + self.skew, course)
        self._operations.append(begun)
        return begun

    def _settle(self) -> None:
        """Let happen what should have happened by now."""
        for one in [one for one in self._later if one[0] <= self.clock()]:
            self._later.remove(one)
            at, snapshot = one
            if self._snapshots.get(snapshot.name) is snapshot:
                self._execute(snapshot, at)
        for running in self._operations:
            self._let_go(running)

    def _let_go(self, running: _Running) -> None:
        held = self._snapshots.get(running.name)
        if held and held.arn == running.arn and running.has_removed(self.now()):
            del self._snapshots[running.name]
            self.removed_by[running.arn] = running.number

    def _asked(self, action: str, region: str) -> None:
        """A read: the same faults, and nothing is ever executed."""
        del region
        self.calls[action] += 1
        self.edges.passing("before a read")
        fault = self._fault(action)
        self._settle()
        if fault is AwsFault.DENIED:
            raise RejectedError(action, "AccessDeniedException")
        if fault is AwsFault.CREDENTIALS:
            raise CredentialsError(action, "ExpiredTokenException")
        if fault is AwsFault.THROTTLED:
            raise NotExecutedError(action, "ThrottlingException")
        if fault is not None:
            raise AmbiguousError(action, _NO_ANSWER.get(fault, "ServiceException"))

    def _fault(self, action: str) -> AwsFault | None:
        if self.is_down:
            return AwsFault.UNREACHED
        fault = self._faults[action].popleft() if self._faults[action] else None
        self.calls.update([f"{action}: {fault}"] if fault else [])
        return fault

    def _date(self) -> datetime:
        """As a Date header has it."""
        return self.now().replace(microsecond=0)


# Slack


class SlackFault(StrEnum):
    """What can be wrong with a call; one that is DONE does its work all the same."""

    TOO_FAST = "too fast"
    LOCKED_OUT = "locked out"
    OWN_ERROR = "own error"
    OWN_ERROR_DONE = "own error, done"
    LOST = "lost"
    LOST_DONE = "lost, done"


@dataclass
class Said:
    """A message of the bot. Those that people have deleted are kept, so that nothing is forgotten."""

    channel: str
    ts: str
    thread: str | None
    text: str
    blocks: object
    metadata: dict[str, object]
    is_deleted: bool = False

    def carries(self, kind: str, key: str) -> list[str]:
        """The numbers that its metadata name."""
        if self.metadata.get("event_type") != kind:
            return []
        payload = self.metadata.get("event_payload")
        return str(payload.get(key, "")).split(",") if isinstance(payload, dict) else []


@dataclass
class Slack:
    """A workspace as far as the bot's client calls it, under slack_sdk's names."""

    clock: Clock
    edges: Edges
    on_said: Callable[[str, str], None]  # with the channel and what is about to be read there
    said: list[Said] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    _faults: dict[str, deque[SlackFault]] = field(default_factory=lambda: defaultdict(deque))

    # What others do

    def trouble(self, method: str, fault: SlackFault, times: int) -> None:
        """The next calls of a method go wrong."""
        self._faults[method] += [fault] * times

    def heal(self) -> None:
        self._faults.clear()

    # What the bot asks

    def chat_postMessage(  # noqa: N802  (slack_sdk's name)
        self,
        *,
        channel: str,
        text: str,
        blocks: object,
        metadata: dict[str, object],
        thread_ts: str | None = None,
        **_: object,
    ) -> SlackResponse:
        fault = self._begin("chat.postMessage")
        where = f"D{channel}" if channel.startswith("U") else channel
        self._must_be_open(where, "is_archived")
        if thread_ts and self._find(where, thread_ts) is None:
            raise _refused("thread_not_found")
        ts = f"{self.clock().timestamp():.0f}.{len(self.said):06}"
        self.said.append(Said(where, ts, thread_ts, text, blocks, metadata))
        self.on_said(where, text)
        self._end(fault)
        return _answer({"ok": True, "channel": where, "ts": ts})

    def chat_update(self, *, channel: str, ts: str, text: str, blocks: object) -> SlackResponse:
        fault = self._begin("chat.update")
        self._must_be_open(channel, "is_inactive")
        message = self._find(channel, ts)
        if message is None:
            raise _refused("message_not_found")
        message.text, message.blocks = text, blocks
        self.on_said(channel, text)
        self._end(fault)
        return _answer({"ok": True, "channel": channel, "ts": ts})

    def conversations_history(self, *, channel: str, oldest: str, cursor: str, **_: object) -> SlackResponse:
        fault = self._begin("conversations.history")
        found = [one for one in self._of(channel) if not one.thread and float(one.ts) > float(oldest)]
        self._end(fault)
        return _page(found[::-1], cursor)

    def conversations_replies(self, *, channel: str, ts: str, cursor: str, **_: object) -> SlackResponse:
        fault = self._begin("conversations.replies")
        if self._find(channel, ts) is None:
            raise _refused("thread_not_found")
        found = [one for one in self._of(channel) if ts in (one.ts, one.thread)]
        self._end(fault)
        return _page(found, cursor)

    def auth_test(self) -> SlackResponse:
        self._end(self._begin("auth.test"))
        return _answer({"ok": True})

    def conversations_info(self, *, channel: str) -> SlackResponse:
        return _answer({"ok": True, "channel": {"id": channel, "is_archived": channel in self.archived}})

    def users_info(self, *, user: str) -> SlackResponse:
        return _answer({"ok": True, "user": {"id": user}})

    # Inside

    def _begin(self, method: str) -> SlackFault | None:
        self.calls[method] += 1
        self.edges.passing("before a call to Slack")
        fault = self._faults[method].popleft() if self._faults[method] else None
        self.calls.update([f"Slack: {fault}"] if fault else [])
        match fault:
            case SlackFault.TOO_FAST:
                raise _refused("ratelimited", 429, {"Retry-After": "7"})
            case SlackFault.LOCKED_OUT:
                raise _refused("token_revoked")
            case SlackFault.OWN_ERROR:
                raise _refused("internal_error", 500)
            case SlackFault.LOST:
                raise URLError("the line broke off")
            case _:
                return fault

    def _end(self, fault: SlackFault | None) -> None:
        self.edges.passing("after a call to Slack")
        if fault is SlackFault.OWN_ERROR_DONE:
            raise _refused("fatal_error")
        if fault is SlackFault.LOST_DONE:
            self.clock.skip(timedelta(seconds=10))
            raise TimeoutError

    def _must_be_open(self, channel: str, problem: str) -> None:
        if channel in self.archived:
            raise _refused(problem)

    def _of(self, channel: str) -> list[Said]:
        return [one for one in self.said if one.channel == channel and not one.is_deleted]

    def _find(self, channel: str, ts: str) -> Said | None:
        return next((one for one in self._of(channel) if one.ts == ts), None)


_PAGE = 3  # messages: few, so that there are pages to turn


def _page(found: Sequence[Said], cursor: str) -> SlackResponse:
    first = int(cursor or 0)
    rest = len(found) > first + _PAGE
    return _answer(
        {
            "ok": True,
            "messages": [{"ts": one.ts, "metadata": one.metadata} for one in found[first : first + _PAGE]],
            "response_metadata": {"next_cursor": str(first + _PAGE) if rest else ""},
        }
    )


def _answer(data: dict[str, object], status: int = 200, headers: dict[str, str] | None = None) -> SlackResponse:
    return SlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers or {}, status_code=status
    )


def _refused(problem: str, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    return SlackApiError(problem, _answer({"ok": False, "error": problem}, status, headers))  # type: ignore[no-untyped-call]
