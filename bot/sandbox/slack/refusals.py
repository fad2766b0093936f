"""What Slack refuses in a message or a view: what breaks Block Kit's rules, and files that it does not have."""

from collections.abc import Mapping

from bot.sandbox.slack.blockkit import MessageRefusal, message_refusal
from bot.sandbox.slack.elements import Surface
from bot.sandbox.slack.viewrules import VIEW, view_problems
from bot.sandbox.slack.wire import as_object
from bot.sandbox.slack.workspace import Workspace


def refusal(workspace: Workspace, payload: Mapping[str, object]) -> MessageRefusal | None:
    """The first error with which Slack would refuse this message in this workspace; None if it is fine."""
    refused = message_refusal(payload)
    if refused:
        return refused
    strange = tuple(workspace.files.problems(payload.get("blocks")))
    return MessageRefusal("invalid_blocks", strange) if strange else None


def view_refusals(workspace: Workspace, view: object, surface: Surface) -> list[str]:
    """Everything for which Slack would refuse this view in this workspace, each with a pointer; empty if it is fine."""
    return view_problems(view, surface) or list(
        workspace.files.problems(as_object(view).get("blocks"), f"{VIEW}/blocks")
    )
