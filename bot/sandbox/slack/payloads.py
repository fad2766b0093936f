"""What Slack tells an app when a person types a command or clicks: the fields, before they are sent."""

import itertools
import re
import secrets

from bot.sandbox.slack.forms import message_json
from bot.sandbox.slack.parts import interactive, label
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Team, User

VERIFICATION_TOKEN = "local-verification-token"  # deprecated at Slack, and still in every payload


def trigger_id() -> str:
    """A new one, in the three parts that Slack's have."""
    return f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"


def command_form(team: Team, user: User, channel: Channel, typed: str, response_url: str) -> dict[str, str]:
    """The form of a slash command; `typed` begins with its slash."""
    command, _, text = typed.partition(" ")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": user.team or team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": shown_name(channel),
        "user_id": user.id,
        "user_name": user.handle,
        "command": command,
        "text": _escaped(text.strip()),
        "api_app_id": team.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id(),
    }


def _escaped(text: str) -> str:
    """Typed text as Slack delivers it: entities, but for mentions and links, which it makes tokens itself.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    parts = re.split(r"(<(?:@|#|!|https?://|mailto:)[^<>]*>)", text)
    plain = [part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for part in parts[::2]]
    return "".join(itertools.chain.from_iterable(itertools.zip_longest(plain, parts[1::2], fillvalue="")))


def shown_name(channel: Channel) -> str:
    """The name by which a payload calls a channel: those of private ones are not told."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def click_payload(
    team: Team,
    user: User,
    channel: Channel,
    message: Message,
    button: str,
    action_ts: str,
    response_url: str,
) -> Json:
    """The `block_actions` of a click on the button with this label or action_id; LookupError if none has it.

    An ephemeral message is not told back: the app must know from `container` and `value` alone.
    """
    payload: Json = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team or team.id},
        "api_app_id": team.app_id,
        "token": VERIFICATION_TOKEN,
        "container": _container(channel, message),
        "trigger_id": trigger_id(),
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": shown_name(channel)},
        "state": {"values": _state(message.blocks)},
        "response_url": response_url,
        "actions": [_action(message, button) | {"action_ts": action_ts}],
    }
    if not message.to:
        payload["message"] = message_json(team, message)
    return payload


def _container(channel: Channel, message: Message) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.to is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _action(message: Message, button: str) -> Json:
    pressed = [
        (block, element)
        for block, element in interactive(message.blocks)
        if element["type"] == "button" and button in {label(element), element["action_id"]}
    ]
    if not pressed:
        raise LookupError(f"No button {button!r} in:\n{message.reads()}")
    block, element = pressed[0]
    told = ("type", "action_id", "text", "value", "url", "style", "confirm")
    return {"block_id": block["block_id"]} | {name: element[name] for name in told if name in element}


def _state(blocks: list[Json]) -> Json:
    """What stands in selects and inputs; as nobody has touched them, what they began with."""
    values: Json = {}
    for block, element in interactive(blocks):
        entered = {
            "static_select": {"selected_option": element.get("initial_option")},
            "plain_text_input": {"value": element.get("initial_value")},
        }.get(element["type"])
        if entered:
            of_block = values.setdefault(block["block_id"], {})
            of_block[element["action_id"]] = {"type": element["type"], **entered}
    return values
