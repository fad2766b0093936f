"""Commands and clicks over HTTP, with an unmodified Bolt app at the other end."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import WSGIApplication

import pytest
import waitress
from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import Channel, Confirm, Kind, LocalSlack, Message, Person
from bot.sandbox.slack.wire import Json

CARD: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Delete `web-1`?*"}},
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            {
                "type": "button",
                "action_id": "confirm",
                "value": "D-1",
                "style": "danger",
                "text": {"type": "plain_text", "text": "Delete snapshot"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "Delete web-1?"},
                    "text": {"type": "mrkdwn", "text": "*No* undo"},
                    "confirm": {"type": "plain_text", "text": "Delete it"},
                    "deny": {"type": "plain_text", "text": "Keep it"},
                },
            },
            {"type": "button", "action_id": "stop", "text": {"type": "plain_text", "text": "Don't delete"}},
        ],
    },
]
METADATA: Json = {"event_type": "card", "event_payload": {"id": "D-1"}}

Answer: TypeAlias = Callable[[Request], Response]


@pytest.fixture
def app(slack: LocalSlack) -> App:
    return App(
        client=WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]),
        signing_secret=slack.signing_secret,
        process_before_response=True,
    )


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    server = waitress.create_server(application, host="127.0.0.1", port=0, threads=16)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/slack/events"
    finally:
        with suppress(OSError):  # the server's own thread can be done before it was woken
            server.trigger.pull_trigger(server.close)
        thread.join()
        server.task_dispatcher.shutdown()


@pytest.fixture
def bolt(slack: LocalSlack, app: App) -> Iterator[App]:
    with serving(SlackRequestHandler(app)) as url:
        slack.deliver_to(url)
        yield app


@contextmanager
def answering(slack: LocalSlack, answer: Answer) -> Iterator[list[Request]]:
    """An app that is not Bolt, and the requests it got."""
    got: list[Request] = []

    @Request.application
    def application(request: Request) -> Response:
        request.get_data(cache=True)
        got.append(request)
        return answer(request)

    with serving(application) as url:
        slack.deliver_to(url)
        yield got


@contextmanager
def serving_words(words: str) -> Iterator[str]:
    with serving(lambda _, start: (start("200 OK", []), [words.encode()])[1]) as url:
        yield url


def say(body: str = "", status: int = 200, kind: str = "text/plain") -> Answer:
    return lambda _request: Response(body, status, content_type=kind)


def post_card(slack: LocalSlack, ops: Channel, thread_ts: str | None = None) -> Message:
    answer = WebClient(slack.bot_token, base_url=slack.api_url).chat_postMessage(
        channel=ops.id,
        text="Delete web-1?",
        blocks=CARD,
        metadata=METADATA,
        thread_ts=thread_ts,
    )
    return slack.message(ops, answer["ts"])


# With Bolt


def test_a_command_reaches_bolt(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    def command(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.chat_postMessage(channel=body["channel_id"], text=f"<@{body['user_id']}>: {body['text']}")

    bolt.command("/snapshot")(command)
    delivery = ann.types("/snapshot delete web-1", ops)

    assert (delivery.status, delivery.body, delivery.error, delivery.ok) == (200, "", None, True)
    assert (delivery.kind, delivery.person) == (Kind.COMMAND, ann.id)
    assert [message.reads() for message in slack.messages(ops)] == ["@Ann: delete web-1"]


def test_a_click_reaches_bolt(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    def confirm(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Deleted")

    bolt.action("confirm")(confirm)
    card = post_card(slack, ops)
    delivery = ann.clicks("Delete snapshot")

    assert delivery.ok
    assert delivery.confirm == Confirm("Delete web-1?", "No undo", "Delete it", "Keep it")
    assert slack.message(ops, card.ts).text == "Deleted"


def test_bolt_answers_the_person(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    def command(ack: Ack, respond: Callable[..., object]) -> None:
        ack()
        respond("Looking…")

    bolt.command("/snapshot")(command)
    ann.types("/snapshot list", ops)

    assert [message.text for message in slack.ephemerals(to=ann)] == ["Looking…"]


def test_what_bolt_has_no_listener_for_fails(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    del bolt
    delivery = ann.types("/unknown", ops)

    assert (delivery.status, delivery.error) == (404, "dispatch_failed")
    assert [(message.user, message.text) for message in slack.ephemerals(to=ann)] == [
        ("USLACKBOT", '/unknown failed with the error "dispatch_failed"'),
    ]


def test_bolt_refuses_a_forged_signature(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    bolt.command("/snapshot")(lambda ack: ack())
    form = ann.command_form("/snapshot", ops)
    forged = slack.sign("another body")

    assert slack.deliver(form, headers=forged).status == 401
    assert slack.deliver(form).status == 200


def test_bolt_refuses_an_old_signature(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    bolt.command("/snapshot")(lambda ack: ack())
    body = urlencode(ann.command_form("/snapshot", ops))

    assert slack.deliver(body, headers=slack.sign(body, timestamp=time.time() - 301)).status == 401


def test_bolt_takes_a_replay(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    bolt.command("/snapshot")(lambda ack: ack())
    body = urlencode(ann.command_form("/snapshot", ops))
    headers = slack.sign(body)

    assert [slack.deliver(body, headers=headers).status for _ in range(2)] == [200, 200]


def test_two_hundred_people_click_at_once(slack: LocalSlack, ops: Channel, bolt: App) -> None:
    clicked: list[str] = []

    def confirm(ack: Ack, body: Json) -> None:
        clicked.append(body["user"]["id"])
        ack()

    bolt.action("confirm")(confirm)
    card = post_card(slack, ops)
    people = [slack.person(f"Person {number}") for number in range(200)]
    slack.channel("ops", members=people)
    with ThreadPoolExecutor(200) as pool:
        deliveries = list(pool.map(lambda person: person.clicks("Delete snapshot", message=card), people))

    assert all(delivery.ok for delivery in deliveries)
    assert sorted(clicked) == sorted(person.id for person in people)
    assert len(slack.deliveries()) == 200


# What is on the wire


def test_a_command_has_every_field(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with answering(slack, say()) as got:
        ann.types("/snapshot delete web-1", ops)
    form = got[0].form

    assert {name: value for name, value in form.items() if name not in {"response_url", "trigger_id"}} == {
        "token": "local-verification-token",
        "team_id": slack.team_id,
        "team_domain": "acme",
        "channel_id": ops.id,
        "channel_name": "ops",
        "user_id": "U0ANN0000",
        "user_name": "ann",
        "command": "/snapshot",
        "text": "delete web-1",
        "api_app_id": slack.team.app_id,
        "is_enterprise_install": "false",
    }
    assert form["response_url"].startswith(f"{slack.base_url}/commands/")
    assert len(form["trigger_id"].split(".")) == 3


def test_a_click_has_every_field(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    card = post_card(slack, ops)
    with answering(slack, say()) as got:
        ann.clicks("Delete snapshot", channel=ops)
    payload = json.loads(got[0].form["payload"])
    (action,) = payload["actions"]

    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": ann.id, "username": "ann", "name": "ann", "team_id": slack.team_id}
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": ops.id,
        "is_ephemeral": False,
    }
    assert payload["team"] == {"id": slack.team_id, "domain": "acme"}
    assert payload["channel"] == {"id": ops.id, "name": "ops"}
    assert payload["message"]["metadata"] == METADATA
    assert payload["message"]["blocks"] == card.blocks
    assert payload["state"] == {"values": {}}
    assert payload["api_app_id"] == slack.team.app_id
    assert (payload["enterprise"], payload["is_enterprise_install"]) == (None, False)
    assert payload["response_url"].startswith(f"{slack.base_url}/actions/")
    assert {"token", "trigger_id"} <= payload.keys()
    assert (action["type"], action["block_id"], action["action_id"]) == ("button", "decide", "confirm")
    assert (action["value"], action["text"]["text"]) == ("D-1", "Delete snapshot")
    assert action["action_ts"] > card.ts


def test_the_newest_button_is_clicked(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    post_card(slack, ops)
    newest = post_card(slack, ops)
    ann.says("hello", ops)
    with answering(slack, say()) as got:
        ann.clicks("Delete snapshot", channel=ops)

    assert json.loads(got[0].form["payload"])["container"]["message_ts"] == newest.ts


def test_a_click_in_a_thread_tells_the_thread(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    parent = post_card(slack, ops)
    reply = post_card(slack, ops, thread_ts=parent.ts)
    payload = ann.click_payload(reply, "stop")

    assert payload["container"]["thread_ts"] == parent.ts
    assert payload["message"]["thread_ts"] == parent.ts
    assert "confirm" not in payload["actions"][0]


def test_a_click_on_an_ephemeral_message_does_not_tell_the_message(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
) -> None:
    whisper = slack.workspace.post(ops.id, slack.bot_user_id, "psst", blocks=CARD, to=ann.id)
    payload = ann.click_payload(whisper, "Delete snapshot")

    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


def test_a_click_tells_what_stands_in_selects_and_inputs(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
) -> None:
    option = {"text": {"type": "plain_text", "text": "Europe"}, "value": "eu"}
    select = {"type": "static_select", "action_id": "region", "options": [option], "initial_option": option}
    entry = {"type": "plain_text_input", "action_id": "name"}
    label = {"type": "plain_text", "text": "Name"}
    blocks: list[Json] = [
        {"type": "actions", "block_id": "a", "elements": [select, CARD[1]["elements"][0]]},
        {"type": "input", "block_id": "b", "label": label, "element": entry},
    ]
    message = slack.workspace.post(ops.id, slack.bot_user_id, "Which?", blocks=blocks)
    values = ann.click_payload(message, "confirm")["state"]["values"]

    assert values["a"]["region"]["selected_option"]["value"] == "eu"
    assert values["b"]["name"] == {"type": "plain_text_input", "value": None}


@pytest.mark.parametrize(("private", "name"), [(True, "privategroup"), (False, "ops")])
def test_the_names_of_private_channels_are_not_told(
    slack: LocalSlack,
    ann: Person,
    *,
    private: bool,
    name: str,
) -> None:
    ops = slack.channel("ops", members=[ann], private=private)

    assert ann.command_form("/snapshot", ops)["channel_name"] == name


def test_a_direct_conversation_is_called_so(slack: LocalSlack, ann: Person) -> None:
    assert ann.command_form("/snapshot", slack.dm(ann))["channel_name"] == "directmessage"


def test_a_raw_click_is_read_back(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    payload = ann.click_payload(post_card(slack, ops), "Delete snapshot")
    body = urlencode({"payload": json.dumps(payload)})
    with answering(slack, say()) as got:
        delivery = slack.deliver(body)

    assert (delivery.kind, delivery.person) == (Kind.CLICK, ann.id)
    assert dict(parse_qsl(got[0].get_data(as_text=True))) == {"payload": json.dumps(payload)}


# What the person sees


def test_words_in_the_answer_are_shown_to_the_person(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with answering(slack, say("Hello *Ann*")):
        delivery = ann.types("/snapshot", ops)

    assert delivery.body == "Hello *Ann*"
    assert [message.reads() for message in slack.ephemerals(to=ann)] == ["Hello Ann"]


def test_a_message_in_the_answer_is_shown_to_the_person(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    message = json.dumps({"text": "Delete?", "blocks": CARD})
    with answering(slack, say(message, kind="application/json")):
        ann.types("/snapshot", ops)

    assert slack.ephemerals(to=ann)[0].buttons() == ["Delete snapshot", "Don't delete"]


def test_an_answer_can_be_for_everybody(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with answering(slack, say('{"text": "hear", "response_type": "in_channel"}')):
        ann.types("/snapshot", ops)

    assert [message.text for message in slack.messages(ops)] == ["hear"]


def test_an_answer_that_only_looks_like_json_is_words(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with answering(slack, say("{hello}")):
        ann.types("/snapshot", ops)

    assert [message.text for message in slack.ephemerals(to=ann)] == ["{hello}"]


def test_a_faulty_message_in_the_answer_is_an_error(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with answering(slack, say(json.dumps({"text": "x", "blocks": [{"type": "section"}]}))):
        delivery = ann.types("/snapshot", ops)

    assert delivery.error == "invalid_command_response"
    assert [message.text for message in slack.ephemerals(to=ann)] == [
        '/snapshot failed with the error "invalid_command_response"',
    ]


def test_an_answer_to_a_click_shows_nothing(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    post_card(slack, ops)
    with answering(slack, say("thanks")):
        delivery = ann.clicks("Don't delete")

    assert (delivery.body, delivery.ok) == ("thanks", True)
    assert slack.ephemerals() == []


def test_a_click_that_fails_is_on_record(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    post_card(slack, ops)
    with answering(slack, say(status=500)):
        delivery = ann.clicks("Don't delete")

    assert (delivery.status, delivery.error) == (500, "dispatch_failed")
    assert slack.deliveries() == [delivery]
    assert slack.ephemerals() == []


def test_an_answer_that_comes_too_late_is_an_error() -> None:
    with LocalSlack(ack_seconds=0.05) as slack:
        ann, ops = slack.person("Ann"), slack.channel("ops")
        waits = threading.Event()

        def late(_request: Request) -> Response:
            waits.wait(5)
            return Response("")

        with answering(slack, late):
            delivery = ann.types("/snapshot", ops)
            waits.set()

        assert (delivery.status, delivery.error) == (None, "operation_timeout")
        assert delivery.seconds >= 0.05
        assert [message.text for message in slack.ephemerals(to=ann)] == [
            '/snapshot failed with the error "operation_timeout"',
        ]


def test_an_answer_in_drops_is_too_late_as_well() -> None:
    with LocalSlack(ack_seconds=0.1) as slack:

        def drops(_request: Request) -> Response:
            def body() -> Iterator[bytes]:
                for _ in range(4):
                    time.sleep(0.04)
                    yield b" "

            return Response(body())

        with answering(slack, drops):
            delivery = slack.person("Ann").types("/snapshot", slack.channel("ops"))

        assert (delivery.status, delivery.error) == (200, "operation_timeout")


def test_an_app_that_is_not_there_is_an_error(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with serving(SlackRequestHandler(App(token="xoxb-0", signing_secret="x", token_verification_enabled=False))) as url:
        slack.deliver_to(url)

    assert ann.types("/snapshot", ops).error == "dispatch_failed"


def test_a_command_from_a_forged_channel_shows_nobody_anything(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
) -> None:
    form = ann.command_form("/snapshot", ops) | {"channel_id": "C404"}
    with answering(slack, say("hello")):
        assert slack.deliver(form).ok

    assert slack.workspace.messages() == []


def test_deliveries_go_to_http(slack: LocalSlack) -> None:
    with pytest.raises(ValueError, match="https://"):
        slack.deliver_to("https://a.example/slack/events")


def test_several_addresses_take_turns(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with serving_words("one") as one, serving_words("two") as two:
        slack.deliver_to(one, two)
        heard = [ann.types("/snapshot", ops).body for _ in range(4)]

    assert heard == ["one", "two", "one", "two"]


def test_what_finds_nobody_listening_goes_to_the_next_address(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with serving_words("gone") as gone:
        pass
    with serving_words("here") as here:
        slack.deliver_to(gone, here)

        assert [ann.types("/snapshot", ops).body for _ in range(4)] == ["here"] * 4


def test_what_breaks_off_goes_nowhere_else(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as breaks, serving_words("here") as here:

        def accept_and_hang_up() -> None:
            breaks.accept()[0].close()

        hang_up = threading.Thread(target=accept_and_hang_up)
        hang_up.start()
        slack.deliver_to(f"http://127.0.0.1:{breaks.getsockname()[1]}/slack/events", here)
        delivery = ann.types("/snapshot", ops)
        hang_up.join()

    assert delivery.error == "dispatch_failed"


# Deliveries that go wrong


def test_bolt_gets_a_request_twice(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    heard: list[str] = []

    def command(ack: Ack, body: Json) -> None:
        heard.append(body["text"])
        ack("Hello")

    bolt.command("/snapshot")(command)
    slack.repeat()
    deliveries = [ann.types(f"/snapshot {number}", ops) for number in range(2)]

    assert [delivery.ok for delivery in deliveries] == [True, True]
    slack.wait_for(lambda: sorted(heard) == ["0", "0", "1"], what="one command twice")
    assert [message.text for message in slack.ephemerals(to=ann)] == ["Hello", "Hello"]


def test_both_requests_are_the_same(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    slack.repeat()
    with answering(slack, say()) as got:
        ann.types("/snapshot", ops)
        slack.wait_for(lambda: len(got) == 2, what="second request")
    first, second = got

    assert first.get_data() == second.get_data()
    assert first.headers["X-Slack-Signature"] == second.headers["X-Slack-Signature"]


def test_a_click_gets_lost() -> None:
    with LocalSlack(ack_seconds=0.1) as slack:
        ann, ops = slack.person("Ann"), slack.channel("ops")
        card = post_card(slack, ops)
        slack.lose_delivery()
        with answering(slack, say()) as got:
            deliveries = [ann.clicks("Don't delete", message=card) for _ in range(2)]

        assert [delivery.error for delivery in deliveries] == ["operation_timeout", None]
        assert deliveries[0].seconds >= 0.1
        assert len(got) == 1


def test_a_command_that_gets_lost_is_told_to_the_person() -> None:
    with LocalSlack(ack_seconds=1) as slack:
        ann, bob, ops = slack.person("Ann"), slack.person("Bob"), slack.channel("ops")
        slack.lose_delivery(when=lambda fields: fields["user_id"] == bob.id)
        with answering(slack, say()):
            errors = [person.types("/snapshot", ops).error for person in (ann, bob)]

        assert errors == [None, "operation_timeout"]
        assert [message.text for message in slack.ephemerals()] == [
            '/snapshot failed with the error "operation_timeout"',
        ]
