"""What the app's answer to a submitted modal does to it.

Source: https://docs.slack.dev/surfaces/modals
"""

import json
from dataclasses import dataclass

from bot.sandbox.slack.delivery import Answer, Parcel
from bot.sandbox.slack.views import View, ViewRefusedError, Views
from bot.sandbox.slack.wire import Json, as_object, string


class NoReactionError(ValueError):
    """The answer is none that Slack understands."""


@dataclass(frozen=True)
class Submissions:
    """Does what the app answers; the modal stays as it is when the answer is late or makes no sense."""

    views: Views

    def settle(self, parcel: Parcel, answer: Answer) -> str | None:
        """Close, change or cover the modal; returns what went wrong, if anything."""
        view = self.views.find(string(as_object(parcel.fields.get("view")).get("id")))
        if answer.error is not None or view is None:
            return answer.error
        try:
            self._react(view, _reaction(answer.body))
        except (NoReactionError, ViewRefusedError):
            return "invalid_view_response"
        return None

    def _react(self, view: View, reaction: Json) -> None:
        match reaction.get("response_action"):
            case None if not reaction:
                self.views.close(view.id)
            case "errors":
                self.views.show_errors(view.id, _errors(view, reaction.get("errors")))
            case "update":
                self.views.update(view.id, reaction.get("view"))
            case "push":
                self.views.push(view.user, reaction.get("view"))
                self.views.show_errors(view.id, {})
            case "clear":
                self.views.clear(view.user)
            case unknown:
                raise NoReactionError(f"There is no response_action {unknown!r}")


def _reaction(body: str) -> Json:
    """Nothing, or a JSON object."""
    try:
        reaction = json.loads(body) if body.strip() else {}
    except ValueError as malformed:
        raise NoReactionError("The answer is no JSON") from malformed
    if not isinstance(reaction, dict):
        raise NoReactionError("The answer is no JSON object")
    return reaction


def _errors(view: View, errors: object) -> dict[str, str]:
    """Words for input blocks of this view; there is no other place for them."""
    places = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    told = as_object(errors)
    if not told or not places.issuperset(told):
        raise NoReactionError("These errors belong to no inputs of this view")
    if not all(string(words).strip() for words in told.values()):
        raise NoReactionError("An error needs words")
    return told
