"""A call to Slack that comes too late is not made."""

import math
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.clock import boot_clock
from bot.sandbox.slack import LocalSlack
from bot.slack.client import Done, Result, Wait, attempt, web_client


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as made:
        yield made


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return web_client(slack.bot_token, slack.api_url)


def post(slack: LocalSlack, client: WebClient, send_by: float) -> Result:
    channel = slack.channel("ops", members=[slack.person("Ann")])
    return attempt(lambda: client.chat_postMessage(channel=channel.id, text="hello"), send_by=send_by)


def messages(slack: LocalSlack) -> int:
    return len(slack.messages(slack.channel("ops")))


def test_in_time_it_is_made(slack: LocalSlack, client: WebClient) -> None:
    assert isinstance(post(slack, client, boot_clock() + 60), Done)
    assert messages(slack) == 1


def test_too_late_it_is_not_made_and_may_be_tried_anew(slack: LocalSlack, client: WebClient) -> None:
    assert post(slack, client, boot_clock() - 0.001) == Wait(0.0, "paused before it was sent")
    assert messages(slack) == 0


def test_what_has_no_limit_is_not_held_to_the_one_before(slack: LocalSlack, client: WebClient) -> None:
    post(slack, client, boot_clock() - 1)

    assert isinstance(post(slack, client, math.inf), Done)
