"""One WebSocket to Slack, from its ticket to its end."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from websocket import ABNF, WebSocket, WebSocketException, WebSocketTimeoutException

CONNECT_WITHIN = 5.0  # seconds
PING_AFTER = 10.0  # seconds of silence
PONG_WITHIN = 2.0  # seconds
GREET_WITHIN = 10.0  # seconds in which Slack says hello
FAREWELL = 1.0  # seconds in which Slack may answer our goodbye
STAY = 15.0  # seconds after Slack asked us to leave; it hangs up itself about ten seconds later
Frame = dict[str, Any]
_log = logging.getLogger(__name__)


class Line:
    """What Slack says here is heard in the thread that calls `run`; any thread may answer."""

    def __init__(self, url: str, hear: Callable[["Line", Frame], None], changed: Callable[[], None]) -> None:
        """`hear` is given every envelope; `changed` is called when the line is open, and when it has ended."""
        self._url = url
        self._hear = hear
        self._changed = changed
        self._socket = WebSocket(enable_multithread=True)
        self._until = float("inf")
        self._ended = threading.Event()
        self._left = threading.Event()
        self.opened_at: float | None = None  # on the monotonic clock

    @property
    def is_open(self) -> bool:
        """Whether Slack has greeted us here, and neither has hung up."""
        return self.opened_at is not None and not self._ended.is_set()

    @property
    def is_to_leave(self) -> bool:
        """Whether Slack has asked us to leave, and hangs up at a moment of its own."""
        return self._left.is_set()

    def run(self) -> None:
        """Connect, and hear Slack until the end of the line."""
        try:
            self._socket.connect(self._url, timeout=CONNECT_WITHIN)  # type: ignore[no-untyped-call]
            for text in self._texts():
                self._take(text)
        except (WebSocketException, OSError, ValueError) as error:
            _log.warning("the connection to Slack broke: %s: %s", type(error).__name__, error)
        finally:
            self._ended.set()
            self._left.set()
            self._socket.shutdown()  # type: ignore[no-untyped-call]
            self._changed()

    def wait_left(self) -> float:
        """Wait until Slack asks us to leave, or the line ends; returns for how many seconds it was open till then."""
        self._left.wait()
        return 0.0 if self.opened_at is None else time.monotonic() - self.opened_at

    def send(self, frame: Frame) -> bool:
        """Say something; False if the line is not open."""
        if not self.is_open:
            return False
        try:
            self._socket.send(json.dumps(frame))
        except (WebSocketException, OSError):
            return False
        return True

    def close(self) -> None:
        """Say goodbye, hear what Slack has said until then, and hang up."""
        self._until = 0.0
        with suppress(WebSocketException, OSError):
            self._socket.send_close()
        if self._ended.wait(FAREWELL):
            return
        if (wire := self._socket.sock) is not None:
            with suppress(OSError):  # it ends in this moment
                wire.shutdown(socket.SHUT_RDWR)
        self._ended.wait(FAREWELL)

    def _texts(self) -> Iterator[str]:
        patience, greeted_by = PING_AFTER, time.monotonic() + GREET_WITHIN
        while time.monotonic() < self._until:
            if self.opened_at is None and time.monotonic() > greeted_by:
                raise WebSocketTimeoutException("Slack has not greeted us")
            self._socket.settimeout(patience)
            try:
                kind, data = self._socket.recv_data(control_frame=True)
            except WebSocketTimeoutException:
                if patience == PONG_WITHIN:
                    raise
                patience = PONG_WITHIN
                self._socket.ping()
                continue
            patience = PING_AFTER
            if kind == ABNF.OPCODE_CLOSE:
                return
            if kind == ABNF.OPCODE_TEXT:
                yield data.decode()

    def _take(self, text: str) -> None:
        frame = _frame(text)
        if frame.get("type") == "hello":
            self.opened_at = time.monotonic()
            self._changed()
        elif frame.get("type") == "disconnect":
            _log.info("Slack asks for a new connection: %s", frame.get("reason"))
            self._until = min(self._until, time.monotonic() + STAY)
            self._left.set()
        elif "envelope_id" in frame:
            self._hear(self, frame)


def _frame(text: str) -> Frame:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    return frame if isinstance(frame, dict) else {}
