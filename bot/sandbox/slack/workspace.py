"""The state of a workspace: its people, channels and messages, and everything that was said, in order."""

import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count

from bot.sandbox.slack.files import Files
from bot.sandbox.slack.parts import buttons, completed, label
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.words import message_text

SLACKBOT = "USLACKBOT"
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Team:
    """The workspace and the one app that is installed in it."""

    id: str
    name: str
    domain: str
    app_id: str
    app_name: str
    bot_user_id: str
    bot_id: str

    @property
    def url(self) -> str:
        """Where its pages would be."""
        return f"https://{self.domain}.slack.com/"


@dataclass(frozen=True)
class User:
    """An account; `handle` is the user name, `name` the one that people read.

    `team` is the id of the other workspace somebody in a shared channel comes from; empty for everybody here.
    """

    id: str
    name: str
    handle: str
    is_bot: bool = False
    team: str = ""
    is_deactivated: bool = False


@dataclass(frozen=True)
class Channel:
    """A conversation; `members` are user ids, the bot's among them if it is in.

    `teams` are the ids of the other workspaces that people in a shared channel come from.
    """

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    is_ext_shared: bool = False
    created: int = 0
    is_mpim: bool = False
    teams: frozenset[str] = frozenset()

    def is_open_to(self, user: str) -> bool:
        """Whether this user, if she belongs to the workspace, can read it."""
        return user in self.members or not (self.is_private or self.is_im)


@dataclass(frozen=True)
class Message:
    """A message as it stood when it was asked for; `channel`, `user` and `to` are ids.

    `to` is the only reader of an ephemeral message, None for any other. `edits` are its former versions,
    oldest first. `files` are as Slack shows them to apps, `team` is the other workspace of who wrote it.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    to: str | None = None
    edits: tuple["Message", ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    files: tuple[Json, ...] = ()
    team: str = ""

    def buttons(self) -> list[str]:
        """The labels of its buttons, from top to bottom."""
        return [label(button) for button in buttons(self.blocks)]

    def reads(self) -> str:
        """Its plain text as a person reads it."""
        attached = [f"[file: {each['name']}]" for each in self.files]
        return "\n".join([line for line in [message_text(self.text, self.blocks, self.names)] if line] + attached)


class EventKind(StrEnum):
    """What can happen to a message."""

    POSTED = "posted"
    WHISPERED = "whispered"  # posted to one reader
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True)
class Event:
    """One thing that was said, edited or deleted; `at` is in seconds since 1970."""

    kind: EventKind
    at: float
    message: Message


Listener = Callable[[Event], None]


class Workspace:
    """People, channels and messages behind one lock.

    Every change wakes those who wait in `changed`. Listeners are called in the order of the changes, by the
    thread that makes them and before it goes on: they must not wait for anybody.
    """

    def __init__(self, team: Team, clock: Callable[[], float] = time.time) -> None:
        self.team = team
        self.clock = clock
        self.files = Files(team.id, team.url, clock)
        self._condition = threading.Condition(threading.RLock())
        self._version = 0
        self._users: dict[str, User] = {}
        self._channels: dict[str, Channel] = {}
        self._messages: dict[tuple[str, str], Message] = {}
        self._names: dict[str, str] = {}
        self._events: list[Event] = []
        self._listeners: list[Listener] = []
        self._last_ts = 0
        self._ids = (f"b{number:05x}" for number in count(0x10000))
        self._add_user(User(team.bot_user_id, team.app_name, team.app_name.lower(), is_bot=True))
        self._add_user(User(SLACKBOT, "Slackbot", "slackbot", is_bot=True))

    # What may be waited for

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything inside happens at once for everybody else."""
        with self._condition:
            yield

    @property
    def version(self) -> int:
        """How many changes there have been."""
        with self._condition:
            return self._version

    def touch(self) -> None:
        """Tell those who wait that something changed."""
        with self._condition:
            self._version += 1
            self._condition.notify_all()

    def changed(self, since: int, seconds: float) -> bool:
        """Wait until there has been a change after version `since`; False if there was none in time."""
        with self._condition:
            return self._condition.wait_for(lambda: self._version != since, timeout=seconds)

    def listen(self, listener: Listener) -> None:
        """Call this for every event from now on."""
        with self._condition:
            self._listeners.append(listener)

    def history(self) -> list[Event]:
        """Everything that was said, edited and deleted, in order."""
        with self._condition:
            return list(self._events)

    # People

    def person(self, name: str) -> User:
        """The person of this name, who joins the workspace now if she is new."""
        return self._account(name, "")

    def stranger(self, name: str, team: str) -> User:
        """The person of this name in another workspace, `team`; she is seen where a channel is shared with her."""
        return self._account(name, readable_id("T", team))

    def _account(self, name: str, team: str) -> User:
        with self._condition:
            known = next((user for user in self._users.values() if (user.name, user.team) == (name, team)), None)
            handle = _plain(name).lower() or "someone"
            return known or self._add_user(User(self.free_id("U", name), name, handle, team=team))

    def deactivate(self, user: str) -> User:
        """Take an account away; what it wrote stays."""
        with self._condition:
            gone = self._add_user(replace(self._users[user], is_deactivated=True))
            self.touch()
            return gone

    def users(self) -> list[User]:
        """Every account, those that were taken away too, in the order they came."""
        with self._condition:
            return list(self._users.values())

    def may_read(self, user: str, channel: Channel) -> bool:
        """Whether this user can read the channel; somebody from another workspace, only what is shared with her."""
        with self._condition:
            is_from_elsewhere = user in self._users and bool(self._users[user].team)
            return user in channel.members if is_from_elsewhere else channel.is_open_to(user)

    def user(self, user: str) -> User | None:
        """The account with this id."""
        with self._condition:
            return self._users.get(user)

    def _add_user(self, user: User) -> User:
        self._users[user.id] = user
        self._names[user.id] = user.name
        return user

    def call(self, thing: str, name: str) -> None:
        """Have readers see this name for the id of something that is mentioned, such as a user group."""
        with self._condition:
            self._names[thing] = name

    def free_id(self, kind: str, name: str) -> str:
        """A readable id such as U0ANN0000; its last digits tell apart names that look the same in it."""
        taken = self._names
        tries = (readable_id(kind, name, number) for number in count())
        return next(each for each in tries if each not in taken)

    # Channels

    def channel(
        self,
        name: str,
        *,
        members: Iterable[str] = (),
        leave: Iterable[str] = (),
        private: bool | None = None,
        archived: bool | None = None,
        shared: bool | None = None,
    ) -> Channel:
        """The channel of this name, made now if it is new, with these changes."""
        with self._condition:
            now = next((each for each in self._channels.values() if each.name == name and not each.is_im), None)
            now = now or Channel(self.free_id("C", name), name, created=int(self.clock()))
            people = now.members.union(members).difference(leave)
            teams = now.teams | {self._users[each].team for each in people if each in self._users} - {""}
            return self._keep(
                replace(
                    now,
                    members=people,
                    is_private=now.is_private if private is None else private,
                    is_archived=now.is_archived if archived is None else archived,
                    is_ext_shared=bool(teams) or (now.is_ext_shared if shared is None else shared),
                    teams=teams,
                ),
            )

    def dm(self, user: str) -> Channel:
        """The direct conversation of the app with this user."""
        with self._condition:
            members = frozenset({user, self.team.bot_user_id})
            return self.find_dm(user) or self._keep(Channel(f"D{user[1:]}", f"dm-{user}", members, is_im=True))

    def find_dm(self, user: str) -> Channel | None:
        """The direct conversation of the app with this user, if there is one already."""
        return self.find_channel(f"D{user[1:]}")

    def group_dm(self, users: Iterable[str], *, make: bool = True) -> Channel | None:
        """The direct conversation of the app with these users, None if there is none and `make` is false."""
        with self._condition:
            members = frozenset({*users, self.team.bot_user_id})
            same = (each for each in self._channels.values() if each.is_mpim and each.members == members)
            known = next(same, None)
            if known or not make:
                return known
            handles = sorted(self._users[each].handle for each in members)
            name, created = f"mpdm-{'--'.join(handles)}-1", int(self.clock())
            channel = self.free_id("C", "mpdm")
            return self._keep(Channel(channel, name, members, is_private=True, created=created, is_mpim=True))

    def find_channel(self, channel: str) -> Channel | None:
        """The channel with this id."""
        with self._condition:
            return self._channels.get(channel)

    def channels(self) -> list[Channel]:
        """All of them, in the order they were made."""
        with self._condition:
            return list(self._channels.values())

    def _keep(self, channel: Channel) -> Channel:
        self._channels[channel.id] = channel
        self._names[channel.id] = channel.name
        self.touch()
        return channel

    # Messages

    def post(
        self,
        channel: str,
        user: str,
        text: str,
        *,
        blocks: list[Json] | None = None,
        thread_ts: str | None = None,
        metadata: Json | None = None,
        to: str | None = None,
        files: Iterable[Json] = (),
    ) -> Message:
        """Say something, to everybody in the channel or to one reader alone."""
        with self._condition:
            message = Message(
                channel=channel,
                ts=self._next_ts(),
                user=user,
                text=text,
                blocks=completed(blocks or [], lambda: next(self._ids)),
                thread_ts=thread_ts,
                metadata=metadata,
                to=to,
                names=self._names,
                files=tuple(files),
                team=self._users[user].team if user in self._users else "",
            )
            self._messages[channel, message.ts] = message
            self._tell(EventKind.WHISPERED if to else EventKind.POSTED, message)
            return message

    def edit(
        self,
        message: Message,
        text: str,
        *,
        blocks: list[Json] | None = None,
        metadata: Json | None = None,
    ) -> Message:
        """Put another text in its place; the version before is kept among its edits.

        Metadata that is not given stays, an empty object takes it away.
        """
        with self._condition:
            before = self._messages[message.channel, message.ts]
            after = replace(
                before,
                text=text,
                blocks=completed(blocks or [], lambda: next(self._ids)),
                metadata=before.metadata if metadata is None else metadata or None,
                edits=(*before.edits, replace(before, edits=())),
            )
            self._messages[message.channel, message.ts] = after
            self._tell(EventKind.EDITED, after)
            return after

    def delete(self, message: Message) -> None:
        """Take it away for everybody."""
        with self._condition:
            self._tell(EventKind.DELETED, self._messages.pop((message.channel, message.ts)))

    def find(self, channel: str, ts: str) -> Message | None:
        """The message with this ts, ephemeral or not."""
        with self._condition:
            return self._messages.get((channel, ts))

    def messages(self, channel: str | None = None) -> list[Message]:
        """Every message there is, ephemeral ones and replies too, oldest first."""
        with self._condition:
            return [each for each in self._messages.values() if channel in {None, each.channel}]

    def visible(self, user: str, channel: str | None = None) -> list[Message]:
        """What this user can read, oldest first."""
        with self._condition:
            open_to = {each.id for each in self._channels.values() if self.may_read(user, each)}
            return [each for each in self.messages(channel) if each.channel in open_to and each.to in {None, user}]

    def moment(self) -> str:
        """A ts for something that is no message, such as a click; no message has the same."""
        with self._condition:
            return self._next_ts()

    def _next_ts(self) -> str:
        """The time in microseconds, always later than the one before."""
        self._last_ts = max(int(self.clock() * MICROSECONDS), self._last_ts + 100)
        return f"{self._last_ts // MICROSECONDS}.{self._last_ts % MICROSECONDS:06d}"

    def _tell(self, kind: EventKind, message: Message) -> None:
        event = Event(kind, self.clock(), message)
        self._events.append(event)
        self.touch()
        for listener in self._listeners:
            listener(event)


def readable_id(kind: str, name: str, number: int = 0) -> str:
    """An id as Slack's look, with a name that people recognize: `U0ANN0000`."""
    return f"{kind}0{(_plain(name) or 'X')[:12].upper()}{number:04d}"


def _plain(name: str) -> str:
    """The letters and digits of a name, without accents."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(each for each in letters if each.isascii() and each.isalnum())
