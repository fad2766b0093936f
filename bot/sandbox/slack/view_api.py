"""The methods of Slack's Web API that show views: `views.open`, `.push`, `.update` and `.publish`.

Source: https://docs.slack.dev/reference/methods/views.open and its neighbours.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.slack.calls import Method, RefusedError
from bot.sandbox.slack.elements import Surface
from bot.sandbox.slack.refusals import view_refusals
from bot.sandbox.slack.triggers import Trigger, Triggers
from bot.sandbox.slack.viewrules import VIEW
from bot.sandbox.slack.views import View, ViewRefusedError, Views, view_json
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class ViewApi:
    """Answers calls on the views of a workspace."""

    workspace: Workspace
    views: Views
    triggers: Triggers

    def methods(self) -> Mapping[str, Method]:
        """All of them, by name."""
        return {
            "views.open": self._answering(self._open),
            "views.publish": self._answering(self._publish),
            "views.push": self._answering(self._push),
            "views.update": self._answering(self._update),
        }

    def _answering(self, show: Callable[[Json], View]) -> Method:
        """The method that shows a view and tells the app what it became."""

        def method(arguments: Json) -> Json:
            try:
                return {"view": view_json(self.workspace.team, show(arguments))}
            except ViewRefusedError as refused:
                raise _refusal(refused) from refused

        return method

    def _open(self, arguments: Json) -> View:
        view, trigger = self._exchanged(arguments)
        return self.views.open(trigger.user, view, trigger.channel)

    def _push(self, arguments: Json) -> View:
        """On the modal from which the trigger came; there is none if it came from elsewhere, or was closed since."""
        view, trigger = self._exchanged(arguments)
        if trigger.view_id is None or trigger.view_id not in {each.id for each in self.views.stack(trigger.user)}:
            raise ViewRefusedError("not_found")
        return self.views.push(trigger.user, view)

    def _update(self, arguments: Json) -> View:
        view = _view(arguments)
        view_id, external_id = (str(arguments.get(name) or "") for name in ("view_id", "external_id"))
        if view_id and external_id:
            raise ViewRefusedError("invalid_arguments", "Cannot provide both `view_id` and `external_id`")
        if not (view_id or external_id):
            raise ViewRefusedError("invalid_arguments", "Must provide either `view_id` or `external_id`")
        found = self.views.find(view_id) if view_id else self.views.find_external(external_id)
        if found is None:
            raise ViewRefusedError("not_found")
        return self.views.update(found.id, view, arguments.get("hash"))

    def _publish(self, arguments: Json) -> View:
        view = _view(arguments)
        user = self.workspace.user(_required(arguments, "user_id"))
        if user is None or user.is_bot:
            raise ViewRefusedError("user_not_found")
        return self.views.publish(user.id, view, arguments.get("hash"))

    def _exchanged(self, arguments: Json) -> tuple[object, Trigger]:
        """The view and who is to see it; a view that is wrong does not use up the trigger."""
        view = _view(arguments)
        if found := view_refusals(self.workspace, view, Surface.MODAL):
            raise ViewRefusedError("invalid_arguments", *found)
        return view, self.triggers.exchange(_required(arguments, "trigger_id"))


def _refusal(refused: ViewRefusedError) -> RefusedError:
    messages = [f"[ERROR] {each}" for each in refused.messages]
    return RefusedError(refused.error, **({"response_metadata": {"messages": messages}} if messages else {}))


def _required(arguments: Json, name: str) -> str:
    value = arguments.get(name)
    if not value:
        raise ViewRefusedError("invalid_arguments", f"missing required field: {name}")
    return str(value)


def _view(arguments: Json) -> object:
    """The view; forms have it as JSON in a string."""
    view = arguments.get("view")
    if not view:
        raise ViewRefusedError("invalid_arguments", "missing required field: view")
    if not isinstance(view, str):
        return view
    try:
        return json.loads(view)
    except ValueError as malformed:
        raise ViewRefusedError("invalid_arguments", f"must provide an object [json-pointer:{VIEW}]") from malformed
