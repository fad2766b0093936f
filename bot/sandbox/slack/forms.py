"""Messages, channels and people as the JSON in which Slack shows them to an app."""

from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Team, User


def message_json(team: Team, message: Message, *, with_metadata: bool = True) -> Json:
    """A message; its thread's figures are added where threads are read."""
    form: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": team.id,
        "text": message.text,
    }
    if message.user == team.bot_user_id:
        form |= {"bot_id": team.bot_id, "app_id": team.app_id, "bot_profile": _bot_profile(team)}
    if message.blocks:
        form["blocks"] = message.blocks
    if message.thread_ts:
        form["thread_ts"] = message.thread_ts
    if message.metadata and with_metadata:
        form["metadata"] = message.metadata
    if message.edits and not message.blocks:
        form["edited"] = {"user": message.user, "ts": message.ts}
    return form


def thread_figures(parent: Message, replies: list[Message]) -> Json:
    """What a parent says about its replies; nothing if there are none."""
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": parent.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
        "reply_users": people,
        "is_locked": False,
        "subscribed": True,
    }


def _bot_profile(team: Team) -> Json:
    return {
        "id": team.bot_id,
        "app_id": team.app_id,
        "name": team.app_name,
        "deleted": False,
        "team_id": team.id,
    }


def channel_json(team: Team, channel: Channel) -> Json:
    """A conversation as `conversations.info` tells it."""
    form: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_im": channel.is_im,
        "is_mpim": False,
        "is_group": channel.is_private,
        "is_channel": not (channel.is_private or channel.is_im),
        "is_private": channel.is_private or channel.is_im,
        "is_archived": channel.is_archived,
        "is_org_shared": False,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "context_team_id": team.id,
    }
    if channel.is_im:
        user = next(iter(channel.members - {team.bot_user_id}))
        return form | {"user": user, "is_open": True}
    return form | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": False,
        "is_member": team.bot_user_id in channel.members,
        "num_members": len(channel.members),
    }


def user_json(team: Team, user: User) -> Json:
    """A person as `users.info` tells her."""
    return {
        "id": user.id,
        "team_id": team.id,
        "name": user.handle,
        "real_name": user.name,
        "deleted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": {"real_name": user.name, "display_name": user.name, "team": team.id},
    }
