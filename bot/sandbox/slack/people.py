"""People at their keyboards: they type, click and read, and each waits for Slack like a person would."""

from dataclasses import dataclass

from bot.sandbox.slack.delivery import Deliveries, Delivery
from bot.sandbox.slack.payloads import click_payload, command_form
from bot.sandbox.slack.replies import Replies
from bot.sandbox.slack.transcript import transcript
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, User, Workspace


class NotVisibleError(AssertionError):
    """A person wanted to use something that is not in front of her."""


@dataclass(frozen=True)
class Desk:
    """What everybody's client works with."""

    workspace: Workspace
    replies: Replies
    deliveries: Deliveries
    base_url: str


@dataclass(frozen=True)
class Person:
    """Somebody with a Slack client. Every call waits until the app has answered, three seconds at most."""

    user: User
    desk: Desk

    @property
    def id(self) -> str:
        """Her user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """What others call her."""
        return self.user.name

    def types(self, command: str, channel: Channel) -> Delivery:
        """Type a slash command, such as `/snapshot list`. Who types in a public channel has joined it.

        Somebody of another workspace cannot: an app's commands are for the people of its own. No page of Slack's
        documentation says so or otherwise; `command_form` makes what would be sent.
        """
        if self.user.team:
            raise NotVisibleError(f"{self.name} is from another workspace, and has no command {command!r}.")
        return self.desk.deliveries.deliver(self.command_form(command, channel))

    def clicks(self, button: str, *, message: Message | None = None, channel: Channel | None = None) -> Delivery:
        """Click the button with this label and say yes to its dialog.

        Without `message` it is the newest one she can see, in that channel if it is given, that has such a
        button. With `message` it is that one as it was when it was looked at, even if it was edited since.
        """
        self._is_there()
        message = message or self._newest_with(button, channel)
        if not self._may_see(message):
            raise NotVisibleError(f"{self.name} cannot see this:\n{message.reads()}")
        return self.desk.deliveries.deliver(self.click_payload(message, button))

    def says(self, text: str, channel: Channel, *, thread_ts: str | None = None) -> Message:
        """Write an ordinary message; the app hears nothing of it."""
        channel = self._joined(channel)
        return self.desk.workspace.post(channel.id, self.id, text, thread_ts=thread_ts)

    def sees(self, channel: Channel | None = None) -> list[Message]:
        """Everything she can read there or anywhere: messages, replies, what is for her alone; in order."""
        return self.desk.workspace.visible(self.id, channel.id if channel else None)

    def command_form(self, command: str, channel: Channel) -> dict[str, str]:
        """What Slack would send for this command, not sent yet."""
        if not command.startswith("/"):
            raise ValueError(f"A command begins with /, this does not: {command!r}. Words are for says().")
        channel = self._joined(channel)
        url = self.desk.base_url + self.desk.replies.mint(channel.id, self.id)
        return command_form(self.desk.workspace.team, self.user, channel, command, url)

    def click_payload(self, message: Message, button: str, channel: Channel | None = None) -> Json:
        """What Slack would send for a click on this label or action_id, not sent yet.

        `channel` pretends that the message stands in another channel than it does.
        """
        workspace = self.desk.workspace
        where = channel or workspace.find_channel(message.channel)
        if where is None:
            raise NotVisibleError(f"There is no channel {message.channel}.")
        url = self.desk.base_url + self.desk.replies.mint(where.id, self.id, message)
        try:
            return click_payload(workspace.team, self.user, where, message, button, workspace.moment(), url)
        except LookupError as missing:
            raise NotVisibleError(str(missing)) from missing

    def _may_see(self, message: Message) -> bool:
        channel = self.desk.workspace.find_channel(message.channel)
        may_read = channel is not None and self.desk.workspace.may_read(self.id, channel)
        return may_read and message.to in {None, self.id}

    def _is_there(self) -> None:
        """NotVisibleError if her account was deactivated."""
        now = self.desk.workspace.user(self.id)
        if now is not None and now.is_deactivated:
            raise NotVisibleError(f"{self.name}'s account is deactivated.")

    def _joined(self, channel: Channel) -> Channel:
        self._is_there()
        now = self.desk.workspace.find_channel(channel.id)
        if now is None or not self.desk.workspace.may_read(self.id, now):
            raise NotVisibleError(f"{self.name} is not in #{channel.name}.")
        if self.id not in now.members:
            now = self.desk.workspace.channel(now.name, members=[self.id])
        return now

    def _newest_with(self, button: str, channel: Channel | None) -> Message:
        for message in reversed(self.sees(channel)):
            if button in message.buttons():
                return message
        raise NotVisibleError(
            f"{self.name} sees no button {button!r}.\n{transcript(self.desk.workspace, reader=self.id)}",
        )
