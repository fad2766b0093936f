"""The `response_url` that goes with every command and click: five answers within thirty minutes.

Slack documents the five, the thirty and the fields, and no errors. 404 with the error as JSON was seen for blocks that
are refused (https://github.com/slackapi/java-slack-sdk/issues/1349), the words `Expired url` in code that expects them
(https://github.com/getsentry/sentry/pull/7955); `used_url` and `no_service` are from memory. That an answer to a click
replaces the message unless it says otherwise is documented for the older interactive messages alone.
"""

import secrets
from dataclasses import dataclass, replace

from bot.sandbox.slack.refusals import refusal
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Message, Workspace

MOST_USES = 5
LIFETIME = 30 * 60.0


@dataclass(frozen=True)
class Refusal:
    """Why an answer was not taken."""

    status: int
    error: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReplyTo:
    """What one response_url stands for; `original` is the message that was clicked, None after a command."""

    channel: str
    person: str
    born: float
    original: Message | None = None
    uses: int = 0


class Replies:
    """Every response_url that was given out, by its path."""

    def __init__(self, workspace: Workspace, lifetime: float = LIFETIME) -> None:
        self._workspace = workspace
        self._lifetime = lifetime
        self._open: dict[str, ReplyTo] = {}

    def mint(self, channel: str, person: str, clicked: Message | None = None) -> str:
        """A new path on which the app may answer this person."""
        kind = "actions" if clicked else "commands"
        path = f"/{kind}/{self._workspace.team.id}/{secrets.randbelow(10**12)}/{secrets.token_hex(12)}"
        now = self._workspace.clock()
        with self._workspace.together():
            self._open[path] = ReplyTo(channel, person, now, original=clicked)
        return path

    def about(self, path: str) -> Json:
        """Where an answer on this path goes: the ids of the channel and of the person, none for an unknown path."""
        with self._workspace.together():
            url = self._open.get(path)
            return {"channel": url.channel, "user": url.person} if url else {}

    def use(self, path: str, payload: Json | None) -> Refusal | None:
        """Take one answer; None if it was accepted."""
        with self._workspace.together():
            url = self._open.get(path)
            refused = self._worn_out(url) or self._faulty(payload)
            if refused or url is None or payload is None:
                return refused
            self._open[path] = url = replace(url, uses=url.uses + 1)
            return self._answer(url, payload)

    def _worn_out(self, url: ReplyTo | None) -> Refusal | None:
        if url is None:
            return Refusal(404, "no_service")
        if self._workspace.clock() - url.born > self._lifetime:
            return Refusal(404, "Expired url")
        return Refusal(404, "used_url") if url.uses >= MOST_USES else None

    def _faulty(self, payload: Json | None) -> Refusal | None:
        if payload is None:
            return Refusal(400, "invalid_payload")
        if _says(payload, "delete_original") and not _has_content(payload):
            return None
        found = refusal(self._workspace, payload)
        return Refusal(404, found.error, found.messages) if found else None

    def _answer(self, url: ReplyTo, payload: Json) -> Refusal | None:
        """Replace, delete or say. After a command there is nothing to replace: what was said before stays.

        Seen in https://github.com/slackapi/bolt-python/issues/1268 and https://github.com/slackapi/bolt-js/issues/2287.
        """
        deletes, replaces = _says(payload, "delete_original"), _replaces(payload)
        if url.original is not None and (deletes or replaces):
            original = self._workspace.find(url.original.channel, url.original.ts)
            if original is None:
                return Refusal(404, "message_not_found")
            if not deletes:
                self._workspace.edit(original, **_content(payload))
                return None
            self._workspace.delete(original)
        if _has_content(payload):
            self._say(url, payload)
        return None

    def _say(self, url: ReplyTo, payload: Json) -> None:
        self._workspace.post(
            url.channel,
            self._workspace.team.bot_user_id,
            thread_ts=payload.get("thread_ts"),
            to=None if payload.get("response_type") == "in_channel" else url.person,
            **_content(payload),
        )


def _says(payload: Json, flag: str) -> bool:
    return str(payload.get(flag)).lower() == "true"


def _replaces(payload: Json) -> bool:
    """An answer to a click takes the place of what was clicked unless it says `replace_original: false`."""
    return payload.get("replace_original") is None or _says(payload, "replace_original")


def _has_content(payload: Json) -> bool:
    return bool(payload.get("text") or payload.get("blocks"))


def _content(payload: Json) -> Json:
    return {
        "text": payload.get("text") or "",
        "blocks": payload.get("blocks"),
        "metadata": payload.get("metadata"),
    }
