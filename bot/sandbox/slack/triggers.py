"""The `trigger_id` that goes with what people do: leave for the app to open a view, once and soon.

Source: https://docs.slack.dev/interactivity/handling-user-interaction
"""

import secrets
from dataclasses import dataclass, replace

from bot.sandbox.slack.views import ViewRefusedError
from bot.sandbox.slack.workspace import Workspace

TRIGGER_SECONDS = 3.0


@dataclass(frozen=True)
class Trigger:
    """Who did something, when, and where: in a modal (by its id), or in a conversation."""

    user: str
    born: float
    view_id: str | None = None
    channel: str | None = None
    was_used: bool = False


class Triggers:
    """Every trigger_id that was given out. They age by the workspace's clock."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._given: dict[str, Trigger] = {}

    def mint(self, user: str, *, view_id: str | None = None, channel: str | None = None) -> str:
        """A new one, in the three parts that Slack's have."""
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._workspace.together():
            self._given[trigger_id] = Trigger(user, self._workspace.clock(), view_id, channel)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use it up; ViewRefusedError with Slack's word if that cannot be.

        Words: https://docs.slack.dev/reference/methods/views.open
        """
        with self._workspace.together():
            trigger = self._given.get(trigger_id)
            if trigger is None:
                raise ViewRefusedError("invalid_trigger_id")
            if trigger.was_used:
                raise ViewRefusedError("exchanged_trigger_id")
            if self._workspace.clock() - trigger.born > TRIGGER_SECONDS:
                raise ViewRefusedError("expired_trigger_id")
            self._given[trigger_id] = replace(trigger, was_used=True)
            return trigger
