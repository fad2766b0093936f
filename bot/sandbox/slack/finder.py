"""Finding what a call is about, as far as the app may see it."""

from dataclasses import dataclass

from bot.sandbox.slack.calls import RefusedError, decoded, word
from bot.sandbox.slack.forms import message_json
from bot.sandbox.slack.refusals import refusal
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Workspace


@dataclass
class Finder:
    """The workspace as methods of the Web API look at it; what the app may not see is not there."""

    workspace: Workspace

    @property
    def _me(self) -> str:
        return self.workspace.team.bot_user_id

    def _addressed(self, arguments: Json, name: str = "channel") -> Channel:
        """The channel of this id, or the direct conversation with the person of this id."""
        user = self.workspace.user(word(arguments, name))
        if user is not None and not (user.is_bot or user.is_deactivated or user.team):
            return self.workspace.dm(user.id)
        return self._channel(word(arguments, name))

    def _channel(self, name: str) -> Channel:
        channel = self.workspace.find_channel(name)
        if channel is None or not channel.is_open_to(self._me):
            raise RefusedError("channel_not_found")
        return channel

    def _readable(self, arguments: Json) -> Channel:
        channel = self._channel(word(arguments, "channel"))
        if self._me not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def _message(self, channel: Channel, ts: str) -> Message:
        message = self.workspace.find(channel.id, ts)
        if message is None or message.to:
            raise RefusedError("message_not_found")
        return message

    def _thread(self, channel: Channel, arguments: Json) -> str | None:
        """The parent that an answer goes under; only a message that is itself no reply can be one."""
        thread_ts = word(arguments, "thread_ts")
        if not thread_ts:
            return None
        parent = self.workspace.find(channel.id, thread_ts)
        if parent is None or parent.to or parent.thread_ts:
            raise RefusedError("thread_not_found")
        return thread_ts

    def _form(self, message: Message, *, with_metadata: bool = True) -> Json:
        return message_json(self.workspace.team, message, with_metadata=with_metadata)

    def _content(self, arguments: Json) -> Json:
        """Text, blocks and metadata; in forms, the last two are JSON in a string."""
        content = {
            "text": arguments.get("text") or "",
            "blocks": decoded(arguments.get("blocks"), "invalid_blocks_format") or None,
            "metadata": decoded(arguments.get("metadata"), "invalid_metadata_format"),
        }
        refused = refusal(self.workspace, content)
        if refused:
            raise RefusedError(
                refused.error,
                errors=list(refused.messages),
                response_metadata={"messages": [f"[ERROR] {each}" for each in refused.messages]},
            )
        return content
