"""Messages, channels, people and groups as the JSON in which Slack shows them to an app."""

from bot.sandbox.slack.calls import flag
from bot.sandbox.slack.groups import Group
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, Message, Team, User


def message_json(team: Team, message: Message, *, with_metadata: bool = True) -> Json:
    """A message; its thread's figures are added where threads are read."""
    form: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "team": message.team or team.id,
        "text": message.text,
    }
    if message.team:
        form |= {"user_team": message.team, "source_team": message.team}
    if message.user == team.bot_user_id:
        form |= {"bot_id": team.bot_id, "app_id": team.app_id, "bot_profile": _bot_profile(team)}
    if message.blocks:
        form["blocks"] = message.blocks
    if message.files:
        form |= {"files": list(message.files), "upload": False}
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
        "is_mpim": channel.is_mpim,
        "is_group": channel.is_private,
        "is_channel": not (channel.is_private or channel.is_im),
        "is_private": channel.is_private or channel.is_im,
        "is_archived": channel.is_archived,
        "is_org_shared": False,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": sorted({team.id, *channel.teams}),
        "context_team_id": team.id,
    }
    if channel.is_ext_shared:
        form |= {
            "connected_team_ids": sorted(channel.teams),
            "internal_team_ids": [team.id],
            "conversation_host_id": team.id,
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


def user_json(team: Team, user: User, *, is_stranger: bool = False) -> Json:
    """A person as `users.info` tells her.

    `is_stranger` is for somebody of another workspace in no channel with the app; who is in one has her own `team_id`
    and no such mark.
    """
    home = user.team or team.id
    return {
        "id": user.id,
        "team_id": home,
        "name": user.handle,
        "real_name": user.name,
        "deleted": user.is_deactivated,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_stranger": is_stranger,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": {"real_name": user.name, "display_name": user.name, "team": home},
    }


def group_json(team: Team, group: Group, arguments: Json) -> Json:
    """A user group as `usergroups.list` tells it; `arguments` say whether with its people and their number."""
    form: Json = {
        "id": group.id,
        "team_id": team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.created,
        "date_update": group.updated,
        "date_delete": group.deleted,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
    }
    if flag(arguments, "include_users"):
        form["users"] = list(group.members)
    if flag(arguments, "include_count"):
        form["user_count"] = str(len(group.members))
    return form
