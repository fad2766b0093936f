"""Looks whether a message of ours is in Slack, by what it carries in its metadata."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.slack.client import Done, Never, Result, Unsure, Wait, attempt

CARD, NOTICES = "lightkeeper_card", "lightkeeper_notices"  # kinds of metadata
_PAGE = 200  # messages
_EARLIER = timedelta(hours=1)  # Slack's clock and ours differ


class Look(StrEnum):
    """What a look showed."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look showed, what Slack said last, and where the message is if it was found."""

    look: Look
    result: Result
    ts: str = ""


def card(client: WebClient, channel: str, asked_at: datetime, copy: int | None) -> Seen:
    """Look in a channel for a copy of a card."""
    oldest = f"{(asked_at - _EARLIER).timestamp():.6f}"

    def page(cursor: str) -> SlackResponse:
        return client.conversations_history(
            channel=channel, oldest=oldest, limit=_PAGE, cursor=cursor, include_all_metadata=True
        )

    return _look(page, CARD, "copy", {str(copy)})


def word(client: WebClient, channel: str, at: datetime, notice: int | None) -> Seen:
    """Look in a channel for one message that tells a notice."""
    oldest = f"{(at - _EARLIER).timestamp():.6f}"

    def page(cursor: str) -> SlackResponse:
        return client.conversations_history(
            channel=channel, oldest=oldest, limit=_PAGE, cursor=cursor, include_all_metadata=True
        )

    return _look(page, NOTICES, "notices", {str(notice)})


def lines(client: WebClient, channel: str, thread: str, notices: Collection[int | None]) -> Seen:
    """Look in a thread for one message that tells all of the notices."""

    def page(cursor: str) -> SlackResponse:
        return client.conversations_replies(
            channel=channel, ts=thread, limit=_PAGE, cursor=cursor, include_all_metadata=True
        )

    return _look(page, NOTICES, "notices", {str(number) for number in notices})


def nothing(client: WebClient) -> Seen:
    """Where a conversation can't be read, all there is to see is whether Slack answers again."""
    result = attempt(client.auth_test)
    return Seen(Look.UNREADABLE if isinstance(result, Done) else Look.NO_ANSWER, result)


def _look(page: Callable[[str], SlackResponse], kind: str, key: str, numbers: set[str]) -> Seen:
    """Look through the pages for a message of ours that carries all of the numbers."""
    cursor = ""
    while True:
        result = attempt(partial(page, cursor))
        match result:
            case Done(response=response):
                for told in response["messages"]:
                    metadata = told.get("metadata", {})
                    carried = str(metadata.get("event_payload", {}).get(key, "")).split(",")
                    if metadata.get("event_type") == kind and numbers <= set(carried):
                        return Seen(Look.FOUND, result, str(told["ts"]))
                cursor = (response.get("response_metadata") or {}).get("next_cursor", "")
                if not cursor:
                    return Seen(Look.ABSENT, result)
            case Never() | Wait(problem="missing_scope"):
                return Seen(Look.UNREADABLE, result)
            case Wait() | Unsure():
                return Seen(Look.NO_ANSWER, result)
