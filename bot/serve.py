"""One process that serves: HTTP or Socket Mode, health, the two loops, and a graceful stop."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from slack_bolt import App
from slack_bolt.adapter.socket_mode.websocket_client import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server

from bot.lightsail import Lightsail
from storage.database import Database
from storage.lease import FileLease

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

THREADS = 16  # that answer Slack
STOP_WITHIN = 8.0  # seconds; containers are killed ten seconds after SIGTERM
MAX_BODY = 1_048_576  # bytes; Slack's largest payloads are far smaller
_log = logging.getLogger(__name__)


class Loop(Protocol):
    """Something that runs until it is stopped."""

    def run(self) -> None:
        """Run until `stop`."""

    def stop(self) -> None:
        """Finish what is in hand, and return from `run`."""


@dataclass
class Service:
    """The wired bot, ready to start."""

    database: Database
    lease: FileLease
    lightsail: Lightsail
    app: App
    pool: ThreadPoolExecutor
    loops: Iterable[Loop]
    host: str
    port: int  # 0: any that is free; `start` puts the real one here
    app_token: str | None  # Socket Mode, where there is one
    _threads: list[threading.Thread] = field(default_factory=list)
    _socket: SocketModeHandler | None = None
    _close_http: Callable[[], None] | None = None

    def start(self) -> None:
        """Serve, in threads of its own.

        Raises:
            OSError: the port is taken.
        """
        self.lease.take()
        server = create_server(
            self._wsgi, host=self.host, port=self.port, threads=THREADS, max_request_body_size=MAX_BODY, ident=""
        )
        self.port = server.effective_port
        self._close_http = server.close
        for name, run in [("http", server.run), *((type(loop).__name__.lower(), loop.run) for loop in self.loops)]:
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        if self.app_token:
            self._socket = SocketModeHandler(self.app, self.app_token)
            self._socket.connect()  # type: ignore[no-untyped-call]

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, and give the lease back."""
        if self._socket:
            self._socket.close()  # type: ignore[no-untyped-call]
        if self._close_http:
            self._close_http()
        self.pool.shutdown(wait=True, cancel_futures=False)
        for loop in self.loops:
            loop.stop()
        for thread in self._threads:
            thread.join(timeout=1)
        self.lightsail.close()
        self.lease.release()
        self.database.close()

    def problem(self) -> str | None:
        """What keeps the process from doing its work, if anything."""
        if dead := [thread.name for thread in self._threads if not thread.is_alive()]:
            return f"stopped: {', '.join(dead)}"
        if self._socket and not self._socket.client.is_connected():
            return "not connected to Slack"
        return None

    def _wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/slack/events" and not self.app_token:
            return SlackRequestHandler(self.app)(environ, start_response)
        problem = self.problem()
        match path:
            case "/healthz":
                status, text = "200 OK", "alive"
            case "/readyz":
                status, text = ("503 Service Unavailable", problem) if problem else ("200 OK", "ready")
            case _:
                status, text = "404 Not Found", "not found"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{text}\n".encode()]


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT; stop within eight seconds."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    service.start()
    mode = "Socket Mode" if service.app_token else "HTTP, /slack/events"
    _log.info("serving: %s; port %s", mode, service.port)
    while not stopping.wait(1):
        pass
    _log.info("stopping")
    last_resort = threading.Timer(STOP_WITHIN, _give_up)
    last_resort.daemon = True
    last_resort.start()
    service.stop()
    last_resort.cancel()
    _log.info("stopped")


def _give_up() -> None:
    """What is in hand takes too long; the next process looks before it repeats anything."""
    _log.warning("stopped in the middle of something; the next start goes on from there")
    os._exit(1)
