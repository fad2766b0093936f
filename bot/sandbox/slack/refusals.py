"""What Slack refuses in a message: what breaks Block Kit's rules, and files that it does not have."""

from collections.abc import Mapping

from bot.sandbox.slack.blockkit import MessageRefusal, message_refusal
from bot.sandbox.slack.workspace import Workspace


def refusal(workspace: Workspace, payload: Mapping[str, object]) -> MessageRefusal | None:
    """The first error with which Slack would refuse this message in this workspace; None if it is fine."""
    refused = message_refusal(payload)
    if refused:
        return refused
    strange = tuple(workspace.files.problems(payload.get("blocks")))
    return MessageRefusal("invalid_blocks", strange) if strange else None
