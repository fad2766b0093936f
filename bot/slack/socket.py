"""Socket Mode that hears again soon after its connection was renewed, and closes what it opened."""

from collections.abc import Callable
from time import time

from slack_bolt import App
from slack_bolt.adapter.socket_mode.base_handler import BaseSocketModeHandler
from slack_bolt.adapter.socket_mode.internals import send_response
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from websocket import WebSocket, WebSocketApp

from bot.slack.door import let_in_by_socket

PING_EVERY = 10.0  # seconds
PONG_WITHIN = 2.0  # seconds
CONCURRENCY = 16  # envelopes at once


class _Client(SocketModeClient):
    """slack_sdk's client, with a limit to how long it waits for a line that somebody else has closed.

    Without a time-out for pongs websocket-client waits in `select` for ten seconds, and hears nothing meanwhile.
    """

    def _run_current_session(self) -> None:
        session = self.current_session
        if session is None:
            return
        opened: list[WebSocket | None] = []
        session.on_open = _then(session.on_open, lambda ws: opened.append(ws.sock))
        try:
            session.run_forever(ping_interval=PING_EVERY, ping_timeout=PONG_WITHIN)
        except Exception:  # slack_sdk's monitor opens the next one
            self.logger.exception("the connection to Slack ended")
        finally:
            session.close()
            for one in filter(None, opened):  # websocket-client forgets the one that Slack has closed
                one.shutdown()  # type: ignore[no-untyped-call]


def _then(
    first: Callable[[WebSocketApp], None] | None, then: Callable[[WebSocketApp], None]
) -> Callable[[WebSocketApp], None]:
    def both(ws: WebSocketApp) -> None:
        if first:
            first(ws)
        then(ws)

    return both


class SocketMode(BaseSocketModeHandler):
    """Bolt's app at Slack's other door."""

    def __init__(self, app: App, app_token: str) -> None:
        self.app = app
        self.client: SocketModeClient = _Client(
            app_token, web_client=app.client, ping_interval=PING_EVERY, concurrency=CONCURRENCY
        )
        self.client.socket_mode_request_listeners.append(self._handle)

    @property
    def is_connected(self) -> bool:
        """Whether Slack can reach us."""
        return self.client.is_connected()

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        start = time()
        send_response(client, request, let_in_by_socket(self.app, request.payload), start)
