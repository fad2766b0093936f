"""The `response_url` that goes with every command and click: five answers within thirty minutes."""

import secrets
from dataclasses import dataclass, replace

from bot.sandbox.slack.blockkit import message_refusal
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
    """What one response_url stands for; `original` is the message that was clicked or that it made before."""

    channel: str
    person: str
    born: float
    original: Message | None = None
    was_clicked: bool = False
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
            self._open[path] = ReplyTo(channel, person, now, original=clicked, was_clicked=clicked is not None)
        return path

    def use(self, path: str, payload: Json | None) -> Refusal | None:
        """Take one answer; None if it was accepted."""
        with self._workspace.together():
            url = self._open.get(path)
            refusal = self._worn_out(url) or _faulty(payload)
            if refusal or url is None or payload is None:
                return refusal
            self._open[path] = url = replace(url, uses=url.uses + 1)
            return self._answer(path, url, payload)

    def _worn_out(self, url: ReplyTo | None) -> Refusal | None:
        if url is None:
            return Refusal(404, "no_service")
        if self._workspace.clock() - url.born > self._lifetime:
            return Refusal(404, "expired_url")
        return Refusal(404, "used_url") if url.uses >= MOST_USES else None

    def _answer(self, path: str, url: ReplyTo, payload: Json) -> Refusal | None:
        original = url.original and self._workspace.find(url.original.channel, url.original.ts)
        deletes, replaces = _says(payload, "delete_original"), _replaces(url, payload)
        if url.was_clicked and original is None and (deletes or replaces):
            return Refusal(404, "message_not_found")
        if original is not None and replaces and not deletes:
            self._workspace.edit(original, **_content(payload))
            return None
        if original is not None and deletes:
            self._workspace.delete(original)
        if _has_content(payload):
            self._say(path, url, payload)
        return None

    def _say(self, path: str, url: ReplyTo, payload: Json) -> None:
        said = self._workspace.post(
            url.channel,
            self._workspace.team.bot_user_id,
            thread_ts=payload.get("thread_ts"),
            to=None if payload.get("response_type") == "in_channel" else url.person,
            **_content(payload),
        )
        if not url.was_clicked:
            self._open[path] = replace(url, original=said)


def _says(payload: Json, flag: str) -> bool:
    return str(payload.get(flag)).lower() == "true"


def _replaces(url: ReplyTo, payload: Json) -> bool:
    """An answer to a click takes the place of what was clicked unless it says `replace_original: false`."""
    return _says(payload, "replace_original") or (url.was_clicked and payload.get("replace_original") is None)


def _has_content(payload: Json) -> bool:
    return bool(payload.get("text") or payload.get("blocks"))


def _faulty(payload: Json | None) -> Refusal | None:
    if payload is None:
        return Refusal(400, "invalid_payload")
    if _says(payload, "delete_original") and not _has_content(payload):
        return None
    found = message_refusal(payload)
    return Refusal(400, found.error, found.messages) if found else None


def _content(payload: Json) -> Json:
    return {
        "text": payload.get("text") or "",
        "blocks": payload.get("blocks"),
        "metadata": payload.get("metadata"),
    }
