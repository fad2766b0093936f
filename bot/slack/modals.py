"""The forms that the bot opens: the name to type, and the reason to give. No I/O."""

import json
from dataclasses import dataclass

from bot.slack import blocks, words
from bot.slack.blocks import Block
from storage.tables import Deletion

TYPE_NAME, GIVE_REASON = "type_name", "give_reason"
NAME, REASON = "name", "reason"  # blocks with an input each
REASON_LIMIT = 1000  # characters
_SHOWN = 120  # characters of a name in a sentence about a letter of it
View = dict[str, object]


@dataclass(frozen=True, slots=True)
class Origin:
    """The click that a form was opened for: Slack gives it back with the form."""

    deletion: str
    channel: str
    ts: str
    answer_url: str  # for half an hour: https://docs.slack.dev/interactivity/handling-user-interaction

    def metadata(self) -> str:
        """As a form carries it."""
        return json.dumps([self.deletion, self.channel, self.ts, self.answer_url])

    @classmethod
    def of(cls, metadata: str) -> "Origin":
        """Read it back.

        Raises:
            ValueError: it is no form of ours.
        """
        match json.loads(metadata):
            case [str(deletion), str(channel), str(ts), str(url)]:
                return cls(deletion, channel, ts, url)
            case _:
                raise ValueError("not a form of ours")


def type_name(deletion: Deletion, origin: Origin) -> View:
    """Asks who approves to type the name of what will be gone."""
    said = blocks.section(
        f"*{blocks.escape(deletion.requester_name)}* asks to delete {blocks.code(deletion.name)}, "
        "the last snapshot of its instance. *This cannot be undone.*"
    )
    field = _input(NAME, "Type its name to approve", blocks.shown(deletion.name, 150), limit=words.NAME_LIMIT)
    return _form(TYPE_NAME, "Approve the deletion", "Approve", [said, field], origin)


def give_reason(deletion: Deletion, origin: Origin) -> View:
    """Asks who has stopped a deletion why."""
    said = blocks.section(f"{blocks.code(deletion.name)} stays. {blocks.person(deletion.requester_name)} is told.")
    field = _input(REASON, "Why? (optional)", "needed for the audit", limit=REASON_LIMIT, is_optional=True)
    return _form(GIVE_REASON, "Not deleted", "Say why", [said, field], origin)


def difference(name: str, typed: str) -> str | None:
    """Where what was typed is not the name; None where it is. Blanks around it do not count."""
    typed, shown = typed.strip().strip("`"), blocks.shown(name, _SHOWN)
    if typed == name:
        return None
    if not typed:
        return f"Type {shown} to approve."
    if typed.casefold() == name.casefold():
        return f"Capitals count: the name is {shown}."
    at = next((at for at, (one, other) in enumerate(zip(typed, name, strict=False)) if one != other), None)
    if at is not None:
        return f"Letter {at + 1} is “{typed[at]}” and should be “{name[at]}”: the name is {shown}."
    where = "Something is missing" if len(typed) < len(name) else "There is too much"
    return f"{where} at the end: the name is {shown}."


def _form(callback: str, title: str, submit: str, rows: list[Block], origin: Origin) -> View:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": origin.metadata(),
        "title": _plain(title),
        "submit": _plain(submit),
        "close": _plain("Close"),
        "blocks": rows,
    }


def _input(block: str, label: str, placeholder: str, *, limit: int, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "optional": is_optional,
        "label": _plain(label),
        "element": {
            "type": "plain_text_input",
            "action_id": block,
            "placeholder": _plain(placeholder),
            "max_length": limit,
            "focus_on_load": True,
        },
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
