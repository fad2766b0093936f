"""The local Lightsail on a port of the loopback interface."""

from __future__ import annotations

import socket
from threading import Thread
from typing import TYPE_CHECKING, Self

from moto.core.base_backend import backend_lock
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.http import http_date
from werkzeug.serving import make_server

from bot.sandbox.lightsail.control import Control
from bot.sandbox.lightsail.desk import desk, system_clock
from bot.sandbox.lightsail.reach import HOME
from bot.sandbox.lightsail.remote import Remote

if TYPE_CHECKING:
    from types import TracebackType

    from bot.sandbox.lightsail.desk import Clock

HOST = "127.0.0.1"
STOP_WITHIN = 0.02  # seconds; werkzeug looks that often whether it should stop
ACCESS_KEY = "AKIALIGHTKEEPERLOCAL"  # 20 characters: moto looks for exactly so many
SECRET_KEY = "any-secret-will-do"


class Handler(MotoRequestHandler):
    """A request, without a line on stderr for each, and with the date of the local Lightsail's clock."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: `Control.calls` has it all."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header's value."""
        return http_date(desk.now() if timestamp is None else timestamp)


class LocalLightsail(Control):
    """A moto server in a thread of this process, and the hand behind it.

    Raises OSError where the port is taken. Port 0 is any that is free.
    """

    def __init__(self, *, port: int = 0, clock: Clock = system_clock) -> None:
        super().__init__(clock=clock)
        # Bound here: werkzeug would end the whole process if it could not.
        with socket.create_server((HOST, port)) as listener:
            application = Remote(DomainDispatcherApplication(create_backend_app), self)
            self._server = make_server(
                HOST,
                port,
                application,
                threaded=True,
                request_handler=Handler,
                fd=listener.fileno(),
            )
        self._thread = Thread(target=self._server.serve_forever, args=(STOP_WITHIN,), daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self._server.port}"

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to take this for AWS."""
        return {
            "AWS_ENDPOINT_URL_LIGHTSAIL": self.url,
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": HOME,
        }

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; what was there and what was asked can still be looked at."""
        self._server.shutdown()
        self._thread.join()
        with backend_lock:
            desk.hurry()  # or their threads would outlive the server

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
