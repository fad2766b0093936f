"""The methods of Slack's Web API, on a workspace."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.slack.blockkit import message_refusal
from bot.sandbox.slack.forms import channel_json, message_json, thread_figures, user_json
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Workspace

HISTORY_PAGE = 100
REPLIES_PAGE = 1000
BOT_SCOPES = "chat:write,chat:write.public,commands,channels:read,channels:history,groups:read,groups:history"


class RefusedError(Exception):
    """An error as Slack answers it; `more` are the fields beside it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.form: Json = {"ok": False, "error": error, **more}


@dataclass(frozen=True)
class Tokens:
    """What the app proves itself with."""

    bot: str
    app: str


Method = Callable[[Json], Json]


@dataclass
class WebApi:
    """Answers calls; each is done at once or not at all. `more` are methods that other modules bring."""

    workspace: Workspace
    tokens: Tokens
    socket_url: Callable[[], str]
    more: Mapping[str, Method] = field(default_factory=dict)
    _methods: Mapping[str, Method] = field(init=False)

    def __post_init__(self) -> None:
        self._methods = {
            "apps.connections.open": self._connections_open,
            "auth.test": self._auth_test,
            "chat.getPermalink": self._permalink,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.info": self._conversation,
            "conversations.open": self._open,
            "conversations.replies": self._replies,
            "users.info": self._user,
            **self.more,
        }

    def call(self, method: str, token: str | None, arguments: Json) -> Json:
        """The JSON that answers one call."""
        try:
            self._authenticate(method, token)
            with self.workspace.together():
                return {"ok": True, **self._methods[method](arguments)}
        except RefusedError as refused:
            return refused.form

    def _authenticate(self, method: str, token: str | None) -> None:
        if method not in self._methods:
            raise RefusedError("unknown_method", req_method=method)
        if not token:
            raise RefusedError("not_authed")
        if token not in {self.tokens.bot, self.tokens.app}:
            raise RefusedError("invalid_auth")
        wants_app = method == "apps.connections.open"
        if wants_app != (token == self.tokens.app):
            raise RefusedError("not_allowed_token_type")

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
        content = _content(arguments)
        thread_ts = self._thread(channel, arguments)
        message = self.workspace.post(channel.id, self._me, thread_ts=thread_ts, **content)
        return {"channel": channel.id, "ts": message.ts, "message": self._form(message)}

    def _post_ephemeral(self, arguments: Json) -> Json:
        channel = self._writable(self._addressed(arguments))
        reader = _word(arguments, "user")
        if reader not in channel.members:
            raise RefusedError("user_not_in_channel")
        content = _content(arguments)
        thread_ts = self._thread(channel, arguments)
        message = self.workspace.post(channel.id, self._me, thread_ts=thread_ts, to=reader, **content)
        return {"message_ts": message.ts}

    def _update(self, arguments: Json) -> Json:
        channel = self._channel(_word(arguments, "channel"))
        if channel.is_archived:
            raise RefusedError("is_inactive")
        message = self._message(channel, _word(arguments, "ts"))
        if message.user != self._me:
            raise RefusedError("cant_update_message")
        message = self.workspace.edit(message, **_content(arguments))
        return {
            "channel": channel.id,
            "ts": message.ts,
            "text": message.text,
            "message": self._form(message),
        }

    def _permalink(self, arguments: Json) -> Json:
        channel = self._channel(_word(arguments, "channel"))
        message = self._message(channel, _word(arguments, "message_ts"))
        link = f"{self.workspace.team.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
        return {"channel": channel.id, "permalink": link}

    # Conversations and people

    def _conversation(self, arguments: Json) -> Json:
        channel = self._channel(_word(arguments, "channel"))
        return {"channel": channel_json(self.workspace.team, channel)}

    def _open(self, arguments: Json) -> Json:
        users = [each for each in _word(arguments, "users").split(",") if each]
        if not users:
            raise RefusedError("users_list_not_supplied")
        if len(users) > 1:
            raise RefusedError("too_many_users")  # a conversation of several is not built here
        user = self.workspace.user(users[0])
        if user is None:
            raise RefusedError("user_not_found")
        if user.is_bot:
            raise RefusedError("cannot_dm_bot")
        channel = self.workspace.dm(user.id)
        return {
            "channel": channel_json(self.workspace.team, channel)
            if _flag(arguments, "return_im")
            else {"id": channel.id},
        }

    def _history(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        spoken = [each for each in self.workspace.messages(channel.id) if not (each.to or each.thread_ts)]
        return self._page(arguments, list(reversed(spoken)), HISTORY_PAGE)

    def _replies(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        message = self.workspace.find(channel.id, _word(arguments, "ts"))
        if message is None or message.to:
            raise RefusedError("thread_not_found")
        parent = message.thread_ts or message.ts
        thread = [
            each for each in self.workspace.messages(channel.id) if parent in {each.ts, each.thread_ts} and not each.to
        ]
        return self._page(arguments, thread, REPLIES_PAGE)

    def _user(self, arguments: Json) -> Json:
        user = self.workspace.user(_word(arguments, "user"))
        if user is None:
            raise RefusedError("user_not_found")
        return {"user": user_json(self.workspace.team, user)}

    # What they have in common

    @property
    def _me(self) -> str:
        return self.workspace.team.bot_user_id

    def _addressed(self, arguments: Json) -> Channel:
        """The channel of this id, or the direct conversation with the person of this id."""
        name = _word(arguments, "channel")
        user = self.workspace.user(name)
        if user is not None and not user.is_bot:
            return self.workspace.dm(user.id)
        return self._channel(name)

    def _channel(self, name: str) -> Channel:
        """A channel that the app may know of."""
        channel = self.workspace.find_channel(name)
        if channel is None or not channel.is_open_to(self._me):
            raise RefusedError("channel_not_found")
        return channel

    def _readable(self, arguments: Json) -> Channel:
        channel = self._channel(_word(arguments, "channel"))
        if self._me not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def _writable(self, channel: Channel) -> Channel:
        if channel.is_archived:
            raise RefusedError("is_archived")
        return channel

    def _message(self, channel: Channel, ts: str) -> Message:
        message = self.workspace.find(channel.id, ts)
        if message is None or message.to:
            raise RefusedError("message_not_found")
        return message

    def _thread(self, channel: Channel, arguments: Json) -> str | None:
        """The parent that an answer goes under; only a message that is itself no reply can be one."""
        thread_ts = _word(arguments, "thread_ts")
        if not thread_ts:
            return None
        parent = self.workspace.find(channel.id, thread_ts)
        if parent is None or parent.to or parent.thread_ts:
            raise RefusedError("thread_not_found")
        return thread_ts

    def _form(self, message: Message, *, with_metadata: bool = True) -> Json:
        return message_json(self.workspace.team, message, with_metadata=with_metadata)

    def _page(self, arguments: Json, messages: list[Message], usual: int) -> Json:
        """One page of messages, in their order."""
        rest = _from_cursor([each for each in messages if _in_range(each.ts, arguments)], arguments)
        limit = _limit(arguments, usual)
        with_metadata = _flag(arguments, "include_all_metadata")
        more = rest[limit:]
        return {
            "messages": [self._form(each, with_metadata=with_metadata) | self._figures(each) for each in rest[:limit]],
            "has_more": bool(more),
            "response_metadata": {"next_cursor": _cursor(more[0].ts) if more else ""},
        }

    def _figures(self, message: Message) -> Json:
        if message.thread_ts:
            parent = self.workspace.find(message.channel, message.thread_ts)
            return {"parent_user_id": parent.user} if parent else {}
        replies = [
            each for each in self.workspace.messages(message.channel) if each.thread_ts == message.ts and not each.to
        ]
        return thread_figures(message, replies)


def _content(arguments: Json) -> Json:
    """Text, blocks and metadata; in forms, the last two are JSON in a string."""
    content = {
        "text": arguments.get("text") or "",
        "blocks": _decoded(arguments.get("blocks"), "invalid_blocks_format") or None,
        "metadata": _decoded(arguments.get("metadata"), "invalid_metadata_format"),
    }
    refusal = message_refusal(content)
    if refusal:
        raise RefusedError(
            refusal.error,
            errors=list(refusal.messages),
            response_metadata={"messages": [f"[ERROR] {each}" for each in refusal.messages]},
        )
    return content


def _decoded(value: object, error: str) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError as malformed:
        raise RefusedError(error) from malformed


def _word(arguments: Json, name: str) -> str:
    """An argument that is a word; JSON may bring it as a number."""
    return str(arguments.get(name) or "")


def _flag(arguments: Json, name: str) -> bool:
    return str(arguments.get(name)).lower() in {"1", "true"}


def _limit(arguments: Json, usual: int) -> int:
    try:
        limit = int(_word(arguments, "limit") or usual)
    except ValueError as malformed:
        raise RefusedError("invalid_limit") from malformed
    if not 1 <= limit <= REPLIES_PAGE:
        raise RefusedError("invalid_limit")
    return limit


def _in_range(ts: str, arguments: Json) -> bool:
    """Whether a message lies between `oldest` and `latest`, with them if `inclusive`."""
    oldest, latest = (_bound(arguments, name) for name in ("oldest", "latest"))
    if _flag(arguments, "inclusive") and float(ts) in {oldest, latest}:
        return True
    return (oldest is None or float(ts) > oldest) and (latest is None or float(ts) < latest)


def _bound(arguments: Json, name: str) -> float | None:
    try:
        return float(_word(arguments, name)) if arguments.get(name) else None
    except ValueError as malformed:
        raise RefusedError(f"invalid_ts_{name}") from malformed


def _cursor(ts: str) -> str:
    return base64.b64encode(f"next_ts:{ts}".encode()).decode()


def _from_cursor(messages: list[Message], arguments: Json) -> list[Message]:
    cursor = _word(arguments, "cursor")
    if not cursor:
        return messages
    try:
        ts = base64.b64decode(cursor, validate=True).decode().removeprefix("next_ts:")
    except (binascii.Error, UnicodeDecodeError) as malformed:
        raise RefusedError("invalid_cursor") from malformed
    places = [index for index, each in enumerate(messages) if each.ts == ts]
    if not places:
        raise RefusedError("invalid_cursor")
    return messages[places[0] :]
