"""What Slack tells the app without being asked, and tells it again."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import websocket
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import Delivery, Kind, LocalSlack, Person
from bot.sandbox.slack.wire import Json

AT_ONCE = (0.0, 0.0, 0.0)
Serve = Callable[[Callable[..., object]], None]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(retry_seconds=AT_ONCE) as slack:
        yield slack


@dataclass
class Hearer:
    """A program that answers with these statuses one after the other, then with the last one for ever."""

    statuses: list[int]
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Request] = field(default_factory=list)

    def __call__(self, environ: Json, start_response: Callable[..., object]) -> object:
        request = Request(environ)
        request.get_data(cache=True)
        status = self.statuses[min(len(self.got), len(self.statuses) - 1)]
        self.got.append(request)
        return Response("", status, self.headers)(environ, start_response)  # type: ignore[arg-type]

    def retries(self) -> list[tuple[str | None, str | None]]:
        return [(each.headers.get("X-Slack-Retry-Num"), each.headers.get("X-Slack-Retry-Reason")) for each in self.got]


def publish(client: WebClient, user: str, text: str) -> None:
    block = {"type": "header", "text": {"type": "plain_text", "text": text}}
    client.views_publish(user_id=user, view={"type": "home", "blocks": [block]})


def home_of(person: Person) -> str:
    shown = person.home()
    return shown.reads() if shown else ""


def deliveries(slack: LocalSlack, number: int) -> list[Delivery]:
    """All of them, once there are so many."""
    return slack.wait_for(lambda: slack.deliveries() if len(slack.deliveries()) >= number else None, what="deliveries")


# The home tab


def test_the_app_publishes_a_home_tab_when_it_is_looked_at(bolt: App, slack: LocalSlack, ann: Person) -> None:
    def opened(event: Json, client: WebClient) -> None:
        publish(client, event["user"], "Snapshots")

    bolt.event("app_home_opened")(opened)
    delivery = ann.opens_home()

    assert (delivery.kind, delivery.person, delivery.status, delivery.ok) == (Kind.EVENT, ann.id, 200, True)
    slack.wait_for(lambda: home_of(ann) == "Snapshots", what="home tab")
    assert slack.deliveries() == [delivery]


def test_an_event_has_every_field(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    hearer = Hearer([200])
    over_http(hearer)
    ann.opens_home()
    payload = json.loads(hearer.got[0].get_data())
    event = payload.pop("event")

    assert re.fullmatch(r"Ev[0-9A-F]{10}", payload.pop("event_id"))
    assert abs(payload.pop("event_time") - time.time()) < 60
    assert payload == {
        "token": "local-verification-token",
        "team_id": slack.team_id,
        "api_app_id": slack.team.app_id,
        "type": "event_callback",
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": slack.team_id,
                "user_id": slack.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            },
        ],
        "is_ext_shared_channel": False,
    }
    assert (event["type"], event["user"], event["channel"]) == ("app_home_opened", ann.id, slack.dm(ann).id)
    assert (event["tab"], "view" in event) == ("home", False)
    assert hearer.got[0].content_type == "application/json"
    assert hearer.retries() == [(None, None)]


def test_an_event_tells_what_is_in_the_home_tab(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    hearer = Hearer([200])
    over_http(hearer)
    publish(WebClient(slack.bot_token, base_url=slack.api_url), ann.id, "Snapshots")
    ann.opens_home()
    shown, told = ann.home(), json.loads(hearer.got[0].get_data())["event"]["view"]

    assert shown is not None
    assert (told["id"], told["hash"], told["type"]) == (shown.id, shown.hash, "home")
    assert told["blocks"] == shown.blocks


def test_bolt_refuses_a_forged_event(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), signing_secret=slack.signing_secret)
    app.event("app_home_opened")(lambda ack: ack())
    over_http(SlackRequestHandler(app))
    payload: Json = {"type": "event_callback", "event": {"type": "app_home_opened", "user": ann.id}}
    body = json.dumps(payload)

    assert slack.deliver(body, headers=slack.sign("another body")).status == 401
    assert slack.deliver(payload, headers=slack.sign(body)).status == 200
    assert slack.deliver(body).ok
    assert [each.person for each in slack.deliveries()] == [ann.id] * 3


# The URL


def test_bolt_proves_that_it_hears_us(slack: LocalSlack, over_http: Serve) -> None:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url), signing_secret=slack.signing_secret)
    over_http(SlackRequestHandler(app))
    delivery = slack.verify_url()

    assert (delivery.kind, delivery.ok, delivery.person) == (Kind.EVENT, True, "")
    assert "challenge" in delivery.body


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
def test_a_challenge_is_said_back_in_words_or_in_json(slack: LocalSlack, over_http: Serve, kind: str) -> None:
    @Request.application
    def echo(request: Request) -> Response:
        challenge = json.loads(request.get_data())["challenge"]
        said = challenge if kind == "text/plain" else json.dumps({"challenge": challenge})
        return Response(said, content_type=kind)

    over_http(echo)

    assert slack.verify_url().ok


def test_a_url_that_proves_nothing_is_not_verified(slack: LocalSlack, over_http: Serve) -> None:
    over_http(Hearer([200]))

    assert slack.verify_url().error == "challenge_failed"
    assert len(slack.deliveries()) == 1


def test_there_is_no_url_in_socket_mode(slack: LocalSlack) -> None:
    with pytest.raises(ValueError, match="no URL"):
        slack.verify_url()


# Once more


def test_an_event_that_failed_comes_again(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    hearer = Hearer([500, 503, 200])
    over_http(hearer)
    first = ann.opens_home()
    statuses = [each.status for each in deliveries(slack, 3)]

    assert first.error == "dispatch_failed"
    assert statuses == [500, 503, 200]
    assert hearer.retries() == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({each.get_data() for each in hearer.got}) == 1


def test_an_event_comes_three_more_times_at_most(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    hearer = Hearer([500])
    over_http(hearer)
    ann.opens_home()
    deliveries(slack, 4)
    slack.stop()

    assert [number for number, _ in hearer.retries()] == [None, "1", "2", "3"]


def test_an_app_can_ask_for_no_more(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    hearer = Hearer([500], {"X-Slack-No-Retry": "1"})
    over_http(hearer)
    delivery = ann.opens_home()
    slack.stop()

    assert delivery.is_final
    assert len(hearer.got) == 1


@pytest.mark.parametrize("status", [201, 204])
def test_any_success_takes_an_event(ann: Person, over_http: Serve, status: int) -> None:
    over_http(Hearer([status]))

    assert ann.opens_home().ok


def test_an_app_that_is_not_there_is_told_later(slack: LocalSlack, over_http: Serve) -> None:
    hearer = Hearer([200])
    over_http(hearer)
    with LocalSlack(retry_seconds=(0.5,)) as patient:
        patient.deliver_to("http://127.0.0.1:9/slack/events")
        first = patient.person("Ann").opens_home()
        patient.deliver_to(*slack._deliveries.urls)
        again = deliveries(patient, 2)[1]

    assert (first.status, first.error) == (None, "dispatch_failed")
    assert again.ok
    assert hearer.retries() == [("1", "connection_failed")]


def test_an_event_that_took_too_long_comes_again(over_http: Serve, slack: LocalSlack, ann: Person) -> None:
    waits = threading.Event()
    heard: list[str | None] = []

    @Request.application
    def slow_at_first(request: Request) -> Response:
        request.get_data()
        heard.append(request.headers.get("X-Slack-Retry-Reason"))
        if len(heard) == 1:
            waits.wait(5)
        return Response("")

    slack._deliveries._ack_seconds = 0.1
    over_http(slow_at_first)
    first = ann.opens_home()
    deliveries(slack, 2)
    waits.set()

    assert first.error == "operation_timeout"
    assert heard[:2] == [None, "http_timeout"]


def test_what_people_do_does_not_come_again(slack: LocalSlack, ann: Person, over_http: Serve) -> None:
    over_http(Hearer([500]))
    ann.types("/snapshot", slack.channel("ops"))
    slack.stop()

    assert len(slack.deliveries()) == 1


def test_nothing_comes_again_once_slack_is_stopped(ann: Person, slack: LocalSlack) -> None:
    with LocalSlack() as patient:
        patient.person("Ann").opens_home()
        deliveries(patient, 2)  # the second comes at once, the third would in a minute
        before = time.perf_counter()

    assert time.perf_counter() - before < 20
    assert len(patient.deliveries()) == 2
    slack.stop()
    ann.opens_home()
    assert len(slack.deliveries()) == 1
    assert not [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


# In Socket Mode


def connect(slack: LocalSlack) -> websocket.WebSocket:
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    line = websocket.WebSocket()
    line.connect(client.apps_connections_open(app_token=slack.app_token)["url"], timeout=5)  # type: ignore[no-untyped-call]
    line.recv()
    slack.wait_connected()
    return line


def acknowledged(line: websocket.WebSocket) -> Json:
    """The next envelope, which is told that it came."""
    envelope: Json = json.loads(line.recv())
    line.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
    return envelope


def told_of(envelope: Json) -> Json:
    names = ("type", "accepts_response_payload", "retry_attempt", "retry_reason")
    return {name: envelope.get(name) for name in names}


def test_an_event_comes_in_an_envelope(slack: LocalSlack, ann: Person) -> None:
    line, got = connect(slack), list[Json]()
    thread = threading.Thread(target=lambda: got.append(acknowledged(line)))
    thread.start()
    delivery = ann.opens_home()
    thread.join()

    assert delivery.ok
    assert told_of(got[0]) == {
        "type": "events_api",
        "accepts_response_payload": False,
        "retry_attempt": 0,
        "retry_reason": "",
    }
    assert got[0]["payload"]["event"]["type"] == "app_home_opened"
    line.shutdown()  # type: ignore[no-untyped-call]


def test_an_envelope_that_is_not_acknowledged_comes_again(slack: LocalSlack, ann: Person) -> None:
    slack._deliveries._ack_seconds = 0.1
    line = connect(slack)
    first = ann.opens_home()
    ignored, taken = json.loads(line.recv()), acknowledged(line)
    slack.wait_for(lambda: slack.deliveries()[-1].ok, what="delivery")

    assert first.error == "operation_timeout"
    assert (taken["retry_attempt"], taken["retry_reason"]) == (1, "timeout")
    assert taken["payload"] == ignored["payload"]
    assert taken["envelope_id"] != ignored["envelope_id"]
    line.shutdown()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("kind", "accepts"), [("view_submission", True), ("block_actions", False)])
def test_an_envelope_says_whether_an_answer_is_heard(
    slack: LocalSlack,
    ann: Person,
    kind: str,
    *,
    accepts: bool,
) -> None:
    line, got = connect(slack), list[Json]()
    thread = threading.Thread(target=lambda: got.append(acknowledged(line)))
    thread.start()
    slack.deliver({"type": kind, "user": {"id": ann.id}})
    thread.join()

    assert told_of(got[0]) == {
        "type": "interactive",
        "accepts_response_payload": accepts,
        "retry_attempt": None,
        "retry_reason": None,
    }
    line.shutdown()  # type: ignore[no-untyped-call]
