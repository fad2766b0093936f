"""One process that serves: HTTP or Socket Mode, health, the two loops, and a graceful stop."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slack_bolt import App
from waitress.server import create_server
from waitress.wasyncore import close_all

from bot.lightsail import Lightsail
from bot.loop import Loop
from bot.slack.door import Door
from bot.slack.socket import SocketMode
from storage.database import Database
from storage.lease import Lease

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 16  # that answer Slack
STOP_WITHIN = 8.0  # seconds; containers are killed ten seconds after SIGTERM
CONNECTIONS = 1000  # from Slack, most of them idle
ANSWER_WITHIN = 3  # seconds; later Slack does not listen
MAX_BODY = 1_048_576  # bytes; Slack's largest payloads are far smaller
MAX_HEADERS = 32_768  # bytes
SILENCE = 30  # seconds, after which a connection is closed
_log = logging.getLogger(__name__)


@dataclass
class Service:
    """The wired bot, ready to start."""

    database: Database
    lease: Lease
    lightsail: Lightsail
    app: App
    pool: ThreadPoolExecutor
    answers: ThreadPoolExecutor
    loops: Iterable[Loop]
    host: str
    port: int  # 0: any that is free; `start` puts the real one here
    app_token: str | None  # Socket Mode, where there is one
    secret: str | None  # with which Slack signs, over HTTP
    _threads: list[threading.Thread] = field(default_factory=list)
    _is_started: bool = False
    _socket: SocketMode | None = None
    _http: "_Http | None" = None

    def start(self) -> None:
        """Serve, in threads of its own.

        Raises:
            OSError: the port is taken.
        """
        self.lease.start()
        listener = socket.create_server((self.host, self.port), family=_family(self.host), backlog=1024)
        self.port = listener.getsockname()[1]
        self._http = _Http(self._wsgi, listener)
        for name, run in [("http", self._http.run), *((loop.name, loop.run) for loop in self.loops)]:
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        if self.app_token:
            self._socket = SocketMode(self.app, self.app_token)
            self._socket.connect()
        self._is_started = True

    def stop(self) -> None:
        """Take nothing new, finish what is in hand, and give the lease back.

        The socket closes last: clicks that are in hand are acknowledged through it.
        """
        if self._http:
            self._http.stop()
        stops = [loop.stop for loop in self.loops] + [self.pool.shutdown, self.answers.shutdown]
        for thread in [threading.Thread(target=stop, daemon=True) for stop in stops]:
            thread.start()
            self._threads.append(thread)
        for thread in self._threads:
            thread.join()
        if self._socket:
            self._socket.close()
        self.lightsail.close()
        self.lease.release()
        self.database.close()

    def problem(self) -> str | None:
        """What keeps the process from doing its work, if anything."""
        if not self._is_started:
            return "starting"
        if dead := [thread.name for thread in self._threads if not thread.is_alive()]:
            return f"stopped: {', '.join(dead)}"
        if self._socket and not self._socket.is_connected:
            return "not connected to Slack"
        return None

    def _wsgi(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/slack/events" and self.secret and not self.app_token:
            return Door(self.app, self.secret)(environ, start_response)
        status, text = self._health(path)
        if status == "200 OK" and environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, text = "405 Method Not Allowed", "only GET"
        start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [f"{text}\n".encode()]  # waitress would send it

    def _health(self, path: str) -> tuple[str, str]:
        problem = self.problem()
        match path:
            case "/healthz":
                return "200 OK", "alive"
            case "/readyz":
                return ("503 Service Unavailable", problem) if problem else ("200 OK", "ready")
            case _:
                return "404 Not Found", "not found"


class _Http:
    """waitress, with a stop that leaves no descriptor to be closed under a thread that still uses it."""

    def __init__(self, application: "WSGIApplication", listener: socket.socket) -> None:
        self._sockets: dict[int, object] = {}
        self._server = create_server(
            application,
            map=self._sockets,
            sockets=[listener],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            max_request_body_size=MAX_BODY,
            max_request_header_size=MAX_HEADERS,
            channel_timeout=SILENCE,
            cleanup_interval=SILENCE // 3,
            ident="",
        )
        self.run = self._server.run

    def stop(self) -> None:
        """Accept nothing more, finish what is being answered, and end `run`."""
        dispatcher = self._server.task_dispatcher
        self._server.accepting = False
        dispatcher.shutdown(timeout=ANSWER_WITHIN)
        if dispatcher.threads:  # they write to the descriptors that would be closed: the process's end closes them
            _log.warning("%s requests are still being answered", len(dispatcher.threads))
            return
        self._server.trigger.pull_trigger(lambda: close_all(self._sockets, ignore_all=True))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT; stop within eight seconds."""

    def on_signal(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    with suppress(SystemExit):  # also while starting: Slack may have asked to wait before we connect
        service.start()
        mode = "Socket Mode" if service.app_token else "HTTP, /slack/events"
        _log.info("serving: %s; port %s", mode, service.port)
        while True:
            time.sleep(3600)
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
