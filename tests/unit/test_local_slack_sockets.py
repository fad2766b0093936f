"""Socket Mode, with an unmodified Bolt app and with bare sockets at the other end."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import websocket
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.slack import Channel, LocalSlack, Person
from bot.sandbox.slack.lines import Connection, Wire
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import connected, patient


@pytest.fixture
def hasty() -> Iterator[LocalSlack]:
    with LocalSlack(ack_seconds=0.1) as slack:
        yield slack


@pytest.fixture
def bolt(slack: LocalSlack) -> Iterator[App]:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url))
    with connected(patient(app, slack.app_token), slack):
        yield app


def url_of(slack: LocalSlack) -> str:
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    return str(client.apps_connections_open(app_token=slack.app_token)["url"])


class Line:
    """A bare socket at the app's end."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.WebSocket()
        self.socket.connect(url, timeout=5)  # type: ignore[no-untyped-call]

    def frame(self) -> Json:
        told: Json = json.loads(self.socket.recv())
        return told

    def drop(self) -> None:
        """Without a goodbye; websocket-client leaves its socket open after one."""
        self.socket.shutdown()  # type: ignore[no-untyped-call]


def connect(slack: LocalSlack) -> Line:
    return Line(url_of(slack))


def acknowledging(line: Line, got: list[Json], payload: Json | None = None) -> threading.Thread:
    """An app that acknowledges one envelope."""

    def acknowledge() -> None:
        envelope = line.frame()
        got.append(envelope)
        answer = {"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {})
        line.socket.send(json.dumps(answer))

    thread = threading.Thread(target=acknowledge)
    thread.start()
    return thread


def test_a_command_reaches_bolt(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    def command(ack: Ack, body: Json, respond: Callable[..., object]) -> None:
        ack()
        respond(f"You typed {body['text']}")

    bolt.command("/snapshot")(command)
    delivery = ann.types("/snapshot list", ops)

    assert (delivery.status, delivery.body, delivery.ok) == (200, "", True)
    slack.wait_for(lambda: [each.text for each in ann.sees(ops)] == ["You typed list"], what="an answer")


def test_bolt_says_something_in_its_acknowledgement(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    bolt: App,
) -> None:
    bolt.command("/snapshot")(lambda ack: ack("Hello"))
    ann.types("/snapshot", ops)

    assert [each.text for each in slack.ephemerals(to=ann)] == ["Hello"]


def test_a_click_reaches_bolt(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    def go(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Gone")

    bolt.action("go")(go)
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = bolt.client.chat_postMessage(channel=ops.id, text="Go?", blocks=blocks)["ts"]

    assert ann.clicks("Go", channel=ops).ok
    slack.wait_for(lambda: slack.message(ops, ts).text == "Gone", what="an edit")


def test_bolt_comes_back_after_a_refresh(slack: LocalSlack, ann: Person, ops: Channel, bolt: App) -> None:
    bolt.command("/snapshot")(lambda ack: ack())
    slack.refresh()
    slack.wait_connected()

    assert ann.types("/snapshot", ops).ok
    assert slack.connections() == 1


def test_commands_overtake_each_other(slack: LocalSlack, ops: Channel, bolt: App) -> None:
    bolt.command("/snapshot")(lambda ack: ack())
    people = [slack.person(f"Person {number}") for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        deliveries = list(pool.map(lambda person: person.types("/snapshot", ops), people))

    assert all(delivery.ok for delivery in deliveries)


def test_the_first_frame_is_a_greeting(slack: LocalSlack) -> None:
    line = connect(slack)
    hello = line.frame()

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": slack.team.app_id}
    line.drop()


def test_a_command_comes_in_an_envelope(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    line, got = connect(slack), list[Json]()
    line.frame()
    slack.wait_connected()
    thread = acknowledging(line, got, payload={"text": "Hello"})
    delivery = ann.types("/snapshot list", ops)
    thread.join()

    assert (got[0]["type"], got[0]["accepts_response_payload"]) == ("slash_commands", True)
    assert (got[0]["payload"]["command"], got[0]["payload"]["text"]) == ("/snapshot", "list")
    assert delivery.body == '{"text": "Hello"}'
    assert [each.text for each in slack.ephemerals(to=ann)] == ["Hello"]
    line.drop()


def test_connections_take_turns(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    lines: list[Line] = []
    for number in (1, 2):
        lines.append(connect(slack))
        assert lines[-1].frame()["num_connections"] == number
        slack.wait_for(lambda number=number: slack.connections() == number, what="connection")  # type: ignore[misc]
    got: list[list[Json]] = [[], []]
    threads = [acknowledging(line, each) for line, each in zip(lines, got, strict=True)]
    deliveries = [ann.types("/snapshot", ops) for _ in range(2)]
    for thread in threads:
        thread.join()
    for line in lines:
        line.drop()

    assert [len(each) for each in got] == [1, 1]
    assert all(delivery.ok for delivery in deliveries)


def test_nobody_there_is_an_error(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    delivery = ann.types("/snapshot", ops)

    assert (delivery.status, delivery.error) == (None, "dispatch_failed")
    assert [each.text for each in slack.ephemerals(to=ann)] == ['/snapshot failed with the error "dispatch_failed"']


def test_no_acknowledgement_in_time_is_an_error(hasty: LocalSlack) -> None:
    line = connect(hasty)
    hasty.wait_connected()
    delivery = hasty.person("Ann").types("/snapshot", hasty.channel("ops"))

    assert (delivery.status, delivery.error) == (None, "operation_timeout")
    line.drop()


def test_frames_that_acknowledge_nothing_are_ignored(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    line, got = connect(slack), list[Json]()
    line.frame()
    slack.wait_connected()
    for noise in ("hello", "[]", '{"envelope_id": "unknown"}', "{}"):
        line.socket.send(noise)
    thread = acknowledging(line, got)

    assert ann.types("/snapshot", ops).ok
    thread.join()
    line.drop()


def test_a_ping_is_answered(slack: LocalSlack) -> None:
    line = connect(slack)
    line.frame()
    line.socket.ping("there?")

    assert line.socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"there?")
    line.drop()


def test_a_ticket_admits_once(slack: LocalSlack) -> None:
    url = url_of(slack)
    Line(url).drop()

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        Line(url)


def test_a_link_without_a_ticket_is_refused(slack: LocalSlack) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403") as caught:
        urllib.request.urlopen(f"{slack.base_url}/link")
    caught.value.close()


def test_a_refresh_ends_a_connection_that_stays(slack: LocalSlack) -> None:
    line = connect(slack)
    line.frame()
    slack.wait_connected()
    slack.refresh(notice=0.05)

    assert line.frame() == {"type": "disconnect", "reason": "warning", "debug_info": {"host": "local"}}
    assert line.frame() == {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "local"}}
    opcode, _ = line.socket.recv_data()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")
    line.drop()


def test_a_connection_that_was_cut_is_forgotten(slack: LocalSlack) -> None:
    line = connect(slack)
    slack.wait_connected()
    line.drop()

    slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")


def test_a_dead_connection_gets_nothing() -> None:
    class Dead:
        def send(self, data: str) -> None:
            raise BrokenPipeError(data)

    with LocalSlack() as slack:
        with socket.socket() as unused:
            connection = Connection(Dead(), Wire(unused))  # type: ignore[arg-type]

            assert not connection.send({})
        assert slack.connections() == 0


def test_an_app_that_does_not_connect_is_told_so(slack: LocalSlack) -> None:
    with pytest.raises(AssertionError, match="did not connect"):
        slack.wait_connected(0.01)


def test_stopping_ends_connections_that_do_not_answer() -> None:
    with LocalSlack() as slack:
        line = connect(slack)
        slack.wait_connected()
        before = time.perf_counter()

    assert time.perf_counter() - before < 20
    line.drop()
