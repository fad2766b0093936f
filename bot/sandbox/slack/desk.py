"""What everybody's Slack client works with, and the payloads that it makes of what they do."""

from dataclasses import dataclass

from bot.sandbox.slack.choosing import chosen_in
from bot.sandbox.slack.delivery import Deliveries
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.holdings import HOLDINGS, state_of, with_held
from bot.sandbox.slack.parts import element_in
from bot.sandbox.slack.payloads import (
    action_of,
    actions_payload,
    closing_payload,
    command_form,
    in_message,
    in_view,
    submission_payload,
    suggestion_payload,
)
from bot.sandbox.slack.replies import Replies
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.views import View, Views, view_json
from bot.sandbox.slack.wire import Json, as_object, string
from bot.sandbox.slack.workspace import Channel, Message, Team, User, Workspace


@dataclass(frozen=True)
class Desk:
    """What everybody's client works with."""

    workspace: Workspace
    views: Views
    triggers: Triggers
    replies: Replies
    deliveries: Deliveries
    events: Events
    base_url: str

    @property
    def team(self) -> Team:
        """The workspace's."""
        return self.workspace.team

    def command(self, user: User, typed: str, channel: Channel) -> dict[str, str]:
        """The form of a slash command."""
        url = self.base_url + self.replies.mint(channel.id, user.id)
        trigger_id = self.triggers.mint(user.id, channel=channel.id)
        return command_form(self.team, user, channel, typed, url, trigger_id)

    def act_in_message(
        self,
        user: User,
        message: Message,
        channel: Channel,
        ids: tuple[str, str],
        *,
        chosen: object = None,
        state: Json | None = None,
    ) -> Json:
        """The `block_actions` of the element with this block_id and action_id; LookupError as `acted` has it."""
        action, values = self._acted(user, message.blocks, ids, chosen, state_of(message.blocks, entered=state))
        place = {
            **in_message(self.team, channel, message),
            "state": {"values": values},
            "response_url": self.base_url + self.replies.mint(channel.id, user.id, message),
        }
        return actions_payload(self.team, user, place, action, self.triggers.mint(user.id, channel=channel.id))

    def act_in_view(
        self, user: User, view: View, ids: tuple[str, str], *, chosen: object = None, state: Json | None = None
    ) -> Json:
        """The same in a modal or home tab: there is no channel and no response_url."""
        action, values = self._acted(user, view.blocks, ids, chosen, state_of(view.blocks, view.here, state))
        place = in_view(view_json(self.team, view, values))
        return actions_payload(
            self.team, user, place, action, self.triggers.mint(user.id, view_id=view.id, channel=view.here)
        )

    def _acted(
        self, user: User, blocks: list[Json], ids: tuple[str, str], chosen: object, values: Json
    ) -> tuple[Json, Json]:
        """The action, and what stands in all elements after it.

        LookupError if there is no such element, if it offers no such choice, or if it tells nothing at once: so it
        is in an input block without `dispatch_action`.
        """
        block, element = element_in(blocks, *ids)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise LookupError(f"{ids[1]!r} tells the app nothing before its form is sent.")
        held = chosen_in(element, chosen, self.workspace, user) if element["type"] in HOLDINGS else None
        action = action_of(block, element, held, self.workspace.moment())
        return action, with_held(values, block, element, held)

    def submission(self, user: User, view: View, values: Json) -> Json:
        """The `view_submission` of a modal in which this stands."""
        form = view_json(self.team, view, values)
        urls = self._response_urls(user, view, values)
        return submission_payload(self.team, user, form, self._trigger_in(view, user), urls)

    def _response_urls(self, user: User, view: View, values: Json) -> list[Json]:
        """One for each menu of conversations that asks for it.

        Source: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
        """
        urls: list[Json] = []
        for block in view.blocks:
            element = as_object(block.get("element"))
            if not element.get("response_url_enabled"):
                continue
            ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
            entry = values[ids["block_id"]][ids["action_id"]]
            channel = string(entry.get(HOLDINGS[element["type"]].field))
            if channel:
                url = self.base_url + self.replies.mint(channel, user.id)
                urls.append({**ids, "channel_id": channel, "response_url": url})
        return urls

    def _trigger_in(self, view: View, user: User) -> str:
        return self.triggers.mint(user.id, view_id=view.id, channel=view.here)

    def closing(self, user: User, view: View, *, is_cleared: bool) -> Json:
        """The `view_closed` of a modal."""
        form = view_json(self.team, view, state_of(view.blocks, view.here))
        return closing_payload(self.team, user, form, is_cleared=is_cleared)

    def question(self, user: User, surface: Message | View, ids: tuple[str, str], typed: str) -> Json:
        """The `block_suggestion` of a menu whose options the app knows."""
        return suggestion_payload(self.team, user, self._place(surface), *ids, typed)

    def _place(self, surface: Message | View) -> Json:
        if isinstance(surface, View):
            return in_view(view_json(self.team, surface, state_of(surface.blocks, surface.here)))
        channel = self.workspace.find_channel(surface.channel)
        return in_message(self.team, channel, surface) if channel else {}
