"""How often an app may call."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox.slack import SCOPES, Channel, LocalSlack
from bot.sandbox.slack.limits import DEFAULTS
from tests.unit.conftest import Clock


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock, scopes=[*SCOPES, "users:read"]) as slack:
        yield slack


@pytest.fixture
def ops(slack: LocalSlack) -> Channel:
    return slack.channel("ops")


def says(client: WebClient, channel: str, times: int = 1) -> int:
    """How many messages are taken, one after the other, until one is not."""
    for number in range(times):
        try:
            client.chat_postMessage(channel=channel, text=str(number))
        except SlackApiError as refused:
            if refused.response["error"] != "ratelimited":
                raise
            return number
    return times


def test_a_channel_takes_a_short_burst_and_then_a_message_a_second(
    client: WebClient, clock: Clock, ops: Channel
) -> None:
    assert says(client, ops.id, 11) == 10

    for _ in range(3):
        clock.now += 1
        assert says(client, ops.id, 2) == 1


def test_what_is_too_much_says_when_to_come_back(client: WebClient, clock: Clock, ops: Channel) -> None:
    says(client, ops.id, 10)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ops.id, text="too much")
    response = caught.value.response

    assert (response.status_code, response.data) == (429, {"ok": False, "error": "ratelimited"})
    assert response.headers["Retry-After"] == "1"
    clock.now += 1
    assert says(client, ops.id) == 1


def test_what_is_too_much_is_not_done(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    says(client, ops.id, 12)

    assert len(slack.messages(ops)) == 10


def test_each_channel_has_its_own_limit(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    says(client, ops.id, 11)

    assert says(client, slack.channel("dev").id, 10) == 10


def test_a_person_and_the_conversation_with_her_have_one_limit(slack: LocalSlack, client: WebClient) -> None:
    ann = slack.person("Ann")
    says(client, ann.id, 10)

    assert says(client, slack.dm(ann).id) == 0


def test_the_workspace_has_a_limit_too(slack: LocalSlack, client: WebClient) -> None:
    taken = sum(says(client, slack.channel(f"channel{number}").id, 10) for number in range(61))

    assert taken == 600


def test_edits_have_one_limit_in_all_channels(slack: LocalSlack, client: WebClient, clock: Clock, ops: Channel) -> None:
    posted = [
        (each.id, client.chat_postMessage(channel=each.id, text="x")["ts"]) for each in (ops, slack.channel("dev"))
    ]
    for number in range(50):
        channel, ts = posted[number % 2]
        client.chat_update(channel=channel, ts=ts, text=str(number))

    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        client.chat_update(channel=posted[0][0], ts=posted[0][1], text="51")
    assert caught.value.response.headers["Retry-After"] == "2"
    clock.now += 60 / 50
    assert client.chat_update(channel=posted[0][0], ts=posted[0][1], text="51")["ok"]


@pytest.mark.parametrize(
    ("method", "per_minute"),
    [
        ("usergroups.list", 20),
        ("users.list", 20),
        ("conversations.list", 20),
        ("chat.update", 50),
        ("chat.delete", 50),
        ("conversations.history", 50),
        ("conversations.replies", 50),
        ("conversations.info", 50),
        ("conversations.open", 50),
        ("users.info", 100),
        ("chat.postEphemeral", 100),
        ("files.info", 100),
        ("views.open", 100),
    ],
)
def test_a_method_has_the_limit_of_its_tier(method: str, per_minute: int) -> None:
    assert [limit.per_minute for limit in DEFAULTS[method]] == [per_minute]


def test_a_whole_minute_may_be_used_at_once(client: WebClient, clock: Clock) -> None:
    for _ in range(20):
        client.users_list()
    with pytest.raises(SlackApiError) as caught:
        client.users_list()

    assert caught.value.response.headers["Retry-After"] == "3"
    clock.now += 3
    assert client.users_list()["ok"]


def test_calls_that_are_refused_count(client: WebClient, ops: Channel) -> None:
    for _ in range(10):
        with pytest.raises(SlackApiError, match="no_text"):
            client.api_call("chat.postMessage", json={"channel": ops.id, "text": " "})

    assert says(client, ops.id) == 0


def test_calls_without_a_token_do_not_count(client: WebClient, ops: Channel) -> None:
    for _ in range(20):
        with pytest.raises(SlackApiError, match="invalid_auth"):
            client.chat_postMessage(token="xoxb-false", channel=ops.id, text="hello")

    assert says(client, ops.id) == 1


def test_a_client_that_waits_gets_through() -> None:
    with LocalSlack() as slack:
        slack.limit("chat.postMessage", per_minute=600, burst=1)
        patient = WebClient(
            slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=3)]
        )
        channel = slack.channel("ops")

        assert says(patient, channel.id, 2) == 2


def test_a_limit_is_set(slack: LocalSlack, client: WebClient, clock: Clock, ops: Channel) -> None:
    slack.limit("chat.postMessage", per_minute=6, burst=2)

    assert says(client, ops.id, 3) == 2
    clock.now += 10
    assert says(client, ops.id, 2) == 1
    assert says(client, slack.channel("dev").id, 3) == 2


def test_a_method_without_a_limit_gets_one(slack: LocalSlack, client: WebClient) -> None:
    slack.unlimited()
    slack.limit("auth.test", per_minute=1)
    client.auth_test()

    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        client.auth_test()
    assert caught.value.response.headers["Retry-After"] == "60"


def test_limits_are_taken_away(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.unlimited()

    assert says(client, ops.id, 30) == 30


def test_a_slack_can_begin_without_limits() -> None:
    with LocalSlack(limits=False) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])

        assert says(client, slack.channel("ops").id, 30) == 30
