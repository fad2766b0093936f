"""People at their keyboards: they type, click, fill in and read, and each waits for Slack like a person would."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.slack import suggestions
from bot.sandbox.slack.choosing import chosen_in
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.desk import Desk
from bot.sandbox.slack.entries import client_errors
from bot.sandbox.slack.holdings import HOLDINGS, Kind, interactive, state_of, with_held
from bot.sandbox.slack.parts import element_in, label
from bot.sandbox.slack.transcript import transcript
from bot.sandbox.slack.views import MODAL, View
from bot.sandbox.slack.wire import Json, as_object, string
from bot.sandbox.slack.workspace import Channel, Message, User


class NotVisibleError(AssertionError):
    """A person wanted to use something that is not in front of her."""


class NotFilledInError(NotVisibleError):
    """A form cannot be sent as it is; `errors` has the words under its inputs, by block_id."""

    def __init__(self, view: View, errors: Mapping[str, str]) -> None:
        super().__init__(f"{view.title} cannot be sent: {dict(errors)}")
        self.errors = errors


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

        Without `message` it is the one in the modal in front of her, or in the newest message she can see that has
        such a button, or in her home tab; with `channel` in the newest message there. With `message` it is that one
        as it was when it was looked at, even if it was edited since.
        """
        self._is_there()
        surface = message or self._surface_with(button, channel)
        if isinstance(surface, View):
            return self.desk.deliveries.deliver(self._click_in_view(surface, button))
        if not self._may_see(surface):
            raise NotVisibleError(f"{self.name} cannot see this:\n{surface.reads()}")
        return self.desk.deliveries.deliver(self.click_payload(surface, button))

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
        return self.desk.command(self.user, command, self._joined(channel))

    def click_payload(self, message: Message, button: str, channel: Channel | None = None) -> Json:
        """What Slack would send for a click on this label or action_id, not sent yet.

        `channel` pretends that the message stands in another channel than it does.
        """
        where = channel or self._where(message)
        ids = _button_in(message, button)
        return self.desk.act_in_message(self.user, message, where, ids)

    # Modals, home tabs and everything that can be chosen or written

    def modal(self) -> View | None:
        """The modal in front of her, if there is one."""
        return self.desk.views.modal(self.id)

    def home(self) -> View | None:
        """Her home tab, once the app has published one."""
        return self.desk.views.home(self.id)

    def opens_home(self) -> Delivery:
        """Look at the home tab; the app is told, and may publish another one."""
        return self.desk.events.home_opened(self.user, self.home())

    def acts(
        self,
        surface: Message | View,
        block_id: str,
        action_id: str,
        *,
        chosen: object = None,
        state: Json | None = None,
    ) -> Delivery:
        """Press or choose something in a message, in the modal in front or in the home tab, and say yes to its dialog.

        `chosen` is None for a button; for options their object, their `value` or what they say; for people and
        conversations an id; for texts and numbers a string; for dates "YYYY-MM-DD", for times "HH:mm", for both
        a number of seconds since 1970; a list where several can be chosen. `state` is what stands in the surface's
        inputs, in Slack's form; without it they are as they began.
        """
        ids = (block_id, action_id)
        self._in_front(surface)
        try:
            if isinstance(surface, View):
                payload = self.desk.act_in_view(self.user, surface, ids, chosen=chosen, state=state)
            else:
                where = self._where(surface)
                payload = self.desk.act_in_message(self.user, surface, where, ids, chosen=chosen, state=state)
        except LookupError as missing:
            raise NotVisibleError(str(missing)) from missing
        return self.desk.deliveries.deliver(payload)

    def submits(self, values: Mapping[str, object] | None = None, *, state: Json | None = None) -> Delivery:
        """Send the form in the modal in front.

        `values` are by the label of an input, or by an action_id, as `acts` takes them; `state` is what stands in
        all of them, in Slack's form. NotFilledInError, and nothing sent, if a client would not send it.
        """
        view = self._modal_in_front()
        if not view.body.get("submit"):
            raise NotVisibleError(f"{view.title} has nothing to submit.")
        entered = state_of(view.blocks, view.here, state)
        for name, chosen in (values or {}).items():
            entered = self._filled(view, entered, name, chosen)
        if errors := client_errors(view, entered):
            raise NotFilledInError(view, errors)
        return self.desk.deliveries.deliver(self.desk.submission(self.user, view, entered))

    def closes(self, *, everything: bool = False) -> Delivery | None:
        """Close the modal in front; `everything` is its ✕, which closes those below it too.

        The app is told if it wants to know: of this modal, or of the first one for the ✕. None if it is not told.
        """
        front = self._modal_in_front()
        is_cleared = everything or bool(front.body["clear_on_close"])
        told = self.desk.views.stack(self.id)[0] if everything else front
        if is_cleared:
            self.desk.views.clear(self.id)
        else:
            self.desk.views.close(front.id)
        if not told.body["notify_on_close"]:
            return None
        return self.desk.deliveries.deliver(self.desk.closing(self.user, told, is_cleared=is_cleared))

    def suggests(self, surface: Message | View, block_id: str, action_id: str, typed: str) -> list[Json]:
        """What a menu offers for what was typed so far: options or groups of them, as the app knows them.

        Nothing while that is too short to ask the app, or when its answer is late or faulty.
        """
        self._in_front(surface)
        try:
            _, element = element_in(surface.blocks, block_id, action_id)
        except LookupError as missing:
            raise NotVisibleError(str(missing)) from missing
        holding = HOLDINGS.get(element["type"])
        if holding is None or holding.kind is not Kind.SUGGESTION:
            raise NotVisibleError(f"The app is not asked for what {action_id!r} offers.")
        if len(typed) < element.get("min_query_length", suggestions.USUAL_QUERY):
            return []
        question = self.desk.question(self.user, surface, (block_id, action_id), typed)
        delivery = self.desk.deliveries.deliver(question)
        return suggestions.offered(delivery.body) if delivery.ok else []

    # What is in front of her

    def _in_front(self, surface: Message | View) -> None:
        """NotVisibleError unless she can use this now."""
        if not isinstance(surface, View):
            if not self._may_see(surface):
                raise NotVisibleError(f"{self.name} cannot see this:\n{surface.reads()}")
            return
        front = self.modal() if surface.type == MODAL else self.home()
        if front is None or front.id != surface.id:
            raise NotVisibleError(f"{self.name} does not have this in front of her:\n{surface.reads()}")

    def _modal_in_front(self) -> View:
        view = self.modal()
        if view is None:
            raise NotVisibleError(f"{self.name} has no modal in front of her.")
        return view

    def _filled(self, view: View, entered: Json, name: str, chosen: object) -> Json:
        """The same state, with this in the input that has this label or action_id."""
        for block, element in interactive(view.blocks):
            written_above = string(as_object(block.get("label")).get("text"))
            if element["type"] not in HOLDINGS or name not in (written_above, element["action_id"]):
                continue
            try:
                held = chosen_in(element, chosen, self.desk.workspace, self.user)
            except LookupError as missing:
                raise NotVisibleError(str(missing)) from missing
            return with_held(entered, block, element, held)
        raise NotVisibleError(f"There is no input {name!r} in {view.title}:\n{view.reads()}")

    def _click_in_view(self, view: View, button: str) -> Json:
        return self.desk.act_in_view(self.user, view, _button_in(view, button))

    def _where(self, message: Message) -> Channel:
        where = self.desk.workspace.find_channel(message.channel)
        if where is None:
            raise NotVisibleError(f"There is no channel {message.channel}.")
        return where

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

    def _surface_with(self, button: str, channel: Channel | None) -> Message | View:
        modal, home = (None, None) if channel else (self.modal(), self.home())
        surfaces: list[Message | View | None] = [modal, *reversed(self.sees(channel)), home]
        for surface in surfaces:
            if surface is not None and button in surface.buttons():
                return surface
        seen = transcript(self.desk.workspace, reader=self.id, views=self.desk.views.shown())
        raise NotVisibleError(f"{self.name} sees no button {button!r}.\n{seen}")


def _button_in(surface: Message | View, button: str) -> tuple[str, str]:
    """The block_id and action_id of the button with this label or action_id."""
    for block, element in interactive(surface.blocks):
        if element["type"] == "button" and button in (label(element), element["action_id"]):
            return block["block_id"], element["action_id"]
    raise NotVisibleError(f"No button {button!r} in:\n{surface.reads()}")
