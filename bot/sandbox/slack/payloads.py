"""What Slack tells an app when a person does something: the fields, before they are sent.

Source: https://docs.slack.dev/reference/interaction-payloads
"""

import itertools
import re

from bot.sandbox.slack.forms import message_json
from bot.sandbox.slack.holdings import HOLDINGS, Kind, told
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Team, User

VERIFICATION_TOKEN = "local-verification-token"  # deprecated at Slack, and still in every payload


def command_form(
    team: Team,
    user: User,
    channel: Channel,
    typed: str,
    response_url: str,
    trigger_id: str,
) -> dict[str, str]:
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
        "trigger_id": trigger_id,
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


def in_message(team: Team, channel: Channel, message: Message) -> Json:
    """The fields that say in which message something was done.

    An ephemeral message is not told back: the app must know from `container` and `value` alone.
    """
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.to is not None,
    }
    place: Json = {
        "container": container | ({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        "channel": {"id": channel.id, "name": shown_name(channel)},
    }
    return place | ({} if message.to else {"message": message_json(team, message)})


def in_view(form: Json) -> Json:
    """The fields that say in which view something was done; `form` is the view as the app is told it."""
    return {"container": {"type": "view", "view_id": form["id"]}, "view": form}


def actions_payload(team: Team, user: User, place: Json, action: Json, trigger_id: str) -> Json:
    """The `block_actions` of one press or choice."""
    return {**_head(team, user, "block_actions"), **place, "trigger_id": trigger_id, "actions": [action]}


def suggestion_payload(team: Team, user: User, place: Json, block_id: str, action_id: str, typed: str) -> Json:
    """The `block_suggestion` that asks which options there are for what was typed so far."""
    asked = {"block_id": block_id, "action_id": action_id, "value": typed}
    return {**_head(team, user, "block_suggestion"), **place, **asked}


def submission_payload(team: Team, user: User, form: Json, trigger_id: str, response_urls: list[Json]) -> Json:
    """The `view_submission` of a modal."""
    sent = {"view": form, "trigger_id": trigger_id, "response_urls": response_urls}
    return {**_head(team, user, "view_submission"), **sent}


def closing_payload(team: Team, user: User, form: Json, *, is_cleared: bool) -> Json:
    """The `view_closed` of a modal; `is_cleared` if those below it are gone too."""
    return {**_head(team, user, "view_closed"), "view": form, "is_cleared": is_cleared}


def _head(team: Team, user: User, kind: str) -> Json:
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team or team.id},
        "api_app_id": team.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action_of(block: Json, element: Json, held: object, action_ts: str) -> Json:
    """One press or choice: the element as far as Slack tells it, and what it holds now."""
    holding = HOLDINGS.get(element["type"])
    action: Json = {"block_id": block["block_id"], "action_ts": action_ts, "type": element["type"]}
    fields = ["action_id", "text", "value", "url", "style", "confirm"]
    if holding is not None:
        action |= told(element, holding, held)
        shows_more = holding.kind is not Kind.TEXT
        fields += ["placeholder", "min_query_length", holding.initial] if shows_more else []
    return action | {name: element[name] for name in fields if name in element}
