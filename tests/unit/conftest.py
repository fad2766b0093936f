"""A real database, a local Slack with somebody in it, and an unmodified Bolt app, for tests that want one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from wsgiref.types import WSGIApplication

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode.interval_runner import IntervalRunner
from websocket._dispatcher import Dispatcher

from bot.sandbox.slack import Channel, LocalSlack, Person
from storage.database import Database

Served = Callable[[WSGIApplication], str]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


@dataclass
class Clock:
    """Time that stands still until a test moves it, in seconds since 1970."""

    now: float = 1732363201.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def ann(slack: LocalSlack) -> Person:
    return slack.person("Ann")


@pytest.fixture
def ops(slack: LocalSlack, ann: Person) -> Channel:
    return slack.channel("ops", members=[ann])


@pytest.fixture(scope="session", autouse=True)
def _impatient() -> Iterator[None]:
    """Bolt's handler of websocket-client without its pauses of ten seconds and of half a second."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("websocket._app.Dispatcher", lambda session, _seconds: Dispatcher(session, 0.1))
        patches.setattr(
            "slack_sdk.socket_mode.websocket_client.IntervalRunner",
            lambda run, seconds: IntervalRunner(run, seconds if seconds > 1 else 0.01),
        )
        yield


def patient(app: App, token: str) -> SocketModeHandler:
    """Bolt's handler of websocket-client without its monitor, to which a session that is not yet open is a lost one."""
    handler = SocketModeHandler(app, token)
    handler.client.current_app_monitor_started = True
    return handler


@contextmanager
def connected(handler: BaseSocketModeHandler, slack: LocalSlack) -> Iterator[None]:
    """A Bolt app by Socket Mode."""
    handler.connect()  # type: ignore[no-untyped-call]
    slack.wait_connected()
    try:
        yield
    finally:
        handler.client.closed = True
        handler.client.enqueue_message("{}")  # for which it would wait another second
        handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def over_http(slack: LocalSlack, served: Served) -> Callable[[WSGIApplication], None]:
    """Has any program answer the `slack` of a test over HTTP."""
    return lambda application: slack.deliver_to(served(application))


@pytest.fixture(params=["http", "socket"])
def bolt(request: pytest.FixtureRequest, slack: LocalSlack, served: Served) -> Iterator[App]:
    """A Bolt app that hears the `slack` of a test, in each of the two ways there are."""
    by_http = request.param == "http"
    app = App(
        client=WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]),
        signing_secret=slack.signing_secret,
        process_before_response=by_http,
    )
    if not by_http:
        with connected(patient(app, slack.app_token), slack):
            yield app
        return
    slack.deliver_to(served(SlackRequestHandler(app)))
    yield app
