"""Answers by response_url, sent by Slack's own client."""

import json
import urllib.request
from collections.abc import Iterator

import pytest
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.sandbox.slack import Channel, EventKind, LocalSlack, Message, Person
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import Clock

BUTTON: list[Json] = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
    },
]


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock) as slack:
        yield slack


@pytest.fixture
def card(slack: LocalSlack, ops: Channel) -> Message:
    return slack.workspace.post(ops.id, slack.bot_user_id, "card", blocks=BUTTON)


@pytest.fixture
def after_command(ann: Person, ops: Channel) -> WebhookClient:
    return WebhookClient(ann.command_form("/snapshot", ops)["response_url"])


@pytest.fixture
def after_click(ann: Person, card: Message) -> WebhookClient:
    return WebhookClient(ann.click_payload(card, "Go")["response_url"])


def error(response: WebhookResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.body)["error"]


def test_an_answer_goes_to_the_asker_alone(slack: LocalSlack, ann: Person, after_command: WebhookClient) -> None:
    response = after_command.send(text="psst")

    assert (response.status_code, response.body) == (200, "ok")
    assert [message.text for message in slack.ephemerals(to=ann)] == ["psst"]


def test_an_answer_goes_to_everybody(slack: LocalSlack, ops: Channel, after_command: WebhookClient) -> None:
    after_command.send(text="hear", response_type="in_channel")

    assert [message.text for message in slack.messages(ops)] == ["hear"]


def test_an_answer_goes_into_a_thread(
    slack: LocalSlack,
    ops: Channel,
    card: Message,
    after_command: WebhookClient,
) -> None:
    after_command.send_dict({"text": "hear", "response_type": "in_channel", "thread_ts": card.ts})

    assert [message.text for message in slack.thread(ops, card.ts)] == ["hear"]


def test_there_are_five_answers(slack: LocalSlack, after_command: WebhookClient) -> None:
    assert [after_command.send(text=str(number)).status_code for number in range(5)] == [200] * 5

    assert error(after_command.send(text="5")) == (404, "used_url")
    assert len(slack.ephemerals()) == 5


def test_there_are_thirty_minutes(clock: Clock, after_command: WebhookClient) -> None:
    clock.now += 30 * 60
    assert after_command.send(text="in time").status_code == 200

    clock.now += 1
    assert error(after_command.send(text="late")) == (404, "Expired url")


def test_a_url_that_was_never_given_out_is_refused(slack: LocalSlack) -> None:
    url = f"{slack.base_url}/commands/T1/1/x"

    assert error(WebhookClient(url).send(text="hello")) == (404, "no_service")


def test_an_answer_to_a_command_leaves_the_one_before(
    slack: LocalSlack, ann: Person, after_command: WebhookClient
) -> None:
    after_command.send(text="Looking…")
    after_command.send(text="Found", replace_original=True)

    assert [message.text for message in slack.ephemerals(to=ann)] == ["Looking…", "Found"]


def test_an_answer_to_a_click_replaces_the_message(
    slack: LocalSlack,
    card: Message,
    after_click: WebhookClient,
) -> None:
    after_click.send(text="Done")

    assert slack.message(card.channel, card.ts).text == "Done"


def test_an_answer_to_a_click_leaves_the_message_alone_when_it_says_so(
    slack: LocalSlack,
    ann: Person,
    card: Message,
    after_click: WebhookClient,
) -> None:
    after_click.send(text="You may not", replace_original=False)

    assert slack.message(card.channel, card.ts) == card
    assert [message.text for message in slack.ephemerals(to=ann)] == ["You may not"]


def test_an_answer_deletes_the_message(
    slack: LocalSlack,
    ops: Channel,
    card: Message,
    after_click: WebhookClient,
) -> None:
    after_click.send(delete_original=True)

    assert slack.messages(ops) == []
    assert slack.history()[-1].kind is EventKind.DELETED
    with pytest.raises(LookupError, match=card.ts):
        slack.message(ops, card.ts)


def test_what_was_deleted_cannot_be_replaced(after_click: WebhookClient) -> None:
    after_click.send(delete_original=True)

    assert error(after_click.send(text="Done")) == (404, "message_not_found")


def test_a_message_is_deleted_and_another_said(
    slack: LocalSlack,
    ops: Channel,
    ann: Person,
    after_click: WebhookClient,
) -> None:
    after_click.send(text="gone", delete_original=True)

    assert slack.messages(ops) == []
    assert [message.text for message in slack.ephemerals(to=ann)] == ["gone"]


def test_an_ephemeral_message_is_replaced_for_its_reader(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    whisper = slack.workspace.post(ops.id, slack.bot_user_id, "Which?", blocks=BUTTON, to=ann.id)
    WebhookClient(ann.click_payload(whisper, "Go")["response_url"]).send(text="That one", replace_original=True)

    assert [message.text for message in slack.ephemerals(to=ann)] == ["That one"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"text": "hello", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": BUTTON}, "no_text"),
        ({"response_type": "in_channel"}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
    ],
)
def test_a_faulty_answer_is_refused(after_command: WebhookClient, payload: Json, code: str) -> None:
    assert error(after_command.send_dict(payload)) == (404, code)


def test_an_answer_that_is_no_json_is_refused(ann: Person, ops: Channel) -> None:
    url = ann.command_form("/snapshot", ops)["response_url"]
    with pytest.raises(urllib.error.HTTPError, match="400") as caught:
        urllib.request.urlopen(url, b"hello")

    assert json.load(caught.value)["error"] == "invalid_payload"
    caught.value.close()
