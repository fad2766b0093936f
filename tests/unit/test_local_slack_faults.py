"""Calls that go wrong on demand."""

import http.client
import time

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.http_retry.interval_calculator import RetryIntervalCalculator
from slack_sdk.webhook import WebhookClient

from bot.sandbox.slack import Channel, LocalSlack


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


# Some calls and not others


def test_one_channel_fails_and_others_go_on(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    dev = slack.channel("dev")
    slack.fail("chat.postMessage", error="internal_error", when=ops.id, times=2)

    for _ in range(2):
        client.chat_postMessage(channel=dev.id, text="hello")
        with pytest.raises(SlackApiError, match="internal_error"):
            client.chat_postMessage(channel=ops.id, text="hello")
    assert client.chat_postMessage(channel=ops.id, text="hello")["ok"]


def test_one_thread_fails_and_others_go_on(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    sick, well = (client.chat_postMessage(channel=ops.id, text=text)["ts"] for text in ("sick", "well"))
    slack.fail("chat.postMessage", status=500, times=9, when=lambda call: call.get("thread_ts") == sick)

    assert client.chat_postMessage(channel=ops.id, text="hello", thread_ts=well)["ok"]
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel=ops.id, text="hello", thread_ts=sick)
    assert client.chat_postMessage(channel=ops.id, text="hello")["ok"]


@pytest.mark.parametrize("field", ["channel_id", "channels"])
def test_a_channel_is_meant_however_it_is_called(
    slack: LocalSlack, client: WebClient, ops: Channel, field: str
) -> None:
    slack.fail("files.completeUploadExternal", error="fatal_error", when=ops.id)
    arguments = {"files": "[]", field: f"{ops.id},C404" if field == "channels" else ops.id}

    with pytest.raises(SlackApiError, match="fatal_error"):
        client.api_call("files.completeUploadExternal", params=arguments)


def test_a_fault_for_some_does_not_hold_up_one_for_all(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.fail("chat.postMessage", error="fatal_error", when="C404")
    slack.fail("chat.postMessage", error="internal_error")

    with pytest.raises(SlackApiError, match="internal_error"):
        client.chat_postMessage(channel=ops.id, text="hello")
    with pytest.raises(SlackApiError, match="fatal_error"):
        client.chat_postMessage(channel="C404", text="hello")


def test_some_answers_are_lost_late_or_garbled(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    dev = slack.channel("dev")
    slack.drop("chat.postMessage", accepted=True, when=dev.id)
    slack.garble("chat.postMessage", when=dev.id)
    slack.slow("chat.postMessage", 60, when=dev.id)

    assert client.chat_postMessage(channel=ops.id, text="hello")["ok"]
    assert slack.faults() == {"chat.postMessage": 3}


def test_one_persons_response_urls_fail(slack: LocalSlack, ops: Channel) -> None:
    ann, bob = slack.person("Ann"), slack.person("Bob")
    slack.fail("response_url", status=500, when=lambda answer: answer["user"] == ann.id)
    statuses = [
        WebhookClient(each.command_form("/snapshot", ops)["response_url"], retry_handlers=[]).send(text="x").status_code
        for each in (bob, ann)
    ]

    assert statuses == [200, 500]


def test_response_urls_of_one_channel_fail(slack: LocalSlack, ops: Channel) -> None:
    ann, dev = slack.person("Ann"), slack.channel("dev")
    slack.fail("response_url", status=500, when=dev.id)
    statuses = [
        WebhookClient(ann.command_form("/snapshot", each)["response_url"], retry_handlers=[]).send(text="x").status_code
        for each in (ops, dev)
    ]

    assert statuses == [200, 500]


# Answers that are none


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize(("accepted", "kept"), [(True, 1), (False, 0)])
def test_an_answer_is_garbled(
    slack: LocalSlack,
    client: WebClient,
    ops: Channel,
    *,
    status: int,
    cut: bool,
    accepted: bool,
    kept: int,
) -> None:
    slack.garble("chat.postMessage", cut=cut, status=status, accepted=accepted)
    with pytest.raises(SlackApiError, match="non-JSON") as caught:
        client.chat_postMessage(channel=ops.id, text="hello")

    assert caught.value.response.status_code == status
    assert ("<!DOCTYPE html>" in caught.value.response["error"]) is not cut
    assert len(slack.messages(ops)) == kept


def test_answers_are_garbled_as_often_as_told(slack: LocalSlack, client: WebClient) -> None:
    slack.garble("auth.test", 2)

    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.auth_test()
    assert client.auth_test()["ok"]


# What is still to come


def test_faults_to_come_are_counted(slack: LocalSlack, client: WebClient) -> None:
    assert slack.faults() == {}

    slack.fail("auth.test", error="internal_error", times=2)
    slack.fail("auth.test", status=500, when="C404")
    slack.drop("chat.update", accepted=False)
    slack.repeat(3)
    slack.lose_delivery()
    with pytest.raises(SlackApiError):
        client.auth_test()

    assert slack.faults() == {"auth.test": 2, "chat.update": 1, "delivery": 4}
    slack.heal()
    assert slack.faults() == {}
