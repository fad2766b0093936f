"""One Socket Mode connection as a line of frames: what is said on it, and how it can fall silent or break."""

import json
import socket
import threading
import time
from contextlib import suppress
from typing import Protocol

from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]

from bot.sandbox.slack.wire import Json, as_object


class Line(Protocol):
    """A WebSocket as far as it is needed here."""

    def send(self, data: str) -> None:
        """Send one text frame."""

    def receive(self) -> str | bytes | None:
        """Wait for the next frame."""

    def close(self) -> None:
        """Say goodbye."""


class Wire:
    """The socket under a line, which can be half open: what goes in is lost, what comes waits unread.

    The other end sees a connection that stays and says nothing; this end sees one that is alive.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._until = 0.0
        self._cut = threading.Event()

    def hush(self, seconds: float) -> None:
        """Be silent from now on, for so long."""
        self._until = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """What came; while there is silence, it waits for its end."""
        data = self._socket.recv(size)
        while (left := self._until - time.monotonic()) > 0 and not self._cut.wait(left):
            pass
        return data

    def send(self, data: bytes) -> int:
        """Send, or lose it in the silence."""
        if time.monotonic() < self._until:
            return len(data)
        self._socket.sendall(data)
        return len(data)

    def cut(self) -> None:
        """Hang up at once, with no word of it on the line."""
        self._cut.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


class Connection:
    """One line to the app, on which a frame at a time is sent."""

    def __init__(self, line: Line, wire: Wire) -> None:
        self._line = line
        self._wire = wire
        self._sending = threading.Lock()

    def send(self, frame: Json) -> bool:
        """Send a frame; False if the line is dead."""
        with self._sending:
            try:
                self._line.send(json.dumps(frame))
            except (OSError, ConnectionClosed):
                return False
            return True

    def disconnect(self, reason: str) -> None:
        """Tell the app to leave this line, and why."""
        self.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})

    def receive(self) -> Json | None:
        """The next frame, None once the line is closed."""
        try:
            return as_object(json.loads(self._line.receive() or "{}"))
        except ConnectionClosed:
            return None
        except ValueError:
            return {}

    def hush(self, seconds: float) -> None:
        """Neither hear nor say anything for so long."""
        self._wire.hush(seconds)

    def close(self) -> None:
        """Say goodbye."""
        with self._sending, suppress(OSError, ConnectionClosed):
            self._line.close()

    def cut(self) -> None:
        """Hang up at once."""
        self._wire.cut()
