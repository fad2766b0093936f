"""What Slack sends, read into values that are whole: what is not is refused before anybody acts on it. No I/O."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.model import Actor
from bot.slack import words

Body = dict[str, Any]
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_ID_LIMIT = 255  # characters; Slack's ids have a tenth of that
_VALUE_LIMIT = 2000  # https://docs.slack.dev/reference/block-kit/block-elements/button-element
_FIELDS = 100  # of a form; a command has thirteen
_OF_COMMANDS = {"team_id", "channel_id", "user_id", "user_name", "command", "text", "response_url", "trigger_id"}
_METADATA_LIMIT = 3000  # https://docs.slack.dev/reference/views/modal-views
_OF_FORMS = {"type", "user", "team", "view", "trigger_id"}
_OF_CLICKS = {"type", "user", "team", "container", "actions", "response_url", "trigger_id"}


class MalformedError(Exception):
    """It is not what Slack sends; the words are for the log, and hold nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A slash command.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands
    """

    actor: Actor
    channel: str
    trigger: str
    answer_url: str
    command: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A click on something in a message; `team` is where the bot is installed, the actor's may be another.

    Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """

    actor: Actor
    team: str
    channel: str
    ts: str
    trigger: str
    answer_url: str
    action: str
    value: str  # "" where it has none
    is_private: bool  # the message is there for who clicked alone


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that was sent; `values` are of its texts, by block.

    Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """

    actor: Actor
    trigger: str
    metadata: str
    values: Mapping[str, str]


def read(content_type: str, raw: bytes) -> Body:
    """The body of a request as one object, in which no name comes twice.

    Raises:
        MalformedError: it is something else.
    """
    try:
        text = raw.decode()
        if content_type == JSON:
            return _object(text)
        fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise MalformedError(f"not readable ({type(error).__name__})") from None
    form = _once(fields)
    return _object(form["payload"]) if "payload" in form else form


def essential(body: Body) -> Body:
    """The same without what nobody here reads, once all parts are there of what somebody listens to.

    Raises:
        MalformedError: some are not, or it does not say what it is.
    """
    if "command" in body:
        typed(body)
        return {name: part for name, part in body.items() if name in _OF_COMMANDS}
    if body.get("type") == "block_actions":
        pressed(body)
        return {name: part for name, part in body.items() if name in _OF_CLICKS}
    if body.get("type") == "view_submission":
        submitted(body)
        return {name: part for name, part in body.items() if name in _OF_FORMS}
    _text(body, "type")
    return body


def typed(body: Body) -> Typed:
    """A slash command.

    Raises:
        MalformedError: it is none.
    """
    person = _text(body, "user_id")
    return Typed(
        actor=Actor(_text(body, "team_id"), person, _name(body.get("user_name"), person)),
        channel=_text(body, "channel_id"),
        trigger=_text(body, "trigger_id"),
        answer_url=_url(body),
        command=_text(body, "command"),
        text=_said(body.get("text", "")),
    )


def pressed(body: Body) -> Pressed:
    """A click in a message. The workspace of who clicks may be another than the bot's, in a shared channel.

    Raises:
        MalformedError: it is none.
    """
    user, container, action = _part(body, "user"), _part(body, "container"), _first(body.get("actions"))
    person = _text(user, "id")
    team = _text(_part(body, "team"), "id") if body.get("team") else _text(user, "team_id")  # none in an organization
    own_team = _text(user, "team_id") if user.get("team_id") else team
    return Pressed(
        actor=Actor(own_team, person, _name(user.get("username") or user.get("name"), person)),
        team=team,
        channel=_text(container, "channel_id"),
        ts=_text(container, "message_ts"),
        trigger=_text(body, "trigger_id"),
        answer_url=_url(body),
        action=_text(action, "action_id"),
        value=_said(action.get("value", ""), _VALUE_LIMIT),
        is_private=container.get("is_ephemeral") is True,
    )


def submitted(body: Body) -> Submitted:
    """A form that was sent.

    Raises:
        MalformedError: it is none.
    """
    user, view = _part(body, "user"), _part(body, "view")
    person = _text(user, "id")
    team = _text(user, "team_id") if user.get("team_id") else _text(_part(body, "team"), "id")
    blocks = _part(_part(view, "state"), "values")
    return Submitted(
        actor=Actor(team, person, _name(user.get("username") or user.get("name"), person)),
        trigger=_text(body, "trigger_id"),
        metadata=_said(view.get("private_metadata", ""), _METADATA_LIMIT),
        values={block: _entered(inputs) for block, inputs in blocks.items()},
    )


# Parts


def _entered(inputs: object) -> str:
    """What was entered in a block of one input; nothing where it was left empty."""
    if not isinstance(inputs, dict) or len(inputs) != 1:
        raise MalformedError("no input where one belongs")
    (entered,) = inputs.values()
    value = entered.get("value") if isinstance(entered, dict) else None
    return _said("" if value is None else value)


def _object(text: str) -> Body:
    try:
        body = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"no JSON ({type(error).__name__})") from None
    if not isinstance(body, dict):
        raise MalformedError("no JSON object")
    return body


def _once(pairs: list[tuple[str, Any]]) -> Body:
    """Pairs as a dictionary: of a name that comes twice, two readers may read two values."""
    body = dict(pairs)
    if len(body) != len(pairs):
        raise MalformedError("a name comes twice")
    return body


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _first(actions: object) -> Body:
    if isinstance(actions, list) and actions and isinstance(actions[0], dict):
        return actions[0]
    raise MalformedError("no actions")


def _part(body: Mapping[str, object], name: str) -> Body:
    part = body.get(name)
    if isinstance(part, dict):
        return part
    raise MalformedError(f"no {name}")


def _text(body: Mapping[str, object], name: str) -> str:
    """An id, or another short text that has to be there."""
    text = body.get(name)
    if isinstance(text, str) and 0 < len(text) <= _ID_LIMIT and text.isprintable():
        return text
    raise MalformedError(f"no {name}")


def _said(text: object, limit: int | None = None) -> str:
    """A text that may be empty or of any length, without what databases refuse: half characters and NUL."""
    if not isinstance(text, str) or (limit and len(text) > limit):
        raise MalformedError("no text where one belongs")
    return text.encode(errors="replace").decode().replace("\0", "")


def _url(body: Mapping[str, object]) -> str:
    """Where the person is answered."""
    try:
        url = body.get("response_url")
        if isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url:
            address = urlsplit(url)
            if address.scheme in ("http", "https") and address.hostname and address.port != 0:
                return url
    except ValueError:
        pass
    raise MalformedError("no response_url")


def _name(name: object, person: str) -> str:
    """What somebody is called, to be read by people; the id where that is nothing."""
    return words.cut(words.one_line(name), words.PERSON_LIMIT) or person if isinstance(name, str) else person
