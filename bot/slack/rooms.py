"""Whether the bot can speak where it is asked, and to whom."""

from collections.abc import Mapping

from slack_sdk import WebClient

from bot.ask import RoomProblem
from bot.slack.client import Done, Never, attempt

_GONE = {"user_not_found", "user_not_visible"}


class Rooms:
    """Channels, direct messages and groups, as `conversations.info` tells of them; people, as `users.info` does."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def problem(self, channel: str, person: str) -> RoomProblem | None:
        """What keeps the bot from asking them there, if anything; where Slack does not say, posting will tell."""
        return self._of_channel(channel) or self._of_person(person)

    def _of_channel(self, channel: str) -> RoomProblem | None:
        match attempt(lambda: self._client.conversations_info(channel=channel)):
            case Done(response=response):
                return problem_with(response["channel"])
            case Never(problem="channel_not_found"):
                return RoomProblem.BETWEEN_PEOPLE if channel.startswith("D") else RoomProblem.NOT_INVITED
            case _:
                return None

    def _of_person(self, person: str) -> RoomProblem | None:
        """Slack accepts messages to people who have left, and nobody reads them.

        Source: https://github.com/slackapi/python-slack-sdk/issues/1156
        """
        match attempt(lambda: self._client.users_info(user=person)):
            case Done(response=response) if response["user"].get("deleted"):
                return RoomProblem.DEACTIVATED
            case Never(problem=problem) if problem in _GONE:
                return RoomProblem.DEACTIVATED
            case _:
                return None


def problem_with(channel: Mapping[str, object]) -> RoomProblem | None:
    """What a conversation says about itself.

    Source: https://docs.slack.dev/reference/objects/conversation-object
    """
    if channel.get("is_archived"):
        return RoomProblem.ARCHIVED
    if channel.get("is_im"):  # one that the bot can see is its own
        return None
    if channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"):
        return RoomProblem.SHARED
    needs_invitation = channel.get("is_private") or channel.get("is_mpim")
    return RoomProblem.NOT_INVITED if needs_invitation and not channel.get("is_member") else None
