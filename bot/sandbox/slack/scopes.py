"""Which scopes a method needs, and which of them the app's token has.

Each method's page tells its scopes: https://docs.slack.dev/reference/methods. Where a page lists one scope for each
kind of conversation, the conversation that a call is about says which of them it needs.
"""

from collections.abc import Collection

from bot.sandbox.slack.workspace import Channel

# What the app's manifest asks for.
SCOPES = (
    "commands",
    "chat:write",
    "chat:write.public",
    "channels:read",
    "groups:read",
    "im:read",
    "mpim:read",
    "users:read",
    "files:write",
    "usergroups:read",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
)
APP_SCOPES = ("connections:write",)  # of the app-level token, which is made by hand
PUBLIC = "chat:write.public"  # to speak in public channels without being in them

_FIXED = {
    "apps.connections.open": "connections:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.join": "channels:join",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "users.list": "users:read",
}
_KINDS = ("channels", "groups", "mpim", "im")
_READ = {kind: f"{kind}:read" for kind in _KINDS}
_HISTORY = {kind: f"{kind}:history" for kind in _KINDS}
_BY_KIND = {
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.list": _READ,
    "conversations.members": _READ,
    "conversations.open": {
        "channels": "channels:manage",
        "groups": "groups:write",
        "im": "im:write",
        "mpim": "mpim:write",
    },
    "conversations.replies": _HISTORY,
}
_TYPES = {"public_channel": "channels", "private_channel": "groups", "mpim": "mpim", "im": "im"}


def kind(channel: Channel) -> str:
    """How scopes call this kind of conversation: channels, groups, mpim or im."""
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "groups" if channel.is_private else "channels"


def kind_of_type(name: str) -> str | None:
    """The same for a type as `conversations.list` takes it; None for an unknown one."""
    return _TYPES.get(name)


def accepted(method: str) -> tuple[str, ...]:
    """Every scope that some call of the method needs."""
    if method in _FIXED:
        return (_FIXED[method],)
    return tuple(_BY_KIND.get(method, {}).values())


def missing(method: str, kinds: Collection[str], granted: Collection[str]) -> str | None:
    """The scopes that a call lacks, with commas between them; None if it lacks none.

    `kinds` are those of the conversations it is about. If there are none, as the caller can see no such
    conversation, any scope of the method will do.
    """
    by_kind = _BY_KIND.get(method, {})
    needed = [by_kind[each] for each in kinds if each in by_kind] if by_kind else list(accepted(method))
    if needed:
        return ",".join(each for each in needed if each not in granted) or None
    return ",".join(accepted(method)) if accepted(method) and not {*accepted(method)} & {*granted} else None
