"""A real database, and an unmodified Bolt app, for tests that want one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from wsgiref.types import WSGIApplication

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from websocket._dispatcher import Dispatcher

from bot.sandbox.slack import LocalSlack
from storage.database import Database

Served = Callable[[WSGIApplication], str]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


@contextmanager
def connected(app: App, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """By Socket Mode; websocket-client looks only every ten seconds whether it was closed, here more often."""
    monkeypatch.setattr("websocket._app.Dispatcher", lambda session, _seconds: Dispatcher(session, 0.1))
    handler = SocketModeHandler(app, slack.app_token)
    handler.connect()  # type: ignore[no-untyped-call]
    slack.wait_connected()
    yield
    handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def over_http(slack: LocalSlack, served: Served) -> Callable[[WSGIApplication], None]:
    """Has any program answer the `slack` of a test over HTTP."""
    return lambda application: slack.deliver_to(served(application))


@pytest.fixture(params=["http", "socket"])
def bolt(
    request: pytest.FixtureRequest, slack: LocalSlack, served: Served, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    """A Bolt app that hears the `slack` of a test, in each of the two ways there are."""
    by_http = request.param == "http"
    app = App(
        client=WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]),
        signing_secret=slack.signing_secret,
        process_before_response=by_http,
    )
    if not by_http:
        with connected(app, slack, monkeypatch):
            yield app
        return
    slack.deliver_to(served(SlackRequestHandler(app)))
    yield app
