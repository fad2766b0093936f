"""The server's end of Socket Mode: tickets, greetings, envelopes and their acknowledgements."""

import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, cast

from simple_websocket import Server  # type: ignore[import-untyped]

from bot.sandbox.slack.lines import Connection, Wire
from bot.sandbox.slack.wire import Json, string

if TYPE_CHECKING:
    import socket

FAREWELL_SECONDS = 0.5
NOTICE_SECONDS = 5.0  # Slack gives about ten
MOST_CONNECTIONS = 10
TICKET_SECONDS = 60.0  # that a URL is temporary is documented, for how long is not


class NobodyConnectedError(Exception):
    """There is no connection on which an envelope could go out."""


class SocketMode:
    """All connections of the app; an envelope goes to exactly one, in turn."""

    def __init__(self, app_id: str, clock: Callable[[], float]) -> None:
        self._app_id = app_id
        self._clock = clock
        self._changed = threading.Condition()
        self._tickets: dict[str, float] = {}
        self._live: list[Connection] = []
        self._turns = count()
        self._waiting: dict[str, Future[Json]] = {}

    def ticket(self) -> str:
        """Leave to connect, once and soon."""
        ticket = secrets.token_hex(16)
        with self._changed:
            self._tickets[ticket] = self._clock()
        return ticket

    def admits(self, ticket: str) -> bool:
        """Whether this is a ticket that has not been used and is still good."""
        with self._changed:
            born = self._tickets.pop(ticket, None)
        return born is not None and self._clock() - born <= TICKET_SECONDS

    def serve(self, environ: Mapping[str, object]) -> None:
        """Greet one connection and hear its acknowledgements until it ends."""
        wire = Wire(cast("socket.socket", environ["werkzeug.socket"]))
        line = Server.accept({**environ, "werkzeug.socket": wire}, thread_class=partial(threading.Thread, daemon=True))
        connection = Connection(line, wire)
        if self._admitted(connection):
            self._hear(connection)
        else:
            connection.disconnect("too_many_websockets")
        connection.cut()

    def _admitted(self, connection: Connection) -> bool:
        """Greet a connection, unless it is one too many: that one is told so in the place of a greeting, and cut.

        Seen in https://github.com/slackapi/java-slack-sdk/issues/1223.
        """
        with self._changed:
            if len(self._live) >= MOST_CONNECTIONS:
                return False
            connection.send(self._hello())
            self._live.append(connection)
            self._changed.notify_all()
            return True

    def _hear(self, connection: Connection) -> None:
        while (frame := connection.receive()) is not None:
            self._acknowledged(frame)
        with self._changed:
            self._live.remove(connection)
            self._changed.notify_all()

    def connections(self) -> int:
        """How many there are now."""
        with self._changed:
            return len(self._live)

    def wait_connected(self, seconds: float) -> bool:
        """Wait until the app is connected; False if it is not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._live), timeout=seconds)

    def deliver(self, kind: str, payload: Json, seconds: float, around: Json, copies: int = 1) -> Json:
        """Send an envelope, with these fields around the payload, and wait for its acknowledgement.

        Of several copies the first one's counts. They have the same id; each goes to the next connection in turn.
        Raises NobodyConnectedError, or TimeoutError when the app says nothing in time.
        """
        envelope_id = secrets.token_hex(16)
        answer: Future[Json] = Future()
        with self._changed:
            self._waiting[envelope_id] = answer
        try:
            for _ in range(copies):
                self._send({"envelope_id": envelope_id, "type": kind, "payload": payload, **around})
            return answer.result(timeout=seconds)
        finally:
            with self._changed:
                self._waiting.pop(envelope_id, None)

    # How connections end

    def refresh(self, *, close: bool, notice: float) -> None:
        """Warn the app, and so many seconds later tell what is still connected to go; then close it, or leave it."""
        old = self._all()
        for connection in old:
            connection.disconnect("warning")
        rest = self._left_after(old, notice)
        for connection in rest:
            connection.disconnect("refresh_requested")
        if close:
            self._end(rest)

    def disable(self) -> None:
        """Tell the app that its Socket Mode was switched off, and end all connections."""
        old = self._all()
        for connection in old:
            connection.disconnect("link_disabled")
        self._end(old)

    def cut(self) -> None:
        """Break all connections without a word."""
        for connection in self._all():
            connection.cut()

    def hush(self, seconds: float) -> None:
        """Let all connections there are now stay, and be silent for so long."""
        for connection in self._all():
            connection.hush(seconds)

    def close(self) -> None:
        """End all connections."""
        old = self._all()
        for connection in old:
            connection.close()
        self._end(old)

    def _all(self) -> list[Connection]:
        with self._changed:
            return list(self._live)

    def _left_after(self, connections: list[Connection], seconds: float) -> list[Connection]:
        """Those that have not gone by themselves within this time."""
        with self._changed:
            self._changed.wait_for(lambda: not any(each in self._live for each in connections), timeout=seconds)
            return [each for each in connections if each in self._live]

    def _end(self, connections: list[Connection]) -> None:
        """Leave the app a moment to hang up by itself, then hang up."""
        for connection in self._left_after(connections, FAREWELL_SECONDS):
            connection.close()
            connection.cut()
        self._left_after(connections, FAREWELL_SECONDS)

    def _send(self, envelope: Json) -> None:
        live = self._all()
        start = next(self._turns)
        in_turn = (live[(start + step) % len(live)] for step in range(len(live)))
        if not any(connection.send(envelope) for connection in in_turn):
            raise NobodyConnectedError

    def _acknowledged(self, frame: Json) -> None:
        with self._changed:
            answer = self._waiting.pop(string(frame.get("envelope_id")), None)
        if answer is not None:
            answer.set_result(frame)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._live) + 1,
            "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._app_id},
        }
