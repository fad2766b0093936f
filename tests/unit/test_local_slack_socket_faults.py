"""What goes wrong with Socket Mode, with an unmodified Bolt app and with bare sockets at the other end."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import websocket
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler as OwnHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.sandbox.slack import Channel, LocalSlack, Person
from bot.sandbox.slack.sockets import MOST_CONNECTIONS, TICKET_SECONDS
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import Clock, connected, patient


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock) as slack:
        yield slack


@contextmanager
def hearing(slack: LocalSlack, handler_of: Callable[[App, str], BaseSocketModeHandler]) -> Iterator[list[str]]:
    """A Bolt app that is connected; gives the texts of the commands that it has heard."""
    heard: list[str] = []

    def command(ack: Ack, body: Json) -> None:
        ack()
        heard.append(body["text"])

    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url))
    app.command("/snapshot")(command)
    with connected(handler_of(app, slack.app_token), slack):
        yield heard


@pytest.fixture
def heard(slack: LocalSlack) -> Iterator[list[str]]:
    with hearing(slack, patient) as heard:
        yield heard


def url_of(slack: LocalSlack) -> str:
    client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    return str(client.apps_connections_open(app_token=slack.app_token)["url"])


class Line:
    """A bare socket at the app's end."""

    def __init__(self, url: str) -> None:
        self.socket = websocket.WebSocket()
        self.socket.connect(url, timeout=5)  # type: ignore[no-untyped-call]

    def frame(self) -> Json:
        told: Json = json.loads(self.socket.recv())
        return told

    def acknowledge(self, envelope: Json) -> None:
        self.socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))

    def ended(self) -> bool:
        """Whether the other end has hung up without a close frame."""
        try:
            return self.socket.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE and self.ended()
        except websocket.WebSocketConnectionClosedException:
            return True

    def drop(self) -> None:
        self.socket.shutdown()  # type: ignore[no-untyped-call]


@pytest.fixture
def line_to(slack: LocalSlack) -> Iterator[Callable[[], Line]]:
    """Makes lines that were greeted, and drops them in the end."""
    lines: list[Line] = []

    def make() -> Line:
        line = Line(url_of(slack))
        lines.append(line)
        if line.frame()["type"] == "hello":
            slack.wait_for(lambda: slack.connections() >= min(len(lines), MOST_CONNECTIONS), what="connection")
        return line

    yield make
    for line in lines:
        line.drop()


def typing(ann: Person, ops: Channel, text: str = "/snapshot") -> threading.Thread:
    """Ann types, while somebody else answers."""
    thread = threading.Thread(target=lambda: ann.types(text, ops))
    thread.start()
    return thread


def reasons(line: Line, count: int) -> list[str]:
    return [line.frame()["reason"] for _ in range(count)]


# Twice the same


def test_bolt_hears_an_envelope_twice(slack: LocalSlack, ann: Person, ops: Channel, heard: list[str]) -> None:
    slack.repeat()
    deliveries = [ann.types(f"/snapshot {number}", ops) for number in range(2)]

    assert [delivery.ok for delivery in deliveries] == [True, True]
    slack.wait_for(lambda: sorted(heard) == ["0", "0", "1"], what="the first command twice")
    assert slack.ephemerals() == []


def test_both_envelopes_have_one_id(slack: LocalSlack, ann: Person, ops: Channel, line_to: Callable[[], Line]) -> None:
    line = line_to()
    slack.repeat()
    thread = typing(ann, ops)
    first, second = line.frame(), line.frame()
    line.acknowledge(first)
    line.acknowledge(second)
    thread.join()

    assert first == second
    assert [delivery.ok for delivery in slack.deliveries()] == [True]


def test_two_connections_get_one_each(
    slack: LocalSlack, ann: Person, ops: Channel, line_to: Callable[[], Line]
) -> None:
    lines = [line_to(), line_to()]
    slack.repeat()
    thread = typing(ann, ops)
    envelopes = [line.frame() for line in lines]
    lines[1].acknowledge(envelopes[1])
    thread.join()

    assert envelopes[0] == envelopes[1]
    assert slack.deliveries()[0].ok


def test_only_what_is_meant_is_repeated(slack: LocalSlack, ann: Person, ops: Channel, heard: list[str]) -> None:
    slack.repeat(when=lambda fields: fields.get("text") == "b")
    for text in "abc":
        ann.types(f"/snapshot {text}", ops)

    slack.wait_for(lambda: sorted(heard) == ["a", "b", "b", "c"], what="one command twice")


# Lost


def test_an_envelope_is_lost() -> None:
    with LocalSlack(ack_seconds=0.1) as slack:
        line = Line(url_of(slack))
        slack.wait_connected()
        slack.lose_delivery()
        delivery = slack.person("Ann").types("/snapshot", slack.channel("ops"))
        line.socket.settimeout(0.1)

        assert (delivery.status, delivery.error) == (None, "operation_timeout")
        assert [each.text for each in slack.ephemerals()] == ['/snapshot failed with the error "operation_timeout"']
        assert line.frame()["type"] == "hello"
        with pytest.raises(websocket.WebSocketTimeoutException):
            line.frame()
        line.drop()


# Refreshes


def test_a_refresh_warns_before_it_asks_and_closes(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    line = line_to()
    slack.refresh(notice=0.05)

    assert reasons(line, 2) == ["warning", "refresh_requested"]
    assert line.socket.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE
    slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")


def test_who_leaves_after_the_warning_is_asked_no_more(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    line = line_to()
    refreshing = threading.Thread(target=slack.refresh)
    refreshing.start()

    assert reasons(line, 1) == ["warning"]
    line.drop()
    refreshing.join()
    assert slack.connections() == 0


def test_a_refresh_can_leave_the_old_connection(
    slack: LocalSlack, ann: Person, ops: Channel, line_to: Callable[[], Line]
) -> None:
    line = line_to()
    slack.refresh(close=False, notice=0.05)
    thread = typing(ann, ops)

    assert reasons(line, 2) == ["warning", "refresh_requested"]
    line.acknowledge(line.frame())
    thread.join()
    assert slack.deliveries()[0].ok


@pytest.mark.parametrize("close", [True, False])
def test_bolt_comes_back_after_a_refresh(
    slack: LocalSlack, ann: Person, ops: Channel, heard: list[str], *, close: bool
) -> None:
    slack.refresh(close=close)
    slack.wait_connected()

    slack.wait_for(lambda: slack.connections() == 1, what="one connection")
    assert ann.types("/snapshot again", ops).ok
    slack.wait_for(lambda: heard == ["again"], what="command")


# Ends


def test_a_link_is_disabled(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    line = line_to()
    slack.disable_link()

    assert reasons(line, 1) == ["link_disabled"]
    slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")


def test_a_cut_comes_without_a_word(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    line = line_to()
    slack.cut_connections()

    assert line.ended()
    slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")


def test_bolt_comes_back_after_a_cut(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    # With Slack's own client: websocket-client forgets to close a socket that was cut.
    with hearing(slack, lambda app, token: OwnHandler(app, token, ping_interval=0.2)) as heard:
        slack.cut_connections()
        slack.wait_for(lambda: slack.connections() == 0, what="end of the connection")
        slack.wait_connected(20)

        assert ann.types("/snapshot again", ops).ok
        slack.wait_for(lambda: heard == ["again"], what="command")


# Silence


def test_a_silent_connection_answers_no_ping_and_brings_no_envelope() -> None:
    with LocalSlack(ack_seconds=0.1) as slack:
        line = Line(url_of(slack))
        line.frame()
        slack.wait_connected()
        slack.hush(60)
        line.socket.ping("there?")
        delivery = slack.person("Ann").types("/snapshot", slack.channel("ops"))
        line.socket.settimeout(0.1)

        with pytest.raises(websocket.WebSocketTimeoutException):
            line.socket.recv_data(control_frame=True)
        assert (delivery.error, slack.connections()) == ("operation_timeout", 1)
        line.drop()


def test_slack_does_not_notice_that_the_app_left_a_silent_connection(
    slack: LocalSlack, line_to: Callable[[], Line]
) -> None:
    line = line_to()
    slack.hush(0.3)
    line.drop()

    assert slack.connections() == 1
    slack.wait_for(lambda: slack.connections() == 0, what="end of the silence")


def test_a_silence_ends(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    line = line_to()
    slack.hush(0.1)
    line.socket.ping("there?")

    assert line.socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"there?")


def test_slacks_own_client_leaves_a_silent_connection() -> None:
    with LocalSlack(ack_seconds=1) as slack:
        web_client = WebClient(slack.bot_token, base_url=slack.api_url)
        client = SocketModeClient(slack.app_token, web_client=web_client, ping_interval=0.2)
        client.socket_mode_request_listeners.append(acknowledge)
        client.connect()
        # A client that has never heard a pong does not miss one.
        slack.wait_for(lambda: client.current_session and client.current_session.last_ping_pong_time, what="pong")
        slack.hush(60)
        slack.wait_for(lambda: slack.connections() == 2, what="new connection beside the silent one")
        ann, ops = slack.person("Ann"), slack.channel("ops")
        deliveries = [ann.types("/snapshot", ops) for _ in range(2)]
        client.close()

    # Slack still believes in the old connection, and sends every other envelope there.
    assert sorted(str(delivery.error) for delivery in deliveries) == ["None", "operation_timeout"]


def acknowledge(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
    client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


def test_a_slack_that_is_silent_can_stop() -> None:
    with LocalSlack() as slack:
        line = Line(url_of(slack))
        slack.wait_connected()
        slack.hush(60)

    assert line.ended()
    line.drop()


# Too many, too late


def test_one_connection_too_many_is_told_so_and_cut(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    for _ in range(MOST_CONNECTIONS):
        line_to()
    url = url_of(slack)
    late = Line(url)

    assert late.frame() == {"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": "local"}}
    assert late.ended()
    late.drop()
    assert slack.connections() == MOST_CONNECTIONS


def test_a_connection_that_ends_makes_room(slack: LocalSlack, line_to: Callable[[], Line]) -> None:
    lines = [line_to() for _ in range(MOST_CONNECTIONS)]
    lines[0].drop()
    slack.wait_for(lambda: slack.connections() == MOST_CONNECTIONS - 1, what="end of a connection")
    new = Line(url_of(slack))

    assert new.frame()["type"] == "hello"
    new.drop()


@pytest.mark.parametrize(("seconds", "admitted"), [(TICKET_SECONDS, True), (TICKET_SECONDS + 1, False)])
def test_a_ticket_expires(slack: LocalSlack, clock: Clock, seconds: float, *, admitted: bool) -> None:
    url = url_of(slack)
    clock.now += seconds

    if admitted:
        Line(url).drop()
    else:
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            Line(url)


# The call before the connection


@pytest.mark.parametrize("status", [429, 500])
def test_opening_a_connection_fails(slack: LocalSlack, status: int) -> None:
    if status == 429:
        slack.fail("apps.connections.open", retry_after=1)
    else:
        slack.fail("apps.connections.open", status=status)

    with pytest.raises(SlackApiError) as caught:
        url_of(slack)
    assert caught.value.response.status_code == status
    assert url_of(slack)


def test_bolt_comes_back_after_slack_was_busy(slack: LocalSlack, ann: Person, ops: Channel, heard: list[str]) -> None:
    slack.fail("apps.connections.open", retry_after=1)
    slack.refresh()
    slack.wait_connected()

    assert ann.types("/snapshot again", ops).ok
    slack.wait_for(lambda: heard == ["again"], what="command")
