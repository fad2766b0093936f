"""Calls that go wrong on demand."""

import http.client
import time
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.http_retry.interval_calculator import RetryIntervalCalculator
from slack_sdk.webhook import WebhookClient

from bot.sandbox.slack import Channel, LocalSlack


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=10)


@pytest.fixture
def ops(slack: LocalSlack) -> Channel:
    return slack.channel("ops")


def test_a_method_fails_as_often_as_it_is_told(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.fail("chat.postMessage", error="channel_not_found", times=2)

    for _ in range(2):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            client.chat_postMessage(channel=ops.id, text="hello")
    client.chat_postMessage(channel=ops.id, text="hello")
    assert len(slack.messages(ops)) == 1


def test_other_methods_go_on(slack: LocalSlack, client: WebClient) -> None:
    slack.fail("chat.postMessage", error="internal_error")

    assert client.auth_test()["ok"]


def test_slack_breaks(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.fail("chat.postMessage", status=503)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ops.id, text="hello")

    assert caught.value.response.status_code == 503


def test_slack_is_asked_too_often(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.fail("chat.postMessage", retry_after=2)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ops.id, text="hello")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "2"
    assert caught.value.response["error"] == "ratelimited"


@pytest.mark.parametrize(("accepted", "kept"), [(True, 1), (False, 0)])
def test_an_answer_is_lost(
    slack: LocalSlack,
    client: WebClient,
    ops: Channel,
    *,
    accepted: bool,
    kept: int,
) -> None:
    slack.drop("chat.postMessage", accepted=accepted)
    with pytest.raises(http.client.RemoteDisconnected):
        client.chat_postMessage(channel=ops.id, text="hello")

    assert len(slack.messages(ops)) == kept


class AtOnce(RetryIntervalCalculator):
    def calculate_sleep_duration(self, current_attempt: int) -> float:
        del current_attempt
        return 0.0


def test_a_lost_answer_makes_a_client_that_tries_again_say_it_twice(slack: LocalSlack, ops: Channel) -> None:
    handler = ConnectionErrorRetryHandler(interval_calculator=AtOnce())
    slack.drop("chat.postMessage", accepted=True)
    WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[handler]).chat_postMessage(
        channel=ops.id,
        text="hello",
    )

    assert len(slack.messages(ops)) == 2


def test_a_connection_that_is_kept_open_is_lost_too(slack: LocalSlack) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(slack.base_url.rpartition(":")[2]), timeout=5)
    slack.drop("auth.test", accepted=False)
    connection.request("POST", "/api/auth.test", b"", {"Connection": "keep-alive"})

    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()


def test_an_answer_is_late(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.slow("chat.postMessage", 0.1)
    before = time.perf_counter()
    client.chat_postMessage(channel=ops.id, text="hello")

    assert time.perf_counter() - before >= 0.1


def test_what_is_answered_late_was_done_at_once(slack: LocalSlack, ops: Channel) -> None:
    slack.slow("chat.postMessage", 60)
    with pytest.raises(TimeoutError):
        # a time limit of slack_sdk is in seconds, and none of its types says that it may be a fraction
        WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=0.1).chat_postMessage(  # type: ignore[arg-type]
            channel=ops.id,
            text="hello",
        )

    slack.wait_for(lambda: slack.messages(ops), what="message")


def test_a_response_url_fails_too(slack: LocalSlack, ops: Channel) -> None:
    slack.fail("response_url", status=500)
    url = slack.person("Ann").command_form("/snapshot", ops)["response_url"]

    assert WebhookClient(url, retry_handlers=[]).send(text="hello").status_code == 500
    assert slack.ephemerals() == []


def test_faults_are_forgotten(slack: LocalSlack, client: WebClient) -> None:
    slack.fail("auth.test", error="internal_error", times=9)
    slack.heal()

    assert client.auth_test()["ok"]


def test_a_fault_is_one_thing(slack: LocalSlack) -> None:
    with pytest.raises(ValueError, match="one of"):
        slack.fail("auth.test")
