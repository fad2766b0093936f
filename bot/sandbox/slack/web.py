"""The methods of Slack's Web API, on a workspace."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.slack import scopes
from bot.sandbox.slack.calls import MOST_ITEMS, Method, RefusedError, flag, page, word, words
from bot.sandbox.slack.finder import Finder
from bot.sandbox.slack.forms import thread_figures
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message

HISTORY_PAGE = 100
EDIT_TEXT = 4_000
CONNECT = "apps.connections.open"


@dataclass(frozen=True)
class Tokens:
    """What the app proves itself with."""

    bot: str
    app: str


@dataclass(frozen=True)
class Answered:
    """What a call is answered with."""

    form: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class WebApi(Finder):
    """Answers calls; each is done at once or not at all. `more` are methods beside those below."""

    tokens: Tokens
    socket_url: Callable[[], str]
    scopes: frozenset[str]
    limits: Limits
    more: Mapping[str, Method] = field(default_factory=dict)
    _methods: Mapping[str, Method] = field(init=False)

    def __post_init__(self) -> None:
        self._methods = {
            CONNECT: self._connections_open,
            "auth.test": self._auth_test,
            "chat.delete": self._delete,
            "chat.getPermalink": self._permalink,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            **self.more,
        }

    def call(self, method: str, token: str | None, arguments: Json) -> Answered:
        """The answer to one call."""
        headers: dict[str, str] = {}
        try:
            self._authenticate(method, token)
            headers = self._scope_headers(method)
            seconds = self.limits.take(method, self._limited_channel(arguments))
            if seconds:
                return Answered({"ok": False, "error": "ratelimited"}, 429, headers | {"Retry-After": str(seconds)})
            with self.workspace.together():
                self._authorize(method, arguments)
                return Answered({"ok": True, **self._methods[method](arguments)}, headers=headers)
        except RefusedError as refused:
            return Answered(refused.form, headers=headers)

    def may_read(self, token: str | None) -> bool:
        """Whether this token opens the pages of files."""
        return token == self.tokens.bot and "files:read" in self.scopes

    # Who calls, and whether she may

    def _authenticate(self, method: str, token: str | None) -> None:
        if method not in self._methods:
            raise RefusedError("unknown_method", req_method=method)
        if not token:
            raise RefusedError("not_authed")
        if token not in {self.tokens.bot, self.tokens.app}:
            raise RefusedError("invalid_auth")
        if (method == CONNECT) != (token == self.tokens.app):
            raise RefusedError("not_allowed_token_type")

    def _scope_headers(self, method: str) -> dict[str, str]:
        return {
            "x-oauth-scopes": ",".join(self._granted(method)),
            "x-accepted-oauth-scopes": ",".join(scopes.accepted(method)),
        }

    def _granted(self, method: str) -> list[str]:
        return sorted(scopes.APP_SCOPES if method == CONNECT else self.scopes)

    def _authorize(self, method: str, arguments: Json) -> None:
        granted = self._granted(method)
        needed = scopes.missing(method, self._kinds(method, arguments), granted)
        if needed:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(granted))

    def _kinds(self, method: str, arguments: Json) -> list[str]:
        """The kinds of the conversations that a call is about; those that are not there for the app have none."""
        if method == "conversations.list":
            types = words(arguments, "types") or ["public_channel"]
            return [kind for each in types if (kind := scopes.kind_of_type(each))]
        channel = self.workspace.find_channel(word(arguments, "channel"))
        if channel is not None:
            return [scopes.kind(channel)] if channel.is_open_to(self._me) else []
        if method == "conversations.open":
            return ["mpim" if len(words(arguments, "users")) > 1 else "im"]
        return []

    def _limited_channel(self, arguments: Json) -> str:
        """The channel whose limit counts; a person's id stands for the direct conversation with her."""
        channel = word(arguments, "channel")
        return f"D{channel[1:]}" if self.workspace.user(channel) else channel

    # The app itself

    def _auth_test(self, _arguments: Json) -> Json:
        team = self.workspace.team
        return {
            "url": team.url,
            "team": team.name,
            "team_id": team.id,
            "user": team.app_name.lower(),
            "user_id": team.bot_user_id,
            "bot_id": team.bot_id,
            "is_enterprise_install": False,
        }

    def _connections_open(self, _arguments: Json) -> Json:
        return {"url": self.socket_url()}

    # Messages

    def _post_message(self, arguments: Json) -> Json:
        channel = self._writable(self._addressed(arguments))
        content = self._content(arguments)
        thread_ts = self._thread(channel, arguments)
        message = self.workspace.post(channel.id, self._me, thread_ts=thread_ts, **content)
        return {"channel": channel.id, "ts": message.ts, "message": self._form(message)}

    def _post_ephemeral(self, arguments: Json) -> Json:
        """Say something to one reader alone; metadata of events is left out, as Slack does."""
        channel = self._writable(self._addressed(arguments))
        reader = word(arguments, "user")
        if reader not in channel.members:
            raise RefusedError("user_not_in_channel")
        content = self._content(arguments) | {"metadata": None}
        thread_ts = self._thread(channel, arguments)
        message = self.workspace.post(channel.id, self._me, thread_ts=thread_ts, to=reader, **content)
        return {"message_ts": message.ts}

    def _update(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        if channel.is_archived:
            raise RefusedError("is_inactive")
        message = self._message(channel, word(arguments, "ts"))
        if message.user != self._me:
            raise RefusedError("cant_update_message")
        if len(word(arguments, "text")) > EDIT_TEXT:
            raise RefusedError("msg_too_long")
        message = self.workspace.edit(message, **self._content(arguments))
        return {
            "channel": channel.id,
            "ts": message.ts,
            "text": message.text,
            "message": self._form(message),
        }

    def _delete(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        message = self._message(channel, word(arguments, "ts"))
        if message.user != self._me:
            raise RefusedError("cant_delete_message")
        self.workspace.delete(message)
        return {"channel": channel.id, "ts": message.ts}

    def _permalink(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        message = self._message(channel, word(arguments, "message_ts"))
        link = f"{self.workspace.team.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    def _writable(self, channel: Channel) -> Channel:
        """The channel, if the app may speak in it; in public channels it is a guest only with a scope for that."""
        if self._me not in channel.members and scopes.PUBLIC not in self.scopes:
            raise RefusedError("not_in_channel")
        if channel.is_archived:
            raise RefusedError("is_archived")
        return channel

    # Reading

    def _history(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        spoken = [each for each in self.workspace.messages(channel.id) if not (each.to or each.thread_ts)]
        return self._page(arguments, list(reversed(spoken)), HISTORY_PAGE)

    def _replies(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        message = self.workspace.find(channel.id, word(arguments, "ts"))
        if message is None or message.to:
            raise RefusedError("thread_not_found")
        parent = message.thread_ts or message.ts
        thread = [
            each for each in self.workspace.messages(channel.id) if parent in {each.ts, each.thread_ts} and not each.to
        ]
        return self._page(arguments, thread, MOST_ITEMS)

    def _page(self, arguments: Json, messages: list[Message], usual: int) -> Json:
        """One page of messages, in their order."""
        within = [each for each in messages if _in_range(each.ts, arguments)]
        some, cursor = page(within, lambda message: message.ts, arguments, usual)
        with_metadata = flag(arguments, "include_all_metadata")
        return {
            "messages": [self._form(each, with_metadata=with_metadata) | self._figures(each) for each in some],
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }

    def _figures(self, message: Message) -> Json:
        if message.thread_ts:
            parent = self.workspace.find(message.channel, message.thread_ts)
            return {"parent_user_id": parent.user} if parent else {}
        replies = [
            each for each in self.workspace.messages(message.channel) if each.thread_ts == message.ts and not each.to
        ]
        return thread_figures(message, replies)


def _in_range(ts: str, arguments: Json) -> bool:
    """Whether a message lies between `oldest` and `latest`, with them if `inclusive`."""
    oldest, latest = (_bound(arguments, name) for name in ("oldest", "latest"))
    if flag(arguments, "inclusive") and float(ts) in {oldest, latest}:
        return True
    return (oldest is None or float(ts) > oldest) and (latest is None or float(ts) < latest)


def _bound(arguments: Json, name: str) -> float | None:
    try:
        return float(word(arguments, name)) if arguments.get(name) else None
    except ValueError as malformed:
        raise RefusedError(f"invalid_ts_{name}") from malformed
