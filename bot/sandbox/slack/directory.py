"""The methods of the Web API that tell who and what there is: conversations, people and user groups."""

from dataclasses import dataclass

from bot.sandbox.slack import scopes
from bot.sandbox.slack.calls import MOST_ITEMS, Method, RefusedError, flag, page, word, words
from bot.sandbox.slack.finder import Finder
from bot.sandbox.slack.forms import channel_json, group_json, user_json
from bot.sandbox.slack.groups import Group, Groups
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.workspace import Channel, User

MOST_TALKERS = 8  # in a direct conversation, beside the app
USUAL_ITEMS = 100


@dataclass
class Directory(Finder):
    """Lists of conversations, people and user groups, and ways into conversations."""

    groups: Groups

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "conversations.info": self._conversation,
            "conversations.join": self._join,
            "conversations.list": self._conversations,
            "conversations.members": self._members,
            "conversations.open": self._open,
            "usergroups.list": self._groups,
            "usergroups.users.list": self._group_members,
            "users.info": self._user,
            "users.list": self._users,
        }

    # Conversations

    def _conversation(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        return {"channel": channel_json(self.workspace.team, channel)}

    def _conversations(self, arguments: Json) -> Json:
        """Public channels, and of the others those that the app is in."""
        kinds = {scopes.kind_of_type(each) for each in words(arguments, "types") or ["public_channel"]}
        if None in kinds:
            raise RefusedError("invalid_types")
        seen = [each for each in self.workspace.channels() if each.is_open_to(self._me) and scopes.kind(each) in kinds]
        if flag(arguments, "exclude_archived"):
            seen = [each for each in seen if not each.is_archived]
        some, cursor = page(seen, lambda channel: channel.id, arguments, USUAL_ITEMS)
        told = [channel_json(self.workspace.team, each) for each in some]
        return {"channels": told, "response_metadata": {"next_cursor": cursor}}

    def _members(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        some, cursor = page(sorted(channel.members), str, arguments, USUAL_ITEMS)
        return {"members": some, "response_metadata": {"next_cursor": cursor}}

    def _join(self, arguments: Json) -> Json:
        channel = self._channel(word(arguments, "channel"))
        if scopes.kind(channel) != "channels":
            raise RefusedError("method_not_supported_for_channel_type")
        if channel.is_archived:
            raise RefusedError("is_archived")
        joined = self.workspace.channel(channel.name, members=[self._me])
        told: Json = {"channel": channel_json(self.workspace.team, joined)}
        if self._me in channel.members:
            told |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return told

    def _open(self, arguments: Json) -> Json:
        """A direct conversation with one person or up to eight, or one that is known by its id.

        What `prevent_creation` answers where there is none is not documented; here it is `channel_not_found`.
        """
        before = {each.id for each in self.workspace.channels()}
        channel = self._known(arguments) if arguments.get("channel") else self._with(arguments)
        there = {"no_op": True, "already_open": True} if channel.id in before else {}
        is_full = flag(arguments, "return_im")
        told = channel_json(self.workspace.team, channel) if is_full else {"id": channel.id}
        return {"channel": told, **there}

    def _known(self, arguments: Json) -> Channel:
        channel = self._channel(word(arguments, "channel"))
        if not (channel.is_im or channel.is_mpim):
            raise RefusedError("method_not_supported_for_channel_type")
        return channel

    def _with(self, arguments: Json) -> Channel:
        users = list(dict.fromkeys(each for each in words(arguments, "users") if each != self._me))
        if not users:
            raise RefusedError("users_list_not_supplied")
        if len(users) > MOST_TALKERS:
            raise RefusedError("too_many_users")
        for user in users:
            self._can_be_talked_to(user)
        make = not flag(arguments, "prevent_creation")
        if len(users) > 1:
            channel = self.workspace.group_dm(users, make=make)
        else:
            channel = self.workspace.dm(users[0]) if make else self.workspace.find_dm(users[0])
        if channel is None:
            raise RefusedError("channel_not_found")
        return channel

    def _can_be_talked_to(self, name: str) -> None:
        user = self.workspace.user(name)
        if user is None:
            raise RefusedError("user_not_found")
        if user.is_bot:
            raise RefusedError("cannot_dm_bot")
        if user.is_deactivated:
            raise RefusedError("user_disabled")
        if self._is_stranger(user):
            raise RefusedError("invalid_user_combination")

    # People

    def _user(self, arguments: Json) -> Json:
        user = self.workspace.user(word(arguments, "user"))
        if user is None:
            raise RefusedError("user_not_found")
        return {"user": self._told(user)}

    def _users(self, arguments: Json) -> Json:
        """Everybody, deactivated accounts and bots too; of other workspaces, those who share a channel with the app.

        Whether Slack lists these last is not documented.
        """
        seen = [each for each in self.workspace.users() if not self._is_stranger(each)]
        some, cursor = page(seen, lambda user: user.id, arguments, MOST_ITEMS)
        told = [self._told(each) for each in some]
        moment = int(self.workspace.clock())
        return {"members": told, "cache_ts": moment, "response_metadata": {"next_cursor": cursor}}

    def _told(self, user: User) -> Json:
        return user_json(self.workspace.team, user, is_stranger=self._is_stranger(user))

    def _is_stranger(self, user: User) -> bool:
        """Whether she belongs to another workspace, and shares no channel with the app."""
        shared = (each for each in self.workspace.channels() if {user.id, self._me} <= each.members)
        return bool(user.team) and next(shared, None) is None

    # User groups

    def _groups(self, arguments: Json) -> Json:
        told = [group_json(self.workspace.team, each, arguments) for each in self._seen(arguments)]
        return {"usergroups": told}

    def _group_members(self, arguments: Json) -> Json:
        found = [each for each in self._seen(arguments) if each.id == word(arguments, "usergroup")]
        if not found:
            raise RefusedError("no_such_subteam")
        return {"users": list(found[0].members)}

    def _seen(self, arguments: Json) -> list[Group]:
        return [each for each in self.groups.all() if flag(arguments, "include_disabled") or not each.deleted]
