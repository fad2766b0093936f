"""The local Slack as one object: a workspace, its HTTP front, its people and its faults."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import suggestions
from bot.sandbox.slack.delivery import ACK_SECONDS, Deliveries, Delivery, sign
from bot.sandbox.slack.desk import Desk
from bot.sandbox.slack.directory import Directory
from bot.sandbox.slack.events import RETRY_SECONDS, Events
from bot.sandbox.slack.faults import DELIVERY, Fault, Faults, Garbled, about
from bot.sandbox.slack.files import File
from bot.sandbox.slack.groups import Group, Groups
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.people import Person
from bot.sandbox.slack.replies import LIFETIME, Replies
from bot.sandbox.slack.scopes import SCOPES
from bot.sandbox.slack.server import Front, HttpServer
from bot.sandbox.slack.sockets import NOTICE_SECONDS, SocketMode
from bot.sandbox.slack.submissions import Submissions
from bot.sandbox.slack.transcript import name, transcript
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.uploads import Uploads
from bot.sandbox.slack.view_api import ViewApi
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.web import Tokens, WebApi
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Event, Listener, Message, Team, Workspace, readable_id

T = TypeVar("T")

When = Callable[[Json], bool] | str | None

LOOK_AGAIN_SECONDS = 0.05  # for what tests wait for beside Slack, which wakes nobody here


class LocalSlack:
    """A Slack workspace on 127.0.0.1 with one app installed in it. Use it in a `with`.

    `port` 0 takes a free one. `clock` gives the time of messages, ends response URLs and refills what limits the
    app's calls; `ack_seconds` is how long the app may take for an answer, `reply_seconds` how long a response URL
    works, `file_seconds` how long Slack works on a file after its upload; an event that the app did not take comes
    again after each of `retry_seconds`. `scopes` are those of the bot's token, by default what the app's manifest
    asks for. Without `limits` the app may call as often as it likes.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        team: str = "Acme",
        domain: str = "acme",
        app_name: str = "Lightkeeper",
        clock: Callable[[], float] = time.time,
        ack_seconds: float = ACK_SECONDS,
        reply_seconds: float = LIFETIME,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
        file_seconds: float = 0.0,
        scopes: Iterable[str] = SCOPES,
        limits: bool = True,
    ) -> None:
        self.team = Team(
            id=readable_id("T", team),
            name=team,
            domain=domain,
            app_id=readable_id("A", app_name),
            app_name=app_name,
            bot_user_id=readable_id("U", f"{app_name}bot"),
            bot_id=readable_id("B", app_name),
        )
        self.bot_token = f"xoxb-local-{secrets.token_hex(8)}"
        self.app_token = f"xapp-local-{secrets.token_hex(8)}"
        self.signing_secret = secrets.token_hex(16)
        self.workspace = Workspace(self.team, clock)
        self.workspace.files.seconds = file_seconds
        self._groups = Groups(self.workspace, clock)
        self._sockets = SocketMode(self.team.app_id, clock)
        self._replies = Replies(self.workspace, reply_seconds)
        self._faults = Faults()
        self._limits = Limits(clock, on=limits)
        self._deliveries = Deliveries(self.workspace, self._sockets, self.signing_secret, self._faults, ack_seconds)
        self._views = Views(self.workspace)
        self._triggers = Triggers(self.workspace)
        self._deliveries.settle("view_submission", Submissions(self._views).settle)
        self._deliveries.settle("block_suggestion", suggestions.settle)
        self._events = Events(self.workspace, self._deliveries, retry_seconds)
        self._front = Front(self._web(scopes), self._replies, self._sockets, self.workspace.files, self._faults)
        self._server = HttpServer(self._front, port)
        self.workspace.files.base_url = self.base_url
        self._desk = Desk(
            self.workspace,
            self._views,
            self._triggers,
            self._replies,
            self._deliveries,
            self._events,
            self.base_url,
        )

    def _web(self, scopes: Iterable[str]) -> WebApi:
        tokens = Tokens(self.bot_token, self.app_token)
        more = {
            **Directory(self.workspace, self._groups).methods(),
            **Uploads(self.workspace).methods(),
            **ViewApi(self.workspace, self._views, self._triggers).methods(),
        }
        return WebApi(self.workspace, tokens, self._socket_url, frozenset(scopes), self._limits, more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close every connection and the port."""
        self._front.stopping.set()
        self.workspace.touch()
        self._events.stop()
        self._sockets.close()
        self._server.stop()

    # What the app needs to know

    @property
    def team_id(self) -> str:
        """The workspace's id."""
        return self.team.id

    @property
    def bot_user_id(self) -> str:
        """The user id under which the app speaks."""
        return self.team.bot_user_id

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def api_url(self) -> str:
        """Where the Web API is: `http://127.0.0.1:PORT/api/`."""
        return f"{self.base_url}/api/"

    def environment(self, *, socket: bool = False) -> dict[str, str]:
        """The settings with which an app finds and trusts this Slack; with `socket`, for Socket Mode."""
        settings = {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }
        return settings | ({"SLACK_APP_TOKEN": self.app_token} if socket else {})

    def deliver_to(self, *urls: str | None) -> None:
        """Send everything that people do to this http URL; None for Socket Mode.

        To several in turn, as a load balancer spreads it: what finds nobody listening goes to the next.
        """
        addresses = [url for url in urls if url is not None]
        if strange := [url for url in addresses if not url.startswith("http://")]:
            raise ValueError(f"Deliveries go to an http:// URL, not to {strange[0]}")
        self._deliveries.urls = addresses

    def wait_connected(self, seconds: float = 10.0) -> None:
        """Wait until the app is there by Socket Mode; AssertionError if it does not come."""
        if not self._sockets.wait_connected(seconds):
            raise AssertionError(f"The app did not connect within {seconds} s.")

    def connections(self) -> int:
        """How many Socket Mode connections there are."""
        return self._sockets.connections()

    def refresh(self, *, close: bool = True, notice: float = NOTICE_SECONDS) -> None:
        """Ask the app for new Socket Mode connections, as Slack does every few hours.

        First comes a warning, and `notice` seconds later the request to what is still connected; with `close`, that
        is ended then. Returns as soon as the old connections are gone.
        """
        self._sockets.refresh(close=close, notice=notice)

    def disable_link(self) -> None:
        """Switch Socket Mode off: the app is told so, and its connections end."""
        self._sockets.disable()

    def cut_connections(self) -> None:
        """Break all Socket Mode connections, without a word."""
        self._sockets.cut()

    def hush(self, seconds: float) -> None:
        """Let the Socket Mode connections of now stay and be silent for so long: half open.

        Nothing that is sent arrives, and nothing that the app says is heard in time. New connections work.
        """
        self._sockets.hush(seconds)

    def mount(self, site: Callable[[Request], Response]) -> None:
        """Have this answer every request that Slack itself would not, such as those for a page."""
        self._front.site = site

    def is_stopping(self) -> bool:
        """Whether answers that last should come to their end."""
        return self._front.stopping.is_set()

    def _socket_url(self) -> str:
        address = self.base_url.replace("http", "ws", 1)
        return f"{address}/link?ticket={self._sockets.ticket()}&app_id={self.team.app_id}"

    # People and channels

    def person(self, name: str) -> Person:
        """The person of this name; the same one each time, with a readable id."""
        return Person(self.workspace.person(name), self._desk)

    def person_of(self, user_id: str) -> Person | None:
        """The person with this id, None if there is none; the app and Slackbot are no people."""
        user = self.workspace.user(user_id)
        return None if user is None or user.is_bot else Person(user, self._desk)

    def stranger(self, name: str, team: str = "Other") -> Person:
        """The person of this name in another workspace; a channel that she is a member of is shared with it.

        She clicks there and writes, and sees nothing else.
        """
        return Person(self.workspace.stranger(name, team), self._desk)

    def deactivate(self, person: Person) -> None:
        """Take her account away: she types and clicks no more. Where she is a member, she stays one."""
        self.workspace.deactivate(person.id)

    def group(
        self,
        name: str,
        *,
        members: Iterable[Person] | None = None,
        disabled: bool | None = None,
    ) -> Group:
        """The user group of this name, the same one each time; `members` take the place of those it had."""
        people = None if members is None else [each.id for each in members]
        return self._groups.group(name, people, disabled=disabled)

    def channel(
        self,
        name: str,
        *,
        members: Iterable[Person] = (),
        private: bool | None = None,
        archived: bool | None = None,
        bot: bool | None = None,
        shared: bool | None = None,
    ) -> Channel:
        """The channel of this name, the same one each time, with these changes.

        `members` come in beside those who are there. A new one is public, and the bot is in it; `bot=False`
        takes it out. `shared` is a channel of Slack Connect, as is each that a stranger is in.
        """
        with self.workspace.together():
            is_new = all(each.name != name for each in self.workspace.channels())
            comes, goes = (is_new if bot is None else bot), bot is False
            return self.workspace.channel(
                name,
                members=[each.id for each in members] + [self.bot_user_id] * comes,
                leave=[self.bot_user_id] * goes,
                private=private,
                archived=archived,
                shared=shared,
            )

    def dm(self, person: Person) -> Channel:
        """Her direct conversation with the app."""
        return self.workspace.dm(person.id)

    # What was said

    def messages(self, channel: Channel) -> list[Message]:
        """What stands in the channel for everybody, without the replies in threads, oldest first."""
        return [each for each in self.workspace.messages(channel.id) if not (each.to or each.thread_ts)]

    def thread(self, channel: Channel, ts: str) -> list[Message]:
        """The replies under a message, oldest first, without the message itself."""
        return [each for each in self.workspace.messages(channel.id) if each.thread_ts == ts and not each.to]

    def message(self, channel: Channel | str, ts: str) -> Message:
        """This message as it stands now; LookupError if there is none."""
        found = self.workspace.find(channel if isinstance(channel, str) else channel.id, ts)
        if found is None:
            raise LookupError(f"No message {ts}")
        return found

    def ephemerals(self, to: Person | None = None, channel: Channel | None = None) -> list[Message]:
        """What was said to one reader alone, anywhere or in one channel, oldest first."""
        said = self.workspace.messages(channel.id if channel else None)
        return [each for each in said if each.to and (to is None or each.to == to.id)]

    def files(self) -> list[File]:
        """The files that the app has uploaded, oldest first."""
        return self.workspace.files.all()

    def file_path(self, file: str) -> str:
        """Where a page of this server finds the file with this id, such as `/files/F0…`; LookupError if nowhere."""
        found = self.workspace.files.find(file)
        if found is None or found.completed is None:
            raise LookupError(f"No file {file}")
        return self.workspace.files.path(found)

    def history(self) -> list[Event]:
        """Everything that was posted, edited and deleted, in order."""
        return self.workspace.history()

    def listen(self, listener: Listener) -> None:
        """Call this for every event from now on, in order, before anything else happens: it must not wait."""
        self.workspace.listen(listener)

    def name_of(self, user: str) -> str:
        """What people call the account with this id, such as a message's `user`."""
        return name(self.workspace, user)

    def transcript(self) -> str:
        """The whole conversation as text."""
        return transcript(self.workspace, views=self._views.shown())

    def wait_for(self, look: Callable[[], T | None], seconds: float = 10.0, what: str = "what was waited for") -> T:
        """Wait until `look` returns something true, and return it.

        It is called again after every change. AssertionError with the whole conversation if time runs out.
        """
        end = time.monotonic() + seconds
        while True:
            version = self.workspace.version
            found = look()
            if found:
                return found
            left = end - time.monotonic()
            if left <= 0:
                said = self.transcript()
                raise AssertionError(f"After {seconds} s there is no {what}. What was said:\n{said}")
            self.workspace.changed(version, min(left, LOOK_AGAIN_SECONDS))

    # Deliveries

    def deliver(
        self,
        payload: Mapping[str, object] | str,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Delivery:
        """Send a payload as it is, or a raw body; `headers` replace those that would sign it truly."""
        return self._deliveries.deliver(payload, headers)

    def verify_url(self) -> Delivery:
        """Ask the app for proof that it hears us at its URL, as Slack does when one is set.

        The error is `challenge_failed` if it gives none; ValueError in Socket Mode.
        """
        return self._events.verify_url()

    def deliveries(self) -> list[Delivery]:
        """All commands, clicks, forms and events with the app's answers, in the order of the answers."""
        return self._deliveries.records()

    def sign(self, body: str, timestamp: float | None = None) -> dict[str, str]:
        """The headers with which Slack would sign this body, now or at another time."""
        return sign(self.signing_secret, body, timestamp)

    # Limits

    def limit(self, method: str, *, per_minute: float, burst: int = 1) -> None:
        """Let the app call a method so often, and so many times at once; `chat.postMessage`, in each channel."""
        self._limits.limit(method, per_minute, burst)

    def unlimited(self) -> None:
        """Let the app call as often as it likes."""
        self._limits.off()

    # Faults
    #
    # All of them befall the next calls, or those of the next that `when` means: it is called with a call's arguments
    # (as they came: in JSON or all strings), or is the id of the channel that they name.

    def fail(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        retry_after: int | None = None,
        times: int = 1,
        when: When = None,
    ) -> None:
        """Refuse the next calls of a method, of `response_url` or of an `upload`, before anything happens.

        By an error, by an HTTP status, or as too many: then `retry_after` is in seconds.
        """
        if [error, status, retry_after].count(None) != 2:  # noqa: PLR2004 - one of three is given
            raise ValueError("Say one of error, status and retry_after.")
        fault = Fault(error=error, status=status, retry_after=retry_after, when=about(when))
        self._faults.add(method, fault, times)

    def drop(self, method: str, *, accepted: bool, times: int = 1, when: When = None) -> None:
        """Close the connection of the next calls without an answer, with or without doing what they ask."""
        self._faults.add(method, Fault(lost=True, accepted=accepted, when=about(when)), times)

    def slow(self, method: str, seconds: float, times: int = 1, when: When = None) -> None:
        """Do what the next calls ask at once, and keep the answers back."""
        self._faults.add(method, Fault(seconds=seconds, when=about(when)), times)

    def garble(
        self,
        method: str,
        times: int = 1,
        *,
        cut: bool = False,
        status: int = 200,
        accepted: bool = True,
        when: When = None,
    ) -> None:
        """Answer the next calls with a page of HTML, or with `cut` with JSON that ends in the middle."""
        how = Garbled.CUT if cut else Garbled.PAGE
        fault = Fault(garbled=how, status=status, accepted=accepted, when=about(when))
        self._faults.add(method, fault, times)

    def repeat(self, times: int = 1, when: When = None) -> None:
        """Make the next deliveries twice: the same envelope on each connection in turn, or the same request at once."""
        self._faults.add(DELIVERY, Fault(twice=True, when=about(when)), times)

    def lose_delivery(self, times: int = 1, when: When = None) -> None:
        """Lose the next deliveries on their way; the person waits in vain for the app."""
        self._faults.add(DELIVERY, Fault(lost=True, when=about(when)), times)

    def faults(self) -> dict[str, int]:
        """How many faults have not happened yet, by method; deliveries are called `delivery`."""
        return self._faults.armed()

    def heal(self) -> None:
        """Forget all faults that have not happened yet."""
        self._faults.clear()
