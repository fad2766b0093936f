"""A whole conversation as text, for the person at the terminal and for tests that failed."""

from collections.abc import Iterable

from bot.sandbox.slack.views import HOME, View
from bot.sandbox.slack.workspace import Message, Workspace


def transcript(workspace: Workspace, reader: str | None = None, views: Iterable[View] = ()) -> str:
    """Everything said, by channel, replies under their parents, and what is open at the end.

    For one reader, only what she can see.
    """
    said = workspace.messages() if reader is None else workspace.visible(reader)
    parts: list[str] = []
    for channel in workspace.channels():
        lines = _in_channel(workspace, [each for each in said if each.channel == channel.id])
        if lines:
            parts += [f"#{channel.name}", *lines]
    for view in views:
        if reader in {None, view.user}:
            parts += _shown(workspace, view)
    return "\n".join(parts) or "Nothing was said."


def _in_channel(workspace: Workspace, said: list[Message]) -> list[str]:
    """Parents in order, each with its replies; a reply whose parent is out of sight stands by itself."""
    there = {each.ts for each in said}
    lines: list[str] = []
    for message in said:
        if message.thread_ts not in there:
            lines += _lines(workspace, message, "  ")
            replies = [each for each in said if each.thread_ts == message.ts]
            lines += [line for reply in replies for line in _lines(workspace, reply, "      ")]
    return lines


def _lines(workspace: Workspace, message: Message, indent: str) -> list[str]:
    head = indent + name(workspace, message.user)
    if message.to:
        head += f" (only {name(workspace, message.to)} sees this)"
    if message.edits:
        head += f" (edited {len(message.edits)} ×)"
    return [f"{head}:", *(f"{indent}  {line}" for line in message.reads().split("\n"))]


def _shown(workspace: Workspace, view: View) -> list[str]:
    what = "home tab" if view.type == HOME else f"modal {view.title!r}"
    lines = view.reads().split("\n")
    return [f"{name(workspace, view.user)} has this {what}:", *(f"  {line}" for line in lines)]


def name(workspace: Workspace, user: str) -> str:
    """What people call this account."""
    known = workspace.user(user)
    return known.name if known else user
