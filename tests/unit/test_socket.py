"""Socket Mode, with Slack at the other end as it is on a bad day."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import wsproto
from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError
from wsproto import ConnectionType, WSConnection

from bot.sandbox.slack import Channel, LocalSlack, Person
from bot.sandbox.slack.sockets import MOST_CONNECTIONS
from bot.sandbox.slack.wire import Json
from bot.slack.client import web_client
from bot.slack.line import Line
from bot.slack.socket import SocketMode

OPEN = "apps.connections.open"


class Slow:
    """A command that is answered when a test lets it, if it asked for that."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self, ack: Ack, body: Json) -> None:
        if body["text"] == "slow":
            self.begun.set()
            self.may_end.wait(5)
        ack("Done")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def bot(slack: LocalSlack, slow: Slow) -> Iterator[SocketMode]:
    """Not yet connected."""
    app = App(client=web_client(slack.bot_token, slack.api_url), process_before_response=True)
    app.command("/snapshot")(slow)
    socket = SocketMode(app, slack.app_token)
    yield socket
    slow.may_end.set()
    socket.close()


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed in half a second, and pauses are short."""
    monkeypatch.setattr("bot.slack.line.PING_AFTER", 0.3)
    monkeypatch.setattr("bot.slack.line.PONG_WITHIN", 0.2)
    monkeypatch.setattr("bot.slack.socket.PAUSE", 0.01)


def connect(bot: SocketMode, slack: LocalSlack) -> None:
    bot.connect()
    slack.wait_for(lambda: bot.is_connected, what="connection")


def used(slack: LocalSlack, act: Callable[[], None]) -> int:
    """How often the bot asks for a connection while something happens."""
    slack.slow(OPEN, 0.0, times=100)
    act()
    return 100 - slack.faults().get(OPEN, 0)


def test_a_start_asks_for_one_connection_however_slowly_slack_gives_it(bot: SocketMode, slack: LocalSlack) -> None:
    slack.slow(OPEN, 0.6)

    assert used(slack, lambda: connect(bot, slack)) == 0  # beyond the slow one
    assert slack.connections() == 1


def test_what_is_typed_at_once_is_answered(bot: SocketMode, slack: LocalSlack, ann: Person, ops: Channel) -> None:
    bot.connect()
    slack.wait_connected()

    delivery = ann.types("/snapshot", ops)

    assert (delivery.error, delivery.body) == (None, '{"text": "Done"}')


def test_a_renewal_leaves_no_moment_without_a_line(
    bot: SocketMode, slack: LocalSlack, ann: Person, ops: Channel
) -> None:
    connect(bot, slack)

    renewal = threading.Thread(target=lambda: slack.refresh(notice=1.0))
    renewal.start()
    errors = []
    while renewal.is_alive():
        errors.append(ann.types("/snapshot", ops).error)
    renewal.join()

    assert errors
    assert set(errors) == {None}


def test_a_renewal_asks_for_one_connection(bot: SocketMode, slack: LocalSlack) -> None:
    connect(bot, slack)

    assert used(slack, lambda: slack.refresh(notice=0.8)) == 1
    assert bot.is_connected


def test_an_envelope_in_hand_when_the_line_breaks_is_answered_on_the_next(
    bot: SocketMode, slack: LocalSlack, ann: Person, ops: Channel, slow: Slow
) -> None:
    connect(bot, slack)
    answers: list[str | None] = []

    typing = threading.Thread(target=lambda: answers.append(ann.types("/snapshot slow", ops).error))
    typing.start()
    assert slow.begun.wait(5)
    slack.cut_connections()
    slack.wait_for(lambda: not bot.is_connected, what="end of the line")
    slow.may_end.set()
    typing.join()

    assert answers == [None]


@pytest.mark.usefixtures("brisk")
def test_a_line_that_fell_silent_is_replaced(bot: SocketMode, slack: LocalSlack) -> None:
    connect(bot, slack)

    (silent,) = bot._open()
    slack.hush(3)
    slack.wait_for(lambda: bot.is_connected and not silent.is_open, what="another line")


@pytest.mark.usefixtures("brisk")
def test_a_line_on_which_nothing_happens_stays(bot: SocketMode, slack: LocalSlack) -> None:
    connect(bot, slack)

    with pytest.raises(AssertionError, match="end of the line"):
        slack.wait_for(lambda: not bot.is_connected, 1.0, "end of the line")


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("trouble", [{"error": "internal_error"}, {"status": 503}, {"retry_after": 0}])
def test_a_connection_is_asked_for_until_slack_gives_one(
    bot: SocketMode, slack: LocalSlack, trouble: dict[str, str | int]
) -> None:
    connect(bot, slack)

    slack.fail(OPEN, times=3, **trouble)  # type: ignore[arg-type]
    slack.cut_connections()
    slack.wait_for(lambda: not slack.faults(), what="three refusals")

    slack.wait_for(lambda: bot.is_connected, what="connection")


@pytest.mark.usefixtures("brisk")
def test_one_connection_too_many_is_no_connection(bot: SocketMode, slack: LocalSlack) -> None:
    with_room = slack._sockets._live
    with_room.extend([None] * MOST_CONNECTIONS)  # type: ignore[list-item]

    bot.connect()
    assert not bot.is_connected
    with_room.clear()

    slack.wait_for(lambda: bot.is_connected, what="connection")


def test_a_start_waits_as_long_as_slack_asks(bot: SocketMode, slack: LocalSlack) -> None:
    slack.fail(OPEN, retry_after=1)

    connect(bot, slack)

    assert slack.faults() == {}


def test_a_token_that_slack_refuses_ends_the_start(bot: SocketMode, slack: LocalSlack) -> None:
    slack.fail(OPEN, error="invalid_auth")

    with pytest.raises(SlackApiError, match="invalid_auth"):
        bot.connect()


def test_a_bot_that_closes_says_goodbye_and_asks_for_nothing_more(bot: SocketMode, slack: LocalSlack) -> None:
    connect(bot, slack)

    def end() -> None:
        bot.close()
        slack.wait_for(lambda: slack.connections() == 0, what="end")

    assert used(slack, end) == 0
    assert not bot.is_connected


def test_what_is_no_envelope_is_passed_over(bot: SocketMode, slack: LocalSlack, ann: Person, ops: Channel) -> None:
    connect(bot, slack)

    for text in ("", "[]", "no JSON", '{"type": "news"}', '{"envelope_id": "E1"}', "[" * 100_000):
        slack._sockets._live[0]._line.send(text)

    assert ann.types("/snapshot", ops).ok


@pytest.mark.usefixtures("brisk")
def test_a_line_on_which_slack_never_says_hello_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.line.GREET_WITHIN", 0.5)
    pings: list[object] = []

    def be_silent(wire: socket.socket) -> None:
        with wire, suppress(ConnectionError):  # it is left without a goodbye
            line = WSConnection(ConnectionType.SERVER)
            while data := wire.recv(4096):
                line.receive_data(data)
                for said in line.events():
                    if isinstance(said, wsproto.events.Request):
                        wire.sendall(line.send(wsproto.events.AcceptConnection()))
                    elif isinstance(said, wsproto.events.Ping):
                        pings.append(said)
                        wire.sendall(line.send(said.response()))

    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"ws://127.0.0.1:{server.getsockname()[1]}/", lambda *_: None, lambda: None)
        keeper = threading.Thread(target=line.run)
        keeper.start()
        slack = threading.Thread(target=lambda: be_silent(server.accept()[0]))
        slack.start()
        keeper.join(5)
        slack.join(5)

    assert pings
    assert line.wait_left() == 0.0
    assert not keeper.is_alive()
