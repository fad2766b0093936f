"""Whether the bot can speak in a channel."""

from slack_sdk import WebClient

from bot.ask import RoomProblem
from bot.slack.client import Done, Never, attempt


class Rooms:
    """Channels, direct messages and groups, as `conversations.info` tells of them."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def problem(self, channel: str) -> RoomProblem | None:
        """What keeps the bot from posting there, if anything; where Slack does not say, posting will tell."""
        match attempt(lambda: self._client.conversations_info(channel=channel)):
            case Done(response=response):
                return _problem(response["channel"])
            case Never(problem="channel_not_found"):
                return RoomProblem.NOT_INVITED
            case _:
                return None


def _problem(channel: dict[str, object]) -> RoomProblem | None:
    if channel.get("is_archived"):
        return RoomProblem.ARCHIVED
    needs_invitation = channel.get("is_private") or channel.get("is_mpim")
    return RoomProblem.NOT_INVITED if needs_invitation and not channel.get("is_member") else None
