"""The server's end of Socket Mode: tickets, greetings, envelopes and their acknowledgements."""

import json
import secrets
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Protocol

from simple_websocket import (  # type: ignore[import-untyped]
    ConnectionClosed,
    Server,
)

from bot.sandbox.slack.wire import Json, as_object, string

FAREWELL_SECONDS = 0.5


class Line(Protocol):
    """A WebSocket as far as it is needed here."""

    sock: socket.socket

    def send(self, data: str) -> None:
        """Send one text frame."""

    def receive(self) -> str | bytes | None:
        """Wait for the next frame."""

    def close(self) -> None:
        """Say goodbye."""


class NobodyConnectedError(Exception):
    """There is no connection on which an envelope could go out."""


class Connection:
    """One line to the app, on which a frame at a time is sent."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sending = threading.Lock()

    def send(self, frame: Json) -> bool:
        """Send a frame; False if the line is dead."""
        with self._sending:
            try:
                self._line.send(json.dumps(frame))
            except (OSError, ConnectionClosed):
                return False
            return True

    def receive(self) -> Json | None:
        """The next frame, None once the line is closed."""
        try:
            return as_object(json.loads(self._line.receive() or "{}"))
        except ConnectionClosed:
            return None
        except ValueError:
            return {}

    def close(self) -> None:
        """Say goodbye."""
        with self._sending, suppress(OSError, ConnectionClosed):
            self._line.close()

    def cut(self) -> None:
        """Hang up at once."""
        with suppress(OSError):
            self._line.sock.shutdown(socket.SHUT_RDWR)


class SocketMode:
    """All connections of the app; an envelope goes to exactly one, in turn."""

    def __init__(self, app_id: str) -> None:
        self._app_id = app_id
        self._changed = threading.Condition()
        self._tickets: set[str] = set()
        self._live: list[Connection] = []
        self._turns = count()
        self._waiting: dict[str, Future[Json]] = {}

    def ticket(self) -> str:
        """Leave to connect, once."""
        ticket = secrets.token_hex(16)
        with self._changed:
            self._tickets.add(ticket)
        return ticket

    def admits(self, ticket: str) -> bool:
        """Whether this is a ticket that has not been used."""
        with self._changed:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
            return known

    def serve(self, environ: Mapping[str, object]) -> None:
        """Greet one connection and hear its acknowledgements until it ends."""
        line = Server.accept(environ, thread_class=partial(threading.Thread, daemon=True))
        connection = Connection(line)
        connection.send(self._hello())
        with self._changed:
            self._live.append(connection)
            self._changed.notify_all()
        while (frame := connection.receive()) is not None:
            self._acknowledged(frame)
        with self._changed:
            self._live.remove(connection)
            self._changed.notify_all()
        connection.cut()

    def connections(self) -> int:
        """How many there are now."""
        with self._changed:
            return len(self._live)

    def wait_connected(self, seconds: float) -> bool:
        """Wait until the app is connected; False if it is not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._live), timeout=seconds)

    def deliver(self, kind: str, payload: Json, seconds: float, around: Json) -> Json:
        """Send an envelope, with these fields around the payload, and wait for its acknowledgement.

        Raises NobodyConnectedError, or TimeoutError when the app says nothing in time.
        """
        envelope_id = secrets.token_hex(16)
        answer: Future[Json] = Future()
        with self._changed:
            self._waiting[envelope_id] = answer
        try:
            self._send(
                {
                    "envelope_id": envelope_id,
                    "type": kind,
                    "payload": payload,
                    **around,
                }
            )
            return answer.result(timeout=seconds)
        finally:
            with self._changed:
                self._waiting.pop(envelope_id, None)

    def refresh(self) -> None:
        """Tell the app to make new connections, and end those it had."""
        with self._changed:
            old = list(self._live)
        for connection in old:
            connection.send(
                {
                    "type": "disconnect",
                    "reason": "refresh_requested",
                    "debug_info": {"host": "local"},
                }
            )
        self._end(old)

    def close(self) -> None:
        """End all connections."""
        with self._changed:
            old = list(self._live)
        for connection in old:
            connection.close()
        self._end(old)

    def _end(self, connections: list[Connection]) -> None:
        """Leave the app a moment to hang up by itself, then hang up."""
        with self._changed:
            self._changed.wait_for(
                lambda: not any(each in self._live for each in connections),
                timeout=FAREWELL_SECONDS,
            )
            rest = [each for each in connections if each in self._live]
        for connection in rest:
            connection.close()
            connection.cut()

    def _send(self, envelope: Json) -> None:
        with self._changed:
            live = list(self._live)
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
            "num_connections": self.connections() + 1,
            "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 18_060},
            "connection_info": {"app_id": self._app_id},
        }
